"""A score in MusicXML as the text of a chart: its chord symbols, in the bars as they are played.

A chord that falls between two beats is that of the beat nearest to it, of the later one in the
middle. A pick-up is left out, as a chart goes round, and two short bars that make one are one.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import floor
from typing import NamedTuple
from xml.etree import ElementTree as ET

from improvd.core.harmony.chart import Chart, starts_of
from improvd.core.harmony.chart_text import page
from improvd.core.harmony.chord import Chord
from improvd.core.harmony.form import ChartError
from improvd.core.harmony.key import NamedKey, by_signature
from improvd.core.harmony.leadsheets.score_file import fraction_of, parts_of, root_of, text_of
from improvd.core.harmony.leadsheets.score_parts import PartReader, tempos, together
from improvd.core.harmony.leadsheets.writing import CHORDS, STYLE, SWING
from improvd.core.harmony.meter import Meter, meter_of
from improvd.core.harmony.spellings import pitch_class
from improvd.core.harmony.written import form
from improvd.core.harmony.written.form import Bar

LARGEST = 1 << 23
"""The bytes of a score, unpacked, that is read as a chart."""

_MOST_MEASURES, _MOST_BARS = 3000, 999
_WIDE, _LONGEST_NAME = 100, 40
_TEMPI, _SWINGS = (20, 400), (50, 75)
_STYLE_WORDS = re.compile(
    r"swing|shuffle|bossa|samba|latin|waltz|ballad|slow|even|straight|funk|rock|two|blues|bop",
    re.IGNORECASE,
)
# What the parser, zip and a file that says nonsense can raise.
_DAMAGED = (
    *(ET.ParseError, zipfile.BadZipFile, zlib.error, EOFError, LookupError, ArithmeticError),
    *(NotImplementedError, RuntimeError, ValueError),
)


class _PlayedBar(NamedTuple):
    """A bar of the chart: its chords by their place in it, from 0 to 1, and what it is called."""

    chords: list[tuple[Fraction, Chord | None]]
    meter: Meter
    name: str


def chart_text(content: bytes) -> str:
    """The chart of a score. Raises ChartError, one sentence, for what cannot be read as one."""
    try:
        return _chart_text(root_of(content, LARGEST))
    except ChartError:
        raise
    except _DAMAGED as error:
        said = " ".join(str(error).split())[:_WIDE] or type(error).__name__
        raise ChartError(f"it is damaged, or no score in MusicXML ({said})") from None


def _chart_text(root: ET.Element) -> str:
    parts = parts_of(root)
    longest = max((len(part.measures) for part in parts), default=0)
    if longest > _MOST_MEASURES:
        raise ChartError(f"it has {longest} measures, more than any chart")
    readers = [PartReader(part) for part in parts]
    written = together([reader.bars for reader in readers]) if longest else []
    if not any(chord for bar in written for _, chord in bar.chords):
        raise ChartError("it has no chord symbols, which a chart is made of")
    order = form.played_order(written)[: _MOST_BARS + 1]
    if len(order) > _MOST_BARS:
        raise ChartError(f"it would go on for more than {_MOST_BARS} bars")
    bars = list(_bars([written[at] for at in order]))
    meter = bars[0].meter
    shared = _shared(bars)
    said = {each.get("name"): each.text or "" for each in root.iter("miscellaneous-field")}
    chart = Chart(
        title=_plain(_title(root)),
        beats_per_bar=len(shared[0]),
        bars=shared,
        harmonies=(),
        swing=_swing(root, said.get(SWING, "")),
        meter=(meter.count, meter.unit),
        sections=tuple((at, bar.name) for at, bar in enumerate(bars) if bar.name),
        style=_plain(said.get(STYLE) or _style(readers)),
        live=said.get(CHORDS) == "live",
        key=_key(readers, next(chord for bar in bars for _, chord in bar.chords if chord)),
        starts=starts_of(shared),
    )
    tempo = next(tempos(root), 0)
    within = _TEMPI[0] <= tempo <= _TEMPI[1]
    return (
        "\n".join(([f"tempo: quarter = {tempo:g}"] if within else []) + page(chart, _WIDE)) + "\n"
    )


def _title(root: ET.Element) -> str:
    return text_of(root, "work/work-title") or text_of(root, "movement-title")


def _plain(text: str) -> str:
    """A text that a header can hold."""
    return text.replace("|", "/").replace("\n", " ").replace("\r", " ").strip()


def _style(readers: Sequence[PartReader]) -> str:
    words = (word for reader in readers for word in reader.words)
    return next((word for word in words if len(word) <= 40 and _STYLE_WORDS.search(word)), "")


def _swing(root: ET.Element, own: str) -> float | None:
    """The long share of a beat, in per cent, that is written or that sound goes by."""
    share = fraction_of(own) if own else Fraction(0)
    written = root.find(".//sound/swing")
    if not share and written is not None:
        first, second = (fraction_of(text_of(written, name)) for name in ("first", "second"))
        share = 100 * first / (first + second) if first > 0 and second > 0 else Fraction(0)
        share = Fraction(50) if written.find("straight") is not None else share
    return float(share) if _SWINGS[0] <= share <= _SWINGS[1] else None


def _key(readers: Sequence[PartReader], first: Chord) -> NamedKey | None:
    """The key as it sounds, of the first part that says one.

    Where the mode is not said, which many programs leave out, a first chord on the relative minor's
    tonic, minor itself, says minor.
    """
    said = next((reader.key for reader in readers if reader.key is not None), None)
    if said is None:
        return None
    (fifths, mode), semitones = said
    key, minor = by_signature(fifths, mode or "major"), by_signature(fifths, "minor")
    if key is None or minor is None:
        return None
    tonic = (pitch_class(minor.tonic) + semitones) % 12
    if not mode and first.root == tonic and (tonic + 3) % 12 in first.tones:
        key = minor
    return key.moved(semitones) if semitones % 12 else key


def _bars(played: Sequence[Bar]) -> Iterator[_PlayedBar]:
    """The bars of a form that goes round, without a pick-up, all as long as the meter has them."""
    at = 0
    while at < len(played):
        bar, then = played[at], played[at + 1] if at + 1 < len(played) else None
        at += 1
        short = 0 < bar.length < bar.metre
        if short and at == 1 and then is not None:
            continue
        chords = list(bar.chords)
        if short and then is not None and bar.length + then.length == bar.metre:
            chords += [(bar.length + offset, chord) for offset, chord in then.chords]
            at += 1
        count, unit = bar.signature
        placed = [(min(offset / bar.metre, Fraction(1)), chord) for offset, chord in chords]
        name = _plain(bar.name).replace("]", ")")[:_LONGEST_NAME].strip()
        yield _PlayedBar(placed, meter_of(f"{count}/{unit}"), name)


def _shared(bars: Sequence[_PlayedBar]) -> tuple[tuple[Chord | None, ...], ...]:
    """The chord of every unit of every bar. Raises ChartError for meters that cannot mix."""
    placed: dict[int, Chord | None] = {}
    start, starts = 0, []
    for number, bar in enumerate(bars):
        units = bar.meter.units
        if units != bars[0].meter.units and not (bar.meter.in_beats and bars[0].meter.in_beats):
            raise ChartError(
                f"bar {number + 1}: the meter changes from {bars[0].meter} to {bar.meter}, and can "
                "only between meters of whole beats, such as 4/4 and 3/4; charts of one meter "
                "each can follow one another in a set"
            )
        for place, chord in bar.chords:
            unit = start + floor(place * units + Fraction(1, 2))
            if unit in placed and unit - 1 not in placed:  # the one before came early
                placed[unit - 1] = placed[unit]
            placed[unit] = chord
        starts.append(start)
        start += units
    beats: list[Chord | None] = []
    for unit in range(start):
        beats.append(placed.get(unit, beats[-1] if beats else None))
    ends = (*starts[1:], start)
    return tuple(tuple(beats[at:end]) for at, end in zip(starts, ends, strict=True))
