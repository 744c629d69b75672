"""The follower in simulation: jitter, lost and doubled clocks, changes of tempo, eight hours.

`bench/following.py` prints what was measured; the limits here leave it room.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.sync.clock.even import Pace
from improvd.core.sync.follower import Follower
from improvd.core.timeline import ns_per_beat
from tests.harness.masters import (
    START_NS,
    Kalman,
    PlayedTimeline,
    arrivals,
    errors,
    rms,
    seconds_to_lock,
    tempo,
)

SEEDS = range(4)
STEADY_FROM = 240  # clocks
SECOND = 10**9


def clocks(bpm, count, start=START_NS):
    step = ns_per_beat(bpm) / 24
    return [start + round(number * step) for number in range(count)]


def hear(follower, stamps):
    for stamp in stamps:
        follower.tick(stamp)


@pytest.mark.parametrize("estimator", [Kalman, PlayedTimeline])
@pytest.mark.parametrize(
    ("jitter", "one_clock_ahead", "one_beat_ahead"),
    [(1.0, 0.10, 0.13), (2.0, 0.15, 0.18), (3.0, 0.22, 0.25), (5.0, 0.35, 0.40)],
)
def test_phase_error_under_jitter(estimator, jitter, one_clock_ahead, one_beat_ahead):
    due = tempo((120, 120, 120))
    for ahead, limit in [(1, one_clock_ahead), (24, one_beat_ahead)]:
        steady = []
        for seed in SEEDS:
            at, error = errors(estimator(), due, arrivals(due, seed, jitter), ahead)
            steady.append(error[at >= STEADY_FROM])
        assert rms(np.concatenate(steady)) <= limit


@pytest.mark.parametrize("jitter", [1.0, 2.0, 3.0])
@pytest.mark.parametrize(
    ("before", "after"), [(120, 140), (140, 120), (60, 120), (120, 60), (200, 60), (60, 200)]
)
def test_locked_again_within_a_beat_of_a_jump(jitter, before, after):
    due = tempo((before, before, 20), (after, after, 40))
    locks = []
    for seed in range(8):
        at, error = errors(Kalman(), due, arrivals(due, seed, jitter), 1)
        locks.append(seconds_to_lock(due, at, error, 20 * 24))
        assert abs(error[-1]) < 2, "no clock is miscounted"
    assert np.median(locks) <= 60 / after


@pytest.mark.parametrize(("jitter", "limit"), [(1.0, 0.9), (2.0, 1.4), (3.0, 2.0)])
@pytest.mark.parametrize(("first", "last"), [(60, 200), (200, 60)])
def test_ramp_is_followed_and_counted(jitter, limit, first, last):
    due = tempo((first, first, 16), (first, last, 64), (last, last, 16))
    for seed in SEEDS:
        at, error = errors(Kalman(), due, arrivals(due, seed, jitter), 1)
        assert rms(error[(at >= STEADY_FROM) & (at < 80 * 24)]) < limit
        assert abs(error[-1]) < 2


@pytest.mark.long
@pytest.mark.parametrize("jitter", [2.0, 5.0])
def test_no_beat_is_lost_or_doubled_in_eight_hours(jitter):
    beats = 8 * 60 * 120
    due = tempo((120, 120, beats))
    stamps, numbers = arrivals(due, 1, jitter)
    follower = Follower()
    for stamp in stamps.tolist():
        follower.tick(stamp)
    assert beats * 24 - 24 < numbers[-1] <= beats * 24
    first = numbers[0] - 1  # the follower counts from 1
    assert follower.ticks + first == numbers[-1]


def test_period_is_exact_without_jitter():
    follower = Follower()
    hear(follower, clocks(133, 480))
    assert follower.timeline.bpm == pytest.approx(133, abs=1e-4)


def test_no_timeline_before_a_lock():
    follower = Follower()
    hear(follower, clocks(120, 5))
    assert not follower.locked
    with pytest.raises(ValueError, match="no clock"):
        _ = follower.timeline


@pytest.mark.parametrize("bpm", [20, 24, 400])
def test_the_limits_themselves_are_followed(bpm):
    follower = Follower()
    hear(follower, clocks(bpm, 240))
    assert follower.locked
    assert follower.timeline.bpm == pytest.approx(bpm, rel=1e-4)


@pytest.mark.parametrize(
    ("bpm", "pace"), [(25_000, Pace.TOO_FAST), (1_000, Pace.TOO_FAST), (10, Pace.TOO_SLOW)]
)
def test_silly_rates_are_no_tempo(bpm, pace):
    follower = Follower()
    hear(follower, clocks(bpm, 1_000))
    assert follower.pace is pace


@pytest.mark.parametrize("bpm", [25_000, 1_000, 10])
def test_a_lock_does_not_survive_silly_rates_but_its_tempo_does(bpm):
    follower = Follower()
    hear(follower, clocks(120, 240))
    hear(follower, clocks(bpm, 1_000, START_NS + 6 * SECOND))
    assert not follower.locked
    assert 20 <= follower.timeline.bpm <= 400


def test_limits_are_the_callers():
    follower = Follower(slowest=100, fastest=130)
    hear(follower, clocks(60, 100))
    assert follower.pace is Pace.TOO_SLOW
    hear(follower, clocks(120, 100, START_NS + 100 * SECOND))
    assert follower.locked


@pytest.mark.parametrize(("last", "pace"), [(400, Pace.TOO_FAST), (20, Pace.TOO_SLOW)])
def test_tempo_stays_within_the_limits_as_a_clock_leaves_them(last, pace):
    follower = Follower(slowest=60, fastest=180)
    due = tempo((120, 120, 8), (120, last, 64), (last, last, 16))
    for stamp in due.astype(int).tolist():
        follower.tick(stamp)
        if follower.locked:
            assert 60 <= round(follower.timeline.bpm, 6) <= 180
    assert follower.pace is pace
    hear(follower, clocks(120, 48, START_NS + 1_000 * SECOND))
    assert follower.locked


@given(st.lists(st.integers(0, 400_000_000), max_size=200), st.sets(st.integers(0, 200)))
def test_any_ticks_whatsoever_give_a_tempo_within_the_limits(gaps, loosened):
    follower = Follower()
    stamp = START_NS
    for number, gap in enumerate(gaps):
        if number in loosened:
            follower.loosen()
        before, stamp = follower.ticks, stamp + gap
        follower.tick(stamp)
        if follower.locked:
            assert 20 <= round(follower.timeline.bpm, 6) <= 400
            assert abs(follower.timeline.when(follower.ticks * 20) - stamp) < 2 * SECOND
        assert follower.ticks >= before - 48


def test_counting_goes_on_through_silence():
    follower = Follower()
    stamps = clocks(120, 2_000)
    hear(follower, stamps[:500])
    before = follower.ticks
    hear(follower, stamps[900:])
    assert follower.ticks == before + 1_500
    assert follower.locked


def test_counting_goes_on_from_a_lock_that_was_lost():
    follower = Follower()
    stamps = clocks(120, 4_000)
    hear(follower, stamps[:500])
    before = follower.ticks
    hear(follower, stamps[500:1_500:12])
    assert follower.pace is Pace.TOO_SLOW
    hear(follower, stamps[1_500:])
    assert follower.locked
    assert follower.ticks == before + 3_500


@pytest.mark.parametrize("gap_ms", [1, 9, 30, 95, 2_000])
def test_a_start_may_shift_the_phase(gap_ms):
    follower = Follower()
    stamps = clocks(120, 240)
    hear(follower, stamps)
    before = follower.ticks
    start = stamps[-1] + gap_ms * 1_000_000
    follower.loosen()
    hear(follower, clocks(120, 240, start))
    timeline = follower.timeline
    assert follower.locked
    assert follower.ticks >= before + 240
    assert abs(timeline.when(follower.ticks * 20) - (start + round(239 * 500e6 / 24))) < 100_000


def test_every_clock_doubled_is_one_clock():
    follower = Follower()
    stamps = clocks(120, 480)
    hear(follower, sorted([*stamps, *(stamp + 700_000 for stamp in stamps)]))
    assert follower.timeline.bpm == pytest.approx(120, rel=1e-3)
    assert follower.ticks == 480


def test_time_that_runs_backwards_is_ignored():
    follower = Follower()
    hear(follower, clocks(120, 100))
    before = follower.timeline
    follower.tick(0)
    assert follower.timeline == before
