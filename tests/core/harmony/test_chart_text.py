"""A page shows a chart as it is played, fits its terminal, and is read as the same chart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.harmony.chart import BLUES_IN_F, parse_chart
from improvd.core.harmony.chart_text import bar_text, page
from tests.harness.charts import texts


@given(texts(), st.sampled_from([20, 40, 80, 200]), st.booleans())
def test_a_page_is_read_as_the_chart_that_it_shows(written, width, scales):
    text, swing = written
    chart = parse_chart(f"swing: {swing}\n{text}")
    assert parse_chart("\n".join(page(chart, width, scales=scales))) == chart


@pytest.mark.parametrize("meter", ["4/4", "7/8"])
def test_a_bar_that_is_not_shared_evenly_says_how(meter):
    beats = int(meter[0])
    text = f"meter: {meter}\n| C {'/ ' * (beats - 2)}G7 | C G7 | C |"
    first, second, third = parse_chart(text).bars
    assert bar_text(first) == f"C {'/ ' * (beats - 2)}G7"
    assert (bar_text(second), bar_text(third)) == ("C G7", "C")


@pytest.mark.parametrize(("width", "rows"), [(80, 3), (40, 3), (30, 6), (10, 12)])
def test_a_page_has_as_many_bars_in_a_line_as_fit(width, rows):
    lines = page(parse_chart(BLUES_IN_F), width)
    bars = [line for line in lines if "|" in line]
    assert len(bars) == rows
    assert len({len(line) for line in bars}) == 1, "bars stand below each other"
    assert max(map(len, bars)) <= max(width, 15)


def test_a_page_names_sections_and_numbers_bars_as_they_are_played():
    lines = page(parse_chart("A\n| C | D :|\nB\n| E |"), 80)
    assert lines[2:] == ["[A]", "1 | C | D | C | D |", "[B]", "5 | E |"]


def test_scales_are_those_that_the_line_will_use():
    lines = page(parse_chart("| Dm7 | G7 | Cmaj7 | D/C | F#7 | Cm7 F7 |"), 80, scales=True)
    scales = {line.split()[2]: " ".join(line.split()[3:]) for line in lines if line[:1] == "#"}
    assert scales["Dm7"] == "D E F G A B C"
    assert scales["D/C"] == "D E F# G A B C"
    assert scales["F#7"] == "F# G# A# B C# D# E"
    assert scales["Cm7"] == "C D Eb F G A Bb"
    narrow = page(parse_chart("| F7 | Bb7 |"), 24, scales=True)
    assert max(map(len, narrow)) <= 24
