"""The players: the one that plays, and a spare that is ready to take its place."""

from dataclasses import dataclass

from improvd import system
from improvd.messages import Order, SocketReport
from improvd.service.players.head_start import HeadStart, spawn
from improvd.system.portable import Process
from improvd.wire import Link


@dataclass(slots=True)
class PlayerProcess:
    """A player process waiting for its first order, or playing, and our end of the link to it."""

    process: Process
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
    """Start a player on this shared memory. Raises OSError."""
    process, link = spawn(memory)
    return PlayerProcess(process, Link(link, SocketReport))


def settled(first: HeadStart) -> tuple[int, PlayerProcess]:
    """The memory and the player of a head start, which is to play; who takes them closes them."""
    first.settle()
    return first.memory, PlayerProcess(first.process, Link(first.link, SocketReport))
