"""Active sensing: a keyboard that says all the time that it is there, and then no more.

MIDI 1.0: who has sent it once sends something every 300 ms, give or take a tenth; after that its
cable is out, and what it held is let go.
"""

from dataclasses import dataclass, replace

from improvd.core.midi.messages import ACTIVE_SENSING, CLOCK

SILENCE_NS = 330_000_000


@dataclass(slots=True)
class ActiveSensing:
    """Watches whether the other side is still there. Bounded; never blocks.

    `alive` is when it last gave a sign, None where it never said that it would; `clock` when the
    last clock came. Where sensing comes amid clocks, the clocks are somebody else's and no sign.
    """

    alive: int | None = None
    clock: int | None = None
    clock_is_another_s: bool = False

    def copy(self) -> "ActiveSensing":
        """Another that has watched the same."""
        return replace(self)

    def hear(self, stamp: int, message: bytes) -> None:
        """A message came in at this nanosecond."""
        status = message[0]
        if status == CLOCK:
            self.clock = stamp
            if self.clock_is_another_s:
                return
        elif status == ACTIVE_SENSING:
            ticking = self.clock is not None and stamp - self.clock < SILENCE_NS
            self.clock_is_another_s = ticking
        if self.alive is not None or status == ACTIVE_SENSING:
            self.alive = stamp

    def lost(self, now: int) -> int | None:
        """The nanosecond at which the other side is known to be gone, told once; else None."""
        if self.alive is None or now - self.alive <= SILENCE_NS:
            return None
        gone, self.alive = self.alive + SILENCE_NS, None
        return gone
