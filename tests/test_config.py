"""Laws of the configuration, and of the file that teaches it."""

import os
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.config import GROUPS, OPTIONS, Config, ConfigError, describe, load, value_type
from improvd.core.playing.modes import Trade, mode_of
from tests.harness.drawn import CONFIGS

DEFAULTS = Path(__file__).parents[1] / "config" / "improvd.toml"
KEYS = Config.__struct_fields__
# A key and its value as the file shows them, set or left out with a # before it.
_SHOWN = re.compile(r"^(#?)(\w+) = (.+)$", re.MULTILINE)


@pytest.fixture
def written(tmp_path: Path):
    """A configuration file of this text."""

    def write(text: str | bytes) -> Path:
        path = tmp_path / "my.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def refusal(path: Path | None, overrides: dict[str, Any] | None = None) -> str:
    """The one sentence with which a configuration is refused."""
    with pytest.raises(ConfigError) as refused:
        load(path, overrides or {})
    sentence = str(refused.value)
    assert "\n" not in sentence
    return sentence


# -- the file that comes with improvd --------------------------------------------------------


def test_the_file_holds_the_defaults():
    assert load(DEFAULTS, {}) == Config() == load(None, {})


def test_the_file_shows_every_key_once_and_sets_those_that_have_a_default():
    shown = {key: mark != "#" for mark, key, _ in _SHOWN.findall(DEFAULTS.read_text())}
    assert shown == {key: getattr(Config(), key) is not None for key in OPTIONS}
    assert len(_SHOWN.findall(DEFAULTS.read_text())) == len(OPTIONS)


def test_every_example_in_the_file_is_allowed(written):
    text = re.sub(r'^#(?=\[|")', "", DEFAULTS.read_text(), flags=re.MULTILINE)
    config = load(written(_SHOWN.sub(r"\2 = \3", text)), {})
    assert all(getattr(config, key) is not None for key in KEYS)
    assert set(config.controls.values()) >= {"turn play", "tempo"}


def test_every_mode_in_the_file_is_allowed(written):
    text = DEFAULTS.read_text().partition("# Whose turn it is:")[2]
    modes = re.findall(r'^#   "(.+?)"  ', text, re.MULTILINE)
    assert {mode.partition(" ")[0] for mode in modes} == {"follow", "answer", "trade", "solo"}
    for mode in modes:
        assert load(written(f'mode = "{mode}"'), {}).mode == mode


def test_the_file_says_something_about_every_key():
    """Its comment stands above it, without a blank line between, or above the key before."""
    explained = False
    for line in DEFAULTS.read_text().splitlines():
        if _SHOWN.match(line):
            assert explained, line
        else:
            explained = line.startswith("# ") and not line.startswith("# --")


# -- what a configuration is -----------------------------------------------------------------


def test_every_key_but_those_of_tables_is_an_option():
    assert {*OPTIONS, "controls", "voice"} == set(KEYS)
    assert describe("controls")
    assert describe("voice")


@pytest.mark.parametrize("key", OPTIONS)
def test_every_key_says_what_it_means_and_how_it_is_written(key: str):
    assert describe(key)
    assert value_type(key) in {str, int, float, bool}
    default = getattr(Config(), key)
    assert default is None or isinstance(default, value_type(key))


@given(CONFIGS)
def test_what_is_allowed_is_taken_as_it_is(config: Config):
    settings = {k: v for k, v in msgspec.structs.asdict(config).items() if v is not None}
    assert load(None, settings) == config


def test_the_command_line_wins_over_the_file(written):
    path = written('port = "IAC Bus"\nchannel = 3\n')
    config = load(path, {"channel": 5, "tempo": 90.0})
    assert (config.port, config.channel, config.tempo) == ("IAC Bus", 5, 90.0)


def test_a_file_may_be_empty_or_begin_with_a_byte_order_mark(written):
    assert load(written(""), {}) == Config()
    assert load(written(b"\xef\xbb\xbfchannel = 2\n"), {}).channel == 2


def test_a_whole_number_may_stand_where_a_number_is_due(written):
    assert load(written("tempo = 90"), {}).tempo == 90.0


@pytest.mark.parametrize(("mode", "bars"), [("trade", 4), ("trade 1", 1), ("trade 99", 99)])
def test_trading_is_by_four_bars_unless_it_says_otherwise(mode: str, bars: int):
    assert mode_of(load(None, {"mode": mode}).mode) == Trade(bars)


def test_a_configuration_cannot_be_changed():
    with pytest.raises(AttributeError):
        Config().tempo = 90.0


# -- what is refused, and how ----------------------------------------------------------------

