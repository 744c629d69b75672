"""An excerpt: eight bars of a melody over chords, taken apart once for all features.

Everything is relative: no feature sees an absolute pitch, so that no key or instrument tells.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from improvd.core.arrays import Int64Array
from improvd.core.harmony.scales import Harmony
from improvd.core.music import TICKS_PER_BEAT
from improvd.training.read.corpus import BEATS_PER_BAR, MelodyBeat

BEATS = 32
# With fewer notes there is nothing to tell anything by.
FEWEST_NOTES = 8
# A phrase is over where the next note begins more than a beat and a half later.
PHRASE_GAP = TICKS_PER_BEAT + TICKS_PER_BEAT // 2


@dataclass(frozen=True)
class Excerpt:
    """Some beats of a line, and what they sound over."""

    line: Sequence[MelodyBeat]
    harmonies: Sequence[Harmony]

    @cached_property
    def patterns(self) -> list[tuple[int, ...]]:
        """The ticks struck in each beat."""
        return [tuple(note.tick for note in beat.notes) for beat in self.line]

    @cached_property
    def counts(self) -> Int64Array:
        """How many notes are struck in each beat, (beats,)."""
        return np.array([len(pattern) for pattern in self.patterns], dtype=np.int64)

    @cached_property
    def beats(self) -> Int64Array:
        """The beat of each note, (notes,)."""
        return np.repeat(np.arange(len(self.line)), self.counts)

    @cached_property
    def ticks(self) -> Int64Array:
        """The tick in its beat of each note, (notes,)."""
        return np.array([tick for pattern in self.patterns for tick in pattern], dtype=np.int64)

    @cached_property
    def times(self) -> Int64Array:
        """The onset of each note in ticks, (notes,)."""
        times: Int64Array = self.beats * TICKS_PER_BEAT + self.ticks
        return times

    @cached_property
    def pitches(self) -> Int64Array:
        """The pitch of each note, (notes,)."""
        return np.array([n.pitch for beat in self.line for n in beat.notes], dtype=np.int64)

    @cached_property
    def gaps(self) -> Int64Array:
        """Ticks from each note to the next, (notes - 1,)."""
        return np.diff(self.times)

    @cached_property
    def moves(self) -> Int64Array:
        """Semitones from each note to the next, (notes - 1,)."""
        return np.diff(self.pitches)

    @cached_property
    def phrases(self) -> list[tuple[int, int]]:
        """The first and the last note of each phrase."""
        cuts = np.flatnonzero(self.gaps > PHRASE_GAP)
        starts, ends = [0, *(cuts + 1).tolist()], [*cuts.tolist(), len(self.pitches) - 1]
        return list(zip(starts, ends, strict=True))

    @cached_property
    def under(self) -> list[Harmony]:
        """The harmony of each note."""
        return [self.harmonies[beat] for beat in self.beats.tolist()]

    def bars(self) -> Iterator[slice]:
        """The beats of each whole bar."""
        for start in range(0, len(self.line) - BEATS_PER_BAR + 1, BEATS_PER_BAR):
            yield slice(start, start + BEATS_PER_BAR)


def excerpts(line: Sequence[MelodyBeat], harmonies: Sequence[Harmony]) -> Iterator[Excerpt]:
    """The excerpts of a line, end to end; those with next to no notes are passed over."""
    for start in range(0, len(line) - BEATS + 1, BEATS):
        excerpt = Excerpt(line[start : start + BEATS], harmonies[start : start + BEATS])
        if len(excerpt.pitches) >= FEWEST_NOTES:
            yield excerpt


def mean(numbers: Sequence[float] | Sequence[bool] | np.ndarray) -> float:
    """The mean, not a number where there is nothing to take it of."""
    return float(np.mean(numbers)) if len(numbers) else float("nan")


def correlation(series: Sequence[float] | np.ndarray, lag: int) -> float:
    """Of a series with itself so much later; 0 where it does not vary."""
    before, after = np.asarray(series, float)[:-lag], np.asarray(series, float)[lag:]
    if len(before) < 3:
        return float("nan")
    if before.std() < 1e-9 or after.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(before, after)[0, 1])


def entropy(symbols: Sequence[object]) -> float:
    """Of how often each of these comes, in bits."""
    if not symbols:
        return float("nan")
    order: dict[object, int] = {}
    for symbol in symbols:
        order[symbol] = order.get(symbol, 0) + 1
    shares = np.array(list(order.values())) / len(symbols)
    return float(-(shares * np.log2(shares)).sum())
