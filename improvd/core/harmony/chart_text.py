"""A chart as a page of text: its bars as they are played, four to a line.

The page is a chart itself: reading it gives the same bars, headers and sections.
"""

from collections.abc import Iterator
from dataclasses import replace

from improvd.core.harmony.canonical import suffix
from improvd.core.harmony.chart import Chart
from improvd.core.harmony.chord import Chord, parse_chord, spelled
from improvd.core.harmony.form import Bar
from improvd.core.harmony.scales import Harmony
from improvd.core.harmony.spellings import pitch_class, read
from improvd.core.music import PITCH_CLASS_NAMES

_SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_LETTERS = "CDEFGAB"
_IN_A_LINE = (4, 2, 1)
_WIDEST = 200


def page(chart: Chart, width: int, *, scales: bool = False) -> list[str]:
    """The lines of a chart, no longer than `width` columns where one bar is not.

    `scales` adds, as comments, the notes that each chord is improvised with, and the first bar in
    which it is so.
    """
    lines = [*_headers(chart), "", *_bars(chart, width)]
    return [*lines, "", *_scales(chart, width)] if scales else lines


def bar_text(bar: Bar) -> str:
    """A bar's chords as a chart writes them."""
    runs: list[list[Chord | None]] = []
    for chord in bar:
        if runs and _name(runs[-1][0]) == _name(chord):
            runs[-1].append(chord)
        else:
            runs.append([chord])
    each, left = divmod(len(bar), len(runs))
    names = [_name(run[0]) for run in runs]
    if [len(run) for run in runs] == [each + (i < left) for i in range(len(runs))]:
        return " ".join(names)
    return " ".join(
        word
        for run, name in zip(runs, names, strict=True)
        for word in [name, *"/" * (len(run) - 1)]
    )


def _name(chord: Chord | None) -> str:
    return "N.C." if chord is None else chord.symbol


def _headers(chart: Chart) -> Iterator[str]:
    if chart.title:
        yield f"title: {chart.title}"
    if chart.key is not None:
        yield f"key: {chart.key}"
    yield f"meter: {chart.meter[0]}/{chart.meter[1]}"
    for name, number in (("tempo", chart.tempo), ("swing", chart.swing)):
        if number is not None:
            yield f"{name}: {number:g}"
    if chart.style:
        yield f"style: {chart.style}"
    if chart.live:
        yield "chords: live"


def _bars(chart: Chart, width: int) -> Iterator[str]:
    cells = [_metred(chart, number) + bar_text(bar) for number, bar in enumerate(chart.bars)]
    number = len(str(len(cells)))
    cell = max(len(text) for text in cells)
    fitting = (many for many in _IN_A_LINE if number + 2 + many * (cell + 3) <= width)
    in_a_line = next(fitting, _IN_A_LINE[-1])
    names = dict(chart.sections)
    start = 0
    while start < len(cells):
        if start in names:
            yield f"[{names[start]}]"
        end = min(start + in_a_line, len(cells))
        end = min([end, *(bar for bar in names if bar > start)])
        row = " | ".join(f"{text:{cell}}" for text in cells[start:end])
        yield f"{start + 1:{number}} | {row} |"
        start = end


def _metred(chart: Chart, bar: int) -> str:
    """The meter that a bar is in, where it is not that of the bar before."""
    before = chart.meter if bar == 0 else chart.meter_at(bar - 1)
    count, unit = chart.meter_at(bar)
    return "" if (count, unit) == before else f"{count}/{unit} "


def _scales(chart: Chart, width: int) -> Iterator[str]:
    shown: set[tuple[str, Harmony]] = set()
    rows: list[tuple[int, str, str]] = []
    for beat, harmony in enumerate(chart.harmonies):
        if (harmony.chord.symbol, harmony) in shown:
            continue
        shown.add((harmony.chord.symbol, harmony))
        bar = chart.place(beat).bar % len(chart.bars) + 1
        rows.append((bar, harmony.chord.symbol, _notes(harmony)))
    numbers, names = (max(len(str(row[i])) for row in rows) for i in (0, 1))
    for bar, name, notes in rows:
        head = f"# {bar:{numbers}} {name:{names}}"
        if len(head) + 2 + len(notes) <= width:
            yield f"{head}  {notes}"
        else:
            yield head.rstrip()
            yield f"#   {notes}"


def _notes(harmony: Harmony) -> str:
    """The notes of a harmony's scale from its root up; of seven notes each has its own letter."""
    symbol = read(harmony.chord.symbol)
    root = symbol.root if symbol else PITCH_CLASS_NAMES[harmony.chord.root]
    pitches = sorted(harmony.ladder.pitch_classes, key=lambda note: (note - pitch_class(root)) % 12)
    if len(pitches) == len(_LETTERS):
        first = _LETTERS.index(root[0])
        letters = _LETTERS[first:] + _LETTERS[:first]
        return " ".join(map(_spelled, letters, pitches))
    names = _SHARPS if "#" in root else PITCH_CLASS_NAMES
    return " ".join(names[pitch] for pitch in pitches)


def _spelled(letter: str, pitch: int) -> str:
    """A pitch class as a note of this letter."""
    up = (pitch - pitch_class(letter) + 6) % 12 - 6
    return letter + ("#" * up if up > 0 else "b" * -up)


def transposed(chart: Chart, semitones: int) -> str:
    """The text of a chart so many semitones higher (negative: lower), its repeats played out."""
    moved: dict[Chord, Chord] = {}
    for bar in chart.bars:
        for chord in bar:
            if chord is not None and chord not in moved:
                moved[chord] = _moved(chord, semitones)
    bars = tuple(tuple(chord and moved[chord] for chord in bar) for bar in chart.bars)
    key = chart.key.moved(semitones) if chart.key else None
    return "\n".join(page(replace(chart, bars=bars, key=key), _WIDEST)) + "\n"


def _moved(chord: Chord, semitones: int) -> Chord:
    """A chord with root and bass moved, spelled with flats."""
    symbol = read(spelled(chord))
    if symbol is None:
        return chord
    root = PITCH_CLASS_NAMES[(chord.root + semitones) % 12]
    over = (
        f"/{PITCH_CLASS_NAMES[(chord.bass + semitones) % 12]}" if chord.bass != chord.root else ""
    )
    return parse_chord(root + suffix(symbol) + over)
