"""Manners: the rules of playing together, each small and pure, its number beside it.

Measured on transcribed solos. Two moments have names: hearing of a beat closes, and the next value
is picked, a little before the beat.
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import quantiles

import numpy as np
import numpy.typing as npt

from improvd.core.vocabulary import BeatNote, Register

# One onset in twenty is played 22 to 27 ms ahead of its beat, at every tempo.
EARLY_NS = 30_000_000
EARLY_SHARE_OF_BEAT = 6
# Onsets this close are one chord, not a melody.
CHORD_NS = 35_000_000
FAINTEST_VELOCITY = 8
# A chord of three or more whose top is under G4 accompanies; hands are this far apart.
COMPING_VOICES = 3
COMPING_BELOW = 67
HAND_GAP = 7

DUCKED_ONSETS = 1
DUCKED_DISTANCE = 5
DUCKED_VELOCITY = -15

# A silence over 1.5 beats ends 94 % of phrases; nobody should wait longer than a bar.
SHORTEST_WAIT_BEATS = 1.5
LONGEST_WAIT_BEATS = 4.0

# Nine phrases in ten are over after 20 beats, and nobody has breath for more than seven seconds.
LONGEST_PHRASE_BEATS = 24
LONGEST_PHRASE_NS = 7_000_000_000


def early_window(beat_ns: int) -> int:
    """How many nanoseconds before a beat its hearing opens, and the one before is picked over."""
    return min(EARLY_NS, beat_ns // EARLY_SHARE_OF_BEAT)


def melody_of_chord(pitches: Sequence[int]) -> int | None:
    """The melody note among pitches struck together; None where they only accompany."""
    ordered = sorted(pitches)
    gaps = [high - low for low, high in pairwise(ordered)]
    widest = max(gaps, default=0)
    if widest >= HAND_GAP:
        ordered = ordered[gaps.index(widest) + 1 :]
    if len(ordered) >= COMPING_VOICES and ordered[-1] < COMPING_BELOW:
        return None
    return ordered[-1]


def wait_before_answer(gaps: Sequence[float]) -> float:
    """Beats of silence after which the player has finished, by the gaps (beats) they leave."""
    usual = quantiles(gaps, n=4)[2] if len(gaps) > 1 else 0.0
    return min(max(SHORTEST_WAIT_BEATS, usual), LONGEST_WAIT_BEATS)


def duck(notes: Sequence[BeatNote], others: Sequence[int], register: Register) -> list[BeatNote]:
    """What is left of a beat's notes while the player sounds the pitches `others`.

    One onset, an octave away where it would come within five semitones of them, or none.
    """
    for note in notes[:DUCKED_ONSETS]:
        for pitch in (note.pitch, note.pitch + 12, note.pitch - 12):
            if pitch in register and all(abs(pitch - o) >= DUCKED_DISTANCE for o in others):
                return [BeatNote(note.tick, pitch)]
    return []


def near(notes: Sequence[BeatNote], pitch: int, register: Register) -> list[BeatNote]:
    """The notes of an answer in the octave in which it begins nearest to the player's last pitch.

    Within six semitones of it, unless one of them would leave the register.
    """
    octaves = [
        [BeatNote(note.tick, note.pitch + shift) for note in notes]
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
