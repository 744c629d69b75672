"""Phrasing: how long and how loud a note of the line is played, and how far pairs swing.

There are two touches. `EvenTouch` is what improvd had before it learned loudness: recordings of
then are played again by it, and LIVE.md's scripts are written in it. `LearnedTouch` plays as the
soloists of the Weimar Jazz Database do (ODbL 1.0; Pfleiderer, Frieler, Abesser, Zaddach, Burkhart,
eds., Inside the Jazzomat, Schott Campus 2017): how loud a note is follows from where in its phrase
it stands, its height and its length, and strays from that as far as theirs do. How far is drawn by
a lot of the seed, the beat and the tick, so that it is the same again to the byte.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from math import cos, erf, log, sqrt, tau
from types import MappingProxyType
from typing import Protocol

from improvd.core.music import PULSES_PER_BEAT
from improvd.core.rhythm import learned_swing, swing_share

# Of the way to the next onset.
EIGHTH_LENGTH = 0.86
QUARTER_LENGTH = 0.71
LAST_LENGTH_BEATS = 0.6
# Quarters are played short (.45) or nearly bound (.95), hardly between; this stands for both.
LEARNED_QUARTER_LENGTH = 0.82
LEARNED_LAST_BEATS = 1.0
# A last note is over by then in the beat after its own, so that a hold finds nothing to tie.
LATEST_END_BEATS = 0.75
MOST_HOLDS = 2
# Beyond this a line is heard as a blur.
MOST_NOTES_PER_SECOND = 15.0

STEPS_PER_DB = 5.0
FIRST_BEAT_DB = 0.9
LAST_BEAT_DB = -1.5
LAST_NOTE_DB = -2.5
OFF_BEAT_DB = -0.7
OCTAVE_DB = 0.8

# What an octave higher, and a beat longer to the next note than half a one, add; and how loud the
# notes of each place are then, at twelve even steps from the softest 0.5 % to the loudest:
# `python -m improvd.training.recipes.loudness`, from 387 solos.
LEARNED_OCTAVE_DB, LEARNED_BEAT_DB, USUAL_BEATS = 2.0, -0.2, 0.5
# MIDI's own loudness, of the DLS specification: so many decibels a decade of velocity.
DB_A_DECADE = 40.0
# Of how far notes stray from their place's middle, the share that slides over a bar and more, not
# from note to note: neighbours are so much alike in solos.
_SLIDING, _SLIDE_PULSES = 0.25, 4 * PULSES_PER_BEAT
# How far the middle goes towards the musician's, in decibels.
FOLLOWED = 0.7

# A synthesiser needs this much silence to hear a repeated pitch as two notes.
REPEAT_GAP_NS = 5_000_000


class Place(Enum):
    """Where a note stands in its phrase's contour."""

    FIRST = "first"
    RISING = "rising"
    FALLING = "falling"
    PEAK = "peak"
    VALLEY = "valley"
    LAST = "last"


def place_of(pitch: int, before: int | None, after: int | None, *, ends: bool) -> Place:
    """The place of a note between two others; None where there is none, or none is known yet.

    `ends`: nothing follows it in the phrase. A repeated pitch counts as falling.
    """
    if ends:
        return Place.LAST
    if before is None:
        return Place.FIRST
    if pitch > before:
        return Place.RISING if after is None or after >= pitch else Place.PEAK
    return Place.VALLEY if after is not None and after > pitch else Place.FALLING


LEVELS_DB: Mapping[Place, tuple[float, ...]] = MappingProxyType(
    {
        Place.FIRST: (-16.1, -5.5, -2.7, -1.1, -0.0, 0.8, 1.6, 2.4, 3.2, 4.2, 5.6, 10.6),
        Place.RISING: (-14.3, -5.9, -3.7, -2.2, -1.2, -0.3, 0.5, 1.3, 2.1, 3.0, 4.4, 9.7),
        Place.FALLING: (-12.5, -4.6, -2.8, -1.6, -0.7, -0.0, 0.7, 1.4, 2.1, 3.0, 4.2, 9.3),
        Place.PEAK: (-13.2, -4.6, -2.6, -1.4, -0.5, 0.3, 1.0, 1.7, 2.4, 3.3, 4.6, 9.6),
        Place.VALLEY: (-15.6, -7.7, -5.5, -4.0, -2.7, -1.7, -0.7, 0.2, 1.1, 2.2, 3.6, 9.3),
        Place.LAST: (-16.7, -9.0, -6.4, -4.6, -3.1, -1.9, -0.8, 0.2, 1.2, 2.3, 3.8, 9.4),
    }
)


@dataclass(frozen=True, slots=True)
class Stroke:
    """What a note is struck in.

    `place` in its phrase; `octaves` above the register's middle; `beats` to the next onset; `pulse`
    of the song, before it swings. `first_beat` and `last_beat` are its phrase's, `off_beat` halfway
    between two beats.
    """

    place: Place
    octaves: float
    beats: float
    pulse: int
    first_beat: bool
    last_beat: bool
    off_beat: bool


