"""Laws of the jam that hold whatever it hears; what exactly it plays is LIVE.md's."""

import random
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improvd.core.harmony.chart import parse_chart
from improvd.core.music import HOLD, REST
from improvd.core.network.cell import Cell
from improvd.core.network.guard import LoopGuard
from improvd.core.network.recital import Recital
from improvd.core.network.vocabulary import Register, Vocabulary
from improvd.core.playing.modes import MODES
from improvd.core.timeline import ns_per_beat
from improvd.core.voice.line import Style
from tests.harness.drawn import PITCHES, VOCABULARIES, registers
from tests.harness.live_script import VOCABULARY
from tests.harness.notes import check_one_voice
from tests.harness.session import (
    BLUES,
    MS,
    START_NS,
    Arrival,
    Session,
    check,
    jam,
    melody,
    weights,
)

ALL_MODES = pytest.mark.parametrize("mode", MODES)

# -- whatever comes in -----------------------------------------------------------------------

_NOTES = st.builds(
    lambda status, pitch, velocity: bytes((status, pitch, velocity)),
    st.sampled_from([0x80, 0x90, 0x90, 0x90, 0x91, 0x99, 0xB0]),
    PITCHES,
    st.integers(0, 127),
)
_PANIC = st.sampled_from([b"\xb0\x7b\x00", b"\xb0\x78\x00", b"\xff", b"\xfc"])
_MESSAGES = _NOTES | _NOTES | st.binary(max_size=5) | _PANIC
_GAPS = st.one_of(
    st.integers(0, 700 * MS),
    st.integers(0, 40 * MS),
    st.just(0),
    st.integers(0, 12_000 * MS),
)
_FLOODS = st.builds(
    lambda gap, message, copies: [(gap, message)] + [(0, message)] * copies,
    _GAPS,
    _MESSAGES,
    st.sampled_from([0] * 12 + [300]),
)
ANYTHING = st.lists(_FLOODS, max_size=40).map(lambda floods: list(chain(*floods)))


@given(
    heard=ANYTHING,
    late=st.booleans(),
    mode=st.sampled_from(sorted(MODES)),
    bpm=st.floats(20, 400),
    count_in=st.integers(0, 8),
    temperature=st.sampled_from([0.0, 1.0]),
    vocabulary=st.just(VOCABULARY) | VOCABULARIES,
    register=registers(),
)
@settings(max_examples=150, deadline=None)
def test_whatever_comes_in_it_plays_on_and_closes_every_note(  # noqa: PLR0917 - hypothesis fills them in
    heard: list[Arrival],
    late: bool,
    mode: str,
    bpm: float,
    count_in: int,
    temperature: float,
    vocabulary: Vocabulary,
    register: Register,
):
    session = Session(
        jam(
            mode,
            bpm,
            temperature=temperature,
            vocabulary=vocabulary,
            style=Style(register=register),
            count_in=count_in,
        )
    )
    session.hear(heard, late=late)
    check(session)


