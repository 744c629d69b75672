"""A student's own network, from Keras to the bytes at a port: the same values, a thousand of them.

It is trained here, on tokens made here, saved as the course's djmodel, taken over with the command,
and played by the daemon.
"""

import json
import time
from contextlib import ExitStack
from operator import eq
from pathlib import Path

import keras
import numpy as np
import pytest
from click.testing import CliRunner

from improvd import performance
from improvd.commands import main
from improvd.config import Config, load
from improvd.core.harmony.chart import parse_chart
from improvd.core.midi.messages import strikes
from improvd.model import load as load_model
from improvd.training.generate import recite, solo
from improvd.training.learn.djmodel import (
    djmodel,
    initializers,
    layers_of,
    music_inference_model,
    predict_and_sample,
)
from improvd.training.learn.fit import fit
from improvd.training.read.corpus import windows
from tests.harness.course import TEXTS
from tests.harness.daemon import DaemonProcess
from tests.harness.jack import JackServer, Synth
from tests.harness.midi_files import BEATS, band
from tests.harness.notes import still_sounding

TOKENS = 1000
N_VALUES, UNITS, TX = len(TEXTS), 48, 12
# Without it a network so sure of itself is chaotic: Keras and NumPy, which round otherwise, part
# company after some hundred values.
STEADYING = 0.05
WRITTEN = {"tempo": 400, "count_in": 0, "seed": 3, "mode": "solo"}
CHART = performance.chart_of(None)


@pytest.fixture(scope="module")
def layers() -> tuple[keras.layers.LSTM, keras.layers.Dense]:
    """A student's layers, trained on a walk through the tokens that hardly repeats itself."""
    draw = np.random.default_rng(7)
    book = [int(value) for value in draw.integers(0, N_VALUES, 160)]
    x, y = windows([book], TX, N_VALUES)
    how = {"n_a": UNITS, "epochs": 300, "seed": 0, "recurrent_dropout": STEADYING}
    return layers_of(fit(x, y, **how).weights)


@pytest.fixture(scope="module")
def theirs(layers: tuple[keras.layers.LSTM, keras.layers.Dense], tmp_path_factory) -> Path:
    """The folder with what the student saves."""
    folder = tmp_path_factory.mktemp("student")
    network = djmodel(TX, *layers, keras.layers.Reshape((1, N_VALUES)))
    network.save(folder / "djmodel.keras")
    (folder / "indices_values.json").write_text(json.dumps(dict(enumerate(TEXTS))))
    values = ["--values", str(folder / "indices_values.json")]
    arguments = ["import", str(folder / "djmodel.keras"), *values]
    output = ["-o", str(folder / "mine.safetensors")]
    result = CliRunner().invoke(main, [*arguments, *output], catch_exceptions=False)
    assert result.exit_code == 0
    assert f"{UNITS} units" in result.stdout
    return folder


def heard_before(folder: Path, **settings: object) -> tuple[int, ...]:
    model = load_model(folder / "mine.safetensors")
    return performance.heard_before(load(None, WRITTEN | settings), model, CHART)


@pytest.fixture(scope="module")
def in_keras(layers, theirs: Path) -> dict[int, list[int]]:
    """The course's own functions, in the present notebook's signatures, by the opening's length."""
    inference = music_inference_model(*layers, Ty=TOKENS + 60)
    played = {}
    for opening in (0, 32):
        heard = heard_before(theirs, opening=opening)
        _, indices = predict_and_sample(inference, *initializers(layers[0], N_VALUES, heard))
        played[opening] = [int(index) for index in indices.ravel()]
    return played


