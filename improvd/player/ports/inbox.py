"""What was heard and not yet taken, each message with the moment at which it was played.

Drivers tell the time between messages exactly; when we learn of a message depends on what else
the machine does. So moments are built from the driver's intervals, on an anchor of our own clock.
"""

from collections import deque
from collections.abc import Sequence

from improvd.core.midi.messages import ACTIVE_SENSING, Stamped, is_whole
from improvd.player.wait import Bell

# Twenty milliseconds of the densest flood that MIDI programs have been seen to send, twenty times.
LIMIT = 4096

# How far behind our clock a moment may fall before the intervals are taken to have lost time.
_TOO_OLD = 50_000_000
# Active sensing comes every 300 ms; of a flood of it one in this time tells as much.
_SENSED_NS = 30_000_000


class Inbox:
    """A bounded queue between the driver's thread and the player's.

    `put` may be called by one thread and `take` by another; neither blocks. Full, it drops what
    comes and counts it in `dropped`: what is there already is older and due first. The bell
    rings for each message that was put.
    """

    def __init__(self, limit: int = LIMIT, bell: Bell | None = None) -> None:
        self.dropped = 0
        self._bell = bell or Bell()
        self._limit = limit
        self._queue: deque[Stamped] = deque()
        self._moment = 0
        self._first = True
        self._sensed = -_SENSED_NS

    def put(self, message: Sequence[int], interval: float, now: int) -> None:
        """Keep a message if it is one for a player.

        Args:
            message: its bytes, as one call of the driver hands them over.
            interval: seconds since the message before it, by the driver's clock; every message
                must pass through here, since each interval counts from the last one.
            now: monotonic ns.
        """
        moment = self._stamp(interval, now)
        if not is_whole(message) or self._sensed_before(message, moment):
            return
        if len(self._queue) >= self._limit:
            self.dropped += 1
        else:
            self._queue.append((moment, bytes(message)))
            self._bell.ring()

    def take(self) -> list[Stamped]:
        """All messages since the last call, oldest first, moments never decreasing."""
        return [self._queue.popleft() for _ in range(len(self._queue))]

    def _sensed_before(self, message: Sequence[int], moment: int) -> bool:
        """Whether this is an active sensing just after another."""
        if message[0] != ACTIVE_SENSING:
            return False
        if moment - self._sensed < _SENSED_NS:
            return True
        self._sensed = moment
        return False

    def _stamp(self, interval: float, now: int) -> int:
        """The moment of a message: the one before plus the interval, never after now.

        Held to `now`, the anchor finds the shortest delay between a message and our hearing of
        it. Intervals are stretched by a thousandth, because drivers cut them to microseconds (a
        message a tick would fall 90 ms behind in an hour) and clocks differ by less.
        """
        passed = max(0, round(interval * 1.001e9))
        moment = min(self._moment + passed, now)
        if self._first or now - moment > _TOO_OLD:
            moment = now
        self._first = False
        self._moment = moment
        return moment
