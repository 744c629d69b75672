"""Laws of active sensing: who fell silent is gone, who never spoke of it is not."""

import pytest

from improvd.core.midi.sensing import SILENCE_NS, ActiveSensing
from tests.harness.session import MS, START_NS, Session, jam

SENSING, CLOCK, NOTE, RESET = b"\xfe", b"\xf8", b"\x90\x48\x50", b"\xff"


def sensed(*messages: tuple[int, bytes]) -> ActiveSensing:
    sensing = ActiveSensing()
    for at, message in messages:
        assert sensing.lost(at * MS) is None
        sensing.hear(at * MS, message)
    return sensing


def test_after_300_ms_and_a_tenth_without_a_sign_it_is_gone_once():
    sensing = sensed((0, SENSING), (270, SENSING))
    assert sensing.lost(270 * MS + SILENCE_NS) is None
    assert sensing.lost(900 * MS) == 270 * MS + SILENCE_NS
    assert sensing.lost(2000 * MS) is None
    assert SILENCE_NS == 330 * MS


@pytest.mark.parametrize("sign", [NOTE, CLOCK, b"\xb0\x07\x50"])
def test_any_message_is_a_sign(sign):
    assert sensed((0, SENSING), (250, sign)).lost(500 * MS) is None


def test_who_never_sent_it_is_never_gone():
    assert sensed((0, NOTE), (100, CLOCK)).lost(10**12) is None


def test_the_clock_of_another_is_no_sign():
    ticking = [(at, CLOCK) for at in range(0, 600, 20)]
    merged = sorted([*ticking, (5, SENSING), (205, SENSING)])
    sensing = ActiveSensing()
    gone = []
    for at, message in merged:
        gone.append(sensing.lost(at * MS))
        sensing.hear(at * MS, message)
    assert [each for each in gone if each] == [205 * MS + SILENCE_NS]


@pytest.mark.parametrize("pulled", [False, True])
def test_a_jam_lets_go_of_what_a_pulled_cable_held(pulled):
    session = Session(jam("answer"))
    for at in range(0, 1500 if pulled else 9000, 270):
        session.until(START_NS + at * MS)
        session.jam.hear(START_NS + at * MS, SENSING)
        if at == 1350:
            session.jam.hear(START_NS + at * MS, NOTE)
    session.until(START_NS + 9000 * MS)
    assert any(message[0] == 0x90 for *_, message in session.sent) == pulled


@pytest.mark.parametrize("switched_off", [False, True])
def test_a_jam_lets_go_of_what_a_device_held_that_says_it_was_switched_on(switched_off):
    session = Session(jam("answer"))
    session.jam.hear(START_NS + 1400 * MS, NOTE)
    session.jam.hear(START_NS + 1401 * MS, b"\xb0\x40\x7f")
    session.until(START_NS + 2000 * MS)
    if switched_off:
        session.jam.hear(START_NS + 2000 * MS, RESET)
    session.until(START_NS + 9000 * MS)
    assert any(message[0] == 0x90 for *_, message in session.sent) == switched_off
