"""The speaker: a cell of single notes, stepped as often in a beat as fills it, its state kept.

The course's loop, in time: each token that the cell emits, the argmax of its softmax, is the next
one it is fed, and it lasts as long as it says; what reaches over into the next beats leaves them as
much less to fill. So the values are those of `predict_and_sample`, one after the other, whatever
beats they fall in. Nothing bars a value or ends a phrase: a network that goes round in circles in
Keras does so here.
"""

import random
from collections.abc import Sequence

import numpy as np

from improvd.core.course.tokens import PARTS_PER_BEAT, Fill, TokenVocabulary
from improvd.core.music import HOLD, PULSES_PER_BEAT, REST
from improvd.core.network.cell import Cell
from improvd.core.network.guard import LoopGuard
from improvd.core.network.improviser import PLAIN, Leaning, Memory

_PULSES_PER_PART = PULSES_PER_BEAT // PARTS_PER_BEAT


class Speaker:
    """Steps a cell of the course's tokens and fills each beat with them.

    Args:
        cell: the inference cell; the speaker owns its state from here on.
        vocabulary: what its values mean.
        temperature: 0 picks the argmax; above, tokens are drawn from softmax(logits / temperature).
        seed: of the draws.
        one_a_beat: whether each beat begins one token, however long that says it is.
    """

    breathes = False

    def __init__(
        self,
        cell: Cell,
        vocabulary: TokenVocabulary,
        *,
        temperature: float = 0.0,
        seed: int = 0,
        one_a_beat: bool = False,
    ) -> None:
        self._cell = cell
        self._vocabulary = vocabulary
        self._temperature = temperature
        self._seed = seed
        self._one_a_beat = one_a_beat
        self._opening: Sequence[int] = ()
        self._owed = 0  # pulses of the beat to come that are filled already
        self.x: int | None = None
        self.beats = 0

    def open(self, opening: Sequence[int]) -> None:
        """Begin having heard these tokens."""
        self._opening = opening
        self.reset()

    def step(self, x: int | None) -> None:
        """Take in the beat gone by, token by token; None is the zero vector."""
        fill = self._vocabulary.fill(x) if x is not None else None
        if fill is None:
            self._cell.step(None)
        elif fill.tokens:
            for token in fill.tokens:
                self._cell.step(token)
            self._owed = self._left_over(fill)
        elif self._owed >= PULSES_PER_BEAT:
            self._owed -= PULSES_PER_BEAT
        else:
            self._owed = 0
            if x == REST and self._vocabulary.rest_of_a_beat is not None:
                self._cell.step(self._vocabulary.rest_of_a_beat)
        self.x = x
        self.beats += 1

    def pick(self, leaning: Leaning = PLAIN) -> int:
        """How the beat to come is filled, or hold where one before fills it. Changes nothing."""
        del leaning
        if self._owed >= PULSES_PER_BEAT:
            return HOLD
        before = self._cell.state()
        pulse, tokens = self._owed, [self._token(0)]
        while self._goes_on(pulse := pulse + self._length(tokens[-1]), tokens):
            self._cell.step(tokens[-1])
            tokens.append(self._token(len(tokens)))
        self._cell.restore(before)
        return self._vocabulary.number(Fill(self._owed // _PULSES_PER_PART, tuple(tokens)))

    def emit(self, value: int) -> None:
        """Nothing is remembered of it until it is fed back."""

    def foresee(self, value: int, leaning: Leaning = PLAIN) -> int:
        """What would be picked next if this value became the next x. Changes nothing."""
        before = self.memory()
        self.step(value)
        following = self.pick(leaning)
        self.restore(before)
        return following

    def memory(self) -> Memory:
        """A snapshot, from which this speaker or its twin goes on to the bit."""
        return Memory(self._cell.state(), self.x, self.beats, LoopGuard(), self._owed)

    def restore(self, memory: Memory) -> None:
        """Go on from a snapshot. Raises ValueError for one of another model's shape."""
        self._cell.restore(memory.state)
        self.x, self.beats, self._owed = memory.x, memory.beats, memory.owed

    def reset(self) -> None:
        """Forget all but the opening."""
        self._cell.reset()
        self.x, self.beats, self._owed = None, 0, 0
        for token in (None, *self._opening[:-1])[: len(self._opening)]:
            self._cell.step(token)
        if self._opening:
            self.x = self._vocabulary.number(Fill(None, (self._opening[-1],)))

    def _token(self, place: int) -> int:
        """The token that comes next, as the one of this place in its beat."""
        logits = self._cell.logits.astype(np.float64)
        if self._temperature == 0.0:
            return int(logits.argmax())
        draw = random.Random(f"{self._seed} {self.beats} {place}")  # noqa: S311 - music, not secrets
        shares = np.cumsum(np.exp((logits - logits.max()) / self._temperature))
        return int(np.searchsorted(shares, draw.random() * shares[-1], side="right"))

    def _length(self, token: int) -> int:
        return self._vocabulary.tokens[token].length

    def _goes_on(self, pulse: int, tokens: Sequence[int]) -> bool:
        """Whether a beat filled up to this pulse by these tokens holds another one."""
        room = not self._one_a_beat and len(tokens) < self._vocabulary.most
        return room and pulse < PULSES_PER_BEAT

    def _left_over(self, fill: Fill) -> int:
        """How many pulses of the next beat these tokens take up."""
        if fill.start is None or self._one_a_beat:
            return 0
        start = self._owed
        if start // _PULSES_PER_PART != fill.start:  # a beat that is repeated
            start = fill.start * _PULSES_PER_PART
        return max(start + sum(map(self._length, fill.tokens)) - PULSES_PER_BEAT, 0)
