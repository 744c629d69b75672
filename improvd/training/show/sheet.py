"""A solo as written music: MusicXML, which MuseScore and every other notation program opens."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from music21 import duration, harmony, instrument, metadata, meter, note, stream, tempo

from improvd.core.harmony.chart import Chart
from improvd.core.harmony.chord import Chord
from improvd.core.harmony.musicxml import written
from improvd.core.music import TICKS_PER_BEAT
from improvd.training.read.corpus import MelodyBeat


def write(
    path: Path, line: Sequence[MelodyBeat], chart: Chart, *, bpm: float, dotted: bool = False
) -> None:
    """Write a line over a chart, from its first beat on, in the chart's meter. Raises OSError.

    A beat is a quarter note, or a dotted quarter where `dotted`; `bpm` counts beats.
    """
    beat = Fraction(3 if dotted else 2, 2)
    bar = Fraction(chart.meter[0] * 4, chart.meter[1])
    part: Any = stream.Part()  # type: ignore[no-untyped-call]  # music21 is typed in part
    player: Any = instrument.Instrument("improvd")
    player.partId = "P1"
    mark: Any = tempo.MetronomeMark(number=bpm, referent=duration.Duration(float(beat)))
    mark.placement = "above"
    part.append([player, meter.TimeSignature("/".join(map(str, chart.meter))), mark])
    bar_ticks = bar / beat * TICKS_PER_BEAT
    end = Fraction(0)
    for onset, length, pitch in _written(line):
        part.append([*_rests(end, Fraction(onset), bar_ticks, beat), _note(pitch, length, beat)])
        end = Fraction(onset + length)
    part.append(list(_rests(end, Fraction(len(line) * TICKS_PER_BEAT), bar_ticks, beat)))
    # Chords come after the bars are made: beside notes they would be taken for another voice.
    part.makeMeasures(inPlace=True)
    part.makeTies(inPlace=True)
    part.makeAccidentals(
        inPlace=True,
        overrideStatus=True,
        cautionaryNotImmediateRepeat=False,
        cautionaryPitchClass=False,
    )
    _write_chords(list(part.getElementsByClass(stream.Measure)), chart, bar, len(line) * beat)
    score: Any = stream.Score([part])
    score.metadata = metadata.Metadata(title=chart.title or "Solo", composer="improvd")
    score.write("musicxml", fp=path)


def _write_chords(bars: Sequence[Any], chart: Chart, bar: Fraction, end: Fraction) -> None:
    """Every chord above its place where it changes; `bar` and `end` in quarter notes."""
    nothing = object()
    before: object = nothing
    for number, measure in enumerate(bars):
        chords = chart.bars[number % len(chart.bars)]
        for place, chord in enumerate(chords):
            offset = bar * place / len(chords)
            if chord != before and number * bar + offset < end:
                measure.insert(offset, _symbol(chord))
                before = chord


def _written(line: Sequence[MelodyBeat]) -> list[tuple[int, int, int]]:
    """Onset and length in ticks, and pitch: each note to the next, or to its beat's end."""
    struck = [
        (beat * TICKS_PER_BEAT + each.tick, each.pitch)
        for beat, music in enumerate(line)
        for each in music.notes
    ]
    ends = [onset for onset, _ in struck[1:]] + [len(line) * TICKS_PER_BEAT]
    written = []
    for (onset, pitch), following in zip(struck, ends, strict=False):  # a silent line has an end
        end = (onset // TICKS_PER_BEAT + 1) * TICKS_PER_BEAT
        while end < following and line[end // TICKS_PER_BEAT].held:
            end += TICKS_PER_BEAT
        written.append((onset, min(end, following) - onset, pitch))
    return written


def _rests(start: Fraction, end: Fraction, bar: Fraction, beat: Fraction) -> Iterator[note.Rest]:
    """Rests from tick to tick: whole bars where they are empty, else none over a beat's end."""
    while start < end:
        in_bar = start % bar
        empty_bar = in_bar == 0 and start + bar <= end
        to_beat = TICKS_PER_BEAT - in_bar % TICKS_PER_BEAT
        stop = min(start + (bar if empty_bar else to_beat), start - in_bar + bar, end)
        yield note.Rest(quarterLength=(stop - start) * beat / TICKS_PER_BEAT)
        start = stop


def _note(pitch: int, length: int, beat: Fraction) -> note.Note:
    return note.Note(pitch, quarterLength=length * beat / TICKS_PER_BEAT)


def _symbol(chord: Chord | None) -> Any:
    """The chord as MusicXML keeps it; music21 writes a flat as a minus."""
    if chord is None:
        return harmony.NoChord("N.C.")
    said = written(chord)
    symbol: Any = harmony.ChordSymbol(
        root=said.root.replace("b", "-"),
        bass=(said.bass or said.root).replace("b", "-"),
        kind=said.kind,
        kindStr=said.text,
    )
    for degree in said.degrees:
        symbol.addChordStepModification(
            harmony.ChordStepModification(degree.how, degree.value, degree.alter),
            updatePitches=False,
        )
    symbol.writeAsChord = False
    return symbol
