"""The soloist: takes in the beat gone by, steps the cell, and plans the beat to come.

LIVE.md has the table of what x, notes and state follow from what is heard, held or silent. Several
soloists play a beat together (`improvd.core.playing.soloists`), so that it has three parts here:
`take_in`, `choose` and `play`; between them the cells are stepped.
"""

from dataclasses import dataclass, field, replace

from improvd.core.harmony.scales import Harmony
from improvd.core.hearing.chords.live_harmony import NOTHING_FOLLOWED, LiveHarmonyMemory
from improvd.core.hearing.ear import EarMemory, HeardBeat
from improvd.core.hearing.level import LevelMemory
from improvd.core.hearing.listener import NOTHING_HEARD, read
from improvd.core.music import HOLD, REST
from improvd.core.network.improviser import Leaning, Memory
from improvd.core.network.tilt import TiltsMemory
from improvd.core.network.vocabulary import BeatNote
from improvd.core.playing.modes import Floor, Situation, Turn
from improvd.core.playing.setup import SoloistSetup
from improvd.core.timeline import Timeline
from improvd.core.voice import manners
from improvd.core.voice.encore import WrittenBeat
from improvd.core.voice.line import Line, LineMemory, Surroundings

SILENT = WrittenBeat(None, ())
"""What a soloist plays in a beat in which it listens."""


