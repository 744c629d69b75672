"""What the intervals of a chord say of its hand: shells, thirds, octaves, locked hands.

Pitches are given ascending.
"""

from collections.abc import Sequence
from itertools import pairwise

_OCTAVE = 12
# Third and seventh are a fourth, tritone or fifth apart, root and seventh a seventh; what pianists
# comp with in two notes. A line that is doubled goes in thirds, sixths or octaves.
_SHELLS = (1, 2, 5, 6, 7, 10, 11)
_LOCKED_VOICES = 4


def is_octave(pitches: Sequence[int]) -> bool:
    """Whether two notes are an octave and nothing else."""
    return len(pitches) == 2 and pitches[1] - pitches[0] == _OCTAVE


def is_close(pitches: Sequence[int]) -> bool:
    """Whether notes lie within an octave."""
    return pitches[-1] - pitches[0] < _OCTAVE


def is_shell(pitches: Sequence[int]) -> bool:
    """Whether two notes are what a hand keeps of a seventh chord."""
    return len(pitches) == 2 and pitches[1] - pitches[0] in _SHELLS


def is_locked(pitches: Sequence[int]) -> bool:
    """Whether a chord has its top doubled an octave below: a line in locked hands."""
    return len(pitches) >= _LOCKED_VOICES and pitches[-1] - pitches[0] == _OCTAVE


def is_stepwise(line: Sequence[int], most: int) -> bool:
    """Whether every note of a line is another than the one before, and at most so far from it."""
    return all(0 < abs(b - a) <= most for a, b in pairwise(line))
