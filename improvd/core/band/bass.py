"""The bass: walks by a learned table that leans on rules, or plays the pattern of its feel.

A walking pitch is the one with the most log p - lean x cost + noise. Beside the table stand three
rules that it has not learned: the root on a chord's first beat, no third note of a pitch in a row,
and its register.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from improvd.core.band import feels, walking
from improvd.core.band.lineup import BASS, VoiceStyle
from improvd.core.band.moment import Moment
from improvd.core.band.noise import draw, gumbel, uniform
from improvd.core.band.walking import BassTable, Step
from improvd.core.harmony.chord import Chord
from improvd.core.music import PULSES_PER_BEAT, Note
from improvd.core.network.vocabulary import Register

# How much the rules weigh beside the table; more makes the lines alike, less makes them wander.
_LEAN = 0.25
# How often a chord begins on its root where the pick would have it otherwise.
_ROOTED = 0.7
# What it costs to reach the musician's left hand, where an octave under it is not to be had.
_OVER_HAND = 12.0
# A vamp's chord is struck anew so often.
_VAMP_BARS = 2
_LENGTH = 0.92
# A pattern keeps out of so many semitones at the top of the register, where it can.
_AIRY = 7
_SHORT, _LONG = 0.45, 0.95
_ACCENTS = {0: 4, 2: 2}
_OFF_BEAT_SOFTER = 8
# A walking note in ten that is no chord's first is led to by a skipped eighth.
_SKIPS = 0.08
_SKIPPED_SOFTER = 25

_ROOT, _FIFTH, _THIRD, _APPROACH, _NEXT = "root", "fifth", "third", "approach", "next"


@dataclass(frozen=True, slots=True)
class BassMemory:
    """What a bass goes on from: its last two pitches, and how the last was reached (as `Step`)."""

    pitch: int | None = None
    before: int | None = None
    way: int = 1


@dataclass(frozen=True, slots=True)
class _Pluck:
    """A note of a pattern: on the beat or off it, which tone, and how many beats it sounds."""

    off: bool
    tone: str
    beats: float


_Bar = Mapping[int, tuple[_Pluck, ...]]
"""A bar of a pattern: what is struck in which beat of it."""

_IN_TWO: tuple[tuple[float, _Bar], ...] = (
    (5.0, {0: (_Pluck(False, _ROOT, 2),), 2: (_Pluck(False, _FIFTH, 2),)}),
    (2.0, {0: (_Pluck(False, _ROOT, 2),), 2: (_Pluck(False, _APPROACH, 2),)}),
    (2.0, {0: (_Pluck(False, _ROOT, 2),), 2: (_Pluck(False, _THIRD, 1),),
           3: (_Pluck(False, _APPROACH, 1),)}),
    (1.5, {0: (_Pluck(False, _ROOT, 1.5),), 1: (_Pluck(True, _ROOT, 0.4),),
           2: (_Pluck(False, _FIFTH, 2),)}),
    (1.5, {0: (_Pluck(False, _ROOT, 2),), 2: (_Pluck(False, _FIFTH, 1.5),),
           3: (_Pluck(True, _NEXT, 0.4),)}),
)  # fmt: skip
_BALLAD: tuple[tuple[float, _Bar], ...] = (
    (5.0, {0: (_Pluck(False, _ROOT, 2),), 2: (_Pluck(False, _FIFTH, 2),)}),
    (2.0, {0: (_Pluck(False, _ROOT, 3),), 3: (_Pluck(False, _APPROACH, 1),)}),
    (2.0, {0: (_Pluck(False, _ROOT, 2),), 2: (_Pluck(False, _THIRD, 1),),
           3: (_Pluck(False, _APPROACH, 1),)}),
)  # fmt: skip
_BOSSA: tuple[tuple[float, _Bar], ...] = (
    (3.0, {0: (_Pluck(False, _ROOT, 1.5),), 1: (_Pluck(True, _FIFTH, 0.5),),
           2: (_Pluck(False, _FIFTH, 1.5),), 3: (_Pluck(True, _NEXT, 0.5),)}),
    (1.0, {0: (_Pluck(False, _ROOT, 1.5),), 1: (_Pluck(True, _FIFTH, 0.5),),
           2: (_Pluck(False, _FIFTH, 2),)}),
)  # fmt: skip
_WALTZ: tuple[tuple[float, _Bar], ...] = (
    (4.0, {0: (_Pluck(False, _ROOT, 3),)}),
    (3.0, {0: (_Pluck(False, _ROOT, 2),), 2: (_Pluck(False, _FIFTH, 1),)}),
    (3.0, {0: (_Pluck(False, _ROOT, 1),), 1: (_Pluck(False, _FIFTH, 1),),
           2: (_Pluck(False, _APPROACH, 1),)}),
    (1.0, {0: (_Pluck(False, _ROOT, 1),), 1: (_Pluck(False, _THIRD, 1),),
           2: (_Pluck(False, _FIFTH, 1),)}),
)  # fmt: skip
_STRAIGHT: tuple[tuple[float, _Bar], ...] = (
    (3.0, {0: (_Pluck(False, _ROOT, 1.5),), 1: (_Pluck(True, _ROOT, 0.5),),
           2: (_Pluck(False, _FIFTH, 2),)}),
    (2.0, {0: (_Pluck(False, _ROOT, 1.5),), 1: (_Pluck(True, _FIFTH, 0.5),),
           2: (_Pluck(False, _ROOT, 1.5),), 3: (_Pluck(True, _NEXT, 0.5),)}),
)  # fmt: skip
_PATTERNS = {
    feels.TWO_FEEL: _IN_TWO,
    feels.BALLAD: _BALLAD,
    feels.BOSSA: _BOSSA,
    feels.WALTZ: _WALTZ,
    feels.STRAIGHT: _STRAIGHT,
}


class Bass:
    """One note at a time. `table` may be empty: the rules alone then walk."""

    def __init__(self, table: BassTable) -> None:
        self.table = table
        self.memory = BassMemory()
        self._under: int | None = None  # what is better not reached

    def play(self, moment: Moment, part: VoiceStyle) -> list[Note]:
        """The notes of a beat."""
        register = self._room(moment, part)
        pattern = _PATTERNS.get(moment.feel)
        if pattern is None:
            return self._walk(moment, part, register)
        bar = pattern[draw([w for w, _ in pattern], moment.seed, BASS, moment.bar)][1]
        strokes = bar.get(moment.place % 4, ())
        if moment.chords.begins and not any(not stroke.off for stroke in strokes):
            strokes = (_Pluck(False, _ROOT, 1), *strokes)
        elif moment.chords.begins:
            strokes = tuple(
                stroke if stroke.off else _Pluck(False, _ROOT, stroke.beats) for stroke in strokes
            )
        return [self._stroke(stroke, moment, part, register) for stroke in strokes]

    def close(self, moment: Moment, part: VoiceStyle, beats: float) -> list[Note]:
        """The last note of a piece: the root, low."""
        register = self._room(moment, part)
        pitch = self._near(moment.chords.now.bass, register.low + 6, register)
        self._go_to(pitch)
        length = round(beats * PULSES_PER_BEAT)
        return [Note(moment.start, length, pitch, _velocity(part.level + 6 + moment.lift))]

    def _room(self, moment: Moment, part: VoiceStyle) -> Register:
        """The register that the musician's left hand leaves; in it, what lies under that hand."""
        self._under = moment.under if moment.rules >= 4 else None
        return _below(part.register, moment.under)

    def _over_hand(self, pitch: int) -> float:
        return _OVER_HAND if self._under is not None and pitch >= self._under else 0.0

    # -- walking ---------------------------------------------------------------------------

    def _walk(self, moment: Moment, part: VoiceStyle, register: Register) -> list[Note]:
        pitch = self._pick(moment, register)
        again = pitch == self.memory.pitch
        self._go_to(pitch)
        level = part.level + moment.lift + _ACCENTS.get(moment.place, 0)
        length = round(_LENGTH * PULSES_PER_BEAT)
        notes = [Note(moment.start, length, pitch, _velocity(level))]
        skips = uniform(moment.seed, BASS, moment.beat, walking.VALUES) < _SKIPS
        if skips and not (moment.last or again):
            self._go_to(pitch)
            notes[0] = Note(moment.start, round(_SHORT * PULSES_PER_BEAT), pitch, _velocity(level))
            short = moment.start + PULSES_PER_BEAT - moment.off_beat
            softer = _velocity(level - _SKIPPED_SOFTER)
            notes.append(Note(moment.off_beat, round(_LENGTH * short), pitch, softer))
        return notes

    def _pick(self, moment: Moment, register: Register) -> int:
        chords, known = moment.chords, self.memory
        if known.pitch is None:
            return self._near(chords.now.bass, register.low + 5, register)
        step = Step(known.pitch, known.way, chords, strong=moment.place == moment.beats // 2)
        log_p = self.table.log_p(step)
        rooted = self._is_rooted(moment)
        best, found = float("-inf"), None
        for value in range(walking.VALUES):
            pitch = walking.pitch_of(value, known.pitch, chords.now.root)
            if (
                pitch not in register
                or walking.value_of(known.pitch, pitch, chords.now.root) != value
                or (rooted and not walking.is_root(chords.now, pitch))
                or pitch == known.pitch == known.before
            ):
                continue
            score = walking.nats(log_p[value]) - _LEAN * walking.cost(step, pitch)
            score -= self._over_hand(pitch)
            score += gumbel(moment.seed, BASS, moment.beat, value)
            if score > best:
                best, found = score, pitch
        # Where the register has become another one, every step may lead out of it.
        return self._near(chords.now.bass, known.pitch, register) if found is None else found

    def _is_rooted(self, moment: Moment) -> bool:
        top_of_vamp = moment.place == 0 and moment.bar % _VAMP_BARS == 0
        if not (moment.chords.begins or top_of_vamp):
            return False
        if moment.chords.now.bass != moment.chords.now.root:  # a slash chord is written for it
            return True
        return uniform(moment.seed, BASS, moment.beat, -1) < _ROOTED

    # -- patterns --------------------------------------------------------------------------

    def _stroke(self, stroke: _Pluck, moment: Moment, part: VoiceStyle, register: Register) -> Note:
        onset = moment.off_beat if stroke.off else moment.start
        pitch = self._tone(stroke.tone, moment, register)
        self._go_to(pitch)
        level = part.level + moment.lift
        level += -_OFF_BEAT_SOFTER if stroke.off else _ACCENTS.get(moment.place, 0)
        length = round(stroke.beats * PULSES_PER_BEAT * _LONG)
        return Note(onset, length, pitch, _velocity(level))

    def _tone(self, tone: str, moment: Moment, register: Register) -> int:
        chords, centre = moment.chords, self.memory.pitch or register.low + 5
        if tone == _NEXT:
            return self._near(chords.then.bass, centre, register)
        if tone == _APPROACH and chords.left <= moment.beats - moment.place:
            return self._approach(moment, centre, register)
        wanted = _DEGREES[_FIFTH if tone == _APPROACH else tone](chords.now)
        return self._near(wanted, centre, register)

    def _approach(self, moment: Moment, centre: int, register: Register) -> int:
        """A semitone or a step from the root that is to come."""
        root = self._near(moment.chords.next.bass, centre, register)
        steps = (-1, 1, 2, -2)
        step = steps[draw((3.0, 3.0, 2.0, 1.0), moment.seed, "approach", moment.beat)]
        pitch = root + step if root + step in register else root - step
        return self._near(pitch, pitch, register)

    def _near(self, pitch_class: int, centre: int, register: Register) -> int:
        """The pitch of a class that is nearest to another pitch.

        Where that would be a third of its kind in a row, another octave, or else the fifth above.
        """
        there = [p for p in _pitches(register) if p % 12 == pitch_class % 12]
        fresh = [p for p in there if not p == self.memory.pitch == self.memory.before]
        if not fresh:
            return self._near(pitch_class + 7, centre, register)
        top = register.high - _AIRY
        return min(fresh, key=lambda p: (abs(p - centre) + max(p - top, 0) + self._over_hand(p), p))

    def _go_to(self, pitch: int) -> None:
        before = self.memory.pitch
        way = 1 if before is None else walking.value_of(before, pitch, 0) % 3
        self.memory = BassMemory(pitch, before, way)


def _fifth(chord: Chord) -> int:
    above = {(tone - chord.root) % 12 for tone in chord.tones}
    return chord.root + next((fifth for fifth in (7, 6, 8) if fifth in above), 0)


def _third(chord: Chord) -> int:
    above = {(tone - chord.root) % 12 for tone in chord.tones}
    return chord.root + next((third for third in (4, 3, 5, 2) if third in above), 7)


_DEGREES: Mapping[str, Callable[[Chord], int]] = {
    _ROOT: lambda chord: chord.bass,
    _FIFTH: _fifth,
    _THIRD: _third,
}


def _below(register: Register, under: int | None) -> Register:
    """The register as far as the musician's left hand leaves it, an octave at the least."""
    if under is None or under > register.high:
        return register
    return Register(register.low, max(under - 1, register.low + 12))


def _pitches(register: Register) -> Iterable[int]:
    return range(register.low, register.high + 1)


def _velocity(level: float) -> int:
    return min(max(round(level), 1), 127)
