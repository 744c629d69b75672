"""Written music as scores: MusicXML, ABC, Humdrum and MEI, through music21."""

import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from music21 import converter, harmony, meter, note, pitch, stream, tempo

from improvd.core.harmony.chord import Chord, ChordError, parse_chord
from improvd.core.music import PITCH_CLASS_NAMES, PULSES_PER_BEAT, Note
from improvd.training.read.score import Score, Voice
from improvd.training.read.weimar import LeftOutError

_DEFAULT_BPM = 120.0
# What MusicXML calls the kinds of chords, as jazz charts write them.
SUFFIXES = {
    "major": "",
    "minor": "m",
    "augmented": "+",
    "diminished": "dim",
    "dominant-seventh": "7",
    "major-seventh": "maj7",
    "minor-seventh": "m7",
    "diminished-seventh": "dim7",
    "augmented-seventh": "+7",
    "half-diminished-seventh": "m7b5",
    "minor-major-seventh": "mMaj7",
    "augmented-major-seventh": "maj7#5",
    "major-minor": "mMaj7",
    "minor-major": "mMaj7",
    "major-sixth": "6",
    "minor-sixth": "m6",
    "dominant-ninth": "9",
    "major-ninth": "maj9",
    "minor-ninth": "m9",
    "dominant-11th": "11",
    "major-11th": "maj11",
    "minor-11th": "m11",
    "dominant-13th": "13",
    "major-13th": "maj13",
    "minor-13th": "m13",
    "suspended-second": "sus2",
    "suspended-fourth": "sus4",
    "suspended-fourth-seventh": "7sus4",
    "power": "5",
}


def read(path: Path) -> list[Score]:
    """The scores in a file, several where it is a book of tunes. Raises LeftOutError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = converter.parse(path, forceSource=True)
            tunes = list(parsed.scores) if isinstance(parsed, stream.Opus) else [parsed]
            return [_score(tune, path) for tune in tunes]
    except LeftOutError:
        raise
    except Exception as error:  # noqa: BLE001 - damaged files can raise anything in music21
        said = str(error).partition("\n")[0][:100] or type(error).__name__
        raise LeftOutError(f"it cannot be read as {path.suffix[1:]} ({said})") from None


def _score(tune: stream.Stream[Any], path: Path) -> Score:
    parts: list[Any] = list(tune.parts) if isinstance(tune, stream.Score) else []
    parts = parts or [tune]
    voices = [
        Voice(number, str(part.partName or ""), tuple(_notes(part)))
        for number, part in enumerate(parts, start=1)
    ]
    metadata = tune.metadata
    return Score(
        name=str((metadata and metadata.bestTitle) or path.stem).removesuffix(path.suffix),
        performer=str((metadata and metadata.composer) or ""),
        voices=tuple(voices),
        metres=_metres(parts[0]),
        chords=tuple(_chords(tune)),
        bpm=_bpm(tune),
    )


def _bpm(tune: stream.Stream[Any]) -> float:
    marks: Any = tune.recurse().getElementsByClass(tempo.MetronomeMark)
    speeds = (mark.getQuarterBPM() for mark in marks)
    return float(next(filter(None, speeds), _DEFAULT_BPM))


def _pulse(quarters: Any) -> int:
    return round(float(quarters) * PULSES_PER_BEAT)


def _notes(part: stream.Stream[Any]) -> Iterator[Note]:
    """The notes of a part, tied ones as one; grace notes have no time of their own."""
    for element in part.toSoundingPitch().stripTies().flatten().notes:
        length = _pulse(element.quarterLength)
        if isinstance(element, harmony.Harmony | note.Unpitched) or length == 0:
            continue
        for sounding in element.pitches:
            yield Note(_pulse(element.offset), length, sounding.midi)


def _metres(part: stream.Stream[Any]) -> tuple[tuple[int, int], ...]:
    """Where each metre begins; after a pick-up that is the first whole bar."""
    signatures = part.flatten().getElementsByClass(meter.TimeSignature)
    metres = [(_pulse(s.offset), max(_pulse(s.barDuration.quarterLength), 1)) for s in signatures]
    metres = metres or [(0, 4 * PULSES_PER_BEAT)]
    bars = list(part.getElementsByClass(stream.Measure))[:2]
    if len(bars) == 2 and _pulse(bars[1].offset) < metres[0][1]:
        metres[0] = _pulse(bars[1].offset), metres[0][1]
    return tuple(metres)


def _chords(tune: stream.Stream[Any]) -> Iterator[tuple[int, Chord | None]]:
    for symbol in tune.flatten().getElementsByClass(harmony.ChordSymbol):
        if isinstance(symbol, harmony.NoChord):
            yield _pulse(symbol.offset), None
        else:
            yield _pulse(symbol.offset), _chord(symbol)


def _chord(symbol: harmony.ChordSymbol) -> Chord:
    """music21's chord symbol as ours, by its kind: its text writes a flat as a minus."""
    root, bass = symbol.root(), symbol.bass()
    kind = SUFFIXES.get(symbol.chordKind)
    added = "".join(_modification(change) for change in symbol.chordStepModifications)
    slash = "" if bass.name == root.name else f"/{_name(bass)}"
    # An added seventh stands before its suspended fourth; what jazz never adds is left out.
    bodies = () if kind is None else (kind + added, added + kind, kind)
    for body in bodies:
        with suppress(ChordError):
            return parse_chord(_name(root) + body + slash)
    raise LeftOutError(f"it has a chord that improvd cannot read, {symbol.figure}")


def _modification(change: harmony.ChordStepModification) -> str:
    if change.modType == "subtract":
        return ""
    semitones = round(change.interval.semitones) if change.interval else 0
    if semitones == 0:
        return "7" if change.degree == 7 else f"add{change.degree}"
    return ("b" if semitones < 0 else "#") + str(change.degree)


def _name(root: pitch.Pitch) -> str:
    return PITCH_CLASS_NAMES[int(root.pitchClass)]