@dataclass(frozen=True, slots=True)
class SoloistMemory:
    """Everything that decides how a solo goes on, less the beat and the time it goes on at.

    What is everybody's stands with the first of the soloists: the musician (`ear`, `level`, `live`)
    and the ending (`cadence`, `over`). `vocabulary` is the id of that of the values, "" where only
    the snapshot says it; `pitches` are those of the beat gone by.
    """

    improviser: Memory
    value: int | None
    heard_before: int
    line: LineMemory
    tilts: TiltsMemory
    floor: Floor
    cue: Turn | None
    ear: EarMemory | None = None
    cadence: int | None = None
    over: bool = False
    level: LevelMemory = field(default_factory=LevelMemory)
    live: LiveHarmonyMemory = NOTHING_FOLLOWED
    tonight: tuple[int, ...] = ()
    pitches: tuple[int, ...] = ()
    vocabulary: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a soloist chose to play in a beat: a value, and where it is played.

    `leaning` bends the look ahead at the beat after it; None where that is a rest in any case.
    """

    value: int
    around: Surroundings
    leaning: Leaning | None


class Soloist:
    """One voice, beat by beat. No method blocks.

    `line` is its voice with the agenda of what is due; `cue` is whose turn it is, whatever the mode
    says, None leaving it to the mode.
    """

    def __init__(self, setup: SoloistSetup) -> None:
        self.setup = setup
        self.line = Line(setup.vocabulary, setup.style, setup.realiser)
        if setup.start is not None:
            self.line.previous = setup.start
        self.cue: Turn | None = None
        self.floor = Floor(Turn.LISTEN)
        self.played = SILENT
        """Its value in the beat picked last, and the pitches of that."""
        self.x: int | None = None
        """What its cell was fed for that beat."""
        self.heard = NOTHING_HEARD
        """What it heard of the musician in the beat before that."""
        self._heard_before = self.line.previous  # the last pitch before that beat

    def jump(self, beats: int) -> None:
        """The song moved on by so many beats."""
        if self.floor.until is not None:
            self.floor = replace(self.floor, until=self.floor.until + beats)

    def begin(self) -> None:
        """The transport starts: nobody has the floor yet."""
        self.floor = Floor(Turn.LISTEN)

    # -- what a person orders --------------------------------------------------------------

    def share(self) -> None:
        """The floor is shared otherwise from the next beat on."""
        self.floor, self.cue = Floor(Turn.LISTEN), None

    def forget(self) -> None:
        """What the musician played this evening leans no more picks."""
        if self.setup.tonight is not None:
            self.setup.tonight.forget()

    def reset(self) -> None:
        """The cell as before its first beat."""
        self.setup.improviser.reset()
        self.played = SILENT

    def reseed(self) -> bool:
        """The cell as before its first beat, then through the musician's last phrase, if any.

        Whether there is.
        """
        self.reset()
        phrase = self.setup.tilts.phrase
        for value in phrase:
            self.setup.improviser.step(value)
        return bool(phrase)

    def go_over(self, setup: SoloistSetup) -> None:
        """Another setup from the next beat on, the state carried where it fits."""
        before, self.setup = self.setup, setup
        self.line.go_over(setup.vocabulary, setup.style, setup.realiser)
        if not self._inherit(before):
            self.played = SILENT

    def _inherit(self, before: SoloistSetup) -> bool:
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
            value=self.played.value,
            heard_before=self._heard_before,
            line=self.line.memory(),
            tilts=self.setup.tilts.memory(),
            floor=self.floor,
            cue=self.cue,
            tonight=self.setup.tonight.memory if self.setup.tonight else (),
            pitches=self.played.pitches,
            vocabulary=self.setup.vocabulary.id,
        )

    def restore(self, memory: SoloistMemory) -> None:
        """Go on from there.

        Raises ValueError for a memory of another model's shape or vocabulary; nothing has changed
        then.
        """
        if memory.vocabulary not in {"", self.setup.vocabulary.id}:
            raise ValueError("what was played last was of another vocabulary")
        self.setup.improviser.restore(memory.improviser)
        self.line.restore(memory.line)
        self.setup.tilts.restore(memory.tilts)
        if self.setup.tonight is not None:
            self.setup.tonight.restore(memory.tonight)
        self.played = WrittenBeat(memory.value, memory.pitches)
        self._heard_before = memory.heard_before
        self.floor, self.cue = memory.floor, memory.cue

    # -- one beat --------------------------------------------------------------------------

    def listens(self, beat: float, beats_per_bar: float) -> bool:
        """Whether it hears the musician in a beat."""
        return self.cue is Turn.LISTEN or self.setup.mode.hears(beat, beats_per_bar)

    def take_in(
        self,
        heard: HeardBeat,
        partner: "Soloist | None",
        harmony: Harmony,
        timeline: Timeline,
    ) -> None:
        """The beat gone by becomes x: the musician's, else its own, else that of a partner.

        Args:
            heard: what the musician did in it; nothing where it does not listen to them.
            partner: who played in it of those that it trades with, as they were then.
            harmony: that of the beat.
            timeline: its time.
        """
        before, self._heard_before = self._heard_before, self.line.previous
        self.heard = heard
        if heard.played:
            reading = read(heard, self.setup.vocabulary, harmony, timeline.bpm, before)
            self._go_on_from(reading.last_pitch)
            self.x = reading.value
        elif heard.held:
            self.x = HOLD
        elif self.played.value is not None:
            self.x = self.played.value
        elif partner is not None and partner.played.value is not None:
            self.x = self._understood(partner, partner.played.value, harmony, before)
            if partner.played.pitches:
                self._go_on_from(partner.played.pitches[-1])
        else:
            who = self.setup.improviser
            self.x = REST if who.beats > 0 else who.x

    def _go_on_from(self, pitch: int) -> None:
        """What begins now answers the one who struck this pitch last."""
        self.line.previous = self._heard_before = pitch
        self.line.answers = True

    def _understood(self, partner: "Soloist", value: int, harmony: Harmony, before: int) -> int:
        """A partner's value in this one's vocabulary: the nearest, where theirs is another."""
        theirs, ours = partner.setup.vocabulary, self.setup.vocabulary
        pitches = partner.played.pitches
        if theirs.id == ours.id or not pitches:
            return value if theirs.id == ours.id or value == HOLD else REST
        ticks = (tick for tick, *_ in theirs.figure(value))
        notes = [BeatNote(tick, pitch) for tick, pitch in zip(ticks, pitches, strict=False)]
        return ours.understand(notes, harmony, before) if notes else REST

    @property
    def answers(self) -> bool:
        """Whether x is the musician's."""
        return self.heard.played or self.heard.held

    def lean(self) -> None:
        """The cell has taken in x: so have those who lean its picks."""
        theirs = self.x if self.answers else None
        self.setup.tilts.hear(theirs, self.line.previous)
        if self.setup.tonight is not None:
            self.setup.tonight.hear(theirs)

    def repeat(self, written: WrittenBeat) -> None:
        """Play a beat as it was written; its notes are planned already."""
        self.played = written
        self.floor = Floor(Turn.LISTEN if written.value is None else Turn.PLAY)
        if written.value is not None:
            self.setup.improviser.emit(written.value)

    def choose(self, situation: Situation, around: Surroundings, *, over: bool) -> Choice | None:
        """What is played in the beat to come; None where it listens, as when all is over."""
        self.floor = self._next_floor(situation, over=over)
        if self.floor.turn is Turn.LISTEN:
            self.played = SILENT
            self.line.rest()
            return None
        leaning = self._leaning(around.timeline)
        who = self.setup.improviser
        breathless = self._out_of_breath(around.beat, around.timeline)
        value = REST if breathless else who.pick(self._tonight(leaning, who.x))
        who.emit(value)
        self.setup.tilts.played(value, around.timeline.bpm)
        ends = self._ends_with(situation, around)
        return Choice(value, around, None if ends else self._tonight(leaning, value))

    def play(self, choice: Choice, following: int) -> None:
        """Plan what was chosen; `following` is the next value if nobody changes it."""
        self.played = WrittenBeat(
            choice.value, self.line.play(choice.value, following, choice.around)
        )

    def close(self, around: Surroundings) -> None:
        """Plan the last note of all, whoever's turn it is."""
        self.floor = Floor(Turn.PLAY)
        self.played = WrittenBeat(None, self.line.close(around))

    def _next_floor(self, situation: Situation, *, over: bool) -> Floor:
        if situation.beat < 0 or over:
            return Floor(Turn.LISTEN)
        if self.cue is not None:
            return Floor(self.cue)
        return self.setup.mode.floor(situation, self.floor)

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

    def _ends_with(self, situation: Situation, around: Surroundings) -> bool:
        """Whether this beat is its last for now, so that it rests in the next in any case."""
        after = Situation(situation.beat + situation.step, situation.beats_per_bar)
        over = self.cue is None and self.setup.mode.floor(after, self.floor).turn is Turn.LISTEN
        return over or self._out_of_breath(around.beat + 1, around.timeline)
