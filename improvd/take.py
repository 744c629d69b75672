"""A take: what was played, as a .mid file that any DAW opens, chords as markers."""

from bisect import bisect_right
from math import ceil
from pathlib import Path

import mido

from improvd.core.beat import Beat
from improvd.core.music import PULSES_PER_BEAT
from improvd.core.timeline import NS_PER_MINUTE


class Take:
    """Collects messages with the moments they were due; `save` writes all of them at any time."""

    def __init__(self, bpm: float, beats_per_bar: float) -> None:
        self._bpm = bpm
        self._beats_per_bar = beats_per_bar
        self._beats: list[Beat] = []
        self.messages: list[tuple[int, bytes]] = []

    def add_beat(self, beat: Beat) -> None:
        """A beat was planned: it tells where in time the bars are."""
        self._beats.append(beat)

    def add_message(self, due_ns: int, message: bytes) -> None:
        """A message was sent that was due at this nanosecond."""
        self.messages.append((due_ns, message))

    def save(self, path: Path) -> None:
        """Write the file anew, whole or not at all. Raises OSError."""
        file = mido.MidiFile(type=1, ticks_per_beat=PULSES_PER_BEAT)
        file.tracks.append(self._conductor())
        file.tracks.append(self._line())
        unfinished = path.with_name(f".{path.name}.unfinished")
        file.save(unfinished)
        unfinished.replace(path)

    def _conductor(self) -> mido.MidiTrack:
        track = mido.MidiTrack()
        track.append(mido.MetaMessage("track_name", name="chords"))
        track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(self._bpm)))
        track.append(mido.MetaMessage("time_signature", numerator=ceil(self._beats_per_bar)))
        markers = []
        chord = None
        for beat in self._beats:
            if beat.chord != chord:
                markers.append((self._tick(beat.start_ns), beat.chord))
            chord = beat.chord
        _append(track, [(tick, mido.MetaMessage("marker", text=text)) for tick, text in markers])
        return track

    def _line(self) -> mido.MidiTrack:
        track = mido.MidiTrack()
        track.append(mido.MetaMessage("track_name", name="improvd"))
        _append(
            track,
            [(self._tick(due), mido.Message.from_bytes(data)) for due, data in self.messages],
        )
        return track

    def _tick(self, ns: int) -> int:
        """Ticks from the first beat of the take, at the tempo its beats were played in."""
        if not self._beats:
            return 0
        index = max(bisect_right(self._beats, ns, key=lambda beat: beat.start_ns) - 1, 0)
        beat = self._beats[index]
        ticks = (ns - beat.start_ns) * self._bpm * PULSES_PER_BEAT / NS_PER_MINUTE
        return max((beat.number - self._beats[0].number) * PULSES_PER_BEAT + round(ticks), 0)


def _append(track: mido.MidiTrack, events: list[tuple[int, mido.Message]]) -> None:
    """Events at absolute ticks, in order, as the delta times of a track."""
    last = 0
    for tick, event in events:
        track.append(event.copy(time=max(tick - last, 0)))
        last = max(tick, last)
