"""Laws of the vocabulary: what a value means, and which value a heard beat is nearest to."""

import json
import re
from collections.abc import Sequence
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.harmony.ladder import Ladder, ladder
from improvd.core.music import HOLD, REST
from improvd.core.network.vocabulary import (
    FIRST_FIGURE,
    BeatNote,
    Register,
    Vocabulary,
)
from tests.harness.drawn import LADDERS, PITCHES, VOCABULARIES, beats, registers

C_MAJOR = ladder([0, 2, 4, 5, 7, 9, 11])


_LEAVES = st.integers(-2, 12) | st.sampled_from(["", "rest", 0.5, True, None])


def edit_distance(heard: Sequence[BeatNote], figure: Sequence[BeatNote], previous: int) -> float:
    """The price of hearing these notes as those, by its definition, one cell at a time."""

    def direction(notes: Sequence[BeatNote], index: int) -> int:
        move = notes[index].pitch - (notes[index - 1].pitch if index else previous)
        return (move > 0) - (move < 0)

    def match(i: int, j: int) -> float:
        price = 0.4 * abs(heard[i].tick - figure[j].tick)
        price += 0.3 * sqrt(abs(heard[i].pitch - figure[j].pitch))
        return price + 0.25 * (direction(heard, i) * direction(figure, j) == -1)

    costs = {(0, 0): 0.0}
    for i in range(len(heard) + 1):
        for j in range(len(figure) + 1):
            if i and j:
                costs[i, j] = costs[i - 1, j - 1] + match(i - 1, j - 1)
            if i:
                costs[i, j] = min(costs.get((i, j), 1e9), costs[i - 1, j] + 2.0)
            if j:
                costs[i, j] = min(costs.get((i, j), 1e9), costs[i, j - 1] + 2.0)
    return costs[len(heard), len(figure)]


# -- from value to notes and back ------------------------------------------------------------


@given(st.data(), VOCABULARIES, LADDERS, PITCHES)
def test_encoding_inverts_decoding(
    data: st.DataObject, vocabulary: Vocabulary, steps: Ladder, previous: int
):
    value = data.draw(st.integers(FIRST_FIGURE, len(vocabulary) - 1))
    notes = vocabulary.decode(value, steps, previous)
    same = [v for v in range(2, value + 1) if vocabulary.decode(v, steps, previous) == notes]
    assert vocabulary.encode(notes, steps, previous) == same[0]
    assert vocabulary.distance(notes, steps, previous)[value - FIRST_FIGURE] == 0


@given(VOCABULARIES, LADDERS, PITCHES, beats())
def test_all_distances_at_once_are_the_edit_distances_one_by_one(
    vocabulary: Vocabulary, steps: Ladder, previous: int, heard: list[BeatNote]
):
    one_by_one = [
        edit_distance(heard, vocabulary.decode(value, steps, previous), previous)
        for value in range(FIRST_FIGURE, len(vocabulary))
    ]
    at_once = vocabulary.distance(heard, steps, previous)
    np.testing.assert_allclose(at_once, one_by_one, rtol=0, atol=1e-9)
    assert vocabulary.encode(heard, steps, previous) == FIRST_FIGURE + at_once.argmin()


def test_a_figure_goes_on_from_the_previous_note_by_steps_of_the_ladder():
    vocabulary = Vocabulary([[[0, 1, 0], [4, 2, 0], [8, -1, 1]]])
    in_c = vocabulary.decode(2, C_MAJOR, 60)
    assert in_c == [BeatNote(0, 62), BeatNote(4, 65), BeatNote(8, 65)]
    pentatonic = vocabulary.decode(2, ladder([0, 2, 4, 7, 9]), 60)
    assert pentatonic == [BeatNote(0, 62), BeatNote(4, 67), BeatNote(8, 65)]


def test_a_figure_goes_on_from_the_rung_under_a_chromatic_note():
    assert Vocabulary([[[0, 1, 0]]]).decode(2, C_MAJOR, 61) == [BeatNote(0, 62)]


def test_rest_and_hold_strike_nothing():
    vocabulary = Vocabulary([[[0, 0, 0]]])
    for value in (REST, HOLD):
        assert vocabulary.decode(value, C_MAJOR, 60) == []


def test_of_two_notes_as_far_off_the_one_that_moves_the_same_way_is_nearer():
    down, up = [[0, -1, 0]], [[0, 3, 0]]
    for vocabulary in (Vocabulary([down, up]), Vocabulary([up, down])):
        heard = vocabulary.encode([BeatNote(0, 62)], C_MAJOR, 60)
        assert vocabulary.decode(heard, C_MAJOR, 60) == [BeatNote(0, 65)]


def test_of_equally_near_values_the_lower_wins():
    e_sharp, f = [[0, 0, 1]], [[0, 1, 0]]
    for vocabulary in (Vocabulary([e_sharp, f]), Vocabulary([f, e_sharp])):
        assert vocabulary.encode([BeatNote(0, 65)], C_MAJOR, 64) == 2


# -- the register ----------------------------------------------------------------------------


@given(registers(), st.integers(-36, 163))
def test_folding_moves_a_pitch_into_the_register_by_whole_octaves(register: Register, pitch: int):
    folded = register.fold(pitch)
    assert folded in register
    assert (folded - pitch) % 12 == 0
    assert (folded == pitch) == (pitch in register)


