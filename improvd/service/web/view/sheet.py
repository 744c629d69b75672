"""A chart as the page draws it, and what is wrong with one that is being typed."""

import re
from typing import Any

from improvd import performance
from improvd.config import Config
from improvd.core.harmony.chart import BLUES_IN_F, Chart, ChartError
from improvd.core.harmony.ireal import links, tune
from improvd.options import CHARTS

_BAR = re.compile(r"\bbar (\d+)\b")


def sheet(text: str | None, config: Config) -> dict[str, Any]:
    """The chart that is performed.

    `bars` has for every bar its chords as (beat in the bar from 0, symbol), the symbol of a beat
    being told where it changes; `beats` is how many there are once round, and `starts` where bars
    begin if the meter changes. `tune` is its number in a set.
    """
    chart = performance.chart_of(text, config)
    return {
        "title": chart.title,
        "tune": config.tune if config.set else None,
        "beats_per_bar": chart.beats_per_bar,
        "starts": list(chart.starts),
        "beats": len(chart),
        "meter": f"{chart.meter[0]}/{chart.meter[1]}",
        "sections": [[bar, name] for bar, name in chart.sections],
        "bars": _bars(chart),
        "text": (BLUES_IN_F if text is None else text).strip(),
    }


def check(text: str, config: Config) -> dict[str, Any]:
    """Whether a chart can be played: its number of bars, or what is wrong and in which bar."""
    written = text.strip()
    if written in CHARTS:
        text = CHARTS[written].read_text("utf-8")
    try:
        # What a link holds is written as a chart: that is what there is to read, and to change.
        text = tune.chart_text(text) if links.is_link(text) else text
        chart = performance.chart_of(text, config)
    except ChartError as error:
        found = _BAR.search(str(error))
        return {"ok": False, "error": str(error), "bar": int(found[1]) if found else None}
    return {"ok": True, "bars": len(chart.bars), "title": chart.title, "text": text.strip()}


def _bars(chart: Chart) -> list[list[tuple[float, str]]]:
    bars = []
    for bar in chart.bars:
        unit = 1 if chart.starts else chart.beats_per_bar / len(bar)
        chords: list[tuple[float, str]] = []
        before = None
        for index, chord in enumerate(bar):
            symbol = "N.C." if chord is None else chord.symbol
            if symbol != before:
                chords.append((round(index * unit, 3), symbol))
            before = symbol
        bars.append(chords)
    return bars
