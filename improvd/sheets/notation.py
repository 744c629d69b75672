"""How long notes and rests are written: values, dots, ties and tuplets. Pure.

Lengths are counted in units, 96 to the quarter note, which holds sixty-fourths and the thirds of an
eighth alike.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from improvd.core.music import TICKS_PER_BEAT
from improvd.sheets.part import NotatedNote

UNITS = 96
"""To the quarter note."""
_STRAIGHT = 6
# Units of what is written plainly inside a beat, and over whole beats.
_VALUES = {
    576: ("whole", 1), 384: ("whole", 0), 288: ("half", 1), 192: ("half", 0),
    144: ("quarter", 1), 96: ("quarter", 0), 72: ("eighth", 1), 48: ("eighth", 0),
    36: ("16th", 1), 24: ("16th", 0), 18: ("32nd", 1), 12: ("32nd", 0), 6: ("64th", 0),
}  # fmt: skip
_DOTTED = UNITS * 3 // 2
# Units of what is written as three in the time of two.
_THREES = {
    64: ("quarter", 0), 48: ("eighth", 1), 32: ("eighth", 0), 24: ("16th", 1),
    16: ("16th", 0), 8: ("32nd", 0), 4: ("64th", 0),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NoteSymbol:
    """A note, chord or rest as it stands on paper.

    `start` and `length` in units, from the first bar; `pitches` none for a rest. `value` and `dots`
    are its shape, the value "" for the rest of a whole bar. `tied` says whether it goes on from the
    symbol before, and into the one after. `three`: one of three in the time of two; `bracket` opens
    ("start") or closes ("stop") there, or both.
    """

    start: int
    length: int
    pitches: tuple[int, ...]
    value: str
    dots: int = 0
    tied: tuple[bool, bool] = (False, False)
    three: bool = False
    bracket: tuple[str, ...] = ()


def symbols(
    voice: Sequence[NotatedNote], bars: Sequence[tuple[int, int]], beat: int
) -> list[list[NoteSymbol]]:
    """A voice as symbols, bar by bar.

    Args:
        voice: what is played, one after the other.
        bars: start and length of each, in units, one after the other.
        beat: how many units one has, which are 12 ticks.
    """
    unit = beat // TICKS_PER_BEAT
    return [
        _bar(list(_spans(voice, unit, start, start + length)), start, start + length, beat)
        for start, length in bars
    ]


_Span = tuple[int, int, tuple[int, ...], bool, bool]
"""Start and end in units, pitches, and whether it goes on from before and into what follows."""


def _spans(voice: Iterable[NotatedNote], unit: int, start: int, end: int) -> Iterator[_Span]:
    """What a bar is filled with: notes, and rests between them."""
    at = start
    for note in voice:
        first, last = note.onset * unit, (note.onset + note.length) * unit
        if last <= start or first >= end:
            continue
        if first > at:
            yield at, first, (), False, False
        at = min(last, end)
        yield max(first, start), at, note.pitches, first < start, last > end
    if at < end:
        yield at, end, (), False, False


def _bar(spans: Sequence[_Span], start: int, end: int, beat: int) -> list[NoteSymbol]:
    if len(spans) == 1 and not spans[0][2]:
        return [NoteSymbol(start, end - start, (), "")]
    edges = [edge for span in spans for edge in span[:2]]
    threes = {(edge - start) // beat for edge in edges if (edge - start) % beat % _STRAIGHT}
    found = [symbol for span in spans for symbol in _cut(span, start, end, beat, threes)]
    return _bracketed(found, start, beat)


def _cut(span: _Span, start: int, end: int, beat: int, threes: set[int]) -> Iterator[NoteSymbol]:
    """A note or rest as one symbol or several that are tied."""
    at, until, pitches, before, after = span
    while at < until:
        number, place = divmod(at - start, beat)
        room = min(start + (number + 1) * beat, end)
        if number in threes:
            length, (value, dots) = _largest(_THREES, min(until, room) - at)
        elif pitches and _is_dotted(until - at, at - start, beat) and number + 1 not in threes:
            length, (value, dots) = _DOTTED, _VALUES[_DOTTED]
        elif place == 0 and until - at >= beat:
            length, (value, dots) = _over_beats(until - at, at - start, beat, rest=not pitches)
        else:
            length, (value, dots) = _largest(_VALUES, min(until, room) - at)
        tied = (before, after or at + length < until) if pitches else (False, False)
        yield NoteSymbol(at, length, pitches, value, dots, tied, number in threes)
        at, before = at + length, True


def _is_dotted(length: int, place: int, beat: int) -> bool:
    """Whether a note of a beat and a half begins on an odd beat, where nobody needs a tie."""
    return length == _DOTTED == beat * 3 // 2 and place % (2 * beat) == 0


def _largest(values: dict[int, tuple[str, int]], room: int) -> tuple[int, tuple[str, int]]:
    return next((length, value) for length, value in values.items() if length <= room)


def _over_beats(length: int, place: int, beat: int, *, rest: bool) -> tuple[int, tuple[str, int]]:
    """A symbol of whole beats; a rest of two begins on an odd one."""
    beats = length // beat
    if rest and (place // beat) % 2:
        beats = 1
    most = 2 if rest else 4
    return next(
        (count * beat, _VALUES[count * beat])
        for count in range(min(beats, most), 0, -1)
        if count * beat in _VALUES
    )


def _bracketed(found: Sequence[NoteSymbol], start: int, beat: int) -> list[NoteSymbol]:
    """The same with brackets over the threes of each beat."""
    beats = [(each.start - start) // beat if each.three else None for each in found]
    shown = []
    for index, (symbol, of) in enumerate(zip(found, beats, strict=True)):
        opens = of is not None and (index == 0 or beats[index - 1] != of)
        closes = of is not None and (index + 1 == len(found) or beats[index + 1] != of)
        ends = [how for how, is_so in (("start", opens), ("stop", closes)) if is_so]
        shown.append(replace(symbol, bracket=tuple(ends)))
    return shown
