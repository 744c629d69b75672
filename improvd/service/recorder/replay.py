"""A replay: what decided a jam is done again, and what comes out compared with what did then.

It is the player's own loop that plays, in a world that is made of the recording.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from improvd import performance, snapshot
from improvd.config import Config
from improvd.core.jam import Jam
from improvd.core.midi.messages import Stamped
from improvd.core.playing.beat import Beat
from improvd.live import loop
from improvd.live.world import SentAt
from improvd.messages import (
    RULES,
    Began,
    Change,
    Ended,
    Event,
    Gap,
    Heard,
    LiveOrder,
    Obeyed,
    Order,
    Sent,
    Stop,
    Turned,
)
from improvd.model import Model, digest, find_again, load
from improvd.models import tables
from improvd.orders.asks import OrderError
from improvd.service.recorder.library import JamError
from improvd.service.recorder.recording import empty_take
from improvd.shared import Peers
from improvd.take import Take

# What was done then; the others only tell what became of it.
_DEEDS = (Began, Heard, Turned, Obeyed, Sent, Gap, Ended)
# Before one of these, or the end, what is missing was lost and not left undone.
_TORN = (Began, Gap, type(None))


class Replay:
    """Plays jams again, and keeps what came of it.

    After a Gap nothing can be known until the whole state is told again, in the next Began. `rules`
    are those that the jams went by.
    """

    def __init__(self, rules: int = RULES) -> None:
        self._rules = rules
        self.same = 0
        """Messages that came out again, each at its nanosecond."""
        self.skipped = 0
        """Messages that were not compared, because events before them are missing."""
        self.parted: str | None = None
        """Where something else came out, in a sentence; nothing after that is compared."""
        self.take: Take | None = None
        """What came out."""
        self.beat: Beat | None = None
        """The latest beat of it."""
        self._models: dict[Path, tuple[str, Model]] = {}

    def play(self, events: Iterable[Event]) -> None:
        """Play what happened again. Raises JamError where another model or table did it then."""
        told = _Told(events)
        while (event := told.next()) is not None:
            if isinstance(event, Began):
                jam = self._begin(event)
                world = _Recorded(jam, event, told, self)
                loop.play(jam, world, world, world, stopped=lambda: False)
            else:
                self.skipped += isinstance(event, Sent)

    def band_goes_by(self, then: Mapping[str, str], config: Config, chart: str | None) -> None:
        """Raises JamError where a band that plays this goes by another table now than then."""
        used = performance.tables(config, performance.chart_of(chart, config))
        if (another := tables.differing(then, used)) is not None:
            raise JamError(another)

    def part(self, how: str) -> None:
        """Something else came out; only the first time counts."""
        beat = self.beat
        where = f"bar {beat.bar}, beat {beat.beat_in_bar}" if beat else "before the first beat"
        self.parted = self.parted or f"{where}: {how}"

    def _begin(self, began: Began) -> Jam:
        if self.take is None:
            self.take = empty_take(began)
        config = began.config
        self.band_goes_by(began.tables, config, began.chart)
        model = self._model(config.model, began.model)
        chart = performance.chart_of(began.chart, config)
        who = performance.improviser(config, model)

        def model_of(each: Config) -> Model:
            return self._model(each.model, began.models.get(each.model, began.model))

        jam = performance.jam(
            *(config, who, model, chart, began.start_ns), rules=self._rules, model_of=model_of
        )
        if began.snapshot is not None:
            jam.restore(snapshot.read(began.snapshot).memory)
        return jam

    def _model(self, name: str, digest_then: str) -> Model:
        path = find_again(name, digest_then)
        if path not in self._models:
            self._models[path] = digest(path), load(path)
        found, model = self._models[path]
        if found != digest_then:
            raise JamError(
                f"{path}: is not the model that this jam was played with, which begins with "
                f"{digest_then[:12]} and not {found[:12]}"
            )
        return model


class _Told:
    """What was done then, one after the other, with a look at the next."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._deeds = (event for event in events if isinstance(event, _DEEDS))
        self.coming: Event | None = next(self._deeds, None)

    def next(self) -> Event | None:
        """The next; None at the end."""
        event, self.coming = self.coming, next(self._deeds, None)
        return event


