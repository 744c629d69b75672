"""What can be done the same way on every system, for those that have no better one."""

import errno
import importlib
import mmap
import os
import select
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import ModuleType
from typing import Protocol

now = time.perf_counter_ns
"""The steady clock in ns, the same in all processes.

It is `time.monotonic_ns` but on Windows, where that one steps by 15.6 ms before Python 3.13.
"""

_ZEROS = bytes(1 << 16)

_FILES = "the system lets it open too few files; allow more, such as by `ulimit -n 256`"
_PROCESSES = "the system lets it start too few processes; allow more by `ulimit -u`"
_MEMORY = "the system gives it too little memory; end other programs, or allow more by `ulimit -v`"
# What the loader of shared libraries says then.
_UNMAPPED = "failed to map segment"


def sleep_until(moment: int) -> None:
    """Return at a moment (monotonic ns) or somewhat later; blocks without spinning."""
    while (left := moment - now()) > 0:
        time.sleep(left / 1e9)


def readable(descriptors: tuple[int, int], moment: int) -> bool:
    """Whether one of two descriptors can be read before a moment (monotonic ns).

    Blocks until either is so. A signal's handler runs meanwhile and does not end it.
    """
    left = max(moment - now(), 0)
    return bool(select.select(descriptors, [], [], left / 1e9)[0])


def memory(size: int) -> int:
    """The descriptor of a file of a size in bytes that has no name any more. Raises OSError."""
    import tempfile  # noqa: PLC0415 - it brings much along, and a start waits for it

    with tempfile.TemporaryFile() as file:
        descriptor = os.dup(file.fileno())
    reserve(descriptor, size)
    return descriptor


def reserve(descriptor: int, size: int) -> None:
    """Make a file so long, in bytes, and have its room on the disk. Raises OSError.

    A hole that is written to when the disk is full would end the player in mid-note.
    """
    os.ftruncate(descriptor, size)
    for at in range(0, size, len(_ZEROS)):
        os.lseek(descriptor, at, os.SEEK_SET)
        os.write(descriptor, _ZEROS[: size - at])


class Process(Protocol):
    """A process that we started, as `subprocess.Popen` has it."""

    @property
    def pid(self) -> int:
        """Its number."""

    def poll(self) -> int | None:
        """How it ended, a signal being negative; None if it has not."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended, and how. Raises subprocess.TimeoutExpired after so many s."""

    def kill(self) -> None:
        """End it at once."""


def forked(work: Callable[[], None]) -> Process | None:
    """None: here a process had better be started anew than copied."""
    del work
    return None


def ask_for_time() -> tuple[bool, bool]:
    """Nothing is asked for, and so nothing is missing: first in line, and memory locked."""
    return True, True


def has_screen() -> bool:
    """Whether a browser can be opened for the person here."""
    return True


def asleep(process: int) -> bool:
    """Whether a process does nothing; here it is not known, and taken to be busy."""
    del process
    return False


def jack_server() -> str | None:
    """Who answers JACK's clients: JACK, if anybody; opening one tells."""
    return "JACK"


def pipewire_answers() -> bool:
    """Whether PipeWire runs; it is Linux's."""
    return False


def load_rtmidi() -> ModuleType:
    """Python's way to MIDI, rtmidi. Raises ImportError."""
    return importlib.import_module("rtmidi")


def ask_for_room(descriptors: int, size: int) -> None:
    """Take so many descriptors and bytes of memory, and give them back. Raises OSError."""
    with ExitStack() as taken:
        taken.enter_context(mmap.mmap(-1, size))
        for _ in range(descriptors):
            taken.callback(os.close, os.open(os.devnull, os.O_RDONLY))


def scarcity(error: BaseException) -> str | None:
    """What there was too little of, if that is what this error, or its cause, comes from."""
    if isinstance(error, ImportError) and error.__cause__ and (of := scarcity(error.__cause__)):
        return of
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.EMFILE, errno.ENFILE):
        return _FILES
    if number == errno.EAGAIN:  # of a process or a thread
        return _PROCESSES
    unmapped = isinstance(error, ImportError) and _UNMAPPED in str(error)
    return _MEMORY if isinstance(error, MemoryError) or number == errno.ENOMEM or unmapped else None