@ALL_MODES
@pytest.mark.parametrize("bpm", [20, 60, 120, 121, 240, 400])
def test_at_any_tempo_there_is_one_beat_a_beat_at_its_time(mode: str, bpm: float):
    session = Session(jam(mode, bpm, count_in=4))
    session.hear(melody(3, 120, bpm))
    session.play(120)
    assert len(session.beats) >= 125
    assert [beat.number for beat in session.beats] == list(range(-4, len(session.beats) - 4))
    for beat in session.beats:
        assert beat.start_ns == START_NS + beat.number * ns_per_beat(bpm)
        assert (beat.bar, beat.beat_in_bar) == (beat.number // 4 + 1, beat.number % 4 + 1)
        assert beat.chord == BLUES.at(beat.number).chord.symbol
    check(session)


def test_an_hour_of_music_keeps_every_law():
    session = Session(jam())
    session.hear(melody(1, 7200))
    session.play(7200)
    assert len(session.beats) >= 7201
    assert sum(beat.heard for beat in session.beats) > 2000
    assert len(session.sent) > 2000
    check(session)


@given(message=st.binary(min_size=1, max_size=4).filter(lambda m: not 0x80 <= m[0] < 0xF0))
@settings(max_examples=30, deadline=None)
def test_what_is_no_channel_message_changes_nothing(message: bytes):
    """Clock, active sensing, SysEx and stray data, where no running status makes it a note."""
    disturbed, left_alone = Session(jam()), Session(jam())
    disturbed.hear([(100 * MS, message)] * 60)
    left_alone.hear([(100 * MS, b"")] * 60)
    assert disturbed.play(12).sent == left_alone.play(12).sent


@pytest.mark.parametrize(
    "message",
    [
        b"\x90",
        b"\x90\x43",
        b"\x90\x43\x50\x47",
        b"\x90\xc8\x50",
        b"\x90\x43\xd0",
        b"\xc0\x05",
        b"\xd0\x43",
        b"\xe0\x43\x50",
        b"\xa0\x43\x50",
        b"\xb0\x40\x7f",
    ],
)
def test_a_channel_message_that_is_no_note_changes_nothing(message: bytes):
    """One cut short, one with a status byte for data, or one of another kind."""
    disturbed, left_alone = Session(jam()), Session(jam())
    disturbed.hear([(100 * MS, message)] * 60)
    left_alone.hear([(100 * MS, b"")] * 60)
    assert disturbed.play(12).sent == left_alone.play(12).sent


@pytest.mark.parametrize("breath", [b"\xd0\x50", b"\xb0\x02\x50", b"\xb0\x07\x50", b"\xb0\x0b\x50"])
def test_a_note_begun_with_the_faintest_breath_is_heard_wherever_its_breath_is(breath: bytes):
    brushed, blown = Session(jam("answer")), Session(jam("answer"))
    soft = (1000 * MS, b"\x90\x48\x03")
    brushed.hear([soft, (400 * MS, b"\x80\x48\x40")])
    blown.hear([soft, (10 * MS, breath), (400 * MS, b"\x80\x48\x40")])
    assert not any(beat.heard for beat in brushed.play(12).beats)
    assert any(beat.heard for beat in blown.play(12).beats)


# -- what it plays ---------------------------------------------------------------------------


@ALL_MODES
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_the_same_seed_and_the_same_player_make_the_same_music(mode: str, temperature: float):
    first, again = (Session(jam(mode, seed=9, temperature=temperature)) for _ in range(2))
    for session in (first, again):
        session.hear(melody(5, 100))
    assert first.sent == again.sent
    assert first.beats == again.beats
    assert first.sent


def test_another_seed_makes_other_music():
    one, other = (Session(jam(seed=seed, temperature=1.0)).play(50) for seed in (1, 2))
    assert [beat.value for beat in one.beats] != [beat.value for beat in other.beats]


@ALL_MODES
def test_at_temperature_0_it_plays_the_argmax_of_what_it_was_fed(mode: str):
    """Loops and more notes a second than allowed left out, and a rest where breath is out."""
    session = Session(jam(mode, respond=0.0))
    session.hear(melody(2, 300))
    cell, guard = Cell(weights(len(VOCABULARY))), LoopGuard()
    began = breathed = 0
    for beat in session.beats:
        cell.step(beat.x)
        if beat.value is None:
            continue
        scores = cell.logits.copy()
        scores[guard.barred()] = -np.inf
        if beat.value != scores.argmax():
            assert beat.value == REST
            breathed += 1
        guard.record(beat.value)
        began += 1
    assert began > 50
    assert breathed <= began / 14  # seven seconds at 120


@pytest.mark.parametrize("respond", [0.0, 3.0])
def test_alone_it_is_the_offline_solo(respond: float):
    live = Session(jam("follow", respond=respond)).play(200)
    solo = Session(jam("solo", respond=0.0)).play(200)
    assert live.sent == solo.sent


def test_breath_lasts_seven_seconds_and_a_phrase_ends_as_every_phrase_does():
    session = Session(jam(who=Recital([2] * 40))).play(30)
    rests = [beat.number for beat in session.beats if beat.value == REST]
    assert rests == [14, 29]
    offs = [due for due, _, message in session.sent if message[0] == 0x80]
    ends = [(off - START_NS) / (500 * MS) for off in offs]
    assert ends[12:14] == pytest.approx([12 + 340 / 480, 13.6])


def test_no_figure_is_too_fast_to_play():
    for bpm in (120, 240, 400):
        session = Session(jam(bpm=bpm, style=Style(notes_per_second=5.0))).play(200)
        most = max(1, 5.0 * 60 / bpm)
        assert all(VOCABULARY.onsets[beat.value] <= most for beat in session.beats)


@ALL_MODES
def test_it_does_not_matter_how_often_it_is_woken(mode: str):
    draw = random.Random(1)
    asked, woken = Session(jam(mode)), Session(jam(mode))
    heard = list(melody(4, 60))
    asked.hear(heard)
    restless = []
    for after, message in heard:
        pause = draw.randint(0, after)
        restless += [(pause, b""), (after - pause, message)]
    now = START_NS - 2_000 * MS
    for after, message in restless:
        now += after
        woken.until(now)
        woken.wake_at(now)
        woken.jam.hear(now, message)
    assert [(due, message) for due, _, message in woken.sent] == [
        (due, message) for due, _, message in asked.sent
    ]
    assert woken.beats == asked.beats


@ALL_MODES
@pytest.mark.parametrize("delay", [0, 3 * MS, 49 * MS])
def test_a_bus_that_brings_its_own_notes_back_changes_nothing(mode: str, delay: int):
    session, returning = Session(jam(mode)), 0
    while (wake := session.jam.wake()) < START_NS + 60 * 500 * MS:
        back = session.sent[returning][1] + delay if returning < len(session.sent) else wake
        if back < wake:
            session.jam.hear(back, session.sent[returning][2])
            returning += 1
        else:
            session.wake_at(wake)
    assert not any(beat.heard for beat in session.beats)
    assert session.sent == Session(jam(mode)).play(60).sent[: len(session.sent)]


@pytest.mark.parametrize("mode", ["follow", "answer", "trade"])
def test_a_count_in_is_listened_to(mode: str):
    session = Session(jam(mode, count_in=4))
    session.hear([(100 * MS, b"\x90\x43\x50"), (200 * MS, b"\x80\x43\x40")])
    session.play(0)
    assert [beat.heard for beat in session.beats] == [False, True, False, False, False]


@pytest.mark.parametrize("off", [b"\x80\x7f\x40", b"\x90\x7f\x00", b"\xb0\x7b\x00"])
def test_a_key_is_held_until_any_kind_of_note_off(off: bytes):
    session = Session(jam("trade", chart=parse_chart("| C | % | % | % |")))
    session.hear([(2_100 * MS, b"\x90\x7f\x7f"), (900 * MS, off)])
    session.play(3)
    assert [(beat.x, beat.heard) for beat in session.beats][2:] == [(1, True), (0, False)]


def test_more_notes_than_a_beat_has_ticks_are_heard_as_many_as_it_has():
    session = Session(jam("answer", bpm=40.0))
    session.hear([(2_000 * MS, b""), *[(50 * MS, bytes((0x90, 40 + n, 80))) for n in range(40)]])
    session.play(2)
    assert session.beats[1].heard
    check(session)


# -- standing still and stopping -------------------------------------------------------------


@given(st.integers(0, 40_000), st.integers(0, 10**8), st.sampled_from(sorted(MODES)))
@settings(max_examples=40, deadline=None)
def test_after_a_standstill_it_is_in_time_again(played_ms: int, gone_ms: int, mode: str):
    """Up to a day: what is late is closed, stale notes are left out, and the beat is right."""
    session = Session(jam(mode))
    session.until(START_NS + played_ms * MS)
    before = len(session.sent)
    now = START_NS + (played_ms + gone_ms) * MS
    session.wake_at(now)
    caught_up = session.sent[before:]
    assert all(now - due <= 100 * MS for due, _, message in caught_up if message[0] == 0x90)
    assert len(session.beats) <= played_ms // 500 + 2 + 17
    session.until(now + 500 * MS)
    latest = session.beats[-1]
    assert latest.number == session.jam.performer.timeline.pulse_at(now + 530 * MS) // 480
    check(session)


@given(st.integers(0, 30_000), st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_silence_at_any_moment_closes_what_sounds_and_sends_nothing_planned(
    played_ms: int, seed: int
):
    session = Session(jam(temperature=1.0, seed=seed))
    session.until(START_NS + played_ms * MS)
    sounding = session.sounding
    assert session.jam.silence() == [bytes((0x80, pitch, 64)) for pitch in sounding]
    assert session.jam.silence() == []
    beat_to_come = session.jam.wake()
    assert session.jam.turn(beat_to_come - 1) == []


def test_it_can_go_on_after_a_silence():
    session = Session(jam(temperature=1.0)).play(10)
    session.sent += [(0, 0, off) for off in session.jam.silence()]
    session.play(20)
    assert len(session.beats) == 21
    check_one_voice(session.stop())


def test_beats_that_nobody_collects_are_forgotten_from_the_oldest_on():
    lonely = jam()
    while lonely.wake() < START_NS + 500 * 500 * MS:
        lonely.turn(lonely.wake())
    assert [beat.number for beat in lonely.beats] == list(range(437, 501))


def test_a_beat_tells_what_the_musician_struck_in_the_one_before():
    session = Session(jam("follow", count_in=0))
    session.hear(melody(2, 60))
    session.until(START_NS + 4_000 * MS)
    heard = [beat for beat in session.beats if beat.heard and beat.x != HOLD]
    assert heard
    assert all(beat.yours for beat in heard)
    assert not any(beat.yours for beat in session.beats if not beat.heard)
