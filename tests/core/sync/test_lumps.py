"""A clock that comes in lumps: a driver's period, Bluetooth's interval.

`bench/following.py` prints what was measured; the limits here leave it room.
"""

import numpy as np
import pytest

from improvd.core.sync.clock.bounds import BoundedFilter
from improvd.core.sync.clock.lump_period import lump_of
from improvd.core.sync.clock.recurrence import Recurrence
from improvd.core.sync.follower import Follower
from tests.harness.masters import START_NS, arrivals, in_lumps, tempo

MS = 1e6
LUMPS = [5.3, 10.7, 21.333, 30, 42.667, 50]


def followed(due, heard):
    """The follower afterwards; (number, BPM, phase error in ms) after each tick while locked."""
    follower, rows = Follower(), []
    for stamp, number in zip(heard[0].tolist(), heard[1].tolist(), strict=True):
        follower.tick(stamp)
        if follower.locked:
            timeline = follower.timeline
            late = timeline.when(follower.ticks * 20) - due[number]
            rows.append((number, timeline.bpm, late / MS))
    return follower, np.array(rows)


@pytest.mark.parametrize("lump", LUMPS)
@pytest.mark.parametrize("bpm", [40, 67, 90, 120, 140, 183, 240, 300])
def test_tempo_phase_and_count_are_the_masters(lump, bpm):
    due = tempo((bpm, bpm, 32))
    for seed in range(2):
        follower, rows = followed(due, in_lumps(due, seed, lump, lost=0))
        number, tempos, late = rows.T
        assert abs(tempos[number >= 96] / bpm - 1).max() < 0.02
        assert np.median(abs(tempos[number >= 192] - bpm)) < 0.1
        assert abs(late[number >= 96]).max() < min(lump, 12)
        assert follower.ticks == len(due)


@pytest.mark.parametrize("lump", LUMPS)
def test_with_one_tick_in_a_hundred_lost_the_tempo_is_right(lump):
    for bpm in (70, 100, 120, 160, 220):
        due = tempo((bpm, bpm, 48))
        follower, rows = followed(due, in_lumps(due, bpm, lump))
        assert rows[-1, 1] == pytest.approx(bpm, rel=0.02)
        # In lumps of several ticks, which one was lost shows late, or never.
        assert abs(follower.ticks - len(due)) <= 12


@pytest.mark.parametrize("lump", [10.7, 21.333, 50])
@pytest.mark.parametrize(
    ("before", "after"), [(120, 140), (140, 120), (60, 120), (120, 60), (90, 200), (200, 90)]
)
def test_a_change_of_tempo_is_followed(lump, before, after):
    due = tempo((before, before, 16), (after, after, 24))
    follower, rows = followed(due, in_lumps(due, 1, lump, lost=0))
    settled = rows[:, 0] >= (16 + 4) * 24
    assert np.median(abs(rows[settled, 1] / after - 1)) < 0.005
    assert rows[-1, 1] == pytest.approx(after, abs=0.2)
    assert abs(follower.ticks - len(due)) <= 4


@pytest.mark.parametrize("lump", [10.7, 21.333, 50])
@pytest.mark.parametrize(("first", "last"), [(100, 140), (140, 100), (60, 200)])
def test_a_ramp_is_followed(lump, first, last):
    due = tempo((first, first, 16), (first, last, 128), (last, last, 16))
    follower, rows = followed(due, in_lumps(due, 2, lump, lost=0))
    moving = (rows[:, 0] >= 16 * 24) & (rows[:, 0] < 144 * 24)
    assert np.median(abs(rows[moving, 2])) < 5
    assert rows[-1, 1] == pytest.approx(last, abs=0.5)
    # A ritardando in lumps of several ticks may look as if some were lost.
    assert abs(follower.ticks - len(due)) <= 12


@pytest.mark.parametrize(("bpm", "lump"), [(116, 21.333), (110, 21.333), (228, 10.667)])
def test_a_tempo_a_little_slower_than_an_audio_servers_period(bpm, lump):
    """One tick a period and now and then none: like ticks lost, but from a period that is known."""
    due = tempo((bpm, bpm, 40))
    _, rows = followed(due, in_lumps(due, 3, lump, jitter_ms=0, lost=0))
    assert rows[-1, 1] == pytest.approx(bpm, abs=0.2)


@pytest.mark.parametrize(("bpm", "lump"), [(119, 20), (120, 20), (121, 20), (80, 30), (160, 15)])
def test_a_tempo_a_little_slower_than_bluetooths_interval(bpm, lump):
    """No jitter at all: one tick an interval, and none in each so manieth."""
    due = tempo((bpm, bpm, 64))
    stamps = np.ceil(due / (lump * MS)) * lump * MS
    follower, rows = followed(due, (stamps.astype(np.int64), np.arange(len(due))))
    assert rows[-1, 1] == pytest.approx(bpm, abs=0.1)
    assert abs(follower.ticks - len(due)) <= 4


@pytest.mark.parametrize("jitter", [0.0, 0.2])
@pytest.mark.parametrize(
    ("bpm", "lump"), [(122, 20), (81.5, 30), (170.85, 14.76), (53.48, 44.7), (163, 7.5)]
)
def test_a_tempo_that_beats_slowly_with_any_period(bpm, lump, jitter):
    """One gap in dozens is odd, always as many ticks after the one before."""
    due = tempo((bpm, bpm, 48))
    follower, rows = followed(due, in_lumps(due, 3, lump, jitter, lost=0))
    assert rows[-24:, 1] == pytest.approx(bpm, rel=0.005)
    assert abs(follower.ticks - len(due)) <= 1


