"""A chart: bars of chords, one chord a beat, that loops for as long as the music does.

Chart text is what a musician would type: "| Dm7 | G7 | Cmaj7 | % |".
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate
from math import gcd
from typing import NamedTuple

from improvd.core.harmony.chord import Chord
from improvd.core.harmony.form import Bar, ChartError, Form
from improvd.core.harmony.ireal import links, tune
from improvd.core.harmony.key import NamedKey
from improvd.core.harmony.key import read as read_key
from improvd.core.harmony.meter import meter_of
from improvd.core.harmony.scales import Harmony, harmonize

__all__ = ["BLUES_IN_F", "Bar", "Chart", "ChartError", "chart_of", "parse_chart"]

BLUES_IN_F = """\
title: Blues in F
| F7  | Bb7     | F7     | Cm7 F7 |
| Bb7 | Bdim7   | F7     | Am7 D7 |
| Gm7 | C7      | F7 D7  | Gm7 C7 |
"""

# Control characters, which a title would have a terminal obey; tabs and the ends of lines are none.
_CONTROLS = dict.fromkeys(
    (*range(0x09), *range(0x0E, 0x20), 0x7F, *range(0x80, 0x85), *range(0x86, 0xA0))
)
_HEADER = re.compile(r"\s*([A-Za-z]+)\s*[:=]\s*(.*?)\s*")
_HEADERS = ("title", "meter", "tempo", "swing", "style", "key", "chords")
_SYNONYMS = {"time": "meter", "metre": "meter", "bpm": "tempo", "feel": "style"}
# What else musicians write above a tune; the bars say it already, or nobody needs it to play.
_NOT_NEEDED = frozenset(("composer", "artist", "author", "by", "source", "comment"))
# 120 bpm, (♩ = 120) or 66%.
_AROUND_NUMBER = re.compile(r"^.{0,3}=\s*|\s*(?:bpm|%)$", re.IGNORECASE)
# What a tempo counts, where it says so.
_COUNTED = re.compile(
    r"\(?\s*(?P<dotted>dotted )?(?:quarter|\u2669|q)(?P<dot>\.)?\s*=\s*", re.IGNORECASE
)


class BarPlace(NamedTuple):
    """Where a beat stands: the bar, the beat in it, both from 0, and how many beats the bar has."""

    bar: int
    beat: float
    beats: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The chords of a form, bar by bar, and what each of its beats sounds over.

    `bars` holds a chord for every beat of every bar, None for N.C.; repeats are played out. Where a
    bar is no whole number of beats (7/8 is three and a half quarters), or its half is none (6/8 in
    quarters), it holds one for every unit of the meter instead; a beat sounds over the chord that
    it begins with. `tempo` (beats a minute) and `swing` (long share of a beat, percent) are
    None unless the text sets them. `meter` is as written, `sections` the names that bars have
    above them, by the number of the bar in `bars`, from 0. `style` is how it is to be played, in
    the writer's words ("Medium Swing", "bossa"). Where `live`, its chords only stand until the
    musician's are heard. `key` is None unless the text says one that is a key. Where the meter
    changes, `starts` are the beats on which bars begin, and `meter` and `beats_per_bar` those of
    the first bar; else there are none.
    """

    title: str
    beats_per_bar: float
    bars: tuple[Bar, ...]
    harmonies: tuple[Harmony, ...]
    tempo: float | None = None
    swing: float | None = None
    meter: tuple[int, int] = (4, 4)
    sections: tuple[tuple[int, str], ...] = ()
    style: str = ""
    live: bool = False
    key: NamedKey | None = None
    starts: tuple[int, ...] = ()

    def at(self, beat: int) -> Harmony:
        """The harmony of a beat, counted from the form's first; the form loops both ways."""
        return self.harmonies[beat % len(self.harmonies)]

    def sounds(self, beat: int) -> bool:
        """Whether a beat has a chord of its own: where the chart says N.C., a band lays out."""
        if self.starts:
            bar, place, _ = self.place(beat % len(self))
            return self.bars[bar][int(place)] is not None
        each = len(self.bars[0])  # of units; only a last bar may have fewer
        per_beat = max(round(each / self.beats_per_bar), 1)
        unit = beat % len(self) * per_beat % ((len(self.bars) - 1) * each + len(self.bars[-1]))
        return self.bars[unit // each][unit % each] is not None

    def place(self, beat: int) -> BarPlace:
        """Where a beat stands; bars count on from chorus to chorus, from 0, and back from there."""
        if not self.starts or beat < 0:
            bar, place = divmod(beat, self.beats_per_bar)
            return BarPlace(int(bar), place, self.beats_per_bar)
        chorus, within = divmod(beat, len(self))
        bar = bisect_right(self.starts, within) - 1
        place = within - self.starts[bar]
        return BarPlace(chorus * len(self.bars) + bar, place, len(self.bars[bar]))

    def bar_line(self, bar: int) -> float:
        """The beat at which a bar begins, bars counting from 0 as `place` has them."""
        if not self.starts or bar < 0:
            return bar * self.beats_per_bar
        chorus, within = divmod(bar, len(self.bars))
        return chorus * len(self) + self.starts[within]

    def counted(self, beat: int) -> float:
        """A beat as it would count if every bar had as many as the first."""
        if not self.starts:
            return beat
        bar, place, beats = self.place(beat)
        return (bar + place / beats) * self.beats_per_bar

    def meter_at(self, bar: int) -> tuple[int, int]:
        """The meter of one of its bars."""
        if not self.starts:
            return self.meter
        count, unit = self.meter
        counted = Fraction(count * len(self.bars[bar]), len(self.bars[0]))
        return counted.numerator, unit * counted.denominator

    def looped(self, bars: int) -> "Chart":
        """The chart that begins again after so many bars, whether it is longer or shorter."""
        chosen = tuple(self.bars[bar % len(self.bars)] for bar in range(bars))
        named = {
            start + bar: name
            for start in range(0, bars, len(self.bars))
            for bar, name in self.sections
        }
        return replace(
            self,
            bars=chosen,
            harmonies=_harmonies(chosen, self.beats_per_bar),
            starts=starts_of(chosen) if self.starts else (),
            sections=tuple((bar, name) for bar, name in named.items() if bar < bars),
        )

    def __len__(self) -> int:
        return len(self.harmonies)


def chart_of(chords: Sequence[Chord | None], beats_per_bar: int = 4, title: str = "") -> Chart:
    """The looping chart of one chord a beat; its last bar may be shorter than the others.

    Raises ChartError where no beat has a chord.
    """
    starts = range(0, len(chords), beats_per_bar)
    bars = tuple(tuple(chords[start : start + beats_per_bar]) for start in starts)
    harmonies = _harmonies(bars, beats_per_bar)
    return Chart(title, beats_per_bar, bars, harmonies, meter=(beats_per_bar, 4))


def parse_chart(text: str, *, dotted: bool = False) -> Chart:
    """Read a chart: headers (title, key, meter, tempo ...), then lines of bars between `|`.

    A beat is a quarter note, or a dotted quarter where `dotted`, whatever the meter. The chords of
    a bar share its beats evenly, the first ones taking what is left over; `/` is one more beat of
    the chord before it, and then every word of the bar is one beat. `%` repeats the bar before, or
    in a bar with others the chord before; `N.C.` is no chord, `/E` the chord before over E. A
    line's end is a bar's end. `|: ... :|` is played twice, `:|x3` three times, and so is a line
    that ends in x3 and a bar whose last word it is; `|1 ... :|2 ... :|3` are endings, `|1,2` one
    for two passes. A letter alone on its line or before its bars, and [Intro] or Verse:, name a
    section. `3/4` before a bar's chords is its meter, and that of those after it. Comments begin
    with # at the start of a line or between spaces. A link of iReal Pro with one tune is read as
    that tune.

    Raises ChartError with the line and the bar, or the header, that cannot be read.
    """
    if links.is_link(text):
        text = tune.chart_text(text)
    text = text.translate(_CONTROLS)
    lines = list(enumerate(text.strip("\ufeff").splitlines(), start=1))
    headers: dict[str, str] = {}
    while lines and (header := _header(lines[0][1])) is not None:
        headers |= header
        lines.pop(0)
    meter = meter_of(headers.get("meter", "4/4"), dotted=dotted)
    form = Form(meter, dotted=dotted, lines=text.strip().count("\n") + 1)
    for number, line in lines:
        if _header(line):
            raise ChartError(
                f"line {number}: {line.strip()} stands below a bar: write it above all"
            )
        form.read(number, line)
    bars, meter = tuple(form.ended()), form.first_meter or meter
    return Chart(
        title=headers.get("title", ""),
        beats_per_bar=meter.beats,
        bars=bars,
        harmonies=_harmonies(bars, meter.beats),
        tempo=_tempo(headers, dotted=dotted),
        swing=_number(headers, "swing", 50, 75),
        meter=(meter.count, meter.unit),
        sections=tuple({bar: name for bar, name in form.labels if bar < len(bars)}.items()),
        style=headers.get("style", ""),
        live=_is_live(headers),
        key=read_key(headers.get("key", "")),
        starts=starts_of(bars),
    )


def starts_of(bars: Sequence[Bar]) -> tuple[int, ...]:
    """The beats on which bars begin, where they are not all as long; else none."""
    if len({len(bar) for bar in bars}) < 2:
        return ()
    return tuple(accumulate((len(bar) for bar in bars[:-1]), initial=0))


def _header(line: str) -> dict[str, str] | None:
    """What a line sets above the bars, nothing where it is blank; None for a line of bars.

    Raises ChartError for a header that there is not.
    """
    line = line.strip("\ufeff")
    header = _HEADER.fullmatch(line)
    if not line.strip() or line.lstrip().startswith(("#", ";", "//")):
        return {}
    if header is None or "|" in header[2]:
        return None
    name = header[1].lower()
    name = _SYNONYMS.get(name, name)
    if name in _HEADERS:
        return {name: header[2]}
    if name in _NOT_NEEDED:
        return {}
    if not header[2]:  # a section's name
        return None
    raise ChartError(f"a chart has no header {name!r}: {', '.join(_HEADERS)}")


def _harmonies(bars: Sequence[Bar], beats_per_bar: float) -> tuple[Harmony, ...]:
    """The harmony at each beat, of as many rounds of the form as end on a beat."""
    units = [chord for bar in bars for chord in bar]
    if not any(units):
        raise ChartError("the chart has no chord: write bars such as | Dm7 | G7 | Cmaj7 |")
    per_beat = max(round(len(bars[0]) / beats_per_bar), 1)
    rounds = per_beat // gcd(len(units), per_beat)
    return harmonize(units * rounds)[::per_beat]


def _is_live(headers: dict[str, str]) -> bool:
    written = headers.get("chords", "").lower()
    if written not in ("", "live"):
        raise ChartError(f"chords {headers['chords']!r} is not live: write them as | Dm7 | G7 |")
    return written == "live"


def _tempo(headers: dict[str, str], *, dotted: bool) -> float | None:
    """Beats a minute; where the tempo says whether it counts dotted quarters, it is turned."""
    counted = _COUNTED.match(headers.get("tempo", ""))
    if counted is None:
        return _number(headers, "tempo", 20, 400)
    said = headers["tempo"][counted.end() :].rstrip(") ")
    number = _number({"tempo": said}, "tempo", 20, 400)
    in_dotted = bool(counted["dotted"] or counted["dot"])
    if number is None or in_dotted == dotted:
        return number
    return number * 3 / 2 if in_dotted else number * 2 / 3


def _number(headers: dict[str, str], name: str, low: int, high: int) -> float | None:
    if name not in headers:
        return None
    try:
        number = float(_AROUND_NUMBER.sub("", headers[name]))
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise ChartError(f"{name} {headers[name]!r} is not a number from {low} to {high}")
    return number
