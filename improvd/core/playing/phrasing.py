"""Phrasing: how long and how loud a note of the line is played.

The numbers are medians of 399 transcribed solos (Weimar Jazz Database); nothing here is random.
"""

from improvd.core.music import PULSES_PER_BEAT

# Of the way to the next onset.
EIGHTH_LENGTH = 0.86
QUARTER_LENGTH = 0.71
LAST_LENGTH_BEATS = 0.6
MOST_HOLDS = 2
# Beyond this a line is heard as a blur.
MOST_NOTES_PER_SECOND = 15.0

STEPS_PER_DB = 5.0
FIRST_BEAT_DB = 0.9
LAST_BEAT_DB = -1.5
LAST_NOTE_DB = -2.5
OFF_BEAT_DB = -0.7
OCTAVE_DB = 0.8

# A synthesiser needs this much silence to hear a repeated pitch as two notes.
REPEAT_GAP_NS = 5_000_000


def sounding_length(to_next_onset: int) -> int:
    """How many pulses a note sounds that has this many to the next onset."""
    short = to_next_onset <= PULSES_PER_BEAT // 2
    return max(int(to_next_onset * (EIGHTH_LENGTH if short else QUARTER_LENGTH)), 1)


def last_length(to_beat_end: int) -> int:
    """How many pulses the last note of a phrase sounds, its beat ending after `to_beat_end`."""
    return min(int(LAST_LENGTH_BEATS * PULSES_PER_BEAT), max(to_beat_end, 1))


def velocity(  # noqa: PLR0913 - each is one circumstance of a note, and all are by name
    base: int,
    *,
    octaves_above_middle: float,
    first_beat: bool,
    last_beat: bool,
    last_note: bool,
    off_beat: bool,
) -> int:
    """The velocity, 1 to 127, of a note in these circumstances."""
    decibels = OCTAVE_DB * octaves_above_middle
    decibels += FIRST_BEAT_DB * first_beat + OFF_BEAT_DB * off_beat
    decibels += LAST_NOTE_DB if last_note else LAST_BEAT_DB * last_beat
    return min(max(round(base + STEPS_PER_DB * decibels), 1), 127)
