"""The charts that orders name or make, as text."""

from msgspec.structs import replace

from improvd.config import Config
from improvd.messages import Change, LiveOrder
from improvd.options import chart_text
from improvd.service.status import settings


def readable(config: Config, chart: str) -> str | None:
    """The text of a chart that can be played. Raises ConfigError."""
    text = chart_text(chart)
    settings.check(config, text)
    return text


def transposed(config: Config, chart: str | None, semitones: int) -> str | None:
    """The text of the chart that is played, in another key. Raises ConfigError if too long."""
    # NumPy comes with charts; a service that only starts a player does without.
    from improvd import performance  # noqa: PLC0415 - only when it is needed
    from improvd.core.harmony import chart_text as texts  # noqa: PLC0415 - only when it is needed

    whole = replace(config, loop_bars=None)
    return chart_text(texts.transposed(performance.chart_of(chart, whole), semitones))


def title(order: LiveOrder, before: str) -> str:
    """The title of the chart once this has been carried out."""
    if not isinstance(order, Change):
        return before
    # NumPy comes with charts; a service that only starts a player does without.
    from improvd import performance  # noqa: PLC0415 - only when it is needed

    return performance.chart_of(order.chart, order.config).title
