"""Choosing a vocabulary: the figures that, sung in place of what was played, change music least.

Coverage alone picks average figures, and every solo sung through them grows stepwise and diatonic.
So a figure that stands for another also pays for the movement and the chromatic notes it loses.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from improvd.core.harmony import Harmony
from improvd.core.ladder import Ladder, ladder
from improvd.core.vocabulary import FIRST_FIGURE, BeatNote, Figure, Vocabulary
from improvd.training.corpus import Beat, Piece, beats_of

COMMONEST = 4000
PRICE_OF_LOST_MOVEMENT = 0.4
PRICE_OF_A_LOST_CHROMATIC = 1.5
_MOST_STEPS = 20

# Figures are compared on a scale of even steps as wide as a scale's are on average, so that none
# depends on the degree it starts from: the melodic minor scale, from its fifth up.
_REFERENCE = ladder((0, 2, 3, 5, 7, 9, 11))
_START = 67


def figure_of(notes: Sequence[BeatNote], ladder: Ladder, previous: int) -> Figure:
    """The figure these notes are, exactly but where a rung and its semitone miss a pitch."""
    figure = []
    rung = ladder.rung(previous)
    for note in notes:
        target = ladder.rung(note.pitch)
        figure.append((note.tick, target - rung, int(note.pitch != ladder.pitch(target))))
        rung = target
    return tuple(figure)


def figures_of(beats: Sequence[Beat], harmonies: Sequence[Harmony], start: int) -> list[Figure]:
    """The figure of each beat that has notes."""
    figures = []
    previous = start
    for beat, harmony in zip(beats, harmonies, strict=True):
        if beat.notes:
            figures.append(figure_of(beat.notes, harmony.ladder, previous))
            previous = beat.notes[-1].pitch
    return figures


def count_figures(pieces: Iterable[Piece]) -> Counter[Figure]:
    """How often each figure is played in these pieces."""
    counts: Counter[Figure] = Counter()
    for piece in pieces:
        figures = figures_of(beats_of(piece), piece.harmonies, piece.start)
        counts.update(f for f in figures if all(abs(step) <= _MOST_STEPS for _, step, _ in f))
    return counts


def choose(counts: Counter[Figure], n_values: int) -> Vocabulary:
    """The vocabulary of n values that covers these figures best, the most useful figure first.

    Greedy k-medoids: each figure taken is the one that most lessens the summed price, over all
    the beats played, of singing the nearest taken figure instead. The same counts give the same
    vocabulary.
    """
    common = sorted(counts, key=lambda figure: (-counts[figure], figure))[:COMMONEST]
    weights = np.array([counts[figure] for figure in common], dtype=np.float32)
    prices = _prices(common)
    nearest = np.full(len(common), prices.max(), dtype=np.float32)
    taken: list[int] = []
    for _ in range(min(n_values - FIRST_FIGURE, len(common))):
        gains = np.maximum(nearest[:, None] - prices, 0.0).T @ weights
        gains[taken] = -1.0
        taken.append(int(gains.argmax()))
        nearest = np.minimum(nearest, prices[:, taken[-1]])
    return Vocabulary(common[i] for i in taken)


def _prices(figures: Sequence[Figure]) -> npt.NDArray[np.float32]:
    """What it costs to sing the figure of a column for that of a row, (figures, figures)."""
    everything = Vocabulary(figures)
    movement = np.array([sum(abs(step) for _, step, _ in f) for f in figures], dtype=np.float32)
    chromatics = np.array([sum(c for _, _, c in f) for f in figures], dtype=np.float32)
    prices = np.empty((len(figures), len(figures)), dtype=np.float32)
    for row in range(len(figures)):
        notes = everything.decode(row + FIRST_FIGURE, _REFERENCE, _START)
        prices[row] = everything.distance(notes, _REFERENCE, _START)
        prices[row] += PRICE_OF_LOST_MOVEMENT * np.abs(movement[row] - movement)
        prices[row] += PRICE_OF_A_LOST_CHROMATIC * np.abs(chromatics[row] - chromatics)
    return prices
