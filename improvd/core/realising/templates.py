"""What of a note's surroundings speaks for one move or another: the templates of a realisation.

A template looks at a few circumstances of a move at once, such as the two moves before it, or the
tone it reaches and the part of the bar; for each combination of them a realisation has a weight.
The sum of the weights is a move's score: a conditional log-linear model (Berger, Della Pietra &
Della Pietra 1996), whose softmax over the moves of a contour is how often soloists choose each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import prod

import numpy as np

from improvd.core.arrays import Int64Array
from improvd.core.network.contour import WIDEST, size_of, way_of
from improvd.core.realising.melody import Melody
from improvd.core.realising.tones import QUALITIES, ROLES, Tones
from improvd.core.rhythm import OFF_BEAT

MOVES = np.arange(-WIDEST, WIDEST + 1)
# What comes next: a lower note, the same, a higher one, or nothing in the beat to come.
WAYS = 4
END = 3

_SIZES = 5
# Up to a fourth both moves before are told exactly, and small moves between two roles.
_SMALL, _LITTLE = 5, 4
_TRIPLETS = (4, 8)
_SAME_CHORD = 12
# Ticks from the note before that are a short gap, an eighth, and less than a phrase's end.
_GAP_ENDS = (4, 6, 18)
# How many notes ago: one by one at first, then by the time that a phrase and a chorus take.
_AGES = np.array([0, 0, 1, 2, 3, 4, 5, 5, *[6] * 9, *[7] * 16, *[8] * 32])
_CLASS_AGES = np.array([0, 0, 0, 1, 2, 2, 3, 3, *[4] * 6, *[5] * 11, *[6] * 40])
_NEVER, _CLASS_NEVER = 9, 7
_NEAR = 16
_HEIGHTS, _HEIGHT_STEP, _FARTHEST = 6, 2.5, 24

# The circumstances of a note, and how many values each has.
_OF_NOTE = {
    "move before": len(MOVES) + 1,
    "contour before": 2 * _SIZES,
    "contour before that": 2 * _SIZES,
    "small move before": 2 * _SMALL + 2,
    "small move before that": 2 * _SMALL + 2,
    "chord": QUALITIES,
    "coming chord": QUALITIES,
    "another comes": 2,
    "motion": _SAME_CHORD + 1,  # of the root, in semitones, since the note before
    "tone left": 12,
    "tone left in its chord": 12,
    "role left": ROLES,
    "metre": 5,
    "gap": 4,
    "then": WAYS,
}
# The circumstances of each move.
_OF_MOVE = {
    "move": len(MOVES),
    "little move": 2 * _LITTLE + 1,
    "size": _SIZES,
    "way": 3,
    "tone": 12,
    "tone of the coming chord": 12,
    "role": ROLES,
    "scales": 4,
    "age": _NEVER + 1,
    "age of its class": _CLASS_NEVER + 1,
    "followed": 4,
    "followed both": 3,
    "height": 2 * _HEIGHTS + 1,
}
_TEMPLATES = (
    ("move before", "move"),
    ("contour before that", "contour before", "move"),
    ("small move before that", "small move before", "move"),
    ("chord", "tone left", "move"),
    ("motion", "tone left in its chord", "move"),
    ("metre", "gap", "move"),
    ("then", "move"),
    ("metre", "chord", "tone"),
    ("then", "chord", "tone"),
    ("metre", "motion", "tone"),
    ("another comes", "then", "coming chord", "tone of the coming chord"),
    ("metre", "gap", "role left", "role"),
    ("role left", "role", "little move"),
    ("metre", "then", "role"),
    ("metre", "scales", "size"),
    ("age", "size"),
    ("age of its class", "role", "size"),
    ("followed", "followed both", "size"),
    ("height", "way", "size"),
)


def _factors(names: dict[str, int]) -> Int64Array:
    """What each circumstance counts for in the index of a template's weight, (templates, names)."""
    counts = {**_OF_NOTE, **_OF_MOVE}
    rows = [
        [
            prod(counts[faster] for faster in template[template.index(name) + 1 :])
            if name in template
            else 0
            for name in names
        ]
        for template in _TEMPLATES
    ]
    return np.array(rows)


_SIZES_OF_TEMPLATES = [prod({**_OF_NOTE, **_OF_MOVE}[name] for name in t) for t in _TEMPLATES]
_OFFSETS = np.array([0, *accumulate(_SIZES_OF_TEMPLATES)])[:-1]
_NOTE_FACTORS, _MOVE_FACTORS = _factors(_OF_NOTE), _factors(_OF_MOVE)
SIZE = sum(_SIZES_OF_TEMPLATES)
"""How many weights a realisation has."""

