"""How well music is foreseen, solo by solo: by a cell, by bigrams, by how common its values are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from improvd.core.arrays import Float64Array
from improvd.core.network.cell import Weights
from improvd.training.measure.evaluate import bits, foresight

# Beats of prior that the values' shares have in a bigram's row; the best on solos to choose by.
PRIORS = (5.0, 10.0, 20.0, 40.0, 80.0, 160.0)

Books = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """How well solos are foreseen: bits a beat and share of beats guessed, (solos,) each.

    `beats` (solos,) are their weights in a mean over beats.
    """

    bits: Float64Array
    top: Float64Array
    beats: Float64Array

    @property
    def mean_bits(self) -> float:
        """Bits a beat over all beats."""
        return float(np.average(self.bits, weights=self.beats))

    @property
    def mean_top(self) -> float:
        """Share of all beats guessed."""
        return float(np.average(self.top, weights=self.beats))


class Bigram:
    """What follows what, in a corpus: rows smoothed with so many beats of the values' shares."""

    def __init__(self, books: Books, shares: npt.NDArray[np.floating]) -> None:
        self._shares = shares.astype(float) / float(shares.sum())
        self._counts = np.zeros((len(shares), len(shares)))
        for values in books:
            np.add.at(self._counts, (values[:-1], values[1:]), 1.0)

    def unigram(self) -> Float64Array:
        """The same for a corpus without order: every row the values' shares."""
        return np.tile(self._shares, (len(self._shares), 1))

    def rows(self, prior: float) -> Float64Array:
        """The probability of a column's value after that of a row, (n_values, n_values)."""
        rows = self._counts + prior * self._shares
        smoothed: Float64Array = rows / rows.sum(axis=1, keepdims=True)
        return smoothed


def by_solo(books: Books, foresee: Callable[[Sequence[int]], tuple[float, float]]) -> Foreseen:
    """How well each book is foreseen; `foresee` gives bits a beat and the share guessed."""
    each = np.array([foresee(values) for values in books])
    beats = np.array([len(values) for values in books], dtype=float)
    return Foreseen(each[:, 0], each[:, 1], beats)


def by_rows(rows: Float64Array) -> Callable[[Sequence[int]], tuple[float, float]]:
    """Foreseeing a value from the one before by a table of probabilities; 0, a rest, at first."""

    def foresee(values: Sequence[int]) -> tuple[float, float]:
        before = np.array([0, *values[:-1]])
        due = np.array(values)
        nats = -np.log(rows[before, due]).mean()
        return bits(float(nats)), float((rows[before].argmax(axis=1) == due).mean())

    return foresee


def compare(
    cell: Weights, learned: Books, shares: npt.NDArray[np.floating], chosen_by: Books, scored: Books
) -> dict[str, Foreseen]:
    """Foresee the solos for scoring by the cell, by bigrams, and by the values' shares alone.

    None of the three has learned from them; the bigrams' prior is the best on those of the choice.
    """
    bigram = Bigram(learned, shares)
    prior = min(PRIORS, key=lambda p: by_solo(chosen_by, by_rows(bigram.rows(p))).mean_bits)
    return {
        "this model": by_solo(scored, lambda values: foresight(cell, [values])),
        "bigram": by_solo(scored, by_rows(bigram.rows(prior))),
        "unigram": by_solo(scored, by_rows(bigram.unigram())),
    }