_RANGES = {
    "channel": ("1", "16"),
    "tune": ("1", "99"),
    "tempo": ("20", "400"),
    "temperature": ("0", "5"),
    "seed": ("0", str(2**63 - 1)),
    "opening": ("0", "128"),
    "respond": ("0", "10"),
    "tonight": ("0", "10"),
    "low": ("0", "127"),
    "high": ("0", "127"),
    "velocity": ("1", "127"),
    "notes_per_second": ("1", "100"),
    "swing": ("50", "75"),
    "count_in": ("0", "8"),
    "loop_bars": ("1", "999"),
    "freewheel": ("0", "64"),
    "resting": ("0", "3600"),
    "send_ms": ("-500", "500"),
    "hear_ms": ("-500", "500"),
    "clock_ms": ("-500", "500"),
    "jams_mb": ("10", "1000000"),
    "jams_days": ("1", "36500"),
    "bass_channel": ("1", "16"),
    "bass_low": ("0", "127"),
    "bass_high": ("0", "127"),
    "bass_level": ("1", "127"),
    "piano_channel": ("1", "16"),
    "piano_low": ("0", "127"),
    "piano_high": ("0", "127"),
    "piano_level": ("1", "127"),
    "drums_channel": ("1", "16"),
    "drums_level": ("1", "127"),
}
_CHOICES = {
    "mode": "follow, answer, solo, trade N (1 to 99)",
    "api": "auto, alsa, jack, coremidi, winmm, none",
    "sync": "auto, internal, midi",
    "start": "start, clock",
    "beat": "quarter, dotted quarter",
    "sample": "beats, phrases",
    "step": "notes, beat",
    "expression": "none, breath, expression",
    "feel": "auto, swing, two-feel, ballad, bossa, waltz, straight",
}
_OTHERS = {
    "port",
    "input",
    "chart",
    "set",
    "model",
    "name",
    "metrics",
    "web",
    "clock_out",
    "join",
    "controls",
    "band",
    "bass_port",
    "piano_port",
    "drums_port",
    "voice",
}


def test_every_key_has_its_bounds_tried():
    assert {*_RANGES, *_CHOICES, *_OTHERS} == set(KEYS)


@pytest.mark.parametrize("key", _RANGES)
@pytest.mark.parametrize("bad", ["{below}", "{above}", '"x"', "true", "[1]", "nan", "inf", "-inf"])
def test_a_number_out_of_range_is_refused_with_file_key_and_range(key: str, bad: str, written):
    low, high = _RANGES[key]
    path = written(f"{key} = {bad.format(below=int(low) - 1, above=int(high) + 1)}")
    sentence = refusal(path)
    kind = "a whole number" if value_type(key) is int else "a number"
    assert sentence.startswith(f"{path}: {key} = ")
    assert sentence.endswith(f": it is {kind} from {low} to {high}")


@pytest.mark.parametrize("key", _RANGES)
def test_the_ends_of_a_range_are_inside_it(key: str, written):
    for end in _RANGES[key]:
        of, _, edge = key.rpartition("_")
        room = {"low": f"{of}_high = 127", "high": f"{of}_low = 0"}.get(edge, "").lstrip("_")
        if (edge, end) in {("low", "127"), ("high", "0")}:
            continue  # in range, but no octave is left
        assert str(int(getattr(load(written(f"{key} = {end}\n{room}"), {}), key))) == end


@pytest.mark.parametrize("key", _CHOICES)
@pytest.mark.parametrize(
    "bad",
    ['"loud"', '""', "3", '"follow "', '"trade 0"', '"trade 100"', '"jack\\n"', '"follow\\n"'],
)
def test_a_choice_that_there_is_not_is_refused_with_file_key_and_choices(
    key: str, bad: str, written
):
    path = written(f"{key} = {bad}")
    assert refusal(path).startswith(f"{path}: {key} = ")
    assert refusal(path).endswith(f": it is one of {_CHOICES[key]}")


@pytest.mark.parametrize(
    "line", ["port = 3", 'port = ""', "input = true", 'model = ""', "chart = 1979-05-27", "[model]"]
)
def test_what_is_no_text_is_refused_with_file_and_key(line: str, written):
    path = written(line)
    key = re.findall(r"\w+", line)[0]
    assert refusal(path).startswith(f"{path}: {key} = ")
    assert refusal(path).endswith(": it is a text, not empty")


@pytest.mark.parametrize("key", ["tempos", "Tempo", "tempo\\n", "", "__class__", "trade_bars"])
def test_an_unknown_key_is_refused_by_name_with_those_there_are(key: str, written):
    path = written(f'"{key}" = 1')
    sentence = refusal(path)
    assert sentence.startswith(f"{path}: unknown key '{key}'; the keys are api, band, ")
    assert all(known in sentence for known in KEYS)


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ("clock_out = 1", "it is true or false"),
        ('name = "a b"', "it is up to 32 letters, digits, - and _, a letter or digit first"),
        ('name = "../x"', "it is up to 32 letters, digits, - and _, a letter or digit first"),
        ('web = "8765"', "it is an address and a port, such as 127.0.0.1:8765, or off"),
        ('band = "bass, violin"', "it is off, or some of bass, piano, drums with commas between"),
        ('band = ""', "it is off, or some of bass, piano, drums with commas between"),
        ('metrics = "9464"', "it is an address and a port, such as 127.0.0.1:9464"),
    ],
)
def test_other_values_are_refused_with_what_is_allowed(line: str, allowed: str, written):
    assert refusal(written(line)).endswith(f": {allowed}")


