"""The harmony as it is played: the chart's, until the musician's hands say otherwise.

What is struck in a beat counts for that beat, off the beat for the next one. The chart's chord
holds as long as nothing was struck since it came, and wherever what was struck agrees with it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from improvd.core.harmony.chart import Chart
from improvd.core.harmony.chord import Chord
from improvd.core.harmony.scales import Harmony
from improvd.core.hearing.chords import chord_filter, grips
from improvd.core.hearing.chords.chord_filter import Belief, ChordChanges
from improvd.core.hearing.chords.choruses import Choruses
from improvd.core.hearing.chords.grips import Hit
from improvd.core.hearing.ear import HeardBeat

# The chart is left for what is so many times likelier.
_MARGIN = 2.0
# From this tick on a hit anticipates the next beat.
_OFF_BEAT = 5.0
# So many of those hits still have the chord of the beat they fall in.
_STILL = 0.15
# Fewer pitches than these together are no chord; with a bass, one fewer.
_CHORD = 3
# By shapes, two notes that accompany are one too: a third and a seventh.
_SHELL = 2


# From these rules of playing on, a hit is known by its shape, and choruses are remembered.
_BY_SHAPE = 4


@dataclass(frozen=True, slots=True)
class LiveHarmonyMemory:
    """What a live harmony goes on from. `belief` is empty where nothing was followed yet.

    `expected` is the chart's state of the latest beat, `struck` whether anything was struck since
    the chart's chord came, `heard` the state that overrules it, `changed` whether that is new.
    `choruses` are those that were played without a chart.
    """

    belief: npt.NDArray[np.float64]
    expected: int | None = None
    struck: bool = False
    heard: int | None = None
    changed: bool = False
    choruses: Choruses = field(default_factory=Choruses)


NOTHING_FOLLOWED = LiveHarmonyMemory(np.zeros(0, dtype=np.float64))


class LiveHarmony:
    """Follows chords beat by beat, by these rules of playing. Never blocks."""

    def __init__(self, rules: int) -> None:
        self._by_shape = rules >= _BY_SHAPE
        self.memory = NOTHING_FOLLOWED

    def follow(self, changes: ChordChanges, chart: Chart, beat: int, before: HeardBeat) -> None:
        """A beat is about to be picked; `before` is what was heard in the one before it."""
        known = self.memory
        believed = _Believed(
            known.belief if known.belief.size else changes.usual,
            known.choruses if self._by_shape and chart.live else None,
        )
        on, off = _hits(before, _SHELL if self._by_shape else _CHORD)
        for hit in on:
            believed = self._struck(believed, hit)
        expected = None if chart.live else chord_filter.state_of(chart.at(beat).chord)
        new = not chart.live and not _same(chart.at(beat).chord, chart.at(beat - 1).chord)
        place = int(chart.place(beat).beat)

        def later(belief: Belief) -> Belief:
            return changes.predict(belief, place, expected, new=new)

        belief = later(believed.plain)
        choruses = believed.choruses and believed.choruses.later(
            changes, belief, place, chart.beats_per_bar
        )
        gone, believed = believed.plain, _Believed(belief, choruses)
        for hit in off:
            once = self._struck(believed, hit)
            believed = replace(once, plain=self._of_either(hit, gone, believed.plain, later))
        struck = bool(off) or ((known.struck or bool(on)) and (not new or bool(off)))
        joined = believed.joined(changes, place, chart.beats_per_bar)
        heard = self._heard(joined, chart, beat) if struck else None
        self.memory = LiveHarmonyMemory(
            believed.plain,
            expected,
            struck,
            heard,
            heard != known.heard,
            believed.choruses or known.choruses,
        )

    def _of_either(
        self, hit: Hit, gone: Belief, belief: Belief, later: Callable[[Belief], Belief]
    ) -> Belief:
        """The belief after a hit off the beat: of the next beat's chord, or still of this one's.

        `gone` is the belief of the beat that the hit falls in, `belief` that of the next one.
        """
        if not self._by_shape:
            return chord_filter.struck(belief, *hit)
        likelihood = grips.likelihood(hit)
        weighed = gone * likelihood
        total = weighed.sum()
        either = (1 - _STILL) * belief * likelihood + _STILL * total * later(weighed / total)
        result: Belief = either / either.sum()
        return result

    def _struck(self, believed: "_Believed", hit: Hit) -> "_Believed":
        if not self._by_shape:
            return _Believed(chord_filter.struck(believed.plain, *hit))
        weighed = believed.plain * grips.likelihood(hit)
        choruses = believed.choruses and believed.choruses.struck(hit, believed.plain)
        return _Believed(weighed / weighed.sum(), choruses)

    def at(self, chart: Chart, beat: int) -> Harmony:
        """The harmony of the beat that was followed last, or of the one after it."""
        heard = self.memory.heard
        return chart.at(beat) if heard is None else chord_filter.harmony_of(heard)

    def _heard(self, belief: npt.NDArray[np.float64], chart: Chart, beat: int) -> int | None:
        """The likeliest state, None where the chart says as much."""
        likeliest = int(belief.argmax())
        if chart.live:
            return likeliest
        written = chart.at(beat).chord
        sure = belief[likeliest] > _MARGIN * belief[chord_filter.state_of(written)]
        return likeliest if sure and not chord_filter.agrees(likeliest, written) else None


@dataclass(frozen=True, slots=True)
class _Believed:
    """The belief that nothing is repeated, and the choruses beside it, where they count."""

    plain: Belief
    choruses: Choruses | None = None

    def joined(self, changes: ChordChanges, place: int, beats_per_bar: float) -> Belief:
        """What is believed of the latest beat, all in all."""
        if self.choruses is None:
            return self.plain
        return self.choruses.joined(changes, self.plain, place, beats_per_bar)


def _hits(heard: HeardBeat, fewest: int) -> tuple[list[Hit], list[Hit]]:
    """The chords of a beat, on it and off it: pitches, and the bass under them.

    `fewest` is how many pitch classes that accompany are a chord without anything else.
    """
    groups: dict[float, list[int]] = {}
    for at, pitch in (*heard.chords, *heard.melody):
        groups.setdefault(at, []).append(pitch)
    basses = dict(heard.bass)
    on: list[Hit] = []
    off: list[Hit] = []
    for at in sorted(groups.keys() | basses.keys()):
        pitches, bass = groups.get(at, []), basses.get(at)
        together = (*pitches, *(() if bass is None else (bass,)))
        accompany = {pitch % 12 for when, pitch in heard.chords if when == at}
        if len(set(together)) >= _CHORD or len(accompany) >= fewest:
            (off if at >= _OFF_BEAT else on).append((tuple(sorted(together)), bass))
    return on, off


def _same(one: Chord, other: Chord) -> bool:
    return one.root == other.root and one.tones == other.tones
