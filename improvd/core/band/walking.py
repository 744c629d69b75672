"""What a bass line is made of: the values of a beat, the learned table, and the rules beside it.

A value is where a beat's pitch stands above the chord's root (0 to 11), times three, plus how it is
reached: 0 the same pitch, 1 up, 2 down, each to the nearest such pitch. That is exact for moves of
up to an octave, and means the same over every chord.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from improvd.core.band.moment import ChordContext
from improvd.core.harmony.chord import Chord

VALUES = 36
_SAME, _UP = 0, 1
# A table keeps log2 p in whole sixteenths of a bit, so that no sum hangs on the last one.
_STEPS_PER_BIT = 16
_NATS_PER_STEP = math.log(2) / _STEPS_PER_BIT
_LEAST = 1e-6
# Heights of the previous pitch, in steps of four semitones from E1 on.
_LOWEST, _STEP, _HEIGHTS = 28, 4, 7

Counts = Mapping[str, Sequence[int]]
"""By context: a value, how often it came, the next value, and so on."""


def value_of(before: int, pitch: int, root: int) -> int:
    """The value by which a pitch is reached from the one before, over a root (pitch class)."""
    how = _SAME if pitch == before else _UP if pitch > before else 2
    return (pitch - root) % 12 * 3 + how


def pitch_of(value: int, before: int, root: int) -> int:
    """The pitch that a value leads to; for "the same", the nearest of its pitch class."""
    above, how = divmod(value, 3)
    to = (root + above - before) % 12
    if how == _SAME:
        return before + (to + 6) % 12 - 6
    return before + (to or 12) if how == _UP else before - (12 - to)


@dataclass(frozen=True, slots=True)
class Step:
    """What the pick of a beat hangs on: the pitch before and how it was reached, and the chords.

    `way` is that of the value before: 0 the same, 1 up, 2 down. `strong` is a beat in the middle
    of the bar, where a chord's tone is wanted.
    """

    before: int
    way: int
    chords: ChordContext
    strong: bool = False


def contexts(step: Step) -> tuple[str, ...]:
    """The contexts of a step, from the widest to the narrowest, as a table names them."""
    chords = step.chords
    above = (step.before - chords.now.root) % 12
    first, left = int(chords.begins), min(chords.left, 2)
    following = (chords.next.root - chords.now.root) % 12 if chords.left == 1 else -1
    narrow = f"{above} {first} {left} {following}"
    return "0", f"1 {above}", f"2 {above} {first}", f"3 {narrow}", f"4 {narrow} {step.way}"


def height(pitch: int) -> str:
    """The context of a pitch's height, which says how often a line goes up or down from there."""
    return f"9 {min(max((pitch - _LOWEST) // _STEP, 0), _HEIGHTS - 1)}"


class BassTable:
    """How likely bassists are to go where: counts in contexts that back off to wider ones.

    Interpolated as by Witten and Bell (1991): a context of n beats and d different values gives
    way to the wider one with weight d / (n + d). `counts` as `recipes/bass.py` writes them.
    """

    def __init__(self, counts: Counts) -> None:
        self._counts = {of: _spread(pairs) for of, pairs in counts.items()}
        heights = [self._counts.get(height(_LOWEST + _STEP * at)) for at in range(_HEIGHTS)]
        known = [each for each in heights if each]
        self._ways = [sum(each[way] for each in known) for way in range(3)] if known else [1, 1, 1]
        self._known: dict[tuple[str, ...], tuple[int, ...]] = {}

    def log_p(self, step: Step) -> tuple[int, ...]:
        """The log2 of each value's probability, in sixteenths of a bit."""
        of = (*contexts(step), height(step.before))
        if of not in self._known:
            self._known[of] = self._log_p(of)
        return self._known[of]

    def _log_p(self, of: Sequence[str]) -> tuple[int, ...]:
        p = [1 / VALUES] * VALUES
        for context in of[:-1]:
            if (counts := self._counts.get(context)) is not None:
                n, d = sum(counts), sum(count > 0 for count in counts)
                p = [(count + d * wider) / (n + d) for count, wider in zip(counts, p, strict=True)]
        if (ways := self._counts.get(of[-1])) is not None:
            here, usual = sum(ways), max(sum(self._ways), 1)
            more = [
                way / here * usual / max(all_in_all, 1)
                for way, all_in_all in zip(ways, self._ways, strict=False)
            ]
            p = [each * more[value % 3] for value, each in enumerate(p)]
        total = math.fsum(p)
        return tuple(round(_STEPS_PER_BIT * math.log2(max(each / total, _LEAST))) for each in p)


