"""Ticks counted anew after a tempo has jumped.

While a tempo jumps nobody knows yet what a tick is worth: at three times the pace the first ticks
look like doubled ones, at a third like lost ones. A beat later two lines are known, the one of
before and the one of since. Each tick in between lies on one of them; where the first line ends and
the other begins, a tick is the last one's successor, and so the lines tell the number of each.

Times are nanoseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from statistics import linear_regression, pstdev

# The rules of playing from which on this is done; see `Following`.
RECOUNTED = 4

# The line of before is told by so many ticks, and ends so many before the jump is noticed; so many
# since then tell the line of since.
_TELLING, _UNNOTICED = 16, 14
STEADY, SETTLED = _TELLING + _UNNOTICED + 1, 24
# Of the ticks that tell a line no more than so many may be lost or doubled.
_FEW = 2
# Of a clock whose jitter has a larger standard deviation (in periods) no jump is sure.
_NOISE = 0.16
# Nearer to one than this is no jump: nothing is miscounted there.
_SAME_TEMPO = 0.03
# Ticks are this near (in periods) to their line, but for one in so many: else it was a ramp.
_NEAR, _ASTRAY = 0.35, 5
# A gap of less, in the shorter of both periods, is a doubled tick's; one of more, in the longer, is
# silence.
_DOUBLED, _SILENCE = 0.3, 4


@dataclass(frozen=True, slots=True)
class Before:
    """The line before a jump: when the tick of a number was due, one of its last, and the period.

    The tick itself came at `stamp`.
    """

    stamp: int
    number: int
    time: float
    period: float

    @classmethod
    def of(cls, heard: Sequence[tuple[int, int]]) -> "Before | None":
        """By the ticks, as they were counted, up to the one with which the jump was noticed."""
        if len(heard) < STEADY:
            return None
        telling = list(heard)[-_UNNOTICED - _TELLING : -_UNNOTICED]
        stamp, number = telling[-1]
        if abs(number - telling[0][1] - len(telling) + 1) > _FEW:
            return None
        period, late = linear_regression(
            [tick - number for _, tick in telling], [each - stamp for each, _ in telling]
        )
        off = [each - stamp - late - (tick - number) * period for each, tick in telling]
        if pstdev(off) > _NOISE * period:
            return None
        return cls(stamp, number, stamp + late, period)


def recounted(
    before: Before, heard: Sequence[tuple[int, int]], time: float, period: float
) -> int | None:
    """The number of the latest tick, of the line of `period` through `time`; None if unsure."""
    if abs(period / before.period - 1) < _SAME_TEMPO:
        return None
    stamps = [stamp for stamp, _ in heard if stamp >= before.stamp]
    if not stamps or stamps[0] != before.stamp or len(stamps) < SETTLED:
        return None
    old = [(stamp - before.time) / before.period for stamp in stamps]
    new = [(time - stamp) / period for stamp in stamps]
    last = _last_of(stamps, (old, before.period), (new, period))
    if not (_is_line(old[: last + 1]) and _is_line(new[last + 1 :])):
        return None
    gap = stamps[last + 1] - stamps[last]
    if gap > _SILENCE * max(before.period, period):
        return None  # the song went on meanwhile, at the tempo of before
    between = max(round(gap / max(before.period, period)), 1)
    if gap < _DOUBLED * min(before.period, period):
        between = 0
    return before.number + round(old[last]) + between + round(new[last + 1])


_Line = tuple[Sequence[float], float]
"""The places of ticks on a line, in periods, and the period."""


def _last_of(stamps: Sequence[int], before: _Line, since: _Line) -> int:
    """Which tick was the last of the line of before: where all fit best, and the gaps too."""
    gaps = [after - early for early, after in pairwise(stamps)]
    # A lost tick counts for no more than a period of the faster line.
    most = min(before[1], since[1])
    misfits = _misfits(gaps, before, most), _misfits(gaps, since, most)
    better = (new - old for old, new in zip(*misfits, strict=True))
    sums = [0.0, *accumulate(better)][: len(gaps)]
    return sums.index(max(sums))


def _misfits(gaps: Sequence[int], line: _Line, most: float) -> list[float]:
    """How badly each tick but the first fits a line."""
    places, period = line
    off = [min(abs(place - round(place)) * period, most) for place in places[1:]]
    return [
        each * each + min(abs(gap - period), most) ** 2 for each, gap in zip(off, gaps, strict=True)
    ]


def _is_line(places: Sequence[float]) -> bool:
    """Whether most of these, in periods, are near whole numbers."""
    astray = sum(abs(place - round(place)) > _NEAR for place in places)
    return astray * _ASTRAY <= len(places)
