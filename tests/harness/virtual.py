"""The loop under virtual time: a clock that jumps from event to event, ports, and a service.

What is pretended is the clock and the driver; the world, the link, the shared memory, the reporter
and the loop itself are the player's own.
"""

import gc
import os
from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from itertools import count
from types import SimpleNamespace

from improvd.config import Config
from improvd.core.jam import Jam
from improvd.core.playing.beat import Beat
from improvd.live import loop
from improvd.live.world import Witness
from improvd.messages import Began, Event, Notice, Order, Played, Sent, SocketReport, Stop
from improvd.player.ports.ports import NoMidi
from improvd.player.ports.world import PlayerWorld
from improvd.player.reporter import Reporter
from improvd.player.wait import Bell
from improvd.shared import Shared
from improvd.system.handover import make, socket_pair
from improvd.wire import Link

_NEVER = 1 << 62
# How often the service looks into the shared memory.
_LOOK_EVERY_NS = 50_000_000
_SILENT = Bell()


def on_time() -> int:
    """How late it wakes, in ns: not at all."""
    return 0


class VirtualTime:
    """A waiter whose clock jumps to what comes next, and wakes so much too late.

    `margin` is kept before what is due, in ns, as by the real one.
    """

    def __init__(self, now: int, margin: int, late: Callable[[], int]) -> None:
        self.bell = _SILENT
        self.meanwhile: Callable[[], None] = lambda: None
        self.sleeps: list[int] = []
        """When it went to sleep."""
        self._now = now
        self._margin = margin
        self._late = late
        self._coming: list[tuple[int, int, Callable[[], object]]] = []
        self._numbers = count()

    def at(self, moment: int, happens: Callable[[], object]) -> None:
        """Something happens at a moment; what is due at one happens in the order of these calls."""
        heappush(self._coming, (moment, next(self._numbers), happens))

    def pass_until(self, moment: int) -> None:
        """Time goes by, whatever anybody does."""
        self._now = max(self._now, moment)

    def now(self) -> int:
        return self._now

    def sleep(self, deadline: int) -> bool:
        self.sleeps.append(self._now)
        self.meanwhile()
        wake = deadline - self._margin
        woken = False
        if self._now < wake:
            coming = self._coming[0][0] if self._coming else _NEVER
            woken = coming <= wake
            self.pass_until(min(coming, wake) + self._late())
        while self._coming and self._coming[0][0] <= self._now:
            heappop(self._coming)[2]()
        return not woken

    def spin(self, deadline: int) -> None:
        self.pass_until(deadline)

    def learn(self, deadline: int) -> None:
        """It knows all there is."""


class FakePorts:
    """Two ports on a MIDI system that may vanish: `heard` comes in, `sent` went out."""

    plays_on, hears_on = "improvd:out", "improvd:in"
    system = SimpleNamespace(api="jack", why="")
    blind = False

    def __init__(self, time: VirtualTime) -> None:
        self.time = time
        self.sent: list[tuple[int, bytes]] = []
        self.heard: list[tuple[int, bytes]] = []
        self.news: list[str] = []
        self.peers: tuple[tuple[str, str], ...] = ()
        self.tended: list[int] = []
        self.asked: list[int] = []
        self.gone = self.closed = self.blind = False
        self.on_send: Callable[[bytes], object] = lambda _: None

    def send(self, message: bytes) -> None:
        if not (self.gone or self.closed):
            self.on_send(message)
            self.sent.append((self.time.now(), message))

    def route(self, voices: dict[int, str]) -> None:
        """There is one port for all."""

    def rehearse(self) -> None:
        """Nothing is quicker the second time."""

    def receive(self) -> list[tuple[int, bytes]]:
        heard, self.heard = self.heard, []
        return heard

    def tend(self) -> list[str]:
        self.tended.append(self.time.now())
        news, self.news = self.news, []
        return news

    def unheard(self) -> list[str]:
        self.asked.append(self.time.now())
        return []

    def join(self, peers: tuple[tuple[str, str], ...]) -> None:
        self.peers = peers

    def close(self) -> None:
        self.closed = True


class Killed(BaseException):
    """The player is killed: nothing that it does after this happens."""


