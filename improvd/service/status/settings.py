"""What is to be played, as it is changed while it plays: by orders, and by the file read again."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from improvd import models
from improvd.config import Config, ConfigError, load
from improvd.messages import Change, LiveOrder, Perform, Tempo
from improvd.options import chart_text

# Ports, clocks, addresses and folders are set up once.
_AT_START = (
    "port", "input", "join", "api", "beat", "sync", "start", "freewheel", "resting",
    "clock_out", "count_in", "send_ms", "hear_ms", "clock_ms",
    "name", "jams_mb", "jams_days", "metrics", "web",
)  # fmt: skip
# Twenty starts draw one twice in 5,000 evenings.
_SEEDS = 1_000_000


@dataclass(frozen=True, slots=True)
class WrittenSettings:
    """A configuration as file and command line have it, and what is in the files that it names.

    `chart` is the text of the chart, `model` the SHA-256 of the model file.
    """

    config: Config
    chart: str | None
    model: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where the settings come from: a file, if any, and the command line over it."""

    file: Path | None
    overrides: Mapping[str, Any]

    def read(self) -> WrittenSettings:
        """What they say now; whether that can be played is for `check`, or for a player, to say.

        Raises ConfigError, one sentence, for what cannot be read.
        """
        config = load(self.file, self.overrides)
        text = chart_text(config.chart)
        try:
            return WrittenSettings(config, text, models.digest(models.find(config.model)))
        except models.ModelError as error:
            raise ConfigError(str(error)) from None


def check(config: Config, chart: str | None) -> None:
    """Raises ConfigError, one sentence, for a chart or a model that cannot be played."""
    # NumPy comes with these; a service that only starts a player does without.
    from improvd import model, performance  # noqa: PLC0415 - only when it is needed

    try:
        performance.chart_of(chart, config)
        model.load(models.find(config.model))
    except ValueError as error:
        raise ConfigError(str(error)) from None


def perform(written: WrittenSettings) -> Perform:
    """The order to play this. Knobs and pedals are the service's business."""
    return Perform(replace(written.config, controls={}), written.chart)


def seeded(config: Config) -> Config:
    """The configuration with a seed: one that nobody has had, where it says none."""
    return config if config.seed is not None else replace(config, seed=new_seed())


def new_seed() -> int:
    """A seed at random, short enough to be written down."""
    return secrets.randbelow(_SEEDS)


def going_on(before: WrittenSettings, now: WrittenSettings, performed: Perform) -> Perform:
    """The order to go on with what was performed, and with all that is written otherwise now."""
    keys = [key for key in changed(before, now) if key != "controls"]
    config = replace(performed.config, **{key: getattr(now.config, key) for key in keys})
    chart = now.chart if "chart" in keys else performed.chart
    return replace(performed, config=config, chart=chart)


def orders(before: WrittenSettings, now: WrittenSettings, performed: Perform) -> list[LiveOrder]:
    """What takes the music from what was written before to what is written now.

    What was ordered since stays where the file did not change, and what is set up once stays as
    it was set up.
    """
    keys = [key for key in changed(before, now) if key != "controls" and key not in _AT_START]
    config = replace(performed.config, **{key: getattr(now.config, key) for key in keys})
    if "seed" in keys:
        config = seeded(config)
    chart = now.chart if "chart" in keys else performed.chart
    ordered: list[LiveOrder] = [Change(config, chart)] if keys else []
    if "tempo" in keys and config.tempo is not None:
        ordered.append(Tempo(config.tempo))
    return ordered


def changed(before: WrittenSettings, now: WrittenSettings) -> list[str]:
    """The keys whose values differ, or whose files do."""
    keys = [
        key
        for key in Config.__struct_fields__
        if getattr(before.config, key) != getattr(now.config, key)
    ]
    files = [key for key in ("chart", "model") if getattr(before, key) != getattr(now, key)]
    return [*keys, *(key for key in files if key not in keys)]


def sentence(keys: Sequence[str]) -> str:
    """What a person is told about keys that have changed."""
    late = [key for key in keys if key in _AT_START]
    soon = [key for key in keys if key not in _AT_START]
    parts = [f"Read again; changed: {', '.join(soon) or 'nothing that can change while it plays'}."]
    if late:
        parts.append(f"Only after a restart: {', '.join(late)}.")
    return " ".join(parts) if keys else "Read again; nothing has changed."
