"""The policy: who picks the values: an improviser, a speaker of single notes, or a recital."""

from collections.abc import Sequence
from typing import Protocol

from improvd.core.network.improviser import Leaning, Memory


class Policy(Protocol):
    """Who picks the value of each beat."""

    breathes: bool
    """Whether a phrase of theirs has to end, as nobody has more breath."""
    beats: int
    x: int | None
    """What was taken in last; before the first beat, what it is to begin with."""

    def open(self, opening: Sequence[int]) -> None:
        """Begin having heard these values."""

    def step(self, x: int | None) -> None:
        """Take in the beat gone by."""

    def pick(self, leaning: Leaning) -> int:
        """The value of the beat to come."""

    def emit(self, value: int) -> None:
        """The value is being played."""

    def foresee(self, value: int, leaning: Leaning) -> int:
        """What would be picked next if this value became the next x."""

    def reset(self) -> None:
        """Forget all but the opening."""

    def memory(self) -> Memory:
        """What another goes on from."""

    def restore(self, memory: Memory) -> None:
        """Go on from there."""
