"""Waiting for a moment of the monotonic clock or a bell: sleep until shortly before it, then spin.

A sleep alone wakes 20 to 300 microseconds late; spinning over the last stretch meets the moment
within a microsecond or two at half a percent of a core.
"""

import ctypes
import os
import select
import sys
import time
from collections.abc import Callable

now = time.monotonic_ns

_SHORTEST = 50_000
_FIRST = 150_000
_LONGEST = 1_000_000
_ONE = (1).to_bytes(8, sys.byteorder)


class Bell:
    """Wakes who waits. `ring` may be called by another thread; neither method blocks."""

    def __init__(self) -> None:
        if sys.platform == "linux":
            self.descriptor = self._ringer = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        else:
            self.descriptor, self._ringer = os.pipe()
            os.set_blocking(self.descriptor, False)
        self._rung = False

    def ring(self) -> None:
        """Wake who waits, or who will."""
        if not self._rung:
            self._rung = True
            os.write(self._ringer, _ONE)

    def hush(self) -> None:
        """It was heard. Whoever rings from now on is heard anew; look at what there is after it."""
        os.read(self.descriptor, len(_ONE))
        self._rung = False


class Waiter:
    """Waits until a moment, not before it, and learns how early it has to wake for that.

    Args:
        clock: monotonic ns.
        bell: ends the sleep, not the spin, when it rings.

    `margin` is the time spun at the end, in ns, 50 us to 1 ms. It grows quickly after a late
    wake-up and shrinks slowly, so that it stays above the usual lateness; a rare stall of many
    milliseconds, which no margin could meet, counts as one of half a millisecond.
    """

    __slots__ = ("_bell", "_now", "margin")

    def __init__(self, clock: Callable[[], int] = now, bell: Bell | None = None) -> None:
        self._now = clock
        self._bell = bell
        self.margin = _FIRST

    def until(self, deadline: int) -> None:
        """Return at `deadline` (monotonic ns), at once if it is past, earlier if the bell rings.

        Blocks; ends in a spin.
        """
        now = self._now
        wake = deadline - self.margin
        if now() < wake:
            if self._bell is not None and bell_rings(self._bell.descriptor, wake):
                self._bell.hush()
                return
            sleep_until(wake)
            self.learn(now() - wake)
        while now() < deadline:
            pass

    def learn(self, lateness: int) -> None:
        """Adapt the margin, towards twice the lateness in ns of a wake-up."""
        excess = min(2 * lateness, _LONGEST) - self.margin
        share = 4 if excess > 0 else 64
        self.margin = max(_SHORTEST, self.margin + excess // share)


class _Watched(ctypes.Structure):
    _fields_ = (
        ("descriptor", ctypes.c_int),
        ("asked", ctypes.c_short),
        ("seen", ctypes.c_short),
    )


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


def _poll() -> Callable[[int, int], bool]:
    """Linux's ppoll, which Python has in whole milliseconds only."""
    ppoll = ctypes.CDLL(None).ppoll

    def rings(descriptor: int, moment: int) -> bool:
        watched = _Watched(descriptor, select.POLLIN, 0)
        while (left := moment - now()) > 0:
            patience = _Timespec(*divmod(left, 1_000_000_000))
            if ppoll(ctypes.byref(watched), 1, ctypes.byref(patience), None) > 0:
                return True
        return False

    return rings


def _select(descriptor: int, moment: int) -> bool:
    left = max(moment - now(), 0)
    return bool(select.select([descriptor], [], [], left / 1e9)[0])


def _relative_sleep(moment: int) -> None:
    while (left := moment - now()) > 0:
        time.sleep(left / 1e9)


sleep_until = _absolute_sleep() if sys.platform == "linux" else _relative_sleep
"""Return at a moment (monotonic ns) or somewhat later; blocks without spinning."""

bell_rings = _poll() if sys.platform == "linux" else _select
"""Whether a descriptor can be read before a moment (monotonic ns); blocks until either is so."""
