"""What Linux gives a process that must not be late."""

import sys

assert sys.platform == "linux"

import ctypes
import os
import resource
import struct
from contextlib import suppress
from pathlib import Path

_LIBC = ctypes.CDLL(None)

# Above everything that is not in real time and above jackd's default (10), under which a note was
# 100 us late at p99 instead of 25; under PipeWire's 88 and the 70 and more that studios give JACK,
# since sound that is being made goes before a note that begins.
_PRIORITY = 30
# The processor time in s that a real-time process may take in one go before the system ends it.
# We spin for a millisecond at most; one that runs away would hold a core for ever.
_RUNAWAY = (1_000_000, 2_000_000)

# <sys/mman.h>: what there is, what comes, and each page only when it is first used (without that,
# hundreds of MB of stacks and libraries that nobody touches would be read in).
_LOCK_ALL = 1 | 2 | 4
# Locking needs this many times the size that we have, if it is limited.
_ROOM = 4
_SET_TIMER_SLACK = 29  # <sys/prctl.h>
_TIMER_SLACK_NS = 1000
_SLICE_NS = 100_000
_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}


def ask_for_time() -> tuple[bool, bool]:
    """Ask for all that Linux gives a process that must not be late, and its threads to come.

    Whether it goes before others (SCHED_FIFO), and whether its memory is kept from being paged.
    """
    _LIBC.prctl(_SET_TIMER_SLACK, _TIMER_SLACK_NS, 0, 0, 0)
    _keep_awake()
    first = _go_first()
    if not first:
        _take_short_slices()
    return first, _lock_memory()


def _keep_awake() -> None:
    """No deep sleep for the processors, from which they wake 100 us late, while we live."""
    with suppress(OSError):
        # Not closed: the kernel takes a closed file for the end of the wish.
        latency = os.open("/dev/cpu_dma_latency", os.O_WRONLY)
        os.write(latency, struct.pack("i", 0))


def _go_first() -> bool:
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_PRIORITY))
    except OSError:
        return False
    with suppress(ValueError, OSError):  # a lower limit than ours is there already
        resource.setrlimit(resource.RLIMIT_RTTIME, _RUNAWAY)
    return True


def _take_short_slices() -> None:
    """The next best: a process that asks for short turns gets them sooner (Linux 6.12 and on)."""
    number = _SCHED_SETATTR.get(os.uname().machine)
    if number is None:
        return
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    # struct sched_attr: size, policy (ordinary), flags, nice, priority, runtime, deadline, period
    attributes = struct.pack("IIQiIQQQ", 48, 0, 0, nice, 0, _SLICE_NS, 0, 0)
    _LIBC.syscall(number, 0, attributes, 0)


def _lock_memory() -> bool:
    """Lock what is used now and later, unless a limit might make a later allocation fail."""
    _, limit = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (limit, limit))
    if _LIBC.mlockall(_LOCK_ALL) != 0:
        return False
    size = resource.getpagesize() * int(Path("/proc/self/statm").read_text().split()[0])
    if safe(limit, size):
        return True
    _LIBC.munlockall()
    return False


def safe(limit: int, size: int) -> bool:
    """Whether a process of a size in bytes, which is locked, can grow under a limit (-1: none).

    A limit under its size did not keep it from locking: it has the right not to be limited.
    """
    return limit == -1 or limit < size or limit > _ROOM * size
