"""Processes that are copies of this one, and what others are doing."""

import sys

assert sys.platform == "linux"

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

# How often somebody looks who waits for the end of a process, in s.
_LOOK_EVERY_S = 0.001

# States of a thread that has nothing to do: sleeping, stopped, or stopped by a debugger.
_ASLEEP = (b"S", b"T", b"t")


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