class _Recorded:
    """The world of a recorded jam, where all happens again until it ends or something is missing.

    Gives the orders too, and is told what is done.
    """

    def __init__(self, jam: Jam, began: Began, told: _Told, replay: Replay) -> None:
        self.gone = False
        self.peers: Peers = ()
        self._jam = jam
        self._now = began.start_ns
        self._tables = began.tables
        self._told = told
        self._replay = replay
        self._heard: list[Stamped] = []
        self._unmet: list[bytes] = []  # came out now, and not then
        self._closing: list[bytes] | None = None  # what closed it then, at its end

    # -- the world -------------------------------------------------------------------------

    def now(self) -> int:
        """When it happened."""
        return self._now

    def wait(self, until: int) -> bool:
        """Until the next turn that was told. Of one that came to nothing only the input was."""
        del until
        while isinstance(event := self._told.coming, Heard):
            self._heard.append((event.stamp_ns, event.message))
            self._now = max(self._now, event.stamp_ns)
            self._told.next()
        if isinstance(event, Turned):
            self._now = event.now_ns
            self._told.next()
        elif isinstance(event, Began) and self._stands_at(event):
            self._told.next()
        else:
            self.gone = isinstance(event, _TORN)
        return False

    def receive(self) -> list[Stamped]:
        """What came in."""
        heard, self._heard = self._heard, []
        return heard

    def rehearse(self, due: int) -> None:
        """Nothing is urgent here."""

    def route(self, voices: Mapping[int, str]) -> None:
        """There are no ports."""

    def send(self, due: int, message: bytes) -> int:
        """It is to be what was sent then."""
        if self.gone or self._closing is not None:
            return due
        if self._jam.beats:
            self._replay.beat = self._jam.beats[-1]
        event = self._told.coming
        if isinstance(event, Sent):
            self._told.next()
            self._compare((due, message), (event.due_ns, event.message))
        elif not isinstance(event, _TORN):
            self._unmet.append(message)
        return due

    def tend(self) -> list[str]:
        """There are no ports."""
        return []

    def unheard(self) -> list[str]:
        """There are no ports."""
        return []

    def close(self) -> None:
        """There are no ports."""

    # -- what was ordered ------------------------------------------------------------------

    def heard(self) -> Iterator[Order]:
        """What was ordered after a turn, and that it was to end, if it did."""
        sent = list[bytes]()
        while True:
            event = self._told.coming
            if isinstance(event, Sent):
                sent.append(event.message)
            elif isinstance(event, Ended):
                self._now, self._closing = event.now_ns, sent
                self._told.next()
                yield Stop()
                return
            else:
                if sent and not isinstance(event, _TORN):
                    self._replay.part(f"{_hex(*sent)} was sent, and now nothing")
                sent.clear()
                if not isinstance(event, Obeyed):
                    return
                self._now = event.now_ns
                if isinstance(event.order, Change):
                    change = event.order
                    self._replay.band_goes_by(self._tables, change.config, change.chart)
                yield event.order
            self._told.next()

    # -- what is done now ------------------------------------------------------------------

    def turned(self, jam: Jam, now: int, heard: Iterable[Stamped], sent: Iterable[SentAt]) -> None:
        """Keep what came out, for the take."""
        del now, heard
        if self._unmet:
            self._replay.part(f"nothing was sent, and now {_hex(*self._unmet)}")
            self._unmet.clear()
        take = self._replay.take
        if take is None or self.gone:
            return
        for due, _, message in sent:
            take.add_message(due, message)
        while jam.beats:
            self._replay.beat = jam.beats.popleft()
            take.add_beat(self._replay.beat)
        jam.notices.clear()

    def alive(self, now: int) -> None:
        """Nobody listens for its heart."""

    def obeyed(self, jam: Jam, now: int, order: LiveOrder, outcome: str) -> None:
        """As it was then."""

    def declined(self, now: int, order: LiveOrder, error: ValueError) -> None:
        """Raises JamError: an order that was obeyed then cannot be now.

        Older recordings call it obeyed where an order came to nothing as things stood.
        """
        del now, order
        if not isinstance(error, OrderError):
            raise JamError(str(error))

    def connected(self, peers: Peers) -> None:
        """There is nobody."""

    def notice(self, text: str) -> None:
        """Nobody reads it."""

    def ended(self, now: int, sent: Iterable[SentAt]) -> None:
        """What closes it is to be what closed it then."""
        del now
        if self._closing is None:
            return
        offs = [message for _, _, message in sent]
        if self._closing == offs:
            self._replay.same += len(offs)
        else:
            was, now_is = _hex(*self._closing), _hex(*offs)
            self._replay.part(f"closed with {was}, and now with {now_is}")

    def _stands_at(self, began: Began) -> bool:
        """Whether it stands where it stood when the whole state was told."""
        return snapshot.take(self._jam, began.start_ns) == began.snapshot

    def _compare(self, ours: Stamped, theirs: Stamped) -> None:
        (due, message), (was_due, was) = ours, theirs
        if ours == theirs:
            self._replay.same += self._replay.parted is None
        elif message == was:
            self._replay.part(f"{_hex(message)} comes {(due - was_due) / 1e6:+.3f} ms later")
        else:
            self._replay.part(f"{_hex(was)} was sent, and now {_hex(message)}")


def _hex(*messages: bytes) -> str:
    return ", ".join(message.hex(" ").upper() for message in messages) or "nothing"
