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
from contextlib import suppress

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
        with suppress(BlockingIOError):  # nobody rang
            os.read(self.descriptor, len(_ONE))
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

        Whether the margin has begun; at once if it is past. A signal is something that happens.
        """
        wake = deadline - self.margin
        while self.now() < wake:
            if readable(self._descriptors, wake):
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


def _poll() -> Callable[[tuple[int, int], int], bool]:
    """Linux's ppoll, which Python has in whole milliseconds only."""
    ppoll = ctypes.CDLL(None).ppoll

    def readable(descriptors: tuple[int, int], moment: int) -> bool:
        one, other = descriptors
        watched = (_Watched * 2)(_Watched(one, select.POLLIN, 0), _Watched(other, select.POLLIN, 0))
        patience = _Timespec(*divmod(max(moment - now(), 0), 1_000_000_000))
        return bool(ppoll(watched, 2, ctypes.byref(patience), None))

    return readable


def _select(descriptors: tuple[int, int], moment: int) -> bool:
    left = max(moment - now(), 0)
    return bool(select.select(descriptors, [], [], left / 1e9)[0])


def _relative_sleep(moment: int) -> None:
    while (left := moment - now()) > 0:
        time.sleep(left / 1e9)


sleep_until = _absolute_sleep() if sys.platform == "linux" else _relative_sleep
"""Return at a moment (monotonic ns) or somewhat later; blocks without spinning."""

readable = _poll() if sys.platform == "linux" else _select
"""Whether one of two descriptors can be read, or a signal came, before a moment (monotonic ns);
blocks until either is so."""
