"""The performer: what is due when, on a transport that may stop, jump and change its tempo.

It reads no clock and touches no port: the transport's state says when which beat falls, `wake` when
there is something to do, and `turn` does it. What is played is the affair of the soloist and of the
band beside it.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from improvd.core.band.band import Band, BandMemory, Scene
from improvd.core.band.lineup import SOLOIST, VOICES
from improvd.core.band.moment import AHEAD, ChordContext, SoundingNote, chord_context
from improvd.core.band.piano import HELD
from improvd.core.hearing import windows
from improvd.core.hearing.listener import NOTHING_HEARD
from improvd.core.midi.messages import channel, control_change, strikes
from improvd.core.music import PULSES_PER_BEAT
from improvd.core.playing.agenda import Agenda
from improvd.core.playing.beat import Beat
from improvd.core.playing.encore import Encore
from improvd.core.playing.line import CADENCE_BEATS
from improvd.core.playing.modes import Solo
from improvd.core.playing.phrasing import REPEAT_GAP_NS
from improvd.core.playing.planned_voice import PlannedVoice, VoiceMemory
from improvd.core.playing.setup import Entry, Setup
from improvd.core.playing.soloist import Soloist, SoloistMemory
from improvd.core.sync.transport_state import TransportState
from improvd.core.timeline import Timeline

# A note-on this late would be heard as a mistake; its off is sent in any case.
STALE_NS = 100_000_000
# After a longer standstill (a laptop's lid) the music goes on from now instead of catching up.
MOST_BEATS_BEHIND = 16
# A start or jump up to so many pulses (two clocks) after a beat still plays that beat.
_LATE_START = 40
# General MIDI's percussion, of which the band hears no loudness.
_DRUMS_CHANNEL = 9
# Beats not collected by anybody are forgotten from the oldest on.
_BEATS_KEPT = 64


@dataclass(frozen=True, slots=True)
class PerformerMemory:
    """Where a performance is, and all that decides how it goes on; less its time.

    `encore` and `soloist` are the soloist's, `voices` those of the band by name; `silent` the names
    of voices that play without a sound.
    """

    beat: int
    muted: bool
    encore: Encore
    soloist: SoloistMemory
    band: BandMemory = field(default_factory=BandMemory)
    voices: Mapping[str, VoiceMemory] = field(default_factory=dict)
    silent: tuple[str, ...] = ()


class Performer:
    """Lets a soloist and a band play in time. No method blocks.

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
        self.silent: frozenset[str] = frozenset()
        """The voices that play without a sound, by name."""
        self.halt: Entry | None = None
        """Where it goes on only once another tune has begun."""
        self._band = Band()
        self._own = PlannedVoice(self.soloist.line.agenda, len(setup.chart))
        self._voices = {SOLOIST: self._own}
        self._seat()

    @property
    def timeline(self) -> Timeline:
        """When which pulse of this performance's beats falls."""
        return self._timeline(self._state)

    def _timeline(self, state: TransportState) -> Timeline:
        return state.timeline.dotted() if self.soloist.setup.dotted else state.timeline

    def hear(self, stamp: int, message: bytes) -> None:
        """A whole channel message of three bytes, played at this nanosecond."""
        self.soloist.hear(self.timeline.pulse_at(stamp), message)
        if self._band_listens and strikes(message) and channel(message) != _DRUMS_CHANNEL:
            self._band.hear(message[2])

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
        last, self.next_beat = self.next_beat, self.coming_beat(now)
        moved = self.timeline.pulse_at(now) - before.pulse_at(now)
        self.soloist.jump(moved, self.next_beat - last, self.next_beat)
        self._band.jump(self.next_beat - last)
        for voice in self._voices.values():
            voice.encore.begin(self.next_beat)
        return offs

    def coming_beat(self, now: int) -> int:
        """The beat that comes next, or has only just come."""
        return -((_LATE_START - self.timeline.pulse_at(now)) // PULSES_PER_BEAT)

    def wake(self) -> int | None:
        """The nanosecond of the next thing to do; None while nothing is to be played."""
        if not self._state.rolling:
            return None
        pulses = (voice.agenda.next_pulse for voice in self._voices.values())
        due = min((pulse for pulse in pulses if pulse is not None), default=None)
        pick = self._pick_ns()
        return pick if due is None else min(pick, self.timeline.when(due))

    def turn(self, now: int) -> list[tuple[int, bytes]]:
        """Do all that is due by now, in order; the messages to send, each after its due time."""
        messages = []
        while (wake := self.wake()) is not None and wake <= now:
            if wake == self._pick_ns():
                if self.halts:
                    break
                self._pick(now)
                continue
            name, voice = self._next_voice()
            unheard = self.muted or name in self.silent or now - wake > STALE_NS
            if voice.agenda.next_is_on and unheard:
                voice.agenda.drop_note()
            else:
                sent = voice.send()[-1]
                loud = self._expressed(sent) if name == SOLOIST else [sent]
                messages += [(wake, message) for message in loud]
        return messages

    def _expressed(self, message: bytes) -> list[bytes]:
        """A message, and before a note-on the controller that says how loud it is, if wanted."""
        controller = self.soloist.setup.style.expression
        if controller is None or not strikes(message):
            return [message]
        return [control_change(channel(message), controller, message[2]), message]

    def _next_voice(self) -> tuple[str, PlannedVoice]:
        """Whose message is due next; at one pulse offs go before ons."""
        places = [
            (place, name)
            for name, voice in self._voices.items()
            if (place := voice.agenda.next_place) is not None
        ]
        _, name = min(places, key=lambda each: each[0])
        return name, self._voices[name]

    @property
    def halts(self) -> bool:
        """Whether the next beat is one that another tune is to begin on."""
        if self.halt is None or self.next_beat < 0:
            return False
        chart = self.soloist.setup.chart
        if self.halt is Entry.BAR:
            return self.next_beat % chart.beats_per_bar < 1
        return self.next_beat % len(chart) == 0

    @property
    def picks(self) -> int:
        """The nanosecond at which the next beat is picked."""
        return self._pick_ns()

    def silence(self) -> list[bytes]:
        """Forget what was planned; the note-offs of all that sounds. For every way out."""
        self.soloist.line.rest()
        return [off for voice in self._voices.values() for off in voice.agenda.silence()]

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
            self._seat()
            for voice in self._voices.values():
                voice.form(len(self.soloist.setup.chart), beat)
        for voice in self._voices.values():
            voice.turn_over(beat)
        cadence, over = self.soloist.cadence, self.soloist.over
        if beat == cadence:
            for voice in self._voices.values():
                voice.begin(beat)
        told = self.soloist.next(beat, self.timeline, self._own.encore.at(beat))
        self._own.encore.played(told.value, told.pitches)
        self.beats.append(told)
        self._accompany(beat, len(told.pitches), cadence, over=over)
        self.next_beat += 1

    # -- the band --------------------------------------------------------------------------

    @property
    def _band_listens(self) -> bool:
        """Whether the band hears the musician, as it does in every mode but solo."""
        return not isinstance(self.soloist.setup.mode, Solo)

    def _seat(self) -> None:
        """Let the voices of the setup's band have their agendas, each on its channel."""
        setup = self.soloist.setup
        if setup.lineup is None:
            return
        for name, style in setup.lineup.voices.items():
            voice = self._voice(name)
            voice.agenda.channel = style.channel

    def _voice(self, name: str) -> PlannedVoice:
        """The voice of the band of this name; what another band's sounds on with ends in it."""
        if name not in self._voices:
            added = {name: PlannedVoice(Agenda(0), len(self.soloist.setup.chart))}
            known = self._voices | added
            # In one order, whoever came first: a successor and a replay send in the same.
            self._voices = {each: known[each] for each in (SOLOIST, *VOICES) if each in known}
        return self._voices[name]

    def _accompany(self, beat: int, struck: int, cadence: int | None, *, over: bool) -> None:
        """Plan the band's notes of a beat in which the soloist strikes so many."""
        setup, timeline = self.soloist.setup, self.timeline
        if setup.lineup is None:
            return
        heard = self.soloist.heard if self._band_listens else NOTHING_HEARD
        self._band.listen(beat - 1, heard, struck)
        if over:
            return
        scene = Scene(
            beat,
            setup.chart,
            timeline,
            setup.style.share(timeline.bpm),
            self._chords(beat),
            self._melody(beat),
            cadence,
            CADENCE_BEATS,
        )
        gap = timeline.pulses(REPEAT_GAP_NS)
        for name, notes in self._band.play(setup.lineup, scene).items():
            self._voices[name].plan(beat, notes, gap)

    def _chords(self, beat: int) -> ChordContext:
        """The chords around a beat: the chart's, or what the musician comps until it changes."""
        soloist = self.soloist
        chart, heard = soloist.setup.chart, soloist.live.memory
        if not soloist.follows_chords:
            return chord_context(chart, beat)
        if chart.live and heard.heard is None:
            return replace(chord_context(chart, beat), sounds=False)
        written = chord_context(chart, beat)
        if heard.heard is None:
            return replace(written, begins=written.begins or heard.changed)
        now = soloist.harmony(beat).chord
        if chart.live:
            return ChordContext(now, now, heard.changed, AHEAD, now)
        then = written.then if written.left == 1 else now
        return ChordContext(now, then, heard.changed, written.left, written.next)

    def _melody(self, beat: int) -> list[SoundingNote]:
        """The notes that sound in a beat or will: the soloist's, and those the musician holds.

        The soloist's last one may be tied over the next beat, so it counts as held.
        """
        before, after = (beat - 1) * PULSES_PER_BEAT, (beat + 2) * PULSES_PER_BEAT
        held = self.soloist.held if self._band_listens else ()
        notes = [(before, after, pitch) for pitch in held]
        begun: dict[int, int] = {}
        planned = self._own.agenda.planned
        for pulse, _, pitch, message in planned:
            if strikes(message):
                begun[pitch] = pulse
            else:
                notes.append((begun.pop(pitch, before), pulse, pitch))
        if notes and planned:
            start, end, pitch = notes[-1]
            notes[-1] = start, max(end, start + HELD), pitch
        return notes

    # -- what a person orders --------------------------------------------------------------

    def hush(self) -> list[bytes]:
        """The note-offs of all that sounds now; the music goes on."""
        return [off for voice in self._voices.values() for off in voice.agenda.hush()]

    def mute(self, on: bool) -> list[bytes]:
        """Play without a sound, or aloud again; the note-offs that it asks for."""
        self.muted = on
        return self.hush() if on else []

    def balance(self, silent: frozenset[str]) -> list[bytes]:
        """Let these voices play without a sound and all others aloud; the note-offs it asks for."""
        self.silent = silent
        hushed = [voice for name, voice in self._voices.items() if name in silent]
        return [off for voice in hushed for off in voice.agenda.hush()]

    @property
    def channels(self) -> tuple[int, ...]:
        """The channels on which voices play, the soloist's first."""
        setup = self.soloist.setup
        band = () if setup.lineup is None else setup.lineup.voices.values()
        return tuple(dict.fromkeys([setup.style.channel, *(style.channel for style in band)]))

    def again(self) -> None:
        """Repeat the chorus being played as soon as it is over."""
        for voice in self._voices.values():
            voice.encore.asked = True

    def end(self) -> tuple[bool, list[bytes]]:
        """A cadence within two bars, then silence; asked a second time, silence at once.

        Whether all is over now, and the note-offs that it asks for.
        """
        over = self.soloist.end(self.next_beat)
        return over, self.silence() if over else []

    # -- across a loss ---------------------------------------------------------------------

    def memory(self) -> PerformerMemory:
        """What another performer of the same setup goes on from."""
        return PerformerMemory(
            self.next_beat,
            self.muted,
            self._own.encore.copy(),
            self.soloist.memory(),
            self._band.memory(),
            {name: voice.memory() for name, voice in self._voices.items() if name != SOLOIST},
            tuple(sorted(self.silent)),
        )

    def restore(self, memory: PerformerMemory, state: TransportState) -> None:
        """Go on from there on this state of the transport.

        Raises ValueError for a memory of another model's shape; nothing has changed then.
        """
        self.soloist.restore(memory.soloist)
        self._state = state
        self.next_beat, self.muted = memory.beat, memory.muted
        self._own.restore(VoiceMemory(memory.soloist.line.agenda, memory.encore))
        self._band.restore(memory.band)
        for name, voice in memory.voices.items():
            self._voice(name).restore(voice)
        self.silent = frozenset(memory.silent)

    def resume(self, now: int) -> None:
        """After a loss: notes that began before now are over."""
        pulse = self.timeline.pulse_at(now)
        self.soloist.resume(pulse)
        for name, voice in self._voices.items():
            if name != SOLOIST:
                voice.agenda.forget_begun(pulse)
