"""The players: the one that plays, and a spare that is ready to take its place."""

import subprocess
import sys
from dataclasses import dataclass

from improvd.messages import Order, SocketReport
from improvd.wire import Link, socket_pair


@dataclass(slots=True)
class PlayerProcess:
    """A player process waiting for its first order, or playing, and our end of the link to it."""

    process: subprocess.Popen[bytes]
    link: Link[SocketReport]

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
    """Start a player on this shared memory.

    It has a session of its own, so that a Ctrl-C at the terminal reaches us and not it.
    """
    ours, theirs = socket_pair()
    descriptors = [theirs.fileno(), memory]
    command = [sys.executable, "-m", "improvd.player.process", *map(str, descriptors)]
    process = subprocess.Popen(
        command, pass_fds=descriptors, stdin=subprocess.DEVNULL, start_new_session=True
    )
    theirs.close()
    return PlayerProcess(process, Link(ours, SocketReport))
