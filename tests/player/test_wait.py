import signal
from types import FrameType

from hypothesis import given
from hypothesis import strategies as st

from improvd.player.wait import Waiter, now, sleep_until

MS = 1_000_000


def test_a_wait_never_ends_early():
    waiter = Waiter()
    for step in (0, 20_000, 100_000, MS, 3 * MS) * 5:
        deadline = now() + step
        waiter.until(deadline)
        assert now() >= deadline


def test_a_moment_that_is_past_is_not_waited_for():
    asked = []

    def clock() -> int:
        asked.append(1)
        return 10 * MS

    Waiter(clock).until(10 * MS)
    assert len(asked) <= 3


def test_a_signal_is_handled_and_does_not_end_the_sleep():
    came: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        came.append(number)

    before = signal.signal(signal.SIGALRM, note)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.005)
        deadline = now() + 30 * MS
        sleep_until(deadline)
        assert now() >= deadline
        assert came == [signal.SIGALRM]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@given(st.lists(st.integers(0, 10**10)))
def test_the_margin_stays_between_50_us_and_1_ms(latenesses):
    waiter = Waiter()
    for lateness in latenesses:
        waiter.learn(lateness)
        assert 50_000 <= waiter.margin <= MS


@given(st.integers(30_000, 400_000))
def test_the_margin_settles_above_a_steady_lateness(lateness):
    waiter = Waiter()
    for _ in range(500):
        waiter.learn(lateness)
    assert lateness < waiter.margin < 2.5 * lateness


def test_one_stall_is_soon_forgotten_and_never_trusted():
    waiter = Waiter()
    waiter.learn(24 * MS)
    assert waiter.margin < 400_000
    for _ in range(150):
        waiter.learn(40_000)
    assert waiter.margin < 150_000
