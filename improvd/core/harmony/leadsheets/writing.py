"""A chart as MusicXML 3.1: a lead sheet of empty bars under their chord symbols.

A bar is one rest; each chord stands above it by its offset from the bar's beginning.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import lcm
from xml.sax.saxutils import escape, quoteattr

from improvd.core.harmony.chart import Chart
from improvd.core.harmony.chord import Chord
from improvd.core.harmony.form import Bar
from improvd.core.harmony.key import NamedKey
from improvd.core.harmony.leadsheets.kinds import Degree, written

STYLE, SWING, CHORDS = "improvd-style", "improvd-swing", "improvd-chords"
"""The names of the fields in which is kept what the format has no place for."""

_BARS_IN_A_ROW = 4
_ALTER = {"": 0, "b": -1, "#": 1, "bb": -2, "##": 2}
_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 3.1 Partwise//EN" \
"http://www.musicxml.org/dtds/partwise.dtd">
<score-partwise version="3.1">
"""


def leadsheet(chart: Chart, *, dotted: bool = False) -> str:
    """The document. `dotted` says that the chart's tempo counts dotted quarters."""
    quarters = [_quarters(*chart.meter_at(number)) for number in range(len(chart.bars))]
    units = (length / len(bar) for length, bar in zip(quarters, chart.bars, strict=True))
    divisions = lcm(*(each.denominator for each in (*units, *quarters)))
    names = dict(chart.sections)
    lines = [f"<work><work-title>{_text(chart.title)}</work-title></work>"] if chart.title else []
    lines += [*_own(chart)]
    lines += [
        "<part-list><score-part id='P1'><part-name>Chords</part-name></score-part></part-list>"
    ]
    lines += ["<part id='P1'>"]
    for number, bar in enumerate(chart.bars):
        lines.append(f"<measure number='{number + 1}'>")
        if number and number % _BARS_IN_A_ROW == 0:
            lines.append("<print new-system='yes'/>")
        count, unit = chart.meter_at(number)
        time = f"<time><beats>{count}</beats><beat-type>{unit}</beat-type></time>"
        if number == 0:
            lines.append(
                f"<attributes><divisions>{divisions}</divisions>{signature(chart.key)}{time}"
                "<clef><sign>G</sign><line>2</line></clef></attributes>"
            )
            lines += [] if chart.tempo is None else [tempo(chart.tempo, dotted=dotted)]
        elif (count, unit) != chart.meter_at(number - 1):
            lines.append(f"<attributes>{time}</attributes>")
        duration = int(quarters[number] * divisions)
        if number in names:
            mark = f"<rehearsal>{_text(names[number])}</rehearsal>"
            lines.append(f"<direction placement='above'>{_type(mark)}</direction>")
        lines += _harmonies(bar, duration // len(bar))
        lines.append(
            f"<note><rest measure='yes'/><duration>{duration}</duration><voice>1</voice></note>"
        )
        lines.append("</measure>")
    return _HEAD + "\n".join([*lines, "</part>", "</score-partwise>", ""])


def _quarters(count: int, unit: int) -> Fraction:
    return Fraction(count * 4, unit)


def _text(text: str) -> str:
    """A text within the document, which can hold no control characters."""
    return escape("".join(letter for letter in text if letter.isprintable() or letter == " "))


def _own(chart: Chart) -> Iterator[str]:
    """What the format has no place for, so that improvd itself reads the same chart again."""
    said = {
        STYLE: chart.style,
        SWING: "" if chart.swing is None else f"{chart.swing:g}",
        CHORDS: "live" if chart.live else "",
    }
    fields = [
        f"<miscellaneous-field name='{name}'>{_text(value)}</miscellaneous-field>"
        for name, value in said.items()
        if value
    ]
    if fields:
        yield f"<identification><miscellaneous>{''.join(fields)}</miscellaneous></identification>"


def signature(key: NamedKey | None) -> str:
    """The key signature; nothing where no key is known."""
    if key is None:
        return ""
    mode = "minor" if key.minor else "major"
    return f"<key><fifths>{key.fifths}</fifths><mode>{mode}</mode></key>"


def _type(what: str) -> str:
    return f"<direction-type>{what}</direction-type>"


def tempo(bpm: float, *, dotted: bool) -> str:
    """A metronome mark of so many quarter notes, or dotted ones, in a minute."""
    dot = "<beat-unit-dot/>" if dotted else ""
    mark = f"<metronome><beat-unit>quarter</beat-unit>{dot}<per-minute>{bpm:g}"
    sound = f"<sound tempo='{bpm * (1.5 if dotted else 1):g}'/>"
    mark = _type(f"{mark}</per-minute></metronome>")
    return f"<direction placement='above'>{mark}{sound}</direction>"


def _harmonies(bar: Bar, each: int) -> Iterator[str]:
    """The chords of a bar, at its beginning and where they change."""
    for place, chord in enumerate(bar):
        if place == 0 or chord != bar[place - 1]:
            yield harmony(chord, place * each)


def harmony(chord: Chord | None, offset: int) -> str:
    """A chord symbol, so many divisions after where it stands in its bar; None is N.C."""
    at = f"<offset>{offset}</offset>" if offset else ""
    if chord is None:
        root = "<root><root-step text=''>C</root-step></root>"
        return f"<harmony print-frame='no'>{root}<kind text='N.C.'>none</kind>{at}</harmony>"
    said = written(chord)
    kind = f"<kind text={quoteattr(said.text)}>{said.kind}</kind>"
    bass = _note("bass", said.bass) if said.bass else ""
    degrees = "".join(map(_degree, said.degrees))
    root = _note("root", said.root)
    return f"<harmony print-frame='no'>{root}{kind}{bass}{degrees}{at}</harmony>"


def _note(what: str, name: str) -> str:
    alter = _ALTER[name[1:]]
    altered = f"<{what}-alter>{alter}</{what}-alter>" if alter else ""
    return f"<{what}><{what}-step>{name[0]}</{what}-step>{altered}</{what}>"


def _degree(degree: Degree) -> str:
    return (
        f"<degree><degree-value>{degree.value}</degree-value>"
        f"<degree-alter>{degree.alter}</degree-alter>"
        f"<degree-type>{degree.how}</degree-type></degree>"
    )