def _spread(pairs: Sequence[int]) -> list[int]:
    """Counts by value, from value and count in turn."""
    counts = [0] * VALUES
    for value, count in zip(pairs[::2], pairs[1::2], strict=True):
        counts[value] = count
    return counts


def nats(log_p: int) -> float:
    """What `log_p` gives, in nats."""
    return log_p * _NATS_PER_STEP


# What a move of so many semitones costs, in nats; wider ones cost _WIDE.
_MOVES = (2.6, 0.0, 0.25, 0.7, 0.8, 0.75, 2.2, 0.8, 2.4, 2.6, 2.8, 3.4, 1.6)
_WIDE = 6.0
_ROOT, _FIFTH, _THIRD, _OTHER = 0.0, 1.6, 2.0, 4.0
# Of a tone of the chord, of its scale, and of neither; in the middle of the bar, and elsewhere.
_TONE, _SCALE, _OUTSIDE = (0.0, 0.3), (1.1, 0.5), (2.4, 1.6)
# How the next root is approached: not by itself, gladly by a semitone, more so from outside.
_TOO_SOON, _SEMITONE, _CHROMATIC, _WHOLE_TONE, _FOURTH = 3.0, -1.2, -1.3, -0.5, -0.5
_COMFORTABLE = (34, 47)
_TOO_LOW, _TOO_HIGH = 0.25, 0.35


def cost(step: Step, pitch: int) -> float:
    """What the rules hold against a pitch, in nats; the less, the better."""
    chords = step.chords
    move = abs(pitch - step.before)
    found = _MOVES[move] if move < len(_MOVES) else _WIDE
    found += _place(step, pitch)
    if chords.left == 1 and chords.next.root != chords.now.root:
        found += _approach(chords, pitch)
    low, high = _COMFORTABLE
    return found + _TOO_LOW * max(low - pitch, 0) + _TOO_HIGH * max(pitch - high, 0)


def _place(step: Step, pitch: int) -> float:
    """What a pitch costs as a tone of its chord."""
    chord = step.chords.now
    if step.chords.begins:
        above = (pitch - chord.root) % 12
        if pitch % 12 == chord.bass:
            return _ROOT
        if above == 7:
            return _FIFTH
        return _THIRD if above in (3, 4) and pitch % 12 in chord.tones else _OTHER
    elsewhere = 0 if step.strong else 1
    if pitch % 12 in chord.tones:
        return _TONE[elsewhere]
    return (_SCALE if pitch % 12 in chord.scale else _OUTSIDE)[elsewhere]


def _approach(chords: ChordContext, pitch: int) -> float:
    """What a pitch costs on the last beat before another chord."""
    away = (pitch - chords.next.bass + 6) % 12 - 6
    if away == 0:
        return _TOO_SOON
    if abs(away) == 1:
        return _SEMITONE + (0.0 if pitch % 12 in chords.now.scale else _CHROMATIC)
    if abs(away) == 2:
        return _WHOLE_TONE
    return _FOURTH if away in (-5, 5) else 0.0


def is_root(chord: Chord, pitch: int) -> bool:
    """Whether a pitch is the note that a chord stands on."""
    return pitch % 12 == chord.bass
