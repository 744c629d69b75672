"""What tells excerpts apart by pitch: intervals and contour, harmony, what comes back."""

import math
from collections.abc import Hashable, Sequence
from itertools import groupby, pairwise

import numpy as np

from improvd.core.harmony.chord import Chord
from improvd.core.music import TICKS_PER_BEAT
from improvd.training.measure.tell.excerpt import Excerpt, correlation, entropy, mean
from improvd.training.measure.tell.features_in_time import has_another_chord

_LEAP = 5
_ENOUGH_FOR_A_TREND = 3


def intervals(excerpt: Excerpt) -> dict[str, float]:
    """How far and which way notes move, within beats and over bar lines, and the line's range."""
    moves, sizes, ways = excerpt.moves, np.abs(excerpt.moves), np.sign(excerpt.moves)
    going = ways[ways != 0].tolist()
    runs = [len(list(run)) for _, run in groupby(going)] or [0]
    leaps = [i for i in range(len(moves) - 1) if sizes[i] >= _LEAP]
    pairs, triples = range(len(moves) - 1), range(len(moves) - 2)
    one_way = [abs(int(ways[i : i + 2].sum())) == 2 for i in pairs]
    return {
        "mean interval": mean(sizes),
        "repeated notes": mean(sizes == 0),
        "semitones": mean(sizes == 1),
        "whole tones": mean(sizes == 2),
        "thirds": mean((sizes >= 3) & (sizes <= 4)),
        "fourths and fifths": mean((sizes >= 5) & (sizes <= 7)),
        "wider leaps": mean(sizes > 7),
        "moves up": mean([way > 0 for way in going]),
        "wider up than down": _or_0(moves[moves > 0]) + _or_0(moves[moves < 0]),
        "turns": mean([a != b for a, b in pairwise(going)]),
        "notes one way": mean(runs),
        "most notes one way": max(runs),
        "leaps answered by a step": mean(
            [ways[i + 1] == -ways[i] and sizes[i + 1] <= 2 for i in leaps]
        ),
        "leaps carried on": mean([ways[i + 1] == ways[i] for i in leaps]),
        "scale runs": mean(
            [
                all(1 <= s <= 2 for s in sizes[i : i + 3]) and abs(ways[i : i + 3].sum()) == 3
                for i in triples
            ]
        ),
        "chromatic runs": mean([one_way[i] and sizes[i] == sizes[i + 1] == 1 for i in pairs]),
        "arpeggios": mean(
            [one_way[i] and all(3 <= s <= 5 for s in sizes[i : i + 2]) for i in pairs]
        ),
        "neighbours": mean([0 < sizes[i] <= 2 and moves[i + 1] == -moves[i] for i in pairs]),
        "enclosures": mean(
            [
                ways[i] == -ways[i + 1] != 0 and 2 <= sizes[i] <= 3 and sizes[i + 1] == 1
                for i in pairs
            ]
        ),
        **_seams(excerpt),
        **_range(excerpt),
    }


def _or_0(moves: np.ndarray) -> float:
    return float(moves.mean()) if len(moves) else 0.0


def _seams(excerpt: Excerpt) -> dict[str, float]:
    """Intervals within a beat, and from a beat into the next."""
    sizes, ways = np.abs(excerpt.moves), np.sign(excerpt.moves)
    into = np.diff(excerpt.beats)
    seam = sizes[into == 1]
    turned = (ways[1:] != ways[:-1]) & (ways[1:] != 0) & (ways[:-1] != 0)
    return {
        "interval within a beat": mean(sizes[into == 0]),
        "interval into a beat": mean(seam),
        "repeated within a beat": mean(sizes[into == 0] == 0),
        "repeated into a beat": mean(seam == 0),
        "semitone into a beat": mean(seam == 1),
        "turns into a beat": mean(turned[into[1:] == 1]),
    }


def _range(excerpt: Excerpt) -> dict[str, float]:
    pitches = excerpt.pitches
    struck = [(excerpt.beats >= bar.start) & (excerpt.beats < bar.stop) for bar in excerpt.bars()]
    bars = [float(pitches[here].mean()) for here in struck if here.any()]
    trend = len(bars) >= _ENOUGH_FOR_A_TREND
    slope = abs(float(np.polyfit(np.arange(len(bars)), bars, 1)[0])) if trend else math.nan
    return {
        "range": int(np.ptp(pitches)),
        "spread of pitch": float(pitches.std()),
        "spread of bars over that of notes": float(np.std(bars) / max(pitches.std(), 1e-9)),
        "height like the bar before": correlation(bars, 1),
        "trend of height": slope,
        "pitch like 8 notes ago": correlation(pitches, 8),
    }


