"""MIDI files as musicians' programs write them, made note by note."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import mido

from improvd.core.harmony.chart import BLUES_IN_F, parse_chart

TICKS = 96
Event = tuple[float, mido.Message | mido.MetaMessage]
# The beat it begins at, the beats it lasts, and its pitch.
Played = tuple[float, float, int]

CHART = parse_chart(BLUES_IN_F)
BEATS = 48


def line(beats: int = BEATS, low: int = 65) -> list[Played]:
    """A melody of eighths that never stands still, from a bar's first beat on."""
    steps = (0, 2, 4, 5, 7, 9, 7, 4, 3, 2)
    return [(i / 2, 0.4, low + steps[i * i % 10]) for i in range(2 * beats)]


def comping(beats: int = BEATS) -> list[Played]:
    """The chord tones of a blues in F, held in the middle of the keyboard."""
    chords = [CHART.at(beat).chord for beat in range(beats)]
    return [(b, 0.9, 48 + tone) for b, chord in enumerate(chords) for tone in chord.tones]


def bass(beats: int = BEATS) -> list[Played]:
    """The roots."""
    return [(beat, 0.8, 36 + CHART.at(beat).chord.root) for beat in range(beats)]


def drums(beats: int = BEATS) -> list[Played]:
    """A cymbal on every beat, high up and one at a time: a melody to whoever does not look."""
    return [(beat / 2, 0.3, 82 + beat % 2) for beat in range(2 * beats)]


def events(notes: Iterable[Played], channel: int = 0) -> list[Event]:
    return [
        (beat, mido.Message(kind, note=pitch, channel=channel, velocity=64))
        for start, length, pitch in notes
        for beat, kind in ((start, "note_on"), (start + length, "note_off"))
    ]


def meta(beat: float, kind: str, **what: object) -> Event:
    return beat, mido.MetaMessage(kind, **what)


def track(*parts: Sequence[Event], name: str = "") -> mido.MidiTrack:
    """A track of events at beats; offs come first."""
    ordered = sorted(
        (event for part in parts for event in part),
        key=lambda event: (event[0], event[1].type != "note_off"),
    )
    made = mido.MidiTrack([mido.MetaMessage("track_name", name=name)] if name else [])
    now = 0
    for beat, message in ordered:
        tick = round(beat * TICKS)
        made.append(message.copy(time=tick - now))
        now = tick
    return made


def write(path: Path, *tracks: mido.MidiTrack, kind: int | None = None) -> Path:
    kind = (0 if len(tracks) == 1 else 1) if kind is None else kind
    file = mido.MidiFile(type=kind, ticks_per_beat=TICKS)
    file.tracks.extend(tracks)
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save(path)
    return path


def band(path: Path) -> Path:
    """A melody among bass, chords and drums, each on a track of its own."""
    return write(
        path,
        track([meta(0, "set_tempo", tempo=mido.bpm2tempo(140))]),
        track(events(drums(), 9), name="Kit"),
        track(events(bass(), 1), name="Upright"),
        track(events(line(), 2), name="Tenor"),
        track(events(comping(), 3), name="Rhodes"),
    )
