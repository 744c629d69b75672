"""What is to be played, as it is changed while it plays: by orders, and by the file read again."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from improvd import models
from improvd.charts.set_list import SetTune, read_set
from improvd.config import Config, ConfigError, load, soloists
from improvd.messages import Change, LiveOrder, Perform, Tempo
from improvd.options import chart_text

# Ports, clocks, addresses and folders are set up once.
_AT_START = (
    "port", "input", "join", "api", "beat", "sync", "start", "freewheel", "resting",
    "clock_out", "count_in", "send_ms", "hear_ms", "clock_ms",
    "bass_port", "piano_port", "drums_port",
    "name", "jams_mb", "jams_days", "metrics", "web", "tune",
)  # fmt: skip
# What the service sees to, and no player has to know.
_OUR_OWN = ("controls", "set")
# Twenty starts draw one twice in 5,000 evenings.
_SEEDS = 1_000_000


@dataclass(frozen=True, slots=True)
class WrittenSettings:
    """A configuration as file and command line have it, and what is in the files that it names.

    `chart` is the text of the chart, `model` the SHA-256 of the model file; `tunes` are those of
    the set: where there is one, it is played and not the chart. `models` are the SHA-256 of the
    models of the soloists beside the first.
    """

    config: Config
    chart: str | None
    model: str
    tunes: tuple[SetTune, ...] = ()
    models: tuple[str, ...] = ()

    @property
    def named_models(self) -> frozenset[tuple[str, str]]:
        """The models that the soloists play by: name and SHA-256."""
        of_entries = [entry["model"] for entry in self.config.voice if "model" in entry]
        others = zip(of_entries, self.models, strict=False)
        return frozenset([(self.config.model, self.model), *others])


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
        tunes = read_set(config.set, self.file and self.file.parent) if config.set else ()
        if tunes and config.tune > len(tunes):
            raise ConfigError(f"tune {config.tune}: the set {config.set} has {len(tunes)}")
        try:
            digest = models.digest(models.find(config.model))
        except models.ModelError as error:
            raise ConfigError(str(error)) from None
        return WrittenSettings(config, text, digest, tunes, self._models_of(config))

    def _models_of(self, config: Config) -> tuple[str, ...]:
        """The digests of the models that entries name."""
        place = "" if self.file is None else f"{self.file}: "
        digests = []
        for entry in config.voice:
            try:
                if "model" in entry:
                    digests.append(models.digest(models.find(entry["model"])))
            except models.ModelError as error:
                raise ConfigError(f"{place}[[voice]] {entry['name']}: model = {error}") from None
        return tuple(digests)


def check(config: Config, chart: str | None) -> None:
    """Raises ConfigError, one sentence, for a chart or a model that cannot be played."""
    # NumPy comes with these; a service that only starts a player does without.
    from improvd import model, performance  # noqa: PLC0415 - only when it is needed

    try:
        performance.chart_of(chart, config)
        for name in dict.fromkeys(each.model for each in soloists(config).values()):
            model.load(models.find(name))
    except ValueError as error:
        raise ConfigError(str(error)) from None


def perform(written: WrittenSettings) -> Perform:
    """The order to play this. Knobs and pedals are the service's business."""
    config = replace(written.config, controls={})
    if not written.tunes:
        return Perform(config, written.chart)
    return Perform(tuned(config, written, config.tune), written.tunes[config.tune - 1].chart)


def tuned(config: Config, written: WrittenSettings, number: int) -> Config:
    """The configuration of a set's tune: tempo and feel are its own, or as they are written."""
    tune = written.tunes[number - 1]
    return replace(
        config,
        set=written.config.set,
        tune=number,
        chart=tune.name,
        tempo=tune.tempo or written.config.tempo,
        feel=tune.feel or written.config.feel,
    )


def next_tune(performed: Config, written: WrittenSettings, number: int, begins: str) -> Change:
    """The order to go over to a tune of the set. Raises ConfigError."""
    # NumPy comes with charts; a service that only starts a player does without.
    from improvd import performance  # noqa: PLC0415 - only when it is needed

    config, text = tuned(performed, written, number), written.tunes[number - 1].chart
    bpm = config.tempo or performance.chart_of(text, config).tempo
    return Change(config, text, begins, bpm)


def seeded(config: Config) -> Config:
    """The configuration with a seed: one that nobody has had, where it says none."""
    return config if config.seed is not None else replace(config, seed=new_seed())


def new_seed() -> int:
    """A seed at random, short enough to be written down."""
    return secrets.randbelow(_SEEDS)


def going_on(before: WrittenSettings, now: WrittenSettings, performed: Perform) -> Perform:
    """The order to go on with what was performed, and with all that is written otherwise now."""
    keys = [key for key in changed(before, now) if key not in _OUR_OWN]
    config = replace(performed.config, **{key: getattr(now.config, key) for key in keys})
    if "tune" in keys or before.config.set != now.config.set:
        anew = perform(now)
        own = {key: getattr(anew.config, key) for key in ("set", "chart", "tempo", "feel")}
        return replace(performed, config=replace(config, **own), chart=anew.chart)
    chart = now.chart if "chart" in keys else performed.chart
    return replace(performed, config=config, chart=chart)


def orders(before: WrittenSettings, now: WrittenSettings, performed: Perform) -> list[LiveOrder]:
    """What takes the music from what was written before to what is written now.

    What was ordered since stays where the file did not change, and what is set up once stays as
    it was set up.
    """
    keys = [key for key in changed(before, now) if key not in (*_OUR_OWN, *_AT_START)]
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
    read = {"chart": "chart", "model": "model", "set": "tunes"}
    files = [key for key, of in read.items() if getattr(before, of) != getattr(now, of)]
    files += ["voice"] if before.models != now.models else []
    ports = [set(written.config.ports.values()) for written in (before, now)]
    files += ["port"] if not ports[1] <= ports[0] else []  # a voice's, to be opened at the start
    return [*keys, *(key for key in files if key not in keys)]


def sentence(keys: Sequence[str]) -> str:
    """What a person is told about keys that have changed."""
    late = [key for key in keys if key in _AT_START]
    soon = [key for key in keys if key not in _AT_START]
    parts = [f"Read again; changed: {', '.join(soon) or 'nothing that can change while it plays'}."]
    if late:
        parts.append(f"Only after a restart: {', '.join(late)}.")
    return " ".join(parts) if keys else "Read again; nothing has changed."
