"""Parting what is struck together or in turn into melody, bass and accompaniment.

What decides is cheap: register, what is struck together, gaps between pitches, and who moves. One
line alone is melody wherever it lies. A second voice is one that sounds beneath another, or that
leaps far below the line; chords accompany unless their top goes on with a line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from improvd.core.hearing.keyboard import Struck
from improvd.core.hearing.parting import intervals
from improvd.core.hearing.parting.overlaps import two_together
from improvd.core.hearing.windows import LONGEST_WAIT_BEATS, Spans
from improvd.core.music import PULSES_PER_BEAT

# Hands are this far apart; open voicings have gaps up to eight between their upper voices.
HAND_GAP = 7
OPEN_GAP = 9
# A chord of two, three or more notes whose top is below these accompanies, where nothing tells
# more: two voices under G4, three under C5, four under E5.
COMPING_BELOW = {1: 67, 2: 67, 3: 72, 4: 76}
# A note under C3, more than an octave under the line: five melody notes in 10,000 leap like that.
BASS_BELOW = 52
BASS_LEAP = 16
# The lowest of a chord is its bass, if the hand above is apart from it.
CHORD_BASS_BELOW = 48
# A single note over a bass is melody from G3 on.
_OVER_BASS = 55
# A chord's top goes on with a line that is as near as this in pitch, a beat or less after it.
_ABOVE_LINE, _BELOW_LINE = 9, 4
# A key that is up again so soon after the next is down was a grace note and no chord's.
_GRACE = PULSES_PER_BEAT // 16
_LEFT_STAYS = round(LONGEST_WAIT_BEATS * PULSES_PER_BEAT)
_LOWEST_BLOCK = 60
# From these rules of playing on, intervals tell too. Tops of a harmonised line are from G4 on, and
# go by steps; nobody comps with the top of a shell over E5, or with thirds and sixths from C4 on.
_BY_INTERVALS = 4
_BLOCK_TOP, _BLOCK_STEP = 67, 4
_SHELL_TOP, _THIRDS_TOP = 76, 60
# A shell's top goes on with a line if it lies no further under it.
_SHELL_BELOW_LINE = 2


@dataclass(frozen=True, slots=True)
class Parts:
    """What a group is: a melody note or None, its accompaniment, and a bass note or None."""

    melody: int | None
    chord: tuple[int, ...] = ()
    bass: int | None = None


@dataclass(slots=True)
class Hands:
    """Parts groups of notes, in order. Knows the line, the left hand and the latest chords.

    `line` is the last melody pitch, `line_pulse` when it was struck and `alone_pulse` when one was
    struck that was no chord's. `low` and `left` are the lowest and the top of the chord that last
    accompanied, of so many `voices`, at `left_pulse`. `bass` is the last note of a voice beneath
    the line, which single low notes belong to until `under`; `two` is when both were last heard
    together, and `sure` whether that was more than once. `tops` are the tops of the latest chords
    in a row, a beat or less apart, and `chord_pulse` is the last one's. `rules` are those of what
    is played.
    """

    line: int | None = None
    line_pulse: int = 0
    alone_pulse: int | None = None
    low: int = 0
    left: int | None = None
    voices: int = 0
    left_pulse: int = 0
    bass: int = 0
    under: int | None = None
    two: int = 0
    sure: bool = False
    tops: tuple[int, ...] = ()
    chord_pulse: int = 0
    rules: int = 0

    def copy(self) -> "Hands":
        """Another that knows the same."""
        return replace(self)

    def jump(self, moved: int) -> None:
        """All that was struck is so many pulses later."""
        self.line_pulse += moved
        self.left_pulse += moved
        self.two += moved
        self.chord_pulse += moved
        if self.alone_pulse is not None:
            self.alone_pulse += moved
        if self.under is not None:
            self.under += moved

    def look(self, notes: Sequence[Struck], end: int, spans: Spans) -> None:
        """Before the notes of a beat are parted: do two voices sound together in it?

        Args:
            notes: by pulse, with those before that may still sound.
            end: of the beat; what sounds together after it is seen in the next.
            spans: the windows.
        """
        both_ways = self.rules >= _BY_INTERVALS
        for low, high, pulse in two_together(notes, end, spans, both_ways=both_ways):
            if high - low >= HAND_GAP:
                self._two_hands(low, high, pulse)

    def _two_hands(self, low: int, high: int, pulse: int) -> None:
        known = self.under is not None and pulse <= self.under
        if not known or self.line is None:
            self.bass, self.line, self.line_pulse = low, high, pulse
        again = pulse - self.two >= PULSES_PER_BEAT
        self.sure = known and (self.sure or again)
        self.two = pulse if again or not known else self.two
        self.under = pulse + _LEFT_STAYS

    def part(self, group: Sequence[Struck]) -> Parts:
        """What the notes of a group are; groups are given in their order."""
        pulse = group[0].pulse
        main = group[1:] if _begins_with_grace(group) else group
        pitches = sorted({note.pitch for note in main})
        parts = self._single(pitches[0], pulse) if len(pitches) == 1 else self._of(pitches, pulse)
        self._remember(parts, pulse)
        return parts

    def _single(self, pitch: int, pulse: int) -> Parts:
        return Parts(None, bass=pitch) if self._is_left(pitch, pulse) else Parts(pitch)

    def _is_left(self, pitch: int, pulse: int) -> bool:
        """Whether a note struck alone is the left hand's."""
        if self.rules >= _BY_INTERVALS and self._is_under_a_hand(pitch, pulse):
            return True
        if self._comping(pulse):
            return pitch < self.low
        if self.line is None:
            return False
        if self.under is not None and pulse <= self.under:
            return 2 * pitch < self.bass + self.line
        soon = pulse - self.line_pulse <= 2 * PULSES_PER_BEAT
        return soon and pitch < BASS_BELOW and self.line - pitch >= BASS_LEAP

    def _is_under_a_hand(self, pitch: int, pulse: int) -> bool:
        """Whether a low note lies under all of a hand's chords, whatever was a line before it."""
        chords = self.voices > 1 and pulse - self.left_pulse <= _LEFT_STAYS
        return chords and pitch < min(self.low, _OVER_BASS)

    def _comping(self, pulse: int) -> bool:
        """Whether chords go on and no line does."""
        chords = bool(self.tops) and pulse - self.chord_pulse <= _LEFT_STAYS
        return chords and (self.line is None or pulse - self.line_pulse > _LEFT_STAYS)

    def _of(self, pitches: list[int], pulse: int) -> Parts:
        """The parts of a chord, its pitches ascending."""
        gaps = [high - low for low, high in pairwise(pitches)]
        low, upper = None, pitches
        if pitches[0] < CHORD_BASS_BELOW and gaps[0] >= HAND_GAP:
            low, upper, gaps = pitches[0], pitches[1:], gaps[1:]
        top = upper[-1]
        melody = top if self._is_melody(upper, gaps, pulse) else None
        rest = upper[:-1] if melody is not None else upper
        return Parts(melody, tuple(rest), low)

    def _is_melody(self, upper: list[int], gaps: list[int], pulse: int) -> bool:
        """Whether the top of what is above the bass is melody."""
        top = upper[-1]
        if len(upper) == 1:
            return top >= _OVER_BASS
        if self.rules >= _BY_INTERVALS:
            told = self._by_intervals(upper, pulse)
            if told is not None:
                return told
        side = self._side(upper, pulse)
        if side is not None:
            return side
        widest = max(gaps, default=0)
        over = len(upper) - 1 - (gaps.index(widest) if gaps else 0)  # notes above the widest gap
        apart = widest >= HAND_GAP
        if self._goes_on(top, pulse) and (len(upper) <= 2 or gaps[-1] >= 3 or not apart):
            return True
        if self.rules < _BY_INTERVALS and self._block_line(top, pulse):
            return True
        return _leads(over if widest >= OPEN_GAP else len(upper), top)

    def _by_intervals(self, upper: list[int], pulse: int) -> bool | None:
        """Whether the top is melody, where intervals tell."""
        if len(upper) > 2:
            return True if self._harmonised(upper, pulse) else None
        if intervals.is_octave(upper):
            return upper[0] >= CHORD_BASS_BELOW
        return self._of_two(upper, pulse) if intervals.is_close(upper) else None

    def _harmonised(self, upper: list[int], pulse: int) -> bool:
        """Whether three notes or more are a line in block chords, or in locked hands."""
        line = (*self.tops, upper[-1])
        stepwise = self._block_line(upper[-1], pulse) and intervals.is_stepwise(line, _BLOCK_STEP)
        return upper[-1] >= _BLOCK_TOP and (stepwise or intervals.is_locked(upper))

    def _of_two(self, upper: list[int], pulse: int) -> bool:
        """Whether of two notes within an octave the upper one is melody."""
        top = upper[-1]
        if self._goes_on(top, pulse) and top - (self.line or 0) >= -_SHELL_BELOW_LINE:
            return True
        if intervals.is_shell(upper):
            return top >= _SHELL_TOP
        known = COMPING_BELOW[2] if self._comping(pulse) else _THIRDS_TOP
        return top >= known and not self._far_under_line(top, pulse)

    def _far_under_line(self, top: int, pulse: int) -> bool:
        """Whether a line goes on that is more than an octave above."""
        if self.line is None or pulse - self.line_pulse > _LEFT_STAYS:
            return False
        return not intervals.is_close(sorted((top, self.line)))

    def _side(self, upper: list[int], pulse: int) -> bool | None:
        """Whether the top is the line's and not the left hand's, where both are known.

        As many notes as the left hand's chords have, none apart, are a chord of its own.
        """
        if self.left is None or self.line is None:
            return None
        if pulse - self.left_pulse > 2 * _LEFT_STAYS or pulse - self.line_pulse > 2 * _LEFT_STAYS:
            return None
        apart = upper[-1] - upper[-2] >= HAND_GAP or len(upper) > self.voices
        return apart and abs(upper[-1] - self.line) <= abs(upper[-1] - self.left)

    def _goes_on(self, top: int, pulse: int) -> bool:
        """Whether a chord's top goes on with a line of single notes."""
        if self.line is None or self.alone_pulse is None:
            return False
        soon = pulse - self.alone_pulse <= PULSES_PER_BEAT
        return soon and -_BELOW_LINE <= top - self.line <= _ABOVE_LINE

    def _block_line(self, top: int, pulse: int) -> bool:
        """Whether the tops of chords in a row make a line: each moves, a beat or less apart."""
        if pulse - self.chord_pulse > PULSES_PER_BEAT or len(self.tops) < 2:
            return False
        line = (*self.tops, top)
        return top >= _LOWEST_BLOCK and all(a != b for a, b in pairwise(line))

    def _remember(self, parts: Parts, pulse: int) -> None:
        chord = (*parts.chord, *(() if parts.melody is None else (parts.melody,)))
        if len(chord) > 1:
            again = pulse - self.chord_pulse <= PULSES_PER_BEAT
            self.tops = (*self.tops[-1:], chord[-1]) if again else (chord[-1],)
            self.chord_pulse = pulse
        left = parts.chord
        if parts.melody is not None:
            self.line, self.line_pulse = parts.melody, pulse
            if len(parts.chord) <= 1:
                self.alone_pulse = pulse
            left = tuple(pitch for pitch in left if parts.melody - pitch >= HAND_GAP)
        if left:
            self.low, self.left, self.left_pulse = left[0], left[-1], pulse
            self.voices = len(left)
        if parts.bass is not None:
            self.bass = parts.bass
            if self.sure and self.under is not None and pulse <= self.under:
                self.under = pulse + _LEFT_STAYS


def _leads(count: int, top: int) -> bool:
    """Whether the top of so many notes is melody, where nothing but their register tells."""
    return top >= COMPING_BELOW[min(count, 4)]


def _begins_with_grace(group: Sequence[Struck]) -> bool:
    """Whether the first of two notes is up again as soon as the second is down."""
    return len(group) == 2 and not group[0].down_at(group[1].pulse + _GRACE)
