"""The etude book: improvd's own music, one .mid file each, from which the default model learns.

An etude's file is the etude: notes, tempo, and every chord as a marker on its beat. Writing and
reading it back changes nothing, so that its values are those that were composed.
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import mido

from improvd.core.harmony.chord import ChordError, parse_chord
from improvd.core.harmony.scales import harmonize
from improvd.core.music import PULSES_PER_BEAT, Note
from improvd.core.network.vocabulary import Register
from improvd.training.read.corpus import Piece

FOLDER = Path(__file__).parents[1] / "etudes"
# Where improvd's own line begins, the middle of its register.
START = Register(55, 79).middle


class EtudeError(ValueError):
    """A file that is no etude; one sentence names it and says why."""


def book(folder: Path = FOLDER) -> list[Piece]:
    """The etudes of a folder, in the order of their names. Raises EtudeError for what is none."""
    return [read(path) for path in sorted(folder.glob("*.mid"))]


def write(path: Path, etude: Piece) -> None:
    """Write an etude as a .mid file of one track."""
    track = mido.MidiTrack()
    file = mido.MidiFile(type=0, ticks_per_beat=PULSES_PER_BEAT, charset="utf-8")
    file.tracks.append(track)
    track.append(mido.MetaMessage("track_name", name=etude.name))
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(etude.bpm)))
    track.append(mido.MetaMessage("time_signature", numerator=4, denominator=4))
    now = 0
    for pulse, _, message in sorted(_events(etude), key=lambda event: event[:2]):
        track.append(message.copy(time=pulse - now))
        now = pulse
    end = len(etude.harmonies) * PULSES_PER_BEAT
    track.append(mido.MetaMessage("end_of_track", time=end - now))
    file.save(path)


def _events(etude: Piece) -> Iterator[tuple[int, int, mido.Message | mido.MetaMessage]]:
    """(pulse, rank, message): at one pulse note-offs come first, then chords, then notes."""
    beats = groupby(enumerate(etude.harmonies), key=lambda each: each[1].chord.symbol)
    for symbol, run in beats:
        first = next(run)[0]
        yield first * PULSES_PER_BEAT, 1, mido.MetaMessage("marker", text=symbol)
    for note in etude.notes:
        on = mido.Message("note_on", note=note.pitch, velocity=note.velocity)
        yield note.onset, 2, on
        yield note.onset + note.length, 0, mido.Message("note_off", note=note.pitch, velocity=64)


def read(path: Path) -> Piece:
    """Read an etude's file. Raises EtudeError for any other."""
    try:
        file = mido.MidiFile(path, charset="utf-8")
        return _piece(path, file)
    except ChordError as error:
        raise EtudeError(f"{path}: {error}") from None
    except (EOFError, OSError, ValueError) as error:
        raise EtudeError(f"{path}: not an etude ({error})") from None


def _piece(path: Path, file: mido.MidiFile) -> Piece:
    if file.ticks_per_beat != PULSES_PER_BEAT or len(file.tracks) != 1:
        raise ValueError(f"an etude has one track of {PULSES_PER_BEAT} ticks a beat")
    tempo = mido.bpm2tempo(120)
    name = path.stem
    now = 0
    chords: dict[int, str] = {}
    open_notes: dict[int, tuple[int, int]] = {}
    notes: list[Note] = []
    for message in file.tracks[0]:
        now += message.time
        match message.type:
            case "track_name":
                name = message.name
            case "set_tempo":
                tempo = message.tempo
            case "marker":
                chords[now // PULSES_PER_BEAT] = message.text
            case "note_on":
                open_notes[message.note] = now, message.velocity
            case "note_off":
                onset, velocity = open_notes.pop(message.note)
                notes.append(Note(onset, now - onset, message.note, velocity))
    if not notes or 0 not in chords:
        raise ValueError("an etude has notes, and a chord from its first beat on")
    symbols = [chords[0]]
    for beat in range(1, now // PULSES_PER_BEAT):
        symbols.append(chords.get(beat, symbols[-1]))
    notes.sort(key=lambda note: note.onset)
    return Piece(
        name=name,
        performer="improvd",
        notes=tuple(notes),
        harmonies=harmonize([parse_chord(symbol) for symbol in symbols], cyclic=False),
        bpm=round(mido.tempo2bpm(tempo), 3),  # the file counts microseconds
        start=START,
    )
