"""Laws of the timeline."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.timeline import NS_PER_MINUTE, Timeline, ns_per_beat

TEMPOS = st.floats(20, 400)
NS = st.integers(-(2**62), 2**62)
PULSES = st.integers(-(10**9), 10**9)
TIMELINES = st.builds(Timeline, NS, PULSES, TEMPOS.map(ns_per_beat))


@given(TIMELINES, PULSES)
def test_a_pulse_has_come_at_its_own_time(timeline: Timeline, pulse: int):
    assert timeline.pulse_at(timeline.when(pulse)) == pulse


@given(TIMELINES, NS)
def test_a_pulse_lasts_until_the_next(timeline: Timeline, ns: int):
    pulse = timeline.pulse_at(ns)
    assert timeline.when(pulse) <= ns < timeline.when(pulse + 1)


@given(TIMELINES)
def test_the_origin_falls_at_its_nanosecond(timeline: Timeline):
    assert timeline.when(timeline.origin_pulse) == timeline.origin_ns


@given(TIMELINES, st.integers(-(10**6), 10**6))
def test_beats_do_not_drift(timeline: Timeline, beats: int):
    there = timeline.when(timeline.origin_pulse + 480 * beats)
    assert there == timeline.origin_ns + beats * timeline.beat_ns


@given(TIMELINES, st.integers(0, 2**50))
def test_a_duration_takes_the_fewest_pulses_that_hold_it(timeline: Timeline, ns: int):
    pulses = timeline.pulses(ns)
    assert (pulses - 1) * timeline.beat_ns < ns * 480 <= pulses * timeline.beat_ns


@given(TIMELINES, TEMPOS, PULSES)
def test_another_tempo_goes_on_from_where_the_old_one_was(
    timeline: Timeline, bpm: float, pulse: int
):
    changed = timeline.at_tempo(bpm, pulse)
    assert changed.when(pulse) == timeline.when(pulse)
    assert changed.when(pulse + 480) == timeline.when(pulse) + ns_per_beat(bpm)


@given(TEMPOS)
def test_tempo_and_beat_length_say_the_same(bpm: float):
    assert Timeline(0, 0, ns_per_beat(bpm)).bpm == pytest.approx(bpm, rel=1e-8)


def test_a_beat_at_120_is_half_a_second():
    assert ns_per_beat(120) == 500_000_000 == NS_PER_MINUTE // 120


@given(TIMELINES, st.integers(-(10**7), 10**7))
def test_two_dotted_quarters_are_three_quarters(timeline, pairs):
    """To the nanosecond where the time is anchored, and to what a rounded beat adds up to."""
    dotted = timeline.dotted()
    drift = abs(pairs * 960 - dotted.origin_pulse) // 480 + 3
    assert abs(dotted.when(pairs * 960) - timeline.when(pairs * 1440)) <= drift
    back = dotted.undotted()
    assert abs(back.beat_ns - timeline.beat_ns) <= 1


@given(TIMELINES, st.integers(-(10**9), 10**9), st.integers(-(10**6), 10**6))
def test_a_shifted_time_is_later_by_as_much(timeline, ns, pulse):
    assert timeline.shifted(ns).when(pulse) == timeline.when(pulse) + ns
