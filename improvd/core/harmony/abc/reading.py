"""A tune in ABC as the text of a chart: its chord symbols, in the bars as they are played."""

import re
from typing import NoReturn

from improvd.core.harmony import key
from improvd.core.harmony.abc.tune import AbcTune, texts
from improvd.core.harmony.meter import ChartError
from improvd.core.harmony.written import as_chart
from improvd.core.harmony.written.as_chart import Facts
from improvd.core.harmony.written.choosing import chosen

_LONGEST = 200_000


def chart_text(content: bytes, which: str | None = None) -> str:
    """The chart of a file's tune: of its number from 1, or of words of its title.

    Raises ChartError, one sentence, for what cannot be read, and where there are several and none
    is named.
    """
    try:
        tune = chosen(texts(content), which)
        if len(tune.head) + len(tune.body) > _LONGEST:
            return _refuse(tune.title)
        return _chart_text(tune.read())
    except ChartError:
        raise
    except (ValueError, ArithmeticError, LookupError) as error:
        said = " ".join(str(error).split())[:80] or type(error).__name__
        raise ChartError(f"it cannot be read as abc ({said})") from None


def _refuse(title: str) -> NoReturn:
    raise ChartError(f"{title or 'its tune'}: it is longer than any tune ({_LONGEST} characters)")


def _chart_text(tune: AbcTune) -> str:
    bars, order = tune.played()
    facts = Facts(title=tune.title, tempo=tune.bpm, style=tune.rhythm, key=_key(tune))
    try:
        return as_chart.chart_text(bars, facts, order)
    except ChartError as error:
        raise ChartError(f"{tune.title or 'its tune'}: {error}") from None


def _key(tune: AbcTune) -> key.NamedKey | None:
    """The key as it sounds."""
    named = key.read(re.split(r"\s+(?=\w+=|clef|exp|\^|_)", tune.key)[0])
    shift = tune.lines[0].key.shift if tune.lines else 0
    return named.moved(shift) if named is not None and shift % 12 else named
