"""The level: how loud the musician has played of late."""

from collections import deque
from dataclasses import dataclass

from improvd.core.music import PULSES_PER_BEAT

# What was played longer ago no longer matters, after so long a silence.
FORGET_AFTER_PULSES = 32 * PULSES_PER_BEAT
_MOST_NOTES = 64


@dataclass(frozen=True, slots=True)
class LevelMemory:
    """The notes of late, oldest first: (pulse, velocity)."""

    notes: tuple[tuple[int, int], ...] = ()


class Level:
    """The mean velocity of the last two bars in which the musician played. Bounded."""

    def __init__(self) -> None:
        self._notes: deque[tuple[int, int]] = deque(maxlen=_MOST_NOTES)

    def hear(self, pulse: int, velocity: int) -> None:
        """A note of theirs was struck."""
        self._notes.append((pulse, velocity))

    def leave_out(self, pulse: int) -> None:
        """What was struck from this pulse on was not listened to."""
        while self._notes and self._notes[-1][0] >= pulse:
            self._notes.pop()

    def jump(self, pulses: int) -> None:
        """The song moves on by so many pulses."""
        notes = [(pulse + pulses, velocity) for pulse, velocity in self._notes]
        self._notes = deque(notes, _MOST_NOTES)

    def at(self, pulse: int, span: float) -> float | None:
        """The mean velocity over so many pulses up to their last note; None if that is long ago."""
        if not self._notes or pulse - self._notes[-1][0] > FORGET_AFTER_PULSES:
            return None
        since = self._notes[-1][0] - span
        late = [velocity for at, velocity in self._notes if at >= since]
        return sum(late) / len(late)

    def memory(self) -> LevelMemory:
        """What another one goes on from."""
        return LevelMemory(tuple(self._notes))

    def restore(self, memory: LevelMemory) -> None:
        """Go on from there."""
        self._notes = deque(memory.notes, _MOST_NOTES)
