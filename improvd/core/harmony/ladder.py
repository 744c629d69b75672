"""The ladder: a chord-scale laid out over all octaves, on which melodies move by steps.

A pitch is a rung, or a semitone above the rung below it (a chromatic note). Steps counted in rungs
fit any chord and any register, which is what lets one value mean the same figure everywhere.
"""

from collections.abc import Iterable
from functools import cache

import numpy as np
import numpy.typing as npt

# Rungs reach three octaves past MIDI's ends, so that hardly a figure runs off the ladder.
_LOWEST = -36
_HIGHEST = 163


class Ladder:
    """The rungs of one chord-scale.

    `rungs` holds their pitches in ascending order, int64, from three octaves below pitch 0 to
    three above 127; `rung_of[p + 36]` is the index of the highest rung at or below pitch p.
    Instances are immutable; equal pitch classes share one through `ladder()`.
    """

    __slots__ = ("pitch_classes", "rung_of", "rungs")

    def __init__(self, pitch_classes: tuple[int, ...]) -> None:
        self.pitch_classes = pitch_classes
        on_ladder = [p for p in range(_LOWEST, _HIGHEST + 1) if p % 12 in pitch_classes]
        self.rungs: npt.NDArray[np.int64] = np.array(on_ladder, dtype=np.int64)
        every_pitch = np.arange(_LOWEST, _HIGHEST + 1)
        below = np.searchsorted(self.rungs, every_pitch, side="right") - 1
        self.rung_of: npt.NDArray[np.int64] = np.maximum(below, 0).astype(np.int64)
        self.rungs.flags.writeable = False
        self.rung_of.flags.writeable = False

    def rung(self, pitch: int) -> int:
        """Index of the highest rung at or below a pitch (0 to 127)."""
        return int(self.rung_of[pitch - _LOWEST])

    def pitch(self, rung: int, chromatic: int = 0) -> int:
        """Pitch of a rung, a semitone above it where chromatic is 1.

        Past either end the ladder's last rung stands for all that would follow.
        """
        return int(self.rungs[min(max(rung, 0), len(self.rungs) - 1)]) + chromatic

    def __repr__(self) -> str:
        return f"Ladder{self.pitch_classes}"


@cache
def _shared(pitch_classes: tuple[int, ...]) -> Ladder:
    return Ladder(pitch_classes)


def ladder(pitch_classes: Iterable[int]) -> Ladder:
    """The ladder of these pitch classes (any order, any octave).

    Raises ValueError for an empty set: a melody needs a rung to stand on.
    """
    classes = tuple(sorted({pc % 12 for pc in pitch_classes}))
    if not classes:
        raise ValueError("a ladder needs at least one pitch class")
    return _shared(classes)
