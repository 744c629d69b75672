"""The performer: bytes heard go in, bytes due come out, and time is passed in.

LIVE.md is its law: a table of what x, notes, offs and state follow from what is heard, held,
silent or stopped, with scripts that are run against this class. It reads no clock and touches no
port; whoever owns those calls `hear` with stamped messages, sleeps until `wake()` and sends what
`turn(now)` returns.
"""

from collections import deque
from typing import Protocol

from improvd.core import manners
from improvd.core.beat import Beat
from improvd.core.chart import Chart
from improvd.core.echo import EchoFilter
from improvd.core.harmony import Harmony
from improvd.core.improviser import Leaning
from improvd.core.line import Line, Style, Surroundings
from improvd.core.listening import Ear, Heard
from improvd.core.modes import Floor, Mode, Situation, Turn
from improvd.core.music import HOLD, PULSES_PER_BEAT, REST
from improvd.core.rhythm import quantise
from improvd.core.tilt import Tilts
from improvd.core.timeline import Timeline
from improvd.core.vocabulary import BeatNote, Vocabulary

# A note-on this late would be heard as a mistake; its off is sent in any case.
STALE_NS = 100_000_000
# After a longer standstill (a laptop's lid) the music goes on from now instead of catching up.
MOST_BEATS_BEHIND = 16
# General MIDI's drums: not a melody.
DRUM_CHANNEL = 9
# Beats not collected by anybody are forgotten from the oldest on.
_BEATS_KEPT = 64

_ALL_SOUND_OFF, _ALL_NOTES_OFF = 120, 123


class Player(Protocol):
    """Who picks the values: an improviser, or a recital of values written down."""

    beats: int

    def step(self, x: int | None) -> None:
        """Take in the beat gone by."""

    def pick(self, leaning: Leaning) -> int:
        """The value of the beat to come."""

    def emit(self, value: int) -> None:
        """The value is being played."""

    def foresee(self, value: int, leaning: Leaning) -> int:
        """What would be picked next if this value became the next x."""


