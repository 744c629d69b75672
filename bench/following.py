"""How well a clock is followed: the estimator of improvd beside two that need no thought.

Run from the repository: `python -m bench.following`. Everything is simulated on fixed seeds; one
per cent of the clocks is lost and one per cent comes twice.
"""

from collections import deque
from collections.abc import Callable
from statistics import fmean

import numpy as np

from tests.harness.masters import (
    Estimator,
    Kalman,
    PlayedTimeline,
    arrivals,
    errors,
    rms,
    seconds_to_lock,
    tempo,
)

SEEDS = range(10)
JITTERS_MS = (1.0, 2.0, 3.0, 5.0)
# Errors are taken as steady from the tenth beat on.
STEADY_FROM = 240
HALF_A_CLOCK_MS = 6.25  # at 200 BPM


class MeanInterval:
    """The latest stamp plus the mean of the latest intervals: what most programs do."""

    def __init__(self, intervals: int) -> None:
        self._stamps: deque[int] = deque(maxlen=intervals + 1)

    def tick(self, stamp_ns: int) -> None:
        """A clock came in."""
        self._stamps.append(stamp_ns)

    def ahead(self, clocks: int) -> float | None:
        """When the clock so many after the latest is due."""
        if len(self._stamps) < 2:
            return None
        mean = (self._stamps[-1] - self._stamps[0]) / (len(self._stamps) - 1)
        return self._stamps[-1] + clocks * mean


ESTIMATORS: dict[str, Callable[[], Estimator]] = {
    "last interval": lambda: MeanInterval(1),
    "mean of 24": lambda: MeanInterval(24),
    "improvd": Kalman,
    "improvd, as played": PlayedTimeline,
}
# The others know no numbers of clocks, so they cannot lose count.
UNCOUNTED = [ESTIMATORS["last interval"], ESTIMATORS["mean of 24"]]


def steady(make: Callable[[], Estimator], jitter: float) -> list[str]:
    due = tempo((120, 120, 120))
    cells, lock = [], []
    for clocks in (1, 24):
        steady_errors = []
        for seed in SEEDS:
            at, error = errors(make(), due, arrivals(due, seed, jitter), clocks)
            steady_errors.append(error[at >= STEADY_FROM])
            if clocks == 1:
                lock.append(seconds_to_lock(due, at, error, 0))
        every = np.concatenate(steady_errors)
        cells.append(f"{rms(every):.2f} / {np.percentile(np.abs(every), 99):.2f}")
    return [*cells, seconds(lock)]


def jump(make: Callable[[], Estimator], jitter: float, first: float, then: float) -> str:
    due = tempo((first, first, 40), (then, then, 60))
    locks = []
    for seed in SEEDS:
        at, error = errors(make(), due, arrivals(due, seed, jitter), 1)
        locks.append(seconds_to_lock(due, at, error, 40 * 24))
    return seconds(locks)


def ramp(make: Callable[[], Estimator], jitter: float, beats: float) -> str:
    due = tempo((60, 60, 16), (60, 200, beats), (200, 200, 16))
    squares, kept = [], 0
    for seed in SEEDS:
        at, error = errors(make(), due, arrivals(due, seed, jitter), 1)
        moving = error[(at >= STEADY_FROM) & (at < (16 + beats) * 24)]
        squares.append(rms(moving) ** 2)
        kept += bool(np.abs(error[-1]) < HALF_A_CLOCK_MS)
    counted = "" if make in UNCOUNTED else f" ({kept})"
    return f"{np.sqrt(fmean(squares)):.2f}{counted}"


def seconds(values: list[float]) -> str:
    """Median and worst."""
    return " / ".join(
        "never" if np.isinf(value) else f"{value:.2f}"
        for value in (float(np.median(values)), max(values))
    )


def main() -> None:
    print(
        "| jitter, ms | estimator | one clock ahead, ms, RMS / p99 | one beat ahead | lock, s, "
        "median / worst | 120 to 140 | 60 to 120 | 60 to 200 in 64 beats, ms RMS (count kept) | "
        "in 256 beats |\n|---|---|---|---|---|---|---|---|---|"
    )
    for jitter in JITTERS_MS:
        for name, make in ESTIMATORS.items():
            cells = [
                *steady(make, jitter),
                jump(make, jitter, 120, 140),
                jump(make, jitter, 60, 120),
                ramp(make, jitter, 64),
                ramp(make, jitter, 256),
            ]
            print(f"| {jitter:g} | {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
