"""A first player, started before the service knows what it is to play.

It loads what takes longest while the service reads its own part. So nothing is imported here that
takes long itself, and nothing that the command line needs.
"""

import os
import runpy
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from improvd import folders, system
from improvd.system.handover import make, socket_pair
from improvd.system.portable import Process, ask_for_room

_ASKS = frozenset({"-h", "--help", "--version"})
_PLAYER = "improvd.player"
# What the service and a player take each, in descriptors and bytes. It is asked for beforehand:
# later, what is imported or opened fails anywhere, and some libraries end the process then. NumPy
# is 110 MB of address space; the first thread may have been given 70 MB of it by then.
_DESCRIPTORS, _MEMORY = 12, 192 << 20


class HeadStart:
    """A player on its way, its memory being in this folder. Raises OSError.

    `early`: nothing has been done in this process yet, so that the player can be a copy of it and
    need not begin with Python itself, which is a tenth of its way to the first beat.

    `memory` is the descriptor of what they share, `path` what it is called until that player plays:
    what the one before left sounding is known by its memory, and still has to be closed. `process`
    is the player, `link` our end of its socket.
    """

    def __init__(self, folder: Path, *, early: bool = False) -> None:
        ask_for_room(_DESCRIPTORS, _MEMORY)
        self.path = folder / f".{os.getpid()}.memory"  # no instance can be called so
        self.memory = make(self.path)
        self.process, self.link = (early and _fork(self.memory)) or spawn(self.memory)
        self._settled = False

    def settle(self) -> None:
        """It is to play; who takes memory, process and link has to close them."""
        self._settled = True

    def plays(self, memory: Path) -> None:
        """The memory takes the place of the one before."""
        # It has no name where there was no room or no right. On Windows a file that is open keeps
        # the name it has, and may have another beside it.
        with suppress(OSError):
            try:
                self.path.replace(memory)
            except PermissionError:
                memory.unlink(missing_ok=True)
                os.link(self.path, memory)

    def give_up(self) -> None:
        """It has ended, or is not to play; more than once does no harm."""
        if not self._settled:
            self._settled = True
            self.link.close()
            self.process.kill()
            self.process.wait()
            os.close(self.memory)
        with suppress(OSError):  # somebody has it open still, where that keeps it there
            self.path.unlink(missing_ok=True)


def spawn(memory: int) -> tuple[Process, socket.socket]:
    """Start a player on this shared memory; it, and our end of its socket. Raises OSError.

    A Ctrl-C at the terminal reaches us and not it.
    """
    ours, theirs = socket_pair()
    try:
        numbers, handing_over = system.hand_over(theirs, memory)
        command = [sys.executable, "-m", _PLAYER, *map(str, numbers)]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **handing_over)
    except OSError:
        ours.close()
        raise
    finally:
        theirs.close()
    return process, ours


def _fork(memory: int) -> tuple[Process, socket.socket] | None:
    """A player that is a copy of this process, and our end of its socket; None if there is none."""
    ours, theirs = socket_pair()

    def play() -> None:
        ours.close()
        sys.argv = ["improvd", str(theirs.detach()), str(memory)]
        runpy.run_module(_PLAYER, run_name="__main__")

    process = system.forked(play)
    theirs.close()
    if process is None:
        ours.close()
        return None
    return process, ours


def begun(arguments: Sequence[str]) -> HeadStart | None:
    """A head start, if this command line seems to ask for music; None also if there cannot be one.

    A player too many is given up and does no harm; why one cannot be had is said by who plays.
    """
    named = arguments and not arguments[0].startswith("-")
    if named or not _ASKS.isdisjoint(arguments):
        return None
    with suppress(OSError, ValueError):
        return HeadStart(folders.runtime(), early=True)
    return None
