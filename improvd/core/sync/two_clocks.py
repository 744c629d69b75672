"""Two clocks on one input: the same one over several cables, or another master's beside it.

What ticks alone cannot tell: a copy that falls halfway between a clock's ticks is to the
nanosecond what a doubled tempo is. But a master's Start comes over each of the cables too, and says
by how much the other ones are later.

Times are nanoseconds.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from statistics import fmean, median, stdev

from improvd.core.sync.kalman import FilterMemory

_MS = 1_000_000
# Cables differ by less than this; nobody presses Start twice in such a time.
_CABLES = 45 * _MS
# What comes over a later cable is as much later, to within this.
_SAME_DELAY = 2.5 * _MS
_MOST_CABLES = 4
# A delay that halves an even clock is this short: above, it is one clock with ticks so far apart.
_HALVES = 15 * _MS
# Ticks this near (in periods) to where one is due are taken for it.
ON_TIME = 0.12
# Nearer, down to this, if the clock is known to be more exact.
_AS_EXACT = 0.04
# Beside a clock that is off by more (in periods) nothing can be told.
_TOO_INEXACT = 0.2
# There are two if among the ticks are all those due, at least so many, and for this share of them
# others.
_FEWEST_DUE, _BESIDE = 4, 0.4
# And if this share of the gaps, not just one, is off by so much, or if they are uneven by turns:
# else the tempo is a multiple of what it was. So many deviations are no chance.
_OFF, _UNEVEN, _UNEVEN_BY_TURNS, _SURE = 0.35, 0.2, 0.1, 3.0
# Without a lock: gaps that differ by this share by turns, in turns that scatter less than that.
_DIFFER, _SCATTER = 0.4, 0.3


class Repeats:
    """Start, Stop and Continue that come again: one master is heard over several cables.

    `delays` are what was learned from it: by how much the later ones are later.
    """

    def __init__(self) -> None:
        self.delays: tuple[int, ...] = ()
        self._first: dict[int, int] = {}
        self._latest: int | None = None

    def hear(self, stamp: int, status: int) -> bool:
        """Whether this Start, Stop or Continue is one that was heard already."""
        delay = stamp - self._first.get(status, -_CABLES)
        known = any(abs(delay - each) < _SAME_DELAY for each in self.delays)
        if 0 <= delay < _CABLES and (known or self._latest == status):
            if not known:
                self.delays = (*self.delays, delay)[-_MOST_CABLES:]
            return True
        self._first[status] = stamp
        self._latest = status
        return False


def without_repeats(stamps: Sequence[int], delays: Sequence[int]) -> list[int]:
    """The ticks of the first cable: those that no other one was so much earlier than."""
    firsts: list[int] = []
    for stamp in stamps:
        lags = [stamp - first - delay for first in firsts[-8:] for delay in delays]
        if not any(abs(lag) < _SAME_DELAY for lag in lags):
            firsts.append(stamp)
    usual = (firsts[-1] - firsts[0]) / max(len(firsts) - 1, 1)
    halved = any(abs(usual - 2 * delay) < 2 * _SAME_DELAY for delay in delays if delay > _HALVES)
    return list(stamps) if halved else firsts


def alternate(stamps: Sequence[int]) -> bool:
    """Whether the gaps are by turns long and short: two clocks, or one heard twice."""
    gaps = [after - before for before, after in pairwise(stamps)]
    one, other = gaps[::2], gaps[1::2]
    usual = fmean(gaps)
    scatter = max(max(one) - min(one), max(other) - min(other))
    return abs(fmean(one) - fmean(other)) > _DIFFER * usual and scatter < _SCATTER * usual


def is_beside(clock: FilterMemory, stamps: Sequence[int], share: float = _BESIDE) -> bool:
    """Whether all of a clock's ticks are among these, and those of another one between them."""
    places = [(stamp - clock.time) / clock.period for stamp in stamps]
    jitter = _SURE * sqrt(clock.jitter) / clock.period
    if jitter > _TOO_INEXACT:
        return False
    on_time = min(max(jitter, _AS_EXACT), ON_TIME)
    came = {round(place) for place in places if abs(place - round(place)) < on_time}
    others = [n for n, place in enumerate(places) if abs(place - round(place)) >= ON_TIME]
    due = range(round(places[0]) + 1, round(places[-1]))
    beside = {places[n] // 1 for n in others}
    if len(due) < _FEWEST_DUE or not came.issuperset(due) or len(beside) < share * len(due):
        return False
    return _are_uneven(places[max(others[0] - 1, 0) :])


def _are_uneven(places: Sequence[float]) -> bool:
    """Whether the gaps are no single clock's."""
    gaps = [after - before for before, after in pairwise(places)]
    off = sum(abs(gap / median(gaps) - 1) > _OFF for gap in gaps)
    if off > 1 and off >= _UNEVEN * len(gaps):
        return True
    usual = fmean(gaps)
    clocks = max(round(1 / usual), 1)
    turns = [gaps[turn::clocks] for turn in range(clocks)]
    if clocks == 1 or min(len(turn) for turn in turns) < 3:
        return False
    by_turns = fmean(abs(fmean(turn) / usual - 1) for turn in turns)
    chance = max(stdev(turn) / sqrt(len(turn)) for turn in turns) / usual
    return by_turns > max(_UNEVEN_BY_TURNS, _SURE * chance)
