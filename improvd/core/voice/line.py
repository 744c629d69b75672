"""The line: improvd's own voice, which turns a value into notes with their lengths and loudness.

A beat's last note may stay open: only the next value says whether a hold ties it over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from improvd.core.harmony.scales import Harmony
from improvd.core.music import HOLD, PULSES_PER_BEAT, PULSES_PER_TICK, TICKS_PER_BEAT, Note
from improvd.core.network.vocabulary import BeatNote, Register, Vocabulary
from improvd.core.realising.melody import Melody
from improvd.core.realising.realiser import Realiser, Where
from improvd.core.rhythm import OFF_BEAT, swung
from improvd.core.timeline import Timeline
from improvd.core.voice import manners, phrasing
from improvd.core.voice.agenda import Agenda, AgendaMemory
from improvd.core.voice.phrasing import Place, Stroke, Touch, place_of

# A tenor's upper two octaves, where a melody sits above an accompaniment.
DEFAULT_REGISTER = Register(55, 79)
CADENCE_BEATS = 2


@dataclass(frozen=True, slots=True)
class Style:
    """How the line is played.

    `channel` 0 to 15; `velocity` 1 to 127, around which notes are louder and softer; `swing`, the
    long share of a swung pair (0.5 to 0.75), or None for that of the tempo; values of more
    `notes_per_second` are not picked; `touch` decides lengths and loudness; `expression` is the
    controller that says how loud each note is, before it, None for none.
    """

    channel: int = 0
    register: Register = DEFAULT_REGISTER
    velocity: int = 90
    swing: float | None = None
    notes_per_second: float = phrasing.MOST_NOTES_PER_SECOND
    touch: Touch = phrasing.EVEN
    expression: int | None = None

    def share(self, bpm: float) -> float:
        """The long share of a swung pair at a tempo: the line's, and the band's with it."""
        return self.touch.swing(bpm) if self.swing is None else self.swing


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a beat is played in: its number, harmony and time, and the musician.

    `others` are the pitches they sound, `level` how loud they have played of late (velocity).
    `coming` is the harmony of the beat after it, None for the same; `in_bar` its beat in the bar.
    """

    beat: int
    harmony: Harmony
    timeline: Timeline
    others: Sequence[int] = ()
    level: float | None = None
    coming: Harmony | None = None
    in_bar: int = 0


@dataclass(frozen=True, slots=True)
class LineMemory:
    """What a line goes on from: the last pitch, where the phrase began, the agenda, the melody.

    Snapshots made before pitches were chosen have no melody.
    """

    previous: int
    phrase_start: int | None
    answers: bool
    holds: int
    agenda: AgendaMemory
    melody: Melody | None = None


