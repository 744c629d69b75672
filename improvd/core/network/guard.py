"""The loop guard: the values that would close a cycle, and so must not come next.

A cycle is a period repeated three times over at least sixty beats. The guard is the safety net
under a model that was trained badly; with the default model it has nothing to do.
"""

from dataclasses import dataclass, field

import numpy as np

from improvd.core.arrays import Int64Array
from improvd.core.music import HOLD, REST

LONGEST_PERIOD = 128
REPETITIONS = 3
SHORTEST_CYCLE = 60
# A soloist's longest rests last under five beats (90th percentile 4.6): two bars are a breakdown.
MOST_EMPTY_BEATS = 8

_PERIODS = np.arange(1, LONGEST_PERIOD + 1)
# Matching beats, each equal to the one a period before, that make a cycle complete.
_COMPLETE = np.maximum((REPETITIONS - 1) * _PERIODS, SHORTEST_CYCLE - _PERIODS)


@dataclass(slots=True, eq=False)
class LoopGuard:
    """Watches the values emitted, one a beat. Constant time and memory; never blocks.

    `history` holds the latest values, newest first; `matches`, for each period, how many of them in
    a row equal the one a period before; both int64 (LONGEST_PERIOD,). `empty`: beats of silence.
    """

    history: Int64Array = field(default_factory=lambda: np.full(LONGEST_PERIOD, -1, dtype=np.int64))
    matches: Int64Array = field(default_factory=lambda: np.zeros(LONGEST_PERIOD, dtype=np.int64))
    empty: int = 0

    def copy(self) -> "LoopGuard":
        """Another guard that has watched the same values."""
        return LoopGuard(self.history.copy(), self.matches.copy(), self.empty)

    def record(self, value: int) -> None:
        """A value was emitted."""
        np.multiply(self.matches + 1, self.history == value, out=self.matches)
        self.history[1:] = self.history[:-1]
        self.history[0] = value
        self.empty = self.empty + 1 if value in (REST, HOLD) else 0

    def barred(self) -> Int64Array:
        """The values that would complete a cycle or stretch a silence too far, next."""
        barred = self.history[self.matches + 1 >= _COMPLETE]
        if self.empty >= MOST_EMPTY_BEATS:
            barred = np.append(barred, (REST, HOLD))
        return barred
