"""What is known of a clock whose ticks are held back on their way: bounds, nothing between them.

An audio server hands over at once what came in a period of its own, Bluetooth in a connection
interval. Such a delay is no noise around a mean: errors go together, and an average over them is
wrong for long. What is sure is that a tick comes after it was sent, and no later than a period
after it. Each one so bounds the phase and the period of the clock by two straight lines; what they
all leave is a polygon, and its centroid is the estimate (set-membership estimation; under a delay
that is anywhere in the period with the same probability it is the mean of the posterior).

Times are nanoseconds.
"""

from collections.abc import Sequence
from typing import NamedTuple, Self

Corner = tuple[float, float]
"""When the latest tick may have been sent, with the period from tick to tick that goes with it."""

# Corners nearer than this (ns) are one; the polygon stays small.
_SAME = 0.5


class _Estimate(NamedTuple):
    time: float
    period: float
    area: float


class BoundedFilter:
    """When the latest tick was sent, and the period, as far as bounds tell.

    Args:
        ticks: the number of the latest tick.
        corners: of the convex polygon that phase and period lie in, in order.
    """

    __slots__ = ("_corners", "_estimate", "ticks")

    def __init__(self, ticks: int, corners: Sequence[Corner]) -> None:
        self.ticks = ticks
        self._corners = list(corners)
        self._estimate: _Estimate | None = None  # until somebody asks, and corners have moved

    @classmethod
    def box(cls, ticks: int, time: tuple[float, float], period: tuple[float, float]) -> Self:
        """Any phase and period between these."""
        (early, late), (short, long) = time, period
        return cls(ticks, ((early, short), (late, short), (late, long), (early, long)))

    @property
    def corners(self) -> tuple[Corner, ...]:
        """All that is known."""
        return tuple(self._corners)

    @property
    def time(self) -> float:
        """When the latest tick was sent, as far as can be told."""
        return self._estimated().time

    @property
    def period(self) -> float:
        """From tick to tick, as far as can be told."""
        return self._estimated().period

    @property
    def area(self) -> float:
        """Of the polygon, in ns squared: how little is known."""
        return self._estimated().area

    @property
    def periods(self) -> tuple[float, float]:
        """The shortest and the longest period that are possible."""
        periods = [period for _, period in self._corners]
        return min(periods), max(periods)

    def advance(self, ticks: int) -> None:
        """So many ticks pass; back in time if there are less than none."""
        self.ticks += ticks
        if self._estimate:
            time, period, area = self._estimate
            self._estimate = _Estimate(time + ticks * period, period, area)
        self._corners = [(time + ticks * period, period) for time, period in self._corners]

    def forget(self, share: float) -> None:
        """The bounds widen by this share of their distance: the clock may wander."""
        grow, (time, period, area) = 1.0 + share, self._estimated()
        self._estimate = _Estimate(time, period, area * grow * grow)
        self._corners = [
            (time + grow * (x - time), period + grow * (y - period)) for x, y in self._corners
        ]

    def may_be(self, ticks: int, earliest: float, latest: float, growth: float) -> bool:
        """Whether a tick so many on may have been sent then, roughly, by bounds so much wider."""
        times = [time + ticks * period for time, period in self._corners]
        early, late = min(times), max(times)
        slack = growth * (late - early)
        return early - slack < latest and late + slack > earliest

    def meet(self, earliest: float, latest: float) -> float:
        """The tick was sent between these: what is known is bounded by it, if that is possible.

        Returns 0 then; else how much later than thought possible it was (negative: earlier), and
        nothing has changed.
        """
        kept = self._corners
        early = min(kept)[0]
        if early >= latest:
            return latest - early - _SAME
        late = max(kept)[0]
        if late <= earliest:
            return earliest - late + _SAME
        if early < earliest:
            kept = _cut(kept, earliest, 1.0)
        apart = _apart(kept)
        if late > latest:
            apart = _apart(_cut(apart, latest, -1.0)) if apart else apart
        elif len(apart) < len(kept):
            apart = _apart(apart)
        if len(apart) > 2:
            self._corners, self._estimate = apart, None
        return 0.0

    def _estimated(self) -> "_Estimate":
        """The centroid of the polygon."""
        if self._estimate:
            return self._estimate
        (time, period), *_ = self._corners
        around = [(x - time, y - period) for x, y in self._corners]
        area = of_time = of_period = 0.0
        before_x, before_y = around[-1]
        for x, y in around:
            cross = before_x * y - x * before_y
            area += cross
            of_time += (before_x + x) * cross
            of_period += (before_y + y) * cross
            before_x, before_y = x, y
        if abs(area) > 1e-6:
            time += of_time / (3 * area)
            period += of_period / (3 * area)
        else:
            time += sum(x for x, _ in around) / len(around)
            period += sum(y for _, y in around) / len(around)
        self._estimate = _Estimate(time, period, abs(area) / 2)
        return self._estimate


def _cut(corners: Sequence[Corner], bound: float, side: float) -> list[Corner]:
    """What lies later than the bound (side 1) or earlier (-1), by Sutherland and Hodgman (1974)."""
    kept: list[Corner] = []
    before_x, before_y = corners[-1]
    before_in = side * (before_x - bound) >= 0
    for x, y in corners:
        inside = side * (x - bound) >= 0
        if inside != before_in:
            share = (bound - before_x) / (x - before_x)
            kept.append((bound, before_y + share * (y - before_y)))
        if inside:
            kept.append((x, y))
        before_x, before_y, before_in = x, y, inside
    return kept


def _apart(corners: list[Corner]) -> list[Corner]:
    """The corners, of those that are as good as one only one."""
    kept = []
    for before, corner in zip(corners, [*corners[1:], *corners[:1]], strict=True):
        if abs(before[0] - corner[0]) > _SAME or abs(before[1] - corner[1]) > _SAME / 100:
            kept.append(before)
    return kept
