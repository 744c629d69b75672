"""The loop: wait, hear, turn, send, tell, obey, tend. Nothing else happens while music plays."""

from collections.abc import Callable, Sequence
from typing import Protocol

from improvd import performance
from improvd.core.jam import Jam
from improvd.messages import Order, Perform, Stop
from improvd.player import realtime
from improvd.player.ports.inbox import Received
from improvd.player.reporter import Reporter, SentAt
from improvd.player.sounding import SoundingNotes
from improvd.player.wait import Bell, Waiter
from improvd.wire import Link

# The heart beats at least as often, where nothing is due and nothing happens.
_LONGEST_WAIT_NS = 200_000_000
# What is due within this of one another is made ready in one go: a clock tick and a note on a beat.
_TOGETHER_NS = 20_000
# How often the ports are looked after, and how far from anything due.
_TEND_EVERY_NS = 500_000_000
_AWAY_NS = 10_000_000
# Where something is due all the time, such as a fast clock that we send, it is done all the same.
_OVERDUE_NS = 1_500_000_000


class World(Protocol):
    """The MIDI ports and the clock, as the loop needs them. Only `tend` and `close` may block."""

    @property
    def gone(self) -> bool:
        """Whether the MIDI system left, and another process has to wait for it."""

    @property
    def bell(self) -> Bell:
        """Rings when something came in."""

    @property
    def peers(self) -> tuple[tuple[str, str], ...]:
        """Who is connected to the ports: (ours, theirs)."""

    def now(self) -> int:
        """Monotonic nanoseconds."""

    def send(self, message: bytes) -> None:
        """Send one message."""

    def rehearse(self) -> None:
        """Go through a sending, but for the last step, so that the next one is quicker."""

    def receive(self) -> list[Received]:
        """The messages that came in since the last call, each after its time stamp."""

    def tend(self) -> list[str]:
        """Look after the ports; sentences about what has changed."""

    def close(self) -> None:
        """Close the ports."""


def play(
    jam: Jam, world: World, link: Link[Order], reporter: Reporter, stopped: Callable[[], bool]
) -> None:
    """Play until a stop order, the end of the link, `stopped()` or the loss of the MIDI system.

    Leaves nothing sounding that can still be reached.
    """
    waiter = Waiter(world.bell, link.fileno(), world.now)
    notes = SoundingNotes(reporter.shared)
    tend_at = 0
    try:
        while not stopped() and not world.gone:
            due = _next_due(jam, world)
            at_hand = waiter.sleep(due)
            heard = world.receive()
            for stamp, message in heard:
                jam.hear(stamp, message)
            # What is due is made ready in the margin before, as of when it will be.
            now = max(due + _TOGETHER_NS, world.now()) if at_hand else world.now()
            messages = jam.turn(now)
            if at_hand and messages:
                world.rehearse()
                waiter.learn(due)
            sent = _send(world, notes, waiter, messages)
            reporter.turned(jam, now, heard, sent)
            notes.settle(now)
            reporter.shared.live(world.now())
            if not _obey(jam, world, link, reporter):
                return
            if now >= tend_at and (_idle(jam, world) or now >= tend_at + _OVERDUE_NS):
                tend_at = now + _TEND_EVERY_NS
                _tend(world, reporter)
    finally:
        now = world.now()
        reached = not world.gone  # else others owe the offs of what sounded
        reporter.ended(now, _send(world, notes, waiter, [(now, off) for off in jam.silence()]))
        world.close()
        if reached:
            notes.all_arrived()


def _next_due(jam: Jam, world: World) -> int:
    """The next moment to wake for, never before now."""
    now = world.now()
    latest = now + _LONGEST_WAIT_NS
    wake = jam.wake()
    return latest if wake is None else max(now, min(wake, latest))


def _send(
    world: World, notes: SoundingNotes, waiter: Waiter, messages: Sequence[tuple[int, bytes]]
) -> list[SentAt]:
    """Each when it is due."""
    sent = []
    for due, message in messages:
        notes.leaving(message)
        waiter.spin(due)
        world.send(message)
        now = world.now()
        sent.append((due, now, message))
        notes.left(now, message)
    return sent


def _obey(jam: Jam, world: World, link: Link[Order], reporter: Reporter) -> bool:
    """Carry out what was ordered; whether to play on."""
    try:
        for order in link.heard():
            if isinstance(order, Stop):
                return False
            if not isinstance(order, Perform):
                now = world.now()
                try:
                    performance.obey(jam, now, order)
                    reporter.obeyed(jam, now, order)
                except ValueError as error:
                    reporter.notice(str(error))
    except EOFError:
        return False
    return True


def _idle(jam: Jam, world: World) -> bool:
    wake = jam.wake()
    return wake is None or wake - world.now() > _AWAY_NS


def _tend(world: World, reporter: Reporter) -> None:
    realtime.tidy()
    for text in world.tend():
        reporter.notice(text)
    reporter.shared.connect(world.peers)