def harmony(excerpt: Excerpt) -> dict[str, float]:
    """How notes stand to their chords: on strong beats, at changes, outside and back."""
    notes = list(zip((excerpt.pitches % 12).tolist(), excerpt.under, strict=True))
    in_chord = np.array([pitch in h.chord.tones for pitch, h in notes])
    in_scale = np.array([pitch in h.chord.scale for pitch, h in notes])
    on_beat = excerpt.ticks == 0
    strong = on_beat & (excerpt.beats % 2 == 0)
    guides = np.array([pitch in guide_tones(h.chord) for pitch, h in notes])
    sizes = np.abs(excerpt.moves)
    outside = np.flatnonzero(~in_scale[:-1])
    firsts = _firsts_on(excerpt, has_another_chord(excerpt))
    joined = [i for i in firsts if i and excerpt.gaps[i - 1] <= TICKS_PER_BEAT]
    return {
        "chord tones": mean(in_chord),
        "chord tones on strong beats": mean(in_chord[strong]),
        "chord tones off beats": mean(in_chord[~on_beat]),
        "scale tones": mean(in_scale),
        "scale tones on beats": mean(in_scale[on_beat]),
        "tones of the scale in context": mean([p in h.ladder.pitch_classes for p, h in notes]),
        "roots": mean([pitch == h.chord.root for pitch, h in notes]),
        "thirds of the chord": mean([pitch == h.chord.tones[1] for pitch, h in notes]),
        "guide tones on beats": mean(guides[on_beat]),
        "phrases ended on a chord tone": mean(in_chord[[last for _, last in excerpt.phrases]]),
        "outside tones resolved": mean((sizes[outside] == 1) & in_scale[outside + 1]),
        "guide tones at changes": mean([guides[i] for i in firsts if on_beat[i]]),
        "changes stepped into": mean([sizes[i - 1] <= 2 for i in joined]),
    }


def guide_tones(chord: Chord) -> tuple[int, ...]:
    """Third and seventh; of a chord with fewer tones any."""
    tones = chord.tones
    return (tones[1], tones[-1]) if len(tones) >= 4 else tones


def _firsts_on(excerpt: Excerpt, beats: Sequence[int]) -> list[int]:
    """The first note of each of these beats that has one."""
    places = np.searchsorted(excerpt.beats, beats)
    return [
        int(place)
        for place, beat in zip(places, beats, strict=True)
        if place < len(excerpt.beats) and excerpt.beats[place] == beat
    ]


def repetition(excerpt: Excerpt) -> dict[str, float]:
    """What comes back: intervals, rhythms, motifs of both, and pitches themselves."""
    moves, gaps = excerpt.moves.tolist(), excerpt.gaps.tolist()
    steps = (np.sign(excerpt.moves) * (1 + (np.abs(excerpt.moves) > 2))).tolist()
    motifs = list(zip(_runs(moves, 3), _runs(gaps, 3), strict=True))
    return {
        "entropy of pitch classes": entropy((excerpt.pitches % 12).tolist()),
        "different runs of 3 intervals": len(set(_runs(moves, 3))) / max(len(moves) - 2, 1),
        "motifs heard before": _heard_before(motifs),
        "contours heard before": _heard_before(_runs(steps, 4)),
        "rhythms heard before": _heard_before(_runs(gaps, 4)),
        "pitches heard before": _heard_before(_runs(excerpt.pitches.tolist(), 3)),
        "complexity of intervals": _complexity(moves),
        "complexity of gaps": _complexity(gaps),
        "complexity of rhythms": _complexity(excerpt.patterns),
    }


def _runs(symbols: Sequence[Hashable], length: int) -> list[tuple[Hashable, ...]]:
    return [tuple(symbols[i : i + length]) for i in range(len(symbols) - length + 1)]


def _heard_before(runs: Sequence[Hashable]) -> float:
    """Share of these that came earlier in the excerpt."""
    known: set[Hashable] = set()
    again = []
    for run in runs:
        again.append(run in known)
        known.add(run)
    return mean(again)


def _complexity(symbols: Sequence[Hashable]) -> float:
    """Phrases of Ziv and Lempel's parsing (1978), over n / log2 n, which noise would have."""
    known: set[tuple[Hashable, ...]] = set()
    phrase: tuple[Hashable, ...] = ()
    for symbol in symbols:
        phrase = (*phrase, symbol)
        if phrase not in known:
            known.add(phrase)
            phrase = ()
    count = len(symbols)
    return (len(known) + bool(phrase)) / (count / max(math.log2(count), 1))
