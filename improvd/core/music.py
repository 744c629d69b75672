"""Notes and musical time as plain integers.

Musical time is a count of pulses, 480 to the beat; a beat is a quarter note. Figures are written
on a coarser grid of twelve ticks to the beat, which holds sixteenths and triplets alike.
"""

from dataclasses import dataclass

PULSES_PER_BEAT = 480
TICKS_PER_BEAT = 12
PULSES_PER_TICK = PULSES_PER_BEAT // TICKS_PER_BEAT

# The two values of every vocabulary that strike nothing.
REST = 0
HOLD = 1

PITCH_CLASS_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")


@dataclass(frozen=True, slots=True)
class Note:
    """One sounding note. Onset and length in pulses; pitch 0 to 127; velocity 1 to 127."""

    onset: int
    length: int
    pitch: int
    velocity: int = 90


def pitch_name(pitch: int) -> str:
    """Scientific name of a MIDI pitch: 60 is C4."""
    return f"{PITCH_CLASS_NAMES[pitch % 12]}{pitch // 12 - 1}"
