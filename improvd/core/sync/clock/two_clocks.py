"""Two clocks on one input: the same one over several cables, or another master's beside it.

What ticks alone cannot tell: a copy that falls halfway between a clock's ticks is to the
nanosecond what a doubled tempo is. But a master's Start comes over each of the cables too, and says
by how much the other ones are later.

Times are nanoseconds.
"""

from collections.abc import Sequence
from enum import Enum, auto
from itertools import pairwise
from math import ceil, inf, log, sqrt
from statistics import fmean, median, stdev, variance

from improvd.core.sync.clock.kalman import FilterMemory, PhaseFilter
from improvd.core.sync.clock.recount import RECOUNTED

_MS = 1_000_000
# Cables differ by less than this; nobody presses Start twice in such a time.
_CABLES = 45 * _MS
# What comes over a later cable is as much later, to within this.
_SAME_DELAY = 2.5 * _MS
_MOST_CABLES = 4
# A cable is taken for the first one only if it is so much likelier than one before it.
_CLEARLY = 1 * _MS
# Ticks that halve (or part in three) an even clock's are a copy's if it is no later than this:
# above, the tempo has doubled.
_HALVES = 15 * _MS
# Of one clock no more copies than these, itself among them, are told by ticks alone; and even gaps
# are such a part of its own to within this share.
_MOST_ALIKE, _PARTED = 3, 0.07
# Ticks this near (in periods) to where one is due are taken for it, farther if the jitter is
# known to be large, but never as far as that.
ON_TIME, _NEAR, _WIDEST = 0.12, 0.08, 0.3
# Nearer, down to this, if the clock is known to be more exact.
_AS_EXACT = 0.04
# Beside a clock that is off by more (in periods) nothing can be told.
_TOO_INEXACT = 0.25
# There are two if among the ticks are all those due, so many that chance is unlikely to hit them
# all, and for this share of them others.
_FEWEST_DUE, _CHANCE, _BESIDE = 4, 1e-4, 0.4
# There are two as well if this share of those due came twice, but not at once: those are lumps.
_TWICE, _AT_ONCE = 0.8, 0.25 * _MS
# And if this share of the gaps, not just one, is off by so much, or if they are uneven by turns:
# else the tempo is a multiple of what it was. So many deviations are no chance; fewer gaps of a
# turn than these may well be.
_OFF, _UNEVEN, _UNEVEN_BY_TURNS, _SURE, _FEW_TURNS = 0.35, 0.2, 0.1, 3.0, 5
# Without a lock: gaps that differ by this share by turns, while each clock's own are even to that.
_DIFFER, _EVEN, _CERTAIN = 0.4, 0.13, 4.5
_TELLING = 12
# A clock that was not there when so many of its ticks were due is gone; one that came makes up for
# part of one that did not.
_MISSED, _FOUND = 3.0, 0.5


class Repeats:
    """Start, Stop and Continue that come again: one master is heard over several cables.

    `delays` are what was learned from it: by how much the later ones are later. `rules` are those
    of playing, see `Following`.
    """

    def __init__(self, rules: int = RECOUNTED) -> None:
        self._recounts = rules >= RECOUNTED
        self.delays: tuple[int, ...] = ()
        self._first: dict[int, int] = {}
        self._latest: int | None = None
        self._again = 0  # so often the latest one has come again

    def hear(self, stamp: int, status: int) -> bool:
        """Whether this Start, Stop or Continue is one that was heard already."""
        delay = stamp - self._first.get(status, -_CABLES)
        known = any(abs(delay - each) < _SAME_DELAY for each in self.delays)
        if 0 <= delay < _CABLES and (known or self._latest == status):
            self._again += 1
            # Cables may differ by less than a delay from one time to the next.
            another = self._again > len(self.delays) and self._recounts
            if not known or another:
                self.delays = (*self.delays, delay)[-_MOST_CABLES:]
            return True
        self._first[status] = stamp
        self._latest = status
        self._again = 0
        return False


