"""From a configuration to a jam: what is put together."""

from itertools import pairwise

import pytest
from msgspec.structs import replace

from improvd import performance
from improvd.config import load
from improvd.core.music import REST
from improvd.core.network.cell import Cell
from improvd.messages import Change
from improvd.model import find
from improvd.model import load as load_model
from improvd.options import CHARTS
from improvd.training.generate import rehearse, solo

MODEL = load_model(find("general"))


def values(**settings: object) -> list[int | None]:
    config = load(None, {"count_in": 0, **settings})
    _, played = solo(config, MODEL, performance.chart_of(None), 64)
    return [beat.value for beat in played]


def test_a_model_is_sampled_as_it_was_made_for_unless_somebody_says_otherwise():
    assert values() == values(temperature=1.0)
    assert values() != values(temperature=0.5)
    assert len(set(values(temperature=0.0))) < len(set(values())) / 2  # it falls silent


@pytest.mark.parametrize("seed", [1, 2])
def test_the_seed_decides_what_is_sampled(seed):
    assert values(seed=seed) == values(seed=seed)
    assert values(seed=seed) != values()


# -- another solo each night ---------------------------------------------------------------

DEFAULT = load_model(find("default"))
BEATS = 32


def alone(chart: str | None = None, **settings: object) -> tuple[int | None, ...]:
    """What the default model plays by itself, by argmax."""
    config = load(None, {"count_in": 0, **settings})
    _, played = solo(config, DEFAULT, performance.chart_of(chart), BEATS)
    return tuple(beat.value for beat in played)


def test_twenty_seeds_are_twenty_solos():
    solos = [alone(seed=seed) for seed in range(20)]
    assert len(set(solos)) == 20
    assert solos[7] == alone(seed=7)


def test_each_chart_has_a_solo_of_its_own():
    assert len({alone(path.read_text(), seed=7) for path in CHARTS.values()}) == len(CHARTS) > 1


def test_without_an_opening_it_is_the_argmax_from_the_zero_state():
    cell = Cell(DEFAULT.weights)
    x, values = None, []
    for _ in range(BEATS):
        cell.step(x)
        x = int(cell.logits.argmax())
        values.append(x)
    assert alone(opening=0, seed=1) == alone(opening=0, seed=2) == tuple(values)


def test_after_its_opening_it_is_the_argmax_too():
    config = load(None, {"seed": 5})
    heard = performance.heard_before(config, DEFAULT, performance.chart_of(None))
    cell = Cell(DEFAULT.weights)
    for x in (None, *heard):
        cell.step(x)
    values = []
    for _ in range(BEATS):
        values.append(int(cell.logits.argmax()))
        cell.step(values[-1])
    assert alone(seed=5) == tuple(values)


def test_another_seed_while_it_plays_is_another_solo_and_another_chart_is_not():
    """The state is carried over to another chart; whoever asks for another seed wants another."""
    chart = "| F7 | Bb7 |"
    config = load(None, {"count_in": 0, "seed": 1})
    solos = []
    for change in (
        Change(config, chart),
        Change(replace(config, velocity=80), chart),
        Change(config, "| C | G7 |"),
        Change(replace(config, seed=2), chart),
    ):
        who = performance.improviser(config, DEFAULT)
        jam = performance.offline(config, who, DEFAULT, performance.chart_of(chart))
        rehearse(jam, 10)
        performance.obey(jam, jam.wake(), change)
        solos.append([beat.value for beat in rehearse(jam, BEATS)[1]])
    assert solos[0] == solos[1] == solos[2] != solos[3]
    # It begins as any solo of that seed does, on the bar line.
    assert tuple(solos[3][2:]) == alone(chart, seed=2)[: BEATS - 2]


def test_only_what_begins_a_phrase_is_drawn_where_that_is_wished():
    drawn = alone(seed=5, temperature=1.0, sample="phrases")
    assert drawn == alone(seed=5, temperature=1.0, sample="phrases")
    assert drawn != alone(seed=5, temperature=1.0) != alone(seed=5)
    heard = performance.heard_before(load(None, {"seed": 5}), DEFAULT, performance.chart_of(None))
    cell = Cell(DEFAULT.weights)
    for x in (None, *heard):
        cell.step(x)
    others = 0
    for x, value in pairwise((heard[-1], *drawn)):
        if x != REST:
            assert value == cell.logits.argmax()
        others += value != cell.logits.argmax()
        cell.step(value)
    assert others > 0
