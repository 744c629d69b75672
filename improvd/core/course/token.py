"""A token of the course's jazz grammar, such as `C,0.250,<P4,m-2>`: one note and its length.

It says what kind of note it is on its chord (C chord tone, S scale tone, A approach tone, X any
other, R a rest), how many quarter notes it lasts, and how far it may be from the note before: a
window between two intervals. Where the course draws a note from the window, here it is the one
nearest to the window's middle, which is the interval that was played in the corpus.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from improvd.core.harmony.scales import Harmony
from improvd.core.music import PULSES_PER_BEAT

REST_KIND = "R"
_INTERVAL = r"(P|M|m|A+|d+)(-?)(\d+)"
_TOKEN = re.compile(rf"([RCSAX]),(\d+\.\d+|\d+)(?:,<{_INTERVAL},{_INTERVAL}>)?")
_DEGREES = (0, 2, 4, 5, 7, 9, 11)  # the perfect or major interval of each number, in semitones
_PERFECT = (1, 4, 5)
# Three decimals cannot write a third: 0.333 is read as the nearest fraction this fine.
_FINEST = 24


@dataclass(frozen=True, slots=True)
class Token:
    """A token, read: kind, length in pulses, and its window in semitones from the note before."""

    kind: str
    length: int
    window: tuple[int, int] | None = None


def parse_token(text: str) -> Token:
    """Read a token. Raises ValueError, one sentence, for what is not one."""
    match = _TOKEN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a value of the course's, such as 'C,0.250,<P4,m-2>'")
    kind, quarters, *intervals = match.groups()
    length = round(Fraction(quarters).limit_denominator(_FINEST) * PULSES_PER_BEAT)
    if length == 0:
        raise ValueError(f"{text!r} lasts no time")
    if intervals[0] is None:
        return Token(kind, length)
    low, high = sorted((_semitones(*intervals[:3]), _semitones(*intervals[3:])))
    return Token(kind, length, (low, high))


def pitch_of(token: Token, harmony: Harmony, previous: int, start: int) -> int:
    """The pitch of a token's note, which is no rest, `previous` being the one before it.

    That of its kind nearest to the window's middle; where there is none, the middle. Without a
    window (the course's first token of a bar) it is sought around the pitch `start`.
    """
    low, high = token.window or (start - previous - 6, start - previous + 6)
    middle = previous + (low + high) / 2
    within = range(previous + low, previous + high + 1)
    fitting = [pitch for pitch in within if is_kind(token.kind, pitch, harmony)]
    return min(fitting or [int(middle)], key=lambda pitch: (abs(pitch - middle), pitch))


def is_kind(kind: str, pitch: int, harmony: Harmony) -> bool:
    """Whether a pitch is of this kind on a harmony: C, S, A or X."""
    tones, scale = harmony.chord.tones, harmony.ladder.pitch_classes
    if kind == "C":
        return pitch % 12 in tones
    if kind == "S":
        return pitch % 12 in scale
    outside = pitch % 12 not in scale
    return outside and (kind == "X" or (pitch + 1) % 12 in tones or (pitch - 1) % 12 in tones)


def _semitones(quality: str, sign: str, number: str) -> int:
    """The size of an interval: P5 is 7, m-2 is -1, dd5 is 5."""
    octaves, degree = divmod(int(number) - 1, 7)
    size = 12 * octaves + _DEGREES[degree]
    if quality[0] == "A":
        size += len(quality)
    elif quality[0] == "d":
        size -= len(quality) + (degree + 1 not in _PERFECT)
    elif quality == "m":
        size -= 1
    return -size if sign else size
