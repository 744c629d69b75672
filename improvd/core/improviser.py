"""The improviser: the cell with its state kept, from which one value a beat is picked.

(a, c, x) live as long as the improviser does; nothing but `reset` puts them back. Hearing and
picking are apart: `step` takes the x of the beat gone by, `pick` reads the value of the beat to
come, and a pick alone changes nothing.
"""

import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from improvd.core.cell import Cell, State
from improvd.core.guard import LoopGuard

_NOTHING = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything that decides how an improviser goes on: (a, c), x and the beats stepped."""

    state: State
    x: int | None
    beats: int


class Improviser:
    """Steps the cell once per beat and picks values: argmax, or sampled at a temperature.

    Args:
        cell: the inference cell; the improviser owns its state from here on.
        temperature: 0 picks the argmax; above, values are drawn from softmax(logits / temperature).
        seed: of the draws; the same seed, model and input give the same music.
    """

    def __init__(self, cell: Cell, *, temperature: float = 0.0, seed: int = 0) -> None:
        self._cell = cell
        self._temperature = temperature
        self._seed = seed
        self._guard = LoopGuard()
        self.x: int | None = None
        self.beats = 0

    def step(self, x: int | None) -> None:
        """Take in one beat: a value, or None for the zero vector the course starts from."""
        self._cell.step(x)
        self.x = x
        self.beats += 1

    def pick(self, barred: npt.NDArray[np.int64] = _NOTHING) -> int:
        """The value of the beat to come, cycles and `barred` values left out. Changes nothing."""
        scores = self._cell.logits.copy()
        for left_out in (self._guard.barred(), barred):
            scores[left_out] = -np.inf
        if self._temperature == 0.0:
            return int(scores.argmax())
        shares = np.exp((scores - scores.max()) / self._temperature)
        return int(np.searchsorted(np.cumsum(shares), self._draw() * shares.sum(), side="right"))

    def emit(self, value: int) -> None:
        """The value picked is being played: the loop guard remembers it."""
        self._guard.record(value)

    def foresee(self, value: int, barred: npt.NDArray[np.int64] = _NOTHING) -> int:
        """What would be picked next if this value became the next x. Changes nothing."""
        before = self.memory()
        self.step(value)
        following = self.pick(barred)
        self.restore(before)
        return following

    def memory(self) -> Memory:
        """A snapshot of (a, c), x and the count that the draws come from."""
        return Memory(self._cell.state(), self.x, self.beats)

    def restore(self, memory: Memory) -> None:
        """Go on from a snapshot. Raises ValueError for one of another model's shape."""
        self._cell.restore(memory.state)
        self.x = memory.x
        self.beats = memory.beats

    def reset(self) -> None:
        """Forget everything: zero state, no x. The only way back to the beginning."""
        self._cell.reset()
        self._guard = LoopGuard()
        self.x = None
        self.beats = 0

    def _draw(self) -> float:
        """A number in [0, 1) that depends on seed and beat alone, so that a snapshot is small."""
        return random.Random(self._seed << 64 | self.beats).random()  # noqa: S311 - music, not secrets
