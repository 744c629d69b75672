"""Laws of recognising a transposed copy of our own line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.midi.copies import Copies
from tests.harness.session import MS, Session, jam

PITCHES = st.lists(st.integers(40, 90), min_size=12, max_size=30)


def come_back(pitches: list[int], interval: int, late: int) -> list[bool]:
    copies, stamp, found = Copies(), 0, []
    for pitch in pitches:
        stamp += 250 * MS
        copies.strike(stamp, bytes((0x90, pitch, 80)))
        found.append(copies.is_copy(stamp + late, bytes((0x95, pitch + interval, 33))))
    return found


@given(PITCHES, st.integers(-30, 30), st.integers(0, 49 * MS))
def test_from_the_eighth_note_in_a_row_on_it_is_a_copy(pitches, interval, late):
    assert come_back(pitches, interval, late) == [False] * 7 + [True] * (len(pitches) - 7)


@given(PITCHES, st.integers(-30, 30))
def test_what_comes_later_is_no_copy(pitches, interval):
    assert not any(come_back(pitches, interval, 51 * MS))


def test_another_interval_begins_anew():
    copies = Copies()
    for number in range(40):
        copies.strike(number, b"\x90\x3c\x50")
        assert not copies.is_copy(number, bytes((0x90, 60 + number % 7, 80)))


@pytest.mark.parametrize("interval", [-12, 7, 12])
def test_a_jam_is_not_steered_by_a_copy_of_itself_and_says_so(interval):
    session = Session(jam("follow"))
    returned = 0
    while len(session.beats) < 80:
        session.wake_at(session.jam.wake())
        for _, now, message in session.sent[returned:]:
            copy = bytes((message[0], message[1] + interval, message[2]))
            session.jam.hear(now + 10 * MS, copy)
        returned = len(session.sent)
    assert any(beat.heard for beat in session.beats[:20])
    assert not any(beat.heard for beat in session.beats[30:])
    (notice,) = session.jam.notices
    assert notice.startswith(f"What comes in is improvd's own line, {interval:+d} semitones")
