"""A recital: values that are already chosen, played in place of an improviser's picks."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from improvd.core.music import REST
from improvd.core.network.cell import State
from improvd.core.network.guard import LoopGuard
from improvd.core.network.improviser import Memory


class Recital:
    """Recites values one by one, then rests. What is heard changes nothing.

    `breathes`: whether a phrase of them has to end for want of breath.
    """

    def __init__(self, values: Sequence[int], *, breathes: bool = True) -> None:
        self._values = values
        self.breathes = breathes
        self._emitted = 0
        self.x: int | None = None
        self.beats = 0

    def open(self, opening: Sequence[int]) -> None:
        """What is recited begins after them."""
        self.x = opening[-1] if opening else None

    def step(self, x: int | None) -> None:
        """A beat has gone by."""
        del x
        self.beats += 1

    def pick(self, leaning: Any = None) -> int:
        """The next value written down."""
        del leaning
        return self._values[self._emitted] if self._emitted < len(self._values) else REST

    def emit(self, value: int) -> None:
        """The value is being played."""
        del value
        self._emitted += 1

    def foresee(self, value: int, leaning: Any = None) -> int:
        """The value written down after the one being played."""
        del value
        return self.pick(leaning)

    def reset(self) -> None:
        """Begin again with the first value."""
        self._emitted = 0

    def memory(self) -> Memory:
        """The place in the values, as x; there is no other state."""
        nothing = np.zeros(0, dtype=np.float32)
        return Memory(State(nothing, nothing), self._emitted, self.beats, LoopGuard())

    def restore(self, memory: Memory) -> None:
        """Go on from that place."""
        self._emitted, self.beats = memory.x or 0, memory.beats
