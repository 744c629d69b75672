"""Laws of the model file: what is read fits together, and what does not is one sentence."""

import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors
import safetensors.numpy

from improvd import model as model_module
from improvd import models
from improvd.core.arrays import Float32Array
from improvd.core.network.cell import Weights
from improvd.core.network.vocabulary import Vocabulary
from improvd.core.realising.templates import SIZE
from improvd.model import Model, ModelError, digest, even_shares, find, load, save

VOCABULARY = Vocabulary([[[0, 1, 0]], [[0, -1, 0], [6, 2, 1]], [[6, 0, 0]]])
N_VALUES, N_A = len(VOCABULARY), 2


def small_weights() -> Weights:
    draw = np.random.default_rng(1)
    return Weights(
        draw.normal(size=(N_VALUES, 4 * N_A)),
        draw.normal(size=(N_A, 4 * N_A)),
        draw.normal(size=4 * N_A),
        draw.normal(size=(N_A, N_VALUES)),
        draw.normal(size=N_VALUES),
    )


def small_model() -> Model:
    shares = np.array([0.4, 0.1, 0.2, 0.2, 0.1], dtype=np.float32)
    return Model(
        small_weights(),
        VOCABULARY,
        {"title": "a test", "corpus": "random numbers"},
        shares,
        np.stack([shares, shares[::-1]]),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "small.safetensors"
    save(path, small_model())
    return path


def stored(path: Path) -> tuple[dict[str, Float32Array], dict[str, str]]:
    with safetensors.safe_open(path, "numpy") as file:
        return safetensors.numpy.load_file(path), file.metadata()


def rewritten(
    path: Path, tensors: Mapping[str, Float32Array | None], metadata: Mapping[str, str | None]
) -> Path:
    """The file with some tensors and entries changed, or left out where None."""
    old_tensors, old_metadata = stored(path)
    new_tensors = {k: v for k, v in {**old_tensors, **tensors}.items() if v is not None}
    new_metadata = {k: v for k, v in {**old_metadata, **metadata}.items() if v is not None}
    path.write_bytes(safetensors.numpy.save(new_tensors, new_metadata))
    return path


def assert_one_sentence(error: pytest.ExceptionInfo[ModelError], path: Path) -> None:
    text = str(error.value)
    assert text.startswith(f"{path}: ")
    assert "\n" not in text
    assert "name another model" in text


def test_what_is_saved_comes_back(path: Path):
    before, after = small_model(), load(path)
    for name in Weights.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(after.weights, name), getattr(before.weights, name))
    assert after.vocabulary.id == VOCABULARY.id
    assert after.vocabulary.figures == VOCABULARY.figures
    assert dict(after.card) == dict(before.card)
    np.testing.assert_array_equal(after.shares, before.shares)
    assert after.tempo_shares is not None
    np.testing.assert_array_equal(after.tempo_shares, before.tempo_shares)


def test_a_model_without_tempo_shares_has_none(tmp_path: Path):
    path = tmp_path / "plain"
    save(path, Model(small_weights(), VOCABULARY, {}, even_shares(N_VALUES)))
    assert load(path).tempo_shares is None


def pushed(pushes: object) -> Model:
    table = np.array(pushes, dtype=np.float32)
    return Model(small_weights(), VOCABULARY, {}, even_shares(N_VALUES), pushes=table)


def test_how_far_a_model_yields_travels_in_the_file(tmp_path: Path):
    path = tmp_path / "yields"
    before = pushed([[1.0, 1.5, 2.5], [-0.1, 0.0, 0.2]])
    save(path, before)
    np.testing.assert_array_equal(load(path).pushes, before.pushes)


@pytest.mark.parametrize(
    ("pushes", "wrong"),
    [
        ([1.0, 2.0], "pushes has shape"),
        ([[1.0], [0.0], [0.0]], "pushes has shape"),
        ([[], []], "pushes has shape"),
        ([[1.0, 2.0], [0.0, np.nan]], "pushes holds a number that is not finite"),
        ([[2.0, 1.0], [0.0, 0.1]], "pushes has rows that do not ascend"),
    ],
)
def test_pushes_in_which_nothing_can_be_looked_up_are_refused(pushes, wrong):
    with pytest.raises(ModelError, match=wrong):
        pushed(pushes)


def of_contours(realisation: Float32Array) -> Model:
    vocabulary = Vocabulary([[[0, 5]], [[0, -5], [6, 0]], [[6, 5]]])
    shares = even_shares(N_VALUES)
    return Model(small_weights(), vocabulary, {}, shares, realisation=realisation)


