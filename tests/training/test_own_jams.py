"""A model learns on from jams that took place, and if it is better by others takes its place."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from improvd.commands import main
from improvd.config import Config
from improvd.model import digest, find, load, save, take_place
from improvd.service.recorder.recording import Recording
from improvd.service.recorder.replay import Replay
from improvd.training import from_jams, own_jams
from improvd.training.measure.evaluate import TooShortError, evaluate, foresight, values_of
from improvd.training.read import etudes
from improvd.training.read.sources import read_all
from tests.harness.own_jams import newest, play

QUICK = ("--epochs", "4", "--jobs", "1")


@pytest.fixture(scope="module")
def jams(tmp_path_factory) -> Path:
    """Somebody has played the etudes to improvd on ten evenings."""
    folder = tmp_path_factory.mktemp("state") / "improvd" / "improvd" / "jams"
    for etude in etudes.book()[:10]:
        play(folder, etude, mode="trade 64")
    return folder


def train(jams: Path, *words: object) -> Result:
    state = str(jams.parents[2])
    runner = CliRunner(env={"XDG_STATE_HOME": state, "STATE_DIRECTORY": ""})
    return runner.invoke(main, ["train", "--jams", *map(str, words)])


def test_a_better_model_takes_its_place_and_says_by_what(jams, tmp_path):
    output = tmp_path / "mine.safetensors"
    result = train(jams, "-o", output, "--model", "general", *QUICK)
    assert result.exit_code == 0, result.output
    assert "The model general learns on.\n" in result.output
    assert "The new model is better: its perplexity on your held-out jams is" in result.output
    model, before = load(output), load(find("general"))
    pieces = own_jams.part(read_all([jams]).pieces).scoring
    books = values_of(pieces, before.vocabulary)
    assert foresight(model.weights, books)[0] < foresight(before.weights, books)[0]
    assert model.card["name"] == "mine"
    assert "held out" in model.card["learned on from"]
    assert model.temperature == before.temperature


def test_too_little_played_is_told_with_how_much_is_needed(tmp_path):
    folder = tmp_path / "improvd" / "improvd" / "jams"
    play(folder, etudes.book()[0], mode="trade 64")
    result = train(folder)
    assert result.exit_code == 1
    last = result.output.splitlines()[-1]
    assert last.startswith("Too little to learn from: 9")
    assert last.endswith("where 600 are needed: play for some 6 minutes more.")
    assert not (folder.parent / "mine.safetensors").exists()


def test_who_learns_on_is_the_model_of_last_time_or_one_that_is_sampled(tmp_path, capsys):
    mine = tmp_path / "mine.safetensors"
    contours, wide = load(find("contours")), load(find("wide"))
    by_heart = from_jams.present(Config(model="course"), mine, named=False)
    assert by_heart.vocabulary.id == contours.vocabulary.id
    assert "course plays its likeliest beats" in capsys.readouterr().out
    assert from_jams.present(Config(model="wide"), mine, named=False).card == wide.card
    save(mine, load(find("general")))
    assert from_jams.present(Config(model="wide"), mine, named=False).card["name"] == "general"
    named = from_jams.present(Config(model="course"), mine, named=True)
    assert named.card == load(find("course")).card


def test_where_nothing_was_recorded_it_says_so(tmp_path):
    result = train(tmp_path / "improvd" / "improvd" / "jams")
    assert result.exit_code == 1
    assert "0 beats of your jams" in result.output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--values", 80], "--values: says nothing with --jams"),
        (["--model", "nobody"], "nobody: no model of this name"),
        (["-o", "/nowhere/mine.safetensors"], "there is no folder /nowhere"),
    ],
)
def test_bad_input_is_one_sentence(jams, words, sentence):
    result = train(jams, *words)
    assert result.exit_code == 2
    assert sentence in result.output
    assert len(result.output.splitlines()) == 1


def test_the_parts_have_whole_jams_and_none_in_common(jams):
    pieces = read_all([jams]).pieces
    parts = own_jams.part(pieces)
    names = [
        {piece.name for piece in part} for part in (parts.learned, parts.choosing, parts.scoring)
    ]
    assert all(names)
    assert sum(map(len, names)) == len(set.union(*names)) == 10
    assert own_jams.part(pieces[::-1]).scoring == parts.scoring[::-1]


def test_few_jams_are_parted_by_stretches_and_one_long_one_cannot_be(jams):
    pieces = [replace(piece, name="tonight") for piece in read_all([jams]).pieces]
    parts = own_jams.part(pieces)
    assert all((parts.learned, parts.choosing, parts.scoring))
    [longest] = [max(pieces, key=lambda piece: len(piece.harmonies))]
    long = replace(
        longest,
        harmonies=longest.harmonies * 8,
        notes=tuple(
            replace(note, onset=note.onset + again * 480 * len(longest.harmonies))
            for again in range(8)
            for note in longest.notes
        ),
    )
    with pytest.raises(TooShortError, match="one long stretch"):
        own_jams.part([long])


@pytest.fixture(scope="module")
def same() -> own_jams.Comparison:
    """The verdict on a model that has not changed."""
    plays = evaluate(load(find("general")), etudes.book()[:4], 1.0)
    return own_jams.Comparison(4.0, 4.0, 0.0, plays, plays, own=plays.played)


def test_a_model_that_is_no_better_stays(same):
    assert not same.better
    assert "The present model stays, since the new one is not surely better" in same.sentence


def test_foreseeing_better_is_not_enough_for_one_that_goes_round_in_circles(same):
    stuck = replace(same, surely=0.5, plays=replace(same.plays, cycles=3))
    assert "the new one goes round in circles" in stuck.sentence
    assert not stuck.better


def test_what_is_unlike_real_solos_may_be_like_the_musician(same):
    sparse = replace(same.plays, played={**same.plays.played, "notes per beat": 0.8})
    to_them = replace(same, surely=0.1, plays=sparse, own={**same.own, "notes per beat": 0.7})
    assert to_them.better
    away = replace(to_them, own={**same.own, "notes per beat": 1.6})
    assert "unlike you, in notes per beat" in away.sentence


def test_a_jam_is_replayed_with_the_model_whose_place_was_taken(tmp_path):
    mine = tmp_path / "mine.safetensors"
    save(mine, load(find("general")))
    played_with = digest(mine)
    play(tmp_path / "jams", etudes.book()[0], only=[range(8)], model=str(mine), beats=24)
    kept = take_place(mine, load(find("contours")))
    assert digest(kept) == played_with != digest(mine)
    recording = Recording(newest(tmp_path / "jams"))
    again = Replay(recording.opened.rules)
    again.play(recording.events())
    assert again.parted is None
    assert again.same > 4
