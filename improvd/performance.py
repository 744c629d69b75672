"""From a configuration to a performer, live or offline: here they are put together."""

from improvd.config import Config
from improvd.core.cell import Cell
from improvd.core.chart import BLUES_IN_F, Chart, parse_chart
from improvd.core.improviser import Improviser
from improvd.core.line import Style
from improvd.core.modes import MODES
from improvd.core.performer import Performer, Player
from improvd.core.tilt import Tilts
from improvd.core.timeline import Timeline, ns_per_beat
from improvd.core.vocabulary import Register
from improvd.model import Model

_DEFAULT_BPM = 120.0


def chart_of(text: str | None) -> Chart:
    """The chart of a text, a 12-bar blues in F for None. Raises ChartError."""
    return parse_chart(BLUES_IN_F if text is None else text)


def tempo(config: Config, chart: Chart) -> float:
    """Beats per minute: the configuration's, else the chart's own, else 120."""
    return config.tempo or chart.tempo or _DEFAULT_BPM


def improviser(config: Config, model: Model) -> Improviser:
    """The model's cell in its zero state, ready to be stepped."""
    return Improviser(Cell(model.weights), temperature=config.temperature, seed=config.seed)


def performer(config: Config, who: Player, model: Model, chart: Chart, start_ns: int) -> Performer:
    """A performer whose count-in begins at `start_ns`."""
    count_in = config.count_in * chart.beats_per_bar
    beat_ns = ns_per_beat(tempo(config, chart))
    swing = config.swing or chart.swing
    return Performer(
        improviser=who,
        vocabulary=model.vocabulary,
        tilts=Tilts(model.shares, model.tempo_shares, config.respond),
        chart=chart,
        mode=MODES[config.mode.partition(" ")[0]](config.trade_bars),
        style=Style(
            channel=config.channel - 1,
            register=Register(config.low, config.high),
            velocity=config.velocity,
            notes_per_second=config.notes_per_second,
            swing=None if swing is None else swing / 100,
        ),
        timeline=Timeline(start_ns + count_in * beat_ns, 0, beat_ns),
        count_in=count_in,
    )