class Touch(Protocol):
    """How notes are played. All lengths are in pulses."""

    def swing(self, bpm: float) -> float:
        """The long share of a swung pair at a tempo."""

    def sounding_length(self, to_next_onset: int) -> int:
        """How long a note sounds that has so much time to the next onset."""

    def last_length(self, to_beat_end: int) -> int:
        """How long the last note of a phrase sounds, its beat ending after `to_beat_end`."""

    def most(self, to_beat_end: int) -> int:
        """How long the last note of a beat may sound that is not tied over."""

    def base(self, own: int, musician: float | None) -> float:
        """The middle velocity, `own` being the style's and `musician` theirs of late, if any."""

    def velocity(self, base: float, stroke: Stroke) -> int:
        """The velocity, 1 to 127, of a note; `base` is that of the middle of a phrase."""


@dataclass(frozen=True, slots=True)
class EvenTouch:
    """The medians of the solos, and nothing that strays from them."""

    def swing(self, bpm: float) -> float:
        """See Touch."""
        return swing_share(bpm)

    def sounding_length(self, to_next_onset: int) -> int:
        """See Touch."""
        return sounding_length(to_next_onset)

    def last_length(self, to_beat_end: int) -> int:
        """See Touch."""
        return last_length(to_beat_end)

    def most(self, to_beat_end: int) -> int:
        """See Touch."""
        return to_beat_end

    def base(self, own: int, musician: float | None) -> float:
        """See Touch."""
        del musician
        return own

    def velocity(self, base: float, stroke: Stroke) -> int:
        """See Touch."""
        return velocity(
            base,
            octaves_above_middle=stroke.octaves,
            first_beat=stroke.first_beat,
            last_beat=stroke.last_beat,
            last_note=stroke.place is Place.LAST,
            off_beat=stroke.off_beat,
        )


EVEN = EvenTouch()


@dataclass(frozen=True, slots=True)
class LearnedTouch:
    """As soloists play; what cannot be known of a note is drawn by a lot of the seed."""

    seed: int = 0

    def swing(self, bpm: float) -> float:
        """See Touch."""
        return learned_swing(bpm)

    def sounding_length(self, to_next_onset: int) -> int:
        """See Touch."""
        return sounding_length(to_next_onset, LEARNED_QUARTER_LENGTH)

    def last_length(self, to_beat_end: int) -> int:
        """See Touch."""
        return min(int(LEARNED_LAST_BEATS * PULSES_PER_BEAT), self.most(to_beat_end))

    def most(self, to_beat_end: int) -> int:
        """See Touch."""
        return to_beat_end + int(LATEST_END_BEATS * PULSES_PER_BEAT)

    def base(self, own: int, musician: float | None) -> float:
        """See Touch."""
        return own if musician is None else own * (musician / own) ** FOLLOWED

    def velocity(self, base: float, stroke: Stroke) -> int:
        """See Touch."""
        levels = LEVELS_DB[stroke.place]
        decibels = _at(levels, self._share(stroke.pulse))
        decibels += LEARNED_OCTAVE_DB * stroke.octaves
        decibels += LEARNED_BEAT_DB * (stroke.beats - USUAL_BEATS)
        return min(max(round(base * 10 ** (decibels / DB_A_DECADE)), 1), 127)

    def _share(self, pulse: int) -> float:
        """How many of a hundred notes of its place are softer, 0 to 1."""
        knot, after = divmod(pulse, _SLIDE_PULSES)
        later = after / _SLIDE_PULSES
        slide = (1 - later) * self._normal(2 * knot) + later * self._normal(2 * knot + 2)
        slide /= sqrt((1 - later) ** 2 + later**2)
        own = self._normal(2 * pulse + 1)
        return (1 + erf((sqrt(_SLIDING) * slide + sqrt(1 - _SLIDING) * own) / sqrt(2))) / 2

    def _normal(self, lot: int) -> float:
        """A number of the normal distribution (Box & Muller 1958)."""
        mixed = _mixed(_mixed(self.seed & _BITS) ^ (lot & _BITS))
        one, two = (mixed >> 32) + 1, mixed & 0xFFFFFFFF
        return sqrt(-2 * log(one / 2**32)) * cos(two / 2**32 * tau)


_BITS = (1 << 64) - 1


def _mixed(number: int) -> int:
    """64 bits of which each depends on all of the number's (splitmix64, Steele et al. 2014)."""
    number = (number + 0x9E3779B97F4A7C15) & _BITS
    number = ((number ^ number >> 30) * 0xBF58476D1CE4E5B9) & _BITS
    number = ((number ^ number >> 27) * 0x94D049BB133111EB) & _BITS
    return number ^ number >> 31


def _at(levels: tuple[float, ...], share: float) -> float:
    """The level at a share, between the two that are nearest."""
    place = min(share * (len(levels) - 1), len(levels) - 1.000001)
    index = int(place)
    return levels[index] + (levels[index + 1] - levels[index]) * (place - index)


def sounding_length(to_next_onset: int, quarter: float = QUARTER_LENGTH) -> int:
    """How many pulses a note sounds that has this many to the next onset."""
    short = to_next_onset <= PULSES_PER_BEAT // 2
    return max(int(to_next_onset * (EIGHTH_LENGTH if short else quarter)), 1)


def last_length(to_beat_end: int) -> int:
    """How many pulses the last note of a phrase sounds, its beat ending after `to_beat_end`."""
    return min(int(LAST_LENGTH_BEATS * PULSES_PER_BEAT), max(to_beat_end, 1))


def velocity(  # noqa: PLR0913 - each is one circumstance of a note, and all are by name
    base: float,
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
