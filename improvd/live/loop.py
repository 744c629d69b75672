"""The loop: wait, hear, turn, send, tell, obey, tend. Nothing else happens while music plays."""

from collections.abc import Callable, Sequence

from improvd import performance
from improvd.core.jam import Jam
from improvd.live.world import Orders, SentAt, Witness, World
from improvd.messages import Change, Hear, Perform, StandBy, Stop, Try

# The heart beats at least as often, where nothing is due and nothing happens.
_LONGEST_WAIT_NS = 200_000_000
# What is due within this of one another is made ready in one go: a clock tick and a note on a beat.
_TOGETHER_NS = 20_000
# How often the ports are looked after, and how far from anything due.
_TEND_EVERY_NS = 500_000_000
_AWAY_NS = 10_000_000
# Where something is due all the time, such as a fast clock that we send, it is done all the same.
_OVERDUE_NS = 1_500_000_000
# How many bars somebody who hears nothing waits before it is worth a word.
_PATIENT_BARS = 2


def play(
    jam: Jam, world: World, orders: Orders, witness: Witness, stopped: Callable[[], bool]
) -> None:
    """Play until a stop order, the end of the orders, `stopped()` or the loss of the MIDI system.

    Leaves nothing sounding that can still be reached, whatever is raised.
    """
    tend_at = 0
    played = min(0, jam.performer.next_beat)  # beats; those of a count-in are none
    try:
        while not stopped() and not world.gone:
            due = _next_due(jam, world)
            at_hand = world.wait(due)
            heard = world.receive()
            for stamp, message in heard:
                jam.hear(stamp, message)
            # What is due is made ready shortly before, as of when it will be.
            now = max(due + _TOGETHER_NS, world.now()) if at_hand else world.now()
            messages = jam.turn(now)
            if at_hand and messages:
                world.rehearse(due)
            played += len(jam.beats)
            witness.turned(jam, now, heard, _send(world, messages))
            witness.alive(world.now())
            if not _obey(jam, world, orders, witness):
                return
            if now >= tend_at and (_idle(jam, world) or now >= tend_at + _OVERDUE_NS):
                tend_at = now + _TEND_EVERY_NS
                _tend(world, witness)
                if played >= _PATIENT_BARS * jam.beats_per_bar:
                    _notice(witness, world.unheard())
    finally:
        try:
            now = world.now()
            witness.ended(now, _send(world, [(now, off) for off in jam.silence()]))
        finally:
            world.close()


def _next_due(jam: Jam, world: World) -> int:
    """The next moment to wake for, never before now."""
    now = world.now()
    latest = now + _LONGEST_WAIT_NS
    wake = jam.wake()
    return latest if wake is None else max(now, min(wake, latest))


def _send(world: World, messages: Sequence[tuple[int, bytes]]) -> list[SentAt]:
    """Each when it is due."""
    return [(due, world.send(due, message), message) for due, message in messages]


def _obey(jam: Jam, world: World, orders: Orders, witness: Witness) -> bool:
    """Carry out what was ordered; whether to play on."""
    try:
        for order in orders.heard():
            if isinstance(order, Stop):
                return False
            if not isinstance(order, Perform | Try | StandBy | Hear):
                now = world.now()
                try:
                    witness.obeyed(jam, now, order, performance.obey(jam, now, order))
                except ValueError as error:
                    witness.declined(now, order, error)
                    continue
                if isinstance(order, Change):
                    world.route(order.config.ports)
    except EOFError:
        return False
    return True


def _idle(jam: Jam, world: World) -> bool:
    wake = jam.wake()
    return wake is None or wake - world.now() > _AWAY_NS


def _tend(world: World, witness: Witness) -> None:
    _notice(witness, world.tend())
    witness.connected(world.peers)


def _notice(witness: Witness, sentences: Sequence[str]) -> None:
    for text in sentences:
        witness.notice(text)
