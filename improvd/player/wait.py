"""Waiting for a moment of the monotonic clock or a bell: sleep until shortly before it, then spin.

A sleep alone wakes 20 to 300 microseconds late; spinning over the last stretch meets the moment
within a microsecond or two at half a percent of a core.
"""

from collections.abc import Callable

from improvd import system

now = system.now

_SHORTEST = 50_000
_FIRST = 150_000
_LONGEST = 1_000_000


class Bell:
    """Wakes who waits. `ring` may be called by another thread; neither method blocks."""

    def __init__(self) -> None:
        self._wake = system.Wake()
        self.descriptor = self._wake.descriptor
        self._rung = False

    def ring(self) -> None:
        """Wake who waits, or who will."""
        if not self._rung:
            self._rung = True
            self._wake.set()

    def hush(self) -> None:
        """It was heard. Whoever rings from now on is heard anew; look at what there is after it."""
        self._wake.clear()
        self._rung = False


class Waiter:
    """Waits until shortly before a moment, and then until it, and learns how shortly.

    Args:
        bell: ends the sleep when it rings.
        also: a descriptor that ends it when there is something to read.
        clock: monotonic ns.

    `margin` is the time kept between waking and the moment, in ns, 50 us to 1 ms: for waking late
    and for what is made ready meanwhile; the rest is spun. It grows quickly after a moment for
    which it was short and shrinks slowly, so that it stays above what is usual; a rare stall of
    many milliseconds, which no margin could meet, counts as one of half a millisecond.
    """

    __slots__ = ("_descriptors", "bell", "margin", "now")

    def __init__(self, bell: Bell, also: int, clock: Callable[[], int] = now) -> None:
        self.bell = bell
        self.now = clock
        self._descriptors = (bell.descriptor, also)
        self.margin = _FIRST

    def sleep(self, deadline: int) -> bool:
        """Sleep until the margin before `deadline` (monotonic ns) begins, or something happens.

        Whether the margin has begun; at once if it is past. A signal is something that happens,
        except where waiting is the portable way, which goes on after its handler has run.
        """
        wake = deadline - self.margin
        while self.now() < wake:
            if system.readable(self._descriptors, wake):
                self.bell.hush()
                return False
        return True

    def spin(self, deadline: int) -> None:
        """Return at `deadline` (monotonic ns), at once if it is past; meant for under 1 ms."""
        now = self.now
        while now() < deadline:
            pass

    def learn(self, deadline: int) -> None:
        """All is ready for `deadline`: adapt the margin, towards twice what was used of it."""
        used = self.now() - deadline + self.margin
        excess = min(2 * used, _LONGEST) - self.margin
        share = 4 if excess > 0 else 64
        self.margin = max(_SHORTEST, self.margin + excess // share)
