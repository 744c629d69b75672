"""Written bars as the text of a chart: their chords on its beats, in the order in which they come.

A chord that falls between two beats is that of the beat nearest to it, of the later one in the
middle. A pick-up is left out, as a chart goes round, and two short bars that make one are one.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import floor
from typing import NamedTuple

from improvd.core.harmony.chart import Chart, starts_of
from improvd.core.harmony.chart_text import page
from improvd.core.harmony.chord import Chord
from improvd.core.harmony.key import NamedKey
from improvd.core.harmony.meter import ChartError, Meter, meter_of
from improvd.core.harmony.written import form
from improvd.core.harmony.written.form import Bar

MOST_MEASURES = 3000
"""More than any tune has."""

_MOST_BARS = 999
_WIDE, _LONGEST_NAME = 100, 40
_TEMPI = (20, 400)


class Facts(NamedTuple):
    """What is known of a tune beside its bars; `tempo` is in quarters a minute, 0 if none is."""

    title: str = ""
    tempo: float = 0
    swing: float | None = None
    style: str = ""
    live: bool = False
    key: NamedKey | None = None


class _PlayedBar(NamedTuple):
    """A bar of the chart: its chords by their place in it, from 0 to 1, and what it is called."""

    chords: list[tuple[Fraction, Chord | None]]
    meter: Meter
    name: str


def chart_text(written: Sequence[Bar], facts: Facts, order: Sequence[int] | None = None) -> str:
    """The chart of written bars, in another order than they say where one is given.

    Raises ChartError where they have no chords, or cannot be those of a chart.
    """
    if len(written) > MOST_MEASURES:
        raise ChartError(f"it has {len(written)} measures, more than any chart")
    if not any(chord for bar in written for _, chord in bar.chords):
        raise ChartError("it has no chord symbols, which a chart is made of")
    order = (form.played_order(written) if order is None else list(order))[: _MOST_BARS + 1]
    if len(order) > _MOST_BARS:
        raise ChartError(f"it would go on for more than {_MOST_BARS} bars")
    bars = list(_bars([written[at] for at in order]))
    shared = _shared(bars)
    meter = bars[0].meter
    chart = Chart(
        title=_plain(facts.title),
        beats_per_bar=len(shared[0]),
        bars=shared,
        harmonies=(),
        swing=facts.swing,
        meter=(meter.count, meter.unit),
        sections=tuple((at, bar.name) for at, bar in enumerate(bars) if bar.name),
        style=_plain(facts.style),
        live=facts.live,
        key=facts.key,
        starts=starts_of(shared),
    )
    tempo = f"tempo: quarter = {facts.tempo:g}"
    within = _TEMPI[0] <= facts.tempo <= _TEMPI[1]
    return "\n".join([*([tempo] if within else []), *page(chart, _WIDE), ""])


def _plain(text: str) -> str:
    """A text that a header can hold."""
    return text.replace("|", "/").replace("\n", " ").replace("\r", " ").strip()


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
        name = _plain(bar.name or bar.part).replace("]", ")")[:_LONGEST_NAME].strip()
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
