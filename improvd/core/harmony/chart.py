"""A chart: bars of chords, one chord a beat, that loops for as long as the music does.

Chart text is what a musician would type: "| Dm7 | G7 | Cmaj7 | % |".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import gcd

from improvd.core.harmony.chord import Chord
from improvd.core.harmony.form import Bar, ChartError, Form
from improvd.core.harmony.ireal import links, tune
from improvd.core.harmony.key import NamedKey
from improvd.core.harmony.key import read as read_key
from improvd.core.harmony.scales import Harmony, harmonize

__all__ = ["BLUES_IN_F", "Bar", "Chart", "ChartError", "chart_of", "parse_chart"]

BLUES_IN_F = """\
title: Blues in F
| F7  | Bb7     | F7     | Cm7 F7 |
| Bb7 | Bdim7   | F7     | Am7 D7 |
| Gm7 | C7      | F7 D7  | Gm7 C7 |
"""

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
_METERS = {"c": "4/4", "common": "4/4", "cut": "2/2"}


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
    musician's are heard. `key` is None unless the text says one that is a key.
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

    def at(self, beat: int) -> Harmony:
        """The harmony of a beat, counted from the form's first; the form loops both ways."""
        return self.harmonies[beat % len(self.harmonies)]

    def sounds(self, beat: int) -> bool:
        """Whether a beat has a chord of its own: where the chart says N.C., a band lays out."""
        each = len(self.bars[0])  # of units; only a last bar may have fewer
        per_beat = max(round(each / self.beats_per_bar), 1)
        unit = beat % len(self) * per_beat % ((len(self.bars) - 1) * each + len(self.bars[-1]))
        return self.bars[unit // each][unit % each] is not None

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
    section. Comments begin with # at the start of a line or between spaces. A link of iReal Pro
    with one tune is read as that tune.

    Raises ChartError with the line and the bar, or the header, that cannot be read.
    """
    if links.is_link(text):
        text = tune.chart_text(text)
    lines = list(enumerate(text.strip("\ufeff").splitlines(), start=1))
    headers: dict[str, str] = {}
    while lines and (header := _header(lines[0][1])) is not None:
        headers |= header
        lines.pop(0)
    (count, unit), units, beats_per_bar = _meter(headers.get("meter", "4/4"), dotted=dotted)
    lines_in_all = text.strip().count("\n") + 1
    form = Form(units, count=count, beats=int(beats_per_bar), lines=lines_in_all)
    for number, line in lines:
        if _header(line):
            raise ChartError(
                f"line {number}: {line.strip()} stands below a bar: write it above all"
            )
        form.read(number, line)
    bars = tuple(form.ended())
    return Chart(
        title=headers.get("title", ""),
        beats_per_bar=beats_per_bar,
        bars=bars,
        harmonies=_harmonies(bars, beats_per_bar),
        tempo=_tempo(headers, dotted=dotted),
        swing=_number(headers, "swing", 50, 75),
        meter=(count, unit),
        sections=tuple((bar, name) for bar, name in form.labels if bar < len(bars)),
        style=headers.get("style", ""),
        live=_is_live(headers),
        key=read_key(headers.get("key", "")),
    )


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


def meter_of(meter: tuple[int, int]) -> tuple[int, float]:
    """Into how many units the chords of a bar are shared, and how many quarters it has.

    Raises ChartError for a meter that no chart can have.
    """
    return _meter(f"{meter[0]}/{meter[1]}", dotted=False)[1:]


def _meter(meter: str, *, dotted: bool) -> tuple[tuple[int, int], int, float]:
    """The meter, into how many units chords share a bar, and how many beats it has."""
    meter = _METERS.get(meter.lower(), meter)
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
        return (count, unit), beats, beats
    beats, rest = divmod(count * 4, unit)
    in_threes = unit >= 8 and count % 3 == 0  # half a bar of 6/8 is no whole number of quarters
    units = count if rest or in_threes else beats
    return (count, unit), units, count * 4 / unit if rest else beats


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