# What is the same for the moves from any pitch: the move itself, little moves, sizes, ways.
_FIXED = (
    MOVES + WIDEST,
    np.clip(MOVES, -_LITTLE, _LITTLE) + _LITTLE,
    np.array([size_of(move) for move in MOVES.tolist()]),
    np.sign(MOVES) + 1,
)
# The tone that each move reaches from each tone, (12, moves).
_TONES = (np.arange(12)[:, None] + MOVES) % 12
# A melody stays in MIDI's pitches, and looks a move beyond them on either side.
_PITCHES = 128 + 2 * WIDEST
# How high each move reaches from so far above the latest pitches.
_HIGH = (np.arange(-_FARTHEST, _FARTHEST + 1)[:, None] + MOVES) // _HEIGHT_STEP
_HIGH = np.clip(_HIGH, -_HEIGHTS, _HEIGHTS).astype(np.int64) + _HEIGHTS


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a note falls: its tones, those of the chord to come, its place, and what follows.

    `coming` are the tones of the next beat for the last note of its beat, else those of its own.
    `in_bar` is its beat in the bar, `tick` its tick there, `onset` its tick in the piece; `then` is
    what comes: lower 0, the same 1, higher 2, nothing in the beat to come `END`.
    """

    tones: Tones
    coming: Tones
    in_bar: int
    tick: int
    onset: int
    then: int


def weights_of(melody: Melody, setting: Setting) -> Int64Array:
    """Which weights speak for each move from the melody's last pitch, (templates, moves).

    Moves are those of `MOVES`.
    """
    note = _NOTE_FACTORS @ np.array(_of_note(melody, setting)) + _OFFSETS
    weights: Int64Array = _MOVE_FACTORS @ np.array(_of_move(melody, setting)) + note[:, None]
    return weights


def _of_note(melody: Melody, setting: Setting) -> tuple[int, ...]:
    """The circumstances of the note, in the order of _OF_NOTE."""
    pitches, tones, coming = melody.pitches, setting.tones, setting.coming
    one = pitches[-1] - pitches[-2] if len(pitches) > 1 else None
    two = pitches[-2] - pitches[-3] if len(pitches) > 2 else None
    silent = setting.onset - melody.onset
    moved = (melody.root, melody.quality) != (tones.root, tones.quality)
    return (
        len(MOVES) if one is None else min(max(one, -WIDEST), WIDEST) + WIDEST,
        _contour(one),
        _contour(two),
        _small(one),
        _small(two),
        tones.quality,
        coming.quality,
        (coming.root, coming.quality) != (tones.root, tones.quality),
        (tones.root - melody.root) % 12 if moved else _SAME_CHORD,
        (melody.last - tones.root) % 12,
        (melody.last - melody.root) % 12,
        melody.role,
        _metre(setting.in_bar, setting.tick),
        sum(silent > end for end in _GAP_ENDS),
        setting.then,
    )


def _contour(move: int | None) -> int:
    return 2 * _SIZES - 1 if move is None else way_of(move) * size_of(move) + _SIZES - 1


def _small(move: int | None) -> int:
    return 2 * _SMALL + 1 if move is None else min(max(move, -_SMALL), _SMALL) + _SMALL


def _metre(in_bar: int, tick: int) -> int:
    """A strong beat, a weak one, an off-beat, a triplet, anything else."""
    if tick == 0:
        return in_bar % 2
    return 2 if tick == OFF_BEAT else 3 if tick in _TRIPLETS else 4


def _of_move(melody: Melody, setting: Setting) -> tuple[Sequence[int] | Int64Array, ...]:
    """The circumstances of each move, in the order of _OF_MOVE."""
    pitches, last, tones = melody.pitches, melody.last, setting.tones
    heard, classes = np.array(pitches), _TONES[last % 12]
    # Of a pitch heard more than once the latest time is kept.
    ages = np.full(_PITCHES, _NEVER)
    ages[heard + WIDEST] = _AGES[len(pitches) : 0 : -1]
    class_ages = np.full(12, _CLASS_NEVER)
    class_ages[heard % 12] = _CLASS_AGES[len(pitches) : 0 : -1]
    near = pitches[-_NEAR:]
    above = last - sum(near) // len(near)
    return (
        *_FIXED,
        _TONES[(last - tones.root) % 12],
        _TONES[(last - setting.coming.root) % 12],
        tones.roles[classes],
        tones.scales[classes],
        ages[last : last + len(MOVES)],
        class_ages[classes],
        *_followed(pitches, last - WIDEST),
        _HIGH[min(max(above, -_FARTHEST), _FARTHEST) + _FARTHEST],
    )


def _followed(pitches: tuple[int, ...], lowest: int) -> tuple[list[int], list[int]]:
    """Whether each pitch from the lowest on followed the last one before, and the last two.

    The first is 0 where nothing did, 1 where others did, 2 where it did, 3 where it was the latest
    to; the second 0 to 2 likewise.
    """
    last, before = pitches[-1], pitches[-2:-1]
    places = [i for i, pitch in enumerate(pitches[:-1]) if pitch == last]
    both = [i for i in places if i and pitches[i - 1 : i] == before]
    once, twice = [int(bool(places))] * len(MOVES), [int(bool(both))] * len(MOVES)
    for its, following, mark in ((once, places, 2), (twice, both, 2), (once, places[-1:], 3)):
        for i in following:
            move = pitches[i + 1] - lowest
            if 0 <= move < len(MOVES):
                its[move] = mark
    return once, twice
