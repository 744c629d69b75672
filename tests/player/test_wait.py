import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.player.wait import Bell, Waiter, now
from improvd.system import portable, readable, sleep_until

MS = 1_000_000


@pytest.fixture
def link() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def test_a_sleep_ends_a_margin_early_and_the_spin_on_time(link):
    waiter = Waiter(Bell(), link[0])
    for step in (0, 20_000, 100_000, MS, 3 * MS) * 5:
        deadline = now() + step
        assert waiter.sleep(deadline)
        assert now() >= deadline - waiter.margin
        waiter.spin(deadline)
        assert now() >= deadline


def test_a_moment_that_is_past_is_not_waited_for(link):
    asked = []

    def clock() -> int:
        asked.append(1)
        return 10 * MS

    waiter = Waiter(Bell(), link[0], clock)
    waiter.sleep(10 * MS)
    waiter.spin(10 * MS)
    assert len(asked) <= 3


@pytest.mark.parametrize("who", ["the bell", "the link"])
def test_who_has_something_to_say_ends_the_sleep(link, who):
    bell = Bell()
    waiter = Waiter(bell, link[0])
    say = bell.ring if who == "the bell" else lambda: os.write(link[1], b"x")
    other = threading.Timer(0.01, say)
    other.start()
    assert not waiter.sleep(now() + 60_000 * MS)
    other.join()


def test_a_bell_that_was_heard_is_silent_until_it_rings_again(link):
    bell = Bell()
    waiter = Waiter(bell, link[0])
    for _ in range(3):
        bell.ring()
        bell.ring()
        assert not waiter.sleep(now() + 60_000 * MS)
        assert waiter.sleep(now() + MS)


def note_alarms():
    came: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        came.append(number)

    return came, signal.signal(signal.SIGALRM, note)


@pytest.mark.skipif(readable is portable.readable, reason="select goes on after a signal")
def test_a_signal_is_handled_and_ends_the_sleep(link):
    came, before = note_alarms()
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.005)
        assert not Waiter(Bell(), link[0]).sleep(now() + 60_000 * MS)
        assert came == [signal.SIGALRM]
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_sleep_until_a_moment_goes_on_after_a_signal():
    came, before = note_alarms()
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.005)
        deadline = now() + 30 * MS
        sleep_until(deadline)
        assert now() >= deadline
        assert came == [signal.SIGALRM]
    finally:
        signal.signal(signal.SIGALRM, before)


class Learner:
    """A waiter by a clock of the test's own, for which `used` ns of the margin were used."""

    def __init__(self) -> None:
        self._now = 0
        self.waiter = Waiter(Bell(), 0, lambda: self._now)

    @property
    def margin(self) -> int:
        return self.waiter.margin

    def learn(self, used: int) -> None:
        deadline = 10**12
        self._now = deadline - self.waiter.margin + used
        self.waiter.learn(deadline)


@given(st.lists(st.integers(0, 10**10)))
def test_the_margin_stays_between_50_us_and_1_ms(used):
    learner = Learner()
    for one in used:
        learner.learn(one)
        assert 50_000 <= learner.margin <= MS


@given(st.integers(30_000, 400_000))
def test_the_margin_settles_above_what_is_used_of_it(used):
    learner = Learner()
    for _ in range(500):
        learner.learn(used)
    assert used < learner.margin < 2.5 * used


def test_one_stall_is_soon_forgotten_and_never_trusted():
    learner = Learner()
    learner.learn(24 * MS)
    assert learner.margin < 400_000
    for _ in range(150):
        learner.learn(40_000)
    assert learner.margin < 150_000
