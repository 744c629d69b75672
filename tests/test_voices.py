"""Laws of `[[voice]]`: what a voice is made of, and how those are refused that cannot play."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from improvd.config import Config, ConfigError, load, soloists
from improvd.config.voices import VoiceError, adjusted, check, sharing
from improvd.messages import Perform, Share
from improvd.service.status import settings
from improvd.service.status.settings import Source

TENOR = '[[voice]]\nname = "tenor"\n'


@pytest.fixture
def written(tmp_path: Path):
    """A configuration file of this text."""

    def write(text: str) -> Path:
        path = tmp_path / "my.toml"
        path.write_text(text)
        return path

    return write


def test_an_entry_has_what_it_leaves_out_from_the_keys_outside(written):
    config = load(written('mode = "trade 2"\nlow = 50\n' + TENOR + "level = 70\nrespond = 1\n"), {})
    own = soloists(config)["tenor"]
    assert (own.mode, own.low, own.velocity, own.respond) == ("trade 2", 50, 70, 1)
    assert soloists(config)["soloist"].respond == Config().respond
    assert list(soloists(config)) == ["soloist", "tenor"]


def test_channels_that_are_not_named_are_the_first_that_nobody_has(written):
    entries = "".join(f'[[voice]]\nname = "v{n}"\n' for n in range(11))
    config = load(written(entries + '[[voice]]\nname = "last"\nchannel = 4\n'), {})
    channels = [each.channel for each in soloists(config).values()]
    assert len(set(channels)) == 13
    assert not {2, 3, 10} & set(channels), "left to a band that may come"
    assert channels[:3] == [1, 5, 6]


def test_sixteen_voices_have_the_sixteen_channels(written):
    entries = "".join(f'[[voice]]\nname = "v{n}"\n' for n in range(12))
    config = load(written('band = "bass, piano, drums"\n' + entries), {})
    taken = {config.channel, *(channel + 1 for channel in config.band_channels)}
    assert taken == set(range(1, 17))


def test_every_soloist_without_a_seed_has_another(written):
    config = load(written("seed = 7\n" + TENOR + '[[voice]]\nname = "alto"\nseed = 3\n'), {})
    seeds = [each.seed for each in soloists(config).values()]
    assert seeds[0] == 7
    assert seeds[2] == 3
    assert len(set(seeds)) == 3
    assert soloists(load(written("seed = 8\n" + TENOR), {}))["tenor"].seed != seeds[1]


def test_a_voice_of_the_band_is_set_in_an_entry_and_plays(written):
    text = '[[voice]]\nkind = "bass"\nlevel = 60\nlow = 28\nport = "upright"\n'
    config = load(written('band = "piano"\n' + text), {})
    assert config.band == "bass, piano"
    assert (config.bass_level, config.bass_low, config.bass_port) == (60, 28, "upright")
    assert config.voice == ()
    assert load(written('[[voice]]\nname = "drums"\n'), {}).band == "drums"


def test_a_voice_that_may_yet_play_has_its_port_already(written):
    config = load(written('bass_port = "upright"\npiano_channel = 2\n' + TENOR), {})
    assert config.ports[1] == "improvd", "the piano's and the bass's: the latter is not meant"
    config = load(written('bass_port = "upright"\n' + TENOR + 'channel = 3\nport = "sax"\n'), {})
    assert config.ports == {0: "improvd", 1: "upright", 2: "sax", 9: "improvd"}
    config = load(written('bass_port = "upright"\nband = "bass"\npiano_channel = 2\n'), {})
    assert config.ports[1] == "upright"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            '[[voice]]\nname = "t"\nkind = "sax"\n',
            "[[voice]] 1: kind = 'sax': it is one of ",
        ),
        (TENOR + TENOR, '[[voice]] 2: name = "tenor" is that of one above it'),
        ('[[voice]]\nkind = "bass"\n' * 2, '[[voice]] 2: name = "bass" is that of one above it'),
        (TENOR + "channel = 1\n", "[[voice]] tenor: channel = 1 is the soloist's; "),
        (
            TENOR + 'channel = 7\n[[voice]]\nname = "alto"\nchannel = 7\n',
            "[[voice]] alto: channel = 7 is the tenor's; ",
        ),
        (
            'band = "bass"\n' + TENOR + "channel = 2\n",
            "[[voice]] tenor: channel = 2 is the bass's; ",
        ),
        (
            TENOR + "low = 60\nhigh = 64\n",
            "[[voice]] tenor: low = 60 and high = 64 leave less than an octave to play in; ",
        ),
        (
            TENOR + "low = 70\n",
            "[[voice]] tenor: low = 70 and high = 79 leave less than an octave ",
        ),
        (
            '[[voice]]\nkind = "bass"\nlow = 48\nhigh = 52\n',
            "[[voice]] bass: bass_low = 48 and bass_high = 52 leave less than an octave",
        ),
        (
            "".join(f'[[voice]]\nname = "v{n}"\n' for n in range(16)),
            "[[voice]] 16: is one too many; with the soloist and the band there are 17 voices, ",
        ),
        ("[[voice]]\n", "[[voice]] 1: has no name; give it one, such as "),
        (
            '[[voice]]\nname = "a b"\n',
            "[[voice]] 1: name = 'a b': it is up to 16 ",
        ),
        ("[[voice]]\nname = 3\n", "[[voice]] 1: name = 3: it is up to 16 "),
        ('[[voice]]\nname = "soloist"\n', '[[voice]] 1: name = "soloist" is that of the voice '),
        (
            '[[voice]]\nname = "bass"\nkind = "piano"\n',
            '[[voice]] 1: name = "bass": a voice of',
        ),
        (TENOR + "tempo = 90\n", "[[voice]] 1 (tenor): unknown key 'tempo'; its keys are port, "),
        (TENOR + 'mode = "loud"\n', "[[voice]] 1 (tenor): mode = 'loud': it is one of follow, "),
        (
            TENOR + "channel = 17\n",
            "[[voice]] 1 (tenor): channel = 17: it is a whole ",
        ),
        (
            TENOR + "level = 0\n",
            "[[voice]] 1 (tenor): velocity = 0: it is a whole ",
        ),
        ('[[voice]]\nkind = "drums"\nlow = 3\n', "[[voice]] 1 (drums): unknown key 'low'; "),
        ('voice = "tenor"\n', "voice: is a table for each voice; write [[voice]] above its lines"),
        ('[voice]\nname = "tenor"\n', "voice: is a table for each voice; write [[voice]] above "),
        ("voice = [1]\n", "voice: is a table for each voice; write [[voice]] above its lines"),
    ],
)
def test_voices_that_cannot_play_are_refused_with_file_and_place(text: str, sentence: str, written):
    path = written(text)
    with pytest.raises(ConfigError) as refused:
        load(path, {})
    said = str(refused.value)
    assert "\n" not in said
    assert said.startswith(f"{path}: {sentence}")


def test_a_model_that_is_not_there_is_refused_with_file_and_place(written):
    path = written(TENOR + 'model = "coltrane"\n')
    with pytest.raises(ConfigError) as refused:
        Source(path, {}).read()
    assert str(refused.value).startswith(
        f"{path}: [[voice]] tenor: model = coltrane: no model of this name and no such file; "
    )


def test_another_model_file_of_a_voice_is_seen_when_all_is_read_again(written, tmp_path: Path):
    found = Path(settings.models.find("default")).read_bytes()
    (tmp_path / "mine.safetensors").write_bytes(found)
    source = Source(written(TENOR + f"model = '{tmp_path / 'mine.safetensors'}'\n"), {})
    before = source.read()
    (tmp_path / "mine.safetensors").write_bytes(found + b" ")
    assert settings.changed(before, source.read()) == ["voice"]
    assert settings.changed(before, before) == []


# -- what is ordered -------------------------------------------------------------------------


def test_one_soloist_is_set_otherwise_and_nobody_else_with_it(written):
    config = load(written("seed = 7\n" + TENOR + '[[voice]]\nname = "alto"\n'), {})
    before = soloists(config)
    for name in before:
        after = soloists(adjusted(config, name, {"velocity": 33, "seed": 5}))
        assert (after[name].velocity, after[name].seed) == (33, 5)
        assert all(after[other] == before[other] for other in before if other != name)
    back = adjusted(adjusted(config, "tenor", {"velocity": 33}), "tenor", {"velocity": None})
    assert back == config


def test_a_mode_is_everybody_s_or_one_soloist_s(written):
    config = load(written(TENOR + 'mode = "solo"\n[[voice]]\nname = "alto"\n'), {})

    def modes(config: Config) -> list[str]:
        return [each.mode for each in soloists(config).values()]

    assert modes(config) == ["follow", "solo", "follow"]
    assert modes(sharing(config, "answer")) == ["answer"] * 3
    assert modes(sharing(config, "answer", "alto")) == ["follow", "solo", "answer"]
    assert modes(sharing(config, "answer", "soloist")) == ["answer", "solo", "follow"]
    assert modes(sharing(config, "answer", "nobody")) == modes(config)
    performed = Perform(config, None).after(Share("trade 4", "tenor"))
    assert modes(performed.config) == ["follow", "trade 4", "follow"]


def test_what_cannot_be_together_is_not_set(written):
    config = load(written(TENOR), {})
    with pytest.raises(VoiceError, match=r"channel = 1 is the soloist's"):
        adjusted(config, "tenor", {"channel": 1})
    with pytest.raises(VoiceError, match="no soloist 'bass': there is soloist, tenor"):
        adjusted(config, "bass", {"velocity": 3})
    with pytest.raises(VoiceError, match="tenor: low = 60 and high = 71 leave less"):
        adjusted(config, "tenor", {"low": 60, "high": 71})
    with pytest.raises(VoiceError, match="tenor: low = 70 and high = 79 leave less"):
        check(replace(load(written(TENOR + "high = 79\n"), {}), low=70, high=90))


def test_the_entries_that_the_file_shows_are_allowed(written):
    text = (Path(__file__).parents[1] / "config" / "improvd.toml").read_text()
    shown = re.findall(r"^#     (\[\[voice\]\].*(?:\n#     .*)*)", text, flags=re.MULTILINE)
    config = load(written("\n".join(shown).replace("#     ", "")), {})
    assert list(soloists(config)) == ["soloist", "tenor"]
    assert config.band == "bass"


def test_the_readme_s_entry_is_allowed(written):
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    examples = re.findall(r"```toml\n(.*?)```", readme, re.DOTALL)
    [shown] = [text for text in examples if "[[voice]]" in text]
    config = load(written(shown), {})
    assert [each.mode for each in soloists(config).values()] == ["trade 4", "trade 4"]
    assert config.ports[soloists(config)["tenor"].channel - 1] == "improvd tenor"
