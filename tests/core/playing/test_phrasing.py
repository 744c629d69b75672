"""Laws of how long and how loud a note is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.playing.phrasing import last_length, sounding_length, velocity

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
