"""The transport: clock, Start, Stop, Continue and Song Position become a state and a timeline.

Whoever owns the port passes every message to `hear`, calls `turn` at `wake()`, and looks at
`state`: a frozen value, replaced when anything changes. Nothing here blocks, raises or reads a
clock.

    standing   rolling  clock             Start       Continue    Stop     song position   time-out
    ALONE      yes      waits or joins    ARMED at 0  ARMED       STOPPED  kept            tapped
    STOPPED    no       -                 ARMED at 0  ARMED       (said)   kept            ALONE
    ARMED      no       ROLLING           ARMED at 0  ARMED       STOPPED  kept            ALONE
    ROLLING    yes      followed          jumps to 0  -           STOPPED  jumps           RESTING
    RESTING    no       ROLLING in phase  ARMED at 0  ARMED       STOPPED  kept            ALONE

A clock that appears without Start stops what plays alone once it has lasted (`waits`), unless a
Start came before it or `start_on_clock` says to go on with it (`joins`); if it is gone before that,
it was a pedal's that tells a tempo (`tapped`). So too where the master that had said Start was gone
for good: a clock joins there once it has lasted. Only `sync` auto is ever ALONE by a time-out: from
ARMED when no clock follows the Start, from STOPPED and RESTING when the clock is gone. There, and
where no clock is, a person's order starts it alone too.
"""

from collections import deque
from dataclasses import dataclass, replace

from improvd.core.midi.messages import CLOCK, CONTINUE, SONG_POSITION, START, STOP, sixteenths
from improvd.core.music import PULSES_PER_BEAT
from improvd.core.sync.clock.even import Pace
from improvd.core.sync.clock.recount import RECOUNTED
from improvd.core.sync.clock.two_clocks import Repeats
from improvd.core.sync.follower import PULSES_PER_CLOCK, Follower, FollowerMemory
from improvd.core.sync.song_position import CLOCKS_PER_SIXTEENTH, SongPosition
from improvd.core.sync.transport_state import Following, Standing, Sync, TransportState
from improvd.core.timeline import Timeline, ns_per_beat

# A master that starts sends its first clock within a few hundred milliseconds.
_PATIENCE_NS = 1_000_000_000
# A pedal on which a tempo is tapped sends its clock for a second or so; one that lasts longer than
# this is a master's. And so long after the latest clock there is none any more: at 20 BPM they are
# an eighth of a second apart.
_TAPPED_NS, _GONE_NS = 2_000_000_000, 500_000_000
# A pedal begins anew after each tap: a clock that pauses for this long, and goes on, is such a one.
_PAUSE_NS = 150_000_000
# Up to here a correction is spread over a beat; above, the clock has changed, and we with it.
_STEP_NS = 1_000_000
# Masters that tell their position as they go round it to a sixteenth and may be a little behind.
_SAME_PLACE = 2 * CLOCKS_PER_SIXTEENTH
# Before lumps are known as such they may look like two clocks: it is said after so many.
_SURELY_TWO = 48
# A position while rolling is that of the next clock; some masters send it just after its clock, but
# not in one burst with the clock before.
_TOLD_LATE = range(100_000, 2_000_000)
_NOTICES_KEPT = 16
_TOLD = (START, CONTINUE, STOP)

_TWO = "There are two clocks on the input; the one that was there first is followed."
_WAITING = "There is a clock; waiting for its Start."


@dataclass(frozen=True, slots=True)
class TransportMemory:
    """What a transport goes on from; `clock` is what its follower knows, None if that is forgotten.

    Times are those of the machine it was taken on, and mean nothing after that has started anew.
    """

    standing: Standing
    timeline: Timeline
    jumps: int
    told: bool | None
    offset: int
    position: int
    placed: bool
    song_position: tuple[int, int, int]
    since: int | None
    clock: FollowerMemory | None
    heard: int | None = None
    found: int | None = None
    left: bool = False
    retimed: int | None = None

    def moved(self, ns: int) -> "TransportMemory":
        """The same in a machine's time that is so many nanoseconds on; the clock is forgotten."""
        there = self.timeline.shifted(ns)
        return replace(self, timeline=there, clock=None, heard=None, found=None, retimed=None)


