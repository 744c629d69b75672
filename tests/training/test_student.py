"""Laws of taking over a student's own network."""

from pathlib import Path

import keras
import numpy as np
import pytest

from improvd.core.network.cell import Cell, Weights
from improvd.core.network.vocabulary import Vocabulary
from improvd.model import Model, load, save
from improvd.training.learn.djmodel import (
    layers_of,
    music_inference_model,
    predict_and_sample,
    weights_of,
)
from improvd.training.learn.grammar import parse_token
from improvd.training.measure.evaluate import foresight, values_of
from improvd.training.student import model_from_keras, solos

TOKENS = [
    "C,0.250,<m3,m-3>",
    "S,0.250,<P4,m-2>",
    "S,0.250,<M2,d-4>",
    "C,0.500,<P4,m-2>",
    "C,0.333,<m2,P-4>",
    "S,0.333,<P5,A1>",
    "A,0.250,<d4,M-2>",
    "R,0.500",
    "R,1.000",
    "C,1.500,<m-2,d-6>",
    "S,0.667,<d1,P-5>",
    "C,0.250",
]


UNITS = 24


@pytest.fixture(scope="module")
def note_layers() -> tuple[keras.layers.LSTM, keras.layers.Dense]:
    """A student's layers that play the tokens round and round, each after the one before it.

    Written down, not learned: the gates stand wide open or shut, a unit a token says which one came
    last, and no rounding comes near to another choice.
    """
    n_values = len(TOKENS)
    unit_of = np.eye(n_values, UNITS)
    shut, ajar, wide = np.full(UNITS, -20.0), np.zeros(UNITS), np.full(UNITS, 20.0)
    weights = Weights(
        np.hstack([0 * unit_of, 0 * unit_of, 5 * unit_of, 0 * unit_of]),
        np.zeros((UNITS, 4 * UNITS)),
        np.concatenate([wide, shut, ajar, wide]),
        20 * np.roll(unit_of, 1, axis=0).T,
        np.linspace(0.5, 0, n_values),
    )
    return layers_of(weights)


def drawn_layers(n_values: int) -> tuple[keras.layers.LSTM, keras.layers.Dense]:
    draw = np.random.default_rng(4)
    weights = Weights(
        4 * draw.normal(size=(n_values, 64)),
        draw.normal(size=(16, 64)) / 4,
        draw.normal(size=64),
        3 * draw.normal(size=(16, n_values)),
        np.zeros(n_values),
    )
    return layers_of(weights)


def argmax_solo(model: Model, beats: int) -> list[int]:
    cell, value, solo = Cell(model.weights), None, []
    for _ in range(beats):
        cell.step(value)
        value = int(cell.logits.argmax())
        solo.append(value)
    return solo


def test_improvds_own_values_are_taken_over_weight_for_weight():
    vocabulary = Vocabulary([[[0, step, 0]] for step in range(-5, 5)])
    values = [*vocabulary.indices_values.values()]
    values = [*values[5:], *values[:5]]  # a student's order is the student's own
    layers = drawn_layers(len(values))
    model = model_from_keras(*layers, dict(enumerate(values)))
    _, theirs = predict_and_sample(music_inference_model(*layers, len(values), 16, Ty=60))
    solo = argmax_solo(model, 60)
    assert len(set(solo)) > 4
    named = model.vocabulary.indices_values
    assert [named[value] for value in solo] == [values[index] for index in theirs[:, 0]]


def test_values_with_rest_and_hold_in_front_stay_where_they_are():
    vocabulary = Vocabulary([[[0, step, 0]] for step in range(-5, 5)])
    layers = drawn_layers(len(vocabulary))
    model = model_from_keras(*layers, vocabulary.indices_values)
    assert model.vocabulary.id == vocabulary.id
    np.testing.assert_array_equal(model.weights.kernel, layers[0].get_weights()[0])


def test_a_network_of_single_notes_becomes_a_model_that_knows_its_solos(
    note_layers: tuple[keras.layers.LSTM, keras.layers.Dense], tmp_path: Path
):
    model = model_from_keras(*note_layers, dict(enumerate(TOKENS)), epochs=100)
    save(tmp_path / "student.safetensors", model)
    loaded = load(tmp_path / "student.safetensors")
    assert "student" in loaded.card["about"]
    assert loaded.weights.n_a == UNITS
    assert len(loaded.vocabulary) <= len(TOKENS)
    # It foresees the solos, in bits a beat, far better than who knows how often each value comes.
    pieces = solos(weights_of(*note_layers), [parse_token(token) for token in TOKENS])
    books = values_of(pieces, loaded.vocabulary)
    shares = np.bincount([value for book in books for value in book]) / sum(map(len, books))
    unlearned = -(shares[shares > 0] * np.log2(shares[shares > 0])).sum()
    learned, _ = foresight(loaded.weights, books)
    assert unlearned > 2
    assert learned < unlearned / 3
    assert any(loaded.vocabulary.figure(value) for value in argmax_solo(loaded, 64))


def test_a_solo_is_what_the_network_says_after_its_first_note(
    note_layers: tuple[keras.layers.LSTM, keras.layers.Dense],
):
    tokens = [parse_token(token) for token in TOKENS]
    weights = Weights(*note_layers[0].get_weights(), *note_layers[1].get_weights())
    pieces = solos(weights, tokens)
    assert len({piece.notes for piece in pieces}) == len(pieces) == 10  # a start each, rests apart
    cell = Cell(weights)
    cell.step(None)
    first = next(int(v) for v in np.argsort(-cell.logits) if tokens[v].kind != "R")
    onset, value, expected = 0, first, []
    while onset < 120 * 480:
        if tokens[value].kind != "R":
            expected.append((onset, tokens[value].length))
        onset += tokens[value].length
        cell.step(value)
        value = int(cell.logits.argmax())
    assert [(note.onset, note.length) for note in pieces[0].notes] == expected


def test_a_network_that_only_rests_is_refused():
    silent = ["R,0.250", "R,0.500"]
    with pytest.raises(ValueError, match="nothing but rests"):
        model_from_keras(*drawn_layers(2), dict(enumerate(silent)))


@pytest.mark.parametrize(
    ("indices_values", "problem"),
    [
        (dict(enumerate(TOKENS[:-1])), "has 11 entries, where one each is due .* 0 to 11"),
        ({str(i): token for i, token in enumerate(TOKENS)}, "by whole numbers: JSON makes strings"),
        ({token: i for i, token in enumerate(TOKENS)}, "the other way round"),
        (TOKENS, "is to be a dictionary"),
        ({"0": TOKENS[0]} | dict(enumerate(TOKENS[1:], start=1)), "has 12 entries"),
        (dict(enumerate(TOKENS, start=1)), "has 12 entries, where one each is due .* 0 to 11"),
        (dict(enumerate([*TOKENS[:-1], "C;1"])), "'C;1' is not a value of the course's"),
        (dict(enumerate(["rest", *TOKENS[1:]])), "'rest' is not a value of the course's"),
        (dict(enumerate(["rest", "hold", *TOKENS[2:]])), "figure"),
    ],
)
def test_values_that_mean_nothing_are_refused(indices_values: dict[int, object], problem: str):
    with pytest.raises(ValueError, match=problem) as error:
        model_from_keras(*drawn_layers(len(TOKENS)), indices_values)
    assert "\n" not in str(error.value)
