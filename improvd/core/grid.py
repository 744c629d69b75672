"""The grid of a take: the beats as they fell, on which a DAW's ruler is laid."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from improvd.core.music import PULSES_PER_BEAT
from improvd.core.playing.beat import Beat

# After a longer step than this, in beats, the time between was not one slow beat but a pause.
_SLOWEST_STEP = 4
# Beats closer than that are no tempo: something jumped.
_FASTEST_NS = 100_000_000
_SHORTEST_NS = 1_000_000


@dataclass(frozen=True, slots=True)
class RulerBeat:
    """A beat of the ruler: when it falls, and the chord that was played; None in a pause."""

    start_ns: int
    chord: str | None
    starts_bar: bool
    beats_per_bar: float


class Grid:
    """The beats of a take one after another, pauses filled with beats that nobody played.

    Args:
        beats: in the order in which they were played.
        beat_ns: how long a beat lasts, as far as the beats themselves do not tell.
        beats_per_bar: of the bars of beats that do not say it themselves.
    """

    def __init__(self, beats: Sequence[Beat], beat_ns: int, beats_per_bar: float) -> None:
        self._beats_per_bar = beats_per_bar
        self._next_in_bar = -1  # where in its bar the next beat is, if nothing jumps; 0 is first
        self.places: list[RulerBeat] = []
        self.last_ns = beat_ns
        """How long the last beat lasts, and all time after it."""
        for beat, following in pairwise(beats):
            self._fill(beat, following)
        if beats:
            self._put(beats[-1], beats[-1].start_ns)
        self.starts = [place.start_ns for place in self.places] or [0]
        """When each beat of the ruler falls, in ns."""

    @property
    def end(self) -> int:
        """The tick at which the last beat is over."""
        return len(self.places) * PULSES_PER_BEAT

    def tick(self, ns: int) -> int:
        """The tick of a nanosecond; 0 for all before the first beat."""
        index = max(bisect_right(self.starts, ns) - 1, 0)
        start = self.starts[index]
        later = index + 1 < len(self.starts)
        length = self.starts[index + 1] - start if later else self.last_ns
        return max(index * PULSES_PER_BEAT + round((ns - start) * PULSES_PER_BEAT / length), 0)

    def bars(self) -> Iterator[tuple[int, float]]:
        """The beat at which each bar begins, and how many beats it has.

        A bar that was broken off, by a jump in the song or by another chart, is as long as it
        lasted. Bars of no whole number of beats begin between beats: they are all taken to be
        whole, and told once.
        """
        if not self.places:
            yield 0, self._beats_per_bar
        starts = [index for index, place in enumerate(self.places) if place.starts_bar]
        before = 0.0
        for start, following in zip_longest(starts, starts[1:]):
            whole = self.places[start].beats_per_bar
            if not whole % 1:
                yield start, whole if following is None else following - start
            elif whole != before:
                yield start, whole
            before = whole

    def _fill(self, beat: Beat, following: Beat) -> None:
        """Put a beat, and as many after it as the pause before the following one is long."""
        self._put(beat, beat.start_ns)
        start = self.places[-1].start_ns
        length = max(following.start_ns - start, _SHORTEST_NS)
        steps = round(length / self.last_ns)
        steps = steps if steps > _SLOWEST_STEP else 1
        for step in range(1, steps):
            self._put(None, start + length * step // steps)
        self.last_ns = max(length // steps, _FASTEST_NS)

    def _put(self, beat: Beat | None, start_ns: int) -> None:
        if self.places:
            start_ns = max(start_ns, self.places[-1].start_ns + _SHORTEST_NS)
        if beat and beat.beats_per_bar is not None:
            self._beats_per_bar = beat.beats_per_bar
        place = beat.beat_in_bar - 1 if beat else self._next_in_bar
        starts_bar = place == 0 or place != self._next_in_bar
        chord = beat.chord if beat else None
        self.places.append(RulerBeat(start_ns, chord, starts_bar, self._beats_per_bar))
        self._next_in_bar = place + 1 if place + 1 < self._beats_per_bar else 0
