"""A realisation learns which moves were made, and foresees those of the same music."""

from itertools import pairwise

import numpy as np
import pytest

from improvd.core.network.contour import moves_of
from improvd.core.realising.realiser import Realiser
from improvd.core.realising.templates import SIZE
from improvd.training.learn import realising
from improvd.training.read import etudes
from improvd.training.read.corpus import beats_of

BOOK = etudes.book()[:3]


@pytest.fixture(scope="module")
def choices():
    return realising.choices(BOOK[:2])


def test_every_note_that_goes_anywhere_is_a_choice_among_the_moves_of_its_way(choices):
    moves = []
    for piece in BOOK[:2]:
        line = [note.pitch for beat in beats_of(piece) for note in beat.notes]
        moves += [after - before for before, after in pairwise(line)]
    chosen = [move for move in moves if 1 <= abs(move) <= 12]
    assert len(choices.counts) == len(chosen)
    lows = [moves_of(5 if move > 0 else -5)[0] for move in chosen]
    assert (choices.taken + lows == chosen).all()
    assert choices.speaking.shape[0] == choices.counts.sum()


def test_what_is_learned_is_likelier_than_before(choices):
    weights = realising.fit(choices, iterations=15)
    assert weights.shape == (SIZE,)
    nothing = realising.surprise(np.zeros(SIZE, dtype=np.float32), choices)
    assert nothing == pytest.approx(np.log(12))
    assert realising.surprise(weights, choices) < 0.6 * nothing
    assert realising.surprise(weights, realising.choices(BOOK[2:])) < 0.9 * nothing


def test_weights_come_back_from_their_file_and_realise(tmp_path):
    weights = np.arange(SIZE, dtype=np.float32)
    realising.save(weights, tmp_path / "weights.safetensors")
    again = realising.load(tmp_path / "weights.safetensors")
    np.testing.assert_array_equal(again, weights)
    assert Realiser(again)
