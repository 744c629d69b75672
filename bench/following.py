"""How well a clock is followed: the estimator of improvd beside two that need no thought.

Run from the repository: `python -m bench.following`, or with `even` or `lumps` for one of the two
tables. Everything is simulated on fixed seeds. In the first one per cent of the clocks is lost and
one per cent comes twice; in the second they are handed over when a period of the driver's is over,
and the master itself is up to 2 ms off.
"""

import sys
from collections import deque
from collections.abc import Callable
from statistics import fmean

import numpy as np
import numpy.typing as npt

from tests.harness.masters import (
    Estimator,
    Kalman,
    PlayedTimeline,
    arrivals,
    errors,
    in_lumps,
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
Cells = npt.NDArray[np.float64]
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


LUMPS_MS = (0, 2.7, 5.3, 10.7, 21.3, 30, 42.7, 50)
TEMPI = range(60, 301, 4)
BEATS = 32
TOLERANCE = 0.01  # further off, as a share, the tempo is wrong


def told(make: Callable[[], Estimator], bpm: float, seed: int, lump: float, lost: float) -> Cells:
    """After each tick: its number, the tempo told (0: none) and the phase error in ms."""
    due = tempo((bpm, bpm, BEATS))
    stamps, numbers = in_lumps(due, seed, lump, lost=lost)
    estimator = make()
    rows = []
    for stamp, number in zip(stamps.tolist(), numbers.tolist(), strict=True):
        estimator.tick(stamp)
        next_due, beat_on = estimator.ahead(1), estimator.ahead(25)
        if next_due is None or beat_on is None or number + 1 == len(due):
            rows.append((number, 0.0, 0.0))
        else:
            late = (next_due - due[number + 1]) / 1e6
            rows.append((number, 60e9 / max(beat_on - next_due, 1), late))
    return np.array(rows)


def lumps(make: Callable[[], Estimator], lump: float, lost: float) -> list[str]:
    """Wrong at the end; off after 4, 16 and 32 beats; phase; seconds until the tempo is right."""
    off: dict[int, list[float]] = {4: [], 16: [], BEATS: []}
    wrong, phase, lock = [], [], []
    for bpm in TEMPI:
        for seed in range(2):
            number, tempi, late = told(make, bpm, 1000 * seed + bpm, lump, lost).T
            for beats, errors_ in off.items():
                errors_.append(abs(tempi[np.searchsorted(number, 24 * beats - 2)] - bpm))
            bad = abs(tempi / bpm - 1) > TOLERANCE
            wrong.append(bad[-2])
            phase.append(abs(late[number >= BEATS // 2 * 24]))
            lock.append((number[:-1][bad[:-1]].max(initial=-1) + 1) * 60 / bpm / 24)
    every = np.concatenate(phase)
    return [
        f"{100 * np.mean(wrong):.0f} %",
        *(f"{np.median(each):.2f} / {np.percentile(each, 95):.2f}" for each in off.values()),
        f"{np.percentile(every, 50):.1f} / {np.percentile(every, 99):.1f}",
        f"{np.median(lock):.2f} / {np.percentile(lock, 95):.2f}",
    ]


def lumps_table() -> None:
    print(
        "| period, ms | lost | estimator | wrong tempo after 32 beats | BPM off after 4 beats, p50 "
        "/ p95 | after 16 | after 32 | phase, ms, p50 / p99 | right to 1 % from, s, p50 / p95 |\n"
        "|---|---|---|---|---|---|---|---|---|"
    )
    for lost in (0.0, 0.01):
        for lump in LUMPS_MS:
            for name in ("mean of 24", "improvd"):
                cells = lumps(ESTIMATORS[name], lump, lost)
                row = [f"{lump:g}", f"{lost:.0%}", name, *cells]
                print("| " + " | ".join(row) + " |", flush=True)


def main() -> None:
    if "lumps" not in sys.argv:
        even_table()
    if "even" not in sys.argv:
        lumps_table()


def even_table() -> None:
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