def without_repeats(stamps: Sequence[int], delays: Sequence[int]) -> list[int]:
    """The ticks of the first of several cables, if the others are so much later; else none."""
    cables = len(delays) + 1
    best, off = [], inf
    for first in range(cables):
        firsts = list(stamps[first::cables])
        others = [stamp for n, stamp in enumerate(stamps) if (n - first) % cables]
        again = [first + delay for first in firsts[:-1] for delay in delays]
        far = fmean(min(abs(each - stamp) for stamp in others) for each in again)
        if far < off - _CLEARLY:
            best, off = firsts, far
    if off > _SAME_DELAY or not _are_even(best):
        return []
    usual = (stamps[-1] - stamps[0]) / (len(stamps) - 1)
    halved = any(abs(usual - delay) < _SAME_DELAY for delay in delays if delay > _HALVES)
    return [] if halved and clocks(stamps) == 1 else best


def come_together(stamps: Sequence[int], cables: int, within: float) -> bool:
    """Whether so many at a time come within such a time, as they do over several cables."""
    groups = [
        zip(stamps[n::cables], stamps[n + cables - 1 :: cables], strict=False)
        for n in range(cables)
    ]
    return any(all(last - first < within + _MS for first, last in group) for group in groups)


def _are_even(stamps: Sequence[int]) -> bool:
    periods = [after - before for before, after in pairwise(stamps)]
    return stdev(periods) < _EVEN * fmean(periods)


def clocks(stamps: Sequence[int]) -> int:
    """How many are heard, by gaps that are long and short by turns."""
    gaps = [after - before for before, after in pairwise(stamps)]
    usual = fmean(gaps)
    for count in range(2, _MOST_ALIKE + 1):
        if len(gaps) <= 2 * count:
            break
        turns = [gaps[turn::count] for turn in range(count)]
        means = [fmean(turn) for turn in turns]
        periods = [after - before for before, after in zip(stamps, stamps[count:], strict=False)]
        chance = sqrt(fmean(variance(turn) for turn in turns) * count / len(gaps))
        differ = max(means) - min(means) > max(_DIFFER * usual, _CERTAIN * chance)
        if differ and min(means) < _HALVES and stdev(periods) < _EVEN * fmean(periods):
            return count
    return 1


