"""Whether another clock has come beside the one that is followed.

What was known of it while nothing else was heard is kept, and gone back to once another one is
seen: by then its ticks were counted too.

Times are nanoseconds.
"""

from collections.abc import Sequence
from itertools import pairwise

from improvd.core.sync.clock.even import EvenFollower
from improvd.core.sync.clock.kalman import FilterMemory, PhaseFilter
from improvd.core.sync.clock.recount import RECOUNTED
from improvd.core.sync.clock.two_clocks import is_beside

# There is one when so many looks in a row say so. Where no gap is under this share of a period none
# is there, and a clock that was known well is, for so many periods.
_SURE = 3
_NO_OTHER, _CALM_FOR = 0.75, 36
# However long ago it was, for so many periods, the number of a tick is known if the tempo is this
# near to the one of then.
_LONG_AGO, _SAME_TEMPO = 480, 0.02
# It is looked for in the ticks of so many periods, a gap under a period in the latest of these.
_LOOKED_BACK, _FEWEST, _SHORT = 18, 4, 7


class Lookout:
    """Keeps what was known of a clock while it was the only one, and sees if it still is.

    Args:
        shortest: the period of the fastest clock that is followed.
        rules: of playing, by which a recording is played again; see `Following`.

    `calm` is what was known of late, None if the tempo has changed since; `steady` the same however
    long ago; at `beside` ticks in a row it looked as if there were two.
    """

    def __init__(self, shortest: float, rules: int) -> None:
        self._shortest, self._rules = shortest, rules
        self.calm: FilterMemory | None = None
        self.steady: FilterMemory | None = None
        self.beside = 0

    def forget(self) -> None:
        """The count is another one."""
        self.calm = self.steady = None

    def may_be(self, stamps: Sequence[int]) -> bool:
        """Whether it looks so by these ticks."""
        known = self.calm
        return known is not None and is_beside(known, stamps, self._shortest, self._rules)

    def look(self, stamp: int, stamps: Sequence[int], even: EvenFollower) -> PhaseFilter | None:
        """What the clock is at the latest tick, if now it is sure that another one is beside it."""
        if not (known := self.calm or even.filter):
            return None
        since = stamp - _LOOKED_BACK * known.period
        stamps = [heard for heard in stamps if heard > since]
        if len(stamps) < _FEWEST:
            return None
        gaps = [after - before for before, after in pairwise(stamps)]
        if self.calm is None or min(gaps[-_SHORT:]) > _NO_OTHER * self.calm.period:
            if even.filter and even.calm:
                self.calm = self.steady = even.filter.memory()
            return None
        if stamp - self.calm.time > _CALM_FOR * self.calm.period:
            self.calm = None
            return None
        self.beside = self.beside + 1 if self.may_be(stamps) else 0
        if self.beside < _SURE:
            return None
        now = PhaseFilter.of(self.calm)
        now.advance(round((stamp - now.time) / now.period))
        return now

    def number_of(self, stamps: Sequence[int], counted: int) -> int:
        """The number of the first of these ticks, the followed clock's.

        While the other one went unseen it was miscounted; time tells, if the tempo is the same.
        """
        known = self.steady
        if known is None or self._rules < RECOUNTED or len(stamps) <= 1:
            return counted
        period = (stamps[-1] - stamps[0]) / (len(stamps) - 1)
        ago = (stamps[0] - known.time) / known.period
        if abs(period / known.period - 1) > _SAME_TEMPO or ago > _LONG_AGO:
            return counted
        return known.ticks + round(ago)
