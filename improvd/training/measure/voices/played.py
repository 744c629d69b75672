"""What a model and the band beside it play by themselves, to be measured voice by voice."""

from collections.abc import Iterator

from improvd.config import Config
from improvd.core.band.feels import feel_of
from improvd.core.harmony.chart import Chart, parse_chart
from improvd.model import Model
from improvd.options import CHARTS
from improvd.training import generate
from improvd.training.measure.voices import music
from improvd.training.measure.voices.music import BandMusic

SWING_CHARTS = ("blues-in-f", "rhythm-changes", "two-five-one", "minor-blues", "modal")
"""Charts that come along and are swung."""
SEEDS = (0, 1, 2)
_BARS = 64
_BPM = 120.0
_BAND = "bass, piano, drums"


def played(model: Model, temperature: float, seed: int = 0) -> Iterator[tuple[str, BandMusic]]:
    """Sixty-four bars of each of five charts, three times each, with their names."""
    for name in SWING_CHARTS:
        chart = parse_chart(CHARTS[name].read_text("utf-8"))
        for each in SEEDS:
            yield f"{name}, seed {seed + each}", _one(model, chart, temperature, seed + each)


def _one(model: Model, chart: Chart, temperature: float, seed: int) -> BandMusic:
    config = Config(band=_BAND, tempo=_BPM, count_in=0, seed=seed, temperature=temperature)
    beats = round(_BARS * chart.beats_per_bar)
    take, _ = generate.solo(config, model, chart, beats)
    return music.of_take(take, feel_of(chart, _BPM, beats))