def is_beside(
    clock: FilterMemory, stamps: Sequence[int], shortest: float, rules: int = RECOUNTED
) -> bool:
    """Whether all of a clock's ticks are among these, and those of another one between them.

    So dense that no two clocks can be, or even and no multiple of it, they are a single clock's
    that has changed its pace. `shortest` is the period of the fastest clock that is followed;
    before the rules of 4 it mattered where in a period the latest tick fell.
    """
    jitter = _SURE * sqrt(clock.jitter) / clock.period
    if jitter > _TOO_INEXACT:
        return False
    on_time = max(jitter, _AS_EXACT)
    fewest = max(ceil(log(_CHANCE) / log(2 * on_time)), _FEWEST_DUE)
    places = [(stamp - clock.time) / clock.period for stamp in stamps]
    places = [place for place in places if place > places[-1] - fewest - 1.5]
    came = {round(place) for place in places if abs(place - round(place)) < on_time}
    between = max(on_time, ON_TIME)
    others = [n for n, place in enumerate(places) if abs(place - round(place)) >= between]
    due = range(round(places[0]) + 1, round(places[-1]))
    if len(due) < fewest or not came.issuperset(due):
        return False
    since = places[max(others[0] - 1, 0) :] if others else places
    fastest = clock.period / shortest
    rate = _rate(since) if rules >= RECOUNTED else (len(since) - 1) / (since[-1] - since[0])
    if rate > max(_MOST_ALIKE, 1 + fastest):
        return False
    uneven = _are_uneven(since, jitter)
    near = [round(place) for place in places if abs(place - round(place)) < between]
    if sum(near.count(tick) > 1 for tick in due) >= _TWICE * len(due):
        gaps = [after - before for before, after in pairwise(places)]
        at_once = median(gap for gap in gaps if gap < 2 * between) <= _AT_ONCE / clock.period
        return uneven and not at_once
    beside = {places[n] // 1 for n in others}
    if len(beside) < _BESIDE * len(due):
        return False
    return uneven or _halve(since, clock.period, fastest)


def _rate(places: Sequence[float]) -> float:
    """How many ticks there are to a period, in as many as are over."""
    first, *after = places
    whole = int(after[-1] - first + ON_TIME)
    if whole == 0:
        return len(after) / (after[-1] - first)
    return sum(place - first <= whole + ON_TIME for place in after) / whole


def _halve(places: Sequence[float], period: float, fastest: float) -> bool:
    """Whether even gaps are those of copies that happen to halve a clock's, or part it in three.

    In three only if that were a tempo: more often a clock that is too fast is one that went wrong.
    """
    rate = (len(places) - 1) / (places[-1] - places[0])
    cables = round(rate)
    if not 2 <= cables <= _MOST_ALIKE or abs(rate / cables - 1) > _PARTED:
        return False
    return period * (1 - 1 / cables) < _HALVES and (cables == 2 or rate <= fastest)


def _are_uneven(places: Sequence[float], jitter: float) -> bool:
    """Whether the gaps are no single clock's, even if that is as inexact as this."""
    gaps = [after - before for before, after in pairwise(places)]
    middle = median(gaps)
    off = sum(abs(gap - middle) > max(_OFF * middle, sqrt(2) * jitter) for gap in gaps)
    if off > 1 and off >= _UNEVEN * len(gaps):
        return True
    usual = fmean(gaps)
    clocks = max(round(1 / usual), 1)
    turns = [gaps[turn::clocks] for turn in range(clocks)]
    if not 1 < clocks <= _MOST_ALIKE or min(len(turn) for turn in turns) < _FEW_TURNS:
        return False
    by_turns = fmean(abs(fmean(turn) / usual - 1) for turn in turns)
    # Of so few gaps the deviation is soon too small by chance; what is known of the clock is not.
    known = sqrt(2) * jitter / _SURE
    chance = max(max(stdev(turn), known) / sqrt(len(turn)) for turn in turns) / usual
    return by_turns > max(_UNEVEN_BY_TURNS, _SURE * chance)


class Verdict(Enum):
    """What a tick is, of two clocks'."""

    OWN = auto()
    """The followed clock's."""
    NEARER = auto()
    """The followed clock's too, it seems, and likelier than the one that was taken for it."""
    DOUBTFUL = auto()
    """Maybe that, and no likelier."""
    OTHER = auto()
    LOST = auto()
    """Another's, and the followed clock is not there any more."""


class Sieve:
    """Of two clocks, the ticks of the one that is followed: those that come where one is due."""

    def __init__(self) -> None:
        self._missing = 0.0
        self._taken: tuple[float, int] | None = None  # when the latest tick was due, and came

    def judge(self, filter_: PhaseFilter, stamp: int) -> Verdict:
        """What a tick is."""
        gate = max(_SURE * filter_.spread, _NEAR * filter_.period)
        gate = min(gate, _WIDEST * filter_.period)
        if self._taken and abs(stamp - self._taken[0]) <= gate:
            due, taken = self._taken
            if abs(stamp - due) < abs(taken - due):
                self._taken = due, stamp
                return Verdict.NEARER
            return Verdict.DOUBTFUL
        late = stamp - filter_.time
        ticks = round(late / filter_.period)
        due = filter_.time + ticks * filter_.period
        if ticks > 0 and abs(stamp - due) <= gate:
            self._missing = max(self._missing - _FOUND, 0.0) + ticks - 1
            self._taken = due, stamp
            return Verdict.OWN
        overdue = (late - gate) // filter_.period
        return Verdict.LOST if self._missing + overdue >= _MISSED else Verdict.OTHER

    def delay(self, filter_: PhaseFilter, first: int, delays: Sequence[int]) -> int:
        """By how much later than the first cable's ticks those are that were taken so far."""
        self._taken = None
        ahead = [(first + delay - filter_.time) / filter_.period for delay in (0, *delays)]
        off = [abs(place - round(place)) for place in ahead]
        return (0, *delays)[off.index(min(off))]