def test_keras_plays_it_offline_to_the_byte(theirs: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(theirs)
    for name, how in (("ours.mid", []), ("keras.mid", ["--keras"])):
        arguments = ["generate", "--model", "mine.safetensors", "-o", name, "--beats", "12", *how]
        assert CliRunner().invoke(main, arguments, catch_exceptions=False).exit_code == 0
    assert Path("ours.mid").read_bytes() == Path("keras.mid").read_bytes()


def test_the_weights_are_the_students(layers, theirs: Path):
    model = load_model(theirs / "mine.safetensors")
    for ours, weights in zip(
        (model.weights.kernel, model.weights.recurrent, model.weights.bias),
        layers[0].get_weights(),
        strict=True,
    ):
        np.testing.assert_array_equal(ours, weights)
    assert model.vocabulary.indices_values == dict(enumerate(TEXTS))


@pytest.mark.parametrize("opening", [0, 32])
def test_offline_a_thousand_values_are_those_of_predict_and_sample(in_keras, theirs, opening):
    model = load_model(theirs / "mine.safetensors")
    config = load(None, WRITTEN | {"opening": opening})
    _, played = solo(config, model, CHART, 700)
    values = [beat.value for beat in played]
    tokens = [token for value in values for token in model.vocabulary.fill(value).tokens]
    assert tokens[:TOKENS] == in_keras[opening][:TOKENS]
    assert len(set(tokens)) > 4
    whole = list(model.vocabulary.beats(in_keras[opening]))
    assert values[: len(whole)] == whole[: len(values)]


def test_each_note_begins_where_its_tokens_before_have_ended(theirs):
    """Within a tick, of which a beat has twelve, and where no swing moves it."""
    model = load_model(theirs / "mine.safetensors")
    config = load(None, WRITTEN | {"swing": 50})
    take, played = solo(config, model, CHART, 200)
    timeline = take.beats[0].start_ns, 60e9 / 400
    assert len(take.messages) > 300
    onsets = [(due - timeline[0]) / timeline[1] for due, each in take.messages if strikes(each)]
    pulse, due = 0, []
    for value in (beat.value for beat in played):
        for token in (model.vocabulary.tokens[i] for i in model.vocabulary.fill(value).tokens):
            due += [pulse / 480] if token.kind != "R" else []
            pulse += token.length
    for onset in onsets:
        assert min(abs(onset - each) for each in due) <= 1 / 12 + 1e-3


def test_one_value_a_beat_if_that_is_wished(in_keras, theirs):
    model = load_model(theirs / "mine.safetensors")
    _, played = solo(load(None, WRITTEN | {"step": "beat"}), model, CHART, 100)
    tokens = [token for beat in played for token in model.vocabulary.fill(beat.value).tokens]
    assert tokens == in_keras[32][:100]


def test_live_the_bytes_at_a_port_are_those_of_kerass_thousand_values(
    jack: JackServer, in_keras, theirs: Path, tmp_path: Path
):
    model = load_model(theirs / "mine.safetensors")
    config = load(None, WRITTEN)
    whole = len(list(model.vocabulary.beats(in_keras[32])))
    take, beats = recite(config, model, CHART, in_keras[32], whole)
    notes = [message for _, message in take.messages]
    count = next(n for n in range(whole) if _tokens(model, beats[:n]) >= TOKENS)

    options = [("--" + key.replace("_", "-"), str(value)) for key, value in WRITTEN.items()]
    options += [("--port", "student"), ("--model", str(theirs / "mine.safetensors"))]
    with ExitStack() as around:
        synth = around.enter_context(Synth("student", "keys"))
        jam = around.enter_context(DaemonProcess(*sum(options, ()), env=jack.env, cwd=tmp_path))
        heard, deadline = list(synth.heard()), time.monotonic() + 240
        while len(jam.beats) < count + 2:
            assert time.monotonic() < deadline
            time.sleep(0.1)
            heard += synth.heard()
        assert jam.leave() == 0
        heard += synth.heard()
    assert still_sounding(heard) == set()
    due = _messages_up_to(take, beats[count].start_ns)
    assert len(heard) >= due > TOKENS
    assert heard[:due] == notes[:due]


def _tokens(model, beats) -> int:
    return sum(len(model.vocabulary.fill(beat.value).tokens) for beat in beats)


def _messages_up_to(take, ns: int) -> int:
    return sum(due < ns for due, _ in take.messages)


# -- what is refused, and how --------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "values", "sentence"),
    [
        ("none.keras", TEXTS, "none.keras: there is no such file"),
        ("rubbish.keras", TEXTS, "rubbish.keras: "),
        ("two.keras", TEXTS, "two.keras: it has 2 LSTM layers"),
        ("djmodel.keras", TEXTS[:-1], "has 14 entries, where one each is due"),
        ("djmodel.keras", [*TEXTS[:-1], "C;1"], "'C;1' is not a value of the course's"),
        ("djmodel.keras", 5, "is not indices_values"),
        ("djmodel.keras", {}, "is not indices_values"),
    ],
)
def test_bad_files_are_one_sentence(theirs, tmp_path, network, values, sentence):
    (theirs / "rubbish.keras").write_bytes(b"PK rubbish")
    if network == "two.keras":
        x = keras.Input((3, N_VALUES))
        y = keras.layers.LSTM(4)(keras.layers.LSTM(4, return_sequences=True)(x))
        keras.Model(x, keras.layers.Dense(N_VALUES)(y)).save(theirs / network)
    (tmp_path / "values.json").write_text(json.dumps(values))
    arguments = ["import", str(theirs / network), "--values", str(tmp_path / "values.json")]
    output = ["-o", str(tmp_path / "mine.safetensors")]
    result = CliRunner().invoke(main, [*arguments, *output], catch_exceptions=False)
    assert result.exit_code == 2
    [line] = result.stderr.splitlines()
    assert sentence in line
    assert not (tmp_path / "mine.safetensors").exists()


