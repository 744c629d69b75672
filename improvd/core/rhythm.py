"""Where in the beat a note belongs: reading played onsets as ticks, and giving ticks their swing.

A beat played long-short is written straight, so that swing is how a figure is played and not which
figure it is.
"""

from collections.abc import Sequence
from itertools import pairwise

from improvd.core.music import PULSES_PER_BEAT, PULSES_PER_TICK, TICKS_PER_BEAT

# Above this tempo nobody places sixteenths by hand, and a whole-beat shape is the better reading.
FAST_BPM = 120.0
# A swung off-beat is played anywhere in here.
OFF_BEAT_TICKS = (5.7, 7.8)
OFF_BEAT = 6
_SWUNG = frozenset((0, 7, 8))

# The shapes jazz lines are made of, by number of notes; the rarer of a size cost a little more.
_SHAPES: dict[int, tuple[tuple[tuple[int, ...], float], ...]] = {
    1: (((0,), 0.0), ((6,), 0.0), ((9,), 0.5), ((3,), 0.5), ((4,), 0.8)),
    2: (
        ((0, 6), 0.0),
        ((0, 9), 0.5),
        ((6, 9), 0.5),
        ((3, 9), 0.8),
        ((4, 8), 0.5),
        ((0, 3), 0.8),
        ((0, 4), 0.8),
        ((3, 6), 0.8),
    ),
    3: (
        ((0, 4, 8), 0.0),
        ((0, 3, 6), 0.3),
        ((0, 6, 9), 0.3),
        ((3, 6, 9), 0.5),
        ((0, 3, 9), 0.8),
    ),
    4: (((0, 3, 6, 9), 0.0), ((0, 4, 6, 8), 1.0), ((0, 2, 4, 8), 1.0)),
}

# The long share of a swung pair falls with the tempo (figures of real solos) and ends straight.
_LONGEST_SHARE = 0.60
_STRAIGHT_SHARE = 0.50
# Beats a minute and long share, medians of soloists in that region; between them it slides.
_FASTER = ((150.0, 0.58), (190.0, 0.58), (210.0, 0.56), (250.0, 0.56), (270.0, 0.54))


def quantise(onsets: Sequence[float], bpm: float) -> list[int]:
    """The tick of each onset of one beat; onsets ascending, in ticks, a little before 0 allowed.

    Below 120 BPM each onset is rounded; above, the nearest rhythmic shape is taken whole.
    Ticks ascend strictly; what does not fit any more before the beat's end is left out, from the
    end, so the list may be shorter.
    """
    shapes = _SHAPES.get(len(onsets), ()) if bpm > FAST_BPM else ()
    if shapes:
        return list(min(shapes, key=lambda shape: _misfit(onsets, shape[0]) + shape[1])[0])
    ticks: list[int] = []
    for onset in onsets:
        tick = min(max(round(onset), 0), TICKS_PER_BEAT - 1)
        if ticks and tick <= ticks[-1]:
            tick = ticks[-1] + 1
        if tick < TICKS_PER_BEAT:
            ticks.append(tick)
    return straighten(ticks)


def straighten(ticks: Sequence[int]) -> list[int]:
    """A swung pair or lone swung off-beat (all ticks 0, 7 or 8) written straight."""
    if len(ticks) <= 2 and _SWUNG.issuperset(ticks):
        straight = [OFF_BEAT if tick else 0 for tick in ticks]
        if len(set(straight)) == len(straight):
            return straight
    return list(ticks)


def _misfit(onsets: Sequence[float], shape: Sequence[int]) -> float:
    return sum(_miss(onset, tick) ** 2 for onset, tick in zip(onsets, shape, strict=True))


def _miss(onset: float, tick: int) -> float:
    if tick == OFF_BEAT:
        early, late = OFF_BEAT_TICKS
        return max(early - onset, onset - late, 0.0)
    return abs(onset - tick)


def swing_share(bpm: float) -> float:
    """The share of the beat that the long note of a swung pair takes at a tempo."""
    return min(max(0.63 - bpm / 3000.0, _STRAIGHT_SHARE), _LONGEST_SHARE)


def learned_swing(bpm: float) -> float:
    """The same as soloists have it at fast tempi too: .58 from 150 BPM, .56 from 200, then .54."""
    if bpm <= _FASTER[0][0]:
        return swing_share(bpm)
    for (slow, long), (fast, short) in pairwise(_FASTER):
        if bpm <= fast:
            return long + (short - long) * (bpm - slow) / (fast - slow)
    return _FASTER[-1][1]


def swung(ticks: Sequence[int], share: float) -> list[int]:
    """The pulses in the beat at which these ticks sound; only straight pairs swing."""
    if all(tick in (0, OFF_BEAT) for tick in ticks):
        return [round(share * PULSES_PER_BEAT) if tick else 0 for tick in ticks]
    return [tick * PULSES_PER_TICK for tick in ticks]
