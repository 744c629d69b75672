"""What was heard and not yet taken, each message with the moment at which it was played.

Drivers tell the time between messages exactly; when we learn of a message depends on what else
the machine does. So moments are built from the driver's intervals, on an anchor of our own clock.
"""

from collections import deque
from collections.abc import Sequence

from improvd.live.world import Received
from improvd.player.wait import Bell

# Twenty milliseconds of the densest flood that MIDI programs have been seen to send, twenty times.
LIMIT = 4096

# How far behind our clock a moment may fall before the intervals are taken to have lost time.
_TOO_OLD = 50_000_000

# Lengths of the system messages that concern a player. SysEx, active sensing (a message every
# 300 ms from many keyboards) and what MIDI leaves undefined have none and are passed over.
_SYSTEM = {0xF1: 2, 0xF2: 3, 0xF3: 2, 0xF6: 1, 0xF8: 1, 0xFA: 1, 0xFB: 1, 0xFC: 1, 0xFF: 1}


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
        self._queue: deque[Received] = deque()
        self._moment = 0
        self._first = True

    def put(self, message: Sequence[int], interval: float, now: int) -> None:
        """Keep a message if it is one for a player.

        Args:
            message: its bytes, as one call of the driver hands them over.
            interval: seconds since the message before it, by the driver's clock; every message
                must pass through here, since each interval counts from the last one.
            now: monotonic ns.
        """
        moment = self._stamp(interval, now)
        if not _whole(message):
            return
        if len(self._queue) >= self._limit:
            self.dropped += 1
        else:
            self._queue.append((moment, bytes(message)))
            self._bell.ring()

    def take(self) -> list[Received]:
        """All messages since the last call, oldest first, moments never decreasing."""
        return [self._queue.popleft() for _ in range(len(self._queue))]

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


def _whole(message: Sequence[int]) -> bool:
    """Whether this is one complete channel or system message that a player wants.

    Running status (data bytes without a status byte) is a thing of the cable: drivers write the
    status out before they hand a message over, so data bytes alone are noise.
    """
    if not message:
        return False
    status = message[0]
    if status < 0xF0:
        length = 0 if status < 0x80 else 2 if status & 0xE0 == 0xC0 else 3
    else:
        length = _SYSTEM.get(status, 0)
    return len(message) == length and all(byte < 0x80 for byte in message[1:])
