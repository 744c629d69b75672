"""What a player is given when it is started: one end of a link, and a memory.

Nothing that takes long to load is needed for that, so that a player can be on its way first.
"""

import os
import socket
from contextlib import suppress
from pathlib import Path

from improvd import system

MEMORY = 4096 + (1 << 21) + (1 << 22)
"""Bytes of the shared memory; `improvd.shared` says what is where in it."""
# What is asked for; where it is granted, an order of the usual size leaves in one go.
_ROOM = 1 << 18


def make(path: Path | None = None) -> int:
    """A file descriptor of new shared memory, to be inherited by the player. Raises OSError.

    With a path it outlives both processes there, for who has to close what they left sounding.
    """
    if path is not None:
        try:
            return _named(path)
        except OSError:  # no room or no right: it plays all the same
            with suppress(OSError):
                path.unlink()
    return system.memory(MEMORY)


def socket_pair() -> tuple[socket.socket, socket.socket]:
    """A connected pair of stream sockets, with room for a few orders."""
    pair = socket.socketpair()
    for end in pair:
        # Some systems have room for 8 KB only, unless they are asked; that is no more than slower.
        for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, buffer, _ROOM)
    return pair


def _named(path: Path) -> int:
    # A new file: a player that is only just leaving still writes into its own.
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        system.reserve(descriptor, MEMORY)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
