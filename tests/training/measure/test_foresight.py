"""Laws of foreseeing: what is certain costs nothing, what is even costs its logarithm."""

import numpy as np
import pytest

from improvd.core.network.cell import Weights
from improvd.training.measure.foresight import Bigram, by_rows, by_solo, compare

TURNS = [[1, 2, 3, 0] * 50]  # the value before the first counts as a rest, 0
EVEN = np.full(4, 0.25)


def test_a_bigram_foresees_what_always_follows_and_a_unigram_does_not():
    bigram = Bigram(TURNS, EVEN)
    follows = by_solo(TURNS, by_rows(bigram.rows(0.01)))
    assert follows.mean_bits < 0.01
    assert follows.mean_top == 1.0
    shares = by_solo(TURNS, by_rows(bigram.unigram()))
    assert shares.mean_bits == pytest.approx(2.0)
    assert shares.mean_top == pytest.approx(0.25)


def test_rows_are_probabilities_and_unseen_values_have_their_share():
    rows = Bigram([[0, 1]], EVEN).rows(4.0)
    np.testing.assert_allclose(rows.sum(axis=1), 1.0)
    np.testing.assert_allclose(rows[3], EVEN)
    assert rows[0, 1] == pytest.approx(2 / 5)


def test_long_solos_weigh_more_in_the_mean_than_short_ones():
    foreseen = by_solo([[0] * 30, [0] * 10], lambda values: (len(values) / 10, 0.0))
    assert foreseen.mean_bits == pytest.approx((3 * 30 + 1 * 10) / 40)
    assert foreseen.bits.tolist() == [3.0, 1.0]


def test_a_cell_that_knows_nothing_foresees_as_evenly_as_its_values():
    n_values, n_a = 4, 2
    sizes = [(n_values, 4 * n_a), (n_a, 4 * n_a), (4 * n_a,), (n_a, n_values), (n_values,)]
    cell = Weights(*(np.zeros(size, np.float32) for size in sizes))
    foreseen = compare(cell, TURNS, EVEN, TURNS, TURNS)
    assert foreseen["this model"].mean_bits == pytest.approx(2.0)
    assert foreseen["bigram"].mean_bits < foreseen["unigram"].mean_bits
