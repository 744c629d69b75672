"""What Linux, macOS and other Unix systems have in common."""

import sys

assert sys.platform != "win32"

import fcntl
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

BINARY = 0
"""The flag for `os.open` by which bytes are written as they are."""

HANG_UP = signal.SIGHUP
"""The terminal is gone; to a service: read your settings again."""


class PipeWake:
    """A descriptor that can be read once `set` was called, until `clear`. Neither blocks."""

    def __init__(self) -> None:
        self.descriptor, self._setter = os.pipe()
        os.set_blocking(self.descriptor, False)
        os.set_blocking(self._setter, False)

    def set(self) -> None:
        """It can be read from now on; any thread may call this."""
        with suppress(BlockingIOError):  # there is more than enough to read
            os.write(self._setter, b"\x01")

    def clear(self) -> None:
        """It cannot be read any more."""
        with suppress(BlockingIOError):
            os.read(self.descriptor, 4096)


def lock(descriptor: int, *, shared: bool = False) -> None:
    """Lock an open file until it is closed, or the process ends.

    Raises BlockingIOError where another holds it, OSError where there are no locks.
    """
    fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


def runtime_folder() -> Path:
    """A folder for sockets of this user's."""
    import tempfile  # noqa: PLC0415 - it brings much along, and a start waits for it

    return Path(tempfile.gettempdir()) / f"improvd-{os.getuid()}"


def is_ours(found: os.stat_result) -> bool:
    """Whether a file is this user's."""
    return found.st_uid == os.getuid()


def user() -> int:
    """This user's number."""
    return os.getuid()


def is_root() -> bool:
    """Whether this user may do everything."""
    return os.geteuid() == 0


# -- processes ---------------------------------------------------------------------------------


def hand_over(link: socket.socket, memory: int) -> tuple[list[int], dict[str, Any]]:
    """How a process is given a socket and the descriptor of a memory when it is started.

    The numbers that it has to be told, and the arguments of `subprocess.Popen`. It has a session
    of its own, so that a Ctrl-C at the terminal does not reach it.
    """
    descriptors = [link.fileno(), memory]
    return descriptors, {"pass_fds": descriptors, "start_new_session": True}


def taken_over(memory: int) -> int:
    """The descriptor of the memory that was handed over under this number."""
    return memory


class _Loop(Protocol):
    """An event loop of asyncio, which the player must not import."""

    def add_signal_handler(self, sig: int, callback: Callable[..., object]) -> None:
        """See asyncio."""


def on_signal(loop: _Loop, number: signal.Signals, callback: Callable[[], object]) -> None:
    """Have the loop call this when a signal comes."""
    loop.add_signal_handler(number, callback)


# -- sockets -----------------------------------------------------------------------------------


def has_screen() -> bool:
    """Whether a browser can be opened for the person here: on macOS, or with a display."""
    return sys.platform == "darwin" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def control_socket() -> socket.socket:
    """A socket to be bound, or connected, to the path of an instance."""
    return socket.socket(socket.AF_UNIX)


def bind(unbound: socket.socket, path: Path) -> bytes:
    """Bind it to a path, in place of one left behind there. Raises OSError.

    Returns the secret that whoever connects has to send first: none, as only this user can.
    """
    path.unlink(missing_ok=True)
    unbound.bind(str(path))
    path.chmod(0o600)
    return b""


def connect(unconnected: socket.socket, path: Path) -> None:
    """Connect it to the socket at a path. Raises OSError."""
    unconnected.connect(str(path))


def send_datagram(address: str, data: bytes) -> None:
    """Send a datagram to a Unix socket without waiting. Raises OSError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as unconnected:
        unconnected.setblocking(False)
        unconnected.sendto(data, address)
