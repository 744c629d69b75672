"""Waiting by Linux's own calls, to the nanosecond where Python has milliseconds."""

import sys

assert sys.platform == "linux"

import ctypes
import os
import select
import time
from collections.abc import Callable
from contextlib import suppress

_LIBC = ctypes.CDLL(None)
now = time.monotonic_ns
"""The steady clock in ns, the same in all processes."""

_ONE = (1).to_bytes(8, sys.byteorder)


class EventWake:
    """A descriptor that can be read once `set` was called, until `clear`. Neither blocks."""

    def __init__(self) -> None:
        self.descriptor = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def set(self) -> None:
        """It can be read from now on; any thread may call this."""
        os.write(self.descriptor, _ONE)

    def clear(self) -> None:
        """It cannot be read any more."""
        with suppress(BlockingIOError):
            os.read(self.descriptor, len(_ONE))


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
    clock_nanosleep = _LIBC.clock_nanosleep
    monotonic, absolute = 1, 1

    def sleep(moment: int) -> None:
        wake = _Timespec(*divmod(moment, 1_000_000_000))
        # Ended early by a signal: its handler has run by the next line of Python, sleep on.
        while now() < moment:
            clock_nanosleep(monotonic, absolute, ctypes.byref(wake), None)

    return sleep


def _poll() -> Callable[[tuple[int, int], int], bool]:
    """Linux's ppoll, which Python has in whole milliseconds only."""
    ppoll = _LIBC.ppoll

    def readable(descriptors: tuple[int, int], moment: int) -> bool:
        one, other = descriptors
        watched = (_Watched * 2)(_Watched(one, select.POLLIN, 0), _Watched(other, select.POLLIN, 0))
        patience = _Timespec(*divmod(max(moment - now(), 0), 1_000_000_000))
        return bool(ppoll(watched, 2, ctypes.byref(patience), None))

    return readable


sleep_until = _absolute_sleep()
"""Return at a moment (monotonic ns) or somewhat later; blocks without spinning."""

readable = _poll()
"""Whether one of two descriptors can be read, or a signal came, before a moment (monotonic ns);
blocks until either is so."""
