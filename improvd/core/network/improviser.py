"""The improviser: the cell with its state kept, from which one value a beat is picked.

(a, c, x) live as long as the improviser does; nothing but `open` and `reset` puts them back.
Hearing and picking are apart: `step` takes the x of the beat gone by, `pick` reads the value of the
beat to come, and a pick alone changes nothing.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from improvd.core.music import REST
from improvd.core.network.cell import Cell, State
from improvd.core.network.guard import LoopGuard


@dataclass(frozen=True, slots=True)
class Leaning:
    """What bends a pick: values barred, and tilts in nats, each of shape (n_values,)."""

    barred: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    tilts: tuple[npt.NDArray[np.float32], ...] = ()


PLAIN = Leaning()


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything that decides how an improviser goes on; treat the guard as frozen.

    (a, c) and x, the beats stepped, and what the loop guard has seen; of a cell whose values last
    their own time, `owed`: pulses of the beat to come that are filled already.
    """

    state: State
    x: int | None
    beats: int
    guard: LoopGuard
    owed: int = 0


class Improviser:
    """Steps the cell once per beat and picks values: argmax, or sampled at a temperature.

    Args:
        cell: the inference cell; the improviser owns its state from here on.
        temperature: 0 picks the argmax; above, values are drawn from softmax(logits / temperature).
        seed: of the draws; the same seed, model and input give the same music.
        phrases: whether only the first value after a rest is drawn, and all that follow it in the
            phrase are the argmax.
    """

    breathes = True

    def __init__(
        self, cell: Cell, *, temperature: float = 0.0, seed: int = 0, phrases: bool = False
    ) -> None:
        self.cell = cell
        self._temperature = temperature
        self._phrases = phrases
        self._seed = seed
        self._guard = LoopGuard()
        self._opening: Sequence[int] = ()
        self.x: int | None = None
        self.beats = 0

    def open(self, opening: Sequence[int]) -> None:
        """Begin having heard these values: the state they leave, and the last of them as x.

        Without any it is the zero state and no x, as in the course.
        """
        self._opening = opening
        self.reset()

    def step(self, x: int | None) -> None:
        """Take in one beat: a value, or None for the zero vector the course starts from."""
        self.cell.step(x)
        self.took_in(x)

    def took_in(self, x: int | None) -> None:
        """The cell has taken this step already, together with others."""
        self.x = x
        self.beats += 1

    def pick(self, leaning: Leaning = PLAIN) -> int:
        """The value of the beat to come, cycles and barred values left out. Changes nothing.

        Where every value is left out it is a rest.
        """
        scores = self.cell.logits.astype(np.float64)
        for tilt in leaning.tilts:
            scores += tilt
        for left_out in (self._guard.barred(), leaning.barred):
            scores[left_out] = -np.inf
        best = int(scores.argmax())  # 0, the rest, among equals
        if not self._draws or scores[best] == -np.inf:
            return best
        heights = np.cumsum(np.exp((scores - scores[best]) / self._temperature))
        return int(np.searchsorted(heights, self._draw() * heights[-1], side="right"))

    def emit(self, value: int) -> None:
        """The value picked is being played: the loop guard remembers it."""
        self._guard.record(value)

    def foresee(self, value: int, leaning: Leaning = PLAIN) -> int:
        """What would be picked next if this value became the next x. Changes nothing."""
        before = self.cell.state()
        self.cell.step(value)
        following = self.pick_after(value, leaning)
        self.cell.restore(before)
        return following

    def pick_after(self, value: int, leaning: Leaning = PLAIN) -> int:
        """What is picked where the cell has taken in this value for a look ahead."""
        before = self.x, self.beats
        self.x, self.beats = value, self.beats + 1
        following = self.pick(leaning)
        self.x, self.beats = before
        return following

    def memory(self) -> Memory:
        """A snapshot, from which this improviser or its twin goes on to the bit."""
        return Memory(self.cell.state(), self.x, self.beats, self._guard.copy())

    def restore(self, memory: Memory) -> None:
        """Go on from a snapshot. Raises ValueError for one of another model's shape."""
        self.cell.restore(memory.state)
        self._guard = memory.guard.copy()
        self.x = memory.x
        self.beats = memory.beats

    def reset(self) -> None:
        """Forget all but the opening. The only way back to the beginning."""
        self.cell.reset()
        self._guard = LoopGuard()
        self.x = None
        for value in self._opening:
            self.cell.step(self.x)
            self.x = value
        self.beats = 0

    @property
    def _draws(self) -> bool:
        """Whether the value of the beat to come is drawn."""
        return self._temperature > 0.0 and (not self._phrases or self.x in {None, REST})

    def _draw(self) -> float:
        """A number in [0, 1) that depends on seed and beat alone, so that a snapshot is small."""
        return random.Random(self._seed << 64 | self.beats).random()  # noqa: S311 - music, not secrets
