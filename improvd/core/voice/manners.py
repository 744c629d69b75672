"""Manners: the rules of playing together, each small and pure, its number beside it.

Measured on transcribed solos.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from improvd.core.network.vocabulary import BeatNote, Register

DUCKED_ONSETS = 1
DUCKED_DISTANCE = 5
DUCKED_VELOCITY = -15

# Nine phrases in ten are over after 20 beats, and nobody has breath for more than seven seconds.
LONGEST_PHRASE_BEATS = 24
LONGEST_PHRASE_NS = 7_000_000_000


def duck(notes: Sequence[BeatNote], others: Sequence[int], register: Register) -> list[BeatNote]:
    """What is left of a beat's notes while the musician sounds the pitches `others`.

    One onset, an octave away where it would come within five semitones of them, or none.
    """
    for note in notes[:DUCKED_ONSETS]:
        for pitch in (note.pitch, note.pitch + 12, note.pitch - 12):
            if pitch in register and all(abs(pitch - o) >= DUCKED_DISTANCE for o in others):
                return [replace(note, pitch=pitch)]
    return []


def near(notes: Sequence[BeatNote], pitch: int, register: Register) -> list[BeatNote]:
    """The notes of an answer in the octave in which it begins nearest to the musician's last pitch.

    Within six semitones of it, unless one of them would leave the register.
    """
    octaves = [
        [replace(note, pitch=note.pitch + shift) for note in notes]
        for shift in range(-120, 121, 12)
    ]
    fitting = [moved for moved in octaves if all(note.pitch in register for note in moved)]
    return min(fitting, key=lambda moved: abs(moved[0].pitch - pitch), default=list(notes))


def out_of_breath(beats: int, beat_ns: int) -> bool:
    """Whether a phrase of so many beats has to end."""
    return beats >= LONGEST_PHRASE_BEATS or beats * beat_ns >= LONGEST_PHRASE_NS


def too_busy(
    onsets: npt.NDArray[np.int64], beat_ns: int, notes_per_second: float
) -> npt.NDArray[np.int64]:
    """The values with more notes a second than allowed; `onsets` is by value."""
    most = notes_per_second * beat_ns / 1e9
    return np.flatnonzero(onsets > max(most, 1.0))