class Performer:
    """Plays with somebody, beat by beat. No method blocks.

    Args:
        improviser: the cell and its state.
        vocabulary: what its values mean.
        tilts: what leans its picks towards the player and the tempo.
        chart: the harmony, looped.
        mode: who has the floor when.
        style: how the line is played.
        timeline: when pulse 0, the chart's first downbeat, falls.
        count_in: beats before it in which improvd only listens.
    """

    def __init__(  # noqa: PLR0913 - the parts of a performance, each by name
        self,
        *,
        improviser: Player,
        vocabulary: Vocabulary,
        tilts: Tilts,
        chart: Chart,
        mode: Mode,
        style: Style,
        timeline: Timeline,
        count_in: int = 0,
    ) -> None:
        self.timeline = timeline
        self.chart = chart
        self.mode = mode
        self.beats: deque[Beat] = deque(maxlen=_BEATS_KEPT)
        self._improviser = improviser
        self._vocabulary = vocabulary
        self._tilts = tilts
        self._line = Line(vocabulary, style)
        self._ear = Ear()
        self._echo = EchoFilter()
        self._running_status = 0
        self._beat = -count_in  # the beat to be picked next
        self._floor = Floor(Turn.LISTEN)
        self._value: int | None = None  # played in the beat before that
        self._heard_before = style.register.middle  # the last pitch before that beat

    # -- hearing ---------------------------------------------------------------------------

    def hear(self, stamp: int, message: bytes) -> None:
        """A MIDI message that came in at this nanosecond; running status is understood.

        Whatever is no channel message with two data bytes is passed over.
        """
        if message and message[0] < 0x80:
            message = bytes((self._running_status, *message))
        if not message or not 0x80 <= message[0] < 0xF0:
            return
        self._running_status = message[0]
        if len(message) != 3 or max(message[1:]) > 0x7F:
            return
        if not self._echo.is_echo(stamp, message):
            self._hear_channel_message(self.timeline.pulse_at(stamp), *message)

    def _hear_channel_message(self, pulse: int, status: int, data1: int, data2: int) -> None:
        kind, channel = status & 0xF0, status & 0x0F
        if channel == DRUM_CHANNEL:
            return
        if kind == 0x90 and data2 > 0:
            self._ear.note_on(pulse, channel, data1, data2)
        elif kind in (0x80, 0x90):
            self._ear.note_off(pulse, channel, data1)
        elif kind == 0xB0 and data1 in (_ALL_SOUND_OFF, _ALL_NOTES_OFF):
            self._ear.all_off(pulse)

    # -- playing ---------------------------------------------------------------------------

    @property
    def sounding(self) -> tuple[int, ...]:
        """The pitches of ours that sound now."""
        return self._line.agenda.sounding

    def wake(self) -> int:
        """The nanosecond of the next thing to do."""
        due = self._line.agenda.next_pulse
        pick = self._pick_ns()
        return pick if due is None else min(pick, self.timeline.when(due))

    def turn(self, now: int) -> list[tuple[int, bytes]]:
        """Do all that is due by now, in order; the messages to send, each after its due time."""
        messages = []
        agenda = self._line.agenda
        while (wake := self.wake()) <= now:
            if wake == self._pick_ns():
                self._pick(now)
            elif agenda.next_is_on and now - wake > STALE_NS:
                agenda.drop_note()
            else:
                message = agenda.take()
                self._echo.sent(now, message)
                messages.append((wake, message))
        return messages

    def silence(self) -> list[bytes]:
        """Forget what was planned; the note-offs of all that sounds. For every way out."""
        self._line.rest()
        return self._line.agenda.silence()

    # -- one beat --------------------------------------------------------------------------

    def _early_ns(self) -> int:
        return manners.early_window(self.timeline.beat_ns)

    def _pick_ns(self) -> int:
        """When the next beat is picked: as its early window opens, so that hearing has closed."""
        return self.timeline.when(self._beat * PULSES_PER_BEAT) - self._early_ns()

    def _pick(self, now: int) -> None:
        """Close the beat before, take it in, and plan the next one."""
        behind = (now - self._pick_ns()) // self.timeline.beat_ns
        if behind > MOST_BEATS_BEHIND:
            self._beat += behind
        heard = self._close(self._beat - 1)
        x, from_player = self._next_x(heard)
        started = self._improviser.beats > 0 or from_player or self._beat >= 0
        if started:
            self._improviser.step(x)
        self._tilts.hear(x if from_player else None)
        situation = self._situation(heard)
        self._floor = self._next_floor(situation)
        pitches: tuple[int, ...] = ()
        if self._floor.turn is Turn.PLAY:
            pitches = self._play(heard, situation)
        else:
            self._value = None
            self._line.rest()
        self._report(x, from_player, pitches)
        self._beat += 1

    def _close(self, beat: int) -> Heard:
        """What the player did in a beat, nothing where the mode does not listen."""
        early = self.timeline.pulses(self._early_ns())
        heard = self._ear.close(beat, early, self.timeline.pulses(manners.CHORD_NS))
        if self.mode.hears(beat, self.chart.beats_per_bar):
            return heard
        return Heard((), held=False, pitches=())

    def _next_x(self, heard: Heard) -> tuple[int | None, bool]:
        """The next x, and whether it is the player's."""
        before, self._heard_before = self._heard_before, self._line.previous
        if heard.played:
            notes = self._read(heard)
            self._line.previous = self._heard_before = notes[-1].pitch
            ladder = self._harmony(self._beat - 1).ladder
            return self._vocabulary.encode(notes, ladder, before), True
        if heard.held:
            return HOLD, True
        if self._value is not None:
            return self._value, False
        return (REST, False) if self._improviser.beats > 0 else (None, False)

    def _read(self, heard: Heard) -> list[BeatNote]:
        ticks = quantise([onset for onset, _ in heard.melody], self.timeline.bpm)
        return [
            BeatNote(tick, pitch) for tick, (_, pitch) in zip(ticks, heard.melody, strict=False)
        ]

    def _situation(self, heard: Heard) -> Situation:
        return Situation(
            beat=self._beat,
            beats_per_bar=self.chart.beats_per_bar,
            played=heard.played,
            quiet=self._ear.quiet(self._beat * PULSES_PER_BEAT),
            patience=self._ear.patience,
            phrase=self._ear.phrase_beats,
        )

    def _next_floor(self, situation: Situation) -> Floor:
        if situation.beat < 0:
            return Floor(Turn.LISTEN)
        return self.mode.floor(situation, self._floor)

    def _play(self, heard: Heard, situation: Situation) -> tuple[int, ...]:
        leaning = self._leaning()
        value = REST if self._out_of_breath(self._beat) else self._improviser.pick(leaning)
        self._improviser.emit(value)
        self._value = value
        following = self._foreseen(value, leaning, situation)
        others = heard.pitches if self.mode.ducks() else ()
        around = Surroundings(self._beat, self._harmony(self._beat), self.timeline, others)
        return self._line.play(value, following, around)

    def _leaning(self) -> Leaning:
        """What bends this beat's pick: figures too fast to play, the player, the tempo."""
        onsets, most = self._vocabulary.onsets, self._line.style.notes_per_second
        busy = manners.too_busy(onsets, self.timeline.beat_ns, most)
        return Leaning(busy, self._tilts.at(self.timeline.bpm))

    def _out_of_breath(self, beat: int) -> bool:
        start = self._line.phrase_start
        beats = 0 if start is None else beat - start
        return manners.out_of_breath(beats, self.timeline.beat_ns)

    def _foreseen(self, value: int, leaning: Leaning, situation: Situation) -> int:
        """The next value if the player does not change it: it decides how a beat's end is held."""
        after = Situation(situation.beat + 1, situation.beats_per_bar)
        over = self.mode.floor(after, self._floor).turn is Turn.LISTEN
        if over or self._out_of_breath(after.beat):
            return REST
        return self._improviser.foresee(value, leaning)

    def _harmony(self, beat: int) -> Harmony:
        return self.chart.at(beat)

    def _report(self, x: int | None, from_player: bool, pitches: tuple[int, ...]) -> None:
        bar, beat_in_bar = divmod(self._beat, self.chart.beats_per_bar)
        self.beats.append(
            Beat(
                number=self._beat,
                bar=bar + 1,
                beat_in_bar=beat_in_bar + 1,
                chord=self._harmony(self._beat).chord.symbol,
                turn=self._floor.turn,
                x=x,
                heard=from_player,
                value=self._value,
                pitches=pitches,
                start_ns=self.timeline.when(self._beat * PULSES_PER_BEAT),
            )
        )