class Transport:
    """Follows a master, or none. `notices` are sentences for the person, to be taken away."""

    def __init__(self, own: Timeline, following: Following | None = None) -> None:
        self.following = following or Following()
        alone = self.following.sync is not Sync.MIDI
        self.state = TransportState(Standing.ALONE if alone else Standing.STOPPED, own)
        self.notices: deque[str] = deque(maxlen=_NOTICES_KEPT)
        self._said: set[str] = set()
        limits = self.following.slowest, self.following.fastest
        self._follower = Follower(*limits, self.following.rules)
        self._shortest_beat = ns_per_beat(self.following.fastest)
        self._longest_beat = ns_per_beat(self.following.slowest)
        self._told: bool | None = None  # the latest of Start or Continue (True) and Stop (False)
        self._offset = 0  # song position in clocks, less the follower's count; while ROLLING
        self._position = 0  # in clocks, of the clock that comes next; otherwise
        self._placed = False  # somebody said so since it rolled
        self._song_position = SongPosition()
        self._since: int | None = None  # the clock, or Start, came; what time-outs count from
        self._heard: int | None = None  # the latest clock
        self._repeats = Repeats(self.following.rules)
        self._found: int | None = None  # the first clock of those that came while ALONE
        self._left = False  # the master that had said Start was gone for good
        self._retimed: int | None = None  # a person ordered a tempo
        self._two = 0  # for so many clocks in a row there have been two

    # -- what a person orders --------------------------------------------------------------

    def begin(self, now: int) -> bool:
        """Play alone, where no clock is to be waited for; whether there is music from now on.

        Under `sync` midi, or while a clock is there that has not said Start, there is none.
        """
        if not self.state.rolling and self._auto and not self._clock_is_there(now):
            self._go_alone(now)
        return self.state.rolling

    def retime(self, now: int, bpm: float) -> bool:
        """Our own tempo from now on; False, and nothing happens, where a clock gives the tempo."""
        self.begin(now)
        if self.state.standing is not Standing.ALONE and self._follower.locked:
            return False
        timeline = self.state.timeline
        self._set(self.state.standing, timeline.at_tempo(bpm, timeline.pulse_at(now)))
        self._retimed = now
        return True

    def locate(self, now: int, clocks: int) -> None:
        """The song is at this clock now, or will be when it rolls."""
        self.begin(now)
        if self.state.standing is Standing.ROLLING:
            self._jump(clocks)
        elif self.state.standing is Standing.ALONE:
            moved = replace(self.state.timeline, origin_ns=now, origin_pulse=_pulse(clocks))
            self._set(Standing.ALONE, moved, jumped=True)
        else:
            self._place(clocks)

    def renumber(self, clocks: int) -> None:
        """The song's place is called so many clocks later (negative: earlier); time goes on."""
        timeline = self.state.timeline
        moved = replace(timeline, origin_pulse=timeline.origin_pulse + _pulse(clocks))
        self._offset += clocks
        self._position += clocks
        self._set(self.state.standing, moved, jumped=True)

    # -- across a loss ---------------------------------------------------------------------

    def memory(self) -> TransportMemory:
        """What another transport goes on from."""
        return TransportMemory(
            standing=self.state.standing,
            timeline=self.state.timeline,
            jumps=self.state.jumps,
            told=self._told,
            offset=self._offset,
            position=self._position,
            placed=self._placed,
            song_position=self._song_position.memory(),
            since=self._since,
            clock=self._follower.memory(),
            heard=self._heard,
            found=self._found,
            left=self._left,
            retimed=self._retimed,
        )

    def restore(self, memory: TransportMemory) -> None:
        """Go on from there."""
        self.state = TransportState(memory.standing, memory.timeline, memory.jumps)
        self._told = memory.told
        self._offset, self._position = memory.offset, memory.position
        self._placed = memory.placed
        self._song_position.restore(memory.song_position)
        if memory.clock is not None:
            self._follower.restore(memory.clock)
        self._since = memory.since
        self._heard, self._found = memory.heard, memory.found
        self._left, self._retimed = memory.left, memory.retimed

    def resume(self, now: int) -> None:
        """After a loss: a clock that was followed still is, or is waited for from now on.

        Where clocks are not to be followed any more, or nothing else is, the song goes by that.
        """
        alone = self.state.standing is Standing.ALONE
        if self.following.sync is Sync.INTERNAL and not alone:
            origin = _pulse(self._here(now) if self.state.rolling else self._position)
            timeline = Timeline(now, origin, self.state.timeline.beat_ns)
            self._set(Standing.ALONE, timeline, jumped=True)
        elif self.following.sync is Sync.MIDI and alone:
            self._position = self._here(now)
            self._set(Standing.STOPPED)
        self._since = None if self.state.standing is Standing.ALONE else now

    # -- what comes in ---------------------------------------------------------------------

    def hear(self, stamp: int, message: bytes) -> None:
        """A MIDI message that came in at this nanosecond; only a master's concern us."""
        if self.following.sync is Sync.INTERNAL or not message:
            return
        self.turn(stamp)
        if message[0] == CLOCK:
            self._hear_clock(stamp)
        elif message[0] in _TOLD and self._repeats.hear(stamp, message[0]):
            self._follower.repeat(self._repeats.delays)
        elif message[0] == START:
            self._hear_start(stamp)
        elif message[0] == CONTINUE:
            self._hear_continue(stamp)
        elif message[0] == STOP:
            self._hear_stop(stamp)
        elif message[0] == SONG_POSITION and len(message) == 3:
            self._hear_position(stamp, sixteenths(message))

    def _hear_clock(self, stamp: int) -> None:
        back = not self._clock_is_there(stamp)
        paused = self._heard is not None and stamp - self._heard > _PAUSE_NS
        self._heard = stamp
        own = self._follower.tick(stamp)
        standing = self.state.standing
        if self._follower.pace in (Pace.UNKNOWN, Pace.LOCKED):
            self._since = stamp
        else:
            self._say(f"The clock is {self._follower.pace} to be followed and is ignored.")
        if back and standing is Standing.STOPPED and self._told is False:
            self.notices.append(_WAITING)
        self._two = self._two + 1 if self._follower.two else 0
        if self._two > _SURELY_TWO:
            self._say(_TWO)
        if standing is Standing.ARMED:
            self._since = stamp
            self._offset = self._position - self._follower.ticks - (not own)
            self._set(Standing.ROLLING, self._first_timeline(stamp), jumped=True)
        elif not self._follower.locked:
            return
        elif standing is Standing.ROLLING:
            self._set(standing, self._slewed(stamp))
        elif standing is Standing.RESTING:
            if self._placed:
                self._offset = self._position - self._follower.ticks
            self._set(Standing.ROLLING, self._followed(), jumped=True)
            beat = self.state.timeline.pulse_at(stamp) // PULSES_PER_BEAT + 1
            self.notices.append(f"The clock is back; going on at beat {beat}.")
        else:
            if paused and self._judges_anew:
                self._found = None
            self._find_clock(stamp)

    def _find_clock(self, stamp: int) -> None:
        """There is a clock, and nobody had said Start since it was last there."""
        alone = self.state.standing is Standing.ALONE
        if self._left and alone:
            self._found = self._found or stamp
            if stamp - self._found <= _TAPPED_NS:
                return
            self._left = False
        if self._told or (self._told is None and self.following.start_on_clock):
            here = self._here(stamp) if alone else self._position
            self._offset = here - self._follower.ticks
            self._set(Standing.ROLLING, self._followed(), jumped=not alone)
        elif alone:
            self._found = self._found or stamp
            if stamp - self._found > _TAPPED_NS:
                self._position = self._here(stamp)
                self._told = None
                self._set(Standing.STOPPED)
                self._said.discard(_WAITING)
                self._say(_WAITING)
        elif self._told is None:
            self._say(_WAITING)

    def _hear_start(self, stamp: int) -> None:
        self._told, self._left = True, False
        self._song_position.start()
        if self.state.standing is not Standing.ROLLING:
            self._position = 0
            self._arm(stamp)
        elif self._next_clock > 1:  # else it is the Start that we follow, heard twice
            self._jump(0)

    def _hear_continue(self, stamp: int) -> None:
        self._told, self._left = True, False
        if self.state.standing is not Standing.ROLLING:
            self._arm(stamp)

    def _hear_stop(self, stamp: int) -> None:
        self._told, self._left = False, False
        self._since = stamp if self._is_masters(stamp) else None
        if self.state.standing is Standing.STOPPED:
            self._say("The master said Stop when nothing was playing.")
        elif self.state.standing is Standing.ROLLING:
            self._position = self._next_clock
        elif self.state.standing is Standing.ALONE:
            self._position = self._here(stamp)
        self._set(Standing.STOPPED)

    def _is_masters(self, stamp: int) -> bool:
        """Whether a Stop is a clock's master's, who may be gone then, and not a person's."""
        if self._clock_is_there(stamp):
            return True
        waiting = self.state.standing is Standing.STOPPED and self._since is not None
        followed = self.state.standing in (Standing.ROLLING, Standing.RESTING)
        return (waiting or followed) and self._judges_anew

    def _hear_position(self, stamp: int, value: int) -> None:
        rolling = self.state.standing is Standing.ROLLING
        here = self._next_clock if rolling else self._position
        clocks = self._song_position.read(value, here)
        if self._song_position.in_clocks:
            self._say("This master counts song position in clocks, and is understood so.")
        if not rolling:
            self._place(clocks)
        elif abs(clocks - here) >= _SAME_PLACE:
            late = self._heard is not None and stamp - self._heard in _TOLD_LATE
            self._jump(clocks + (late and not self._follower.in_lumps))

    # -- time-outs -------------------------------------------------------------------------

    def wake(self) -> int | None:
        """When `turn` has something to do if nothing comes in; None for never."""
        patience = self._patience()
        return None if self._since is None or patience is None else self._since + patience

    def _patience(self) -> int | None:
        """How long after the latest clock, or Start, something is to be done; None for never."""
        freewheel = round(self.following.freewheel_beats * self.state.timeline.beat_ns)
        match self.state.standing:
            case Standing.ROLLING:
                return freewheel
            case Standing.ARMED:
                return _PATIENCE_NS
            case Standing.ALONE:
                return None if self._found is None else _GONE_NS
            case Standing.STOPPED if self._auto and self._told is None:
                return freewheel
        return self.following.resting_ns if self._auto else None

    def turn(self, now: int) -> None:
        """Time has passed."""
        wake = self.wake()
        if wake is None or now < wake:
            return
        self._since = None
        if self.state.standing is Standing.ROLLING:
            self._lose_clock(now)
        elif self.state.standing is Standing.ALONE:
            self._take_tapped(now)
        elif self._auto:
            self._go_alone(now)
        else:
            self.notices.append("The master said Start but sends no clock; waiting for one.")

    def _lose_clock(self, now: int) -> None:
        """It was freewheeling for long enough."""
        self._position = self._here(now)
        if self._auto and self.following.start_on_clock:  # a clock that is back is joined at once
            self._set(Standing.ALONE)
            self.notices.append(_alone(self.state.timeline))
            return
        self._since = now
        self._set(Standing.RESTING)
        self.notices.append("The clock fell silent; resting until it is back.")

    def _go_alone(self, now: int) -> None:
        """From where it was, at the tempo last known."""
        self._since = self._found = None
        if self._told is False:  # the Stop is over: who comes next says Start again
            self._told = None
        self._left = self.state.standing is Standing.RESTING and self._judges_anew
        timeline = Timeline(now, _pulse(self._position), self._beat_known())
        self._set(Standing.ALONE, timeline, jumped=True)
        self.notices.append(_alone(timeline))

    def _beat_known(self) -> int:
        """The length of a beat at the tempo that was said last, by a clock or by a person."""
        clock, person = self._heard, self._retimed
        latest = clock is not None and (person is None or clock > person)
        if latest and self._follower.locked and self._judges_anew:
            return self._follower.timeline.beat_ns
        return self.state.timeline.beat_ns

    def _take_tapped(self, now: int) -> None:
        """A clock without Start that was soon gone said a tempo."""
        self._found = None
        if self._follower.locked:
            timeline = self.state.timeline
            theirs = self._follower.timeline
            timeline = timeline.at_tempo(theirs.bpm, timeline.pulse_at(now))
            self._set(Standing.ALONE, timeline)
            tempo = f"{timeline.bpm:.1f} BPM"
            self.notices.append(f"A clock said {tempo} and is gone; that is the tempo.")

    def _clock_is_there(self, now: int) -> bool:
        return self._heard is not None and now - self._heard < _GONE_NS

    @property
    def _auto(self) -> bool:
        return self.following.sync is Sync.AUTO

    @property
    def _judges_anew(self) -> bool:
        """Whether a clock that comes where it is not waited for is judged by how long it lasts."""
        return self.following.rules >= RECOUNTED

    # -- moves -----------------------------------------------------------------------------

    @property
    def _next_clock(self) -> int:
        return self._follower.ticks + self._offset + 1

    def _here(self, stamp: int) -> int:
        """The clock nearest to where the timeline is."""
        pulse = self.state.timeline.pulse_at(stamp)
        return (pulse + PULSES_PER_CLOCK // 2) // PULSES_PER_CLOCK

    def _arm(self, stamp: int) -> None:
        self._since = stamp
        self._follower.loosen()
        self._set(Standing.ARMED)

    def _place(self, clocks: int) -> None:
        """Where the song goes on when it rolls again."""
        self._position, self._placed = clocks, True

    def _jump(self, clocks: int) -> None:
        """While rolling, the clock to come is this one; phase and tempo stay."""
        moved = clocks - self._next_clock
        self._offset += moved
        timeline = self.state.timeline
        origin = timeline.origin_pulse + _pulse(moved)
        self._set(Standing.ROLLING, replace(timeline, origin_pulse=origin), jumped=True)

    def _set(
        self, standing: Standing, timeline: Timeline | None = None, *, jumped: bool = False
    ) -> None:
        if standing is Standing.ROLLING:
            self._placed = False
        self.state = TransportState(
            standing, timeline or self.state.timeline, self.state.jumps + jumped
        )

    def _say(self, notice: str) -> None:
        """Say it if it has not been said before: masters repeat themselves."""
        if notice not in self._said:
            self._said.add(notice)
            self.notices.append(notice)

    # -- timelines -------------------------------------------------------------------------

    def _first_timeline(self, stamp: int) -> Timeline:
        """From the first clock on: at the tempo of a clock known before, else at our own."""
        if self._follower.locked:
            return self._followed()
        origin_ns = stamp + self.following.clock_ns
        return Timeline(origin_ns, _pulse(self._position), self.state.timeline.beat_ns)

    def _followed(self) -> Timeline:
        theirs = self._follower.timeline
        return replace(
            theirs,
            origin_ns=theirs.origin_ns + self.following.clock_ns,
            origin_pulse=theirs.origin_pulse + _pulse(self._offset),
        )

    def _slewed(self, stamp: int) -> Timeline:
        """The timeline goes on from where it is and meets the clock's a beat later."""
        ours, theirs = self.state.timeline, self._followed()
        pulse = ours.pulse_at(stamp)
        start = ours.when(pulse)
        if abs(theirs.when(pulse) - start) > _STEP_NS:
            return theirs
        beat_ns = theirs.when(pulse + PULSES_PER_BEAT) - start
        return Timeline(start, pulse, min(max(beat_ns, self._shortest_beat), self._longest_beat))


def _pulse(clocks: int) -> int:
    return clocks * PULSES_PER_CLOCK


def _alone(timeline: Timeline) -> str:
    return f"There is no clock; playing alone at {timeline.bpm:.1f} BPM."
