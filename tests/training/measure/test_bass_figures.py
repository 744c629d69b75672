"""The figures of a bass line, worked out by hand, and when a figure lies in its band."""

import math

import pytest

from improvd.core.band.moment import chord_context
from improvd.core.harmony.chart import parse_chart
from improvd.training.measure import bass_figures


def test_the_figures_of_a_line_of_eight_beats():
    chart = parse_chart("| C7 | F7 |")
    #          C   E   G   F#  F   F   C   B
    pitches = [36, 40, 43, 42, 41, 41, 48, 47]
    found = bass_figures.figures(pitches, [chord_context(chart, beat) for beat in range(8)])
    moves = [4, 3, -1, -1, 0, 7, -1]
    assert found["repeats"] == pytest.approx(1 / 7)
    assert found["semitones"] == pytest.approx(3 / 7)
    assert found["thirds"] == pytest.approx(2 / 7)
    assert found["fourths and fifths"] == pytest.approx(1 / 7)
    assert found["leaps"] == 0
    assert found["root"] == 1
    assert found["approach by a semitone"] == 1
    assert found["chord tones"] == pytest.approx(6 / 8)
    assert found["turns"] == pytest.approx(2 / 6)
    assert found["move"] == pytest.approx(sum(map(abs, moves)) / 7)


def test_a_chart_of_one_chord_has_no_approaches():
    chart = parse_chart("| C7 |")
    found = bass_figures.figures([36, 40, 43], [chord_context(chart, beat) for beat in range(3)])
    assert math.isnan(found["approach by a fourth"])
    assert "approach by a fourth" not in bass_figures.inside(found, bass_figures.known_bands())


def test_what_transcription_errors_make_too_small_may_be_more():
    bands = {"root": (0.4, 0.5, 0.7), "leaps": (0.1, 0.2, 0.3), "turns": (0.3, 0.4, 0.5)}
    assert bass_figures.inside({"root": 0.9, "leaps": 0.0, "turns": 0.6}, bands) == {
        "root": True,
        "leaps": True,
        "turns": False,
    }
    assert not any(bass_figures.inside({"root": 0.3, "leaps": 0.4, "turns": 0.2}, bands).values())
