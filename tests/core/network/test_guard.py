"""Laws of the loop guard."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.music import HOLD, REST
from improvd.core.network.guard import LoopGuard

LONGEST_PERIOD = 128
N_VALUES = 10


def closes_cycle(values: Sequence[int]) -> bool:
    """Whether the last values are three or more of one period, over sixty beats or more."""
    whole = bytes(values)
    for period in range(1, LONGEST_PERIOD + 1):
        length = max(3 * period, 60)
        last = whole[-length:]
        if len(last) == length and last[period:] == last[:-period]:
            return True
    return False


def longest_silence(values: Sequence[int]) -> int:
    longest = run = 0
    for value in values:
        run = run + 1 if value in (REST, HOLD) else 0
        longest = max(longest, run)
    return longest


def best_allowed(order_of: Callable[[list[int]], Sequence[int]], beats: int) -> list[int]:
    """The values of someone who plays the first value allowed, in an order of their own."""
    guard, values = LoopGuard(), []
    for _ in range(beats):
        barred = set(guard.barred().tolist())
        value = next(value for value in order_of(values) if value not in barred)
        guard.record(value)
        values.append(value)
    return values


def check_no_loop(values: list[int]) -> None:
    assert not any(closes_cycle(values[: end + 1]) for end in range(len(values)))
    assert longest_silence(values) <= 8


ORDERS = st.permutations(range(N_VALUES))


@given(st.lists(ORDERS, min_size=1, max_size=12))
def test_whoever_repeats_a_pattern_for_ever_is_kept_from_it(pattern: list[list[int]]):
    check_no_loop(best_allowed(lambda values: pattern[len(values) % len(pattern)], 300))


@given(st.lists(ORDERS, min_size=N_VALUES, max_size=N_VALUES), ORDERS)
def test_whoever_follows_from_the_last_value_alone_is_kept_from_circling(
    orders: list[list[int]], first: list[int]
):
    check_no_loop(best_allowed(lambda values: orders[values[-1]] if values else first, 300))


@pytest.mark.parametrize("favourite", range(N_VALUES))
def test_whoever_has_one_favourite_is_kept_from_it(favourite: int):
    order = [favourite, *(value for value in range(N_VALUES) if value != favourite)]
    check_no_loop(best_allowed(lambda _: order, 1500))


@given(
    st.lists(st.integers(2, 5), max_size=70),
    st.lists(st.integers(2, 5), min_size=1, max_size=64),
    st.integers(-40, 3),
)
def test_a_value_is_barred_if_and_only_if_it_would_close_a_cycle(
    before: list[int], motif: list[int], more: int
):
    """Silence apart: the values here all strike notes."""
    about_three_times = max(len(motif) * 3, 60) + more
    values = [*before, *(motif * 63)[:about_three_times]]
    guard = LoopGuard()
    for value in values:
        guard.record(value)
    closing = {value for value in range(2, 6) if closes_cycle([*values, value])}
    assert set(guard.barred().tolist()) == closing


@pytest.mark.parametrize("period", [1, 2, 20, 21, 40, 128])
def test_a_cycle_is_three_times_round_and_sixty_beats(period: int):
    guard, length = LoopGuard(), max(3 * period, 60)
    for beat in range(length - 1):
        assert guard.barred().size == 0
        guard.record(2 + beat % period)
    assert guard.barred().tolist() == [2 + (length - 1) % period] * guard.barred().size
    assert guard.barred().size > 0


def test_eight_empty_beats_are_the_most():
    guard = LoopGuard()
    for _ in range(2):
        for value in (REST, HOLD, HOLD, REST, REST, REST, REST, HOLD):
            assert guard.barred().size == 0
            guard.record(value)
        assert set(guard.barred().tolist()) == {REST, HOLD}
        guard.record(5)


def test_music_without_cycles_is_let_alone():
    guard, draw = LoopGuard(), np.random.default_rng(3)
    for value in draw.integers(2, 78, 2000):
        assert guard.barred().size == 0
        guard.record(int(value))


@given(st.lists(st.integers(0, 2), max_size=100), st.lists(st.integers(0, 2), max_size=100))
def test_a_copy_has_seen_the_same_and_then_goes_its_own_way(before: list[int], after: list[int]):
    guard = LoopGuard()
    for value in before:
        guard.record(value)
    twin = guard.copy()
    known = guard.barred().tolist()
    for value in after:
        guard.record(value)
    assert twin.barred().tolist() == known
    for value in after:
        twin.record(value)
    assert twin.barred().tolist() == guard.barred().tolist()
