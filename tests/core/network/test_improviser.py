"""Laws of the improviser: its state is kept, its picks are those of the cell."""

from collections.abc import Iterator
from math import nextafter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.music import HOLD, REST
from improvd.core.network.cell import Cell, Weights
from improvd.core.network.improviser import Improviser, Leaning
from tests.harness.drawn import drawn_weights

N_VALUES = 16
WEIGHTS = drawn_weights(n_values=N_VALUES, n_a=8)
TEMPERATURES = st.sampled_from([0.0, 1e-30, 0.3, 1.0, 5.0])
SEEDS = st.integers(0, 2**63 - 1)
INPUTS = st.lists(st.none() | st.integers(0, N_VALUES - 1), max_size=40)


def stubborn(*favourites: int) -> Cell:
    """A cell that likes the same values in every beat, the first one best."""
    bias = np.zeros(N_VALUES)
    bias[list(favourites)] = np.arange(len(favourites), 0, -1)
    n_a = 2
    nothing = np.zeros((N_VALUES, 4 * n_a)), np.zeros((n_a, 4 * n_a)), np.zeros(4 * n_a)
    return Cell(Weights(*nothing, np.zeros((n_a, N_VALUES)), bias))


def improvise(improviser: Improviser, beats: int, leaning: Leaning | None = None) -> Iterator[int]:
    """It plays alone: every value picked is the next x."""
    for _ in range(beats):
        value = improviser.pick(leaning or Leaning())
        improviser.emit(value)
        improviser.step(value)
        yield value


def started(temperature: float = 0.0, seed: int = 0) -> Improviser:
    improviser = Improviser(Cell(WEIGHTS), temperature=temperature, seed=seed)
    improviser.step(None)
    return improviser


@given(INPUTS)
def test_at_temperature_0_it_picks_the_argmax(inputs: list[int | None]):
    improviser, cell = Improviser(Cell(WEIGHTS)), Cell(WEIGHTS)
    for x in inputs:
        improviser.step(x)
        cell.step(x)
        assert improviser.pick() == cell.logits.argmax()
        assert improviser.x == x
    assert improviser.beats == len(inputs)


@given(TEMPERATURES, SEEDS)
def test_the_same_seed_makes_the_same_music(temperature: float, seed: int):
    music = list(improvise(started(temperature, seed), 50))
    assert list(improvise(started(temperature, seed), 50)) == music


def test_another_seed_makes_other_music():
    assert list(improvise(started(1.0, 1), 50)) != list(improvise(started(1.0, 2), 50))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_values_are_drawn_as_often_as_the_softmax_says(temperature: float):
    improviser = started(temperature, seed=7)
    cell = Cell(WEIGHTS)
    cell.step(None)
    shares = np.exp(np.asarray(cell.logits, dtype=np.float64) / temperature)
    shares /= shares.sum()
    draws = 20_000
    counts = np.zeros(N_VALUES)
    for beat in range(draws):
        improviser.beats = beat
        counts[improviser.pick()] += 1
    assert (np.abs(counts / draws - shares) <= 5 * np.sqrt(shares / draws)).all()


@given(INPUTS, TEMPERATURES, SEEDS, st.sets(st.integers(0, N_VALUES - 1), max_size=N_VALUES - 1))
def test_what_is_barred_is_never_picked(
    inputs: list[int | None], temperature: float, seed: int, barred: set[int]
):
    improviser = Improviser(Cell(WEIGHTS), temperature=temperature, seed=seed)
    leaning = Leaning(np.array(sorted(barred), dtype=np.int64))
    for x in inputs:
        improviser.step(x)
        assert improviser.pick(leaning) in set(range(N_VALUES)) - barred


@pytest.mark.parametrize("lot", [0.0, nextafter(1.0, 0.0)])
def test_the_first_and_the_last_lot_draw_values_that_are_not_barred(
    lot: float, monkeypatch: pytest.MonkeyPatch
):
    """Sums rounded in two ways put the last lot past the last value, once in a million beats."""
    improviser = started(1.0)
    monkeypatch.setattr(improviser, "_draw", lambda: lot)
    leaning = Leaning(np.array([0, N_VALUES - 1]))
    for x in np.random.default_rng(2).integers(0, N_VALUES, 500):
        improviser.step(int(x))
        assert 0 < improviser.pick(leaning) < N_VALUES - 1