@given(registers(), st.integers(-36, 163))
def test_folding_moves_no_farther_than_it_must(register: Register, pitch: int):
    octaves = range(pitch % 12, 128, 12)
    nearest = min((p for p in octaves if p in register), key=lambda p: abs(p - pitch))
    assert register.fold(pitch) == nearest


@given(st.data(), VOCABULARIES, LADDERS, PITCHES, registers(), st.booleans())
def test_a_line_stays_in_its_register(  # noqa: PLR0917 - hypothesis fills them in
    data: st.DataObject,
    vocabulary: Vocabulary,
    steps: Ladder,
    previous: int,
    register: Register,
    fresh: bool,
):
    value = data.draw(st.integers(FIRST_FIGURE, len(vocabulary) - 1))
    notes = vocabulary.decode(value, steps, previous, register, fresh=fresh)
    assert all(note.pitch in register for note in notes)
    assert [note.tick for note in notes] == [tick for tick, _, _ in vocabulary.figure(value)]


@given(st.data(), VOCABULARIES, LADDERS, PITCHES, st.booleans())
def test_a_register_changes_nothing_of_a_line_inside_it(
    data: st.DataObject, vocabulary: Vocabulary, steps: Ladder, previous: int, fresh: bool
):
    value = data.draw(st.integers(FIRST_FIGURE, len(vocabulary) - 1))
    free = vocabulary.decode(value, steps, previous)
    if all(0 <= note.pitch <= 127 for note in free):
        assert vocabulary.decode(value, steps, previous, Register(0, 127), fresh=fresh) == free


def test_a_step_out_of_the_register_is_mirrored_inside_a_phrase_and_an_octave_lower_after_a_rest():
    vocabulary = Vocabulary([[[0, 3, 0], [6, 1, 0]]])
    register = Register(60, 79)
    inside = vocabulary.decode(2, C_MAJOR, 76, register)
    assert [note.pitch for note in inside] == [71, 72]
    fresh = vocabulary.decode(2, C_MAJOR, 76, register, fresh=True)
    assert [note.pitch for note in fresh] == [69, 71]


@pytest.mark.parametrize(("low", "high"), [(60, 71), (79, 55), (-1, 40), (100, 128)])
def test_a_register_holds_every_pitch_class_and_no_pitch_beyond_midi(low: int, high: int):
    with pytest.raises(ValueError, match=f"not from {low} to {high}"):
        Register(low, high)


def test_a_line_starts_from_the_middle_of_its_register():
    assert Register(55, 79).middle == 67


# -- the vocabulary as data ------------------------------------------------------------------


@given(VOCABULARIES)
def test_indices_and_values_invert_each_other(vocabulary: Vocabulary):
    assert len(vocabulary) == len(vocabulary.indices_values) == len(vocabulary.onsets)
    assert vocabulary.indices_values[REST] == "rest"
    assert vocabulary.indices_values[HOLD] == "hold"
    for index, value in vocabulary.indices_values.items():
        assert vocabulary.values_indices[value] == index
        assert vocabulary.onsets[index] == len(vocabulary.figure(index))


@given(VOCABULARIES)
def test_json_keeps_a_vocabulary_and_its_id(vocabulary: Vocabulary):
    again = Vocabulary.from_json(vocabulary.to_json())
    assert again.figures == vocabulary.figures
    assert again.id == vocabulary.id


def test_another_order_is_another_vocabulary():
    one, other = [[0, 0, 0]], [[0, 1, 0]]
    assert Vocabulary([one, other]).id != Vocabulary([other, one]).id


@pytest.mark.parametrize(
    ("figures", "complaint"),
    [
        ([], "at least one figure"),
        ([[]], "a list of notes, not []"),
        (["rest"], "a list of notes, not 'rest'"),
        ([7], "a list of notes, not 7"),
        ([[[0]]], "[tick, step, chromatic] or [tick, contour], not [0]"),
        ([[[0, 1], [6, 1, 0]]], "all of steps or all of contours"),
        ([[[0, 1]], [[6, 1, 0]]], "all of steps or all of contours"),
        ([[[0, 6]]], "out of range: [0, 6]"),
        ([["abc"]], "[tick, step, chromatic] or [tick, contour], not 'abc'"),
        ([[[0, 0.5, 0]]], "[tick, contour], not [0, 0.5, 0]"),
        ([[[False, 0, 0]]], "[tick, contour], not [False, 0, 0]"),
        ([[[12, 0, 0]]], "the ticks of a figure ascend from 0 to 11"),
        ([[[-1, 0, 0]]], "the ticks of a figure ascend from 0 to 11"),
        ([[[6, 0, 0], [6, 1, 0]]], "the ticks of a figure ascend from 0 to 11"),
        ([[[0, 25, 0]]], "out of range: [0, 25, 0]"),
        ([[[0, 0, 2]]], "out of range: [0, 0, 2]"),
        ([[[0, 0, 0]], [[0, 0, 0]]], "each figure once"),
    ],
)
def test_what_no_beat_can_hold_is_refused(figures: list[object], complaint: str):
    with pytest.raises(ValueError, match=re.escape(complaint)) as refused:
        Vocabulary.from_json(json.dumps(figures))
    assert "\n" not in str(refused.value)


@given(st.text() | st.recursive(_LEAVES, st.lists, max_leaves=8).map(json.dumps))
def test_any_text_is_a_vocabulary_or_a_value_error(text: str):
    try:
        vocabulary = Vocabulary.from_json(text)
    except ValueError:
        return
    assert Vocabulary.from_json(vocabulary.to_json()).id == vocabulary.id
