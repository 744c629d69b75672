"""What a corpus knows of each of its pieces, it knows from the others alone."""

import numpy as np
import pytest

from improvd.training.measure.baselines import foreseen_by_the_others, lines


def test_what_always_follows_is_foreseen_by_bigrams_and_not_by_single_values():
    books = [[2, 3] * 30 for _ in range(20)]
    foreseen = foreseen_by_the_others(books, 4)
    assert foreseen["bigrams"].mean_bits < 0.1
    assert foreseen["single values"].mean_bits == pytest.approx(1, abs=0.01)


def test_a_piece_says_nothing_of_itself():
    books = [[2, 3] * 30, [2, 2] * 30]
    foreseen = foreseen_by_the_others(books, 4)
    # The other has 60 beats of 2, and one is counted for each of the three it has not.
    shares = np.array([1, 1, 60, 1]) / 63
    due = -np.log2(shares[[2, 3]]).mean()
    assert foreseen["single values"].bits[0] == pytest.approx(due)


def test_one_piece_has_no_others():
    assert lines([[2, 3]], 4) == []