@pytest.mark.parametrize("values", [{text: i for i, text in enumerate(TEXTS)}, TEXTS])
def test_values_may_stand_the_other_way_round_or_in_a_list(theirs, tmp_path, values):
    if isinstance(values, dict) and len(values) < N_VALUES:
        pytest.skip("a text stands twice")
    (tmp_path / "values.json").write_text(json.dumps(values))
    arguments = ["import", str(theirs / "djmodel.keras")]
    arguments += ["--values", str(tmp_path / "values.json"), "-o", str(tmp_path / "m.safetensors")]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert (tmp_path / "m.safetensors").read_bytes() == (theirs / "mine.safetensors").read_bytes()


def test_it_plays_on_the_harmony_of_the_courses_own_music(theirs, tmp_path):
    music, values = band(tmp_path / "original.mid"), theirs / "indices_values.json"
    arguments = ["import", str(theirs / "djmodel.keras"), "--values", str(values)]
    arguments += ["--harmony", str(music), "-o", str(tmp_path / "m.safetensors")]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert f"--chart {tmp_path / 'm.chart'}" in result.stdout.splitlines()[-1]
    written = parse_chart((tmp_path / "m.chart").read_text())
    assert len(written) == BEATS, "the piece's own shape"
    theirs_there = [CHART.at(beat).chord.root for beat in range(BEATS)]
    heard = [written.at(beat).chord.root for beat in range(BEATS)]
    assert sum(map(eq, heard, theirs_there)) > 0.9 * BEATS
    played = ["generate", "--model", str(tmp_path / "m.safetensors"), "-o", str(tmp_path / "s.mid")]
    on_it = CliRunner().invoke(main, [*played, "--chart", str(tmp_path / "m.chart")])
    assert on_it.exit_code == 0, on_it.output


def test_what_has_no_harmony_is_one_sentence(theirs, tmp_path):
    (tmp_path / "no.mid").write_bytes(b"rubbish")
    values = theirs / "indices_values.json"
    arguments = ["import", str(theirs / "djmodel.keras"), "--values", str(values)]
    arguments += ["--harmony", str(tmp_path / "no.mid"), "-o", str(tmp_path / "m.safetensors")]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 2
    assert "no.mid" in result.stderr
    assert not (tmp_path / "m.safetensors").exists()


def test_it_listens_and_answers_in_its_own_tokens(theirs):
    model = load_model(theirs / "mine.safetensors")
    config = Config(count_in=0, seed=3, mode="answer", tempo=120)
    jam = performance.offline(config, performance.improviser(config, model), model, CHART)
    jam.hear(0, bytes((0x90, 70, 80)))
    jam.hear(300_000_000, bytes((0x80, 70, 64)))
    xs = []
    while len(xs) < 12:
        jam.turn(jam.wake())
        xs += [(beat.x, beat.heard, beat.value) for beat in jam.beats]
        jam.beats.clear()
    heard = [model.vocabulary.fill(x) for x, from_musician, _ in xs if from_musician]
    assert [TEXTS[fill.tokens[0]][0] for fill in heard if fill.tokens] in (["C"], ["S"], ["A"])
    assert any(value for *_, value in xs)
