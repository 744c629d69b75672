"""Laws of the choir: it steps as its members would alone, and goes on to the bit."""

import numpy as np
import pytest

from improvd.core.network.cell import Cell
from improvd.core.network.improviser import PLAIN, Improviser
from improvd.core.network.recital import Recital
from improvd.core.playing.choir import Choir
from tests.harness.drawn import drawn_weights

WEIGHTS, OTHERS = drawn_weights(n_values=20, n_a=12), drawn_weights(n_values=9, n_a=5)
STEPS = 40


def improvisers(count: int, weights=WEIGHTS) -> list[Improviser]:
    return [Improviser(Cell(weights), temperature=1.0, seed=seed) for seed in range(count)]


def play(choir: Choir, policies: list, steps: int = STEPS) -> list[list[int]]:
    """What each plays, feeding on itself, and what it looks ahead at."""
    played = []
    values: list[int | None] = [None] * len(policies)
    for _ in range(steps):
        choir.step(dict(zip(policies, values, strict=True)))
        values = [each.pick(PLAIN) for each in policies]
        for each, value in zip(policies, values, strict=True):
            each.emit(value)
        ahead = choir.foresee({each: (v, PLAIN) for each, v in zip(policies, values, strict=True)})
        played.append([*values, *(ahead[each] for each in policies)])
    return played


def test_it_plays_what_each_would_play_alone():
    together, alone = improvisers(7), improvisers(7)
    one_by_one = [play(Choir([each]), [each]) for each in alone]
    expected = [
        [*(line[step][0] for line in one_by_one), *(line[step][1] for line in one_by_one)]
        for step in range(STEPS)
    ]
    assert play(Choir(together), together) == expected
    for one, other in zip(together, alone, strict=True):
        assert np.allclose(one.cell.state().a, other.cell.state().a, atol=1e-5)
        assert one.beats == other.beats == STEPS


def test_members_of_several_models_and_of_none_are_stepped_too():
    policies = [*improvisers(2), *improvisers(3, OTHERS), *improvisers(1), Recital([3] * STEPS)]
    played = play(Choir(policies), policies)
    assert len(played) == STEPS
    assert [each.beats for each in policies] == [STEPS] * 7


def test_who_takes_nothing_in_stays_where_it_was():
    first, second = members = improvisers(2)
    choir = Choir(members)
    play(choir, members, 5)
    before, logits = second.memory(), second.cell.logits.copy()
    choir.step({first: 4})
    assert np.array_equal(second.cell.state().a, before.state.a)
    assert np.array_equal(second.cell.logits, logits)
    assert first.beats == 6


@pytest.mark.parametrize("count", [1, 2, 5, 16])
def test_another_choir_goes_on_from_memories_to_the_bit(count: int):
    members, others = improvisers(count), improvisers(count)
    choir, successor = Choir(members), Choir(others)
    play(choir, members, 9)
    for one, other in zip(members, others, strict=True):
        other.restore(one.memory())
        assert np.array_equal(one.cell.logits, other.cell.logits)
    choir.step(dict.fromkeys(members, 3))
    successor.step(dict.fromkeys(others, 3))
    for one, other in zip(members, others, strict=True):
        assert np.array_equal(one.cell.logits, other.cell.logits)


def test_a_member_that_steps_by_itself_stays_one_of_them():
    members, others = improvisers(3), improvisers(3)
    choir, successor = Choir(members), Choir(others)
    members[1].reset()
    for value in (3, 4, 5):
        members[1].step(value)
    others[1].restore(members[1].memory())
    assert play(choir, members) == play(successor, others)


def test_a_look_ahead_changes_nothing():
    members = improvisers(4)
    choir = Choir(members)
    play(choir, members, 6)
    before = [(each.x, each.beats, each.cell.logits.copy()) for each in members]
    choir.foresee(dict.fromkeys(members[1:], (2, PLAIN)))
    for each, (x, beats, logits) in zip(members, before, strict=True):
        assert (each.x, each.beats) == (x, beats)
        assert np.array_equal(each.cell.logits, logits)
