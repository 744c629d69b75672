"""Laws of the stepping cell, against Keras's own outputs and against the textbook."""

import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from improvd.core.arrays import Float32Array
from improvd.core.network.cell import Cell, State, Weights
from improvd.model import find, load
from tests.harness.drawn import drawn_weights

GOLDEN = np.load(Path(__file__).with_name("golden_cell.npz"))
GOLDEN_WEIGHTS = Weights(
    *(GOLDEN[name] for name in ("kernel", "recurrent", "bias", "dense_kernel", "dense_bias"))
)


def textbook(weights: Weights, values: Iterable[int | None]) -> Iterator[Float32Array]:
    """Probabilities of each step as the textbook has it: gate by gate, in double precision."""

    def sigmoid(z: Float32Array) -> Float32Array:
        return 1 / (1 + np.exp(-z))

    n_a = weights.n_a
    kernel, recurrent, bias, dense_kernel, dense_bias = (
        np.asarray(getattr(weights, name), dtype=np.float64)
        for name in ("kernel", "recurrent", "bias", "dense_kernel", "dense_bias")
    )
    a, c = np.zeros(n_a), np.zeros(n_a)
    for value in values:
        x = np.zeros(weights.n_values)
        if value is not None:
            x[value] = 1
        i, f, g, o = np.split(x @ kernel + a @ recurrent + bias, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        a = sigmoid(o) * np.tanh(c)
        e = np.exp(a @ dense_kernel + dense_bias)
        yield e / e.sum()


def solo(cell: Cell, beats: int, value: int | None = None) -> list[int]:
    """The values of a cell fed its own argmax."""
    values = []
    for _ in range(beats):
        cell.step(value)
        value = int(cell.logits.argmax())
        values.append(value)
    return values


@pytest.mark.parametrize("name", ["default", "course"])
def test_rounding_does_not_change_what_is_played(name):
    weights = load(find(name)).weights
    played = solo(Cell(weights), 2000)
    exact = textbook(weights, [None, *played[:-1]])
    assert [int(probabilities.argmax()) for probabilities in exact] == played


def test_a_sequence_gives_what_keras_gave():
    cell = Cell(GOLDEN_WEIGHTS)
    values = [None, *map(int, GOLDEN["values"])]
    for value, expected in zip(values, GOLDEN["probabilities"], strict=True):
        cell.step(value)
        np.testing.assert_allclose(cell.probabilities(), expected, atol=3e-6)
    np.testing.assert_allclose(cell.state().a, GOLDEN["a"], atol=1e-6)
    np.testing.assert_allclose(cell.state().c, GOLDEN["c"], atol=1e-6)


def test_a_cell_fed_its_argmax_plays_keras_solo():
    expected = GOLDEN["solo"].tolist()
    assert len(set(expected)) > 4
    assert solo(Cell(GOLDEN_WEIGHTS), len(expected)) == expected


def test_a_cell_that_loses_its_state_does_not_play_keras_solo():
    # The course's text as it circulates begins every step from a0 and c0.
    cell = Cell(GOLDEN_WEIGHTS)
    value, stateless = None, []
    for _ in GOLDEN["solo"]:
        cell.reset()
        cell.step(value)
        value = int(cell.logits.argmax())
        stateless.append(value)
    assert stateless != GOLDEN["solo"].tolist()


def test_a_thousand_steps_are_the_textbooks():
    weights = drawn_weights()
    values = [None, *map(int, np.random.default_rng(0).integers(78, size=1000))]
    cell = Cell(weights)
    for value, expected in zip(values, textbook(weights, values), strict=True):
        cell.step(value)
        np.testing.assert_allclose(cell.probabilities(), expected, atol=2e-6)


def test_logits_and_probabilities_agree():
    cell = Cell(drawn_weights())
    cell.step(3)
    e = np.exp(cell.logits.astype(np.float64) - cell.logits.max())
    np.testing.assert_allclose(cell.probabilities(), e / e.sum(), atol=1e-7)
    assert cell.probabilities().dtype == cell.logits.dtype == np.float32


def test_probabilities_of_enormous_logits_are_still_probabilities():
    weights = drawn_weights(n_values=5, n_a=3)
    loud = Weights(
        weights.kernel,
        weights.recurrent,
        weights.bias,
        weights.dense_kernel,
        [0, 5000, -5000, 0, 4999],
    )
    cell = Cell(loud)
    cell.step(None)
    assert np.isfinite(cell.probabilities()).all()
    assert cell.probabilities().sum() == pytest.approx(1)


def test_the_state_is_kept_for_as_long_as_the_cell_lives():
    # The same input twice: only what came before can make a difference.
    cell = Cell(drawn_weights())
    cell.step(7)
    first = cell.logits.copy()
    cell.step(7)
    assert not np.allclose(first, cell.logits)


def test_no_input_is_the_zero_vector_and_no_value():
    weights = drawn_weights(n_values=5, n_a=3)
    cell = Cell(weights)
    cell.step(None)
    np.testing.assert_allclose(cell.probabilities(), next(textbook(weights, [None])), atol=1e-6)


def test_a_restored_state_goes_on_to_the_bit():
    weights = drawn_weights()
    cell = Cell(weights)
    values = solo(cell, 200)
    state = cell.state()
    expected = solo(cell, 200, values[-1])
    logits = cell.logits.copy()

    other = Cell(weights)
    solo(other, 33)
    other.restore(state)
    assert solo(other, 200, values[-1]) == expected
    assert other.logits.tobytes() == logits.tobytes()
    assert other.state().c.tobytes() == cell.state().c.tobytes()


def test_restoring_brings_back_the_logits_too():
    cell = Cell(drawn_weights())
    solo(cell, 20)
    state, logits = cell.state(), cell.logits.tobytes()
    solo(cell, 20)
    cell.restore(state)
    assert cell.logits.tobytes() == logits


def test_a_state_taken_is_not_changed_by_later_steps():
    cell = Cell(drawn_weights())
    cell.step(5)
    state = cell.state()
    a, c = state.a.tobytes(), state.c.tobytes()
    cell.step(6)
    assert (state.a.tobytes(), state.c.tobytes()) == (a, c)
    with pytest.raises(ValueError, match="read-only"):
        state.a[0] = 1


def test_reset_is_a_new_cell():
    weights = drawn_weights()
    cell = Cell(weights)
    expected = solo(cell, 50)
    cell.reset()
    assert solo(cell, 50) == expected


@pytest.mark.parametrize("n_a", [63, 65, 0])
def test_a_state_of_another_size_is_refused_and_changes_nothing(n_a: int):
    cell = Cell(drawn_weights())
    cell.step(5)
    before = cell.logits.tobytes()
    with pytest.raises(ValueError, match=r"shape \(\d+,\), where \(64,\) is due"):
        cell.restore(State(np.zeros(64), np.zeros(n_a)))
    with pytest.raises(ValueError, match=r"shape \(\d+,\), where \(64,\) is due"):
        cell.restore(State(np.zeros(n_a), np.zeros(64)))
    cell.restore(cell.state())
    assert cell.logits.tobytes() == before


def test_a_state_with_nan_is_refused():
    cell = Cell(drawn_weights())
    with pytest.raises(ValueError, match="c holds a number that is not finite"):
        cell.restore(State(np.zeros(64), np.full(64, np.nan)))


@pytest.mark.parametrize("value", [-1, 78, 1000])
def test_what_is_no_value_is_refused_and_changes_nothing(value: int):
    cell = Cell(drawn_weights())
    cell.step(5)
    state = cell.state()
    with pytest.raises(ValueError, match="has 0 to 77"):
        cell.step(value)
    assert cell.state().a.tobytes() == state.a.tobytes()


def test_a_step_allocates_nothing_that_stays():
    cell = Cell(drawn_weights())
    solo(cell, 10)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        for value in range(78):
            cell.step(value)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < 4 * 64  # less than the smallest array of a step


@pytest.mark.parametrize("name", ["kernel", "recurrent", "bias", "dense_kernel", "dense_bias"])
def test_weights_name_the_array_that_is_wrong(name: str):
    arrays = {field: GOLDEN[field] for field in GOLDEN_WEIGHTS.__dataclass_fields__}
    for wrong in (np.nan, np.inf):
        damaged = arrays[name].copy()
        damaged.flat[3] = wrong
        with pytest.raises(ValueError, match=f"^{name} holds a number that is not finite"):
            Weights(**{**arrays, name: damaged})
    with pytest.raises(ValueError, match=r"has shape \(.*\), where \(.*\) is due"):
        Weights(**{**arrays, name: arrays[name][..., :-1]})
    with pytest.raises(ValueError, match=r"has shape \(.*\), where \(.*\) is due"):
        Weights(**{**arrays, name: arrays[name][None]})


def test_weights_without_units_or_values_are_refused():
    with pytest.raises(ValueError, match="dense_kernel has shape"):
        Weights(np.zeros((0, 4)), np.zeros((1, 4)), np.zeros(4), np.zeros((1, 0)), np.zeros(0))


def test_weights_are_copies_that_nobody_can_write_to():
    kernel = GOLDEN["kernel"].copy()
    arrays = {field: GOLDEN[field] for field in GOLDEN_WEIGHTS.__dataclass_fields__}
    weights = Weights(**{**arrays, "kernel": kernel})
    kernel[:] = 0
    assert weights.kernel.any()
    with pytest.raises(ValueError, match="read-only"):
        weights.kernel[0, 0] = 1


def test_sizes_are_read_from_the_weights():
    assert (GOLDEN_WEIGHTS.n_values, GOLDEN_WEIGHTS.n_a) == (16, 12)
    cell = Cell(GOLDEN_WEIGHTS)
    assert (cell.n_values, cell.n_a, cell.logits.shape) == (16, 12, (16,))
