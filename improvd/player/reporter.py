"""The reporter: leaves in the shared memory all that happens, for the journal and for a successor.

Everything is told after it was done: telling takes time that a chord would hear.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from improvd import snapshot
from improvd.config import Config, soloists
from improvd.core.jam import Jam
from improvd.core.midi.messages import Stamped
from improvd.core.sync.transport_state import Standing
from improvd.live.world import SentAt
from improvd.messages import (
    Began,
    Change,
    Declined,
    Ended,
    Event,
    Heard,
    LiveOrder,
    Moved,
    Notice,
    Obeyed,
    Perform,
    Played,
    Sent,
    Tempo,
    Turned,
)
from improvd.model import find, kept
from improvd.shared import Peers, Shared

# After so many events all is told from which the music can go on: some ten minutes of playing,
# some three under a clock. The journal begins a new file there, if it has to.
_EVENTS_TO_A_CHECKPOINT = 10_000
# A clock's tempo is never twice the same; this much of a change is one.
_TEMPO_MOVED = 0.01


class Reporter:
    """Tells the service. No method blocks. `shared` is the memory that it tells it in."""

    def __init__(self, shared: Shared, began: Began) -> None:
        self._shared = shared
        self._began = began
        self._events = 0  # told since the whole state was
        self._untold: int | None = None  # the latest turn, until it is told
        self._told: tuple[Standing, float] | None = None
        self._put(began)

    def turned(self, jam: Jam, now: int, heard: Iterable[Stamped], sent: Iterable[SentAt]) -> None:
        """What came in, and then what a turn at this nanosecond made of it."""
        for stamp, message in heard:
            self._put(Heard(stamp, message))
        happened = [Sent(*message) for message in sent]
        self._untold = now
        if happened or jam.beats or jam.notices:
            self._tell_turn()
        for event in happened:
            self._put(event)
        changed = self._moved(jam, now) or bool(jam.beats)
        self.notices(jam)
        while jam.beats:
            self._put(Played(jam.beats.popleft()))
        if changed:
            self.save(jam, now)
        self._checkpoint(jam, now)

    def alive(self, now: int) -> None:
        """The heart beats at this nanosecond: the service listens for it."""
        self._shared.live(now)

    def connected(self, peers: Peers) -> None:
        """These are connected to the ports, and a successor is to be connected with them too."""
        self._shared.connect(peers)

    def save(self, jam: Jam, now: int) -> None:
        """Keep the jam as it is for a successor; some 0.05 ms."""
        self._shared.save(snapshot.take(jam, now))

    def obeyed(self, jam: Jam, now: int, order: LiveOrder, outcome: str) -> None:
        """An order was carried out, with this outcome."""
        # The turn before it may have passed over what this order would let sound.
        self._tell_turn()
        self._put(Obeyed(now, order, outcome))
        self._began = _begun_after(self._began, order)
        self.save(jam, now)

    def declined(self, now: int, order: LiveOrder, error: ValueError) -> None:
        """An order could not be carried out."""
        self._put(Declined(now, order, str(error)))

    def notice(self, text: str) -> None:
        """Something a person should know."""
        self._put(Notice(text))

    def notices(self, jam: Jam) -> None:
        """What the jam has to say."""
        while jam.notices:
            self.notice(jam.notices.popleft())

    def ended(self, now: int, sent: Iterable[SentAt]) -> None:
        """The performance is over, and these closed what sounded."""
        for message in sent:
            self._put(Sent(*message))
        self._put(Ended(now))

    def _tell_turn(self) -> None:
        if self._untold is not None:
            self._put(Turned(self._untold))
            self._untold = None

    def _put(self, event: Event) -> None:
        self._shared.put(event)
        self._events += 1

    def _checkpoint(self, jam: Jam, now: int) -> None:
        if self._events >= _EVENTS_TO_A_CHECKPOINT and not jam.changing:
            self._put(replace(self._began, start_ns=now, snapshot=snapshot.take(jam, now)))
            self._events = 0

    def _moved(self, jam: Jam, now: int) -> bool:
        """Tell it if the transport stands otherwise; whether it does."""
        standing, bpm = jam.state.standing, jam.performer.timeline.bpm
        if self._told is not None:
            before, tempo = self._told
            if standing is before and abs(bpm / tempo - 1) < _TEMPO_MOVED:
                return False
        self._told = (standing, bpm)
        self._put(Moved(now, standing, round(bpm, 3)))
        return True


def _begun_after(began: Began, order: LiveOrder) -> Began:
    """What a checkpoint is to begin with, once this order has been carried out."""
    if isinstance(order, Tempo):
        return began  # it is in the state that is told with it
    now = Perform(began.config, began.chart).after(order)
    began = replace(began, config=now.config, chart=now.chart)
    if not isinstance(order, Change):
        return began
    return replace(
        began, model=kept(find(now.config.model)).digest, models=other_models(now.config)
    )


def other_models(config: Config) -> dict[str, str]:
    """The digests of the models that the soloists beside the first play by, by name."""
    names = {each.model for each in soloists(config).values()} - {config.model}
    return {name: kept(find(name)).digest for name in sorted(names)}
