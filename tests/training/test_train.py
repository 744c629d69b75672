"""Laws of a run of learning: what is learned how, what is held out, and what the card says."""

from dataclasses import replace

import numpy as np
import pytest

from improvd.model import find, load
from improvd.training.measure.evaluate import TooShortError
from improvd.training.read import etudes
from improvd.training.read.corpus import Piece
from improvd.training.read.sources import read
from improvd.training.train import Recipe, evaluated, learn, model_of, prepare
from tests.harness.midi_files import events, line, track, write

QUICK = Recipe(units=8, epochs=2, values=20)


@pytest.fixture(scope="module")
def tune(tmp_path_factory) -> Piece:
    [piece] = read(write(tmp_path_factory.mktemp("tune") / "tune.mid", track(events(line(120)))))
    return piece


def titled(tune: Piece, *titles: str) -> list[Piece]:
    return [replace(tune, name=title) for title in titles]


def test_a_small_corpus_is_learned_by_heart_in_windows_of_thirty(tune):
    lesson = prepare([tune], QUICK)
    m, tx, n_values = lesson.learned[0].shape
    assert lesson.by_heart
    assert m >= 60
    assert tx == 30
    assert n_values == len(lesson.vocabulary) <= 20
    assert lesson.learned[1].shape == (tx, m, n_values)


def test_the_course_s_shape_is_what_improvd_s_own_etudes_have():
    lesson = prepare(etudes.book(), Recipe(vocabulary=load(find("course")).vocabulary))
    assert lesson.learned[0].shape == (60, 30, 78)


def test_a_larger_corpus_holds_out_whole_titles(tune):
    pieces = titled(tune, *(f"{number // 2}" for number in range(80)))
    lesson = prepare(pieces, QUICK)
    held, kept = ({p.name for p in part} for part in (lesson.held_out, lesson.pieces))
    assert not lesson.by_heart
    assert len(held) == 4
    assert not held & kept
    assert len(lesson.held_out) + len(lesson.pieces) == 80
    # The same titles, in whatever order they come.
    again = prepare(pieces[::-1], QUICK)
    assert {p.name for p in again.held_out} == held


def test_how_it_learns_can_be_said(tune):
    pieces = titled(tune, "a", "b", "c")
    assert len(prepare(pieces, replace(QUICK, hold_out=0.4)).held_out) == 1
    many = titled(tune, *map(str, range(60)))
    assert prepare(many, replace(QUICK, hold_out=0)).by_heart
    # Nothing can be held out of one title.
    assert prepare([tune] * 60, replace(QUICK, hold_out=0.5)).by_heart
    assert prepare([tune], replace(QUICK, tx=12)).learned[0].shape[1] == 12


def test_a_vocabulary_can_be_taken_over(tune):
    vocabulary = load(find("course")).vocabulary
    assert prepare([tune], replace(QUICK, vocabulary=vocabulary)).vocabulary is vocabulary


def test_nothing_is_learned_from_nothing():
    with pytest.raises(TooShortError, match="nothing to learn from"):
        prepare([], QUICK)


def test_what_generalises_is_kept_where_it_does_best_on_what_is_held_out(tune):
    lesson = prepare(titled(tune, *map(str, range(40))), replace(QUICK, epochs=8))
    epochs = []
    fitted = learn(lesson, QUICK, epochs.append)
    losses = [epoch.held_out.nats for epoch in fitted.curve]
    assert fitted.kept.held_out.nats == min(losses)
    assert epochs == list(fitted.curve)


def test_the_card_says_what_was_learned_and_how_it_plays(tune):
    lesson = prepare([tune], QUICK)
    fitted = learn(lesson, QUICK)
    model, measured = evaluated(model_of(lesson, fitted, QUICK, "mine"), lesson)
    assert model.card["name"] == "mine"
    assert "1 piece of 120 beats by heart" in model.card["learned"]
    assert "after 2 epochs" in model.card["loss"]
    assert f"512 beats {measured.cycles} cycle" in model.card["plays"]
    assert "of pairs by density" in model.card["answers"]
    assert model.card["unlike real solos in"] == ", ".join(measured.outside(measured.real))
    np.testing.assert_allclose(model.shares.sum(), 1, rtol=1e-5)


def test_shares_by_tempo_need_music_at_every_tempo(tune):
    def tempo_shares(*tempos):
        pieces = [replace(tune, bpm=float(bpm)) for bpm in tempos]
        lesson = prepare(pieces, QUICK)
        return model_of(lesson, learn(lesson, QUICK), QUICK, "mine").tempo_shares

    assert tempo_shares(120, 200) is None
    assert tempo_shares(60, 100, 130, 160, 190, 220, 260).shape[0] == 7
