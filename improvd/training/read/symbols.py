"""Chord symbols where other words stand too: in marker texts, and above the notes of a tune.

All are read by `read_chord`. What is a chord to the eye and not to it is told, with its place.
"""

from improvd.core.harmony.chord import Chord, ChordError, read_chord
from improvd.training.read.weimar import LeftOutError


def chord_of(symbol: str, place: str) -> Chord | None:
    """The chord of a symbol, None for N.C.; `place` says where it stands, as "in bar 3" does.

    Raises LeftOutError, naming both, where nobody can read it.
    """
    try:
        return read_chord(symbol)
    except ChordError:
        raise LeftOutError(
            f"it has a chord {place} that improvd cannot read, {symbol[:24]!r}"
        ) from None
