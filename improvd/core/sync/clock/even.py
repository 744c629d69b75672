"""An even clock: what its ticks say of tempo and phase, whatever their jitter.

A Kalman filter of two states, the time of the latest tick and the period, smooths the jitter, the
size of which it learns. A CUSUM of its surprises notices a change of tempo; the ticks since the
change are then heard again by a fresh filter. Ticks are counted, and a lost or doubled one does
not move the count: beats are found by counting.

Times are nanoseconds, variances their squares.
"""

from collections import deque
from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from statistics import median

from improvd.core.sync.clock.kalman import FIRST_JITTER, GATE, FilterMemory, PhaseFilter
from improvd.core.sync.clock.recount import RECOUNTED

# A lock wants a sixteenth's ticks: enough for a median that one lost or doubled tick cannot fool.
WARM_UP = 6
# Jitter must not push the slowest and fastest tempo over the edge.
TOLERANCE = 1.1
# A gap of more periods is silence and says nothing of the tempo, unless it comes every time.
SILENCE, MOST_SILENCES = 4, 4
MEMORY = 49
# How far the period may go on to wander in each of the first ticks after a change: a ramp.
_CHANGING_WANDER = 100e3**2
# Page's CUSUM, in deviations: blind to shifts under twice the slack, alarmed at the threshold.
_SLACK, _ALARM = 0.8, 7.0
# A tick this far (in deviations) from where one was due is counted by the gap before it instead.
ASTRAY = 2.0
# A change is taken for this many ticks old when it is noticed, or as old as the surprises are.
_FEWEST_GAPS, _MOST_GAPS = 3, 12
# After a change the period is sought around the one before, unless that is off by a quarter.
_NEAR = 0.25
_NEAR_SPREAD, _FAR_SPREAD = 0.07, 0.05
# Ticks counted for ticks heard, over so many: further from 1 than this factor the count is wrong,
# such as by every second tick, every third, or every seventh where jitter hid a change of tempo.
# Before the rules of 4 the second one was not looked for.
_WINDOWS = ((8, 1.5), (16, 1.25), (48, 1.1))
_WINDOWS_BEFORE_4 = ((8, 1.5), (48, 1.1))
# With so little wander, and so few surprises, the clock is known well.
_CALM = 5e3**2
# A tick that may be another clock's says this much less: its deviation is so many times as large.
_DOUBT = 2.0


_Tick = tuple[int, int, float]
Surprises = tuple[float, float, int]
Known = tuple[FilterMemory, Surprises]
"""What is known before a tick is counted."""


class Pace(StrEnum):
    """What the latest ticks amount to."""

    UNKNOWN = "unknown"
    """Too few to tell."""
    LOCKED = "locked"
    """A tempo within the limits: tempo and phase are known."""
    TOO_FAST = "too fast"
    TOO_SLOW = "too slow"


