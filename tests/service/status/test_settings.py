"""What changes while it plays: what the file says otherwise, and nothing else."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from improvd.config import Config, ConfigError
from improvd.messages import Change, Perform, Tempo
from improvd.model import BUILT_IN
from improvd.service.status import settings
from improvd.service.status.settings import Source, WrittenSettings

CHART = "| Dm7 | G7 | Cmaj7 | % |"


def written(
    config: Config | None = None, chart: str | None = None, model: str = "a"
) -> WrittenSettings:
    return WrittenSettings(config or Config(), chart, model)


def test_the_player_is_not_told_of_knobs():
    config = Config(controls={"cc 1": "end"}, tempo=90.0)
    assert settings.perform(written(config, CHART)) == Perform(Config(tempo=90.0), CHART)


def test_what_did_not_change_orders_nothing():
    performed = Perform(Config(tempo=90.0), None)
    assert settings.orders(written(), written(), performed) == []
    assert settings.sentence([]) == "Read again; nothing has changed."


def test_what_was_ordered_stays_where_the_file_did_not_change():
    performed = Perform(Config(tempo=90.0, mode="solo"), CHART)
    now = written(Config(velocity=70))
    assert settings.orders(written(), now, performed) == [
        Change(Config(tempo=90.0, mode="solo", velocity=70), CHART)
    ]


def test_a_seed_that_is_written_no_more_is_drawn():
    performed = Perform(Config(seed=7), None)
    [change] = settings.orders(written(Config(seed=7)), written(), performed)
    assert change.config.seed is not None
    assert settings.seeded(performed.config) == performed.config
    assert settings.seeded(Config()) != settings.seeded(Config())


def test_another_tempo_takes_over_at_once():
    now = written(Config(tempo=100.0))
    config = Config(tempo=100.0)
    assert settings.orders(written(), now, Perform(Config(tempo=90.0), None)) == [
        Change(config, None), Tempo(100.0)
    ]  # fmt: skip


def test_the_files_that_it_names_count_too():
    performed = Perform(Config(chart="my.chart"), "| C |")
    before = written(Config(chart="my.chart"), "| C |")
    now = replace_chart(before, CHART)
    assert settings.changed(before, now) == ["chart"]
    assert settings.orders(before, now, performed) == [Change(Config(chart="my.chart"), CHART)]
    assert settings.changed(before, written(before.config, before.chart, "b")) == ["model"]


def replace_chart(before: WrittenSettings, chart: str) -> WrittenSettings:
    return WrittenSettings(before.config, chart, before.model)


@pytest.mark.parametrize(
    ("key", "value"),
    [("port", "IAC"), ("name", "two"), ("metrics", "localhost:1"), ("api", "none")],
)
def test_what_is_opened_once_waits_for_a_restart_and_says_so(key, value):
    now = written(replace(Config(velocity=70), **{key: value}))
    (change,) = settings.orders(written(), now, Perform(Config(), None))
    assert change == Change(Config(velocity=70), None)
    assert settings.sentence(settings.changed(written(), now)).endswith(
        f"changed: velocity. Only after a restart: {key}."
    )


def test_other_knobs_order_nothing_of_the_player():
    now = written(Config(controls={"cc 1": "end"}))
    assert settings.orders(written(), now, Perform(Config(), None)) == []
    assert settings.sentence(settings.changed(written(), now)) == "Read again; changed: controls."


def test_the_source_is_the_file_and_the_command_line_over_it(tmp_path: Path):
    file = tmp_path / "my.toml"
    (tmp_path / "my.chart").write_text(CHART)
    file.write_text(f'tempo = 90\nmode = "solo"\nchart = "{tmp_path}/my.chart"\n')
    first = Source(file, {"tempo": 100.0}).read()
    assert (first.config.tempo, first.config.mode, first.chart) == (100.0, "solo", CHART)
    assert first == Source(file, {"tempo": 100.0}).read()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("tempo = ", "is not TOML"),
        ("tempo = 1000", "tempo = 1000: it is a number from 20 to 400"),
        ('chart = "| Hx9 |"', "bar 1"),
        ('chart = "nowhere.chart"', "chart nowhere.chart: is neither a file nor chords"),
        ('chart = "/dev/zero"', "chart /dev/zero: is neither a file nor chords"),
        (f'chart = "{BUILT_IN["default"]}"', "cannot be read as text"),
        ('model = "nobody"', "nobody: no model of this name"),
        (f'model = "{__file__}"', "not a safetensors file"),
        (f'model = "{"x" * 300}"', "no model of this name"),
        ('model = "~nobody-of-this-name/x"', "no model of this name"),
    ],
)
def test_what_cannot_be_played_is_refused_in_a_sentence(tmp_path, text, sentence):
    file = tmp_path / "my.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as refused:
        read_and_checked(file)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def read_and_checked(file):
    written = Source(file, {}).read()
    settings.check(written.config, written.chart)


def test_a_chart_longer_than_any_is_refused(tmp_path):
    file = tmp_path / "my.toml"
    file.write_text(f'chart = "{"| C " * 5000}"')
    with pytest.raises(ConfigError, match="is longer than any chart"):
        Source(file, {}).read()
