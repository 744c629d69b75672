"""How well a clock is followed: the estimator of improvd beside two that need no thought.

Run from the repository: `python -m bench.following`, or with the name of one of its tables: `even`,
`lumps`, `reachable` or `cost`. Everything is simulated on fixed seeds. In the first one per cent of
the clocks is lost and one per cent comes twice; in the others they are handed over when a period of
the driver's is over, and the master itself is up to 2 ms off. isobar, from PyPI, is left out where
it is not installed.
"""

import sys
import time
from collections import deque
from collections.abc import Callable
from statistics import fmean
from types import SimpleNamespace

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


class Isobar:
    """The tempo that isobar's own MIDI input tells, in simulated time, from the latest stamp on."""

    def __init__(self) -> None:
        import mido  # noqa: PLC0415 - only where isobar is asked for
        from isobar.io.midi import input as module  # noqa: PLC0415 - as above

        self._now = 0.0
        module.time = SimpleNamespace(time=lambda: self._now)
        self._clock = mido.Message("clock")
        self._device = module.MidiInputDevice.__new__(module.MidiInputDevice)
        self._device.clock_target = self._device.estimated_tempo = None
        self._device.last_clock_time = None

    def tick(self, stamp_ns: int) -> None:
        """A clock came in."""
        self._now = stamp_ns / 1e9
        self._device._mido_callback(self._clock)  # noqa: SLF001 - its only way in

    def ahead(self, clocks: int) -> float | None:
        """When the clock so many after the latest is due."""
        tempo_told = self._device.tempo
        return tempo_told and self._now * 1e9 + clocks * 60e9 / 24 / tempo_told


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
NEAR_BPM = 0.1
_STAMPED_MS = 0.05
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


def beside_others() -> dict[str, Callable[[], Estimator]]:
    """What is measured on lumps."""
    shown = {name: ESTIMATORS[name] for name in ("mean of 24", "improvd")}
    try:
        Isobar()
    except ImportError as missing:
        print(f"isobar is left out: {missing}")
        return shown
    return {"isobar": Isobar} | shown


def best(stamps: Cells, lump: float, jitter: float) -> float:
    """The tempo that nobody can better: the mean of all that are possible, by their probability.

    Who tells it knows the law that the stamps, in ms from any moment, follow: that each tick was
    off by up to `jitter` ms, any such number being as likely, and was then held back till the end
    of a period of `lump` ms. Bayes' rule on a grid of phases and periods, which is made finer
    around what is likely.
    """
    numbers = np.arange(len(stamps)) - (len(stamps) - 1) / 2
    period, phase = np.polyfit(numbers, stamps - lump / 2, 1)
    spread = np.array([2 * (lump + 2 * jitter) / len(stamps), lump + 2 * jitter])
    for _ in range(3):
        periods, phases = (
            middle + np.linspace(-each, each, 120)
            for middle, each in zip((period, phase), spread, strict=True)
        )
        log = np.zeros((len(phases), len(periods)))
        for number, stamp in zip(numbers, stamps, strict=True):
            sent = phases[:, None] + number * periods[None, :]
            # The stamps of one period come 30 us and up to 50 us after its end.
            early = np.maximum(sent - jitter, stamp - lump - _STAMPED_MS)
            late = np.minimum(sent + jitter, stamp)
            with np.errstate(divide="ignore"):
                log += np.log(np.clip((late - early) / (2 * jitter), 0, 1))
        weight = np.exp(log - log.max())
        weight /= weight.sum()
        period, phase = (weight * periods).sum(), (weight * phases[:, None]).sum()
        off = (weight * (periods - period) ** 2).sum(), (weight * (phases[:, None] - phase) ** 2)
        spread = 5 * np.sqrt([off[0], off[1].sum()])
    return float(60_000 / 24 / period)


def reachable_table() -> None:
    """BPM off after four beats, and what could be reached: by who knows the law of the errors."""
    print(
        "| period, ms | jitter, ms | best possible, BPM off after 4 beats, p50 / p95 | within 0.1 "
        "| improvd | within 0.1 |\n|---|---|---|---|---|---|"
    )
    for jitter in (2.0, 0.2):
        for lump in LUMPS_MS[2:]:
            possible, reached = [], []
            for bpm in range(60, 301, 8):
                due = tempo((bpm, bpm, 5))
                stamps, numbers = in_lumps(due, bpm, lump, jitter_ms=jitter, lost=0)
                stamps, estimator = stamps[numbers < 95], Kalman()
                for stamp in stamps.tolist():
                    estimator.tick(stamp)
                reached.append(abs(estimator.follower.timeline.bpm - bpm))
                possible.append(abs(best((stamps - stamps[0]) / 1e6, lump, jitter) - bpm))
            cells = [
                cell
                for each in (possible, reached)
                for cell in (
                    f"{np.median(each):.3f} / {np.percentile(each, 95):.2f}",
                    f"{100 * np.mean(np.array(each) <= NEAR_BPM):.0f} %",
                )
            ]
            print(f"| {lump:g} | {jitter:g} | " + " | ".join(cells) + " |", flush=True)


def cost_table() -> None:
    """How long one tick takes to be counted, of the processor's time."""
    print("| period, ms | lost | us, p50 | p99 | p99.9 | worst |\n|---|---|---|---|---|---|")
    for lost in (0.0, 0.01, 0.03):
        for lump in LUMPS_MS:
            taken = []
            for bpm in (70, 95, 120, 140, 180, 240):
                stamps, _ = in_lumps(tempo((bpm, bpm, 64)), bpm, lump, lost=lost)
                estimator = Kalman()
                for stamp in stamps.tolist():
                    began = time.thread_time_ns()
                    estimator.tick(stamp)
                    taken.append((time.thread_time_ns() - began) / 1e3)
            shown = [f"{np.percentile(taken, p):.0f}" for p in (50, 99, 99.9, 100)]
            print(f"| {lump:g} | {lost:.0%} | " + " | ".join(shown) + " |", flush=True)


def lumps_table() -> None:
    print(
        "| period, ms | lost | estimator | wrong tempo after 32 beats | BPM off after 4 beats, p50 "
        "/ p95 | after 16 | after 32 | phase, ms, p50 / p99 | right to 1 % from, s, p50 / p95 |\n"
        "|---|---|---|---|---|---|---|---|---|"
    )
    for lost in (0.0, 0.01):
        for lump in LUMPS_MS:
            for name, make in beside_others().items():
                cells = lumps(make, lump, lost)
                row = [f"{lump:g}", f"{lost:.0%}", name, *cells]
                print("| " + " | ".join(row) + " |", flush=True)


def main() -> None:
    tables = {
        "even": even_table,
        "lumps": lumps_table,
        "reachable": reachable_table,
        "cost": cost_table,
    }
    for name in sys.argv[1:] or tables:
        tables[name]()


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
