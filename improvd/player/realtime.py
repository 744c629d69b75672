"""Asking the system for time: what a process may have that must not be late.

Everything is asked for and nothing is insisted on: an ordinary process plays too, and wakes some
tens of microseconds later, milliseconds where the machine is busy.
"""

import ctypes
import gc
import os
import platform
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

if sys.platform == "linux":
    import resource

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


@dataclass(frozen=True, slots=True)
class Rights:
    """What was granted: to go before others (SCHED_FIFO), and to keep memory from being paged."""

    first: bool
    locked: bool

    @property
    def sentence(self) -> str | None:
        """What is missing and what to do about it, None if nothing is."""
        missing = [
            what
            for what, granted in (("SCHED_FIFO", self.first), ("locked memory", self.locked))
            if not granted
        ]
        if not missing:
            return None
        return (
            f"Playing without {' and '.join(missing)}, a little less exactly: "
            'put the lines "@audio - rtprio 95" and "@audio - memlock unlimited" into '
            "/etc/security/limits.d/audio.conf, join the group audio and log in again; "
            "in a systemd unit, set LimitRTPRIO=95 and LimitMEMLOCK=infinity."
        )


def ask() -> Rights:
    """Ask for all that this system has to give, for this process and the threads it starts.

    Blocks for a few milliseconds, so it comes when everything is loaded and before music plays.
    Elsewhere than on Linux nothing is asked for, and so nothing is missing.
    """
    _settle_garbage()
    if sys.platform != "linux":
        return Rights(first=True, locked=True)
    _LIBC.prctl(_SET_TIMER_SLACK, _TIMER_SLACK_NS, 0, 0, 0)
    _keep_awake()
    first = _go_first()
    if not first:
        _take_short_slices()
    return Rights(first, _lock_memory())


def tidy() -> None:
    """Collect what was left in cycles since `ask`, if anything: an exception leaves some.

    The beat path makes no cycles, so the collector, which would stop it at any moment, is off.
    Everything that was there before is passed over, so this takes some 0.1 ms.
    """
    gc.collect()


def _settle_garbage() -> None:
    gc.collect()
    gc.freeze()
    gc.disable()


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
    number = _SCHED_SETATTR.get(platform.machine())
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
