"""The default model as it ships, and the recipe that makes it."""

import numpy as np
import pytest

from improvd.core.music import HOLD, REST
from improvd.core.network.cell import Cell
from improvd.core.network.guard import MOST_EMPTY_BEATS
from improvd.model import find, load
from improvd.training.learn import realising
from improvd.training.measure import measures, scorecard
from improvd.training.measure.evaluate import HEARD, play_on, values_of
from improvd.training.read import etudes
from improvd.training.read.corpus import NOTHING
from improvd.training.recipes import default
from improvd.training.recipes.teacher import Split

MODEL = load(find("default"))
BEATS = 10_000


@pytest.fixture(scope="module")
def alone():
    """What it plays by plain argmax from the zero state, no guard in between."""
    cell = Cell(MODEL.weights)
    value, values = None, []
    for _ in range(BEATS):
        cell.step(value)
        value = int(cell.logits.argmax())
        values.append(value)
    return values


@pytest.fixture(scope="module")
def going_on():
    """How it goes on from the beginning of each etude, none of which it knows."""
    books = values_of(etudes.book(), MODEL.vocabulary)
    heard = [[NOTHING, *book[:HEARD]] for book in books]
    return play_on(MODEL.weights, heard, 512).tolist()


def test_it_is_played_by_argmax_and_has_the_realisation_that_ships():
    assert MODEL.temperature == 0.0
    assert not MODEL.phrases
    np.testing.assert_array_equal(MODEL.realisation, realising.load())


def test_alone_it_never_cycles_and_the_loop_guard_has_next_to_nothing_to_do(alone):
    assert measures.cycle(alone, longest=2000) is None
    assert scorecard.guard_calls(alone) <= 10
    assert measures.longest_silence(alone) <= MOST_EMPTY_BEATS + 4
    assert measures.heard_again(alone, 120.0) < 0.01


def test_no_two_of_its_solos_share_what_they_play(going_on, alone):
    solos = [*going_on, alone[:512]]
    assert [measures.cycle(solo) for solo in solos] == [None] * len(solos)
    assert measures.shared(solos, {REST, HOLD}) < 0.01


def test_it_plays_as_often_as_soloists_do(going_on):
    played = np.bincount(np.concatenate(going_on), minlength=len(MODEL.vocabulary))
    played = played / played.sum()
    assert played[: HOLD + 1].sum() == pytest.approx(MODEL.shares[: HOLD + 1].sum(), abs=0.06)
    assert np.abs(played - MODEL.shares).sum() < 0.35


def test_it_knows_how_far_it_yields_to_a_push():
    notes, pushes = MODEL.pushes
    assert (np.diff(notes) > 0).all()
    assert notes[0] < 1.4
    assert notes[-1] > 3.0
    assert 0.0 in np.round(pushes, 6)


def test_long_silences_are_cut_short_before_anybody_learns_them():
    long = [5, *[REST] * 20, 6, HOLD, *[REST] * 3, 7]
    short = default.without_long_silences(long)
    assert short == [5, *[REST] * default.MOST_EMPTY, 6, HOLD, *[REST] * 3, 7]


def test_the_recipe_makes_a_model_that_plays(monkeypatch):
    monkeypatch.setattr(default, "EPOCHS", (2, 2))
    monkeypatch.setattr(default, "VALUES", 40)
    monkeypatch.setattr(default, "UNITS", 16)
    monkeypatch.setattr(default, "EVENINGS", 3)
    pieces = etudes.book()
    made = default.learn(Split(teacher=pieces[:10], selection=pieces[10:13], scoring=[]))
    assert len(made.vocabulary) == made.weights.n_values == 40
    assert made.weights.n_a == 16 + default.RESERVOIR
    [played] = play_on(made.weights, [[NOTHING]], 1000).tolist()
    assert measures.cycle(played) is None
    assert len(set(played)) > 20