class EvenFollower:
    """Follows a clock whose ticks come one by one. Constant memory; never blocks, never raises.

    Args:
        periods: the shortest and the longest time from tick to tick.
        rules: of playing, by which a recording is played again; see `Following`.

    `ticks` is the number of the latest tick, counted from an arbitrary first one; it goes on
    through silence at the last tempo.
    """

    def __init__(self, periods: tuple[float, float], rules: int) -> None:
        self._windows = _WINDOWS if rules >= RECOUNTED else _WINDOWS_BEFORE_4
        self.ticks = 0
        self.pace = Pace.UNKNOWN
        self.filter: PhaseFilter | None = None
        self.silences = 0
        # stamp, number and filtered time of the ticks since the last change
        self.recent: deque[_Tick] = deque(maxlen=MEMORY)
        # CUSUM of surprises to either side, and for how many ticks they have been adding up
        self.surprises: Surprises = (0.0, 0.0, 0)
        self.before_silence: FilterMemory | None = None  # that has only just ended
        self._shortest, self._longest = periods

    @property
    def locked(self) -> PhaseFilter | None:
        """The filter, if tempo and phase are known by it."""
        return self.filter if self.pace is Pace.LOCKED else None

    @property
    def calm(self) -> bool:
        """Whether nothing speaks for a change of tempo."""
        late, early, _ = self.surprises
        known = self.locked
        return known is not None and known.wander < _CALM and max(late, early) < _ALARM / 2

    def tick(self, stamp: int, gap: float, *, anywhere: bool = False) -> None:
        """A tick came in, so long after the one before; with a Start it is right `anywhere`."""
        if filter_ := self.locked:
            silent = gap > SILENCE * filter_.period
            self.silences = self.silences + 1 if silent else 0
            self.before_silence = filter_.memory() if silent and not anywhere else None
            if silent or anywhere:
                self._resume(filter_, stamp)
            else:
                self._count(filter_, stamp)
        else:
            self.note(stamp, gap, anywhere=anywhere)
            if len(self.recent) >= WARM_UP:
                self._hear_again(WARM_UP - 1)
        if filter_ := self.locked:
            self.ticks = filter_.ticks

    def note(self, stamp: int, gap: float, *, anywhere: bool = False) -> None:
        """A tick came in, and there is no telling yet what it amounts to."""
        silent = gap > self._longest
        self.silences = self.silences + 1 if silent else 0
        if self.silences > MOST_SILENCES:
            self.pace = Pace.TOO_SLOW
        if silent or anywhere:
            self.recent.clear()
        self.ticks += 1
        if self.filter:  # the count goes on from the last lock, at its tempo
            passed = round((stamp - self.filter.time) / self.filter.period)
            self.ticks = self.filter.ticks + max(passed, 1)
        self.recent.append((stamp, self.ticks, stamp))

    def again(self, stamp: int) -> None:
        """A tick came at once after the latest one: it does not count.

        Straight after a silence it says that those due meanwhile were held up, and come at once:
        time went on as before.
        """
        if self.before_silence and self.locked:
            filter_ = PhaseFilter.of(self.before_silence)
            filter_.advance(max(int((stamp - filter_.time) // filter_.period), 0))
            self.go_on(filter_)
            self.before_silence = None

    def go_on(self, filter_: PhaseFilter) -> None:
        """From here on what is known is this."""
        self.filter, self.ticks, self.pace = filter_, filter_.ticks, self.judge(filter_.period)
        self.recent.clear()
        self.recent.append((round(filter_.time), filter_.ticks, filter_.time))
        self._forget_surprises()

    def begin(self, stamps: Sequence[int], number: int) -> None:
        """Begin afresh with these ticks of one clock, of which the first has this number."""
        self.pace = Pace.UNKNOWN
        self.recent.clear()
        self.recent.extend((stamp, number + n, stamp) for n, stamp in enumerate(stamps))
        self.ticks = self.recent[-1][1]
        self._hear_again(len(self.recent) - 1)
        if filter_ := self.locked:
            self.ticks = filter_.ticks

    def renumber(self, number: int) -> None:
        """The latest tick is this one, and was miscounted."""
        if self.filter:
            more = number - self.filter.ticks
            self.filter.ticks = self.ticks = number
            since = [(stamp, tick + more, time) for stamp, tick, time in self.recent]
            self.recent.clear()
            self.recent.extend(since)

    def skip(self, stamp: int) -> None:
        """Silence till now: the ticks that were due meanwhile are counted, and say nothing."""
        if self.filter:
            passed = (stamp - self.filter.time) // self.filter.period
            self.filter.advance(max(int(passed) - 1, 0))
            self.ticks = self.filter.ticks

    def doubt(self, before: "Known", stamp: int) -> None:
        """Two ticks came where one was due: this one is likelier, and says little."""
        memory, self.surprises = before
        filter_ = PhaseFilter.of(memory)
        filter_.advance(self.ticks - filter_.ticks)
        filter_.correct(stamp, doubt=_DOUBT)
        self.filter = filter_
        self.recent[-1] = (stamp, filter_.ticks, filter_.time)

    def judge(self, period: float) -> Pace:
        """What a period amounts to."""
        if period < self._shortest:
            return Pace.TOO_FAST
        return Pace.TOO_SLOW if period > self._longest else Pace.LOCKED

    # -- with a lock -----------------------------------------------------------------------

    def _count(self, filter_: PhaseFilter, stamp: int) -> None:
        gap = stamp - self.recent[-1][0]
        ticks = _passed(filter_, stamp, gap)
        late, early, age = self.surprises
        if ticks > 0:
            filter_.advance(ticks)
            score = filter_.correct(stamp)
            late = max(late + score - _SLACK, 0.0)
            early = max(early - score - _SLACK, 0.0)
        age = age + 1 if late or early else 0
        self.surprises = late, early, age
        self.recent.append((stamp, filter_.ticks, filter_.time))
        self.pace = self.judge(filter_.period)
        if miscounted := self._miscounted():
            self.pace = Pace.UNKNOWN
            self._hear_again(miscounted)
        elif max(late, early) > _ALARM:
            age = min(max(age, _FEWEST_GAPS), _MOST_GAPS)
            self._hear_again(min(age, len(self.recent) - 1))

    def _resume(self, filter_: PhaseFilter, stamp: int) -> None:
        """After silence, or at a start, the tick is right wherever it comes."""
        filter_.advance(max(round((stamp - filter_.time) / filter_.period), 1))
        surprise = stamp - filter_.time
        if abs(surprise) > GATE * filter_.spread:
            filter_.distrust_time(surprise)
        filter_.correct(stamp)
        self.recent.clear()
        self.recent.append((stamp, filter_.ticks, filter_.time))
        self._forget_surprises()
        if self.silences > MOST_SILENCES:
            self.pace = Pace.UNKNOWN

    def _miscounted(self) -> int:
        """Over how many of the latest ticks the count is wrong; 0 if it seems right."""
        for heard, factor in self._windows:
            if len(self.recent) > heard:
                counted = self.recent[-1][1] - self.recent[-1 - heard][1]
                if not 1 / factor < counted / heard < factor:
                    return heard
        return 0

    # -- surprises and change --------------------------------------------------------------

    def _forget_surprises(self) -> None:
        self.surprises = 0.0, 0.0, 0

    def _hear_again(self, gaps: int) -> None:
        """Begin afresh from the tick so many gaps ago, if its tempo is within the limits."""
        heard = list(self.recent)
        latest = pairwise(heard[-gaps - 1 :])
        usual = median(after - before for (before, *_), (after, *_) in latest)
        first = len(heard) - gaps - 1
        if self.filter and abs(usual / self.filter.period - 1) > _NEAR:
            first = _change(heard, first, self.filter.period, usual)
        (_, ticks, time), *since = heard[first:]
        stamps = [stamp for stamp, _, _ in since]
        pace = self.judge(usual)
        if pace is not Pace.LOCKED:
            self.pace = pace
            return
        filter_ = self._fresh(ticks, time, usual)
        for stamp in stamps:
            passed = round((stamp - filter_.time) / filter_.period)
            if passed > 0:
                filter_.advance(passed)
                filter_.correct(stamp)
        filter_.wander = _CHANGING_WANDER if self.locked else 0.0
        self.filter = filter_
        self.recent.clear()
        self.recent.append((stamps[-1], filter_.ticks, filter_.time))
        self._forget_surprises()
        self.pace = pace

    def _fresh(self, ticks: int, time: float, usual: float) -> PhaseFilter:
        known = self.locked
        jitter = known.jitter if known else FIRST_JITTER
        if known and abs(usual / known.period - 1) < _NEAR:
            period, spread = known.period, _NEAR_SPREAD * known.period
        else:
            period, spread = usual, _FAR_SPREAD * usual
        return PhaseFilter(ticks, time, period=period, spread=spread, jitter=jitter)


def _change(ticks: list[_Tick], about: int, before: float, now: float) -> int:
    """Which of these was the last at the period of before: up to there the count is right."""
    gaps = [after - early for (early, *_), (after, *_) in pairwise(ticks)]
    new = [abs(gap / now - 1) < _NEAR for gap in gaps]
    while about > 0 and new[about - 1]:
        about -= 1
    latest = len(gaps) - _FEWEST_GAPS
    while about < latest and not new[about] and abs(gaps[about] / before - 1) < _NEAR:
        about += 1
    return about


def after_lumps(ticks: int, time: float, period: float) -> PhaseFilter:
    """What is known of a clock that comes in lumps no more."""
    spread = _FAR_SPREAD * period
    return PhaseFilter(ticks, time, period=period, spread=spread, jitter=FIRST_JITTER)


def _passed(filter_: PhaseFilter, stamp: int, gap: float) -> int:
    """How many ticks on this one is: 1, or 0 if it is doubled, or more if some were lost."""
    late = stamp - filter_.time
    ticks = round(late / filter_.period)
    astray = abs(late - ticks * filter_.period) > ASTRAY * filter_.spread
    return round(gap / filter_.period) if astray else ticks
