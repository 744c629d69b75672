"""Humdrum and MEI as scores, through music21."""

import warnings
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

from music21 import bar, base, converter, harmony, instrument, meter, note, pitch, stream, tempo
from music21.humdrum import spineParser

from improvd.core.harmony.chord import Chord, ChordError
from improvd.core.harmony.leadsheets.kinds import Degree, chord_of
from improvd.core.harmony.written import form
from improvd.core.music import PULSES_PER_BEAT, Note
from improvd.training.read.corpus import DEFAULT_BPM, is_tempo
from improvd.training.read.notation import humdrum_chords, humdrum_sections, mei_chords
from improvd.training.read.score import Score, Voice
from improvd.training.read.weimar import LeftOutError


def read(path: Path) -> list[Score]:
    """The scores in a file, several where it is a book of tunes.

    Raises LeftOutError, or what music21 raises for damaged files, which can be anything.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parsed = _parsed(path)
        tunes = list(parsed.scores) if isinstance(parsed, stream.Opus) else [parsed]
        return [_score(_played_out(tune), path) for tune in tunes]


class _Named(base.Music21Object):
    """A chord in a stream, which keeps its place in whatever order bars are played."""

    def __init__(self, chord: Chord | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.chord = chord


def _parsed(path: Path) -> Any:
    """What music21 makes of a file, with the chords that it passes over."""
    content = path.read_bytes()
    if path.suffix.lower() == ".mei":
        parsed: Any = converter.parse(path, forceSource=True)
        parts = list(parsed.parts)
        bars = list(parts[0].getElementsByClass(stream.Measure)) if parts else []
        for harm in mei_chords.chords(content):
            if harm.bar < len(bars):
                bars[harm.bar].insert(mei_chords.place(harm, bars[harm.bar]), _Named(harm.chord))
        return parsed
    text = content.decode("utf-8-sig", "replace")
    text = humdrum_chords.marked(humdrum_sections.played_out(text))
    parsed = converter.parseData(text, format="humdrum")
    for comment in list(parsed.recurse().getElementsByClass(spineParser.SpineComment)):
        chord = humdrum_chords.chord_in(comment.comment)
        if not isinstance(chord, bool):
            comment.activeSite.insert(comment.offset, _Named(chord))
    return parsed


def _played_out(tune: stream.Stream[Any]) -> stream.Stream[Any]:
    """The tune with its repeats."""
    if not any(tune.recurse().getElementsByClass(bar.Repeat)):
        return tune
    with suppress(Exception):  # it raises all kinds for repeats that nobody opens or closes
        return tune.expandRepeats()
    return _in_order(tune)


def _in_order(tune: stream.Stream[Any]) -> stream.Stream[Any]:
    """The tune with its repeats where music21 cannot play them out."""
    played = stream.Score()
    played.metadata = tune.metadata
    for part in list(tune.parts) if isinstance(tune, stream.Score) else [tune]:
        bars = list(part.getElementsByClass(stream.Measure))
        again: Any = stream.Part()  # type: ignore[no-untyped-call]  # music21 is typed in part
        again.append(deepcopy(list(part.getElementsByClass(instrument.Instrument))))
        again.partName = getattr(part, "partName", None)
        for i in form.played_order([_signs(each) for each in bars]):
            again.append(deepcopy(bars[i]))
        played.insert(0, again)
    return played


def _signs(measure: Any) -> form.Bar:
    """What a measure says about the order of measures."""
    left, right = (
        sign if isinstance(sign, bar.Repeat) else None
        for sign in (measure.leftBarline, measure.rightBarline)
    )
    return form.Bar(
        opens=left is not None and left.direction == "start",
        closes=(right.times or 2) if right is not None and right.direction == "end" else 0,
    )


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
    speeds = (float(mark.getQuarterBPM() or 0) for mark in marks)
    return next(filter(is_tempo, speeds), DEFAULT_BPM)


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
    for named in tune.flatten().getElementsByClass(_Named):
        yield _pulse(named.offset), named.chord
    for symbol in tune.flatten().getElementsByClass(harmony.ChordSymbol):
        if isinstance(symbol, harmony.NoChord):
            yield _pulse(symbol.offset), None
        else:
            yield _pulse(symbol.offset), _chord(symbol)


def _chord(symbol: harmony.ChordSymbol) -> Chord | None:
    """music21's chord symbol as ours, by its kind: its text writes a flat as a minus."""
    root, bass = symbol.root(), symbol.bass()
    degrees = [
        Degree(each.degree, round(getattr(each.interval, "semitones", 0)), each.modType)
        for each in symbol.chordStepModifications
    ]
    slash = "" if bass.name == root.name else _name(bass)
    try:
        return chord_of(_name(root), symbol.chordKind, degrees, slash)
    except ChordError:
        raise LeftOutError(
            f"it has a chord in bar {symbol.measureNumber} that improvd cannot read, "
            f"{symbol.figure}"
        ) from None


def _name(root: pitch.Pitch) -> str:
    return str(root.name).replace("-", "b")
