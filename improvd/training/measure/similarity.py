"""How near some bars are to others: in how busy they are, in their rhythm, in their register."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from improvd.core.arrays import Float64Array
from improvd.core.network.tilt import MANY_NOTES

# The pitches struck in each beat of some bars.
Block = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Similarity:
    """In what share of pairs something is nearer to its phrase than to another one."""

    density: float
    rhythm: float
    register: float


def similarity(answers: Sequence[Block], phrases: Sequence[Block]) -> Similarity:
    """How often each answer is nearer to its own phrase, of the same place, than to each other."""
    return Similarity(
        density=_nearer([_density(b) for b in answers], [_density(b) for b in phrases]),
        rhythm=_nearer([_rhythm(b) for b in answers], [_rhythm(b) for b in phrases]),
        register=_nearer([_register(b) for b in answers], [_register(b) for b in phrases]),
    )


def _nearer(answers: Sequence[Float64Array], phrases: Sequence[Float64Array]) -> float:
    """Share of pairs with another phrase in which its own is nearer; a draw counts half."""
    distances = np.abs(np.array(answers)[:, None] - np.array(phrases)).sum(axis=2)
    own = distances.diagonal()[:, None]
    wins = (own < distances) + 0.5 * (own == distances)
    return float(wins[~np.eye(len(wins), dtype=bool)].mean())


def _density(block: Block) -> Float64Array:
    """Notes a beat."""
    return np.array([notes_in(block) / len(block)])


def _rhythm(block: Block) -> Float64Array:
    """Shares of beats with no note, one, two, three, and four or more."""
    counts = [min(len(beat), MANY_NOTES) for beat in block]
    return np.bincount(counts, minlength=MANY_NOTES + 1) / len(block)


def _register(block: Block) -> Float64Array:
    """The mean pitch; that of silence is near to nothing."""
    pitches = list(chain.from_iterable(block))
    return np.array([np.mean(pitches) if pitches else np.nan])


def notes_in(block: Block) -> int:
    """How many notes are struck in it."""
    return sum(map(len, block))
