"""Following a clock that comes in lumps.

Every tick counts, whatever the spacing, and tempo and phase are known by the bounds that each tick
sets (`bounds`); a tick that none of them allows was preceded by a lost one, or the tempo has
changed (`lost_ticks`).

Times are nanoseconds.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from improvd.core.sync.clock.bounds import BoundedFilter, Corner
from improvd.core.sync.clock.lost_ticks import (
    LOOKED_BACK,
    WANDER,
    Delivery,
    Known,
    Tick,
    line_of,
    with_loss,
    without,
    without_loss,
)
from improvd.core.sync.clock.recount import RECOUNTED

_MEMORY = 64
# For so many ticks after a change of tempo, one that is late by less than this share of a period
# is a ritardando and no loss.
_MOVING, _RITARDANDO = 144, 0.6
# So many losses in so few of the latest ticks are none. Where the tempo turns out to have dropped,
# what was taken for a loss so few ticks ago was none either.
_TOO_OFTEN, _OF_LATE, _UNNOTICED = 3, 8, 12
# What a new tempo is told from, of all ticks that lie on one line: the latest part.
_LATEST, _FEW = 3 / 4, 8


@dataclass(frozen=True, slots=True)
class LumpMemory:
    """The period, what is known, and stamp and number of the latest ticks."""

    lump: float
    corners: tuple[Corner, ...]
    recent: tuple[tuple[int, int], ...]
    moving: int
    delays: tuple[int, ...] = ()


class LumpFollower:
    """Follows a clock that comes in lumps. Constant memory; never blocks, never raises.

    Args:
        lump: the period in which ticks are handed over.
        first: stamp and number of the first tick.
        periods: the shortest and the longest time from tick to tick.
        delays: by how much later the same ticks come again, over other cables.
        rules: of playing, by which a recording is played again; see `Following`.
    """

    def __init__(
        self,
        lump: float,
        first: tuple[int, int],
        periods: tuple[float, float],
        delays: Sequence[int] = (),
        rules: int = RECOUNTED,
    ) -> None:
        self.lump = lump
        self._recounts = rules >= RECOUNTED
        self._delays = tuple(delays)
        self._delivery = Delivery(lump, max(delays, default=0))
        self._turn = 0  # of the cables
        self.puzzled = False  # the latest tick was not where one was thought possible
        self._limits = periods
        self._recent: deque[Tick] = deque(maxlen=_MEMORY)
        self._moving = first[1]  # until this tick the tempo is taken to be changing
        self.filter = BoundedFilter.box(first[1], self._delivery.sent(first[0]), periods)
        self._recent.append(Tick(*first, self.filter.corners))

    @property
    def cables(self) -> int:
        """Over how many the clock comes."""
        return len(self._delays) + 1

    def share(self, delays: Sequence[int], heard: Sequence[tuple[int, int]]) -> None:
        """The same clock comes over other cables too, so much later, since the first of these."""
        more = (len(delays) + 1) / self.cables
        self._delays, self._turn = tuple(delays), 0
        self._delivery = Delivery(self.lump, max(delays, default=0))
        stamp, number = heard[0]
        short, long = self.filter.periods
        self.filter = BoundedFilter.box(
            number, self._delivery.sent(stamp), (short * more, long * more)
        )
        self._recent.clear()
        self._recent.append(Tick(stamp, number, self.filter.corners))
        for stamp, _ in heard[1:]:
            self.tick(stamp)

    def memory(self) -> LumpMemory:
        """What another follower goes on from."""
        recent = tuple((tick.stamp, tick.number) for tick in self._recent)
        return LumpMemory(self.lump, self.filter.corners, recent, self._moving, self._delays)

    @classmethod
    def of(cls, memory: LumpMemory, periods: tuple[float, float], rules: int) -> Self:
        """The follower that goes on from there."""
        made = cls(memory.lump, memory.recent[-1], periods, memory.delays, rules)
        made._recent.clear()
        made._recent.extend(Tick(stamp, number, None) for stamp, number in memory.recent[:-1])
        made.filter = BoundedFilter(memory.recent[-1][1], memory.corners)
        made._moving = memory.moving
        made._recent.append(Tick(*memory.recent[-1], memory.corners))
        return made

    def resume(self, stamp: int) -> None:
        """After silence, or at a start, the tick is right wherever it comes; the tempo stays."""
        filter_ = self.filter
        self._turn = 0
        sent = stamp - self.lump / 2
        number = filter_.ticks + max(round((sent - filter_.time) / filter_.period), 1)
        self.filter = BoundedFilter.box(number, self._delivery.sent(stamp), filter_.periods)
        self._recent.clear()
        self._recent.append(Tick(stamp, number, self.filter.corners))

    def tick(self, stamp: int) -> None:
        """A clock message came in: of several cables' every so manieth counts, whosever it is."""
        self._turn = (self._turn + 1) % self.cables
        if self._turn:
            return
        filter_ = self.filter
        filter_.advance(1)
        filter_.forget(WANDER)
        miss = filter_.meet(*self._delivery.sent(stamp))
        self.puzzled = miss != 0
        if miss:
            self._recent.append(Tick(stamp, filter_.ticks, None))
            self._explain(miss)
        else:
            self._recent.append(Tick(stamp, filter_.ticks, filter_.corners))

    # -- what was not thought possible -----------------------------------------------------

    def _explain(self, miss: float) -> None:
        """Some were lost, or none was where it was thought so, or the tempo is another."""
        ticks = list(self._recent)
        first = max(len(ticks) - LOOKED_BACK, 1)
        losses = [at for at in range(first, len(ticks)) if ticks[at].after_loss]
        found = None
        if miss < 0:
            found = without_loss(self._delivery, ticks, losses)
        elif ticks[-1].number >= self._moving or miss > _RITARDANDO * self.filter.period:
            found = with_loss(self._delivery, ticks, first)
        if found and miss > 0 and losses:
            # Ticks that are lost again and again are none: the tempo has dropped.
            plain = [(tick.stamp, ticks[0].number + n) for n, tick in enumerate(ticks)]
            line = line_of(self._delivery, self._limits, plain)
            since = len(ticks) - losses[0]
            often = len(losses) > 1 and len(line) > since + 2
            late = sum(at >= len(ticks) - _OF_LATE for at in losses)
            if self._recounts and late >= _TOO_OFTEN:
                often = often or len(line) >= since
            if often or len(line) > len(self._line_of(found, len(line))):
                self._change(ticks[-1].stamp, line, len(ticks))
                return
        if not found and miss > 0 and self._recounts:
            ticks = without(ticks, [at for at in losses if at >= len(ticks) - _UNNOTICED])
        if found:
            self._recent.clear()
            self._recent.extend(found)
            self.filter = BoundedFilter(found[-1].number, found[-1].corners or ())
        else:
            line = self._line_of(ticks)
            self._change(ticks[-1].stamp, line, len(ticks))

    def _line_of(self, ticks: Sequence[Tick], enough: int | None = None) -> list[Known]:
        return line_of(self._delivery, self._limits, [tick[:2] for tick in ticks], enough)

    def _change(self, stamp: int, line: list[Known], ticks: int) -> None:
        """The tempo is another one, known by these."""
        number, _ = line[0]
        whole = len(line) == ticks or len(line) <= _FEW
        self.filter = BoundedFilter(*line[-1 if whole else round(len(line) * _LATEST)])
        self.filter.advance(number - self.filter.ticks)
        self._moving = number + _MOVING
        self._recent.clear()
        self._recent.append(Tick(stamp, number, self.filter.corners))
