"""Following a clock: from the ticks of another machine to its tempo and phase.

Ticks are those of one clock or of several, and come one by one or in lumps; here that is told, and
the followed clock's are handed to who follows it: `EvenFollower` or `LumpFollower`. 24 of them are
a beat.

Times are nanoseconds. `bench/following.py` has the measurements.
"""

from collections import deque
from dataclasses import dataclass, replace
from math import inf

from improvd.core.music import PULSES_PER_BEAT
from improvd.core.sync.clock.even import (
    MEMORY,
    MOST_SILENCES,
    SILENCE,
    TOLERANCE,
    WARM_UP,
    EvenFollower,
    Known,
    Pace,
    after_lumps,
)
from improvd.core.sync.clock.kalman import FilterMemory, PhaseFilter
from improvd.core.sync.clock.lookout import Lookout
from improvd.core.sync.clock.lump_period import fits, lump_of
from improvd.core.sync.clock.lumps import LumpFollower, LumpMemory
from improvd.core.sync.clock.recount import RECOUNTED, SETTLED, STEADY, Before, recounted
from improvd.core.sync.clock.recurrence import Recurrence
from improvd.core.sync.clock.two_clocks import (
    Sieve,
    Verdict,
    clocks,
    come_together,
    without_repeats,
)
from improvd.core.timeline import Timeline, ns_per_beat

CLOCKS_PER_BEAT = 24
PULSES_PER_CLOCK = PULSES_PER_BEAT // CLOCKS_PER_BEAT

SLOWEST_BPM, FASTEST_BPM = 20.0, 400.0

# Lumps are looked for in so many of the latest ticks, at every eighth one.
_LOOKED_AT, _LOOK_EVERY = 64, 8
# Who follows lumps from then on hears so many of them with each tick that comes in.
_CAUGHT_UP = 12
# Lumps of another length, by this share, are other lumps.
_OTHER_LUMP = 0.1
# Another clock is looked for in so many ticks without a lock, in more where they are too fast to be
# followed: of many looks one finds what is but jitter.
_TELLING, _TELLING_LONG = 12, 48
# Which cable's ticks are whose is told by so many of each, or not at all by so many.
_FEW_PERIODS, _MANY_PERIODS = 5, 14
# Of a clock that is gone while another one goes on, so many of the latest ticks are heard again.
_LATEST = 6


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
    parted: bool = True
    before_silence: FilterMemory | None = None
    jumped: Before | None = None
    steady: FilterMemory | None = None
    recurrence: Recurrence | None = None


