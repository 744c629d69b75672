"""What a tick says that bounds do not allow, where ticks come in lumps: some were lost before it.

Where they were is not known: a loss may show many ticks later. Each place that it may have been is
tried by hearing the ticks since once more with a gap there, and of those that explain all of them
the one is taken that leaves most room. Where none does, the tempo is another: the latest ticks that
lie on one line tell which.

Times are nanoseconds.
"""

from collections.abc import Sequence
from typing import NamedTuple

from improvd.core.sync.clock.bounds import BoundedFilter, Corner

# How far off a master's own ticks may be, and the stamps of whoever hears them.
_JITTER = 2.5e6
# The bounds widen by this share with every tick.
WANDER = 0.002
# A loss is sought before so many of the latest ticks, and so many at a place.
LOOKED_BACK, _MOST_LOST = 32, 3
# It is sought before each of so many, and farther back in steps; of the places that may be, so many
# are tried: a search before every one takes some ten milliseconds, in which nothing can be played.
_CLOSELY, _STEP, _TRIED = 8, 4, 4


class Delivery(NamedTuple):
    """How ticks are handed over: by the end of a period, and by so much later over other cables."""

    lump: float
    delay: int

    def sent(self, stamp: int) -> tuple[float, float]:
        """Between which moments a tick left that came in then."""
        return stamp - self.lump - self.delay - _JITTER, stamp + _JITTER


class Tick(NamedTuple):
    """One that was heard, and what was known after it (None: forgotten)."""

    stamp: int
    number: int
    corners: tuple[Corner, ...] | None
    after_loss: bool = False


Known = tuple[int, tuple[Corner, ...]]
"""The number of a tick, and what is known by it."""


def with_loss(delivery: Delivery, ticks: list[Tick], first: int) -> list[Tick] | None:
    """The ticks as they are if the fewest possible were lost, where that leaves most room."""
    latest = len(ticks) - 1
    places = [
        *range(latest, latest - _CLOSELY, -1),
        *range(latest - _CLOSELY, first - 1, -_STEP),
    ]
    places = [at for at in places if at >= first]
    for lost in range(1, _MOST_LOST + 1):
        likely = [at for at in places if _may_be(delivery, ticks, at, lost)]
        found = [
            (filter_.area, made)
            for at in likely[:: -(-len(likely) // _TRIED) or 1]
            if (replayed := _replay(delivery, ticks, at, lost))
            for filter_, made in [replayed]
        ]
        if found:
            return max(found, key=lambda each: each[0])[1]
    return None


def _may_be(delivery: Delivery, ticks: list[Tick], at: int, lost: int) -> bool:
    """Whether the latest tick and one halfway allow that so many were lost before this one."""
    before = ticks[at - 1]
    if before.corners is None:
        return False
    filter_ = BoundedFilter(before.number, before.corners)
    return all(
        filter_.may_be(n - at + 1 + lost, *delivery.sent(ticks[n].stamp), (n - at + 1) * WANDER)
        for n in (len(ticks) - 1, (at + len(ticks) - 1) // 2, at)
    )


def without_loss(delivery: Delivery, ticks: list[Tick], losses: list[int]) -> list[Tick] | None:
    """The ticks as they are if the latest loss possible was none."""
    for at in reversed(losses):
        if replayed := _replay(delivery, ticks, at, 0):
            return replayed[1]
    return None


def _replay(
    delivery: Delivery, ticks: list[Tick], at: int, lost: int
) -> tuple[BoundedFilter, list[Tick]] | None:
    """The same ticks, so many lost before the one at an index; None if that cannot be."""
    before = ticks[at - 1]
    if before.corners is None:
        return None
    filter_ = BoundedFilter(before.number, before.corners)
    made = ticks[:at]
    for tick in ticks[at:]:
        filter_.advance(1 + lost)
        filter_.forget(WANDER)
        if filter_.meet(*delivery.sent(tick.stamp)):
            return None
        made.append(Tick(tick.stamp, filter_.ticks, filter_.corners, lost > 0))
        lost = 0
    return filter_, made


def line_of(
    delivery: Delivery,
    limits: tuple[float, float],
    ticks: Sequence[tuple[int, int]],
    enough: int | None = None,
) -> list[Known]:
    """The latest ticks that one tempo explains, back in time: what is known by each.

    `ticks` are stamps and numbers, `limits` the shortest and the longest period; no more than
    `enough` are looked at.
    """
    (stamp, number), *before = ticks[::-1]
    filter_ = BoundedFilter.box(number, delivery.sent(stamp), limits)
    known = [(number, filter_.corners)]
    for stamp, number in before:
        filter_.advance(number - filter_.ticks)
        if filter_.meet(*delivery.sent(stamp)):
            break
        known.append((number, filter_.corners))
        if len(known) == enough:
            break
    return known


def without(ticks: Sequence[Tick], losses: Sequence[int]) -> list[Tick]:
    """The same ticks, nothing lost before those with these indices."""
    if not losses:
        return list(ticks)
    kept, number = list(ticks[: losses[0]]), ticks[losses[0] - 1].number
    for at in range(losses[0], len(ticks)):
        number += 1 if at in losses else ticks[at].number - ticks[at - 1].number
        kept.append(Tick(ticks[at].stamp, number, None))
    return kept
