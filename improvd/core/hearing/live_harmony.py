"""The harmony as it is played: the chart's, until the musician's hands say otherwise.

What is struck in a beat counts for that beat, off the beat for the next one. The chart's chord
holds as long as nothing was struck since it came, and wherever what was struck agrees with it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from improvd.core.harmony.chart import Chart
from improvd.core.harmony.chord import Chord
from improvd.core.harmony.scales import Harmony
from improvd.core.hearing import chord_filter
from improvd.core.hearing.chord_filter import ChordChanges
from improvd.core.hearing.ear import HeardBeat

# The chart is left for what is so many times likelier.
_MARGIN = 2.0
# From this tick on a hit anticipates the next beat.
_OFF_BEAT = 5.0
# Fewer pitches than these together are no chord; with a bass, one fewer.
_CHORD = 3


@dataclass(frozen=True, slots=True)
class LiveHarmonyMemory:
    """What a live harmony goes on from. `belief` is empty where nothing was followed yet.

    `expected` is the chart's state of the latest beat, `struck` whether anything was struck since
    the chart's chord came, `heard` the state that overrules it, `changed` whether that is new.
    """

    belief: npt.NDArray[np.float64]
    expected: int | None = None
    struck: bool = False
    heard: int | None = None
    changed: bool = False


NOTHING_FOLLOWED = LiveHarmonyMemory(np.zeros(0, dtype=np.float64))


class LiveHarmony:
    """Follows chords beat by beat. Never blocks."""

    def __init__(self) -> None:
        self.memory = NOTHING_FOLLOWED

    def follow(self, changes: ChordChanges, chart: Chart, beat: int, before: HeardBeat) -> None:
        """A beat is about to be picked; `before` is what was heard in the one before it."""
        known = self.memory
        belief = known.belief if known.belief.size else changes.usual
        on, off = _hits(before)
        for pitches, bass in on:
            belief = chord_filter.struck(belief, pitches, bass)
        expected = None if chart.live else chord_filter.state_of(chart.at(beat).chord)
        new = not chart.live and not _same(chart.at(beat).chord, chart.at(beat - 1).chord)
        place = int(beat % chart.beats_per_bar)
        belief = changes.predict(belief, place, expected, new=new)
        for pitches, bass in off:
            belief = chord_filter.struck(belief, pitches, bass)
        struck = bool(off) or ((known.struck or bool(on)) and (not new or bool(off)))
        heard = self._heard(belief, chart, beat) if struck else None
        self.memory = LiveHarmonyMemory(belief, expected, struck, heard, heard != known.heard)

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


_Hit = tuple[tuple[int, ...], int | None]


def _hits(heard: HeardBeat) -> tuple[list[_Hit], list[_Hit]]:
    """The chords of a beat, on it and off it: pitches, and the bass under them."""
    groups: dict[float, list[int]] = {}
    for at, pitch in (*heard.chords, *heard.melody):
        groups.setdefault(at, []).append(pitch)
    basses = dict(heard.bass)
    on: list[_Hit] = []
    off: list[_Hit] = []
    for at in sorted(groups.keys() | basses.keys()):
        pitches, bass = groups.get(at, []), basses.get(at)
        together = (*pitches, *(() if bass is None else (bass,)))
        if len(set(together)) >= _CHORD:
            (off if at >= _OFF_BEAT else on).append((tuple(sorted(together)), bass))
    return on, off


def _same(one: Chord, other: Chord) -> bool:
    return one.root == other.root and one.tones == other.tones
