"""What a performance is made of: who picks the values, what they mean, and how they are played."""

from dataclasses import dataclass
from typing import Protocol

from improvd.core.chart import Chart
from improvd.core.improviser import Leaning, Memory
from improvd.core.line import Style
from improvd.core.modes import Mode
from improvd.core.tilt import Tilts
from improvd.core.vocabulary import Vocabulary


class Player(Protocol):
    """Who picks the values: an improviser, or a recital of values written down."""

    beats: int

    def step(self, x: int | None) -> None:
        """Take in the beat gone by."""

    def pick(self, leaning: Leaning) -> int:
        """The value of the beat to come."""

    def emit(self, value: int) -> None:
        """The value is being played."""

    def foresee(self, value: int, leaning: Leaning) -> int:
        """What would be picked next if this value became the next x."""

    def reset(self) -> None:
        """Forget everything."""

    def memory(self) -> Memory:
        """What another goes on from."""

    def restore(self, memory: Memory) -> None:
        """Go on from there."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a performance is made of; other parts can take their places on a bar line.

    improviser: the cell and its state. vocabulary: what its values mean. tilts: what leans its
    picks towards the player and the tempo. chart: the harmony, looped. mode: who has the floor
    when. style: how the line is played. dotted: a beat is a dotted quarter note.
    """

    improviser: Player
    vocabulary: Vocabulary
    tilts: Tilts
    chart: Chart
    mode: Mode
    style: Style
    dotted: bool = False
