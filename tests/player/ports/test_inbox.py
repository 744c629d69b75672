from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.player.ports.inbox import Inbox
from improvd.player.wait import Bell

MS = 1_000_000
S = 1000 * MS
NOTE = [0x90, 60, 90]
BELL = Bell()  # a descriptor for each of thousands of examples would be too many


def moments(inbox: Inbox) -> list[int]:
    return [moment for moment, _ in inbox.take()]


def test_the_first_message_was_played_when_we_heard_of_it():
    inbox = Inbox()
    inbox.put(NOTE, 0.0, 5 * S)
    assert inbox.take() == [(5 * S, bytes(NOTE))]


def test_a_delay_on_our_side_does_not_change_when_a_message_was_played():
    inbox = Inbox()
    for k, delay in enumerate([0, 9, 3, 0, 12, 5]):
        inbox.put(NOTE, 0.02 if k else 0.0, S + (20 * k + delay) * MS)
    assert moments(inbox) == pytest.approx([S + 20 * k * MS for k in range(6)], abs=0.2 * MS)


def test_a_late_anchor_is_corrected_by_the_first_punctual_message():
    inbox = Inbox()
    inbox.put(NOTE, 0.0, S + 8 * MS)
    inbox.put(NOTE, 0.02, S + 20 * MS)
    inbox.put(NOTE, 0.02, S + 45 * MS)
    assert moments(inbox)[1:] == pytest.approx([S + 20 * MS, S + 40 * MS], abs=0.1 * MS)


def test_an_hour_of_clock_with_intervals_cut_to_microseconds_and_a_slow_driver_stays_in_time():
    inbox = Inbox(limit=200_000)
    interval = 0.0208333
    played = [S + round(k * interval * 1e9) for k in range(172_800)]
    for k, moment in enumerate(played):
        measured = int(interval * 0.9998 * 1e6) / 1e6 if k else 0.0
        inbox.put([0xF8], measured, moment)
    heard = moments(inbox)
    assert max(abs(a - b) for a, b in zip(heard, played, strict=True)) < MS


def test_intervals_that_lost_time_are_not_believed():
    inbox = Inbox()
    inbox.put(NOTE, 0.0, S)
    inbox.put(NOTE, 0.001, 2 * S)
    assert moments(inbox) == [S, 2 * S]


events = st.lists(
    st.tuples(
        st.floats(-1, 100, allow_nan=False),
        st.integers(0, 100 * S),
        st.sampled_from([NOTE, [0xF8], [0xFE], [0xF0, 1, 0xF7]]),
    ),
    max_size=60,
)


@given(events)
def test_moments_never_decrease_and_never_lie_ahead_or_far_back(script):
    inbox, now = Inbox(bell=BELL), 0
    last = 0
    for interval, passed, message in script:
        now += passed
        inbox.put(message, interval, now)
        for moment in moments(inbox):
            assert last <= moment <= now
            assert now - moment <= 50 * MS
            last = moment


@pytest.mark.parametrize(
    "message",
    [[0x80, 60, 64], NOTE, [0xB3, 64, 127], [0xC0, 5], [0xD1, 90], [0xE0, 0, 64], [0xF2, 8, 0]]
    + [[status] for status in (0xF8, 0xFA, 0xFB, 0xFC, 0xFE)],
)
def test_whole_messages_arrive_byte_for_byte(message):
    inbox = Inbox()
    inbox.put(message, 0.0, S)
    assert inbox.take() == [(S, bytes(message))]


@pytest.mark.parametrize(
    "message",
    [
        [],
        [60, 90],  # running status
        [0x90],
        [0x90, 60],
        [0x90, 60, 90, 61],
        [0x90, 200, 90],
        [0xC0, 5, 5],
        [0xF0, 1, 2, 0xF7],
        [0xF0, 1],
        [0xF7],
        [0xF4],
        [0xF2, 8],
    ],
)
def test_what_is_no_whole_message_for_a_player_is_passed_over_but_counts_in_time(message):
    inbox = Inbox()
    inbox.put(NOTE, 0.0, S)
    inbox.put(message, 0.03, S + 30 * MS)
    inbox.put(NOTE, 0.01, S + 45 * MS)
    assert moments(inbox) == pytest.approx([S, S + 40 * MS], abs=0.1 * MS)


def test_a_full_inbox_drops_what_comes_and_counts_it():
    inbox = Inbox(limit=3)
    for pitch in range(5):
        inbox.put([0x90, pitch, 1], 0.0, S + pitch)
    assert [message[1] for _, message in inbox.take()] == [0, 1, 2]
    assert inbox.dropped == 2
    inbox.put(NOTE, 0.0, 2 * S)
    assert len(inbox.take()) == 1


def test_of_a_flood_of_active_sensing_as_much_comes_in_as_tells_that_somebody_is_there():
    inbox = Inbox()
    for number in range(1000):
        inbox.put([0xFE], 0.001, S + number * MS)
    stamps = moments(inbox)
    assert 30 <= len(stamps) <= 34
    assert all(30 * MS <= b - a <= 32 * MS for a, b in pairwise(stamps))
