"""Whether ticks come in lumps, and in which period: seen from the gaps between them.

What came within a period of a driver's is handed over when that is over: several ticks at once, or
gaps that are whole numbers of periods. An even clock has such gaps too, if all are alike, and one
that loses ticks has some twice as long; a period is believed where neither explains them.

Times are nanoseconds.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import log2
from statistics import median

from improvd.core.sync.clock.two_clocks import clocks

_MS = 1e6
# Shorter periods are no more than jitter, which the other follower smooths.
_SHORTEST_LUMP, _LONGEST_LUMP = 4 * _MS, 100 * _MS
# Messages of one lump are stamped one after another; cables with one clock are hardly so near.
_ONE_LUMP, _AT_ONCE, _BURSTS = 1.0 * _MS, 0.25 * _MS, 0.75
_MOST_PARTS = 8
# So few gaps between lumps tell their period, where in so many of them several ticks came together,
# or more gaps where it is not so plain: a single burst is a stall.
_FEW_GAPS, _FEW_TOGETHER, _MANY_GAPS = 3, 3, 12
# Bluetooth's intervals are so many times this long (Core Specification, connInterval), and how far
# off, as a share of it, one may be. One clock's gaps are long and short by turns only where such a
# period is a fraction of a tick.
_INTERVAL, _INTERVAL_SLACK, _TURNS = 1.25 * _MS, 0.03, 13
# So many gaps of two periods in a look are more than clocks lose.
_MORE_THAN_LOST = 6
# Or so many of them, where each is as far from the one before.
_RECURRING = 3
# Frames a second, and how far off (in octaves) a period may be that they make.
_RATES, _AUDIO_SLACK = (44_100, 48_000), 0.005
# This share of the gaps, or once they are known this one, are whole numbers of periods to within so
# much and this share of a period.
_REGULAR, _MOST, _SLACK, _SLACK_SHARE = 0.9, 0.6, 0.5 * _MS, 0.15


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
