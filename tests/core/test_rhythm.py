"""Laws of reading onsets as ticks and of giving ticks their swing."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.music import PULSES_PER_BEAT, PULSES_PER_TICK
from improvd.core.rhythm import quantise, straighten, swing_share, swung

TEMPOS = st.floats(20, 400)
SLOW, FAST = st.floats(20, 120), st.floats(120.1, 400)
ONSETS = st.lists(st.floats(-2, 11.99), min_size=1, max_size=40).map(sorted)
TICKS = st.frozensets(st.integers(0, 11), min_size=1).map(sorted)


def is_swung(ticks: list[int]) -> bool:
    return set(ticks) <= {0, 7, 8} and len(ticks) <= 2 and ticks != [7, 8]


@given(ONSETS, TEMPOS)
def test_ticks_ascend_within_the_beat_and_the_first_note_is_never_lost(
    onsets: list[float], bpm: float
):
    ticks = quantise(onsets, bpm)
    assert 1 <= len(ticks) <= len(onsets)
    assert all(earlier < later for earlier, later in pairwise(ticks))
    assert 0 <= ticks[0] <= ticks[-1] <= 11


@given(TICKS, SLOW)
def test_slow_notes_on_the_grid_stay_where_they_are_but_for_swing(ticks: list[int], bpm: float):
    read = quantise([float(tick) for tick in ticks], bpm)
    assert read == straighten(ticks)
    assert read == ticks or is_swung(ticks)


@given(st.lists(st.floats(-0.5, 0.5), min_size=3, max_size=3), SLOW)
def test_slow_notes_are_read_as_the_nearest_ticks(drift: list[float], bpm: float):
    onsets = [tick + off * 0.99 for tick, off in zip((1, 4, 9), drift, strict=True)]
    assert quantise(onsets, bpm) == [1, 4, 9]


@given(st.floats(5.7, 7.8), st.floats(-0.7, 1), FAST)
def test_in_fast_music_an_off_beat_is_played_anywhere_in_its_zone(
    off_beat: float, on_beat: float, bpm: float
):
    assert quantise([off_beat], bpm) == [6]
    assert quantise([on_beat, off_beat], bpm) == [0, 6]


@pytest.mark.parametrize(
    "shape",
    [
        *([0], [3], [4], [6], [9]),
        *([0, 3], [0, 4], [0, 6], [0, 9], [3, 6], [3, 9], [4, 8], [6, 9]),
        *([0, 3, 6], [0, 3, 9], [0, 4, 8], [0, 6, 9], [3, 6, 9]),
        *([0, 2, 4, 8], [0, 3, 6, 9], [0, 4, 6, 8]),
    ],
)
@given(late=st.floats(0, 0.3), bpm=FAST)
def test_in_fast_music_a_shape_is_known_by_its_whole(shape: list[int], late: float, bpm: float):
    assert quantise([tick + late for tick in shape], bpm) == shape


@pytest.mark.parametrize(
    ("onsets", "commoner"),
    [
        ([7.8, 9.0], [6, 9]),
        ([3.6], [3]),  # halfway to a triplet's second, which is rarer
        ([0.2, 3.6, 7.4], [0, 4, 8]),
        ([0.0, 3.4, 6.2, 8.6], [0, 3, 6, 9]),
        ([1.5, 7.0], [0, 6]),
    ],
)
def test_in_fast_music_the_commoner_shape_wins_where_two_are_near(
    onsets: list[float], commoner: list[int]
):
    assert quantise(onsets, 200) == commoner


@given(st.sampled_from([[0], [6], [0, 6]]), TEMPOS)
def test_what_swings_at_a_tempo_is_read_straight_at_that_tempo(ticks: list[int], bpm: float):
    played = swung(ticks, swing_share(bpm))
    assert quantise([pulse / PULSES_PER_TICK for pulse in played], bpm) == ticks


@given(TICKS)
def test_straightening_touches_swung_pairs_alone_and_once(ticks: list[int]):
    straight = straighten(ticks)
    expected = [6 if tick in (7, 8) else tick for tick in ticks] if is_swung(ticks) else ticks
    assert straight == expected
    assert straighten(straight) == straight


@given(TICKS, st.floats(0.5, 0.75))
def test_swing_moves_the_off_beat_of_a_pair_and_nothing_else(ticks: list[int], share: float):
    pulses = swung(ticks, share)
    grid = [tick * PULSES_PER_TICK for tick in ticks]
    if set(ticks) <= {0, 6}:
        grid = [round(share * PULSES_PER_BEAT) if tick else 0 for tick in ticks]
    assert pulses == grid
    assert all(0 <= pulse < PULSES_PER_BEAT for pulse in pulses)


@given(TEMPOS, TEMPOS)
def test_swing_goes_straight_as_the_tempo_rises(bpm: float, other: float):
    slow, fast = sorted((bpm, other))
    assert 0.6 >= swing_share(slow) >= swing_share(fast) >= 0.5


def test_swing_has_the_measured_shares():
    assert swing_share(60) == swing_share(90) == pytest.approx(0.6)
    assert swing_share(180) == pytest.approx(0.57)
    assert swing_share(390) == swing_share(400) == pytest.approx(0.5)
