"""How chords follow one another, for hearing them: counts beside the models. See chords.md."""

from functools import cache
from pathlib import Path

import msgspec

from improvd.core.hearing.chords.chord_filter import ChordChanges
from improvd.models import REMEDY, ModelError

FILE = Path(__file__).parent / "chords.json"


class Counts(msgspec.Struct, frozen=True):
    """What `ChordChanges` is made of."""

    moves: list[int]
    changing: list[float]
    kinds: list[int]


@cache
def load() -> ChordChanges:
    """The counts. Raises ModelError where they are absent or damaged."""
    try:
        counts = msgspec.json.decode(FILE.read_bytes(), type=Counts)
        return ChordChanges(counts.moves, counts.changing, counts.kinds)
    except (OSError, ValueError) as error:
        raise ModelError(f"{FILE}: cannot be read ({error}); {REMEDY}") from None


def write(counts: Counts) -> None:
    """Put others in their place."""
    FILE.write_bytes(msgspec.json.encode(counts) + b"\n")
