"""Grips: what the shape of a hit says of its chord, as pianists' hands take each kind.

A hit is one of a few shapes (in close position, rootless, a shell, a triad ...) with a finger off
now and then, or anything else by the tones it holds. Shapes know which tone lies lowest: E G Bb D
from below is C9 or Gm6 as likely as Em7b5, with Bb below C9 or Gm6.
"""

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from improvd.core.hearing.chords import chord_filter
from improvd.core.hearing.chords.chord_filter import KINDS, STATES, Belief

Hit = tuple[tuple[int, ...], int | None]
"""Pitches struck together, ascending, and the bass under them, if one was heard."""

_ROOT, _THIRD, _FIFTH, _SEVENTH, _NINTH, _COLOUR = "1", "3", "5", "7", "9", "13"
# Shapes by weight, and how often each tone lies lowest.
_SHAPES: tuple[tuple[float, tuple[str, ...], Mapping[str, float]], ...] = (
    (0.34, (_ROOT, _THIRD, _FIFTH, _SEVENTH), {"1": 0.4, "3": 0.2, "5": 0.2, "7": 0.2}),
    (0.16, (_THIRD, _COLOUR, _SEVENTH, _NINTH), {"3": 0.5, "7": 0.5}),
    (0.08, (_THIRD, _FIFTH, _SEVENTH, _NINTH), {"3": 0.5, "7": 0.5}),
    (0.16, (_ROOT, _THIRD, _SEVENTH), {"1": 0.9, "3": 0.05, "7": 0.05}),
    (0.05, (_THIRD, _SEVENTH), {"3": 0.5, "7": 0.5}),
    (0.05, (_ROOT, _THIRD, _FIFTH), {"1": 0.4, "3": 0.3, "5": 0.3}),
    (0.04, (_THIRD, _SEVENTH, _NINTH), {"3": 0.5, "7": 0.5}),
    (0.04, (_ROOT, _THIRD, _SEVENTH, _NINTH), {"1": 0.6, "3": 0.2, "7": 0.2}),
    (0.04, (_ROOT, _THIRD, _FIFTH, _SEVENTH, _NINTH), {"1": 0.6, "3": 0.2, "7": 0.2}),
)
# How often a tone of a shape is struck, and one that is not of it; how far the lowest is believed.
_HELD, _SLIPPED, _LOWEST = 0.94, 0.015, 0.8
# How many hits are of no shape.
_SHAPELESS = 0.2
_DOMINANT = (4, 7, 10)


@lru_cache(maxsize=2048)
def likelihood(hit: Hit) -> Belief:
    """How well a hit goes with each state, shape (144,), the best having 1."""
    pitches, bass = hit
    low = chord_filter.bass_of(pitches, bass)
    upper = [pitch for pitch in pitches if pitch != low] or list(pitches)
    there = np.zeros(12, dtype=bool)
    there[[pitch % 12 for pitch in upper]] = True
    (hit_log_p, missed_log_p, lowest_log_p), first = _tables()
    of_shapes = hit_log_p[:, there].sum(axis=1) + missed_log_p[:, ~there].sum(axis=1)
    of_shapes += lowest_log_p[:, min(upper) % 12]
    of_any = chord_filter.tones_log_p(pitches) + np.log(_SHAPELESS / 12)
    most = max(of_shapes.max(), of_any.max())
    weighed = np.add.reduceat(np.exp(of_shapes - most), first) + np.exp(of_any - most)
    if low is not None:
        weighed *= np.exp(chord_filter.bass_log_p(low))
    result: Belief = weighed / weighed.max()
    return result


@cache
def _tables() -> tuple[tuple[npt.NDArray[np.float64], ...], npt.NDArray[np.intp]]:
    """Log p of each pitch class struck, not struck, and lowest, that with the shape's weight.

    A row is a shape of a state, in the order of states; then comes the first row of each state.
    """
    struck: list[list[float]] = []
    lowest: list[list[float]] = []
    weights: list[float] = []
    first: list[int] = []
    for state in range(STATES):
        root, kind = divmod(state, len(KINDS))
        first.append(len(struck))
        for weight, tones, lows in _shapes_of(kind):
            struck.append([_HELD if (pc - root) % 12 in tones else _SLIPPED for pc in range(12)])
            by_chance = (1 - _LOWEST) / 12
            lowest.append([by_chance + _LOWEST * lows.get((pc - root) % 12, 0) for pc in range(12)])
            weights.append(weight)
    hit = np.array(struck)
    weighed = np.log(np.array(lowest)) + np.log((1 - _SHAPELESS) * np.array(weights))[:, None]
    return (np.log(hit), np.log(1 - hit), weighed), np.array(first, dtype=np.intp)


def _shapes_of(kind: int) -> Iterator[tuple[float, frozenset[int], dict[int, float]]]:
    """Weight, tones above the root, and how often each lies lowest, of each shape of a kind."""
    chord = chord_filter.harmony_of(kind).chord
    root, third, fifth, seventh = chord.tones
    ninth = next(each for each in _ninths(KINDS[kind]) if each in chord.scale)
    colour = fifth
    if (third, fifth, seventh) == _DOMINANT:
        colour = next((each for each in (9, 8) if each in chord.scale), fifth)
    degrees = {
        _ROOT: root, _THIRD: third, _FIFTH: fifth, _SEVENTH: seventh,
        _NINTH: ninth, _COLOUR: colour,
    }  # fmt: skip
    for weight, shape, lows in _SHAPES:
        lowest = {degrees[degree]: share for degree, share in lows.items()}
        yield weight, frozenset(degrees[degree] for degree in shape), lowest


def _ninths(kind: str) -> tuple[int, ...]:
    return (1,) if kind == "7b9" else (2, 1, 3, 0)
