"""The soloist: takes in the beat gone by, steps the cell, and plans the beat to come.

LIVE.md has the table of what x, notes and state follow from what is heard, held or silent. Which
beat comes next, and when it falls, is told by the performer.
"""

from dataclasses import dataclass, field, replace

from improvd.core.harmony.scales import Harmony
from improvd.core.hearing.chords.live_harmony import (
    NOTHING_FOLLOWED,
    LiveHarmony,
    LiveHarmonyMemory,
)
from improvd.core.hearing.ear import EarMemory, HeardBeat
from improvd.core.hearing.level import LevelMemory
from improvd.core.hearing.listener import NOTHING_HEARD, Listener
from improvd.core.music import HOLD, PULSES_PER_BEAT, REST
from improvd.core.network.improviser import Leaning, Memory
from improvd.core.network.tilt import TiltsMemory
from improvd.core.playing import manners
from improvd.core.playing.beat import Beat
from improvd.core.playing.encore import WrittenBeat
from improvd.core.playing.line import Line, LineMemory, Surroundings
from improvd.core.playing.modes import Floor, Mode, Situation, Solo, Turn
from improvd.core.playing.setup import Setup
from improvd.core.timeline import Timeline

# How many bars of theirs say how loud the musician plays.
LEVEL_BARS = 2


@dataclass(frozen=True, slots=True)
class SoloistMemory:
    """Everything that decides how a solo goes on, less the beat and the time it goes on at."""

    improviser: Memory
    value: int | None
    heard_before: int
    line: LineMemory
    ear: EarMemory
    tilts: TiltsMemory
    floor: Floor
    cue: Turn | None
    cadence: int | None
    over: bool
    level: LevelMemory = field(default_factory=LevelMemory)
    live: LiveHarmonyMemory = NOTHING_FOLLOWED
    tonight: tuple[int, ...] = ()


