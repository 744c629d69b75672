"""Leading: the clock, Start, Stop, Continue and Song Position that a drum machine follows.

Clocks are sent all the time, 24 to the beat; Start a little before the clock of the first
downbeat, and Song Position with Continue where music begins elsewhere: song position counts
sixteenths, so followers come in on the next one. Time is passed in; nothing here blocks.

Who leads on the bus that it hears must not follow itself: `is_echo` knows one copy of each message
sent, for 50 ms. A clock that is left over is another master's.
"""

from collections import deque
from dataclasses import dataclass

from improvd.core.midi.echo import EchoFilter
from improvd.core.midi.messages import CLOCK, CONTINUE, START, STOP, Stamped, song_position
from improvd.core.sync.follower import PULSES_PER_CLOCK
from improvd.core.sync.song_position import CLOCKS_PER_SIXTEENTH
from improvd.core.sync.transport_state import TransportState

# Followers want a millisecond between Start and the first clock (MIDI 1.0); twice that is sure.
_AHEAD_NS = 2_000_000
# Song position has fourteen bits; the bars of longer pieces are counted anew.
_POSITIONS = 1 << 14


@dataclass(frozen=True, slots=True)
class LeaderMemory:
    """The clock to come, the one that followers start with, and whether they were told to play.

    `echo` is what may still come back.
    """

    clock: int
    start: int | None
    led: bool
    echo: tuple[Stamped, ...]


class Leader:
    """Says what is due for those who follow us. `lead` hands it each new state of the transport."""

    def __init__(self, now: int, state: TransportState) -> None:
        self._state = state
        self._echo = EchoFilter()
        self._led = False  # those who follow were told to play
        self._at_once: deque[tuple[int, bytes]] = deque()
        self._clock = 0  # the clock to come
        self._start: int | None = None  # the clock that followers are to start with
        self._begin(now)

    def lead(self, now: int, state: TransportState) -> None:
        """Rolling, tempo or position are these from now on."""
        before, self._state = self._state, state
        if state.jumps != before.jumps or state.rolling > before.rolling:
            self._begin(now)
        elif state.rolling < before.rolling:
            self._halt(now)

    def wake(self) -> int:
        """The nanosecond of the next message."""
        return self._next()[0]

    def turn(self, now: int) -> list[tuple[int, bytes]]:
        """The messages due by now, each after its due time."""
        if now - self._due(self._clock) > self._state.timeline.beat_ns:
            self._begin(now)  # we stood still: say where we are instead of hurrying after it
        messages = []
        while self.wake() <= now:
            due, message = self._next()
            self._sent(message)
            self._echo.sent(now, message)
            messages.append((due, message))
        return messages

    def memory(self) -> LeaderMemory:
        """What another leader goes on from."""
        return LeaderMemory(self._clock, self._start, self._led, self._echo.memory())

    def restore(self, state: TransportState, memory: LeaderMemory) -> None:
        """Go on from there on this state."""
        self._state = state
        self._clock, self._start, self._led = memory.clock, memory.start, memory.led
        self._echo.restore(memory.echo)
        self._at_once.clear()

    def resume(self, now: int) -> None:
        """After a loss: nothing comes back any more, and those who follow are told anew."""
        self._echo.restore(())
        self._begin(now)

    def silence(self) -> list[bytes]:
        """What to send when we leave: those who follow stop too."""
        stop = [bytes((STOP,))] if self._led else []
        self._led = False
        return stop

    def is_echo(self, stamp: int, message: bytes) -> bool:
        """Whether a message that came in is ours; each is taken for an echo once."""
        return self._echo.is_echo(stamp, message)

    def _halt(self, now: int) -> None:
        self._at_once.clear()
        self._at_once.extend((now, stop) for stop in self.silence())
        self._start = None

    def _begin(self, now: int) -> None:
        """The clock goes on from where the timeline is, and followers with it, if it rolls."""
        self._halt(now)
        pulse = self._state.timeline.pulse_at(now)
        self._clock = (pulse + PULSES_PER_CLOCK // 2) // PULSES_PER_CLOCK
        if self._state.rolling:
            sixteenth = max(-(-self._clock // CLOCKS_PER_SIXTEENTH), 0)
            self._start = sixteenth * CLOCKS_PER_SIXTEENTH
            if sixteenth > 0:
                position = sixteenth % _POSITIONS
                self._at_once.append((now, song_position(position)))

    def _next(self) -> tuple[int, bytes]:
        if self._at_once:
            return self._at_once[0]
        due = self._due(self._clock)
        if self._clock == self._start:
            return due - _AHEAD_NS, bytes((CONTINUE if self._start else START,))
        return due, bytes((CLOCK,))

    def _sent(self, message: bytes) -> None:
        if self._at_once:
            self._at_once.popleft()
        elif message[0] == CLOCK:
            self._clock += 1
        else:
            self._led, self._start = True, None

    def _due(self, clock: int) -> int:
        return self._state.timeline.when(clock * PULSES_PER_CLOCK)
