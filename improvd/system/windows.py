"""Windows, as far as it can be written without one: nothing here has been tried."""

import sys

assert sys.platform == "win32"

import ctypes
import msvcrt
import os
import signal
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

MIDI_SYSTEMS = ("winmm",)
"""As the `api` of the configuration calls them; the first that answers is taken."""

STARTS_SERVICES = ""
"""What starts programs and looks after them."""

HOW_TO_HAVE_MIDI = (
    "Windows always has MIDI; install python-rtmidi for this Python, and make a port with loopMIDI "
    "that improvd and your DAW share."
)
"""What to do where no MIDI system answers."""

BINARY = os.O_BINARY
"""The flag for `os.open` by which bytes are written as they are."""

HANG_UP = signal.SIGBREAK
"""The console is being closed."""

# Nobody else may read what is locked, so it is a byte far behind the end of any file of ours.
_LOCKED_BYTE = 1 << 40


# <processthreadsapi.h>, <winbase.h>
_HIGH_PRIORITY, _TIME_CRITICAL = 0x80, 15
_STEP_MS = 1


def ask_for_time() -> tuple[bool, bool]:
    """Ask that this process go before ordinary ones, and be woken to the millisecond.

    Without that, `select` waits in steps of 15.6 ms. Whatever comes of it, nothing is said to be
    missing, since there is nothing that a person could do about it.
    """
    with suppress(OSError, AttributeError):
        ctypes.WinDLL("winmm").timeBeginPeriod(_STEP_MS)
        kernel = ctypes.WinDLL("kernel32")
        kernel.GetCurrentProcess.restype = kernel.GetCurrentThread.restype = ctypes.c_void_p
        for ask in (kernel.SetPriorityClass, kernel.SetThreadPriority):
            ask.argtypes = (ctypes.c_void_p, ctypes.c_int)
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _HIGH_PRIORITY)
        kernel.SetThreadPriority(kernel.GetCurrentThread(), _TIME_CRITICAL)
    return True, True


class SocketWake:
    """A descriptor that can be read once `set` was called, until `clear`. Neither blocks.

    A pair of sockets: nothing else can be waited for by `select`.
    """

    def __init__(self) -> None:
        self._end, self._setter = socket.socketpair()
        self._end.setblocking(False)
        self._setter.setblocking(False)
        self.descriptor = self._end.fileno()

    def set(self) -> None:
        """It can be read from now on; any thread may call this."""
        with suppress(BlockingIOError):  # there is more than enough to read
            self._setter.send(b"\x01")

    def clear(self) -> None:
        """It cannot be read any more."""
        with suppress(BlockingIOError):
            self._end.recv(4096)


def lock(descriptor: int, *, shared: bool = False) -> None:
    """Lock an open file until it is closed, or the process ends.

    There are no shared locks here: who asks for one has it alone, and lets go of it soon. Raises
    BlockingIOError where another holds it.
    """
    del shared
    before = os.lseek(descriptor, 0, os.SEEK_CUR)
    os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    except PermissionError as error:
        raise BlockingIOError(error.errno, error.strerror) from None
    finally:
        os.lseek(descriptor, before, os.SEEK_SET)


def state_folder() -> Path:
    """The folder for what lasts."""
    return _local() / "improvd"


def runtime_folder() -> Path:
    """A folder for what lives while improvd runs."""
    return _local() / "improvd" / "run"


def is_ours(found: os.stat_result) -> bool:
    """Whether a file is this user's: it lies in the profile, where nobody else can write."""
    del found
    return True


def user() -> int:
    """Users have no numbers here."""
    return 0


def is_root() -> bool:
    """Whether this user may do everything: what would ask for it is not for Windows."""
    return False


def _local() -> Path:
    given = os.environ.get("LOCALAPPDATA")
    return Path(given) if given else Path.home() / "AppData" / "Local"


# -- processes ---------------------------------------------------------------------------------


def hand_over(link: socket.socket, memory: int) -> tuple[list[int], dict[str, Any]]:
    """How a process is given a socket and the descriptor of a memory when it is started.

    The numbers that it has to be told, and the arguments of `subprocess.Popen`. It is in a process
    group of its own, so that a Ctrl-C at the console does not reach it.
    """
    handles = [link.fileno(), msvcrt.get_osfhandle(memory)]
    for handle in handles:
        os.set_handle_inheritable(handle, True)
    startup = subprocess.STARTUPINFO(lpAttributeList={"handle_list": handles})
    flags = subprocess.CREATE_NEW_PROCESS_GROUP
    return handles, {"startupinfo": startup, "creationflags": flags}


def taken_over(memory: int) -> int:
    """The descriptor of the memory that was handed over under this number."""
    return msvcrt.open_osfhandle(memory, os.O_RDWR)


class _Loop(Protocol):
    """An event loop of asyncio, which the player must not import."""

    def call_soon_threadsafe(self, callback: Callable[[], object]) -> object:
        """See asyncio."""


def on_signal(loop: _Loop, number: signal.Signals, callback: Callable[[], object]) -> None:
    """Have the loop call this when a signal comes; its next timer wakes it for that."""
    signal.signal(number, lambda *_: loop.call_soon_threadsafe(callback))


def send_datagram(address: str, data: bytes) -> None:
    """There are no Unix sockets, and nobody who listens at one. Raises OSError."""
    del data
    raise OSError(f"no datagram can be sent to {address} here")
