"""A gap that is odd again and again, so many ticks apart: a tempo beats with a driver's period.

Ticks a little longer than the period in which a driver hands them over come one to a period, and
now and then none does; a little shorter ones come two at once now and then. All other gaps are
alike, so it looks like an even clock at the driver's tempo that loses ticks or doubles them. But no
clock loses its ticks as regularly as that.

Times are nanoseconds.
"""

from dataclasses import dataclass
from math import inf

# Usual gaps are alike to within this, and so are the odd ones.
_ALIKE = 0.5e6
# The mean of the usual ones moves by this share of the way to each.
_RATE = 1 / 16
# So many odd gaps tell, each as many ticks after the one before, give or take one or this share.
# Fewer ticks apart they are another clock's, or lumps that tell sooner.
_TELLING, _GIVE_OR_TAKE, _FEWEST = 6, 1 / 20, 8


@dataclass(slots=True)
class Recurrence:
    """Hears the gaps between ticks as they come in. Constant memory and time.

    `usual` and `odd` are the two gaps, `apart` how many gaps there are from one odd one to the
    next, `count` how many have come so, and `since` how many gaps ago.
    """

    usual: float = inf
    odd: float = inf
    apart: int = 0
    count: int = 0
    since: int = 0

    @property
    def lump(self) -> float | None:
        """The driver's period, if there is one to be told: by this the odd gaps are off."""
        return abs(self.odd - self.usual) if self.count >= _TELLING else None

    def miscounted(self, lump: float, latest: int) -> int:
        """How many ticks were counted as lost that were not, if the driver's period is this.

        Those among so many of the latest are left out. Negative if ticks were not counted that
        were taken for doubled.
        """
        if not self.apart or abs(abs(self.odd - self.usual) - lump) > _ALIKE:
            return 0
        ages = [self.since + n * self.apart for n in range(self.count)]
        before = sum(age >= latest - 1 for age in ages)
        return before if self.odd > self.usual else -before

    def hear(self, gap: float) -> None:
        """A tick came so long after the one before it."""
        self.since += 1
        if abs(gap - self.usual) < _ALIKE:
            self.usual += _RATE * (gap - self.usual)
            return
        if self.since == 1 or gap > 3 * self.usual:  # another tempo, or silence
            self.usual, self.odd, self.count = gap, inf, 0
        elif abs(gap - self.odd) > _ALIKE or self.count == 0:
            self.odd, self.count, self.apart = gap, 1, 0
        elif self.count == 1 and self.since >= _FEWEST:
            self.count, self.apart = 2, self.since
        elif self._as_before:
            self.count += 1
        else:
            self.count = 1
        self.since = 0

    @property
    def _as_before(self) -> bool:
        return abs(self.since - self.apart) <= max(_GIVE_OR_TAKE * self.apart, 1)
