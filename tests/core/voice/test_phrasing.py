"""Laws of how long and how loud a note is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.voice.phrasing import (
    EVEN,
    LEVELS_DB,
    LearnedTouch,
    Place,
    Stroke,
    last_length,
    place_of,
    sounding_length,
    velocity,
)

PLAIN = {
    "octaves_above_middle": 0.0,
    "first_beat": False,
    "last_beat": False,
    "last_note": False,
    "off_beat": False,
}


@given(st.integers(1, 10_000))
def test_a_note_ends_before_the_next_one_begins(to_next: int):
    assert 1 <= sounding_length(to_next) <= to_next


def test_eighths_are_nearly_legato_and_quarters_detached():
    assert sounding_length(240) == 206  # .86
    assert sounding_length(241) == 171  # .71
    assert sounding_length(480) == 340


@given(st.integers(-100, 480))
def test_a_last_note_is_over_with_its_beat(to_beat_end: int):
    assert 1 <= last_length(to_beat_end) <= max(to_beat_end, 1)
    assert last_length(to_beat_end) <= 0.6 * 480


@given(
    st.integers(1, 127),
    st.floats(-6, 6),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_velocity_is_never_a_note_off_nor_over_127(  # noqa: PLR0917 - hypothesis fills them in
    base: int, octaves: float, first: bool, last: bool, last_note: bool, off_beat: bool
):
    loudness = velocity(
        base,
        octaves_above_middle=octaves,
        first_beat=first,
        last_beat=last,
        last_note=last_note,
        off_beat=off_beat,
    )
    assert 1 <= loudness <= 127


@pytest.mark.parametrize(
    ("circumstances", "expected"),
    [
        ({}, 90),
        ({"first_beat": True}, 94),  # +0.9 dB at five steps a dB
        ({"last_beat": True}, 82),  # -1.5
        ({"last_beat": True, "last_note": True}, 78),  # -2.5 in its place
        ({"off_beat": True}, 86),  # -0.7
        ({"octaves_above_middle": 1.0}, 94),
        ({"octaves_above_middle": -1.0}, 86),
        ({"first_beat": True, "off_beat": True}, 91),
    ],
)
def test_velocity_follows_the_phrase(circumstances: dict[str, float], expected: int):
    assert velocity(90, **{**PLAIN, **circumstances}) == expected


# -- the learned touch -----------------------------------------------------------------------

STROKES = st.builds(
    Stroke,
    st.sampled_from(Place),
    st.floats(-6, 6),
    st.floats(0, 2),
    st.integers(-4 * 480, 10**7),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
SEEDS = st.integers(0, 2**63 - 1)


def stroke(pulse: int, place: Place = Place.RISING, octaves: float = 0.0) -> Stroke:
    return Stroke(place, octaves, 0.5, pulse, first_beat=False, last_beat=False, off_beat=False)


@given(SEEDS, st.floats(1, 127), STROKES)
def test_it_draws_a_velocity_and_always_the_same(seed: int, base: float, struck: Stroke):
    drawn = LearnedTouch(seed).velocity(base, struck)
    assert 1 <= drawn <= 127
    assert LearnedTouch(seed).velocity(base, struck) == drawn


@pytest.mark.parametrize("place", Place)
def test_notes_stray_as_far_as_those_of_soloists(place: Place):
    """In the middle of the range, where no velocity is cut."""
    touch = LearnedTouch(5)
    drawn = [touch.velocity(60, stroke(120 * n, place)) for n in range(20_000)]
    decibels = 40 * np.log10(np.array(drawn) / 60)
    shares = np.linspace(0, 1, len(LEVELS_DB[place]))[1:-1]
    assert np.quantile(decibels, shares) == pytest.approx(LEVELS_DB[place][1:-1], abs=0.5)


def test_neighbours_are_more_alike_than_notes_bars_apart():
    touch = LearnedTouch(5)
    decibels = np.array([np.log10(touch.velocity(60, stroke(240 * n))) for n in range(20_000)])
    near, far = (np.corrcoef(decibels[:-lag], decibels[lag:])[0, 1] for lag in (1, 32))
    assert 0.15 < near < 0.3
    assert abs(far) < 0.05


def test_other_seeds_stray_otherwise():
    drawn = {
        tuple(LearnedTouch(seed).velocity(60, stroke(n)) for n in range(8)) for seed in range(50)
    }
    assert len(drawn) == 50


def test_a_higher_note_is_louder():
    touch = LearnedTouch()
    assert touch.velocity(60, stroke(0, octaves=1.0)) > touch.velocity(60, stroke(0))


@given(st.integers(1, 127), st.floats(1, 127))
def test_its_middle_goes_towards_the_musicians(own: int, theirs: float):
    middle = LearnedTouch().base(own, theirs)
    assert min(own, theirs) - 1e-9 <= middle <= max(own, theirs) + 1e-9
    assert abs(np.log(middle / theirs)) <= 0.31 * abs(np.log(own / theirs)) + 1e-9
    assert LearnedTouch().base(own, None) == own == EVEN.base(own, theirs)


@given(st.integers(1, 480))
def test_a_last_note_lasts_a_beat_and_leaves_the_next_one_its_last_quarter(to_beat_end: int):
    assert LearnedTouch().last_length(to_beat_end) == min(480, to_beat_end + 360)


@pytest.mark.parametrize(
    ("pitch", "before", "after", "ends", "place"),
    [
        (60, None, 62, False, Place.FIRST),
        (60, None, None, True, Place.LAST),
        (60, 62, None, True, Place.LAST),
        (60, 58, 62, False, Place.RISING),
        (60, 58, None, False, Place.RISING),
        (60, 58, 60, False, Place.RISING),
        (60, 58, 59, False, Place.PEAK),
        (60, 62, 61, False, Place.VALLEY),
        (60, 62, 60, False, Place.FALLING),
        (60, 60, None, False, Place.FALLING),
    ],
)
def test_where_a_note_stands(pitch, before, after, ends, place):
    assert place_of(pitch, before, after, ends=ends) is place
