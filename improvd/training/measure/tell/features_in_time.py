"""What tells excerpts apart in time: how dense they are, their rhythm, their phrases."""

from itertools import groupby, pairwise

import numpy as np

from improvd.core.music import TICKS_PER_BEAT
from improvd.core.rhythm import OFF_BEAT
from improvd.training.measure.tell.excerpt import Excerpt, correlation, entropy, mean
from improvd.training.read.corpus import BEATS_PER_BAR

_TRIPLETS, _SIXTEENTHS = (4, 8), (3, 9)
# A note that lasts over the next beat from here on is a syncopation.
_LATE = TICKS_PER_BEAT // 2
# A phrase of fewer notes has no beginning, middle and end.
_ARC_NOTES = 6


def density(excerpt: Excerpt) -> dict[str, float]:
    """How many notes are struck, and how they are spread over beats and bars."""
    counts = excerpt.counts
    bars = [int(counts[bar].sum()) for bar in excerpt.bars()]
    return {
        "notes a beat": mean(counts),
        "empty beats": mean(counts == 0),
        "held beats": mean([beat.held for beat in excerpt.line]),
        **{f"beats of {n}": mean(counts == n) for n in (1, 2, 3)},
        "beats of 4 or more": mean(counts >= 4),
        **{f"density like {n} beats ago": correlation(counts, n) for n in (1, 2, 4)},
        "spread of notes a bar": float(np.std(bars)),
        "density like the bar before": correlation(bars, 1),
    }


def rhythm(excerpt: Excerpt) -> dict[str, float]:
    """Where in the beat notes are struck, and which rhythms come back.

    That notes of a transcription stand on ticks which no other grid has is not asked: it would
    show how the database rounds, and give everything else away.
    """
    ticks, gaps, patterns = excerpt.ticks, excerpt.gaps, excerpt.patterns
    full = [pattern for pattern in patterns if pattern]
    runs = [len(list(run)) for struck, run in groupby(patterns, key=bool) if struck]
    late_and_long = (ticks[:-1] >= _LATE) & (gaps > TICKS_PER_BEAT - ticks[:-1])
    return {
        "on the beat": mean(ticks == 0),
        "off the beat": mean(ticks == OFF_BEAT),
        "triplets": mean(np.isin(ticks, _TRIPLETS)),
        "sixteenths": mean(np.isin(ticks, _SIXTEENTHS)),
        "rhythms a beat": len(set(full)) / len(full),
        "entropy of rhythms": entropy(full),
        **{f"rhythm of {n} beats ago": _like(patterns, n) for n in (1, 2)},
        "longest run of full beats": max(runs),
        "entropy of gaps": entropy(gaps.tolist()),
        "gap as before": mean(gaps[1:] == gaps[:-1]),
        "gaps of an eighth": mean(gaps == OFF_BEAT),
        "gaps of a beat or more": mean(gaps >= TICKS_PER_BEAT),
        "beats begun late": mean([pattern[0] != 0 for pattern in full]),
        "syncopation": mean(late_and_long),
        **{f"onsets of {n} bars ago": _shared_onsets(excerpt, n) for n in (1, 2, 4)},
    }


def _like(patterns: list[tuple[int, ...]], ago: int) -> float:
    """Share of pairs of full beats, so far apart, with one rhythm."""
    pairs = zip(patterns, patterns[ago:], strict=False)
    return mean([before == after for before, after in pairs if before and after])


def _shared_onsets(excerpt: Excerpt, ago: int) -> float:
    """Onsets in both of two bars over those in either, mean over bars so far apart."""
    bars = [
        {(beat, tick) for beat, pattern in enumerate(excerpt.patterns[bar]) for tick in pattern}
        for bar in excerpt.bars()
    ]
    pairs = zip(bars, bars[ago:], strict=False)
    return mean([len(a & b) / len(a | b) for a, b in pairs if a | b])


def phrases(excerpt: Excerpt) -> dict[str, float]:
    """How phrases begin and end, how long they are, and what shape they have."""
    inner, ticks, moves = excerpt.phrases, excerpt.ticks, excerpt.moves
    lengths = [last - first + 1 for first, last in inner]
    rests = [last for _, last in inner[:-1]]
    places = excerpt.beats % BEATS_PER_BAR
    final = [int(moves[last - 1]) for first, last in inner if last > first]
    return {
        "phrases": len(inner),
        "notes a phrase": mean(lengths),
        "spread of notes a phrase": float(np.std(lengths)),
        "phrases of 1 or 2": mean([length <= 2 for length in lengths]),
        "phrases begun on a beat": mean([ticks[first] == 0 for first, _ in inner]),
        "phrases begun in beat 4 or 1": mean(
            [places[first] in (0, BEATS_PER_BAR - 1) for first, _ in inner]
        ),
        "phrases ended off the beat": mean([ticks[last] != 0 for _, last in inner]),
        "phrases ended in beat 1 or 3": mean([places[last] in (0, 2) for _, last in inner]),
        "last interval": mean([abs(move) for move in final]),
        "last interval falls": mean([move < 0 for move in final]),
        "beats between phrases": mean(excerpt.gaps[rests] / TICKS_PER_BEAT),
        "interval between phrases": mean(np.abs(moves[rests])),
        "arch": mean([_arch(excerpt, *phrase) for phrase in inner if _is_long(*phrase)]),
    }


def _is_long(first: int, last: int) -> bool:
    return last - first + 1 >= _ARC_NOTES


def _arch(excerpt: Excerpt, first: int, last: int) -> float:
    """How much higher, in semitones, the middle third is than the first and the last."""
    pitches = excerpt.pitches[first : last + 1]
    third = len(pitches) // 3
    ends = np.r_[pitches[:third], pitches[-third:]]
    return float(pitches[third:-third].mean() - ends.mean())


def has_another_chord(excerpt: Excerpt) -> list[int]:
    """The beats on which the chord is another than in the beat before."""
    kinds = [(h.chord.root, h.chord.tones) for h in excerpt.harmonies]
    return [beat for beat, (a, b) in enumerate(pairwise(kinds), start=1) if a != b]
