"""No tilts: a network of single notes says what it says, whoever plays and at whatever tempo."""

from collections import deque

from improvd.core.network.tilt import REMEMBERED_BEATS, Nats, Tilts, TiltsMemory


class Untilted(Tilts):
    """Remembers the phrase just heard, and leans nowhere."""

    def __init__(self) -> None:
        self._heard: deque[int] = deque(maxlen=REMEMBERED_BEATS)

    def hear(self, value: int | None, pitch: int) -> None:
        """One more beat: the musician's value; None if they did not play in it."""
        del pitch
        if value is not None:
            self._heard.append(value)

    def played(self, value: int, bpm: float) -> None:
        """One more beat of improvd's own."""

    def memory(self) -> TiltsMemory:
        """What others go on from."""
        return TiltsMemory(self.phrase, (), 0, 0.0)

    def restore(self, memory: TiltsMemory) -> None:
        """Go on from there."""
        self._heard = deque(memory.heard, REMEMBERED_BEATS)

    def at(self, bpm: float, pitch: int) -> tuple[Nats, ...]:
        """None."""
        del bpm, pitch
        return ()
