"""Choosing a vocabulary: the figures through which music, sung again, stays what it was.

Coverage alone picks average figures, and every solo sung through them grows stepwise and diatonic.
So figures are chosen for two things at once: that one is near to every beat played, and that what
is sung moves, leaps, repeats and leaves the scale as often as what was played.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from improvd.core.arrays import Float32Array
from improvd.core.harmony.ladder import Ladder, ladder
from improvd.core.harmony.scales import Harmony
from improvd.core.network.contour import any_of
from improvd.core.network.tilt import MANY_NOTES
from improvd.core.network.vocabulary import FIRST_FIGURE, BeatNote, Figure, Vocabulary
from improvd.training.read.corpus import MelodyBeat, Piece, beats_of

COMMONEST = 3000
_MOST_STEPS = 20

# Figures are compared on a scale of even steps as wide as a scale's are on average, so that none
# depends on the degree it starts from: the melodic minor scale, from its fifth up.
_REFERENCE = ladder((0, 2, 3, 5, 7, 9, 11))
_START = 67


# What is kept, per note played, in the order of `_traits`, and what is aimed at as a multiple of
# what was played. A figure is sung on other degrees than it was played on: there a semitone above
# a rung is often the next rung, so more of them are due, and steps come out narrower and more often
# on the same pitch. The factors are those that bring real solos sung again back to what they were.
_AIMS = np.array([1.0, 1.1, 1.3, 0.9, 1.0, 1.0], dtype=np.float32)
# Contours are no steps, and need none.
_AIMS_OF_CONTOURS = np.ones(9, dtype=np.float32)
TRIPLETS, SIXTEENTHS = (4, 8), (3, 9)
# A trait off by all of itself weighs as much as half a missed note in each beat.
_WEIGHT_OF_TRAITS = 1.0
# Of a trait hardly there a share of the notes is the measure, lest next to nothing weighs most.
_LEAST_SHARE = 0.02


def figure_of(notes: Sequence[BeatNote], ladder: Ladder, previous: int) -> Figure:
    """The figure these notes are, exactly but where a rung and its semitone miss a pitch."""
    figure = []
    rung = ladder.rung(previous)
    for note in notes:
        target = ladder.rung(note.pitch)
        figure.append((note.tick, target - rung, int(note.pitch != ladder.pitch(target))))
        rung = target
    return tuple(figure)


def figures_of(
    beats: Sequence[MelodyBeat], harmonies: Sequence[Harmony], start: int
) -> list[Figure]:
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
        counts.update(f for f in figures if all(abs(note[1]) <= _MOST_STEPS for note in f))
    return counts


def count_contours(pieces: Iterable[Piece]) -> Counter[Figure]:
    """How often each rhythm with its ways, up, down or neither, is played in these pieces."""
    counts: Counter[Figure] = Counter()
    for piece in pieces:
        previous = piece.start
        for beat in beats_of(piece):
            moves = pairwise([previous, *(note.pitch for note in beat.notes)])
            notes = zip(beat.notes, moves, strict=True)
            if beat.notes:
                counts[tuple((note.tick, any_of(to - at)) for note, (at, to) in notes)] += 1
                previous = beat.notes[-1].pitch
    return counts


def choose(counts: Counter[Figure], n_values: int) -> Vocabulary:
    """The vocabulary of n values that serves these figures best.

    Each beat played is heard as the nearest figure taken. Figures are taken one by one, whichever
    most lessens what that costs: the mean distance over all beats, and the squares by which the
    traits of what is heard are off. Then each is exchanged once for the best in its place. The same
    counts give the same vocabulary.
    """
    common = sorted(counts, key=lambda figure: (-counts[figure], figure))[:COMMONEST]
    search = _Search(common, np.array([counts[figure] for figure in common], dtype=np.float32))
    taken: list[int] = []
    for _ in range(min(n_values - FIRST_FIGURE, len(common))):
        taken.append(search.best_beside(taken))
    for place in range(len(taken)):
        taken[place] = search.best_beside(taken[:place] + taken[place + 1 :])
    return Vocabulary(common[i] for i in taken)


def commonest(counts: Counter[Figure], n_values: int) -> Vocabulary:
    """The vocabulary of n values of the figures played most often, which many values serve best."""
    ranked = sorted(counts, key=lambda figure: (-counts[figure], figure))
    return Vocabulary(sorted(ranked[: n_values - FIRST_FIGURE]))


class _Search:
    """Figures played, how often, and what it costs to hear one as another."""

    def __init__(self, figures: Sequence[Figure], counts: Float32Array) -> None:
        self._shares = counts / counts.sum()
        self._distances = _distances(figures)
        self._traits = np.array([_traits(figure) for figure in figures], dtype=np.float32)
        played = self._shares @ self._traits
        self._aims = played * (_AIMS if len(figures[0][0]) == 3 else _AIMS_OF_CONTOURS)
        self._scale = np.maximum(played, _LEAST_SHARE * played[0])

    def best_beside(self, taken: Sequence[int]) -> int:
        """The figure that costs least when taken beside these."""
        near, traits = self._heard(taken)
        nearer = self._distances < near[:, None]  # row is played, column might be taken
        saved = self._shares @ np.where(nearer, near[:, None] - self._distances, np.float32(0.0))
        # What leaves each trait, and what comes in its place, where a new figure is the nearest.
        leaving = np.column_stack([self._shares, self._shares[:, None] * traits])
        moved = nearer.T.astype(np.float32) @ leaving
        heard = self._shares @ traits + moved[:, :1] * self._traits - moved[:, 1:]
        off = (((heard - self._aims) / self._scale) ** 2).sum(axis=1)
        costs = _WEIGHT_OF_TRAITS * off - saved
        costs[list(taken)] = np.inf
        return int(costs.argmin())

    def _heard(self, taken: Sequence[int]) -> tuple[Float32Array, Float32Array]:
        """How far the nearest of these is from each figure played, and its traits."""
        if not taken:
            nothing = np.zeros_like(self._traits)
            return np.full(len(nothing), self._distances.max(), dtype=np.float32), nothing
        distances = self._distances[:, list(taken)]
        return distances.min(axis=1), self._traits[np.array(taken)[distances.argmin(axis=1)]]


def _traits(figure: Figure) -> list[float]:
    """Of a figure: notes, semitones moved, chromatic notes, repeated ones, small steps, leaps.

    Of one of contours: notes, repeated ones, moves up, turns, syncopations, triplets, sixteenths,
    and whether it is of one note or of many.
    """
    pitches = [note.pitch for note in Vocabulary([figure]).decode(FIRST_FIGURE, _REFERENCE, _START)]
    moves = np.diff([_START, *pitches])
    sizes = np.abs(moves)
    if len(figure[0]) == 3:
        return [
            len(figure),
            float(sizes.sum()),
            sum(note[-1] for note in figure),
            float((sizes == 0).sum()),
            float(((sizes >= 1) & (sizes <= 2)).sum()),
            float((sizes > 7).sum()),
        ]
    ticks = [note[0] for note in figure]
    return [
        len(figure),
        float((moves == 0).sum()),
        float((moves > 0).sum()),
        float((moves[1:] * moves[:-1] < 0).sum()),
        float(ticks[0] != 0),
        sum(tick in TRIPLETS for tick in ticks),
        sum(tick in SIXTEENTHS for tick in ticks),
        float(len(figure) == 1),
        float(len(figure) >= MANY_NOTES),
    ]


def _distances(figures: Sequence[Figure]) -> Float32Array:
    """How far the figure of a row is from being heard as that of a column."""
    everything = Vocabulary(figures)
    distances = np.empty((len(figures), len(figures)), dtype=np.float32)
    for row in range(len(figures)):
        notes = everything.decode(row + FIRST_FIGURE, _REFERENCE, _START)
        distances[row] = everything.distance(notes, _REFERENCE, _START)
    return distances
