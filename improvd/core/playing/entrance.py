"""How another tune of a set begins."""

from dataclasses import dataclass
from enum import StrEnum


class Entry(StrEnum):
    """Where another tune begins: on the next bar line, or where the form is once round."""

    BAR = "bar"
    CHORUS = "chorus"


@dataclass(frozen=True, slots=True)
class Entrance:
    """How a tune begins: where, and at what tempo (beats a minute), None for the one that is."""

    at: Entry
    bpm: float | None = None
