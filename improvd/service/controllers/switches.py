"""A pedal or a button: when it was pressed and when it was let go. Pure; time is passed in.

Contacts bounce, half-pressed pedals waver, and some buttons say nothing when they are let go.
"""

from dataclasses import dataclass

from improvd.core.midi.messages import DOWN

# Up again well under the value from which it is down.
_UP = 40
# Contacts have settled after this; nobody presses anything twice within it.
BOUNCE_NS = 60_000_000


@dataclass(slots=True)
class Switch:
    """One switch.

    `edge` is when it last went down or up; `value` and `at` are its latest message's; `held_back`
    is when it will have come up, if nothing more is heard until then.
    """

    down: bool = False
    edge: int | None = None
    value: int = 0
    at: int = 0
    held_back: int | None = None

    def hear(self, stamp: int, value: int) -> bool | None:
        """True when a value at this nanosecond presses it, False when it lets it go, else None."""
        before, since = self.value, stamp - self.at
        self.value, self.at = value, stamp
        bouncing = self.edge is not None and stamp - self.edge < BOUNCE_NS
        if value >= DOWN:
            self.held_back = None
            # The same value again, and no release: a button that sends nothing but this.
            if self.down and not (value == before and since >= BOUNCE_NS):
                return None
            return None if bouncing else self._go(stamp, down=True)
        if value >= _UP or not self.down:
            return None
        if bouncing and self.edge is not None:
            self.held_back = self.edge + BOUNCE_NS
            return None
        return self._go(stamp, down=False)

    def settle(self, now: int) -> bool | None:
        """False when a release that might have been a bounce was one indeed; else None."""
        if self.held_back is None or now < self.held_back:
            return None
        return self._go(self.held_back, down=False)

    def _go(self, stamp: int, *, down: bool) -> bool:
        self.down, self.edge, self.held_back = down, stamp, None
        return down
