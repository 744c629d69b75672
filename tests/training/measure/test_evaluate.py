"""The measures of how a model plays agree with what is known otherwise."""

from dataclasses import replace

import numpy as np
import pytest

from improvd.core.music import HOLD, REST
from improvd.core.network.cell import Weights
from improvd.model import Model, even_shares, find, load
from improvd.training.learn.fit import measure
from improvd.training.measure import streams
from improvd.training.measure.evaluate import (
    TooShortError,
    bits,
    evaluate,
    foresight,
    guarded,
    play_on,
    table,
    values_of,
)
from improvd.training.read import etudes
from improvd.training.read.corpus import NOTHING, windows

COURSE = load(find("course"))
BOOK = etudes.book()[:3]


def leaning(model: Model, **boosts: float) -> Model:
    """The model with some values preferred, by nats."""
    bias = model.weights.dense_bias.copy()
    for value, nats in boosts.items():
        bias[int(value[1:])] += nats
    weights = {name: getattr(model.weights, name) for name in Weights.__dataclass_fields__}
    return replace(model, weights=Weights(**weights | {"dense_bias": bias}))


def test_foresight_is_the_loss_that_keras_measures():
    books = [book[:90] for book in values_of(BOOK, COURSE.vocabulary)]
    loss = measure(COURSE.weights, *windows(books, 90, len(COURSE.vocabulary)))
    surprise, top = foresight(COURSE.weights, books)
    assert surprise == pytest.approx(bits(loss.nats), abs=1e-4)
    assert 0 < top <= 1


def test_foresight_of_books_is_the_same_together_and_apart():
    books = values_of(BOOK, COURSE.vocabulary)
    books[0] = books[0][:40]
    apart = [foresight(COURSE.weights, [book])[0] for book in books]
    together, _ = foresight(COURSE.weights, books)
    assert together == pytest.approx(np.average(apart, weights=[len(book) for book in books]))


def test_it_plays_on_by_argmax_as_streams_do_and_draws_the_same_lots_again():
    heard = [[NOTHING, 5, 9, 0], [NOTHING, 2, 3, 4]]
    plain = play_on(COURSE.weights, heard, 40)
    np.testing.assert_array_equal(plain, streams.argmax(COURSE.weights, heard, 40))
    drawn = play_on(COURSE.weights, heard, 40, temperature=1.0, seed=3)
    np.testing.assert_array_equal(drawn, play_on(COURSE.weights, heard, 40, 1.0, 3))
    assert (drawn != play_on(COURSE.weights, heard, 40, 1.0, 4)).any()
    assert (drawn != plain).any()


def test_lots_fall_as_the_model_says():
    n_values, n_a = 5, 2
    logits = np.log(np.array([0.4, 0.3, 0.2, 0.1, 1e-9], np.float32))
    sizes = [(n_values, 4 * n_a), (n_a, 4 * n_a), (4 * n_a,), (n_a, n_values)]
    weights = Weights(*(np.zeros(size, np.float32) for size in sizes), logits)
    drawn = play_on(weights, [[NOTHING]] * 50, 200, temperature=1.0)
    shares = np.bincount(drawn.ravel(), minlength=n_values) / drawn.size
    np.testing.assert_allclose(shares, [0.4, 0.3, 0.2, 0.1, 0], atol=0.02)


def test_silence_and_circles_are_stale():
    silent = evaluate(leaning(COURSE, **{f"v{REST}": 50}), BOOK)
    assert silent.stale
    assert silent.played["empty beats"] == 1
    assert silent.cycles == silent.streams == 3
    assert silent.guarded > 1000
    round_and_round = evaluate(leaning(COURSE, v7=50), BOOK)
    assert round_and_round.stale
    assert guarded(COURSE.weights, 500) == 0


def test_copies_are_looked_for_in_all_that_was_learned():
    books = values_of(BOOK[:1], COURSE.vocabulary)
    known = evaluate(COURSE, BOOK[1:])
    more = evaluate(COURSE, BOOK[1:], learned=etudes.book())
    assert known.copied < more.copied
    assert len(books[0]) > 30


def test_shares_say_how_often_each_value_is_played():
    measured = evaluate(COURSE, BOOK)
    assert measured.shares.shape == (len(COURSE.vocabulary),)
    assert measured.shares.sum() == pytest.approx(1)
    empty = measured.shares[REST] + measured.shares[HOLD]
    assert empty == pytest.approx(measured.played["empty beats"], abs=0.1)


def test_the_table_marks_what_lies_outside_a_band():
    measured = evaluate(COURSE, BOOK)
    high = replace(measured, played={**measured.played, "leaps": 1.0})
    lines = {line[:30].strip(): line for line in table(high)}
    assert lines["leaps"].count("*") == 2
    assert set(measured.played) <= set(lines)


def test_music_too_short_to_begin_on_says_so():
    short = replace(BOOK[0], harmonies=BOOK[0].harmonies[:30], notes=BOOK[0].notes[:10])
    with pytest.raises(TooShortError, match="no piece here of more than 30 beats"):
        evaluate(COURSE, [short])


def test_an_untrained_model_can_be_measured():
    vocabulary = COURSE.vocabulary
    draw = np.random.default_rng(1)
    weights = Weights(
        *(
            draw.normal(size=getattr(COURSE.weights, name).shape).astype(np.float32)
            for name in Weights.__dataclass_fields__
        )
    )
    untrained = Model(weights, vocabulary, {}, even_shares(len(vocabulary)))
    assert evaluate(untrained, BOOK).bits > evaluate(COURSE, BOOK).bits