@given(TEMPERATURES)
def test_where_everything_is_barred_it_rests(temperature: float):
    assert started(temperature).pick(Leaning(np.arange(N_VALUES))) == REST


@given(st.integers(0, N_VALUES - 1), TEMPERATURES)
def test_a_tilt_leans_the_pick(value: int, temperature: float):
    tilt = np.zeros(N_VALUES, dtype=np.float32)
    tilt[value] = 1000.0
    assert started(temperature).pick(Leaning(tilts=(tilt / 2, tilt / 2))) == value


@given(INPUTS, TEMPERATURES, SEEDS)
def test_picking_and_foreseeing_change_nothing(
    inputs: list[int | None], temperature: float, seed: int
):
    asked = Improviser(Cell(WEIGHTS), temperature=temperature, seed=seed)
    left_alone = Improviser(Cell(WEIGHTS), temperature=temperature, seed=seed)
    for x in inputs:
        asked.step(x)
        left_alone.step(x)
        asked.foresee(asked.pick())
        asked.pick()
    assert list(improvise(asked, 40)) == list(improvise(left_alone, 40))


@given(TEMPERATURES, SEEDS)
def test_what_is_foreseen_comes_true_if_nobody_plays(temperature: float, seed: int):
    improviser = started(temperature, seed)
    foreseen = None
    for _ in range(20):
        value = improviser.pick()
        assert value == foreseen or foreseen is None
        foreseen = improviser.foresee(value)
        improviser.emit(value)
        improviser.step(value)


@given(TEMPERATURES, SEEDS, st.integers(0, 200))
def test_a_twin_restored_from_a_snapshot_goes_on_to_the_bit(
    temperature: float, seed: int, beats: int
):
    improviser = started(temperature, seed)
    list(improvise(improviser, beats))
    memory = improviser.memory()
    future = list(improvise(improviser, 100))
    twin = Improviser(Cell(WEIGHTS), temperature=temperature, seed=seed)
    twin.restore(memory)
    assert list(improvise(twin, 100)) == future
    np.testing.assert_array_equal(twin.memory().state.a, improviser.memory().state.a)
    np.testing.assert_array_equal(twin.memory().state.c, improviser.memory().state.c)


@pytest.mark.parametrize("beats", [0, 7, 50, 58, 59, 60, 100])
def test_a_snapshot_remembers_what_the_loop_guard_has_seen(beats: int):
    improviser = Improviser(stubborn(5, REST, HOLD))
    list(improvise(improviser, beats))
    memory = improviser.memory()
    future = list(improvise(improviser, 200))
    assert REST in future
    improviser.restore(memory)
    assert list(improvise(improviser, 200)) == future


def test_a_snapshot_of_another_model_is_refused():
    with pytest.raises(ValueError, match="shape"):
        started().restore(Improviser(stubborn(3)).memory())


def test_a_favourite_is_given_up_before_it_becomes_a_loop():
    values = list(improvise(Improviser(stubborn(5, 3)), 61))
    assert values == [5] * 59 + [3, 5]


@pytest.mark.parametrize("favourites", [(REST, HOLD, 4), (HOLD, REST, 4)])
def test_it_does_not_fall_silent_for_ever(favourites: tuple[int, ...]):
    values = list(improvise(Improviser(stubborn(*favourites)), 20))
    assert values == ([favourites[0]] * 8 + [4]) * 2 + [favourites[0]] * 2


@given(INPUTS, TEMPERATURES)
def test_after_a_reset_it_begins_again(inputs: list[int | None], temperature: float):
    improviser = started(temperature)
    for x in inputs:
        improviser.step(x)
    list(improvise(improviser, 70))
    improviser.reset()
    assert (improviser.x, improviser.beats) == (None, 0)
    improviser.step(None)
    assert list(improvise(improviser, 70)) == list(improvise(started(temperature), 70))
