"""A solo as written music: MusicXML, which MuseScore and every other notation program opens."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from music21 import harmony, metadata, meter, note, stream, tempo

from improvd.core.chord import QUALITIES, Chord, above
from improvd.core.music import TICKS_PER_BEAT
from improvd.training.corpus import Beat
from improvd.training.notation import SUFFIXES

# What MusicXML calls a chord by the text after its root, or else by its four tones; the text is
# written beside it.
_BY_TEXT = {suffix: kind for kind, suffix in SUFFIXES.items()}
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
    line: Sequence[Beat],
    chords: Sequence[Chord],
    *,
    beats_per_bar: int,
    bpm: float,
    title: str,
) -> None:
    """Write a line over the chord of each of its beats. Raises OSError."""
    part: Any = stream.Part()  # type: ignore[no-untyped-call]  # music21 is typed in part
    part.append(meter.TimeSignature(f"{beats_per_bar}/4"))
    part.append(tempo.MetronomeMark(number=bpm))
    for onset, length, pitch in _written(line):
        part.insert(onset / TICKS_PER_BEAT, _note(pitch, length))
    beat = 0
    for chord, run in groupby(chords):
        part.insert(beat, _symbol(chord))
        beat += len(list(run))
    score: Any = stream.Score([part])
    score.metadata = metadata.Metadata(title=title, composer="improvd")
    part.makeRests(fillGaps=True, inPlace=True, timeRangeFromBarDuration=False)
    score.write("musicxml", fp=path)


def _written(line: Sequence[Beat]) -> list[tuple[int, int, int]]:
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


def _note(pitch: int, length: int) -> note.Note:
    return note.Note(pitch, quarterLength=length / TICKS_PER_BEAT)


def _symbol(chord: Chord) -> harmony.ChordSymbol:
    """The chord as written, its flats as music21 writes them."""
    head, bass = chord.symbol.replace("\u266d", "b").replace("\u266f", "#"), ""
    if chord.bass != chord.root:
        head, _, bass = head.rpartition("/")
    root = head[: 2 if head[1:2] in ("b", "#") else 1]
    text = head.removeprefix(root)
    tones = tuple((tone - chord.root) % 12 for tone in chord.tones)
    symbol = harmony.ChordSymbol(
        root=root.replace("b", "-"),
        bass=(bass or root).replace("b", "-"),
        kind=_BY_TEXT.get(text) or _BY_TONES.get(tones, "dominant-seventh"),
        kindStr=text,
    )
    symbol.writeAsChord = False
    return symbol
