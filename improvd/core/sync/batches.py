"""A clock that comes in batches: what a driver's period or a Bluetooth interval make of even ticks.

Ticks are held back until the period is over: several come at once, or the gaps between them are
whole numbers of periods. `lump_of` sees it. `LumpFollower` then counts every tick, whatever the
spacing, and knows tempo and phase by the bounds that each tick sets; a tick that none of them
allows was preceded by a lost one, or the tempo has changed.

Times are nanoseconds.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2
from statistics import median
from typing import NamedTuple, Self

from improvd.core.sync.bounds import BoundedFilter, Corner
from improvd.core.sync.recount import RECOUNTED
from improvd.core.sync.two_clocks import clocks

_MS = 1e6
# Shorter periods are no more than jitter, which the other follower smooths.
_SHORTEST_LUMP, _LONGEST_LUMP = 4 * _MS, 100 * _MS
# Messages of one lump are stamped one after another; cables with one clock are hardly so near.
_ONE_LUMP, _AT_ONCE, _BURSTS = 1.0 * _MS, 0.25 * _MS, 0.75
_MOST_PARTS = 8
# So few gaps between lumps tell their period, where in so many of them several ticks came together,
# or more gaps where it is not so plain: a single burst is a stall.
_FEW_GAPS, _FEW_TOGETHER, _MANY_GAPS = 3, 3, 12
# Bluetooth's intervals are so many times this long, and how far off (as a share of it) one may be.
# One clock's gaps are long and short by turns only where such a period is a fraction of a tick.
_INTERVAL, _INTERVAL_SLACK, _TURNS = 1.25 * _MS, 0.03, 13
# So many gaps of two periods in a look are more than clocks lose.
_MORE_THAN_LOST = 6
# Or so many of them, where each is as far from the one before.
_RECURRING = 3
# Gaps that are whole numbers of periods, to within so much and this share of a period.
# Frames a second, and how far off (in octaves) a period may be that they make.
_RATES, _AUDIO_SLACK = (44_100, 48_000), 0.005
_REGULAR, _MOST, _SLACK, _SLACK_SHARE = 0.9, 0.6, 0.5 * _MS, 0.15

# How far off a master's own ticks may be, and the stamps of whoever hears them.
_JITTER = 2.5 * _MS
# The bounds widen by this share with every tick.
_WANDER = 0.002
_MEMORY, _LOOK_BACK, _MOST_LOST = 64, 32, 3
# Where ticks were lost is sought before each of the latest, and farther back in steps; of the
# places that may be, so many are tried: a search before every one takes some ten milliseconds, in
# which nothing can be played.
_CLOSELY, _STEP, _TRIED = 8, 4, 4
# For so many ticks after a change of tempo, one that is late by less than this share of a period
# is a ritardando and no loss.
_MOVING, _RITARDANDO = 144, 0.6
# So many losses in so few of the latest ticks are none. Where the tempo turns out to have dropped,
# what was taken for a loss so few ticks ago was none either.
_TOO_OFTEN, _OF_LATE, _UNNOTICED = 3, 8, 12
# What a new tempo is told from, of all ticks that lie on one line: the latest part.
_LATEST, _FEW = 3 / 4, 8


def lump_of(stamps: Sequence[int]) -> float | None:
    """The period in which these ticks were handed over, if they come in lumps at all."""
    gaps = [later - earlier for earlier, later in pairwise(stamps)]
    between = [gap for gap in gaps if gap > _ONE_LUMP]
    together = sum(gap <= _AT_ONCE for gap in gaps)
    if together < _BURSTS * (len(gaps) - len(between)):
        return None  # another cable's, a little later
    bursts = _runs([gap <= _AT_ONCE for gap in gaps])
    if len(between) < (_FEW_GAPS if bursts >= _FEW_TOGETHER else _MANY_GAPS):
        return None
    usual = median(between)
    for parts in range(1, min(int(usual / _SHORTEST_LUMP), _MOST_PARTS) + 1):
        if usual / parts > _LONGEST_LUMP:
            continue
        counts = _counts(between, usual / parts, _REGULAR)
        if counts is None:
            continue
        squares = sum(count * count for _, count in counts)
        lump = sum(gap * count for gap, count in counts) / squares
        # A clock that does not come in lumps has such gaps too, but all alike, or ticks are lost.
        uneven = _runs([count % parts != 0 for _, count in counts])
        skips = [count > parts for _, count in counts]
        enough = 1 if _is_audio(lump) else _MORE_THAN_LOST
        plain = bursts >= (1 if _is_usual(lump) else _FEW_TOGETHER)
        skipped = _runs(skips) >= enough or (_is_usual(lump) and _recur(skips))
        if plain or skipped if parts == 1 else uneven > 1:
            return lump if _is_one_clock(stamps, lump) else None
    return None


def _recur(skips: Sequence[bool]) -> bool:
    """Whether there is one in every so many, from the first to the last, as nothing loses ticks."""
    at = [n for n, skip in enumerate(skips) if skip]
    if len(at) < _RECURRING:
        return False
    steps = [after - before for before, after in pairwise(at)]
    longest = max(steps)
    return longest - min(steps) <= 1 and at[0] <= longest and len(skips) - at[-1] <= longest + 1


def _runs(such: Sequence[bool]) -> int:
    """How often one that is such follows one that is not: once at a change of tempo."""
    return sum(one and not before for before, one in pairwise([False, *such]))


def _is_one_clock(stamps: Sequence[int], lump: float) -> bool:
    """Whether the gaps, if they are long and short by turns, may yet be a single clock's.

    They may where a driver's period is a fraction of a tick, which is no accident only if such a
    period is usual.
    """
    if clocks(stamps[-_TURNS:]) == 1:
        return True
    gaps = [late - early for early, late in pairwise(stamps)]
    return _is_usual(lump) and max(gaps) - min(gaps) < 2 * lump


def _is_usual(lump: float) -> bool:
    """Whether it is a period that an audio server or Bluetooth has."""
    intervals = lump / _INTERVAL
    return _is_audio(lump) or abs(intervals - round(intervals)) < _INTERVAL_SLACK


def _is_audio(lump: float) -> bool:
    """Whether it is the period of an audio server: some power of two of frames at a usual rate."""
    frames = [log2(lump * rate / 1e9) for rate in _RATES]
    return any(abs(each - round(each)) < _AUDIO_SLACK for each in frames)


def fits(stamps: Sequence[int], lump: float) -> bool:
    """Whether most ticks were handed over in this period."""
    between = [late - early for early, late in pairwise(stamps) if late - early > _ONE_LUMP]
    return len(_counts(between, lump, 0.0) or ()) > _MOST * len(between)


def _counts(gaps: Sequence[int], lump: float, share: float) -> list[tuple[int, int]] | None:
    """The gaps that are whole numbers of periods, each with that number; None if too few are.

    It gives up as soon as that is sure: no tick may take long. `share` of the gaps is enough.
    """
    slack = min(_SLACK_SHARE * lump, _SLACK)
    left = len(gaps) - share * len(gaps)  # may still be none
    counted = []
    for gap in gaps:
        count = round(gap / lump)
        if count and abs(gap - count * lump) < slack:
            counted.append((gap, count))
        else:
            left -= 1
            if left < 0:
                return None
    return counted


class _Tick(NamedTuple):
    """One that was heard, and what was known after it (None: forgotten)."""

    stamp: int
    number: int
    corners: tuple[Corner, ...] | None
    after_loss: bool = False


_Known = tuple[int, tuple[Corner, ...]]
"""The number of a tick, and what is known by it."""


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
        self._turn = 0  # of the cables
        self.puzzled = False  # the latest tick was not where one was thought possible
        self._limits = periods
        self._recent: deque[_Tick] = deque(maxlen=_MEMORY)
        self._moving = first[1]  # until this tick the tempo is taken to be changing
        self.filter = BoundedFilter.box(first[1], self._sent(first[0]), periods)
        self._recent.append(_Tick(*first, self.filter.corners))

    @property
    def cables(self) -> int:
        """Over how many the clock comes."""
        return len(self._delays) + 1

    def share(self, delays: Sequence[int], heard: Sequence[tuple[int, int]]) -> None:
        """The same clock comes over other cables too, so much later, since the first of these."""
        more = (len(delays) + 1) / self.cables
        self._delays, self._turn = tuple(delays), 0
        stamp, number = heard[0]
        short, long = self.filter.periods
        self.filter = BoundedFilter.box(number, self._sent(stamp), (short * more, long * more))
        self._recent.clear()
        self._recent.append(_Tick(stamp, number, self.filter.corners))
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
        made._recent.extend(_Tick(stamp, number, None) for stamp, number in memory.recent[:-1])
        made.filter = BoundedFilter(memory.recent[-1][1], memory.corners)
        made._moving = memory.moving
        made._recent.append(_Tick(*memory.recent[-1], memory.corners))
        return made

    def resume(self, stamp: int) -> None:
        """After silence, or at a start, the tick is right wherever it comes; the tempo stays."""
        filter_ = self.filter
        self._turn = 0
        sent = stamp - self.lump / 2
        number = filter_.ticks + max(round((sent - filter_.time) / filter_.period), 1)
        self.filter = BoundedFilter.box(number, self._sent(stamp), filter_.periods)
        self._recent.clear()
        self._recent.append(_Tick(stamp, number, self.filter.corners))

    def tick(self, stamp: int) -> None:
        """A clock message came in: of several cables' every so manieth counts, whosever it is."""
        self._turn = (self._turn + 1) % self.cables
        if self._turn:
            return
        filter_ = self.filter
        filter_.advance(1)
        filter_.forget(_WANDER)
        miss = filter_.meet(*self._sent(stamp))
        self.puzzled = miss != 0
        if miss:
            self._recent.append(_Tick(stamp, filter_.ticks, None))
            self._explain(miss)
        else:
            self._recent.append(_Tick(stamp, filter_.ticks, filter_.corners))

    def _sent(self, stamp: int) -> tuple[float, float]:
        """Between which moments a tick left that came in now."""
        return stamp - self.lump - max(self._delays, default=0) - _JITTER, stamp + _JITTER

    # -- what was not thought possible -----------------------------------------------------

    def _explain(self, miss: float) -> None:
        """Some were lost, or none was where it was thought so, or the tempo is another."""
        ticks = list(self._recent)
        first = max(len(ticks) - _LOOK_BACK, 1)
        losses = [at for at in range(first, len(ticks)) if ticks[at].after_loss]
        found = None
        if miss < 0:
            found = self._without_loss(ticks, losses)
        elif ticks[-1].number >= self._moving or miss > _RITARDANDO * self.filter.period:
            found = self._with_loss(ticks, first)
        if found and miss > 0 and losses:
            # Ticks that are lost again and again are none: the tempo has dropped.
            plain = [(tick.stamp, ticks[0].number + n) for n, tick in enumerate(ticks)]
            line = self._line(plain)
            since = len(ticks) - losses[0]
            often = len(losses) > 1 and len(line) > since + 2
            late = sum(at >= len(ticks) - _OF_LATE for at in losses)
            if self._recounts and late >= _TOO_OFTEN:
                often = often or len(line) >= since
            if often or len(line) > len(self._line([tick[:2] for tick in found], len(line))):
                self._change(ticks[-1].stamp, line, len(ticks))
                return
        if not found and miss > 0 and self._recounts:
            ticks = _without(ticks, [at for at in losses if at >= len(ticks) - _UNNOTICED])
        if found:
            self._recent.clear()
            self._recent.extend(found)
            self.filter = BoundedFilter(found[-1].number, found[-1].corners or ())
        else:
            line = self._line([tick[:2] for tick in ticks])
            self._change(ticks[-1].stamp, line, len(ticks))

    def _with_loss(self, ticks: list[_Tick], first: int) -> list[_Tick] | None:
        """The ticks as they are if the fewest possible were lost, where that leaves most room."""
        latest = len(ticks) - 1
        places = [
            *range(latest, latest - _CLOSELY, -1),
            *range(latest - _CLOSELY, first - 1, -_STEP),
        ]
        places = [at for at in places if at >= first]
        for lost in range(1, _MOST_LOST + 1):
            likely = [at for at in places if self._may_be(ticks, at, lost)]
            found = [
                (filter_.area, made)
                for at in likely[:: -(-len(likely) // _TRIED) or 1]
                if (replayed := self._replay(ticks, at, lost))
                for filter_, made in [replayed]
            ]
            if found:
                return max(found, key=lambda each: each[0])[1]
        return None

    def _may_be(self, ticks: list[_Tick], at: int, lost: int) -> bool:
        """Whether the latest tick and one halfway allow that so many were lost before this one."""
        before = ticks[at - 1]
        if before.corners is None:
            return False
        filter_ = BoundedFilter(before.number, before.corners)
        return all(
            filter_.may_be(n - at + 1 + lost, *self._sent(ticks[n].stamp), (n - at + 1) * _WANDER)
            for n in (len(ticks) - 1, (at + len(ticks) - 1) // 2, at)
        )

    def _without_loss(self, ticks: list[_Tick], losses: list[int]) -> list[_Tick] | None:
        """The ticks as they are if the latest loss possible was none."""
        for at in reversed(losses):
            if replayed := self._replay(ticks, at, 0):
                return replayed[1]
        return None

    def _replay(
        self, ticks: list[_Tick], at: int, lost: int
    ) -> tuple[BoundedFilter, list[_Tick]] | None:
        """The same ticks, so many lost before the one at an index; None if that cannot be."""
        before = ticks[at - 1]
        if before.corners is None:
            return None
        filter_ = BoundedFilter(before.number, before.corners)
        made = ticks[:at]
        for tick in ticks[at:]:
            filter_.advance(1 + lost)
            filter_.forget(_WANDER)
            sent = self._sent(tick.stamp)
            if filter_.meet(*sent):
                return None
            made.append(_Tick(tick.stamp, filter_.ticks, filter_.corners, lost > 0))
            lost = 0
        return filter_, made

    def _line(self, ticks: Sequence[tuple[int, int]], enough: int = _MEMORY) -> list[_Known]:
        """The latest ticks that one tempo explains, so many at most: what is known by each.

        Back in time.
        """
        (stamp, number), *before = ticks[::-1]
        filter_ = BoundedFilter.box(number, self._sent(stamp), self._limits)
        known = [(number, filter_.corners)]
        for stamp, number in before:
            filter_.advance(number - filter_.ticks)
            sent = self._sent(stamp)
            if filter_.meet(*sent):
                break
            known.append((number, filter_.corners))
            if len(known) >= enough:
                break
        return known

    def _change(self, stamp: int, line: list[_Known], ticks: int) -> None:
        """The tempo is another one, known by these."""
        number, _ = line[0]
        whole = len(line) == ticks or len(line) <= _FEW
        self.filter = BoundedFilter(*line[-1 if whole else round(len(line) * _LATEST)])
        self.filter.advance(number - self.filter.ticks)
        self._moving = number + _MOVING
        self._recent.clear()
        self._recent.append(_Tick(stamp, number, self.filter.corners))


def _without(ticks: Sequence[_Tick], losses: Sequence[int]) -> list[_Tick]:
    """The same ticks, nothing lost before those with these indices."""
    if not losses:
        return list(ticks)
    kept, number = list(ticks[: losses[0]]), ticks[losses[0] - 1].number
    for at in range(losses[0], len(ticks)):
        number += 1 if at in losses else ticks[at].number - ticks[at - 1].number
        kept.append(_Tick(ticks[at].stamp, number, None))
    return kept