def test_a_realisation_travels_in_the_file_and_chooses_by_a_seed(tmp_path: Path):
    path = tmp_path / "contours"
    realisation = np.linspace(-1, 1, SIZE, dtype=np.float32)
    save(path, of_contours(realisation))
    again = load(path)
    assert again.vocabulary.has_contours
    np.testing.assert_array_equal(again.realisation, realisation)
    assert again.realiser(3) is not None
    assert small_model().realiser(3) is None


def test_a_realisation_that_cannot_choose_is_refused(path: Path):
    realisation = np.zeros(SIZE, dtype=np.float32)
    with pytest.raises(ModelError, match="realisation has shape"):
        of_contours(realisation[1:])
    with pytest.raises(ModelError, match="not finite"):
        of_contours(realisation + np.float32(np.nan))
    rewritten(path, {"realisation": realisation}, {})
    with pytest.raises(ModelError, match="its vocabulary says the pitches itself") as error:
        load(path)
    assert_one_sentence(error, path)


def test_a_file_without_shares_counts_every_value_alike(path: Path):
    rewritten(path, {"shares": None, "tempo_shares": None}, {})
    np.testing.assert_allclose(load(path).shares, np.full(N_VALUES, 1 / N_VALUES))


def test_the_same_model_is_the_same_file_in_every_process(path: Path, tmp_path: Path):
    # safetensors orders metadata by a hash that each process seeds anew
    again = tmp_path / "again.safetensors"
    program = (
        "import sys; from pathlib import Path; from improvd.model import load, save;"
        "save(Path(sys.argv[2]), load(Path(sys.argv[1])))"
    )
    root = Path(__file__).parent.parent
    for _ in range(3):
        subprocess.run([sys.executable, "-c", program, path, again], check=True, cwd=root)
        assert again.read_bytes() == path.read_bytes()
        assert digest(again) == digest(path)


def test_the_file_is_one_that_safetensors_reads(path: Path):
    tensors, metadata = stored(path)
    assert set(tensors) == {*Weights.__dataclass_fields__, "shares", "tempo_shares"}
    assert metadata["format"] == "improvd-model"
    assert metadata["vocabulary_id"] == VOCABULARY.id
    assert metadata["title"] == "a test"


def test_a_file_cut_short_anywhere_is_refused(path: Path, tmp_path: Path):
    whole = path.read_bytes()
    cut = tmp_path / "cut.safetensors"
    for length in range(len(whole)):
        cut.write_bytes(whole[:length])
        with pytest.raises(ModelError) as error:
            load(cut)
        assert_one_sentence(error, cut)


def test_a_damaged_byte_never_escapes_as_another_error(path: Path, tmp_path: Path):
    whole = bytearray(path.read_bytes())
    damaged = tmp_path / "damaged.safetensors"
    for place in range(len(whole)):
        for byte in (0x00, 0x7F, 0xFF, whole[place] ^ 1):
            damaged.write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
            try:
                load(damaged)
            except ModelError as error:
                assert str(error).startswith(f"{damaged}: ")  # noqa: PT017 - some bytes may change


@pytest.mark.parametrize(
    "content",
    [b"", b"MThd\x00\x00\x00\x06", b"\xff" * 100, b"{}" * 50, b"\x02" + bytes(7) + b"{}"],
)
def test_what_is_no_model_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "strange"
    path.write_bytes(content)
    with pytest.raises(ModelError) as error:
        load(path)
    assert_one_sentence(error, path)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path):
    with pytest.raises(ModelError, match="No such file") as error:
        load(tmp_path / "nowhere")
    assert_one_sentence(error, tmp_path / "nowhere")
    with pytest.raises(ModelError, match="No such file"):
        digest(tmp_path / "nowhere")


def test_a_folder_is_no_model(tmp_path: Path):
    with pytest.raises(ModelError, match="directory") as error:
        load(tmp_path)
    assert_one_sentence(error, tmp_path)


@pytest.mark.parametrize(
    ("metadata", "problem"),
    [
        ({"format": "another"}, "not a model of improvd's"),
        ({"format": None}, "not a model of improvd's"),
        ({"version": "2"}, "its format is version 2, this improvd reads 1"),
        ({"version": None}, "its format is version None"),
        ({"vocabulary": "[[[0,2,0]],[[0,-1,0],[6,2,1]],[[6,0,0]]]"}, "does not match the hash"),
        ({"vocabulary_id": None}, "does not match the hash"),
        ({"vocabulary_id": "0" * 64}, "does not match the hash"),
        ({"vocabulary": "[[[0,2"}, "vocabulary"),
        ({"vocabulary": "{}"}, "vocabulary"),
        ({"vocabulary": None}, "vocabulary"),
    ],
)
def test_metadata_that_does_not_fit_is_named(
    path: Path, metadata: dict[str, str | None], problem: str
):
    rewritten(path, {}, metadata)
    with pytest.raises(ModelError, match=problem) as error:
        load(path)
    assert_one_sentence(error, path)


