"""A chart: bars of chords, one chord a beat, that loops for as long as the music does.

Chart text is what a musician would type: "| Dm7 | G7 | Cmaj7 | % |". A bar's number in an error
counts the bars as written, before repeats are played out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import gcd

from improvd.core.harmony.chord import Chord, ChordError, read_chord
from improvd.core.harmony.scales import Harmony, harmonize

Bar = tuple[Chord | None, ...]

BLUES_IN_F = """\
title: Blues in F
| F7  | Bb7     | F7     | Cm7 F7 |
| Bb7 | Bdim7   | F7     | Am7 D7 |
| Gm7 | C7      | F7 D7  | Gm7 C7 |
"""

_HEADER = re.compile(r"\s*([A-Za-z]+)\s*:\s*(.*?)\s*")
_BARLINE = re.compile(
    r"(?P<end>:)?\|+(?P<begin>:)?(?(end)(?:x(?P<times>[1-9][0-9]?)(?![^\s|]))?)"
    r"(?:(?P<ending>[12])\.?(?=\s))?"
)


class ChartError(ValueError):
    """A chart that cannot be read; one sentence that names the bar or the header."""


@dataclass(frozen=True, slots=True)
class Chart:
    """The chords of a form, bar by bar, and what each of its beats sounds over.

    `bars` holds a chord for every beat of every bar, None for N.C.; repeats are played out. Where a
    bar is no whole number of beats (7/8 is three and a half quarters), it holds one for every unit
    of the meter instead. `tempo` (beats a minute) and `swing` (long share of a beat, percent) are
    None unless the text sets them.
    """

    title: str
    beats_per_bar: float
    bars: tuple[Bar, ...]
    harmonies: tuple[Harmony, ...]
    tempo: float | None = None
    swing: float | None = None

    def at(self, beat: int) -> Harmony:
        """The harmony of a beat, counted from the form's first; the form loops both ways."""
        return self.harmonies[beat % len(self.harmonies)]

    def looped(self, bars: int) -> "Chart":
        """The chart that begins again after so many bars, whether it is longer or shorter."""
        chosen = tuple(self.bars[bar % len(self.bars)] for bar in range(bars))
        return replace(self, bars=chosen, harmonies=_harmonies(chosen, self.beats_per_bar))

    def __len__(self) -> int:
        return len(self.harmonies)


def chart_of(chords: Sequence[Chord | None], beats_per_bar: int = 4, title: str = "") -> Chart:
    """The looping chart of one chord a beat; its last bar may be shorter than the others.

    Raises ChartError where no beat has a chord.
    """
    starts = range(0, len(chords), beats_per_bar)
    bars = tuple(tuple(chords[start : start + beats_per_bar]) for start in starts)
    return Chart(title, beats_per_bar, bars, _harmonies(bars, beats_per_bar))


