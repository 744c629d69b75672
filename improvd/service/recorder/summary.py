"""A recorded jam in words: a line in the list, and the story of one."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import PurePath

import msgspec

from improvd import performance
from improvd.config import Config
from improvd.core.midi.messages import strikes
from improvd.messages import (
    Began,
    Change,
    Declined,
    Event,
    Gap,
    Heard,
    LiveOrder,
    Moved,
    Notice,
    Obeyed,
    Played,
    Sent,
)
from improvd.service.recorder.recording import Recording, Summary, stamp

HEADING = (
    f"{'N':>3}  {'when':<16}  {'length':>8}  {'beats':>6}  {'BPM':>3}  "
    f"{'model':<10}  {'size':>8}  what"
)

_LONGEST_TITLE = 40
_LONGEST_MODEL = 10
# Settings that do not say how it played.
_NOT_MUSIC = ("chart", "name", "jams_mb", "jams_days", "metrics", "web")


def line(number: int, summary: Summary) -> str:
    """One jam of the list."""
    model = _short(summary.began.config.model if summary.began else "-")
    bpm = f"{summary.bpm:.0f}" if summary.bpm else "-"
    what = ", ".join(filter(None, [_title(summary.began), summary.ending]))
    return (
        f"{number:>3}  {_when(summary.wall_ns):%Y-%m-%d %H:%M}  {_length(summary.seconds):>8}  "
        f"{summary.beats:>6}  {bpm:>3}  {model:<10}  {summary.size / 1e6:>5.1f} MB  {what}"
    )


def story(recording: Recording) -> Iterator[str]:
    """What a jam was, and what happened in it but for the notes, line by line."""
    summary = recording.summary()
    began = summary.began
    yield f"{recording.path.stem}, recorded by improvd {recording.opened.version}"
    moment = f"{_when(summary.wall_ns):%A, %d %B %Y, %H:%M:%S}"
    ended = f", {summary.ending}" if summary.ending else ""
    yield f"  {moment}, {_length(summary.seconds)} long{ended}"
    if began:
        yield f"  {_title(began)}, model {began.config.model} ({began.model[:12]})"
        if changed := _differences(Config(), began.config):
            yield f"  {changed}"
    ours, yours = _notes(recording)
    yield f"  {summary.beats} beats, {ours} notes of improvd's, {yours} of yours"
    for damage in recording.damages:
        yield f"  {damage.size} bytes are damaged, from byte {damage.at} on"
    yield from _happened(recording, began)


def _notes(recording: Recording) -> tuple[int, int]:
    """How many notes improvd struck, and how many the musician."""
    ours = yours = 0
    for event in recording.events():
        if isinstance(event, Sent | Heard) and strikes(event.message):
            ours += isinstance(event, Sent)
            yours += isinstance(event, Heard)
    return ours, yours


def _happened(recording: Recording, began: Began | None) -> Iterator[str]:
    """All that is no beat and no note, each with its time and its bar."""
    now, bar = recording.opened.monotonic_ns, 0
    config = began.config if began else Config()
    for event in recording.events():
        now = stamp(event) or now
        if isinstance(event, Played):
            bar = event.beat.bar
            continue
        said = _said(event, config)
        if isinstance(event, Obeyed) and isinstance(event.order, Change):
            config = event.order.config
        if said:
            seconds = (now - recording.opened.monotonic_ns) / 1e9
            yield f"  {_length(seconds):>8}  bar {bar:<4}  {said}"


def _said(event: Event, config: Config) -> str:
    """An event in a few words; nothing for those that are music."""
    match event:
        case Obeyed(order=order):
            return _ordered(order, config)
        case Declined(reason=reason):
            return reason
        case Moved(standing=standing, bpm=bpm):
            return f"{standing}, {bpm:.1f} BPM"
        case Notice(text=text):
            return text
        case Gap(lost=lost):
            return f"{lost} events are missing here"
    return ""


def _ordered(order: LiveOrder, config: Config) -> str:
    """An order that was carried out, in a few words."""
    if isinstance(order, Change):
        return _differences(config, order.config) or "change"
    values = [_written(value) for value in msgspec.structs.astuple(order) if value != ""]
    return " ".join([type(order).__name__.lower(), *values])


def _differences(before: Config, after: Config) -> str:
    """What is set otherwise, as in a configuration file."""
    keys = [key for key in Config.__struct_fields__ if key not in _NOT_MUSIC]
    changed = [key for key in keys if getattr(before, key) != getattr(after, key)]
    return ", ".join(f"{key} = {_written(getattr(after, key))}" for key in changed)


def _written(value: object) -> str:
    match value:
        case bool():
            return "on" if value else "off"
        case float():
            return f"{value:g}"
        case {"name": name}:  # an entry of a soloist's
            return str(name)
        case tuple():
            return ", ".join(map(_written, value)) or "none"
    return str(value)


def _title(began: Began | None) -> str:
    """The chart's title; where it has none, its first chords."""
    if began is None:
        return "-"
    title = performance.chart_of(began.chart, began.config).title
    title = title or " ".join((began.chart or "").split())
    return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 3]}..."


def _short(model: str) -> str:
    """A model's name, or as much of a file's as fits the column."""
    name = PurePath(model).stem
    return name if len(name) <= _LONGEST_MODEL else f"{name[: _LONGEST_MODEL - 1]}~"


def _when(wall_ns: int) -> datetime:
    return datetime.fromtimestamp(wall_ns / 1e9).astimezone()


def _length(seconds: float) -> str:
    return str(timedelta(seconds=round(max(seconds, 0))))
