"""Linux: exact waiting, real time, memory that is locked, folders in memory."""

import sys

assert sys.platform == "linux"

import ctypes
import os
import resource
import select
import signal
import struct
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from improvd.system import portable, posix
from improvd.system.jack_servers import jack_server, load_rtmidi, pipewire_answers

MIDI_SYSTEMS = ("alsa", "jack")
"""As the `api` of the configuration calls them; the first that answers is taken."""

STARTS_SERVICES = "systemd"
"""What starts programs and looks after them."""

HOW_TO_HAVE_MIDI = (
    "Install a MIDI system and start it: `modprobe snd-seq` for ALSA's (Debian: libasound2), "
    "or jackd2, or PipeWire (Debian: pipewire-jack)."
)
"""What to do where no MIDI system answers."""

__all__ = [
    "HOW_TO_HAVE_MIDI",
    "MIDI_SYSTEMS",
    "STARTS_SERVICES",
    "EventWake",
    "ask_for_time",
    "asleep",
    "jack_server",
    "load_rtmidi",
    "memory",
    "pipewire_answers",
    "readable",
    "reserve",
    "runtime_folder",
    "sleep_until",
    "state_folder",
]

_LIBC = ctypes.CDLL(None)
now = time.monotonic_ns
"""The steady clock in ns, the same in all processes."""

# -- waiting -----------------------------------------------------------------------------------

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


# How often somebody looks who waits for the end of a process, in s.
_LOOK_EVERY_S = 0.001

# States of a thread that has nothing to do: sleeping, stopped, or stopped by a debugger.
_ASLEEP = (b"S", b"T", b"t")


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

# -- real time ---------------------------------------------------------------------------------

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


# -- memory and folders ------------------------------------------------------------------------


def memory(size: int) -> int:
    """A descriptor of so many bytes of memory that processes can share. Raises OSError."""
    if not hasattr(os, "memfd_create"):  # a Python made for an older system
        return portable.memory(size)
    descriptor = os.memfd_create("improvd", 0)
    portable.reserve(descriptor, size)
    return descriptor


def reserve(descriptor: int, size: int) -> None:
    """Make a file so long, in bytes, all at once. Raises OSError.

    In a full file system, the first note would end the player otherwise.
    """
    os.posix_fallocate(descriptor, 0, size)


IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own in it, which is checked


def state_folder() -> Path:
    """The folder for what lasts, as the XDG specification has it."""
    return Path.home() / ".local" / "state" / "improvd"


def runtime_folder() -> Path:
    """A folder for sockets of this user's.

    In memory, if it can be: a player that marks its notes on a disk waits for it.
    """
    if os.access(IN_MEMORY, os.W_OK | os.X_OK):
        return IN_MEMORY / f"improvd-{os.getuid()}"
    return posix.runtime_folder()


class ForkedProcess:
    """A process that is a copy of this one, with what is used of `subprocess.Popen`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._status: int | None = None

    def poll(self) -> int | None:
        """How it ended, a signal being negative; None if it has not."""
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._status = os.waitstatus_to_exitcode(status) if pid else None
        return self._status

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended, and how. Raises subprocess.TimeoutExpired after so many s."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("improvd", timeout or 0)
            time.sleep(_LOOK_EVERY_S)
        return status

    def kill(self) -> None:
        """End it at once."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


def forked(work: Callable[[], None]) -> ForkedProcess | None:
    """A copy of this process, in a session of its own, that does this work and ends.

    None where there cannot be one. For a process that has one thread only.
    """
    try:
        pid = os.fork()
    except OSError:
        return None
    if pid == 0:
        _become(work)
    return ForkedProcess(pid)


def _become(work: Callable[[], None]) -> NoReturn:
    """Do this as a program of its own would, to its end."""
    status = 1
    try:
        os.setsid()  # a Ctrl-C at the terminal does not reach it
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a descriptor is wanted
            os.dup2(nothing.fileno(), 0)
        work()
        status = 0
    except Exception:  # noqa: BLE001 - it is told, as at the end of any program
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)  # what is to happen at the end of this program is for the other one


def asleep(process: int) -> bool:
    """Whether all threads of a process are stopped, or wait for what has not come."""
    try:
        threads = [path.read_bytes() for path in Path("/proc").glob(f"{process}/task/*/stat")]
    except OSError:  # it ends just now
        return False
    # After the name, which may have brackets and blanks in it: proc(5).
    states = [thread.rpartition(b")")[2].split()[0] for thread in threads]
    return bool(states) and all(state in _ASLEEP for state in states)
