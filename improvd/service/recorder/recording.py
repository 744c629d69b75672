"""A recorded jam, read back: what it was, how it ended, and the music in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from improvd import folders, performance, records, system
from improvd.core.midi.copies import Copies
from improvd.core.midi.echo import EchoFilter
from improvd.core.midi.messages import channel
from improvd.core.timeline import NS_PER_MINUTE
from improvd.messages import (
    Began,
    Change,
    Declined,
    Event,
    Heard,
    Moved,
    Obeyed,
    Played,
    Sent,
    Turned,
)
from improvd.records import Closed, Damage, Opened, Record
from improvd.service.recorder.library import JamError
from improvd.take import Take

# The end of a file of which its last beats are read, and the beginning that holds the first Began.
_TAIL = 1 << 16
# Thirty times what a jam's file grows to before it goes on in another.
_LARGEST = 1 << 30
_HEAD = 1 << 18
# How a beat's record begins: a list of a thousand hours is to come at once, so that beats are
# counted and not read.
_BEAT_TAG = b"\xa6Played"


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list shows of a jam. `bpm` is its last tempo, None before there were two beats."""

    wall_ns: int
    seconds: float
    beats: int
    bpm: float | None
    began: Began | None
    size: int
    ending: str


class Recording:
    """A jam's file. Raises JamError where it is none, or of a format yet to come."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._data = folders.read(path, _LARGEST)
        except OSError as error:
            raise JamError(f"{path}: cannot be read ({error.strerror})") from None
        first = next((each for each in self._head() if isinstance(each, Opened)), None)
        if first is None:
            raise JamError(f"{path}: is not a recorded jam, or damaged from the beginning on")
        if first.format != records.FORMAT:
            raise JamError(
                f"{path}: was recorded by improvd {first.version}, in a format that this one does "
                "not know; use that one"
            )
        self.opened = first

    def events(self) -> Iterator[Event]:
        """All events, in order; what is damaged is passed over."""
        for each in records.read(self._data):
            if not isinstance(each, Damage | Opened | Closed):
                yield each

    @cached_property
    def damages(self) -> list[Damage]:
        """Where the file is damaged; its torn end is not among that, if it has one."""
        found = [each for each in records.read(self._data) if isinstance(each, Damage)]
        return [each for each in found if each.at + each.size < len(self._data)]

    @property
    def ending(self) -> str:
        """How it ended: empty for an orderly end."""
        last = self._tail()[-1:]
        if last and isinstance(last[0], Closed):
            return "goes on in the next" if last[0].goes_on else ""
        return "is playing" if _locked(self.path) else "cut short"

    def summary(self) -> Summary:
        """What it was, without reading all of it."""
        tail = self._tail()
        stamps = [ns for each in tail if (ns := stamp(each)) is not None]
        seconds = (max(stamps, default=0) - self.opened.monotonic_ns) / 1e9
        starts = [each.beat.start_ns for each in tail if isinstance(each, Played)]
        steps = [later - earlier for earlier, later in pairwise(starts)]
        return Summary(
            wall_ns=self.opened.wall_ns,
            seconds=max(seconds, 0.0),
            beats=self._data.count(_BEAT_TAG),
            bpm=NS_PER_MINUTE / steps[-1] if steps and steps[-1] > 0 else None,
            began=next((each for each in self._head() if isinstance(each, Began)), None),
            size=len(self._data),
            ending=self.ending,
        )

    def _head(self) -> Iterator[Record | Damage]:
        return records.read(self._data[:_HEAD])

    def _tail(self) -> list[Record | Damage]:
        tail = records.read(self._data[-_TAIL:])
        return [each for each in tail if not isinstance(each, Damage)]


def stamp(record: Record | Damage) -> int | None:
    """When it happened, in monotonic ns; None where it does not say."""
    match record:
        case Heard(stamp_ns=ns) | Sent(sent_ns=ns):
            return ns
        case Turned(now_ns=ns) | Obeyed(now_ns=ns) | Declined(now_ns=ns) | Moved(now_ns=ns):
            return ns
    return None


def take(events: Iterable[Event], began: Began | None = None) -> Take:
    """The music of these events. `began`: what was being played before the first of them.

    Raises JamError if nothing ever began.
    """
    made = None if began is None else empty_take(began)
    echo, copies = EchoFilter(), Copies()
    for event in events:
        if made is None and isinstance(event, Began):
            made = empty_take(event)
        elif made is None:
            continue
        elif isinstance(event, Played):
            made.add_beat(event.beat)
        elif isinstance(event, Sent):
            echo.sent(event.sent_ns, event.message)
            band = channel(event.message) in made.voices
            copies.strike(event.sent_ns, event.message, band=band)
            made.add_message(event.due_ns, event.message)
        elif isinstance(event, Obeyed) and isinstance(event.order, Change):
            made.voices.update(event.order.config.band_channels)
        elif isinstance(event, Heard) and not _is_ours(event, echo, copies):
            made.add_heard(event.stamp_ns, event.message)
    if made is None:
        raise JamError("nothing was played in this jam")
    return made


def _is_ours(heard: Heard, echo: EchoFilter, copies: Copies) -> bool:
    """Whether what came in was improvd's own line."""
    if heard.message[0] >= 0xF0 or len(heard.message) != 3:
        return False
    stamp, message = heard.stamp_ns, heard.message
    return echo.is_echo(stamp, message) or copies.is_copy(stamp, message)


def empty_take(began: Began) -> Take:
    """A take of what began, with nothing played yet."""
    chart = performance.chart_of(began.chart, began.config)
    dotted = began.config.beat == "dotted quarter"
    bpm = performance.tempo(began.config, chart)
    voices = began.config.band_channels
    return Take(bpm, chart.beats_per_bar, dotted=dotted, meter=chart.meter, voices=voices)


def _locked(path: Path) -> bool:
    """Whether a journal is still writing it."""
    with path.open("rb") as file:
        try:
            system.lock(file.fileno(), shared=True)
        except BlockingIOError:
            return True
    return False
