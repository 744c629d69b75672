"""What the band hears of the musician and the soloist, kept over a bar or two."""

from dataclasses import dataclass, replace

from improvd.core.hearing.ear import HeardBeat

# So many onsets of four beats are a line that leaves no room.
_FULL = 8
_BAR, _TWO_BARS = 4, 8
# Who struck fewer notes than these in two bars says nothing about loudness.
_FEWEST_NOTES = 3
_PLAIN_VELOCITY, _LIFT_PER_STEP, _MOST_LIFT = 80, 0.45, 16
_LOUD, _LOUD_SPAN = 70, 45
_HOTTEST_BEAT = 4
_COOLING = 0.88
_CHORD = 2


@dataclass(frozen=True, slots=True)
class Listening:
    """What was heard, beat by beat, up to the one that just closed.

    `onsets` are those of the last four beats, the musician's and the soloist's, `theirs` the
    musician's alone; `loudness` the sum of velocities and the count of the musician's notes in each
    of the last eight. `comping` and `low_until` are the beats up to which the musician is taken to
    comp, and to have a left hand whose lowest note is `low`. `heat` is how near to a climax it is
    (0 to 1).
    """

    onsets: tuple[int, ...] = ()
    loudness: tuple[tuple[int, int], ...] = ()
    comping: int | None = None
    low: int = 0
    low_until: int | None = None
    heat: float = 0.0
    theirs: tuple[int, ...] = ()

    def after(self, beat: int, heard: HeardBeat, struck: tuple[int, int], own: int) -> "Listening":
        """What is known once a beat has closed.

        Args:
            beat: its number.
            heard: what the musician did in it.
            struck: the sum of velocities and the count of the musician's notes.
            own: how many notes the soloist struck.
        """
        onsets = len(heard.melody) + own
        loudness = (*self.loudness, struck)[-_TWO_BARS:]
        lowest = min((pitch for _, pitch in heard.bass + heard.chords), default=None)
        chord = len({pitch for _, pitch in heard.chords}) >= _CHORD
        return replace(
            self,
            onsets=(*self.onsets, onsets)[-_BAR:],
            theirs=(*self.theirs, len(heard.melody))[-_BAR:],
            loudness=loudness,
            comping=beat + _BAR if chord else self.comping,
            low=self.low if lowest is None else lowest,
            low_until=self.low_until if lowest is None else beat + _BAR,
            heat=_COOLING * self.heat + (1 - _COOLING) * _heat(onsets, loudness),
        )

    def jump(self, beats: int) -> "Listening":
        """The same, so many beats later."""
        return replace(
            self, comping=_later(self.comping, beats), low_until=_later(self.low_until, beats)
        )

    @property
    def busy(self) -> float:
        """How much of the last bar others filled, 0 to 1."""
        return min(sum(self.onsets) / _FULL, 1.0)

    @property
    def filled(self) -> float:
        """How much of the last bar the musician filled, 0 to 1."""
        return min(sum(self.theirs) / _FULL, 1.0)

    @property
    def lift(self) -> int:
        """How much louder than plain to play, in velocity, to be as loud as the musician."""
        mean = _mean(self.loudness)
        if mean is None:
            return 0
        return round(max(min((mean - _PLAIN_VELOCITY) * _LIFT_PER_STEP, _MOST_LIFT), -_MOST_LIFT))

    def comps(self, beat: int) -> bool:
        """Whether the musician comps, as far as is known."""
        return self.comping is not None and beat <= self.comping

    def under(self, beat: int) -> int | None:
        """The lowest note of the musician's left hand, None where there is none."""
        return self.low if self.low_until is not None and beat <= self.low_until else None


def _heat(onsets: int, loudness: tuple[tuple[int, int], ...]) -> float:
    """How hot a beat is: half of it is how much is played, half how loud."""
    mean = _mean(loudness)
    loud = 0.0 if mean is None else max(min((mean - _LOUD) / _LOUD_SPAN, 1.0), 0.0)
    return 0.5 * min(onsets / _HOTTEST_BEAT, 1.0) + 0.5 * loud


def _mean(loudness: tuple[tuple[int, int], ...]) -> float | None:
    count = sum(notes for _, notes in loudness)
    return sum(total for total, _ in loudness) / count if count >= _FEWEST_NOTES else None


def _later(beat: int | None, beats: int) -> int | None:
    return None if beat is None else beat + beats