class Follower:
    """Listens to clock ticks, 24 to the beat. Constant memory; never blocks, never raises.

    Args:
        slowest, fastest: limits of the tempi that are followed, in BPM.
        rules: of playing, by which a recording is played again; see `Following`.
    """

    def __init__(
        self, slowest: float = SLOWEST_BPM, fastest: float = FASTEST_BPM, rules: int = RECOUNTED
    ) -> None:
        self._rules = rules
        self._shortest_beat, self._longest_beat = ns_per_beat(fastest), ns_per_beat(slowest)
        self._shortest = self._shortest_beat / CLOCKS_PER_BEAT
        self._longest = self._longest_beat / CLOCKS_PER_BEAT
        self._even = EvenFollower(self._periods, rules)
        self._lumps: LumpFollower | None = None
        self._silences = 0  # in a row, of lumps
        # who is to follow lumps, and the ticks that it has yet to hear
        self._coming: LumpFollower | None = None
        self._behind: deque[int] = deque()
        self._last: int | None = None
        self._loose = False
        # stamp and number of all ticks, doubled ones too, since the latest silence or start
        self._heard: deque[tuple[int, int]] = deque(maxlen=_LOOKED_AT)
        self._looked = 0
        self._lookout = Lookout(self._shortest, rules)
        self._sieve: Sieve | None = None  # where there are two clocks
        # of two clocks: what was known before the latest tick that was counted
        self._before: Known | None = None
        # by how much later the same clock comes over other cables, and if their ticks are told yet
        self._delays: tuple[int, ...] = ()
        self._parted = True
        self._recurrence = Recurrence()  # of odd gaps
        self._jumped: Before | None = None  # what was known before the tempo jumped, of late

    @property
    def ticks(self) -> int:
        """The number of the latest tick, from an arbitrary first one; it goes on in silence."""
        return self._lumps.filter.ticks if self._lumps else self._even.ticks

    @property
    def pace(self) -> Pace:
        """Whether the tempo can be relied on."""
        return self._even.judge(self._lumps.filter.period) if self._lumps else self._even.pace

    @property
    def locked(self) -> bool:
        """Whether tempo and phase are known."""
        return self.pace is Pace.LOCKED

    @property
    def two(self) -> bool:
        """Whether another clock is heard beside the one that is followed."""
        return self._sieve is not None or (self._lumps is not None and self._lumps.cables > 1)

    @property
    def in_lumps(self) -> bool:
        """Whether ticks come several at once, so that what came just before one tells nothing."""
        return self._lumps is not None

    @property
    def timeline(self) -> Timeline:
        """Tick n at pulse 20 n, by the last lock. Raises ValueError if there never was one."""
        known = self._lumps.filter if self._lumps else self._even.filter
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
        even = self._even
        late, early, age = even.surprises
        return FollowerMemory(
            ticks=self.ticks,
            pace=self.pace,
            filter=even.filter.memory() if even.filter else None,
            recent=tuple(even.recent),
            last=self._last,
            loose=self._loose,
            silences=self._silences if self._lumps else even.silences,
            late=late,
            early=early,
            age=age,
            heard=tuple(self._heard),
            lumps=self._lumps.memory() if self._lumps else None,
            calm=self._lookout.calm,
            beside=self._lookout.beside,
            two=self._sieve is not None,
            repeats=self._delays,
            parted=self._parted,
            before_silence=even.before_silence,
            jumped=self._jumped,
            steady=self._lookout.steady,
            recurrence=replace(self._recurrence),
        )

    def restore(self, memory: FollowerMemory) -> None:
        """Go on from there; ticks that were missed meanwhile count as lost, or as silence."""
        even = self._even
        even.ticks, even.pace = memory.ticks, memory.pace
        even.filter = PhaseFilter.of(memory.filter) if memory.filter else None
        even.recent.clear()
        even.recent.extend(memory.recent)
        even.surprises = memory.late, memory.early, memory.age
        even.silences = self._silences = memory.silences
        even.before_silence = memory.before_silence
        self._last, self._loose = memory.last, memory.loose
        self._heard.clear()
        self._heard.extend(memory.heard)
        self._lookout.calm, self._lookout.beside = memory.calm, memory.beside
        self._lookout.steady = memory.steady
        self._delays, self._parted = memory.repeats, memory.parted
        self._sieve = Sieve() if memory.two else None
        self._coming = None
        self._before, self._jumped = None, memory.jumped
        self._recurrence = replace(memory.recurrence or Recurrence())
        self._lumps = (
            LumpFollower.of(memory.lumps, self._periods, self._rules) if memory.lumps else None
        )

    def loosen(self) -> None:
        """The next tick may come at any time: a master that starts may begin a new beat."""
        self._loose = True
        self._delays, self._parted = (), True

    def repeat(self, delays: tuple[int, ...]) -> None:
        """A Start came again over other cables, and so does its clock, so much later."""
        self._delays, self._parted = delays, False

    def tick(self, stamp_ns: int) -> bool:
        """A clock message came in. Returns whether it is the followed clock's, as far as known."""
        gap = inf if self._last is None else stamp_ns - self._last
        if gap < 0:
            return False
        if self._loose or gap > TOLERANCE * self._longest:
            self._heard.clear()
            self._coming = None
        loose, self._loose = self._loose, False
        steady = len(self._even.recent)
        self._recurrence.hear(gap)
        if self._lumps:
            own = self._track_lumps(self._lumps, stamp_ns, gap, loose=loose)
        elif self._sieve and self._even.locked:
            own = self._sift(self._sieve, self._even.locked, stamp_ns, gap)
        else:
            own = self._track_even(stamp_ns, gap, loose=loose)
        self._heard.append((stamp_ns, self.ticks + (loose and not own)))
        if self._rules >= RECOUNTED:
            self._recount(steady)
        if not self._lumps:
            self._look_for_another(stamp_ns)
        if self._coming:
            self._behind.append(stamp_ns)
            self._catch_up(self._coming)
        elif self._is_time_to_look():
            self._look_for_lumps()
        if not self._parted:
            self._part_cables()
        return own

    def _is_time_to_look(self) -> bool:
        """At every eighth tick, or after it if that has taken its time already."""
        self._looked += 1
        puzzled = self._lumps is not None and self._lumps.puzzled and self._rules >= RECOUNTED
        if self._looked < _LOOK_EVERY or puzzled:
            return False
        self._looked = 0
        return True

    def _track_even(self, stamp: int, gap: float, *, loose: bool) -> bool:
        if gap < self._shortest / 2 and not loose:
            self._even.again(stamp)  # one tick heard twice, or ticks faster than any music
            return False
        self._last = stamp
        if self._even.locked:
            self._even.tick(stamp, gap, anywhere=loose)
            return True
        stamps = [*(heard for heard, _ in self._heard), stamp]
        several = self._several(stamps) if len(stamps) >= WARM_UP else 0
        if not self._parted or (several > 1 and len(stamps) <= _TELLING):
            self._even.note(stamp, gap, anywhere=loose)
        elif several <= 1:
            self._even.tick(stamp, gap, anywhere=loose)
        else:
            kept = stamps[::several]
            self._keep(kept, self._lookout.number_of(kept, self._heard[0][1]))
        return True

    def _several(self, stamps: list[int]) -> int:
        """How many clocks these are; ticks too fast for each to be followed are a single one's."""
        too_fast = self._even.pace is Pace.TOO_FAST
        stamps = stamps[-_TELLING_LONG if too_fast else -_TELLING :]
        count = clocks(stamps)
        usual = (stamps[-1] - stamps[0]) / (len(stamps) - 1)
        return count if count * usual >= self._shortest / TOLERANCE else 1

    def _recount(self, steady: int) -> None:
        """Put the count right once a tempo that jumped is known; there were so many ticks since."""
        filter_, since = self._even.locked, len(self._even.recent)
        if self._lumps or self._sieve or filter_ is None:
            return
        if since < steady and steady >= STEADY:
            self._jumped = Before.of(self._heard) or self._jumped
        elif since == SETTLED and self._jumped:
            number = recounted(self._jumped, self._heard, filter_.time, filter_.period)
            self._jumped = None
            if number is not None and number != self.ticks:
                self._even.renumber(number)
                self._lookout.forget()

    # -- lumps -----------------------------------------------------------------------------

    @property
    def _periods(self) -> tuple[float, float]:
        return self._shortest / TOLERANCE, self._longest * TOLERANCE

    def _track_lumps(self, lumps: LumpFollower, stamp: int, gap: float, *, loose: bool) -> bool:
        silent = gap > SILENCE * max(lumps.filter.period, lumps.lump)
        self._silences = self._silences + 1 if silent else 0
        before = lumps.filter.ticks
        if silent or loose:
            lumps.resume(stamp)
        else:
            lumps.tick(stamp)
        self._last = stamp
        own = lumps.filter.ticks != before
        if self._silences > MOST_SILENCES:
            self._even_out(lumps)
            self._even.pace = Pace.UNKNOWN
        return own

    def _look_for_lumps(self) -> None:
        """Whether ticks come in lumps, in others than they did, or in none any more."""
        lookout = self._lookout
        if not self._delays and (lookout.beside or (self._sieve and lookout.calm)):
            return  # those are another clock's
        stamps = [stamp for stamp, _ in self._heard]
        if not (self._lumps or self._delays) and lookout.may_be(stamps[-_TELLING:]):
            return
        lump = lump_of(stamps)
        number = self._heard[0][1]
        if not self._lumps and self._rules >= RECOUNTED:
            lump = lump or self._recurrence.lump
            number -= self._recurrence.miscounted(lump, len(stamps)) if lump else 0
        if self._lumps and lump is None:
            if not fits(stamps, self._lumps.lump):
                self._even_out(self._lumps)
        elif lump and not (self._lumps and abs(lump / self._lumps.lump - 1) < _OTHER_LUMP):
            # All ticks count, and count anew: those that came at once were taken for doubled.
            first = self._heard[0][0], number
            self._coming = LumpFollower(lump, first, self._periods, self._delays, self._rules)
            self._behind = deque(stamps[1:])
            self._catch_up(self._coming)

    def _catch_up(self, coming: LumpFollower) -> None:
        """Who is to follow lumps hears the ticks of before, a few at a time: none may take long."""
        at_once = _CAUGHT_UP if self._rules >= RECOUNTED else _LOOKED_AT
        for _ in range(min(at_once, len(self._behind))):
            coming.tick(self._behind.popleft())
        if not self._behind:
            self._lumps, self._coming = coming, None
            self._sieve, self._parted = None, True

    def _even_out(self, lumps: LumpFollower) -> None:
        """Go on as with a clock that comes in no lumps."""
        known = lumps.filter
        self._even.go_on(after_lumps(known.ticks, known.time, known.period))
        self._lumps = None

    # -- two clocks ------------------------------------------------------------------------

    def _sift(self, sieve: Sieve, filter_: PhaseFilter, stamp: int, gap: float) -> bool:
        """Of two clocks' ticks only those of the one that is followed count."""
        self._last = stamp
        if gap > SILENCE * filter_.period:
            self._even.skip(stamp)
        verdict = sieve.judge(filter_, stamp)
        if verdict is Verdict.OWN:
            self._before = filter_.memory(), self._even.surprises
            self._even.tick(stamp, gap)
            if len(self._even.recent) == 1:  # it was heard again
                self._before = None
        elif self._before and verdict in (Verdict.NEARER, Verdict.DOUBTFUL):
            nearest = stamp if verdict is Verdict.NEARER else self._even.recent[-1][0]
            self._even.doubt(self._before, nearest)
        elif verdict is Verdict.LOST:
            self._even.pace = Pace.UNKNOWN
            self._sieve = self._lookout.calm = None
            while len(self._heard) > _LATEST:
                self._heard.popleft()
        return verdict in (Verdict.OWN, Verdict.NEARER)

    def _keep(self, stamps: list[int], number: int) -> None:
        """Of two clocks these are the one's that is followed, counted from this number."""
        stamps, number = stamps[-MEMORY:], number + max(len(stamps) - MEMORY, 0)
        self._lumps = None
        self._even.begin(stamps, number)
        self._sieve, self._before = Sieve(), None

    def _look_for_another(self, stamp: int) -> None:
        """Whether there is one; what was known before it came is gone back to."""
        if self._sieve:
            return
        stamps = [heard for heard, _ in self._heard]
        if known := self._lookout.look(stamp, stamps, self._even):
            self._even.go_on(known)
            self._sieve, self._before = Sieve(), None

    def _part_cables(self) -> None:
        """A Start came again: the ticks that come as much later count as little."""
        cables = len(self._delays) + 1
        if len(self._heard) <= _FEW_PERIODS * cables:
            return
        stamps = [stamp for stamp, _ in self._heard]
        if self._lumps:
            if come_together(stamps, cables, self._lumps.lump + max(self._delays)):
                self._lumps.share(self._delays, list(self._heard))
            self._parted = True
        else:
            firsts = without_repeats(stamps, self._delays)
            if firsts and self._sieve and (filter_ := self._even.locked):
                filter_.time -= self._sieve.delay(filter_, firsts[-1], self._delays)
                self._even.go_on(filter_)
                self._before = None
            elif firsts:
                period = (firsts[-1] - firsts[0]) / (len(firsts) - 1)
                before = round((firsts[0] - stamps[0]) / period)
                self._keep(firsts, self._heard[0][1] + before)
                self._lookout.calm = self._even.filter.memory() if self._even.filter else None
            self._parted = bool(firsts) or len(stamps) > _MANY_PERIODS * cables
