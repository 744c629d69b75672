"""The windows and thresholds of hearing: what belongs to a beat, to a chord, to a phrase.

Each is small and pure, its number beside it, measured on transcribed solos. Two moments have names:
hearing of a beat closes, and the next value is picked, a little before the beat.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

from improvd.core.music import PULSES_PER_BEAT
from improvd.core.timeline import Timeline

# One onset in twenty is played 22 to 27 ms ahead of its beat, at every tempo.
EARLY_NS = 30_000_000
EARLY_SHARE_OF_BEAT = 6
# Onsets this close are one chord, not a melody; keys that all stay down may come as far apart as a
# slow strum, the next within a gap.
CHORD_NS = 35_000_000
LOOSE_CHORD_NS = 70_000_000
STRUM_NS = 170_000_000
STRUM_GAP_NS = 80_000_000
# A chord may be in its middle as the hearing of a beat closes. What was struck so shortly before,
# the chord's window but no more than a twelfth of a beat, is heard with the next if it is down yet.
LATE_SHARE_OF_BEAT = 12
# Two keys that are down together for this long are two voices; legato laps over for less.
TOGETHER_NS = 120_000_000
FAINTEST_VELOCITY = 8
# A sound with nothing struck over it for four bars and ten seconds is a drone, or its off was lost.
LONGEST_ALONE_BEATS = 16
LONGEST_ALONE_NS = 10_000_000_000

# A silence over 1.5 beats ends 94 % of phrases; nobody should wait longer than a bar.
SHORTEST_WAIT_BEATS = 1.5
LONGEST_WAIT_BEATS = 4.0


@dataclass(frozen=True, slots=True)
class Spans:
    """The windows at a tempo, in pulses; `late` is 0 where a beat keeps all struck in it."""

    early: int
    chord: int
    loose_chord: int
    strum: int
    strum_gap: int
    together: int
    alone: int
    late: int


def spans(timeline: Timeline, rules: int) -> Spans:
    """The windows in this time, by these rules of playing."""
    chord = timeline.pulses(CHORD_NS)
    return Spans(
        early=timeline.pulses(early_window(timeline.beat_ns)),
        chord=chord,
        loose_chord=timeline.pulses(LOOSE_CHORD_NS),
        strum=timeline.pulses(STRUM_NS),
        strum_gap=timeline.pulses(STRUM_GAP_NS),
        together=timeline.pulses(TOGETHER_NS),
        alone=max(timeline.pulses(LONGEST_ALONE_NS), LONGEST_ALONE_BEATS * PULSES_PER_BEAT),
        late=min(chord, PULSES_PER_BEAT // LATE_SHARE_OF_BEAT) if rules > 3 else 0,
    )


def early_window(beat_ns: int) -> int:
    """How many nanoseconds before a beat its hearing opens, and the one before is picked over."""
    return min(EARLY_NS, beat_ns // EARLY_SHARE_OF_BEAT)


def wait_before_answer(gaps: Sequence[float]) -> float:
    """Beats of silence after which the musician has finished, by the gaps (beats) they leave."""
    usual = quantiles(gaps, n=4)[2] if len(gaps) > 1 else 0.0
    return min(max(SHORTEST_WAIT_BEATS, usual), LONGEST_WAIT_BEATS)