class Line:
    """One monophonic voice. Owns the agenda; knows the last pitch and where the phrase began.

    `realiser` chooses the pitches of a vocabulary of contours; without it steps stand for them.
    """

    def __init__(
        self, vocabulary: Vocabulary, style: Style, realiser: Realiser | None = None
    ) -> None:
        self.agenda = Agenda(style.channel)
        self.style = style
        self.previous = style.register.middle
        self.phrase_start: int | None = None
        self.answers = False
        """Whether the last pitch is the musician's, and what begins now answers it."""
        self._vocabulary, self._realiser = vocabulary, realiser
        self._melody: Melody | None = None  # where nothing was realised yet
        self._holds = 0

    def go_over(
        self, vocabulary: Vocabulary, style: Style, realiser: Realiser | None = None
    ) -> None:
        """Another vocabulary, style and realiser from the next beat on."""
        self._vocabulary, self.style, self._realiser = vocabulary, style, realiser
        self.agenda.channel = style.channel

    def memory(self) -> LineMemory:
        """What another line goes on from."""
        agenda = self.agenda.memory()
        return LineMemory(
            self.previous, self.phrase_start, self.answers, self._holds, agenda, self._melody
        )

    def restore(self, memory: LineMemory) -> None:
        """Go on from there."""
        self.previous, self.phrase_start = memory.previous, memory.phrase_start
        self.answers, self._holds = memory.answers, memory.holds
        self._melody = memory.melody
        self.agenda.restore(memory.agenda)

    def play(self, value: int, following: int, around: Surroundings) -> tuple[int, ...]:
        """Plan a value; `following` is the one foreseen for the next beat. Returns its pitches."""
        if value == HOLD:
            self._hold(following, around)
            return ()
        notes = self._notes(value, following, around)
        if not notes:
            self.rest()
            return ()
        if self.phrase_start is None:
            self.phrase_start = around.beat
        self._holds = 0
        for note in self._phrased(notes, following, around):
            self.agenda.plan(note, around.timeline.pulses(phrasing.REPEAT_GAP_NS))
        self.previous, self.answers = notes[-1].pitch, False
        return tuple(note.pitch for note in notes)

    def close(self, around: Surroundings) -> tuple[int, ...]:
        """Plan the last note of all: the nearest of root, third and fifth, held for two beats."""
        triad = around.harmony.chord.tones[:3]
        register = self.style.register
        near = [p for p in range(register.low, register.high + 1) if p % 12 in triad]
        pitch = min(near, key=lambda pitch: abs(pitch - self.previous))
        self.phrase_start = around.beat
        closing = Stroke(
            Place.LAST,
            octaves=self._octaves(pitch),
            beats=CADENCE_BEATS,
            pulse=around.beat * PULSES_PER_BEAT,
            first_beat=True,
            last_beat=True,
            off_beat=False,
        )
        velocity = self._velocity(closing, around)
        note = Note(around.beat * PULSES_PER_BEAT, CADENCE_BEATS * PULSES_PER_BEAT, pitch, velocity)
        self.agenda.plan(note, around.timeline.pulses(phrasing.REPEAT_GAP_NS))
        self.previous = pitch
        self.rest()
        return (pitch,)

    def rest(self) -> None:
        """Nothing is struck in this beat: the phrase is over, what sounds ends as planned."""
        self.phrase_start = None

    def _notes(self, value: int, following: int, around: Surroundings) -> list[BeatNote]:
        fresh = self.phrase_start is None
        register = self.style.register
        if self._realiser is None:
            notes = self._vocabulary.speak(
                value, around.harmony, self.previous, register, fresh=fresh
            )
            return self._minding_manners(notes, around)
        melody = (self._melody or Melody((self.previous,))).going_on_from(self.previous)
        where = self._where(following, around)
        notes = self._realiser.realise(self._vocabulary.contours(value), melody, where, register)
        notes = self._minding_manners(notes, around)
        self._melody = melody.with_notes(notes, around.harmony, around.beat)
        return notes

    def _minding_manners(self, notes: list[BeatNote], around: Surroundings) -> list[BeatNote]:
        register = self.style.register
        if notes and self.answers and self.phrase_start is None:
            notes = manners.near(notes, self.previous, register)
        return manners.duck(notes, around.others, register) if around.others else notes

    def _where(self, following: int, around: Surroundings) -> Where:
        coming = self._vocabulary.contours(following)
        return Where(
            around.beat,
            around.in_bar,
            around.harmony,
            around.coming or around.harmony,
            coming[0][1] if coming else None,
        )

    def _hold(self, following: int, around: Surroundings) -> None:
        """Tie the note that still sounds over this beat, twice at most."""
        end = self.agenda.last_off
        if end is None or self._holds >= phrasing.MOST_HOLDS:
            self.rest()
            return
        self._holds += 1
        self.agenda.move_off(end[1], self._end(0, following, around))

    def _phrased(
        self, notes: Sequence[BeatNote], following: int, around: Surroundings
    ) -> list[Note]:
        """The notes in pulses, with lengths and velocities."""
        ticks = [note.tick for note in notes]
        starts = swung(ticks, self._share(around))
        beat_start = around.beat * PULSES_PER_BEAT
        lengths = [self.style.touch.sounding_length(b - a) for a, b in pairwise(starts)]
        last = self._end(starts[-1], following, around) - beat_start - starts[-1]
        return [
            Note(
                beat_start + start,
                length if note.length is None else min(length, note.length),
                note.pitch,
                self._velocity(stroke, around),
            )
            for note, start, length, stroke in zip(
                notes,
                starts,
                [*lengths, last],
                self._strokes(notes, following, around),
                strict=True,
            )
        ]

    def _strokes(
        self, notes: Sequence[BeatNote], following: int, around: Surroundings
    ) -> Iterator[Stroke]:
        """What each note of a beat is struck in."""
        first = self.phrase_start == around.beat
        over = not self._goes_on(following)
        pitches = [note.pitch for note in notes]
        before = [None if first else self.previous, *pitches]
        ticks = [*(note.tick for note in notes), TICKS_PER_BEAT]
        for index, note in enumerate(notes):
            last = index == len(notes) - 1
            after = None if last else pitches[index + 1]
            yield Stroke(
                place_of(note.pitch, before[index], after, ends=over and last),
                octaves=self._octaves(note.pitch),
                beats=(ticks[index + 1] - note.tick) / TICKS_PER_BEAT,
                pulse=around.beat * PULSES_PER_BEAT + note.tick * PULSES_PER_TICK,
                first_beat=first,
                last_beat=over,
                off_beat=note.tick == OFF_BEAT,
            )

    def _end(self, start: int, following: int, around: Surroundings) -> int:
        """The pulse at which a beat's last note, struck at `start` pulses, is to end."""
        beat_start = around.beat * PULSES_PER_BEAT
        to_beat_end = PULSES_PER_BEAT - start
        if following == HOLD:
            gap = around.timeline.pulses(phrasing.REPEAT_GAP_NS)
            return beat_start + PULSES_PER_BEAT - gap
        if not self._goes_on(following):
            return beat_start + start + self.style.touch.last_length(to_beat_end)
        first_tick = self._vocabulary.figure(following)[0][0]
        to_next = to_beat_end + swung([first_tick], self._share(around))[0]
        length = min(self.style.touch.sounding_length(to_next), self.style.touch.most(to_beat_end))
        return beat_start + start + length

    def _goes_on(self, following: int) -> bool:
        return following == HOLD or bool(self._vocabulary.figure(following))

    def _share(self, around: Surroundings) -> float:
        return self.style.share(around.timeline.bpm)

    def _octaves(self, pitch: int) -> float:
        return (pitch - self.style.register.middle) / 12

    def _velocity(self, stroke: Stroke, around: Surroundings) -> int:
        touch = self.style.touch
        velocity = touch.velocity(touch.base(self.style.velocity, around.level), stroke)
        return max(velocity + manners.DUCKED_VELOCITY, 1) if around.others else velocity