@pytest.mark.parametrize(
    "line", ["controls = 1", '[controls]\n"cc 120" = "end"', '[controls]\n"program 0" = "end"',
             '[controls]\n"knob" = "end"', '[controls]\n"cc 1" = 3', '[controls]\n"cc 01" = "end"']
)  # fmt: skip
def test_a_control_that_there_is_not_is_refused_with_those_there_are(line: str, written):
    assert 'such as "cc 64" = "turn play"' in refusal(written(line))


@given(st.integers(0, 119), st.integers(1, 128))
def test_every_controller_and_program_can_be_a_control(number: int, program: int):
    controls = {f"cc {number}": "end", f"cc {number} up": "keep", f"program {program}": "again"}
    assert load(None, {"controls": controls}).controls == controls


def test_a_bad_value_on_the_command_line_is_refused_by_its_option():
    assert refusal(None, {"count_in": 9}) == "--count-in 9: it is a whole number from 0 to 8"


def test_less_than_an_octave_is_refused(written):
    path = written("low = 60\nhigh = 71")
    assert refusal(path).startswith(f"{path}: low = 60 and high = 71 leave less than an octave")
    assert load(written("low = 60\nhigh = 72"), {}).high == 72


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"tempo = ", "is not TOML: "),
        (b"tempo = 90\ntempo = 100", "is not TOML: "),
        (b"tempo 90", "is not TOML: "),
        (b"\xff\xfet\x00e\x00", "is not a text file; a configuration is TOML"),
    ],
)
def test_what_is_no_configuration_is_refused_with_its_file(content: bytes, complaint: str, written):
    path = written(content)
    assert refusal(path).startswith(f"{path}: {complaint}")


def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path):
    absent = tmp_path / "absent.toml"
    assert refusal(absent) == f"{absent}: cannot be read (No such file or directory)"
    assert refusal(tmp_path) == f"{tmp_path}: cannot be read (Is a directory)"


def test_what_would_be_read_for_ever_or_never_come_is_refused(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigError, match=r"pipe: cannot be read \(not a regular file\)"):
        load(tmp_path / "pipe", {})
    (tmp_path / "large").write_bytes(b"#" * 2_000_000)
    with pytest.raises(ConfigError, match=r"large: cannot be read \(larger than"):
        load(tmp_path / "large", {})


def test_a_file_nested_without_end_is_refused_in_a_sentence(tmp_path: Path):
    (tmp_path / "deep.toml").write_text("port = " + "[" * 100_000)
    with pytest.raises(ConfigError, match=r"deep.toml: is nested deeper than any configuration"):
        load(tmp_path / "deep.toml", {})


def test_every_option_is_in_one_group():
    grouped = [key for keys in GROUPS.values() for key in keys]
    assert sorted(grouped) == sorted(OPTIONS)


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        (r'chart = "C:\Users\me\blues.chart"', r"write chart = 'C:\Users\me\blues.chart'"),
        (r'chart = "C:\new\tune.chart"  # mine', r"write chart = 'C:\new\tune.chart'"),
        (r'model = "C:\music\"', r"write model = 'C:\music\'"),
        (r'model = "..\models\mine.safetensors"', r"write model = '..\models\mine.safetensors'"),
        ('model = "C:\\it\'s\\x.safetensors"', 'write model = "C:/it\'s/x.safetensors"'),
        ("tempo = \u201c120\u201d", 'write tempo = "120"'),
        ("tempo: 120", "write tempo = 120"),
        ("port: my synth", "write port = 'my synth'"),
        ("port = my synth", "write port = 'my synth'"),
        ("Count-In = 2", "write count_in"),
    ],
)
def test_what_was_meant_is_said(written, line, remedy):
    path = written("swing = 60\n" + line)
    assert refusal(path).endswith(remedy)
    assert str(path) in refusal(path)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (r"chart = 'C:\new\tune.chart'", r"C:\new\tune.chart"),
        (r'chart = "C:\\new\\tune.chart"', r"C:\new\tune.chart"),
        (r'chart = "| C |\n| D |"', "| C |\n| D |"),
        (r'chart = "| C | \"x\" |"', '| C | "x" |'),
        (r'chart = "| B\u266d |"', "| B\u266d |"),
    ],
)
def test_a_backslash_that_is_meant_stays(written, line, value):
    assert load(written(line), {}).chart == value


def test_a_voice_of_the_band_needs_an_octave(written):
    assert refusal(written("bass_low = 40\nbass_high = 45")).endswith(
        "bass_low = 40 and bass_high = 45 leave less than an octave to play in; "
        "bass_high is to be at least bass_low + 12"
    )


@pytest.mark.parametrize("written_so", ["bass, piano, drums", "drums,bass", "piano"])
def test_a_band_is_some_of_three_voices(written_so: str):
    voices = load(None, {"band": written_so}).band_voices
    assert set(voices) == set(written_so.replace(" ", "").split(","))
    assert Config().band_voices == ()
