"""The etude books and the models that know them, as they lie in the repository."""

import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from improvd.core.network.cell import Cell
from improvd.model import load
from improvd.training.learn.settings import TX
from improvd.training.measure import measures, scorecard
from improvd.training.measure.evaluate import REGISTER
from improvd.training.read import etudes
from improvd.training.read.corpus import sing, windows
from improvd.training.recipes import book
from improvd.training.recipes.etude_plans import ETUDE_PLANS

BEATS = 10_000
EDITIONS = list(book.EDITIONS.values())


@pytest.fixture(scope="module", params=EDITIONS, ids=[edition.name for edition in EDITIONS])
def edition(request):
    return request.param


@pytest.fixture(scope="module")
def its_book(edition):
    return book.read_book(edition.folder)


@pytest.fixture(scope="module")
def alone(edition):
    """What the model plays by plain argmax from the zero state, no guard in between."""
    cell = Cell(load(edition.model_file).weights)
    value = None
    values = []
    for _ in range(BEATS):
        cell.step(value)
        value = int(cell.logits.argmax())
        values.append(value)
    return values


# -- the books -------------------------------------------------------------------------------


def test_a_book_is_the_courses_60_windows_of_30(edition, its_book):
    x, y = windows(its_book.values, TX, len(its_book.vocabulary))
    assert x.shape == (60, 30, edition.n_values)
    assert y.shape == (30, 60, edition.n_values)


def test_the_etudes_cover_every_subject(its_book):
    assert [etude.name for etude in its_book.etudes] == [subject.name for subject in ETUDE_PLANS]
    kinds = {"swing", "blues", "two-five-one", "modal", "ballad", "bossa"}
    assert kinds <= {kind for kind in kinds for each in its_book.etudes if kind in each.name}


def test_no_etude_holds_its_breath_or_rests_too_long(its_book):
    for etude, values in zip(its_book.etudes, its_book.values, strict=True):
        assert measures.longest_phrase(values) <= 24, etude.name
        assert measures.longest_silence(values) <= scorecard.MOST_EMPTY, etude.name


def test_a_book_written_and_read_is_the_same_book(its_book, tmp_path):
    book.write_book(tmp_path / "again", its_book)
    again = book.read_book(tmp_path / "again")
    assert again.etudes == its_book.etudes
    assert again.vocabulary.id == its_book.vocabulary.id
    assert again.seed == its_book.seed
    np.testing.assert_array_equal(again.shares, its_book.shares)
    np.testing.assert_array_equal(again.tempo_shares, its_book.tempo_shares)


def test_a_model_speaks_the_values_of_its_book(edition, its_book):
    learned = load(edition.model_file)
    assert learned.vocabulary.id == its_book.vocabulary.id
    np.testing.assert_array_equal(learned.shares, its_book.shares)
    np.testing.assert_array_equal(learned.tempo_shares, its_book.tempo_shares)


# -- what they play alone --------------------------------------------------------------------


def test_a_model_alone_never_cycles_nor_falls_silent(alone):
    assert measures.cycle(alone, longest=2000) is None
    assert measures.longest_silence(alone) <= scorecard.MOST_EMPTY


def test_the_loop_guard_has_nothing_to_do(alone):
    assert scorecard.guard_calls(alone) == 0


def test_a_model_plays_at_once_and_in_phrases(alone, edition):
    onsets = load(edition.model_file).vocabulary.onsets[alone[:16]]
    assert onsets[0] > 0
    assert onsets.sum() >= 8
    assert measures.longest_phrase(alone[:1000]) <= 24


def test_the_guard_is_counted_where_it_would_step_in():
    assert scorecard.guard_calls([5] * 59) == 0
    assert scorecard.guard_calls([5] * 60) == 1
    assert scorecard.guard_calls([0] * 9) == 1
    assert scorecard.guard_calls(list(range(100))) == 0


# -- measures that dice do not pass ------------------------------------------------------------


def test_dice_and_shuffled_beats_are_told_from_music_by_order(edition, its_book, alone):
    draw = np.random.default_rng(0)
    chords = its_book.etudes[0].harmonies
    harmonies = [chords[n % len(chords)] for n in range(512)]
    bands = measures.real_bands()

    def outside(values):
        line = sing(values, harmonies, its_book.vocabulary, etudes.START, REGISTER)
        measured = measures.measure_solo(values, line, harmonies)
        return set(measures.outside(measured, bands)) & set(measures.ORDER)

    shares = its_book.shares.astype(float)
    shares /= shares.sum()
    played = alone[:512]
    assert len(outside(played)) < 2
    for _ in range(5):
        assert len(outside(draw.choice(len(shares), 512, p=shares).tolist())) >= 2
        assert len(outside(draw.permutation(played).tolist())) >= 2


# -- the commands ------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["compose", "score"])
def test_without_the_solos_it_says_what_is_due(command, tmp_path):
    result = CliRunner().invoke(book.main, [command, str(tmp_path / "none.jsonl.gz")])
    assert result.exit_code == 2
    [sentence] = result.stderr.splitlines()
    assert "none.jsonl.gz: no such file; give the Weimar Jazz Database's solos" in sentence


def test_a_file_that_holds_no_solos_is_named(tmp_path):
    (tmp_path / "solos.jsonl").write_text("{}\n")
    result = CliRunner().invoke(book.main, ["score", str(tmp_path / "solos.jsonl")])
    assert result.exit_code == 2
    assert "solos.jsonl: holds no solo that can be learned from" in result.stderr


def test_learned_again_from_its_book_a_model_is_the_same_file(edition, tmp_path):
    command = [sys.executable, "-m", "improvd.training.recipes.book", "train", edition.name]
    done = subprocess.run([*command, "--to", tmp_path], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    again = tmp_path / edition.model_file.name
    kept, learned = load(edition.model_file), load(again)
    assert learned.vocabulary.id == kept.vocabulary.id
    nats = [float(each.card["loss"].split()[0]) for each in (kept, learned)]
    assert nats[1] == pytest.approx(nats[0], abs=0.1)
    if learned.card["made with"] != kept.card["made with"]:
        pytest.skip(f"made with {kept.card['made with']}, not {learned.card['made with']}")
    assert again.read_bytes() == edition.model_file.read_bytes()
