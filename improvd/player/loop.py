"""The loop: wait, hear, obey, turn, send, tell. Nothing else happens while music plays."""

from collections.abc import Callable
from typing import Protocol

from improvd.core.performer import Performer
from improvd.messages import Order, Played, Sent, Stop
from improvd.player.wait import Waiter
from improvd.wire import Link

# Orders and signals are noticed this soon between two things due.
_LONGEST_WAIT_NS = 50_000_000


class World(Protocol):
    """The MIDI ports and the clock, as the loop needs them. No method blocks."""

    def now(self) -> int:
        """Monotonic nanoseconds."""

    def send(self, message: bytes) -> None:
        """Send one message."""

    def receive(self) -> list[tuple[int, bytes]]:
        """The messages that came in since the last call, each after its time stamp."""

    def close(self) -> None:
        """Close the ports."""


def play(
    performer: Performer, world: World, link: Link[Order], stopped: Callable[[], bool]
) -> None:
    """Play until a stop order, the end of the link or `stopped()`; leave nothing sounding."""
    waiter = Waiter(world.now)
    try:
        while not stopped() and not _told_to_stop(link):
            waiter.until(min(performer.wake(), world.now() + _LONGEST_WAIT_NS))
            for stamp, message in world.receive():
                performer.hear(stamp, message)
            _send(world, link, performer.turn(world.now()))
            while performer.beats:
                link.tell(Played(performer.beats.popleft()))
    finally:
        _send(world, link, [(world.now(), off) for off in performer.silence()])
        world.close()


def _send(world: World, link: Link[Order], messages: list[tuple[int, bytes]]) -> None:
    """All notes first, the news of them after: telling takes time that a chord would hear."""
    sent = []
    for due, message in messages:
        world.send(message)
        sent.append((due, world.now(), message))
    for due, now, message in sent:
        link.tell(Sent(due, now, message))


def _told_to_stop(link: Link[Order]) -> bool:
    try:
        return any(isinstance(order, Stop) for order in link.heard())
    except EOFError:
        return True
