"""What stands in which bar: a sheet over a chart, or of a take as it was played."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise

from improvd.core.harmony.chart import Chart
from improvd.core.harmony.chord import Chord, ChordError, parse_chord
from improvd.core.harmony.key import NamedKey
from improvd.core.timeline import NS_PER_MINUTE, ns_per_beat
from improvd.sheets.musicxml import Sheet, SheetBar
from improvd.sheets.notation import UNITS
from improvd.sheets.part import parts_of
from improvd.sheets.staves import Staves, staves
from improvd.take import Take

_NOTHING = object()


def over_chart(
    chart: Chart, parts: Sequence[Staves], beats: int, *, bpm: float, dotted: bool = False
) -> Sheet:
    """Parts over so many beats of a chart, in its metres; the last bar is a whole one."""
    beat = _beat(dotted=dotted)
    bars = list(_written_bars(chart, beats * beat))
    return Sheet(
        title=chart.title or "Solo",
        parts=parts,
        bars=bars,
        chords=list(_chords(chart, bars, beats * beat)),
        beat=beat,
        bpm=bpm,
        dotted=dotted,
        style=chart.style,
        key=chart.key,
    )


def of_take(take: Take, title: str, key: NamedKey | None = None) -> Sheet:
    """All that was played from the first bar on, in the bars and over the chords it was played in.

    Its tempo is that of the first beat.
    """
    music = take.counted_in()
    grid, beat = music.grid(), _beat(dotted=take.dotted)
    every = parts_of(music)
    chords: list[tuple[int, Chord | None]] = []
    before = None
    for index, place in enumerate(grid.places):
        if place.chord not in (before, None):
            before = place.chord
            with suppress(ChordError):
                chords.append((index * beat, parse_chord(place.chord or "")))
    bars = list(_bars(music, beat))
    starts = grid.starts
    first_ns = starts[1] - starts[0] if len(starts) > 1 else ns_per_beat(take.bpm)
    return Sheet(
        title=title or "Jam",
        parts=[staves(part) for part in every if part.notes] or [staves(every[0])],
        bars=bars,
        chords=chords,
        beat=beat,
        bpm=round(NS_PER_MINUTE / first_ns),
        dotted=take.dotted,
        key=key,
    )


def _beat(*, dotted: bool) -> int:
    return UNITS * 3 // 2 if dotted else UNITS


def _bars(take: Take, beat: int) -> Iterator[SheetBar]:
    """The bars of a take; where it was broken off, as long as they lasted."""
    grid = take.grid()
    told = list(grid.bars())
    end = max(len(grid.places), 1)
    for (start, beats), (following, _) in pairwise([*told, (end, 0.0)]):
        at, until, length = start * beat, following * beat, round(beats * beat)
        while at < until:
            whole = at + length <= until or beats % 1
            lasting = length if whole else until - at
            yield SheetBar(at, lasting, take.metre(lasting / beat))
            at += lasting


def _written_bars(chart: Chart, end: int) -> Iterator[SheetBar]:
    """The bars of a chart, chorus after chorus, up to the end, in units."""
    at, number = 0, 0
    while at < end:
        metre = chart.meter_at(number % len(chart.bars))
        length = int(Fraction(metre[0] * 4, metre[1]) * UNITS)
        yield SheetBar(at, length, metre)
        at, number = at + length, number + 1


def _chords(chart: Chart, bars: Sequence[SheetBar], end: int) -> Iterator[tuple[int, Chord | None]]:
    """Every chord where it changes, up to the end, in units."""
    before: object = _NOTHING
    for number, bar in enumerate(bars):
        chords = chart.bars[number % len(chart.bars)]
        for place, chord in enumerate(chords):
            where = bar.start + bar.length * place // len(chords)
            if where < end and chord != before:
                yield where, chord
                before = chord
