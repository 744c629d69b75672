"""The players: the one that plays, and a spare that is ready to take its place."""

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from improvd import system
from improvd.messages import Order, SocketReport
from improvd.shared import make
from improvd.wire import Link, socket_pair


@dataclass(slots=True)
class HeadStart:
    """A first player, started while the service still finds out what it is to play.

    `memory` is the descriptor of what they share, `path` what it is called until that player plays:
    what the one before left sounding is known by its memory, and still has to be closed.
    """

    memory: int
    path: Path
    player: "PlayerProcess"
    settled: bool = False

    @classmethod
    def taken(cls, folder: Path) -> "HeadStart":
        """Begin to start a player, its memory being in this folder. Raises OSError."""
        path = folder / f".{os.getpid()}.memory"  # no instance can be called so
        descriptor = make(path)
        return cls(descriptor, path, start_player(descriptor))

    def settle(self) -> tuple[int, "PlayerProcess"]:
        """It is to play; who takes memory and player has to close them."""
        self.settled = True
        return self.memory, self.player

    def plays(self, memory: Path) -> None:
        """The memory takes the place of the one before."""
        with suppress(OSError):  # it has no name where there was no room or no right
            self.path.replace(memory)

    def give_up(self) -> None:
        """It has ended, or is not to play."""
        self.path.unlink(missing_ok=True)
        if not self.settled:
            self.player.dismiss()
            os.close(self.memory)


@dataclass(slots=True)
class PlayerProcess:
    """A player process waiting for its first order, or playing, and our end of the link to it."""

    process: subprocess.Popen[bytes]
    link: Link[SocketReport]

    @property
    def asleep(self) -> bool:
        """Whether all of it is stopped, or waits for what has not come; False if not known."""
        return system.asleep(self.process.pid)

    def tell(self, *orders: Order) -> None:
        """Give it these orders."""
        for order in orders:
            self.link.tell(order)

    def dismiss(self) -> None:
        """End it by all means; returns when it has ended."""
        self.link.close()
        self.process.kill()
        self.process.wait()


def start_player(memory: int) -> PlayerProcess:
    """Start a player on this shared memory; a Ctrl-C at the terminal reaches us and not it."""
    ours, theirs = socket_pair()
    numbers, handing_over = system.hand_over(theirs, memory)
    command = [sys.executable, "-m", "improvd.player", *map(str, numbers)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **handing_over)
    theirs.close()
    return PlayerProcess(process, Link(ours, SocketReport))