def test_a_vocabulary_of_another_size_is_refused(path: Path):
    other = Vocabulary(VOCABULARY.figures[:2])
    rewritten(path, {}, {"vocabulary": other.to_json(), "vocabulary_id": other.id})
    with pytest.raises(ModelError, match="vocabulary has 4 values, its weights have 5") as error:
        load(path)
    assert_one_sentence(error, path)


@pytest.mark.parametrize("name", [*Weights.__dataclass_fields__, "shares", "tempo_shares"])
def test_a_tensor_that_is_wrong_is_named(path: Path, name: str):
    good = stored(path)[0][name]
    for wrong in (np.nan, np.inf, -np.inf):
        bad = good.copy()
        bad.flat[-1] = wrong
        rewritten(path, {name: bad}, {})
        with pytest.raises(ModelError, match=f"{name} holds a number that is not finite") as error:
            load(path)
        assert_one_sentence(error, path)
    rewritten(path, {name: np.ascontiguousarray(good[..., :-1])}, {})
    with pytest.raises(ModelError, match=r"has shape .* due|values") as error:
        load(path)
    assert_one_sentence(error, path)
    rewritten(path, {name: good.astype(np.float64)}, {})
    with pytest.raises(ModelError, match=f"{name} is stored as F64, where F32 is due") as error:
        load(path)
    assert_one_sentence(error, path)


@pytest.mark.parametrize("name", Weights.__dataclass_fields__)
def test_a_tensor_that_is_missing_is_named(path: Path, name: str):
    rewritten(path, {name: None}, {})
    with pytest.raises(ModelError, match=f": {name} is missing") as error:
        load(path)
    assert_one_sentence(error, path)


@pytest.mark.parametrize("name", ["shares", "tempo_shares"])
def test_shares_below_zero_or_all_zero_are_refused(path: Path, name: str):
    good = stored(path)[0][name]
    for bad in (-good, np.zeros_like(good)):
        rewritten(path, {name: bad}, {})
        with pytest.raises(ModelError, match=f": {name} holds shares below zero, or nothing"):
            load(path)


def test_a_card_may_not_use_the_files_own_names():
    with pytest.raises(ModelError, match="vocabulary_id"):
        Model(small_weights(), VOCABULARY, {"vocabulary_id": "x"}, even_shares(N_VALUES))


def test_saving_replaces_whole_and_leaves_nothing_beside(path: Path):
    old = path.read_bytes()
    save(path, Model(small_weights(), VOCABULARY, {}, even_shares(N_VALUES)))
    assert path.read_bytes() != old
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    assert stat.S_IMODE(path.stat().st_mode) & stat.S_IRUSR


def test_a_failed_save_keeps_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch):
    old = path.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ModelError, match=r"cannot be written .No space left on device"):
        save(path, Model(small_weights(), VOCABULARY, {}, even_shares(N_VALUES)))
    assert path.read_bytes() == old
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_saving_into_no_folder_is_one_sentence(tmp_path: Path):
    with pytest.raises(ModelError, match=r"cannot be written .No such file"):
        save(tmp_path / "nowhere" / "x.safetensors", small_model())


def test_a_model_is_found_by_built_in_name_or_by_path(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(models, "BUILT_IN", {"default": Path("a"), "blues": Path("b")})
    assert find("blues") == Path("b")
    assert find(path) == path
    assert find(str(path)) == path
    with pytest.raises(ModelError, match=r"bluse: no model of this name .* default, blues$"):
        find("bluse")


def test_every_built_in_model_loads():
    for name in model_module.BUILT_IN:
        assert load(find(name)).card


def test_loading_needs_no_keras():
    program = "import sys, improvd.model; sys.exit('keras' in sys.modules)"
    root = Path(__file__).parent.parent
    subprocess.run([sys.executable, "-c", program], check=True, cwd=root)


# -- what it was made to be sampled at ---------------------------------------------------------


@pytest.mark.parametrize(("name", "temperature"), [("default", 0), ("general", 1), ("wide", 1)])
def test_a_built_in_model_says_what_it_was_made_to_be_sampled_at(name, temperature):
    assert load(find(name)).temperature == temperature


@pytest.mark.parametrize("written", ["hot", "-1", "5.5", "nan", ""])
def test_a_card_with_no_temperature_that_can_be_is_refused(written):
    model = load(find("default"))
    with pytest.raises(ModelError, match="temperature is"):
        replace(model, card={**model.card, "temperature": written})
