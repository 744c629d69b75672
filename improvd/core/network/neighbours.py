"""Neighbours: what it costs to hear the notes of a beat as each figure of a vocabulary.

An edit distance over notes: each is heard as another, missed, or added.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from improvd.core.harmony.ladder import Ladder
from improvd.core.network.contour import ANY, contour_of, way_of

# The price of hearing one note as another, and of missing or adding one. A plain price per
# semitone repeats notes far too often: the square root lets a leap stay a leap.
PRICE_PER_TICK = 0.4
PRICE_PER_ROOT_SEMITONE = 0.3
PRICE_OF_WRONG_DIRECTION = 0.25
PRICE_OF_A_NOTE = 2.0
# Of contours: for each size between them, for the other way, and for a repeated note.
PRICE_PER_SIZE = 0.3
PRICE_OF_OTHER_WAY = 0.8
PRICE_OF_REPEATING = 0.7


@dataclass(frozen=True, slots=True)
class BeatNote:
    """A note inside a beat: tick 0 to 11, pitch 0 to 127, and its most pulses, if it says so."""

    tick: int
    pitch: int
    length: int | None = None


class _Figures:
    """The ticks of all figures as an array, (figures, longest), and their lengths."""

    def __init__(self, figures: Sequence[Sequence[tuple[int, ...]]]) -> None:
        count = len(figures)
        self.longest = max(map(len, figures))
        self.lengths = np.array([len(figure) for figure in figures], dtype=np.int64)
        self.ticks = np.zeros((count, self.longest))
        for row, figure in zip(self.ticks, figures, strict=True):
            row[: len(figure)] = [note[0] for note in figure]
        self._rows = np.arange(count)
        self._insertions = PRICE_OF_A_NOTE * np.arange(self.longest + 1)

    def distances(self, prices: Sequence[npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
        """Edit distance to every figure, (figures,).

        For each note heard, what it costs to hear it as each note of each, (figures, longest).
        """
        # row[f, j]: the least cost of the notes so far against the first j notes of figure f
        row = np.tile(self._insertions, (len(self._rows), 1))
        for count, match in enumerate(prices, start=1):
            step = row + PRICE_OF_A_NOTE
            step[:, 0] = PRICE_OF_A_NOTE * count
            np.minimum(step[:, 1:], row[:, :-1] + match, out=step[:, 1:])
            # insertions run along the figure: a running minimum does them in one go
            row = np.minimum.accumulate(step - self._insertions, axis=1) + self._insertions
        distances: npt.NDArray[np.float64] = row[self._rows, self.lengths]
        return distances


class StepNeighbours:
    """Figures of steps: notes are near by tick, by pitch on a ladder, and by direction."""

    def __init__(self, figures: Sequence[Sequence[tuple[int, int, int]]]) -> None:
        self._figures = _Figures(figures)
        shape = self._figures.ticks.shape
        self._rungs = np.zeros(shape, dtype=np.int64)
        self._chromatic = np.zeros(shape, dtype=np.int64)
        for i, figure in enumerate(figures):
            rung = 0
            for j, (_, step, chromatic) in enumerate(figure):
                rung += step
                self._rungs[i, j] = rung
                self._chromatic[i, j] = chromatic

    def distances(
        self, notes: Sequence[BeatNote], ladder: Ladder, previous: int
    ) -> npt.NDArray[np.float64]:
        """Edit distance of the heard notes to every figure, (figures,)."""
        rungs = np.clip(self._rungs + ladder.rung(previous), 0, len(ladder.rungs) - 1)
        pitches = ladder.rungs[rungs] + self._chromatic  # (figures, longest)
        directions = np.sign(np.diff(pitches, axis=1, prepend=previous))
        prices = []
        before = previous
        for note in notes:
            direction = way_of(note.pitch - before)
            before = note.pitch
            match = PRICE_PER_TICK * np.abs(self._figures.ticks - note.tick)
            match += PRICE_PER_ROOT_SEMITONE * np.sqrt(np.abs(pitches - note.pitch))
            match += PRICE_OF_WRONG_DIRECTION * (directions * direction < 0)
            prices.append(match)
        return self._figures.distances(prices)


class ContourNeighbours:
    """Figures of contours: notes are near by tick, and by which way and how far they move."""

    def __init__(self, figures: Sequence[Sequence[tuple[int, int]]]) -> None:
        self._figures = _Figures(figures)
        self._contours = np.zeros(self._figures.ticks.shape, dtype=np.int64)
        for row, figure in zip(self._contours, figures, strict=True):
            row[: len(figure)] = [contour for _, contour in figure]

    def distances(
        self, notes: Sequence[BeatNote], ladder: Ladder, previous: int
    ) -> npt.NDArray[np.float64]:
        """Edit distance of the heard notes to every figure, (figures,); no ladder matters."""
        del ladder
        prices = []
        before = previous
        for note in notes:
            contour = contour_of(note.pitch - before)
            before = note.pitch
            ticks = PRICE_PER_TICK * np.abs(self._figures.ticks - note.tick)
            prices.append(ticks + _PRICES[contour][self._contours + ANY])
        return self._figures.distances(prices)


def _price(heard: int, contour: int) -> float:
    """What it costs to hear a contour, its size known, as another."""
    ways = way_of(heard), way_of(contour)
    if ways[0] != ways[1]:
        return PRICE_OF_REPEATING if 0 in ways else PRICE_OF_OTHER_WAY
    return 0.0 if abs(contour) == ANY else PRICE_PER_SIZE * abs(heard - contour)


# By the contour heard, for contours from -ANY on.
_PRICES = {
    heard: np.array([_price(heard, contour) for contour in range(-ANY, ANY + 1)])
    for heard in range(-ANY + 1, ANY)
}