def parse_chart(text: str, *, dotted: bool = False) -> Chart:
    """Read a chart: headers (title, meter, tempo, swing), then bars between `|`.

    A beat is a quarter note, or a dotted quarter where `dotted`, whatever the meter. The chords of
    a bar share its beats evenly, the first ones taking what is left over; `/` is one more beat of
    the chord before it, and then every word of the bar is one beat. `%` repeats the bar before,
    `N.C.` is no chord. `|: ... :|` is played twice, `:|x3` three times; `|1 ... :|2` are first and
    second endings. Lines that start with # are comments.

    Raises ChartError with the bar or the header that cannot be read.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    lines = [line for line in lines if not line.lstrip().startswith("#")]
    headers: dict[str, str] = {}
    while lines and (not lines[0].strip() or _HEADER.fullmatch(lines[0])):
        header = _HEADER.fullmatch(lines.pop(0))
        if header:
            headers[header[1].lower()] = header[2]
    unknown = sorted(headers.keys() - {"title", "meter", "tempo", "swing"})
    if unknown:
        raise ChartError(f"a chart has no header {unknown[0]!r}: title, meter, tempo, swing")
    units, beats_per_bar = _meter(headers.get("meter", "4/4"), dotted=dotted)
    bars = tuple(_Form(units).read("\n".join(lines)))
    return Chart(
        title=headers.get("title", ""),
        beats_per_bar=beats_per_bar,
        bars=bars,
        harmonies=_harmonies(bars, beats_per_bar),
        tempo=_number(headers, "tempo", 20, 400),
        swing=_number(headers, "swing", 50, 75),
    )


def _harmonies(bars: Sequence[Bar], beats_per_bar: float) -> tuple[Harmony, ...]:
    """The harmony at each beat, of as many rounds of the form as end on a beat."""
    units = [chord for bar in bars for chord in bar]
    if not any(units):
        raise ChartError("the chart has no chord: write bars such as | Dm7 | G7 | Cmaj7 |")
    per_beat = max(round(len(bars[0]) / beats_per_bar), 1)
    rounds = per_beat // gcd(len(units), per_beat)
    return harmonize(units * rounds)[::per_beat]


def _meter(meter: str, *, dotted: bool) -> tuple[int, float]:
    """Into how many units chords share a bar, and how many beats it has."""
    fraction = re.fullmatch(r"([1-9][0-9]?)/(1|2|4|8|16|32)", meter)
    if fraction is None:
        raise ChartError(f"meter {meter!r} is not one such as 4/4, 3/4 or 6/8")
    count, unit = int(fraction[1]), int(fraction[2])
    if dotted:
        beats, rest = divmod(count * 8, unit * 3)
        if rest:
            raise ChartError(
                f"meter {meter} has no whole number of dotted quarters: set beat to quarter, or "
                "use a meter such as 6/8, 9/8 or 12/8"
            )
        return beats, beats
    beats, rest = divmod(count * 4, unit)
    return (count, count * 4 / unit) if rest else (beats, beats)


def _number(headers: dict[str, str], name: str, low: int, high: int) -> float | None:
    if name not in headers:
        return None
    try:
        number = float(headers[name])
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise ChartError(f"{name} {headers[name]!r} is not a number from {low} to {high}")
    return number


@dataclass
class _Form:
    """The bars read so far: those played out, and those of the repeat that is open."""

    beats_per_bar: int  # or units, where a bar is no whole number of beats
    played: list[Bar] = field(default_factory=list)
    section: list[Bar] = field(default_factory=list)
    common: list[Bar] | None = None  # what both endings share, once the first is reached
    opened: int | None = None  # the number of the bar after |:
    number: int = 1  # of the next bar written
    last: Bar = ()

    def read(self, text: str) -> list[Bar]:
        at, at_edge = 0, True
        for barline in _BARLINE.finditer(text):
            at_edge = at_edge or barline["begin"] is not None
            self._cell(text[at : barline.start()], at_edge=at_edge)
            self._barline(barline)
            at, at_edge = barline.end(), barline["end"] is not None
        self._cell(text[at:], at_edge=True)
        if self.opened:
            raise ChartError(f"the |: before bar {self.opened} is never closed with :|")
        if self.common is not None:
            raise ChartError("the first ending is never closed with :|")
        return self.played + self.section

    def _cell(self, cell: str, *, at_edge: bool) -> None:
        """Read what stands between two barlines, which is nothing where a line ends there."""
        words = cell.split()
        if words:
            self.last = self._bar(words)
            self.section.append(self.last)
            self.number += 1
        elif cell and not at_edge and "\n" not in cell:
            raise ChartError(f"bar {self.number} is empty: write % to repeat a bar, or N.C.")

    def _bar(self, words: list[str]) -> Bar:
        where = f"bar {self.number}"
        if words == ["%"]:
            if not self.last:
                raise ChartError(f"{where}: % has no bar before it to repeat")
            return self.last
        if len(words) > self.beats_per_bar:
            raise ChartError(
                f"{where} has {len(words)} chords, but the meter has {self.beats_per_bar} beats"
            )
        if "/" in words and len(words) < self.beats_per_bar:
            raise ChartError(
                f"{where} has {len(words)} beats written with /, but the meter has"
                f" {self.beats_per_bar}"
            )
        each, left = divmod(self.beats_per_bar, len(words))
        beats: list[Chord | None] = list(self.last[-1:])
        before = len(beats)
        for i, word in enumerate(words):
            if word == "/" and not beats:
                raise ChartError(f"{where}: / has no chord before it to go on with")
            chord = beats[-1] if word == "/" else _chord(word, where)
            beats += [chord] * (each + (i < left))
        return tuple(beats[before:])

    def _barline(self, barline: re.Match[str]) -> None:
        if barline["end"]:
            self._repeat(int(barline["times"] or 2))
        if barline["begin"]:
            if self.opened:
                raise ChartError(f"the |: before bar {self.opened} is not closed before the next")
            self.played += self.section
            self.section, self.opened = [], self.number
        if barline["ending"] == "1":
            self.common = list(self.section)
        elif barline["ending"] == "2" and not barline["end"]:
            raise ChartError(f"bar {self.number}: a second ending comes right after :|, as in :|2")

    def _repeat(self, times: int) -> None:
        if not self.section:
            raise ChartError(f"the :| before bar {self.number} has no bars to repeat")
        if self.common is None:
            self.played += self.section * times
        else:
            self.played += self.section * (times - 1) + self.common
        self.section, self.common, self.opened = [], None, None


def _chord(word: str, where: str) -> Chord | None:
    try:
        return read_chord(word)
    except ChordError as error:
        raise ChartError(f"{where}: {error}") from error
