"""Laws of what is remembered of an evening: it leans, it is bounded, it is forgotten."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.network.tonight import MOST_NATS, REMEMBERED_BEATS, Tonight
from tests.harness.live_script import VOCABULARY

N_VALUES = len(VOCABULARY)
BEATS = st.lists(st.none() | st.integers(0, N_VALUES - 1), max_size=60)


def evening(beats: list[int | None], strength: float = 1.0) -> Tonight:
    tonight = Tonight(VOCABULARY, strength)
    for value in beats:
        tonight.hear(value)
    return tonight


def leaning(tonight: Tonight, x: int) -> np.ndarray:
    return sum(tonight.after(x), np.zeros(N_VALUES, dtype=np.float32))


def test_what_followed_leans_and_its_rhythm_half_as_far():
    # 3, a step up on the beat, after 4, a pair; 2 has the rhythm of 3
    nats = leaning(evening([4, 3]), 4)
    assert nats.argmax() == 3
    np.testing.assert_allclose([nats[3], nats[2], nats[5]], np.log(2) * np.array([1.5, 0.5, 0]))
    assert not leaning(evening([4, 3]), 3).any()


def test_nothing_follows_over_a_silence():
    assert not leaning(evening([4, None, None, 3]), 4).any()


@given(BEATS, st.integers(0, N_VALUES - 1))
def test_it_leans_no_further_than_so_far(beats: list[int | None], x: int):
    nats = leaning(evening(beats, 10.0), x)
    assert (nats >= 0).all()
    assert (nats <= MOST_NATS + 1e-5).all()
    assert evening(beats, 0.0).after(x) == ()


@given(BEATS, st.integers(0, N_VALUES - 1))
def test_another_goes_on_from_its_memory(beats: list[int | None], x: int):
    tonight, other = evening(beats), evening([5, 5, 5])
    other.restore(tonight.memory)
    np.testing.assert_array_equal(leaning(tonight, x), leaning(other, x))
    other.hear(x)
    tonight.hear(x)
    assert other.memory == tonight.memory


def test_only_the_latest_beats_count():
    long = [*[4, 3] * 50, *[2, 6] * (REMEMBERED_BEATS // 2)]
    tonight = evening(long)
    assert len(tonight.memory) == REMEMBERED_BEATS
    for x in range(N_VALUES):
        np.testing.assert_array_equal(
            leaning(tonight, x), leaning(evening(long[-REMEMBERED_BEATS:]), x)
        )


def test_it_forgets():
    tonight = evening([4, 3, 4, 3])
    tonight.forget()
    assert tonight.memory == ()
    assert tonight.after(4) == ()


def test_what_another_vocabulary_knew_is_left_out():
    tonight = evening([])
    tonight.restore([2, 400, 3])
    assert tonight.memory == (2, -1, 3)
