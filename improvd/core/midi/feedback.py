"""Our own messages when they come back, as they were or changed: nobody's playing."""

from improvd.core.midi.copies import Copies
from improvd.core.midi.echo import EchoFilter


class Feedback:
    """Watches what is sent and what comes in. Bounded; never blocks."""

    def __init__(self) -> None:
        self.echo = EchoFilter()
        self.copies = Copies()

    def sent(self, stamp: int, message: bytes, *, accompanies: bool) -> None:
        """A message left at this nanosecond, the first soloist's or one of who accompanies it."""
        self.echo.sent(stamp, message)
        self.copies.strike(stamp, message, band=accompanies)

    def is_ours(self, stamp: int, message: bytes) -> bool:
        """Whether a message that came in is our own."""
        return self.echo.is_echo(stamp, message) or self.copies.is_copy(stamp, message)

    def describe(self, late: int) -> str:
        """How a copy that was found differs from what we sent; `late` is known besides, in ns."""
        if self.copies.interval:
            return f"{self.copies.interval:+d} semitones"
        return f"{(late + self.copies.late) / 1e6:.0f} ms late"
