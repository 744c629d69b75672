"""The model of contours as it ships: its pitches are chosen by the realisation that ships."""

import numpy as np
import pytest

from improvd import performance
from improvd.config import Config
from improvd.core.network.contour import way_of
from improvd.model import find, load
from improvd.training import generate
from improvd.training.learn import realising

MODEL = load(find("contours"))
BLUES = performance.chart_of(None)


@pytest.fixture(scope="module")
def played():
    return generate.solo(Config(count_in=0, seed=1), MODEL, BLUES, 256)[1]


def pitches(solo):
    return [pitch for beat in solo for pitch in beat.pitches]


def test_it_has_the_realisation_that_ships():
    assert MODEL.vocabulary.has_contours
    assert len(MODEL.vocabulary) == 78
    np.testing.assert_array_equal(MODEL.realisation, realising.load())


def test_it_plays_and_another_seed_plays_another_solo(played):
    again = generate.solo(Config(count_in=0, seed=1), MODEL, BLUES, 64)[1]
    other = generate.solo(Config(count_in=0, seed=2), MODEL, BLUES, 64)[1]
    assert pitches(again) == pitches(played[:64])
    assert pitches(other) != pitches(again)
    assert len(pitches(played)) > 200


def test_its_notes_go_the_way_that_its_values_say(played):
    line = pitches(played)
    contours = [c for beat in played for _, c in MODEL.vocabulary.contours(beat.value or 0)]
    moves = np.diff(line)
    same = [way_of(int(move)) == way_of(c) for move, c in zip(moves, contours[1:], strict=True)]
    assert np.mean(same) > 0.9  # elsewhere the register ends
    assert min(line) >= 55
    assert max(line) <= 79


def test_most_of_its_notes_are_of_the_scale_though_no_value_knows_it(played):
    notes = [
        (pitch % 12, BLUES.at(beat.number).ladder.pitch_classes)
        for beat in played
        for pitch in beat.pitches
    ]
    assert 0.7 < np.mean([pitch in scale for pitch, scale in notes]) < 0.98