class Soloist:
    """One voice, beat by beat. No method blocks.

    `line` is its voice with the agenda of what is due; `cue` is whose turn it is, whatever the mode
    says, None leaving it to the mode; `cadence` is the beat on which the last note falls.
    """

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.line = Line(setup.vocabulary, setup.style, setup.realiser)
        if setup.start is not None:
            self.line.previous = setup.start
        self.cue: Turn | None = None
        self._listener = Listener(setup.vocabulary, setup.rules)
        self._floor = Floor(Turn.LISTEN)
        self._value: int | None = None  # played in the beat gone by
        self._heard_before = self.line.previous  # the last pitch before that beat
        self.cadence: int | None = None
        self.over = False
        """Whether the last note has fallen: nothing more until somebody says so."""
        self.live = LiveHarmony(setup.rules)
        self.heard = NOTHING_HEARD
        """What the musician did in the beat that closed last, whether the mode listens or not."""
        self._change: Setup | None = None  # what takes over on the next bar line

    def hear(self, pulse: int, message: bytes) -> None:
        """A whole channel message of three bytes, played at this pulse."""
        self._listener.hear(pulse, message)

    def let_go(self, pulse: int) -> None:
        """Nothing of the musician's sounds any more."""
        self._listener.ear.all_off(pulse)

    def jump(self, pulses: int, beats: int, beat: int) -> None:
        """The song moved on by so many pulses and beats; the beat `beat` comes next."""
        self._listener.jump(pulses, beat)
        if self._floor.until is not None:
            self._floor = replace(self._floor, until=self._floor.until + beats)
        self.cadence = None

    def begin(self) -> None:
        """The transport starts: nobody has the floor yet, and what was over begins again."""
        self._floor, self.over = Floor(Turn.LISTEN), False

    # -- what a person orders --------------------------------------------------------------

    def share(self, mode: Mode) -> None:
        """Share the floor otherwise from the next beat on; a piece that was over goes on."""
        self.setup = replace(self.setup, mode=mode)
        if self._change is not None:
            self._change = replace(self._change, mode=mode)
        self._floor, self.cue, self.over = Floor(Turn.LISTEN), None, False

    def give(self, cue: Turn | None) -> None:
        """From the next beat on it is this one's turn; None leaves it to the mode again."""
        self.cue, self.over = cue, False

    def forget(self) -> None:
        """What the musician played this evening leans no more picks."""
        if self.setup.tonight is not None:
            self.setup.tonight.forget()

    def reset(self) -> None:
        """The cell as before its first beat."""
        self.setup.improviser.reset()
        self._value = None

    def reseed(self) -> bool:
        """The cell as before its first beat, then through the musician's last phrase, if any.

        Whether there is.
        """
        self.reset()
        phrase = self.setup.tilts.phrase
        for value in phrase:
            self.setup.improviser.step(value)
        return bool(phrase)

    def end(self, beat: int) -> bool:
        """A cadence within two bars of this beat; True, and all is over, if that was asked before.

        The last note falls on the bar line that is half a bar off or more.
        """
        if self.cadence is not None:
            self.cadence, self.over = None, True
            return True
        bar = self.setup.chart.beats_per_bar
        bar_line = -(-beat // bar) * bar
        self.cadence = round(bar_line + bar if bar_line - beat < bar / 2 else bar_line)
        return False

    def change(self, setup: Setup) -> None:
        """Another setup takes over on the next bar line, the state carried where it fits."""
        self._change = setup

    @property
    def held(self) -> tuple[int, ...]:
        """The musician's pitches that sound now, drones left out."""
        return self._listener.ear.held

    @property
    def changing(self) -> bool:
        """Whether another setup waits for the next bar line."""
        return self._change is not None

    def take_over(self, beat: int) -> bool:
        """Whether another setup took over, as a beat is about to be picked."""
        if self._change is None or beat % self.setup.chart.beats_per_bar >= 1:
            return False
        before, self.setup, self._change = self.setup, self._change, None
        self.line.go_over(self.setup.vocabulary, self.setup.style, self.setup.realiser)
        self._listener.go_over(self.setup.vocabulary)
        if not self._inherit(before):
            self._value = None
        return True

    def _inherit(self, before: Setup) -> bool:
        """Take the state of the setup before, if that is ours to take."""
        if before.vocabulary.id != self.setup.vocabulary.id:
            return False
        self.setup.tilts.restore(before.tilts.memory())
        if self.setup.tonight is not None and before.tonight is not None:
            self.setup.tonight.restore(before.tonight.memory)
        if before.seed != self.setup.seed:  # another solo was asked for
            return False
        try:
            self.setup.improviser.restore(before.improviser.memory())
        except ValueError:  # a cell of another shape begins in its zero state
            return False
        return True

    # -- across a loss ---------------------------------------------------------------------

    def memory(self) -> SoloistMemory:
        """What another soloist of the same setup goes on from."""
        return SoloistMemory(
            improviser=self.setup.improviser.memory(),
            value=self._value,
            heard_before=self._heard_before,
            line=self.line.memory(),
            ear=self._listener.memory(),
            tilts=self.setup.tilts.memory(),
            floor=self._floor,
            cue=self.cue,
            cadence=self.cadence,
            over=self.over,
            level=self._listener.level.memory(),
            live=self.live.memory,
            tonight=self.setup.tonight.memory if self.setup.tonight else (),
        )

    def restore(self, memory: SoloistMemory) -> None:
        """Go on from there.

        Raises ValueError for a memory of another model's shape; nothing has changed then.
        """
        self.setup.improviser.restore(memory.improviser)
        self.line.restore(memory.line)
        self._listener.restore(memory.ear)
        self._listener.level.restore(memory.level)
        self.setup.tilts.restore(memory.tilts)
        if self.setup.tonight is not None:
            self.setup.tonight.restore(memory.tonight)
        self._value, self._heard_before = memory.value, memory.heard_before
        self._floor, self.cue = memory.floor, memory.cue
        self.cadence, self.over = memory.cadence, memory.over
        self.live.memory = memory.live

    def resume(self, pulse: int) -> None:
        """After a loss: what sounded has been closed, and what is held down nobody knows."""
        self.line.agenda.forget_begun(pulse)
        self.let_go(pulse)

    # -- one beat --------------------------------------------------------------------------

    def next(self, beat: int, timeline: Timeline, written: WrittenBeat | None = None) -> Beat:
        """Take in the beat before, and plan this one, or let it be as it was `written`."""
        heard = self._close(beat - 1, timeline)
        harmony_before = self.harmony(beat - 1)
        self._follow(beat)
        x, from_musician = self._next_x(heard, harmony_before, timeline)
        if self.setup.improviser.beats > 0 or from_musician or beat >= 0:
            self.setup.improviser.step(x)
        theirs = x if from_musician else None
        self.setup.tilts.hear(theirs, self.line.previous)
        if self.setup.tonight is not None:
            self.setup.tonight.hear(theirs)
        situation = self._situation(heard, beat)
        if written is not None:
            pitches = self._repeat(written)
        else:
            self._floor = self._next_floor(situation)
            pitches = self._play(situation, self._around(beat, timeline, heard))
        return self._report(beat, timeline, (x, from_musician), pitches, heard.struck)

    def _close(self, beat: int, timeline: Timeline) -> HeardBeat:
        """What the musician did in a beat, nothing where the mode does not listen."""
        self.heard = heard = self._listener.close(beat, timeline)
        listens = self.setup.mode.hears(beat, self.setup.chart.beats_per_bar)
        if listens or self.cue is Turn.LISTEN:
            return heard
        self._listener.level.leave_out(beat * PULSES_PER_BEAT)
        return NOTHING_HEARD

    def harmony(self, beat: int) -> Harmony:
        """The harmony of the beat picked last: the chart's, or what the musician comps."""
        chart = self.setup.chart
        return self.live.at(chart, beat) if self.follows_chords else chart.at(beat)

    @property
    def follows_chords(self) -> bool:
        """Whether the musician's chords are heard, as in every mode but solo they can be."""
        return self.setup.changes is not None and not isinstance(self.setup.mode, Solo)

    def _follow(self, beat: int) -> None:
        if self.setup.changes is not None and self.follows_chords:
            self.live.follow(self.setup.changes, self.setup.chart, beat, self.heard)

    def _next_x(
        self, heard: HeardBeat, harmony: Harmony, timeline: Timeline
    ) -> tuple[int | None, bool]:
        """The next x, and whether it is the musician's."""
        before, self._heard_before = self._heard_before, self.line.previous
        if heard.played:
            reading = self._listener.read(heard, harmony, timeline.bpm, before)
            self.line.previous = self._heard_before = reading.last_pitch
            self.line.answers = True
            return reading.value, True
        if heard.held:
            return HOLD, True
        if self._value is not None:
            return self._value, False
        who = self.setup.improviser
        return (REST if who.beats > 0 else who.x), False

    def _situation(self, heard: HeardBeat, beat: int) -> Situation:
        ear = self._listener.ear
        return Situation(
            beat=beat,
            beats_per_bar=self.setup.chart.beats_per_bar,
            played=heard.played,
            quiet=ear.quiet(beat * PULSES_PER_BEAT),
            patience=ear.patience,
            phrase=ear.phrase_beats,
        )

    def _next_floor(self, situation: Situation) -> Floor:
        if situation.beat < 0 or self.over:
            return Floor(Turn.LISTEN)
        if self.cue is not None:
            return Floor(self.cue)
        return self.setup.mode.floor(situation, self._floor)

    def _around(self, beat: int, timeline: Timeline, heard: HeardBeat) -> Surroundings:
        mode, chart = self.setup.mode, self.setup.chart
        others = heard.pitches if mode.ducks() else ()
        span = LEVEL_BARS * chart.beats_per_bar * PULSES_PER_BEAT
        level = self._listener.level.at(beat * PULSES_PER_BEAT, span)
        in_bar = int(beat % chart.beats_per_bar)
        here, coming = self.harmony(beat), self.harmony(beat + 1)
        return Surroundings(beat, here, timeline, others, level, coming, in_bar)

    def _repeat(self, written: WrittenBeat) -> tuple[int, ...]:
        """The notes are planned already."""
        self._value = written.value
        self._floor = Floor(Turn.LISTEN if written.value is None else Turn.PLAY)
        if written.value is not None:
            self.setup.improviser.emit(written.value)
        return written.pitches

    def _play(self, situation: Situation, around: Surroundings) -> tuple[int, ...]:
        """Plan what is played in the beat to come; its pitches."""
        if around.beat == self.cadence:
            return self._close_the_piece(around)
        if self._floor.turn is Turn.LISTEN:
            self._value = None
            self.line.rest()
            return ()
        leaning = self._leaning(around.timeline)
        who = self.setup.improviser
        breathless = self._out_of_breath(around.beat, around.timeline)
        self._value = value = REST if breathless else who.pick(self._tonight(leaning, who.x))
        who.emit(value)
        self.setup.tilts.played(value, around.timeline.bpm)
        return self.line.play(value, self._foreseen(value, leaning, situation, around), around)

    def _close_the_piece(self, around: Surroundings) -> tuple[int, ...]:
        self.cadence, self.over, self._value = None, True, None
        self._floor = Floor(Turn.PLAY)
        return self.line.close(around)

    def _leaning(self, timeline: Timeline) -> Leaning:
        """What bends this beat's pick: figures too fast to play, the musician, the tempo."""
        onsets, most = self.setup.vocabulary.onsets, self.line.style.notes_per_second
        busy = manners.too_busy(onsets, timeline.beat_ns, most)
        return Leaning(busy, self.setup.tilts.at(timeline.bpm, self.line.previous))

    def _tonight(self, leaning: Leaning, x: int | None) -> Leaning:
        """The same, and what was played this evening after x."""
        if self.setup.tonight is None:
            return leaning
        return replace(leaning, tilts=leaning.tilts + self.setup.tonight.after(x))

    def _out_of_breath(self, beat: int, timeline: Timeline) -> bool:
        start = self.line.phrase_start
        beats = 0 if start is None else beat - start
        if not self.setup.improviser.breathes:
            return False
        return manners.out_of_breath(beats, timeline.beat_ns)

    def _foreseen(
        self, value: int, leaning: Leaning, situation: Situation, around: Surroundings
    ) -> int:
        """The next value if nobody changes it: it decides how a beat's end is held."""
        after = Situation(situation.beat + 1, situation.beats_per_bar)
        over = self.cue is None and self.setup.mode.floor(after, self._floor).turn is Turn.LISTEN
        if over or self._out_of_breath(after.beat, around.timeline):
            return REST
        return self.setup.improviser.foresee(value, self._tonight(leaning, value))

    def _report(
        self,
        beat: int,
        timeline: Timeline,
        fed: tuple[int | None, bool],
        pitches: tuple[int, ...],
        yours: tuple[int, ...],
    ) -> Beat:
        x, from_musician = fed
        beats_per_bar = self.setup.chart.beats_per_bar
        bar, beat_in_bar = divmod(beat, beats_per_bar)
        return Beat(
            number=beat,
            bar=int(bar) + 1,
            beat_in_bar=int(beat_in_bar) + 1,
            chord=self.harmony(beat).chord.symbol,
            turn=self._floor.turn,
            x=x,
            heard=from_musician,
            value=self._value,
            pitches=pitches,
            start_ns=timeline.when(beat * PULSES_PER_BEAT),
            beats_per_bar=beats_per_bar,
            yours=yours,
            tune=self.setup.tune,
        )
