"""A solo as written music, the band's parts below it: MusicXML, which notation programs open."""

from collections.abc import Sequence
from pathlib import Path

from improvd.core.harmony.chart import Chart
from improvd.core.music import TICKS_PER_BEAT
from improvd.sheets import layout, musicxml
from improvd.sheets.part import NotatedNote, VoicePart
from improvd.sheets.staves import Staves, staves
from improvd.training.read.corpus import MelodyBeat


def write(  # noqa: PLR0913 - what is written, and how it counts, by name
    path: Path,
    line: Sequence[MelodyBeat] | None,
    chart: Chart,
    *,
    bpm: float,
    dotted: bool = False,
    band: Sequence[VoicePart] = (),
    beats: int = 0,
) -> None:
    """Write a line over a chart, from its first beat on, in the chart's meter. Raises OSError.

    A beat is a quarter note, or a dotted quarter where `dotted`; `bpm` counts beats. Without a line
    the band stands alone, over so many beats.
    """
    parts: list[Staves] = []
    if line is not None:
        parts, beats = [staves(VoicePart("improvd", ()), _written(line))], len(line)
    parts += [staves(part) for part in band]
    sheet = layout.over_chart(chart, parts, beats, bpm=bpm, dotted=dotted)
    path.write_text(musicxml.document(sheet), encoding="utf-8")


def _written(line: Sequence[MelodyBeat]) -> list[NotatedNote]:
    """Each note to the next, or to its beat's end."""
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
        written.append(NotatedNote(onset, min(end, following) - onset, (pitch,)))
    return written
