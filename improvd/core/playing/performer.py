"""The performer: what is due when, on a transport that may stop, jump and change its tempo.

It reads no clock and touches no port: the transport's state says when which beat falls, `wake` when
there is something to do, and `turn` does it. What is played is the affair of the soloists and of
the band beside them.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from improvd.core.band.band import BandMemory
from improvd.core.band.lineup import VOICES
from improvd.core.hearing import windows
from improvd.core.midi.messages import channel, control_change, strikes
from improvd.core.music import PULSES_PER_BEAT
from improvd.core.playing.accompaniment import Accompaniment
from improvd.core.playing.beat import Beat
from improvd.core.playing.entrance import Entry
from improvd.core.playing.setup import Setup
from improvd.core.playing.soloist import SoloistMemory
from improvd.core.playing.soloists import Soloists
from improvd.core.sync.transport_state import TransportState
from improvd.core.timeline import Timeline
from improvd.core.voice.agenda import Agenda
from improvd.core.voice.encore import Encore
from improvd.core.voice.phrasing import REPEAT_GAP_NS
from improvd.core.voice.planned_voice import VoiceMemory
from improvd.core.voice.voices import Voices

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
    """Where a performance is, and all that decides how it goes on; less its time.

    `soloist` and `encore` are those of the first soloist, `soloists` the others by name; `voices`
    are those of everybody but the first, by name, `silent` the names of those that play without a
    sound.
    """

    beat: int
    muted: bool
    encore: Encore
    soloist: SoloistMemory
    band: BandMemory = field(default_factory=BandMemory)
    voices: Mapping[str, VoiceMemory] = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    soloists: Mapping[str, SoloistMemory] = field(default_factory=dict)


class Performer:
    """Lets soloists and a band play in time. No method blocks.

    Args:
        setup: what the performance is made of.
        state: whether music is to be played, and when which pulse falls.
        count_in: beats before the first in which improvd only listens.
    """

    def __init__(self, setup: Setup, state: TransportState, count_in: int = 0) -> None:
        self.soloists = Soloists(setup)
        self.beats: deque[Beat] = deque(maxlen=_BEATS_KEPT)
        self.next_beat = -count_in
        self._state = state
        self.muted = False
        self.silent: frozenset[str] = frozenset()
        """The voices that play without a sound, by name."""
        self.halt: Entry | None = None
        """Where it goes on only once another tune has begun."""
        self._accompaniment = Accompaniment(self.soloists)
        self._voices = Voices(len(setup.chart))
        self._seat()

    @property
    def timeline(self) -> Timeline:
        """When which pulse of this performance's beats falls."""
        return self._timeline(self._state)

    def _timeline(self, state: TransportState) -> Timeline:
        return state.timeline.dotted() if self.soloists.setup.dotted else state.timeline

    def hear(self, stamp: int, message: bytes) -> None:
        """A whole channel message of three bytes, played at this nanosecond."""
        self.soloists.musician.hear(self.timeline.pulse_at(stamp), message)
        self._accompaniment.hear(message)

    def let_go(self, stamp: int) -> None:
        """The musician's side was lost at this nanosecond: nothing of theirs sounds any more."""
        self.soloists.musician.let_go(self.timeline.pulse_at(stamp))

    # -- time ------------------------------------------------------------------------------

    def follow(self, now: int, state: TransportState) -> list[bytes]:
        """Go by another state of the transport from now on; the note-offs that it asks for."""
        before, self._state = self._state, state
        if not state.rolling:
            return self.silence() if before.rolling else []
        if before.rolling and state.jumps == before.jumps:
            return []
        if not before.rolling:
            self.soloists.begin()
        return self._jump(now, self._timeline(before))

    def _jump(self, now: int, before: Timeline) -> list[bytes]:
        """The song is elsewhere: what sounds is closed, and the next beat is the one that comes."""
        offs = self.silence()
        last, self.next_beat = self.next_beat, self.coming_beat(now)
        moved = self.timeline.pulse_at(now) - before.pulse_at(now)
        self.soloists.jump(moved, self.next_beat - last, self.next_beat)
        self._accompaniment.jump(self.next_beat - last)
        for voice in self._voices:
            voice.encore.begin(self.next_beat)
        return offs

    def coming_beat(self, now: int) -> int:
        """The beat that comes next, or has only just come."""
        return -((_LATE_START - self.timeline.pulse_at(now)) // PULSES_PER_BEAT)

    def wake(self) -> int | None:
        """The nanosecond of the next thing to do; None while nothing is to be played."""
        if not self._state.rolling:
            return None
        _, due = self._next()
        return due

    def turn(self, now: int) -> list[tuple[int, bytes]]:
        """Do all that is due by now, in order; the messages to send, each after its due time."""
        messages = []
        while self._state.rolling:
            name, due = self._next()
            if due > now or (name is None and self.halts):
                break
            if name is None:
                self._pick(now)
                continue
            voice = self._voices[name]
            if voice.agenda.next_is_on and (now - due > STALE_NS or self._unheard(name)):
                voice.agenda.drop_note()
            else:
                loud = self._expressed(name, voice.send()[-1])
                messages += [(due, message) for message in loud]
        return messages

    def _unheard(self, name: str) -> bool:
        """Whether the note of a voice that is due next is not to be heard."""
        silent = self.muted or name in self.silent
        return silent or self._accompaniment.yields(name, self._voices[name].agenda.next_pitch)

    def _next(self) -> tuple[str | None, int]:
        """Whose message is due next, None where a beat is to be picked first, and when."""
        pick, name = self._pick_ns(), self._voices.next()
        pulse = None if name is None else self._voices[name].agenda.next_pulse
        due = pick if pulse is None else self.timeline.when(pulse)
        return (None, pick) if pick <= due else (name, due)

    def _expressed(self, name: str, message: bytes) -> list[bytes]:
        """A message, and before a note-on the controller that says how loud it is, if wanted."""
        soloist = self.soloists.by_name.get(name)
        controller = None if soloist is None else soloist.setup.style.expression
        if controller is None or not strikes(message):
            return [message]
        return [control_change(channel(message), controller, message[2]), message]

    @property
    def halts(self) -> bool:
        """Whether the next beat is one that another tune is to begin on."""
        if self.halt is None or self.next_beat < 0:
            return False
        chart = self.soloists.setup.chart
        if self.halt is Entry.BAR:
            return chart.place(self.next_beat).beat < 1
        return self.next_beat % len(chart) == 0

    @property
    def picks(self) -> int:
        """The nanosecond at which the next beat is picked."""
        return self._pick_ns()

    def silence(self) -> list[bytes]:
        """Forget what was planned; the note-offs of all that sounds. For every way out."""
        for soloist in self.soloists.by_name.values():
            soloist.line.rest()
        return self._voices.silence()

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
        if self.soloists.take_over(beat):
            self._seat()
            self._voices.form(len(self.soloists.setup.chart), beat)
        for voice in self._voices:
            voice.turn_over(beat)
        ending = self.soloists.ending
        ends_on, over = ending.cadence, ending.over
        if beat == ends_on:
            for voice in self._voices:
                voice.begin(beat)
        self.beats.append(self.soloists.next(beat, self.timeline, self._voices.written(beat)))
        for name, soloist in self.soloists.by_name.items():
            self._voices[name].encore.played(soloist.played.value, soloist.played.pitches)
        gap = self.timeline.pulses(REPEAT_GAP_NS)
        accompanied = self._accompaniment.play(beat, self.timeline, ends_on, over=over)
        for name, notes in accompanied.items():
            self._voices[name].plan(beat, notes, gap)
        self.next_beat += 1

    def _seat(self) -> None:
        """Let the voices of the setup have their agendas, those of the band on their channels."""
        soloists, lineup = self.soloists.by_name, self.soloists.setup.lineup
        band = {} if lineup is None else lineup.voices
        agendas: dict[str, Agenda | None] = {
            name: soloist.line.agenda for name, soloist in soloists.items()
        }
        self._voices.seat(agendas | dict.fromkeys(name for name in VOICES if name in band))
        for name, style in band.items():
            self._voices[name].agenda.channel = style.channel

    # -- what a person orders --------------------------------------------------------------

    def hush(self) -> list[bytes]:
        """The note-offs of all that sounds now; the music goes on."""
        return self._voices.hush()

    def mute(self, on: bool) -> list[bytes]:
        """Play without a sound, or aloud again; the note-offs that it asks for."""
        self.muted = on
        return self.hush() if on else []

    def balance(self, silent: frozenset[str]) -> list[bytes]:
        """Let these voices play without a sound and all others aloud; the note-offs it asks for."""
        self.silent = silent
        return self._voices.hush(silent)

    def again(self) -> None:
        """Repeat the chorus being played as soon as it is over."""
        for voice in self._voices:
            voice.encore.asked = True

    def end(self) -> tuple[bool, list[bytes]]:
        """A cadence within two bars, then silence; asked a second time, silence at once.

        Whether all is over now, and the note-offs that it asks for.
        """
        over = self.soloists.ending.ask(self.next_beat, self.soloists.setup.chart)
        return over, self.silence() if over else []

    # -- across a loss ---------------------------------------------------------------------

    def memory(self) -> PerformerMemory:
        """What another performer of the same setup goes on from."""
        (first, own), *others = self.soloists.memory().items()
        voices = self._voices.memory()
        return PerformerMemory(
            self.next_beat,
            self.muted,
            voices.pop(first).encore,
            own,
            self._accompaniment.memory(),
            voices,
            tuple(sorted(self.silent)),
            dict(others),
        )

    def restore(self, memory: PerformerMemory, state: TransportState) -> None:
        """Go on from there on this state of the transport.

        Raises ValueError for a memory of another model's shape; nothing has changed then.
        """
        self.soloists.restore(memory.soloist, memory.soloists)
        self._state = state
        self.next_beat, self.muted = memory.beat, memory.muted
        first = next(iter(self.soloists.by_name))
        own = VoiceMemory(memory.soloist.line.agenda, memory.encore)
        self._voices.restore({**memory.voices, first: own})
        self._accompaniment.restore(memory.band)
        self.silent = frozenset(memory.silent)

    def resume(self, now: int) -> None:
        """After a loss: notes that began before now are over."""
        pulse = self.timeline.pulse_at(now)
        self.soloists.musician.let_go(pulse)
        for voice in self._voices:
            voice.agenda.forget_begun(pulse)
