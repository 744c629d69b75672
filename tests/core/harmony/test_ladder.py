"""Laws of the ladder."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.harmony.ladder import Ladder, ladder
from tests.harness.drawn import LADDERS, PITCHES


@given(LADDERS, PITCHES)
def test_a_pitch_stands_on_the_highest_rung_at_or_below_it(steps: Ladder, pitch: int):
    rung = steps.rung(pitch)
    assert steps.pitch(rung) <= pitch < steps.pitch(rung + 1)


@given(LADDERS, PITCHES)
def test_the_rungs_are_the_pitches_of_its_classes(steps: Ladder, pitch: int):
    on_a_rung = steps.pitch(steps.rung(pitch)) == pitch
    assert on_a_rung == (pitch % 12 in steps.pitch_classes)


@given(LADDERS, PITCHES)
def test_as_many_steps_as_classes_are_an_octave(steps: Ladder, pitch: int):
    rung = steps.rung(pitch)
    for octave in (-1, 1):
        there = steps.pitch(rung + octave * len(steps.pitch_classes))
        assert there == steps.pitch(rung) + 12 * octave


@given(LADDERS)
def test_rungs_ascend(steps: Ladder):
    assert all(low < high for low, high in pairwise(steps.rungs))


@given(LADDERS, PITCHES)
def test_a_chromatic_note_is_a_semitone_above_its_rung(steps: Ladder, pitch: int):
    rung = steps.rung(pitch)
    assert steps.pitch(rung, 1) == steps.pitch(rung) + 1


@given(LADDERS, st.integers(0, 10**6))
def test_past_its_ends_the_last_rung_stands(steps: Ladder, beyond: int):
    assert steps.pitch(-1 - beyond) == steps.rungs[0]
    assert steps.pitch(len(steps.rungs) + beyond) == steps.rungs[-1]


@given(st.lists(st.integers(-40, 150), min_size=1))
def test_order_octave_and_repetition_of_the_classes_do_not_matter(pitches: list[int]):
    assert ladder(pitches) is ladder({pitch % 12 for pitch in pitches})


def test_no_pitch_class_is_refused():
    with pytest.raises(ValueError, match="at least one pitch class"):
        ladder([])


def test_a_shared_ladder_cannot_be_changed():
    steps = ladder([0, 4, 7])
    for array in (steps.rungs, steps.rung_of):
        with pytest.raises(ValueError, match="read-only"):
            np.add(array, 1, out=array)
