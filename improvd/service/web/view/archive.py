"""The jams that were played, for the page: their list, their notes, and them as .mid files."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from improvd import performance
from improvd.core.midi.messages import NOTE_OFF, NOTE_ON, Stamped, channel, kind, strikes
from improvd.service.recorder import library, recording
from improvd.service.recorder.library import JamError
from improvd.service.recorder.recording import Recording
from improvd.take import Take

_NAME = re.compile(r"[0-9]{8}-[0-9]{6}")
_MOST_LISTED = 100
# Some hours of playing; a page draws no more.
_MOST_NOTES = 50_000
_NS_PER_MS = 1e6


class Archive:
    """The jams of a folder. All that reads one may take its time: not in the loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def list(self) -> list[dict[str, Any]]:
        """The newest hundred."""
        return [_line(path) for path in library.jams(self._folder)[:_MOST_LISTED]]

    def midi(self, name: str) -> bytes:
        """A jam as a .mid file. Raises JamError."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "jam.mid"
            self._take(name).save(path)
            return path.read_bytes()

    def roll(self, name: str) -> dict[str, Any]:
        """A jam's beats and notes, in ms from its first beat. Raises JamError.

        `notes`: (starts, ends, channel from 0, pitch, velocity, whether they are the musician's).
        """
        take = self._take(name)
        first = min((beat.start_ns for beat in take.beats), default=0)
        notes = [
            *_notes(take.messages, first, theirs=False),
            *_notes(take.heard, first, theirs=True),
        ]
        beats = [((b.start_ns - first) / _NS_PER_MS, b.bar, b.beat_in_bar) for b in take.beats]
        return {"beats": beats, "notes": sorted(notes)[:_MOST_NOTES]}

    def _take(self, name: str) -> Take:
        # Only a name that we give: never a path of somebody's choice.
        if not _NAME.fullmatch(name):
            raise JamError(f"{name[:40]!r} is not the name of a jam")
        return recording.take(Recording(library.find(self._folder, name)).events())


def _line(path: Path) -> dict[str, Any]:
    """A jam of the list."""
    try:
        summary = Recording(path).summary()
    except JamError as error:
        return {"name": path.stem, "error": str(error)}
    began = summary.began
    title = ""
    if began is not None:
        try:
            title = performance.chart_of(began.chart, began.config).title
        except ValueError:  # a chart that this version reads otherwise
            title = ""
    return {
        "name": path.stem,
        "when": summary.wall_ns / _NS_PER_MS,
        "seconds": round(summary.seconds, 1),
        "beats": summary.beats,
        "bpm": summary.bpm and round(summary.bpm),
        "title": title or "your chart",
        "model": began.config.model if began else "",
        "ending": summary.ending,
    }


def _notes(messages: list[Stamped], first: int, *, theirs: bool) -> Iterator[tuple[Any, ...]]:
    begun: dict[tuple[int, int], tuple[int, int]] = {}
    for stamp, message in messages:
        if len(message) != 3 or kind(message) not in (NOTE_ON, NOTE_OFF):
            continue
        key = channel(message), message[1]
        if key in begun:
            start, velocity = begun.pop(key)
            at, end = (start - first) / _NS_PER_MS, (stamp - first) / _NS_PER_MS
            yield (round(at, 1), round(end, 1), *key, velocity, theirs)
        if strikes(message):
            begun[key] = stamp, message[2]