class Playing:
    """A jam in the loop, with what is to happen to it; what it sent and told so far.

    Args:
        jam: what plays.
        start_ns: when the clock begins.
        witness: who is told; a reporter, if nobody else.
        began: what the reporter tells first.
        midi: whether there is a MIDI system from the beginning.
        margin, late: see VirtualTime.
    """

    def __init__(
        self,
        jam: Jam,
        start_ns: int,
        *,
        witness: Witness | None = None,
        began: Began | None = None,
        midi: bool = True,
        margin: int = 0,
        late: Callable[[], int] = on_time,
    ) -> None:
        self.jam = jam
        self.midi = midi
        self.time = VirtualTime(start_ns, margin, late)
        self.time.meanwhile = self._look
        self.ports = FakePorts(self.time)
        self.events: list[Event] = []
        self.beats_of_the_heart: list[int] = []
        self._memory = make()
        self.shared = Shared(self._memory)
        ours, theirs = socket_pair()
        self.service: Link[SocketReport] = Link(ours, SocketReport)
        self.link: Link[Order] = Link(theirs, Order)
        self.world = PlayerWorld(self._open, self.shared, None, self.time, lambda _: [])
        first = began or Began(Config(), None, "", start_ns)
        self.witness = witness or Reporter(self.shared, first)
        self._looked = start_ns

    # -- what is to happen -----------------------------------------------------------------

    def hear(self, moment: int, *messages: bytes) -> None:
        """Messages come in at a moment."""
        self.time.at(moment, lambda: self.ports.heard.extend((moment, m) for m in messages))

    def hear_all(self, start_ns: int, arrivals: Iterable[tuple[int, bytes]]) -> None:
        """Messages come in, each so long after the one before."""
        moment = start_ns
        for after, message in arrivals:
            moment += after
            self.hear(moment, message)

    def order(self, moment: int, *orders: Order) -> None:
        """The service gives orders."""
        self.time.at(moment, lambda: [self.service.tell(order) for order in orders])

    def stand_still(self, moment: int, until: int) -> None:
        """The process does nothing from one moment to another."""
        self.time.at(moment, lambda: self.time.pass_until(until))

    def lose_midi(self, moment: int) -> None:
        """The MIDI system leaves."""
        self.time.at(moment, lambda: setattr(self.ports, "gone", True))

    def find_midi(self, moment: int) -> None:
        """There is a MIDI system from now on."""
        self.time.at(moment, lambda: setattr(self, "midi", True))

    def kill(self, moment: int) -> None:
        """The player is killed, and what is in the shared memory is all that is left of it."""
        self.time.at(moment, self._die)

    def _die(self) -> None:
        self.events += self.shared.drain()
        raise Killed

    # -- what happens ----------------------------------------------------------------------

    def play(self, until: int, stopped: Callable[[], bool] = lambda: False) -> "Playing":
        """Run the loop, which is told to stop at a moment if nothing ends it before."""
        self.order(until, Stop())
        gc.freeze()  # as the player does it, which collects what is left when it has time
        try:
            loop.play(self.jam, self.world, self.link, self.witness, stopped)
        except Killed:
            self.shared.drain()
        finally:
            gc.unfreeze()
            self.events += self.shared.drain()
        return self

    def close(self) -> None:
        """Let go of all descriptors."""
        self.service.close()
        self.link.close()
        self.shared.close()
        os.close(self._memory)

    def _open(self, bell: Bell) -> FakePorts:
        del bell
        if not self.midi:
            raise NoMidi("no MIDI: there is nothing here")
        return self.ports

    def _look(self) -> None:
        """What the service does meanwhile."""
        if self.time.now() - self._looked >= _LOOK_EVERY_NS:
            self._looked = self.time.now()
            self.events += self.shared.drain()
            gc.freeze()  # what is kept here is nothing that the player would have to look through
            self.beats_of_the_heart.append(self.shared.heartbeat)

    # -- what came of it -------------------------------------------------------------------

    @property
    def sent(self) -> list[tuple[int, int, bytes]]:
        """When it was due, when it left, and the message."""
        return [(e.due_ns, e.sent_ns, e.message) for e in self.events if isinstance(e, Sent)]

    @property
    def beats(self) -> list[Beat]:
        return [event.beat for event in self.events if isinstance(event, Played)]

    @property
    def notices(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Notice)]

    @property
    def sounding(self) -> tuple[int, ...]:
        return self.jam.performer.soloists.first.line.agenda.sounding

    def stop(self) -> list[bytes]:
        """Everything sent, from the first message to the last off."""
        return [message for _, _, message in self.sent]
