"""Following a clock: from the ticks of another machine to its tempo and phase.

A Kalman filter of two states, the time of the latest tick and the period, smooths the jitter, the
size of which it learns. A CUSUM of its surprises notices a change of tempo; the ticks since the
change are then heard again by a fresh filter. Ticks are counted, and a lost or doubled one does
not move the count: beats are found by counting.

Times are nanoseconds, variances their squares. `bench/following.py` has the measurements.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import inf
from statistics import median

from improvd.core.music import PULSES_PER_BEAT
from improvd.core.sync.batches import LumpFollower, LumpMemory, fits, lump_of
from improvd.core.sync.kalman import FIRST_JITTER, GATE, FilterMemory, PhaseFilter
from improvd.core.sync.two_clocks import ON_TIME, alternate, is_beside, without_repeats
from improvd.core.timeline import Timeline, ns_per_beat

CLOCKS_PER_BEAT = 24
PULSES_PER_CLOCK = PULSES_PER_BEAT // CLOCKS_PER_BEAT

SLOWEST_BPM, FASTEST_BPM = 20.0, 400.0

# A lock wants a sixteenth's ticks: enough for a median that one lost or doubled tick cannot fool.
_WARM_UP = 6
# How far the period may go on to wander in each of the first ticks after a change: a ramp.
_CHANGING_WANDER = 100e3**2
# Page's CUSUM, in deviations: blind to shifts under twice the slack, alarmed at the threshold.
_SLACK, _ALARM = 0.8, 7.0
# A tick this far (in deviations) from where one was due is counted by the gap before it instead.
_ASTRAY = 2.0
# A change is taken for this many ticks old when it is noticed, or as old as the surprises are.
_FEWEST_GAPS, _MOST_GAPS = 3, 12
# After a change the period is sought around the one before, unless that is off by a quarter.
_NEAR = 0.25
_NEAR_SPREAD, _FAR_SPREAD = 0.07, 0.05
# Ticks counted for ticks heard, over so many: further from 1 than this factor the count is wrong,
# such as by every second tick, or by every seventh where jitter hid a change of tempo.
_WINDOWS = ((8, 1.5), (48, 1.1))
# A gap of more periods is silence and says nothing of the tempo, unless it comes every time.
_SILENCE, _MOST_SILENCES = 4, 4
# Jitter must not push the slowest and fastest tempo over the edge.
_TOLERANCE = 1.1
_MEMORY = 49
# Lumps are looked for in so many of the latest ticks, at every eighth one.
_LOOKED_AT, _LOOK_EVERY = 64, 8
# Lumps of another length, by this share, are other lumps; a longer silence than this parts them.
_OTHER_LUMP = 0.1
# Of two clocks, so many ticks that nobody expects are held until the one that is due has come or
# not: then the tempo has changed.
_MOST_HELD = 8
# Another clock is looked for in so many ticks without a lock, in so many periods with one, and is
# found when so many looks in a row say so. Where no gap is under this share of a period there is
# none; with so little wander the clock is known well, and for so many periods.
_TELLING, _LOOKED_BACK, _SURE = 12, 6.5, 3
_NO_OTHER, _CALM, _CALM_FOR = 0.75, 5e3**2, 36
# Of a clock that is known to come over several cables, so many of the ticks that should be there.
_MOST_REPEATS = 0.75


class Pace(StrEnum):
    """What the latest ticks amount to."""

    UNKNOWN = "unknown"
    """Too few to tell."""
    LOCKED = "locked"
    """A tempo within the limits: tempo and phase are known."""
    TOO_FAST = "too fast"
    TOO_SLOW = "too slow"


_Before = tuple[FilterMemory, tuple[float, float, int]]
"""What was known before a tick was counted: the filter, and surprises to either side, and age."""


@dataclass(frozen=True, slots=True)
class FollowerMemory:
    """All that decides how a follower goes on; `last` is when the latest tick came, if any did."""

    ticks: int
    pace: Pace
    filter: FilterMemory | None
    recent: tuple[tuple[int, int, float], ...]
    last: int | None
    loose: bool
    silences: int
    late: float
    early: float
    age: int
    heard: tuple[tuple[int, int], ...] = ()
    lumps: LumpMemory | None = None
    held: tuple[int, ...] = ()
    calm: FilterMemory | None = None
    beside: int = 0
    two: bool = False
    repeats: tuple[int, ...] = ()


class Follower:
    """Listens to clock ticks, 24 to the beat. Constant memory; never blocks, never raises.

    `ticks` is the number of the latest tick, counted from an arbitrary first one; it goes on
    through silence at the last tempo. `pace` says whether the tempo can be relied on, `two` that
    another clock was heard beside the one that is followed. `repeats` are for the caller to set: by
    how much later the same clock comes again, over other cables.
    """

    def __init__(self, slowest: float = SLOWEST_BPM, fastest: float = FASTEST_BPM) -> None:
        self.ticks = 0
        self.pace = Pace.UNKNOWN
        self.two = False
        self.repeats: tuple[int, ...] = ()
        self._shortest_beat, self._longest_beat = ns_per_beat(fastest), ns_per_beat(slowest)
        self._shortest = self._shortest_beat / CLOCKS_PER_BEAT
        self._longest = self._longest_beat / CLOCKS_PER_BEAT
        self._filter: PhaseFilter | None = None
        # stamp, number and filtered time of the ticks since the last change
        self._recent: deque[tuple[int, int, float]] = deque(maxlen=_MEMORY)
        self._last: int | None = None
        self._loose = False
        self._silences = 0
        # CUSUM of surprises to either side, and for how many ticks they have been adding up
        self._late = self._early = 0.0
        self._age = 0
        self._held: list[int] = []  # ticks that nobody expected, until the one due has come
        self._calm: FilterMemory | None = None  # before any other clock's ticks came
        # of two clocks: what was known before the latest tick that was counted
        self._before: _Before | None = None
        self._beside = 0  # at so many ticks in a row it looked as if there were two
        # stamp and number of all ticks, doubled ones too, since the latest silence or start
        self._heard: deque[tuple[int, int]] = deque(maxlen=_LOOKED_AT)
        self._looked = 0
        self._lumps: LumpFollower | None = None

    @property
    def locked(self) -> bool:
        """Whether tempo and phase are known."""
        return self.pace is Pace.LOCKED

    @property
    def in_lumps(self) -> bool:
        """Whether ticks come several at once, so that what came just before one tells nothing."""
        return self._lumps is not None

    @property
    def timeline(self) -> Timeline:
        """Tick n at pulse 20 n, by the last lock. Raises ValueError if there never was one."""
        known = self._lumps.filter if self._lumps else self._filter
        if known is None:
            raise ValueError("no clock has been heard for long enough to tell its tempo")
        beat = round(known.period * CLOCKS_PER_BEAT)
        return Timeline(
            round(known.time),
            known.ticks * PULSES_PER_CLOCK,
            min(max(beat, self._shortest_beat), self._longest_beat),
        )

    def memory(self) -> FollowerMemory:
        """What another follower goes on from."""
        return FollowerMemory(
            ticks=self.ticks,
            pace=self.pace,
            filter=self._filter.memory() if self._filter else None,
            recent=tuple(self._recent),
            last=self._last,
            loose=self._loose,
            silences=self._silences,
            late=self._late,
            early=self._early,
            age=self._age,
            heard=tuple(self._heard),
            lumps=self._lumps.memory() if self._lumps else None,
            held=tuple(self._held),
            calm=self._calm,
            beside=self._beside,
            two=self.two,
            repeats=self.repeats,
        )

    def restore(self, memory: FollowerMemory) -> None:
        """Go on from there; ticks that were missed meanwhile count as lost, or as silence."""
        self.ticks, self.pace = memory.ticks, memory.pace
        self._filter = PhaseFilter.of(memory.filter) if memory.filter else None
        self._recent.clear()
        self._recent.extend(memory.recent)
        self._last, self._loose, self._silences = memory.last, memory.loose, memory.silences
        self._late, self._early, self._age = memory.late, memory.early, memory.age
        self._heard.clear()
        self._heard.extend(memory.heard)
        self._held, self._calm, self.two = list(memory.held), memory.calm, memory.two
        self._beside, self.repeats = memory.beside, memory.repeats
        self._lumps = LumpFollower.of(memory.lumps, self._periods) if memory.lumps else None

    def loosen(self) -> None:
        """The next tick may come at any time: a master that starts may begin a new beat."""
        self._loose = True

    def tick(self, stamp_ns: int) -> None:
        """A clock message came in."""
        gap = inf if self._last is None else stamp_ns - self._last
        if self._loose or gap > _TOLERANCE * self._longest:
            self._heard.clear()
        if self._lumps and gap >= 0:
            self._track_lumps(self._lumps, stamp_ns, gap)
        else:
            self._track_even(stamp_ns, gap)
            self._look_for_another(stamp_ns)
        if gap >= 0 and (not self._heard or stamp_ns >= self._heard[-1][0]):
            self._heard.append((stamp_ns, self.ticks))
            self._looked = (self._looked + 1) % _LOOK_EVERY
            if self._looked == 0:
                self._look_for_lumps()
            if self.repeats and (self._lumps or not self.two):
                self._leave_repeats_out()

    def _track_even(self, stamp_ns: int, gap: float) -> None:
        near = gap < self._shortest / 2 and not self._loose
        if gap < 0 or (near and not (self.two and self.locked)):
            return  # one tick heard twice, or ticks faster than any music
        self._last = stamp_ns
        if self.locked and self._filter:
            self._track(self._filter, stamp_ns, gap)
        else:
            self._warm_up(stamp_ns, gap)
        if self.locked and self._filter:
            self.ticks = self._filter.ticks
        self._loose = False

    # -- lumps -----------------------------------------------------------------------------

    @property
    def _periods(self) -> tuple[float, float]:
        return self._shortest / _TOLERANCE, self._longest * _TOLERANCE

    def _track_lumps(self, lumps: LumpFollower, stamp: int, gap: float) -> None:
        silent = gap > _SILENCE * max(lumps.filter.period, lumps.lump)
        self._silences = self._silences + 1 if silent else 0
        if silent or self._loose:
            lumps.resume(stamp)
        else:
            lumps.tick(stamp)
        self._last, self._loose = stamp, False
        self.ticks = lumps.filter.ticks
        self.pace = self._judge(lumps.filter.period)
        if self._silences > _MOST_SILENCES:
            self._even_out(lumps)
            self.pace = Pace.UNKNOWN

    def _look_for_lumps(self) -> None:
        """Whether ticks come in lumps, in others than they did, or in none any more."""
        if self._beside or (self.two and (self._calm or self.repeats)):
            return  # those are another clock's
        stamps = [stamp for stamp, _ in self._heard]
        if self._calm and is_beside(self._calm, stamps[-_TELLING:], 0.3):
            return  # or may be
        lump = lump_of(stamps)
        if self._lumps and lump is None:
            if not fits(stamps, self._lumps.lump):
                self._even_out(self._lumps)
        elif lump and not (self._lumps and abs(lump / self._lumps.lump - 1) < _OTHER_LUMP):
            # All ticks count, and count anew: those that came at once were taken for doubled.
            self._lumps = LumpFollower(lump, self._heard[0], self._periods)
            for stamp in stamps[1:]:
                self._lumps.tick(stamp)
            self.ticks = self._lumps.filter.ticks
            self.pace = self._judge(self._lumps.filter.period)

    def _even_out(self, lumps: LumpFollower) -> None:
        """Go on as with a clock that comes in no lumps."""
        known = lumps.filter
        spread = _FAR_SPREAD * known.period
        self._filter = PhaseFilter(
            known.ticks, known.time, period=known.period, spread=spread, jitter=FIRST_JITTER
        )
        self._lumps = None
        self._recent.clear()
        self._recent.append((round(known.time), known.ticks, known.time))
        self._forget_surprises()

    # -- without a lock --------------------------------------------------------------------

    def _warm_up(self, stamp: int, gap: float) -> None:
        silent = gap > _TOLERANCE * self._longest
        self._silences = self._silences + 1 if silent else 0
        if self._silences > _MOST_SILENCES:
            self.pace = Pace.TOO_SLOW
        if silent or self._loose:
            self._recent.clear()
        self.ticks += 1
        if self._filter:  # the count goes on from the last lock, at its tempo
            passed = round((stamp - self._filter.time) / self._filter.period)
            self.ticks = self._filter.ticks + max(passed, 1)
        self._recent.append((stamp, self.ticks, stamp))
        self.two = False
        if len(self._recent) >= _WARM_UP:
            uneven = alternate([at for at, _, _ in self._recent][-_TELLING:])
            if uneven and len(self._recent) <= _TELLING:
                return  # two clocks, or one that is far from even
            if uneven:
                self._keep([at for at, _, _ in self._recent][::2], self._recent[0][1])
            else:
                self._hear_again(min(len(self._recent), _WARM_UP) - 1)

    def _keep(self, stamps: list[int], number: int) -> None:
        """Of two clocks these are the one's that is followed, counted from this number."""
        self.two = True
        self.pace = Pace.UNKNOWN
        self._lumps = None
        self._recent.clear()
        self._recent.extend((stamp, number + n, stamp) for n, stamp in enumerate(stamps))
        self._hear_again(len(self._recent) - 1)
        if self._filter:
            self.ticks = self._filter.ticks

    # -- with a lock -----------------------------------------------------------------------

    def _track(self, filter_: PhaseFilter, stamp: int, gap: float) -> None:
        silent = gap > _SILENCE * filter_.period
        self._silences = self._silences + 1 if silent else 0
        if silent or self._loose:
            self._held.clear()
            self._resume(filter_, stamp)
            return
        if self.two:
            if self._before and self._is_nearer(self._before[0], filter_, stamp):
                filter_ = self._take_back(self._before)
            elif self._is_awaited(filter_, stamp):
                self._held.append(stamp)
                return
            held, self._held = self._held, []
            for each in held:
                self._count(filter_, each)
            filter_ = self._filter or filter_
            self._before = filter_.memory(), (self._late, self._early, self._age)
        self._count(filter_, stamp)

    def _is_awaited(self, filter_: PhaseFilter, stamp: int) -> bool:
        """Of two clocks: whether the one that is due may still come, so that this is no tick of it.

        When it has come, those held till then are forgotten.
        """
        late = stamp - filter_.time
        ticks = round(late / filter_.period)
        gate = max(_ASTRAY * filter_.spread, ON_TIME * filter_.period)
        if ticks > 0 and abs(late - ticks * filter_.period) <= gate:
            self._held.clear()
            return False
        return late < filter_.period + gate and len(self._held) < _MOST_HELD

    # -- two clocks ------------------------------------------------------------------------

    def _is_nearer(self, before: FilterMemory, filter_: PhaseFilter, stamp: int) -> bool:
        """Of two clocks: whether the latest tick counted was the other one's, a little early."""
        ticks = filter_.ticks - before.ticks
        due = before.time + ticks * before.period
        return ticks > 0 and not self._held and abs(stamp - due) < abs(self._recent[-1][0] - due)

    def _take_back(self, before: _Before) -> PhaseFilter:
        """As if the latest tick had not been counted."""
        memory, (self._late, self._early, self._age) = before
        self._filter = PhaseFilter.of(memory)
        self._recent.pop()
        self._before = None
        return self._filter

    def _look_for_another(self, stamp: int) -> None:
        """Whether ticks come beside those that the clock should send, and does.

        What was known of it before the other one came is gone back to.
        """
        if self.two or not (known := self._calm or self._filter):
            return
        since = stamp - _LOOKED_BACK * known.period
        stamps = [*(heard for heard, _ in self._heard if heard > since), stamp]
        if len(stamps) < _FEWEST_GAPS:
            return
        gaps = [after - before for before, after in pairwise(stamps)]
        if self._calm is None or min(gaps) > _NO_OTHER * self._calm.period:
            calm = self.locked and self._filter and max(self._late, self._early) < _ALARM / 2
            if calm and self._filter and self._filter.wander < _CALM:
                self._calm = self._filter.memory()
            return
        if stamp - self._calm.time > _CALM_FOR * self._calm.period:
            self._calm = None  # long ago: the tempo has changed since
            return
        self._beside = self._beside + 1 if is_beside(self._calm, stamps) else 0
        if self._beside >= _SURE:
            self.two = True
            self._filter = PhaseFilter.of(self._calm)
            last = self._filter
            last.advance(round((stamp - last.time) / last.period))
            self._recent.clear()
            self._recent.append((round(last.time), last.ticks, last.time))
            self._before = None
            self._forget_surprises()
            self.pace = Pace.LOCKED

    def _leave_repeats_out(self) -> None:
        """If what came over other cables is among the latest ticks, those before it count anew."""
        if self._lumps and abs(self.repeats[0] / self._lumps.lump - 1) > _OTHER_LUMP:
            return  # which of a lump's ticks are whose, nobody knows
        stamps = [stamp for stamp, _ in self._heard]
        firsts = without_repeats(stamps, self.repeats)
        again = len(stamps) - len(firsts)
        if len(firsts) >= _WARM_UP and again >= _MOST_REPEATS * len(self.repeats) * len(firsts):
            self._keep(firsts[-_MEMORY:], self._heard[0][1] + max(len(firsts) - _MEMORY, 0))

    def _count(self, filter_: PhaseFilter, stamp: int) -> None:
        """This tick is the clock's."""
        gap = stamp - self._recent[-1][0]
        ticks = self._passed(filter_, stamp, gap)
        if ticks > 0:
            filter_.advance(ticks)
            self._weigh(filter_.correct(stamp))
        self._age = self._age + 1 if self._late or self._early else 0
        self._recent.append((stamp, filter_.ticks, filter_.time))
        self.pace = self._judge(filter_.period)
        if miscounted := self._miscounted():
            self.pace = Pace.UNKNOWN
            self._hear_again(miscounted)
        elif max(self._late, self._early) > _ALARM:
            age = min(max(self._age, _FEWEST_GAPS), _MOST_GAPS)
            self._hear_again(min(age, len(self._recent) - 1))

    def _passed(self, filter_: PhaseFilter, stamp: int, gap: float) -> int:
        """How many ticks on this one is: 1, or 0 if it is doubled, or more if some were lost."""
        late = stamp - filter_.time
        ticks = round(late / filter_.period)
        astray = abs(late - ticks * filter_.period) > _ASTRAY * filter_.spread
        return round(gap / filter_.period) if astray else ticks

    def _resume(self, filter_: PhaseFilter, stamp: int) -> None:
        """After silence, or at a start, the tick is right wherever it comes."""
        filter_.advance(max(round((stamp - filter_.time) / filter_.period), 1))
        surprise = stamp - filter_.time
        if abs(surprise) > GATE * filter_.spread:
            filter_.distrust_time(surprise)
        filter_.correct(stamp)
        self._recent.clear()
        self._recent.append((stamp, filter_.ticks, filter_.time))
        self._before = None
        self._forget_surprises()
        if self._silences > _MOST_SILENCES:
            self.pace = Pace.UNKNOWN

    def _miscounted(self) -> int:
        """Over how many of the latest ticks the count is wrong; 0 if it seems right."""
        for heard, factor in _WINDOWS:
            if len(self._recent) > heard:
                counted = self._recent[-1][1] - self._recent[-1 - heard][1]
                if not 1 / factor < counted / heard < factor:
                    return heard
        return 0

    # -- surprises and change --------------------------------------------------------------

    def _forget_surprises(self) -> None:
        self._late = self._early = 0.0
        self._age = 0

    def _weigh(self, score: float) -> None:
        self._late = max(self._late + score - _SLACK, 0.0)
        self._early = max(self._early - score - _SLACK, 0.0)

    def _hear_again(self, gaps: int) -> None:
        """Begin afresh from the tick so many gaps ago, if its tempo is within the limits."""
        (first, ticks, time), *since = list(self._recent)[-gaps - 1 :]
        stamps = [stamp for stamp, _, _ in since]
        usual = median(after - before for before, after in pairwise([first, *stamps]))
        pace = self._judge(usual)
        if pace is not Pace.LOCKED:
            self.pace = pace
            return
        filter_ = self._filter = self._fresh(ticks, time, usual)
        for stamp in stamps:
            passed = round((stamp - filter_.time) / filter_.period)
            if passed > 0:
                filter_.advance(passed)
                filter_.correct(stamp)
        filter_.wander = _CHANGING_WANDER if self.locked else 0.0
        self._recent.clear()
        self._recent.append((stamps[-1], filter_.ticks, filter_.time))
        self._before = None
        self._forget_surprises()
        self.pace = pace

    def _judge(self, period: float) -> Pace:
        if period < self._shortest / _TOLERANCE:
            return Pace.TOO_FAST
        return Pace.TOO_SLOW if period > self._longest * _TOLERANCE else Pace.LOCKED

    def _fresh(self, ticks: int, time: float, usual: float) -> PhaseFilter:
        known = self._filter if self.locked else None
        jitter = known.jitter if known else FIRST_JITTER
        if known and abs(usual / known.period - 1) < _NEAR:
            period, spread = known.period, _NEAR_SPREAD * known.period
        else:
            period, spread = usual, _FAR_SPREAD * usual
        return PhaseFilter(ticks, time, period=period, spread=spread, jitter=jitter)
