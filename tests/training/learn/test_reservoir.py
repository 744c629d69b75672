"""A reservoir beside a cell: what it adds, that it never comes to rest, and grows no difference."""

import numpy as np
import pytest

from improvd.core.music import HOLD, REST
from improvd.core.network.cell import Cell
from improvd.training.learn.reservoir import GUMBEL, as_loud_as_gumbel, rotating
from tests.harness.drawn import drawn_weights

N_VALUES = 12
UNITS = 32


def one_hot(values):
    return np.eye(N_VALUES, dtype=np.float32)[np.array(values)]


def figures(count, beats, seed=0):
    return np.random.default_rng(seed).integers(HOLD + 1, N_VALUES, (count, beats))


@pytest.fixture(scope="module")
def pairs():
    return rotating(UNITS, N_VALUES)


def test_the_logits_of_one_cell_are_those_of_both(pairs):
    own = drawn_weights(3, N_VALUES, 8)
    alone, whole = Cell(own), Cell(pairs.beside(own))
    assert (whole.n_a, whole.n_values) == (8 + UNITS, N_VALUES)
    [values] = figures(1, 200)
    [added] = pairs.logits(one_hot([values]))
    for value, more in zip(values.tolist(), added, strict=True):
        alone.step(value)
        whole.step(value)
        np.testing.assert_allclose(whole.logits, alone.logits + more, atol=1e-4)


@pytest.mark.parametrize("value", [REST, HOLD, 5])
def test_it_goes_round_whatever_is_played_and_never_the_same_way(pairs, value):
    [added] = pairs.logits(one_hot([[value] * 600]))
    latest = added[-1]
    apart = np.abs(added[300:-1] - latest).max(axis=1)
    assert apart.min() > 0.05 * np.abs(latest).max()


def test_a_small_difference_does_not_grow(pairs):
    one, other = one_hot(np.repeat(figures(1, 1000), 2, axis=0))
    other[:20] *= 1.001
    logits = pairs.logits(np.array([one, other]))
    apart = np.abs(logits[0] - logits[1]).mean(axis=1)
    assert apart[10:20].mean() > 1e-5
    assert apart[-100:].mean() < apart[10:20].mean()


def test_it_is_as_loud_as_the_noise_that_makes_a_draw_of_an_argmax(pairs):
    windows = one_hot(figures(20, 96))
    assert as_loud_as_gumbel(pairs, windows).logits(windows).std() == pytest.approx(
        GUMBEL, rel=1e-3
    )
    assert np.random.default_rng(0).gumbel(size=100_000).std() == pytest.approx(GUMBEL, rel=0.02)