@pytest.mark.parametrize("lost", [0.01, 0.03])
@pytest.mark.parametrize("bpm", [80.1, 120, 127.43])
def test_a_clock_that_loses_ticks_by_chance_comes_in_no_lumps(bpm, lost):
    """Its gaps are alike but for those; they do not recur."""
    for seed in range(8):
        recurrence, last = Recurrence(), 0
        for stamp in arrivals(tempo((bpm, bpm, 200)), seed, 0.1, lost, 0.01)[0].tolist():
            recurrence.hear(stamp - last)
            last = stamp
            assert recurrence.lump is None


@pytest.mark.parametrize(
    ("bpm", "after", "lump", "jitter"),
    [
        (226.6, 75.5, 15, 2),
        (146.9, 73.5, 10.667, 0),
        (88.2, 55.5, 11.25, 0),
        (57.8, 38.5, 30, 0.2),
        (234.6, 78.2, 46.44, 0.5),
        (78.3, 52.2, 10.667, 1),
        (75, 225, 21.333, 1),
    ],
)
def test_where_a_tempo_jumps_in_lumps_no_tick_is_taken_for_lost(bpm, after, lump, jitter):
    due = tempo((bpm, bpm, 12), (after, after, 24))
    for seed in range(3):
        follower, _ = followed(due, in_lumps(due, seed, lump, jitter, lost=0))
        assert follower.ticks == len(due)


@pytest.mark.parametrize("bpm", [80, 100, 125, 200])
def test_a_tick_as_long_as_bluetooths_interval_that_loses_some_is_no_lump(bpm):
    stamps = arrivals(tempo((bpm, bpm, 240)), 3, 0.05, doubled=0)[0].tolist()
    assert not any(lump_of(stamps[at : at + 64]) for at in range(0, len(stamps) - 64, 8))


def test_all_ticks_of_a_lump_may_bear_one_stamp():
    due = tempo((120, 120, 24))
    stamps = (np.ceil(due / (50 * MS)) * 50 * MS).astype(np.int64)
    follower, rows = followed(due, (stamps, np.arange(len(due))))
    assert rows[-1, 1] == pytest.approx(120, abs=0.1)
    assert follower.ticks == len(due)


def test_after_silence_and_after_a_start_the_count_goes_on():
    due = tempo((120, 120, 40))
    stamps, _ = in_lumps(due, 4, 21.333, lost=0)
    follower = Follower()
    for stamp in stamps[:480].tolist():
        follower.tick(stamp)
    for stamp in stamps[720:].tolist():
        follower.tick(stamp)
    assert follower.ticks == pytest.approx(960, abs=1)
    assert follower.timeline.bpm == pytest.approx(120, abs=0.1)
    follower.loosen()
    before = follower.ticks
    for stamp in (stamps + 60_000_000_000).tolist():
        follower.tick(stamp)
    assert follower.ticks >= before + 960
    assert follower.timeline.bpm == pytest.approx(120, abs=0.1)


def test_lumps_that_end_leave_an_even_clock():
    lumpy, even = tempo((120, 120, 20)), tempo((120, 120, 40))
    stamps = np.concatenate([in_lumps(lumpy, 5, 30, lost=0)[0], arrivals(even, 5, 1.0)[0][480:]])
    follower = Follower()
    for stamp in stamps.tolist():
        follower.tick(stamp)
    assert follower.memory().lumps is None
    assert follower.timeline.bpm == pytest.approx(120, abs=0.3)


def test_goes_on_from_its_memory():
    stamps = in_lumps(tempo((97, 97, 40)), 6, 42.667)[0].tolist()
    one, other = Follower(), Follower()
    for stamp in stamps[:500]:
        one.tick(stamp)
    other.restore(one.memory())
    assert other.memory() == one.memory()
    for stamp in stamps[500:520]:
        one.tick(stamp)
        other.tick(stamp)
    assert other.timeline == one.timeline


@pytest.mark.parametrize("jitter", [0, 0.2, 0.5, 1, 2, 5])
@pytest.mark.parametrize("bpm", [40, 83, 120, 240])
def test_an_even_clock_is_never_taken_for_lumps(bpm, jitter):
    stamps = arrivals(tempo((bpm, bpm, 120)), 7, jitter, doubled=0)[0].tolist()
    assert not any(lump_of(stamps[at : at + 64]) for at in range(0, len(stamps) - 64, 8))


@pytest.mark.parametrize("lump", LUMPS)
def test_the_period_is_seen(lump):
    stamps = in_lumps(tempo((120, 120, 4)), 8, lump)[0].tolist()
    assert lump_of(stamps[:64]) == pytest.approx(lump * MS, rel=0.01)


def test_bounds_keep_what_is_possible_and_say_what_is_not():
    known = BoundedFilter.box(0, (START_NS, START_NS + 10 * MS), (15 * MS, 25 * MS))
    known.advance(10)
    assert known.meet(START_NS + 100 * MS, START_NS + 140 * MS) < 0
    assert known.meet(START_NS + 270 * MS, START_NS + 290 * MS) > 0
    assert not known.meet(START_NS + 195 * MS, START_NS + 205 * MS)
    shortest, longest = known.periods
    assert 18 * MS <= shortest < longest <= 21 * MS
    assert shortest < known.period < longest
