"""The performer: what is due when, on a transport that may stop, jump and change its tempo.

It reads no clock and touches no port: the transport's state says when which beat falls, `wake` when
there is something to do, and `turn` does it. What is played is the soloist's affair.
"""

from collections import deque
from dataclasses import dataclass

from improvd.core.hearing import windows
from improvd.core.midi.messages import channel, control_change, strikes
from improvd.core.music import PULSES_PER_BEAT
from improvd.core.playing.beat import Beat
from improvd.core.playing.encore import Encore
from improvd.core.playing.setup import Setup
from improvd.core.playing.soloist import Soloist, SoloistMemory
from improvd.core.sync.transport_state import TransportState
from improvd.core.timeline import Timeline

# A note-on this late would be heard as a mistake; its off is sent in any case.
STALE_NS = 100_000_000
# After a longer standstill (a laptop's lid) the music goes on from now instead of catching up.
MOST_BEATS_BEHIND = 16
# A start or jump up to so many pulses (two clocks) after a beat still plays that beat.
_LATE_START = 40
# Beats not collected by anybody are forgotten from the oldest on.
_BEATS_KEPT = 64


@dataclass(frozen=True, slots=True)
class PerformerMemory:
    """Where a performance is, and all that decides how it goes on; less its time."""

    beat: int
    muted: bool
    encore: Encore
    soloist: SoloistMemory


class Performer:
    """Lets a soloist play in time. No method blocks.

    Args:
        setup: what the performance is made of.
        state: whether music is to be played, and when which pulse falls.
        count_in: beats before the first in which improvd only listens.
    """

    def __init__(self, setup: Setup, state: TransportState, count_in: int = 0) -> None:
        self.soloist = Soloist(setup)
        self.beats: deque[Beat] = deque(maxlen=_BEATS_KEPT)
        self.next_beat = -count_in
        self._state = state
        self.muted = False
        self._encore = Encore(len(setup.chart))
        self._agenda = self.soloist.line.agenda

    @property
    def timeline(self) -> Timeline:
        """When which pulse of this performance's beats falls."""
        return self._timeline(self._state)

    def _timeline(self, state: TransportState) -> Timeline:
        return state.timeline.dotted() if self.soloist.setup.dotted else state.timeline

    def hear(self, stamp: int, message: bytes) -> None:
        """A whole channel message of three bytes, played at this nanosecond."""
        self.soloist.hear(self.timeline.pulse_at(stamp), message)

    def let_go(self, stamp: int) -> None:
        """The musician's side was lost at this nanosecond: nothing of theirs sounds any more."""
        self.soloist.let_go(self.timeline.pulse_at(stamp))

    # -- time ------------------------------------------------------------------------------

    def follow(self, now: int, state: TransportState) -> list[bytes]:
        """Go by another state of the transport from now on; the note-offs that it asks for."""
        before, self._state = self._state, state
        if not state.rolling:
            return self.silence() if before.rolling else []
        if before.rolling and state.jumps == before.jumps:
            return []
        if not before.rolling:
            self.soloist.begin()
        return self._jump(now, self._timeline(before))

    def _jump(self, now: int, before: Timeline) -> list[bytes]:
        """The song is elsewhere: what sounds is closed, and the next beat is the one that comes."""
        offs = self.silence()
        pulse = self.timeline.pulse_at(now)
        last, self.next_beat = self.next_beat, -((_LATE_START - pulse) // PULSES_PER_BEAT)
        moved = pulse - before.pulse_at(now)
        self.soloist.jump(moved, self.next_beat - last, self.next_beat)
        self._encore.begin(self.next_beat)
        return offs

    def wake(self) -> int | None:
        """The nanosecond of the next thing to do; None while nothing is to be played."""
        if not self._state.rolling:
            return None
        due, pick = self._agenda.next_pulse, self._pick_ns()
        return pick if due is None else min(pick, self.timeline.when(due))

    def turn(self, now: int) -> list[tuple[int, bytes]]:
        """Do all that is due by now, in order; the messages to send, each after its due time."""
        messages = []
        while (wake := self.wake()) is not None and wake <= now:
            if wake == self._pick_ns():
                self._pick(now)
            elif self._agenda.next_is_on and (self.muted or now - wake > STALE_NS):
                self._agenda.drop_note()
            else:
                event = self._agenda.take()
                self._encore.sent(event)
                messages += [(wake, message) for message in self._expressed(event[-1])]
        return messages

    def _expressed(self, message: bytes) -> list[bytes]:
        """A message, and before a note-on the controller that says how loud it is, if wanted."""
        controller = self.soloist.setup.style.expression
        if controller is None or not strikes(message):
            return [message]
        return [control_change(channel(message), controller, message[2]), message]

    def silence(self) -> list[bytes]:
        """Forget what was planned; the note-offs of all that sounds. For every way out."""
        self.soloist.line.rest()
        return self._agenda.silence()

    def _pick_ns(self) -> int:
        """When the next beat is picked: as its early window opens, so that hearing has closed."""
        timeline = self.timeline
        early = windows.early_window(timeline.beat_ns)
        return timeline.when(self.next_beat * PULSES_PER_BEAT) - early

    def _pick(self, now: int) -> None:
        behind = (now - self._pick_ns()) // self.timeline.beat_ns
        if behind > MOST_BEATS_BEHIND:
            self.next_beat += behind
        beat = self.next_beat
        if self.soloist.take_over(beat):
            self._encore = Encore(len(self.soloist.setup.chart))
            self._encore.begin(beat)
        repeated = self._encore.turn_over(beat, self._agenda.planned)
        if repeated:
            self._agenda.end_by(beat * PULSES_PER_BEAT)
            self._agenda.schedule(repeated)
        if beat == self.soloist.cadence:
            self._encore.begin(beat)
        told = self.soloist.next(beat, self.timeline, self._encore.at(beat))
        self._encore.played(told.value, told.pitches)
        self.beats.append(told)
        self.next_beat += 1

    # -- what a person orders --------------------------------------------------------------

    def hush(self) -> list[bytes]:
        """The note-offs of all that sounds now; the music goes on."""
        return self._agenda.hush()

    def mute(self, on: bool) -> list[bytes]:
        """Play without a sound, or aloud again; the note-offs that it asks for."""
        self.muted = on
        return self._agenda.hush() if on else []

    def again(self) -> None:
        """Repeat the chorus being played as soon as it is over."""
        self._encore.asked = True

    def end(self) -> tuple[bool, list[bytes]]:
        """A cadence within two bars, then silence; asked a second time, silence at once.

        Whether all is over now, and the note-offs that it asks for.
        """
        over = self.soloist.end(self.next_beat)
        return over, self.silence() if over else []

    # -- across a loss ---------------------------------------------------------------------

    def memory(self) -> PerformerMemory:
        """What another performer of the same setup goes on from."""
        encore, soloist = self._encore.copy(), self.soloist.memory()
        return PerformerMemory(self.next_beat, self.muted, encore, soloist)

    def restore(self, memory: PerformerMemory, state: TransportState) -> None:
        """Go on from there on this state of the transport.

        Raises ValueError for a memory of another model's shape; nothing has changed then.
        """
        self.soloist.restore(memory.soloist)
        self._state = state
        self.next_beat, self.muted = memory.beat, memory.muted
        if memory.encore.beats == self._encore.beats:
            self._encore = memory.encore.copy()

    def resume(self, now: int) -> None:
        """After a loss: notes that began before now are over."""
        self.soloist.resume(self.timeline.pulse_at(now))
