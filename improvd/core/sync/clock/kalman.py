"""A Kalman filter of two states, the phase and the period of a clock's ticks.

It learns the size of the jitter from its own surprises. Times are nanoseconds, variances their
squares.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Self

# What the jitter is taken for until it is known, the least it is taken for, and how fast it moves.
FIRST_JITTER, _LEAST_JITTER = 1.5e6**2, 50e3**2
_JITTER_RATE = 0.02
# How far a computer's steady tempo wanders in a tick; what wander there is beyond it fades, with a
# time constant of a beat and a half.
_STEADY_WANDER = 200.0**2
_WANDER_DECAY = 0.97
# Surprises beyond this many standard deviations count as this many.
GATE = 3.0


@dataclass(frozen=True, slots=True)
class FilterMemory:
    """The estimate, and how sure it is: (co)variances of time and period, of jitter and wander."""

    ticks: int
    time: float
    period: float
    jitter: float
    wander: float
    of_time: float
    both: float
    of_period: float


class PhaseFilter:
    """When the latest tick was due and how far off the next is, and how sure that is.

    Args:
        ticks: the number of the latest tick.
        time: when it came.
        period: from tick to tick, with the standard deviation `spread`.
        jitter: variance of a tick's lateness, the first guess at it.
    """

    __slots__ = ("_both", "_of_period", "_of_time", "jitter", "period", "ticks", "time", "wander")

    def __init__(
        self, ticks: int, time: float, *, period: float, spread: float, jitter: float
    ) -> None:
        self.ticks = ticks
        self.time = time
        self.period = period
        self.jitter = jitter  # variance of a tick's lateness
        self.wander = 0.0  # what a tick adds to the period's variance, beyond the steady wander
        self._of_time, self._both, self._of_period = jitter, 0.0, spread * spread

    @classmethod
    def of(cls, memory: FilterMemory) -> Self:
        """The filter that goes on from there."""
        made = cls(
            memory.ticks, memory.time, period=memory.period, spread=0.0, jitter=memory.jitter
        )
        made.wander = memory.wander
        made._of_time, made._both = memory.of_time, memory.both
        made._of_period = memory.of_period
        return made

    def memory(self) -> FilterMemory:
        """What another filter goes on from."""
        return FilterMemory(
            ticks=self.ticks,
            time=self.time,
            period=self.period,
            jitter=self.jitter,
            wander=self.wander,
            of_time=self._of_time,
            both=self._both,
            of_period=self._of_period,
        )

    @property
    def spread(self) -> float:
        """Standard deviation of the next surprise."""
        return sqrt(self._of_time + self.jitter)

    def distrust_time(self, error: float) -> None:
        """The tick may be due this far from where it was thought to be."""
        self._of_time += error * error

    def advance(self, ticks: int) -> None:
        """So many ticks pass."""
        self.ticks += ticks
        self.time += ticks * self.period
        self._of_time += ticks * (2 * self._both + ticks * self._of_period)
        self._both += ticks * self._of_period
        self.wander *= _WANDER_DECAY
        self._of_period += ticks * (_STEADY_WANDER + self.wander)

    def correct(self, stamp: int, doubt: float = 1.0) -> float:
        """The tick came in. Returns its lateness in deviations, clipped at the gate.

        With `doubt` its jitter is taken for so many times as large.
        """
        variance = self._of_time + self.jitter * doubt * doubt
        spread = sqrt(variance)
        score = min(max((stamp - self.time) / spread, -GATE), GATE)
        surprise = score * spread
        lateness = max(surprise * surprise - self._of_time, _LEAST_JITTER)
        self.jitter += _JITTER_RATE * (lateness - self.jitter)
        by_time, by_period = self._of_time / variance, self._both / variance
        self.time += by_time * surprise
        self.period += by_period * surprise
        self._of_period -= by_period * self._both
        self._of_time -= by_time * self._of_time
        self._both -= by_time * self._both
        return score
