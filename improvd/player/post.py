"""The post: what comes over the link, parted into orders and what somebody played elsewhere.

What was struck on the live page is heard like what comes in on the port, in order of time with it.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import suppress

from improvd.core.midi.messages import Stamped
from improvd.messages import Hear, Order
from improvd.wire import Link

# Two hands and a pedal for some seconds; more is a flood, and what is there already is due first.
_MOST_STRUCK = 1024


class Post:
    """Takes in what the service says. No method blocks."""

    def __init__(self, link: Link[Order]) -> None:
        self._link = link
        self._orders: deque[Order] = deque()
        self._struck: deque[Stamped] = deque()

    def heard(self) -> Iterator[Order]:
        """The orders that have come in. Raises EOFError when nobody is left to give any."""
        self._read()
        while self._orders:
            yield self._orders.popleft()

    def struck(self, now: int) -> list[Stamped]:
        """What was played elsewhere since the last call, oldest first, never after now."""
        with suppress(EOFError):  # `heard` says so too
            self._read()
        if self._struck:
            struck = sorted((min(stamp, now), message) for stamp, message in self._struck)
            self._struck.clear()
            return struck
        return []

    def _read(self) -> None:
        for order in self._link.heard():
            if not isinstance(order, Hear):
                self._orders.append(order)
            elif len(self._struck) < _MOST_STRUCK:
                self._struck.append((order.stamp_ns, order.message))
