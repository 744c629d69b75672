"""The etude book and the default model, as they lie in the repository."""

import numpy as np
import pytest

from improvd.core.cell import Cell
from improvd.model import find, load
from improvd.training import book, etudes, measures
from improvd.training.corpus import beats_of, encode, sing, windows

BEATS = 10_000
DEFAULT = load(find("default"))


@pytest.fixture(scope="module")
def pieces():
    return etudes.book()


def values_of(piece):
    return encode(beats_of(piece), piece.harmonies, DEFAULT.vocabulary, piece.start)


def test_the_book_is_the_courses_60_windows_of_30(pieces):
    x, y = windows([values_of(piece) for piece in pieces], book.TX, len(DEFAULT.vocabulary))
    assert x.shape == (60, 30, 78)
    assert y.shape == (30, 60, 78)


def test_no_etude_holds_its_breath_or_rests_too_long(pieces):
    for piece in pieces:
        values = values_of(piece)
        assert measures.longest_phrase(values) <= 24, piece.name
        assert measures.longest_silence(values) <= book.MOST_EMPTY, piece.name


def alone(beats: int) -> list[int]:
    cell = Cell(DEFAULT.weights)
    value = None
    values = []
    for _ in range(beats):
        cell.step(value)
        value = int(cell.logits.argmax())
        values.append(value)
    return values


def test_the_default_model_alone_never_cycles_nor_falls_silent():
    values = alone(BEATS)
    assert measures.cycle(values) is None
    assert measures.longest_silence(values) <= book.MOST_EMPTY


def test_dice_are_told_from_music_by_order(pieces):
    draw = np.random.default_rng(0)
    harmonies = [pieces[0].harmonies[n % len(pieces[0].harmonies)] for n in range(512)]
    bands = measures.real_bands()

    def outside(values):
        line = sing(values, harmonies, DEFAULT.vocabulary, 67)
        return set(measures.outside(measures.measure_solo(values, line, harmonies), bands))

    shares = DEFAULT.shares.astype(float)
    shares /= shares.sum()
    played = alone(512)
    order = {"onset autocorrelation", "holds after rests"}
    for _ in range(5):
        assert order & outside(draw.choice(len(shares), 512, p=shares).tolist())
        assert order & outside(draw.permutation(played).tolist())
    assert not order & outside(played)
