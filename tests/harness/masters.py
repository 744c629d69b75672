"""Simulated masters: when their clocks are due, what of them arrives, and how well it is followed.

Times are nanoseconds in NumPy arrays; a clock's number is its index in `due`.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
import numpy.typing as npt

from improvd.core.midi.messages import CLOCK, START
from improvd.core.sync.follower import CLOCKS_PER_BEAT, PULSES_PER_CLOCK, Follower
from improvd.core.sync.transport import Transport
from improvd.core.timeline import Timeline, ns_per_beat

START_NS = 10**9
_MS = 1e6

Times = npt.NDArray[np.float64]
ClockArrivals = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


def tempo(*parts: tuple[float, float, float]) -> Times:
    """The due times of clocks; a part is (BPM at its start, BPM at its end, beats)."""
    bpm = np.concatenate(
        [np.linspace(first, last, round(beats * CLOCKS_PER_BEAT)) for first, last, beats in parts]
    )
    return START_NS + np.concatenate([[0.0], np.cumsum(60e9 / CLOCKS_PER_BEAT / bpm)])


def arrivals(
    due: Times, seed: int, jitter_ms: float, lost: float = 0.01, doubled: float = 0.01
) -> ClockArrivals:
    """Stamps in order of arrival, and the number of the clock that each one is.

    Every clock is up to `jitter_ms` early or late; a doubled one comes again within 2 ms.
    """
    rng = np.random.default_rng(seed)
    stamps = due + rng.uniform(-jitter_ms, jitter_ms, len(due)) * _MS
    kept = np.flatnonzero(rng.random(len(due)) >= lost)
    twice = kept[rng.random(len(kept)) < doubled]
    again = stamps[twice] + rng.uniform(0, 2 * _MS, len(twice))
    numbers = np.concatenate([kept, twice])
    stamps = np.concatenate([stamps[kept], again])
    order = np.argsort(stamps, kind="stable")
    return stamps[order].astype(np.int64), numbers[order]


class Estimator(Protocol):
    """Whatever says when clocks to come are due."""

    def tick(self, stamp_ns: int) -> None:
        """A clock came in."""

    def ahead(self, clocks: int) -> float | None:
        """When the clock so many after the latest is due; None while it cannot say."""


class Kalman:
    """The follower, as an estimator."""

    def __init__(self) -> None:
        self.follower = Follower()

    def tick(self, stamp_ns: int) -> None:
        self.follower.tick(stamp_ns)

    def ahead(self, clocks: int) -> float | None:
        if not self.follower.locked:
            return None
        return self.follower.timeline.when((self.follower.ticks + clocks) * PULSES_PER_CLOCK)


class PlayedTimeline:
    """The timeline that the performer is given, from a Start on, as an estimator."""

    def __init__(self) -> None:
        self.transport = Transport(Timeline(0, 0, ns_per_beat(120)))
        self.transport.hear(START_NS // 2, bytes((START,)))
        self._latest = 0

    def tick(self, stamp_ns: int) -> None:
        self.transport.hear(stamp_ns, bytes((CLOCK,)))
        pulse = self.transport.state.timeline.pulse_at(stamp_ns)
        self._latest = round(pulse / PULSES_PER_CLOCK)

    def ahead(self, clocks: int) -> float | None:
        return self.transport.state.timeline.when((self._latest + clocks) * PULSES_PER_CLOCK)


def errors(
    estimator: Estimator, due: Times, heard: ClockArrivals, clocks: int
) -> tuple[Times, Times]:
    """(number of the clock after which it was foreseen, error in ms) of what was foreseen.

    A miscounted clock shows as an error of a whole clock.
    """
    numbers, foreseen = [], []
    for stamp, number in zip(heard[0].tolist(), heard[1].tolist(), strict=True):
        estimator.tick(stamp)
        time = estimator.ahead(clocks)
        if time is not None and number + clocks < len(due):
            numbers.append(number)
            foreseen.append(time)
    at = np.array(numbers)
    return at, (np.array(foreseen) - due[at + clocks]) / _MS


def rms(values: Times) -> float:
    """Root of the mean square."""
    return float(np.sqrt(np.mean(values**2)))


def seconds_to_lock(
    due: Times, at: Times, error: Times, since: int, within_ms: float = 2.0
) -> float:
    """From clock `since` until the error stays within the limit for a second; inf if never."""
    later = at >= since
    times, bad = due[at[later]], np.abs(error[later]) > within_ms
    ends: Sequence[float] = [due[since], *times[bad], np.inf]
    for before, after in pairwise(ends):
        good = times[(times > before) & (times < after)]
        if len(good) and min(after, times[-1]) - before >= 1e9:
            return float(good[0] - due[since]) / 1e9
    return float("inf")


def in_lumps(
    due: Times, seed: int, lump_ms: float, jitter_ms: float = 2.0, lost: float = 0.01
) -> ClockArrivals:
    """Stamps and numbers of clocks that are handed over when a period of `lump_ms` is over.

    Those of one period come one after another, 30 us apart, as a driver stamps them. 0 is no
    period.
    """
    rng = np.random.default_rng(seed)
    sent = np.maximum.accumulate(due + rng.uniform(-jitter_ms, jitter_ms, len(due)) * _MS)
    kept = rng.random(len(due)) >= lost
    kept[0] = True
    if lump_ms:
        begin = rng.uniform(0, lump_ms) * _MS
        lump = lump_ms * _MS
        sent = np.ceil((sent - begin) / lump) * lump + begin
    stamps = (sent[kept] + rng.uniform(0, 0.05 * _MS, kept.sum())).astype(np.int64)
    for at in range(1, len(stamps)):
        stamps[at] = max(stamps[at], stamps[at - 1] + 30_000)
    return stamps, np.flatnonzero(kept)
