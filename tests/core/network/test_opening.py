"""Laws of openings: another lot, another solo; the same lot, the same one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.harmony.chart import BLUES_IN_F, parse_chart
from improvd.core.music import REST
from improvd.core.network import opening
from improvd.core.network.cell import Cell
from improvd.core.network.improviser import Improviser
from improvd.core.network.vocabulary import Register
from tests.harness.drawn import drawn_weights
from tests.harness.live_script import VOCABULARY

N_VALUES = len(VOCABULARY)
WEIGHTS = drawn_weights(n_values=N_VALUES, n_a=8)
VALUES = st.lists(st.integers(0, N_VALUES - 1), min_size=1, max_size=40)
REGISTER = Register(55, 79)


@given(st.text(), st.integers(0, 128))
def test_a_lot_draws_so_many_values_and_always_the_same(lot: str, beats: int):
    values = opening.drawn(WEIGHTS, lot, beats)
    assert len(values) == beats
    assert all(0 <= value < N_VALUES for value in values)
    opening.drawn.cache_clear()
    assert opening.drawn(WEIGHTS, lot, beats) == values


def test_another_lot_draws_others():
    assert len({opening.drawn(WEIGHTS, str(lot), 16) for lot in range(50)}) == 50


def test_its_first_values_are_as_frequent_as_the_softmax_says():
    cell = Cell(WEIGHTS)
    cell.step(None)
    shares = cell.probabilities().copy()
    draws = 4_000
    firsts = [opening.drawn(WEIGHTS, str(lot), 1)[0] for lot in range(draws)]
    counts = np.bincount(firsts, minlength=N_VALUES)
    assert (np.abs(counts / draws - shares) <= 5 * np.sqrt(shares / draws)).all()


@given(VALUES)
def test_who_has_heard_an_opening_goes_on_from_it(values: list[int]):
    opened, stepped = Improviser(Cell(WEIGHTS)), Improviser(Cell(WEIGHTS))
    opened.open(values)
    for x in (None, *values):
        stepped.step(x)
    assert (opened.x, opened.beats) == (values[-1], 0)
    opened.step(opened.x)
    assert opened.pick() == stepped.pick()
    np.testing.assert_array_equal(opened.memory().state.a, stepped.memory().state.a)


@given(VALUES, VALUES)
def test_a_reset_forgets_all_but_the_opening(values: list[int], played: list[int]):
    improviser = Improviser(Cell(WEIGHTS))
    improviser.open(values)
    before = improviser.memory()
    for value in played:
        improviser.step(value)
        improviser.emit(value)
    improviser.reset()
    after = improviser.memory()
    np.testing.assert_array_equal(after.state.a, before.state.a)
    assert (after.x, after.beats, after.guard.empty) == (values[-1], 0, 0)


def test_without_an_opening_it_begins_as_the_course_does():
    improviser = Improviser(Cell(WEIGHTS))
    improviser.open(())
    assert improviser.x is None
    assert not improviser.memory().state.a.any()


def test_the_lot_is_the_seed_and_the_chords():
    blues = parse_chart(BLUES_IN_F)
    titled = parse_chart(BLUES_IN_F.replace("Blues in F", "Another name"))
    other = parse_chart(BLUES_IN_F.replace("Bdim7", "Bb7"))
    assert opening.lot(3, blues) == opening.lot(3, titled)
    assert len({opening.lot(3, blues), opening.lot(4, blues), opening.lot(3, other)}) == 3


def test_a_line_starts_where_its_opening_led_over_the_last_bars():
    chart = parse_chart("| C | G7 |")
    step = VOCABULARY.values_indices[((0, 1, 0),)]
    # from G4 four steps up the ladder of G7
    assert opening.last_pitch([step] * 4, VOCABULARY, chart, REGISTER) == 74
    assert opening.last_pitch([REST], VOCABULARY, chart, REGISTER) == REGISTER.middle


@given(VALUES)
def test_and_within_its_register(values: list[int]):
    chart = parse_chart(BLUES_IN_F)
    assert opening.last_pitch(values, VOCABULARY, chart, REGISTER) in REGISTER
