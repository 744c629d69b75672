"""Laws of the speaker: its tokens are the cell's argmax one after the other, whatever the beats."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.course.speaker import Speaker
from improvd.core.course.tokens import TokenVocabulary
from improvd.core.music import HOLD, REST
from improvd.core.network.cell import Cell
from tests.harness.course import TEXTS
from tests.harness.drawn import drawn_weights

VOCABULARY = TokenVocabulary(TEXTS)
SEEDS = st.integers(0, 50)
OPENINGS = st.lists(st.integers(0, len(VOCABULARY) - 1), max_size=8)


def speaker(drawn: int, **how) -> Speaker:
    return Speaker(Cell(drawn_weights(drawn, len(VOCABULARY), 8)), VOCABULARY, **how)


def alone(who: Speaker, beats: int) -> list[int]:
    """The values of so many beats by itself."""
    values = []
    for _ in range(beats):
        who.step(values[-1] if values else who.x)
        values.append(who.pick())
        who.emit(values[-1])
    return values


def tokens_in(values: list[int]) -> list[int]:
    return [token for value in values for token in VOCABULARY.fill(value).tokens]


def argmax(seed: int, opening: list[int], count: int) -> list[int]:
    """The course's loop: each argmax is the next input."""
    cell = Cell(drawn_weights(seed, len(VOCABULARY), 8))
    for x in (None, *opening):
        cell.step(x)
    tokens = []
    for _ in range(count):
        tokens.append(int(cell.logits.argmax()))
        cell.step(tokens[-1])
    return tokens


@given(SEEDS, OPENINGS)
def test_its_tokens_are_those_of_the_course(seed: int, opening: list[int]):
    who = speaker(seed)
    who.open(opening)
    tokens = tokens_in(alone(who, 64))
    assert tokens == argmax(seed, opening, len(tokens))
    assert len(tokens) > 16


@given(SEEDS)
def test_they_fill_the_beats(seed: int):
    values = alone(speaker(seed), 64)
    assert values == list(islice(VOCABULARY.beats(argmax(seed, [], 64 * 9)), 64))


@given(SEEDS)
def test_one_a_beat_if_that_is_wished(seed: int):
    values = alone(speaker(seed, one_a_beat=True), 32)
    assert tokens_in(values) == argmax(seed, [], 32)
    assert all(VOCABULARY.fill(value).start == 0 for value in values)


@given(SEEDS, st.sampled_from([0.0, 1e-30, 0.3, 1.0, 5.0]), st.integers(0, 40))
def test_a_twin_restored_from_a_snapshot_goes_on_to_the_bit(seed, temperature, beats):
    who, twin = (speaker(seed, temperature=temperature, seed=3) for _ in range(2))
    values = alone(who, beats)
    twin.restore(who.memory())

    def on(each: Speaker) -> list[int]:
        went = [values[-1]] if values else [REST]
        for _ in range(20):
            each.step(went[-1])
            went.append(each.pick())
        return went

    assert on(twin) == on(who)


@given(SEEDS, st.integers(0, 40))
def test_picking_and_foreseeing_change_nothing(seed: int, beats: int):
    asked, left_alone = speaker(seed), speaker(seed)
    before: int | None = None
    for value in alone(left_alone, beats):
        asked.step(before)
        assert asked.pick() == value
        before = value
        asked.foresee(value)
    np.testing.assert_array_equal(asked.memory().state.a, left_alone.memory().state.a)


@given(SEEDS)
def test_what_is_foreseen_comes_true_if_nobody_plays(seed: int):
    who = speaker(seed)
    who.step(None)
    value = who.pick()
    for _ in range(20):
        foreseen = who.foresee(value)
        who.step(value)
        value = who.pick()
        assert value == foreseen


def test_a_musicians_rest_is_a_token_and_a_held_note_is_none():
    who = speaker(1)
    before = who.memory().state
    who.step(HOLD)
    np.testing.assert_array_equal(who.memory().state.a, before.a)
    who.step(REST)
    stepped = Cell(drawn_weights(1, len(VOCABULARY), 8))
    stepped.step(TEXTS.index("R,1.000"))
    np.testing.assert_array_equal(who.memory().state.a, stepped.state().a)


def test_a_snapshot_of_another_shape_is_refused():
    other = Speaker(Cell(drawn_weights(1, len(VOCABULARY), 12)), VOCABULARY)
    with pytest.raises(ValueError, match="shape"):
        speaker(1).restore(other.memory())
