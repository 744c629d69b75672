"""Waiting for a moment of the monotonic clock: sleep until shortly before it, then spin.

A sleep alone wakes 20 to 300 microseconds late; spinning over the last stretch meets the moment
within a microsecond or two at half a percent of a core.
"""

import ctypes
import sys
import time
from collections.abc import Callable

now = time.monotonic_ns

_SHORTEST = 50_000
_FIRST = 150_000
_LONGEST = 1_000_000


class Waiter:
    """Waits until a moment, not before it, and learns how early it has to wake for that.

    `margin` is the time spun at the end, in ns, 50 us to 1 ms. It grows quickly after a late
    wake-up and shrinks slowly, so that it stays above the usual lateness; a rare stall of many
    milliseconds, which no margin could meet, counts as one of half a millisecond.
    """

    __slots__ = ("_now", "margin")

    def __init__(self, clock: Callable[[], int] = now) -> None:
        self._now = clock
        self.margin = _FIRST

    def until(self, deadline: int) -> None:
        """Return at `deadline` (monotonic ns), at once if it is past; blocks, ends in a spin."""
        now = self._now
        wake = deadline - self.margin
        if now() < wake:
            sleep_until(wake)
            self.learn(now() - wake)
        while now() < deadline:
            pass

    def learn(self, lateness: int) -> None:
        """Adapt the margin, towards twice the lateness in ns of a wake-up."""
        excess = min(2 * lateness, _LONGEST) - self.margin
        share = 4 if excess > 0 else 64
        self.margin = max(_SHORTEST, self.margin + excess // share)


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


def _absolute_sleep() -> Callable[[int], None]:
    """Sleep by Linux's clock_nanosleep, which Python has only as a relative sleep.

    An absolute wake-up does not drift when the process is held up between the reading of the
    clock and the sleep. ctypes lets other threads run meanwhile.
    """
    clock_nanosleep = ctypes.CDLL(None).clock_nanosleep
    monotonic, absolute = 1, 1

    def sleep(moment: int) -> None:
        wake = _Timespec(*divmod(moment, 1_000_000_000))
        # Ended early by a signal: its handler has run by the next line of Python, sleep on.
        while now() < moment:
            clock_nanosleep(monotonic, absolute, ctypes.byref(wake), None)

    return sleep


def _relative_sleep(moment: int) -> None:
    while (left := moment - now()) > 0:
        time.sleep(left / 1e9)


sleep_until = _absolute_sleep() if sys.platform == "linux" else _relative_sleep
"""Return at a moment (monotonic ns) or somewhat later; blocks without spinning."""
