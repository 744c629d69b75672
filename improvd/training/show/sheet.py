"""A solo as written music: MusicXML, which MuseScore and every other notation program opens."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from music21 import harmony, instrument, metadata, meter, note, stream, tempo

from improvd.core.harmony.chord import Chord
from improvd.core.harmony.qualities import QUALITIES, above
from improvd.core.music import TICKS_PER_BEAT
from improvd.training.read.corpus import MelodyBeat
from improvd.training.read.notation import SUFFIXES

# What MusicXML calls a chord by the text after its root, or else by its four tones; the text is
# written beside it. Programs go by the kind, so altered tensions are degrees of their own.
_BY_TEXT = {suffix: kind for kind, suffix in SUFFIXES.items()}
_TENSION = re.compile(r"([b#])(5|9|11|13)")
_BY_TONES = {
    above(0, QUALITIES[quality].tones): kind
    for quality, kind in (
        ("maj", "major-seventh"),
        ("maj6", "major-sixth"),
        ("min", "minor-seventh"),
        ("min6", "minor-sixth"),
        ("minmaj7", "minor-major-seventh"),
        ("hdim", "half-diminished-seventh"),
        ("dim", "diminished-seventh"),
        ("aug", "augmented-seventh"),
        ("sus", "suspended-fourth-seventh"),
    )
}


def write(  # noqa: PLR0913 - what stands on a sheet, all but the music by name
    path: Path,
    line: Sequence[MelodyBeat],
    chords: Sequence[Chord],
    *,
    beats_per_bar: int,
    bpm: float,
    title: str,
) -> None:
    """Write a line over the chord of each of its beats. Raises OSError."""
    part: Any = stream.Part()  # type: ignore[no-untyped-call]  # music21 is typed in part
    player: Any = instrument.Instrument("improvd")
    player.partId = "P1"
    mark: Any = tempo.MetronomeMark(number=bpm)
    mark.placement = "above"
    part.append([player, meter.TimeSignature(f"{beats_per_bar}/4"), mark])
    end = 0
    for onset, length, pitch in _written(line):
        part.append([*_rests(end, onset, beats_per_bar), _note(pitch, length)])
        end = onset + length
    part.append(list(_rests(end, len(line) * TICKS_PER_BEAT, beats_per_bar)))
    # Chords come after the bars are made: beside notes they would be taken for another voice.
    part.makeMeasures(inPlace=True)
    part.makeTies(inPlace=True)
    part.makeAccidentals(
        inPlace=True,
        overrideStatus=True,
        cautionaryNotImmediateRepeat=False,
        cautionaryPitchClass=False,
    )
    bars = list(part.getElementsByClass(stream.Measure))
    beat = 0
    for chord, run in groupby(chords):
        bar, place = divmod(beat, beats_per_bar)
        bars[bar].insert(place, _symbol(chord))
        beat += len(list(run))
    score: Any = stream.Score([part])
    score.metadata = metadata.Metadata(title=title, composer="improvd")
    score.write("musicxml", fp=path)


def _written(line: Sequence[MelodyBeat]) -> list[tuple[int, int, int]]:
    """Onset and length in ticks, and pitch: each note to the next, or to its beat's end."""
    struck = [
        (beat * TICKS_PER_BEAT + each.tick, each.pitch)
        for beat, music in enumerate(line)
        for each in music.notes
    ]
    ends = [onset for onset, _ in struck[1:]] + [len(line) * TICKS_PER_BEAT]
    written = []
    for (onset, pitch), following in zip(struck, ends, strict=True):
        end = (onset // TICKS_PER_BEAT + 1) * TICKS_PER_BEAT
        while end < following and line[end // TICKS_PER_BEAT].held:
            end += TICKS_PER_BEAT
        written.append((onset, min(end, following) - onset, pitch))
    return written


def _rests(start: int, end: int, beats_per_bar: int) -> Iterator[note.Rest]:
    """Rests from tick to tick: whole bars where they are empty, else none over a beat's end."""
    bar = beats_per_bar * TICKS_PER_BEAT
    while start < end:
        empty_bar = start % bar == 0 and start + bar <= end
        unit = bar if empty_bar else TICKS_PER_BEAT
        stop = min((start // unit + 1) * unit, end)
        yield note.Rest(quarterLength=(stop - start) / TICKS_PER_BEAT)
        start = stop


def _note(pitch: int, length: int) -> note.Note:
    return note.Note(pitch, quarterLength=length / TICKS_PER_BEAT)


def _symbol(chord: Chord) -> Any:
    """The chord as written, its flats as music21 writes them."""
    head, bass = chord.symbol.replace("\u266d", "b").replace("\u266f", "#"), ""
    if chord.bass != chord.root:
        head, _, bass = head.rpartition("/")
    root = head[: 2 if head[1:2] in ("b", "#") else 1]
    text = head.removeprefix(root)
    tensions = [] if text in _BY_TEXT else _TENSION.findall(text)
    plain = _TENSION.sub("", text).removesuffix("()") if tensions else text
    tones = tuple((tone - chord.root) % 12 for tone in chord.tones)
    symbol: Any = harmony.ChordSymbol(
        root=root.replace("b", "-"),
        bass=(bass or root).replace("b", "-"),
        kind=_BY_TEXT.get(plain) or _BY_TONES.get(tones, "dominant-seventh"),
        kindStr=plain,
    )
    for sign, degree in tensions:
        change = "alter" if degree == "5" else "add"
        semitones = -1 if sign == "b" else 1
        symbol.addChordStepModification(
            harmony.ChordStepModification(change, int(degree), semitones), updatePitches=False
        )
    symbol.writeAsChord = False
    return symbol
