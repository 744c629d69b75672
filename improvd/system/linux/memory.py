"""Memory that processes share, and the folders."""

import sys

assert sys.platform == "linux"

import os
from pathlib import Path

from improvd.system import portable, posix


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
