"""Voicings: a chord as a pianist's hands take it, and which of them follows which.

Rootless, as there is a bass: A has the third below, B the seventh (C9 is E G Bb D or Bb D E G), and
drop-2 opens either by putting the second voice from the top an octave lower.
"""

from collections.abc import Sequence
from functools import lru_cache

from improvd.core.harmony.chord import Chord
from improvd.core.network.vocabulary import Register

Voicing = tuple[int, ...]
"""Pitches, ascending."""

_THIRDS, _SEVENTHS, _FIFTHS = (4, 3, 5, 2), (10, 11, 9), (7, 6, 8)
_CLOSE_SPAN, _OPEN_SPAN = 14, 17
_MIDDLE = 59
# Open forms are wide for one hand: they are taken where they lie clearly nearer.
_OPEN_COST = 2.0


@lru_cache(maxsize=1024)
def voicings(chord: Chord, register: Register) -> tuple[Voicing, ...]:
    """All voicings of a chord in a register, one at the least."""
    found: list[Voicing] = []
    for shape in _shapes(chord):
        for low in range(register.low, register.high + 1):
            if low % 12 == shape[0] % 12:
                close = _stacked(shape, low)
                for form in (close, _dropped(close)):
                    span = _CLOSE_SPAN if form is close else _OPEN_SPAN
                    inside = register.low <= form[0] and form[-1] <= register.high
                    if inside and form[-1] - form[0] <= span:
                        found.append(form)
    return tuple(dict.fromkeys(found)) or (_squeezed(chord, register),)


def next_voicing(chord: Chord, before: Voicing | None, register: Register) -> Voicing:
    """The voicing that is reached from the one before by the least motion."""

    def motion(voicing: Voicing) -> tuple[float, Voicing]:
        wide = _OPEN_COST if voicing[-1] - voicing[0] > _CLOSE_SPAN else 0.0
        if before is None:
            middle = min(max(_MIDDLE, register.low), register.high)
            return abs(sum(voicing) / len(voicing) - middle) + wide, voicing
        return distance(before, voicing) / 2 + wide, voicing

    return min(voicings(chord, register), key=motion)


def distance(one: Voicing, other: Voicing) -> int:
    """Semitones from each voice of both to the nearest voice of the other."""
    there = sum(min(abs(pitch - near) for near in other) for pitch in one)
    return there + sum(min(abs(pitch - near) for near in one) for pitch in other)


def without_clashes(voicing: Voicing, melody: Sequence[int]) -> Voicing:
    """What is left of a voicing without the voices that clash with notes of the melody."""
    return tuple(p for p in voicing if not any(clashes(p, other) for other in melody))


def clashes(one: int, other: int) -> bool:
    """Whether two pitches are a semitone or a minor ninth apart, or one of these and octaves."""
    return abs(one - other) % 12 == 1


def _shapes(chord: Chord) -> list[tuple[int, ...]]:
    """Pitch classes from the bottom up."""
    tones = [(tone - chord.root) % 12 for tone in chord.tones]
    upper = tones[:-1] if chord.over_bass and len(tones) > 3 else tones
    third = next((each for each in _THIRDS if each in upper), None)
    seventh = next((each for each in _SEVENTHS if each in upper), None)
    fifth = next((each for each in _FIFTHS if each in upper), None)
    if third is None or seventh is None or fifth is None or chord.over_bass:
        rotations = [upper[at:] + upper[:at] for at in range(len(upper))]
        return [tuple((chord.root + each) % 12 for each in shape) for shape in rotations]
    ninth = _ninth(chord, third, fifth, seventh)
    colour = _colour(chord, third, fifth, seventh)
    forms = ((third, colour, seventh, ninth), (seventh, ninth, third, colour))
    return [tuple((chord.root + each) % 12 for each in form) for form in forms]


def _ninth(chord: Chord, third: int, fifth: int, seventh: int) -> int:
    """What stands in for the root: the ninth that is named, or the scale's; else the root itself.

    Diminished and half-diminished chords keep the root: their ninth is another chord's.
    """
    if third == 3 and fifth == 6:
        return 0
    named = {(tension - chord.root) % 12 for tension in chord.tensions}
    scale = {(tone - chord.root) % 12 for tone in chord.scale}
    of = [ninth for ninth in (1, 3, 2) if ninth in named and ninth != third]
    of += [ninth for ninth in (2, 1) if ninth in scale]
    return of[0] if of and (of[0] != 1 or seventh == 10) else 0


def _colour(chord: Chord, third: int, fifth: int, seventh: int) -> int:
    """The fifth, in a dominant its thirteenth."""
    if (third, fifth, seventh) != (4, 7, 10):
        return fifth
    scale = {(tone - chord.root) % 12 for tone in chord.scale}
    return 9 if 9 in scale else 8 if 8 in scale else fifth


def _stacked(shape: Sequence[int], low: int) -> Voicing:
    """The pitches of these classes, each the next above the one before."""
    pitches = [low]
    for pitch_class in shape[1:]:
        pitches.append(pitches[-1] + 1 + (pitch_class - pitches[-1] - 1) % 12)
    return tuple(pitches)


def _dropped(close: Voicing) -> Voicing:
    """The same with the second voice from the top an octave lower."""
    if len(close) < 4:
        return close
    return tuple(sorted((*close[:-2], close[-2] - 12, close[-1])))


def _squeezed(chord: Chord, register: Register) -> Voicing:
    """A chord in a register that holds no form of it: each tone where it first comes."""
    wanted = set(chord.tones[1:4] or chord.tones)
    first: dict[int, int] = {}
    for pitch in range(register.low, register.high + 1):
        if pitch % 12 in wanted:
            first.setdefault(pitch % 12, pitch)
    return tuple(sorted(first.values()))
