"""The windows and thresholds of hearing: what belongs to a beat, to a chord, to a phrase.

Each is small and pure, its number beside it, measured on transcribed solos. Two moments have names:
hearing of a beat closes, and the next value is picked, a little before the beat.
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import quantiles

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

# A silence over 1.5 beats ends 94 % of phrases; nobody should wait longer than a bar.
SHORTEST_WAIT_BEATS = 1.5
LONGEST_WAIT_BEATS = 4.0


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
    """Beats of silence after which the musician has finished, by the gaps (beats) they leave."""
    usual = quantiles(gaps, n=4)[2] if len(gaps) > 1 else 0.0
    return min(max(SHORTEST_WAIT_BEATS, usual), LONGEST_WAIT_BEATS)
