"""What the loop needs of the world around it: time, MIDI, and somebody who is told.

There are three worlds: the player's, with a clock and ports; a replay's, where everything happens
when it did; and a test's, whose clock jumps from one event to the next.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from improvd.core.jam import Jam
from improvd.core.midi.messages import Stamped
from improvd.messages import LiveOrder, Order
from improvd.shared import Peers

SentAt = tuple[int, int, bytes]
"""When it was due, when it left (both monotonic ns), and the message."""


class World(Protocol):
    """MIDI and the clock. Only `wait`, `send`, `tend`, `unheard` and `close` may take time."""

    @property
    def gone(self) -> bool:
        """Whether the MIDI system left, and another process has to wait for it."""

    @property
    def peers(self) -> Peers:
        """Who is connected to the ports."""

    def now(self) -> int:
        """Monotonic nanoseconds."""

    def wait(self, until: int) -> bool:
        """Return shortly before a moment (monotonic ns), or as soon as something comes in.

        Whether the moment is at hand: near enough to make ready what is due then.
        """

    def rehearse(self, due: int) -> None:
        """All is ready for a moment that was waited for: let the sendings to come be quick."""

    def send(self, due: int, message: bytes) -> int:
        """Send one message when it is due, at once if that is past; when it left."""

    def route(self, voices: Mapping[int, str]) -> None:
        """From now on these channels (0 to 15) are sent to the ports of these names."""

    def receive(self) -> list[Stamped]:
        """The messages that came in since the last call, oldest first."""

    def tend(self) -> list[str]:
        """Look after the ports; sentences about what has changed."""

    def unheard(self) -> list[str]:
        """It has played for a while: a sentence if nobody can hear it. Asked again, nothing."""

    def close(self) -> None:
        """Leave nothing sounding, and close the ports."""


class Orders(Protocol):
    """Where orders come from."""

    def heard(self) -> Iterator[Order]:
        """The orders that have come in. Raises EOFError when nobody is left to give any."""


class Witness(Protocol):
    """Is told all that happens, after it was done. No method blocks."""

    def turned(self, jam: Jam, now: int, heard: Iterable[Stamped], sent: Iterable[SentAt]) -> None:
        """What came in, and then what a turn at this nanosecond made of it."""

    def alive(self, now: int) -> None:
        """The loop goes round at this nanosecond."""

    def obeyed(self, jam: Jam, now: int, order: LiveOrder, outcome: str) -> None:
        """An order was carried out; a sentence on what came of it."""

    def declined(self, now: int, order: LiveOrder, error: ValueError) -> None:
        """An order could not be carried out, and nothing has changed."""

    def notice(self, text: str) -> None:
        """Something a person should know, in one sentence."""

    def connected(self, peers: Peers) -> None:
        """These are connected to the ports now."""

    def ended(self, now: int, sent: Iterable[SentAt]) -> None:
        """The performance is over, and these closed what sounded."""
