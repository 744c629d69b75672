"""Laws of recognising a transposed copy of our own line."""

from itertools import accumulate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from improvd.core.jam import Offsets
from improvd.core.midi.copies import LATEST_NS, Copies
from tests.harness.session import MS, Session, jam

# A line that moves with every note.
PITCHES = st.lists(st.integers(1, 20), min_size=12, max_size=30).map(
    lambda steps: [40 + pitch % 50 for pitch in accumulate(steps)]
)


def come_back(pitches: list[int], interval: int, late: int) -> list[bool]:
    copies, stamp, found = Copies(), 0, []
    for pitch in pitches:
        stamp += 450 * MS
        copies.strike(stamp, bytes((0x90, pitch, 80)))
        found.append(copies.is_copy(stamp + late, bytes((0x95, pitch + interval, 33))))
    return found


@example([*range(40, 60)], 0, 12 * MS)
@given(PITCHES, st.integers(-30, 30), st.integers(0, LATEST_NS))
def test_at_one_interval_and_one_delay_it_is_a_copy_from_the_fifth_note_on(pitches, interval, late):
    heard = 1 if interval == 0 and late <= 12 * MS else 4
    assert come_back(pitches, interval, late) == [False] * heard + [True] * (len(pitches) - heard)


@given(PITCHES, st.integers(-30, 30), st.lists(st.integers(60, 104), min_size=30, max_size=30))
def test_where_the_delay_wavers_it_is_one_from_the_eighth_at_the_latest(pitches, interval, late):
    copies, found = Copies(), []
    for number, pitch in enumerate(pitches):
        copies.strike(number * 250 * MS, bytes((0x90, pitch, 80)))
        back = bytes((0x95, pitch + interval, 33))
        found.append(copies.is_copy((number * 250 + late[number]) * MS, back))
    assert all(found[7:])
    assert not any(found[:4])


@given(PITCHES, st.integers(0, 240))
def test_what_is_ours_to_the_byte_is_a_copy_from_the_second_on(pitches, late):
    copies, found = Copies(), []
    for number, pitch in enumerate(pitches):
        message = bytes((0x90, pitch, 80))
        copies.strike(number * 250 * MS, message)
        found.append(copies.is_copy((number * 250 + late) * MS, message))
    assert found == [False] + [True] * (len(pitches) - 1)


@given(PITCHES, st.integers(-30, 30))
def test_what_comes_later_is_no_copy(pitches, interval):
    assert not any(come_back(pitches, interval, LATEST_NS + 1))


def test_the_musician_is_heard_between_the_notes_of_a_copy_in_unison_too():
    copies, ours, theirs = Copies(), [], []
    for number in range(24):
        pitch, now = 60 + number * 7 % 12, number * 250 * MS
        copies.strike(now, bytes((0x90, pitch, 80)))
        ours.append(copies.is_copy(now + 85 * MS, bytes((0x90, pitch, 80))))
        # A unison of their own, and another note.
        for late, struck in ((100, pitch), (160, pitch + 4)):
            theirs.append(copies.is_copy(now + late * MS, bytes((0x90, struck, 71))))
    assert ours[2:] == [True] * 22
    assert not any(theirs)


def test_a_musician_who_plays_along_out_of_step_is_no_copy():
    copies = Copies()
    for number in range(200):
        now = number * 250 * MS
        copies.strike(now, bytes((0x90, 60 + number % 9, 80)))
        # In parallel thirds, now early and now late: nobody holds one delay.
        late = (20, 140, 70, 230)[number % 4]
        assert not copies.is_copy(now + late * MS, bytes((0x90, 64 + number % 9, 71)))


def test_a_machine_that_repeats_a_note_against_ours_is_no_copy():
    copies = Copies()
    for number in range(40):
        now = number * 500 * MS
        copies.strike(now, b"\x90\x3c\x5a")
        assert not copies.is_copy(now + 250 * MS, b"\x92\x40\x50")


def test_a_copy_s_ends_are_dropped_with_it_and_the_musician_s_are_not():
    copies = Copies()
    for number in range(4):
        message = bytes((0x90, 60 + number, 80))
        copies.strike(number * 250 * MS, message)
        copies.is_copy((number * 250 + 85) * MS, message)
    assert copies.is_copy(10**9, b"\x80\x3f\x40")
    assert not copies.is_copy(10**9, b"\x80\x3f\x40")


def test_when_our_notes_come_back_no_more_everybody_is_heard():
    copies = Copies()
    for number in range(40):
        now = number * 250 * MS
        message = bytes((0x90, 60 + number % 5, 80))
        copies.strike(now, message)
        if number < 20:
            copies.is_copy(now + 85 * MS, message)
    assert copies.found
    assert not copies.is_copy(now + 450 * MS, b"\x90\x50\x50")
    assert not copies.found


def test_another_interval_begins_anew():
    copies = Copies()
    for number in range(40):
        copies.strike(number, b"\x90\x3c\x50")
        assert not copies.is_copy(number, bytes((0x90, 60 + number % 7, 80)))


@pytest.mark.parametrize(("late", "hear_ms"), [(55, 0), (85, 0), (170, 0), (85, 85), (4, 85)])
def test_a_jam_does_not_hear_itself_late(late, hear_ms):
    session = Session(jam("follow", offsets=Offsets(hear_ns=hear_ms * MS)))
    returned = []
    while len(session.beats) < 80:
        wake = session.jam.wake()
        while returned and returned[0][0] <= wake:
            session.jam.hear(*returned.pop(0))
        before = len(session.sent)
        session.wake_at(wake)
        returned += [(now + late * MS, message) for _, now, message in session.sent[before:]]
    heard = sum(beat.heard for beat in session.beats)
    assert heard <= (0 if hear_ms else 2)
    if not hear_ms:
        (notice,) = session.jam.notices
        assert notice.startswith(f"What comes in is improvd's own line, {late} ms late")


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
