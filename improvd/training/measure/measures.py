"""Musical measures of a melody over chords, two-sided: too much is as wrong as too little.

Definitions follow S.-L. Wu and Y.-H. Yang, "The Jazz Transformer on the Front Line" (ISMIR 2020,
arXiv 2008.01307; MusDr) where they have them. A bar is four beats of twelve ticks.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np

from improvd.core.arrays import Float64Array
from improvd.core.harmony.scales import Harmony
from improvd.core.music import HOLD, REST, TICKS_PER_BEAT
from improvd.core.network.guard import REPETITIONS, SHORTEST_CYCLE
from improvd.training.read.corpus import BEATS_PER_BAR, REST_BEAT, MelodyBeat

Line = Sequence[MelodyBeat]

Run = tuple[int, ...]

RUN = 8
# The measures that values drawn by their shares, or shuffled, do not pass; all others they do.
ORDER = ("onset autocorrelation", "median phrase", "long rests", "holds after rests")
_INTERVALS = 4
_DISTINCT_IN = 64
# Where figures of real solos are kept: measure to 10th, 50th and 90th percentile.
BANDS_FILE = Path(__file__).with_name("bands.json")


def _bars(line: Line) -> list[Line]:
    return [line[i : i + BEATS_PER_BAR] for i in range(0, len(line), BEATS_PER_BAR)]


def _pitches(line: Line) -> list[int]:
    return [note.pitch for beat in line for note in beat.notes]


def _intervals(line: Line) -> Float64Array:
    return np.diff(np.array(_pitches(line), dtype=float))


def _mean(numbers: Iterable[float]) -> float:
    listed = list(numbers)
    return float(np.mean(listed)) if listed else 0.0


def pitch_class_entropy(line: Line, bars: int) -> float:
    """Entropy of the pitch-class histogram, in bits, mean over windows of so many bars (MusDr's H).

    Windows move on by a bar; those without a note are left out.
    """
    entropies = []
    size = bars * BEATS_PER_BAR
    for start in range(0, len(line) - size + 1, BEATS_PER_BAR):
        counts = np.bincount(
            [pitch % 12 for pitch in _pitches(line[start : start + size])], minlength=12
        )
        if counts.any():
            shares = counts[counts > 0] / counts.sum()
            entropies.append(float(-(shares * np.log2(shares)).sum()))
    return _mean(entropies)


def grooving(line: Line) -> float:
    """How alike two bars are in where notes begin, mean over all pairs (MusDr's GS).

    1 less the share of the 48 positions where one bar has an onset and the other has none.
    """
    bars = [bar for bar in _bars(line) if len(bar) == BEATS_PER_BAR]
    onsets = np.zeros((len(bars), BEATS_PER_BAR * TICKS_PER_BEAT))
    for row, bar in zip(onsets, bars, strict=True):
        for place, beat in enumerate(bar):
            row[[place * TICKS_PER_BEAT + note.tick for note in beat.notes]] = 1
    if len(bars) < 2:
        return 1.0
    per_bar = onsets.sum(axis=1)
    differing = per_bar[:, None] + per_bar[None, :] - 2 * onsets @ onsets.T
    pairs = np.triu_indices(len(bars), k=1)
    return float(1 - differing[pairs].mean() / onsets.shape[1])


def chord_tones(line: Line, harmonies: Sequence[Harmony], *, strong: bool = False) -> float:
    """Share of notes that are tones of their beat's chord; `strong`: of those on beats 1 and 3."""
    return _mean(
        note.pitch % 12 in harmony.chord.tones
        for i, (beat, harmony) in enumerate(zip(line, harmonies, strict=True))
        for note in beat.notes
        if not strong or (i % 2 == 0 and note.tick == 0)
    )


def scale_tones(line: Line, harmonies: Sequence[Harmony]) -> float:
    """Share of notes in the scale of the chord symbol itself, whatever its context adds."""
    return _mean(
        note.pitch % 12 in harmony.chord.scale
        for beat, harmony in zip(line, harmonies, strict=True)
        for note in beat.notes
    )


def notes_per_beat(line: Line) -> float:
    """Onsets over beats, the empty ones counted too."""
    return _mean(len(beat.notes) for beat in line)


def empty_beats(line: Line) -> float:
    """Share of beats in which nothing begins."""
    return _mean(not beat.notes for beat in line)


def mean_interval(line: Line) -> float:
    """Mean distance from a note to the next, in semitones."""
    return _mean(np.abs(_intervals(line)))


def repeated_notes(line: Line) -> float:
    """Share of notes at the pitch of the one before."""
    return _mean(_intervals(line) == 0)


def small_steps(line: Line) -> float:
    """Share of moves by one or two semitones."""
    return _mean((np.abs(_intervals(line)) >= 1) & (np.abs(_intervals(line)) <= 2))


def leaps(line: Line) -> float:
    """Share of moves by more than a fifth."""
    return _mean(np.abs(_intervals(line)) > 7)


def pitch_range(line: Line) -> float:
    """Semitones from the lowest note to the highest."""
    return float(np.ptp(_pitches(line) or [0]))


def unique_runs(line: Line) -> float:
    """Distinct runs of four intervals over all such runs."""
    moves = _intervals(line).tolist()
    runs = [tuple(moves[i : i + _INTERVALS]) for i in range(len(moves) - _INTERVALS + 1)]
    return len(set(runs)) / len(runs) if runs else 0.0


def duplicate_bars(line: Line) -> float:
    """Share of bars with notes that repeat an earlier bar, onset for onset and pitch for pitch."""
    played = [
        tuple(beat.notes for beat in bar) for bar in _bars(line) if any(beat.notes for beat in bar)
    ]
    return 1 - len(set(played)) / len(played) if played else 0.0


def onset_autocorrelation(line: Line) -> float:
    """Correlation of the number of onsets in a beat with that in the next."""
    onsets = np.array([len(beat.notes) for beat in line], dtype=float)
    if len(onsets) < 3 or not onsets[:-1].std() or not onsets[1:].std():
        return 0.0
    return float(np.corrcoef(onsets[:-1], onsets[1:])[0, 1])


def _rests_and_phrases(line: Line) -> tuple[list[int], list[int]]:
    """Lengths in beats of the rests and of what is between them, those at the ends left out."""
    runs = [(rest, len(list(run))) for rest, run in groupby(beat == REST_BEAT for beat in line)]
    inner = runs[1:-1]
    return [n for rest, n in inner if rest], [n for rest, n in inner if not rest]


def median_phrase(line: Line) -> float:
    """Median length of a phrase, in beats: from rest to rest, whole beats of rest."""
    _, phrases = _rests_and_phrases(line)
    return float(np.median(phrases)) if phrases else float(len(line))


def long_rests(line: Line) -> float:
    """Share of rests that last two beats or more."""
    rests, _ = _rests_and_phrases(line)
    return _mean(rest >= 2 for rest in rests)


MEASURES: Mapping[str, Callable[[Line], float]] = {
    "H1": lambda line: pitch_class_entropy(line, 1),
    "H4": lambda line: pitch_class_entropy(line, 4),
    "grooving": grooving,
    "notes per beat": notes_per_beat,
    "empty beats": empty_beats,
    "mean interval": mean_interval,
    "repeated notes": repeated_notes,
    "small steps": small_steps,
    "leaps": leaps,
    "range": pitch_range,
    "unique 4-interval runs": unique_runs,
    "duplicate bars": duplicate_bars,
    "onset autocorrelation": onset_autocorrelation,
    "median phrase": median_phrase,
    "long rests": long_rests,
}


def measure_solo(
    values: Sequence[int], line: Line, harmonies: Sequence[Harmony]
) -> dict[str, float]:
    """Every measure of a solo, by name: those of its melody, and those that only values have."""
    return measure(line, harmonies) | {
        "distinct values in 64 beats": distinct_values(values),
        "holds after rests": holds_after_rests(values),
    }


def measure(line: Line, harmonies: Sequence[Harmony]) -> dict[str, float]:
    """Every measure of a melody and its chords, by name."""
    return {name: take(line) for name, take in MEASURES.items()} | {
        "chord tones": chord_tones(line, harmonies),
        "chord tones on strong beats": chord_tones(line, harmonies, strong=True),
        "scale tones": scale_tones(line, harmonies),
    }


def distinct_values(values: Sequence[int]) -> float:
    """Different values in 64 beats, mean over the stretches of 64 end to end."""
    stretches = range(0, len(values) - _DISTINCT_IN + 1, _DISTINCT_IN)
    return _mean(len(set(values[i : i + _DISTINCT_IN])) for i in stretches)


def holds_after_rests(values: Sequence[int]) -> float:
    """Share of rests that end in a hold, with nothing there to hold: no player can."""
    return _mean(
        after == HOLD for before, after in pairwise(values) if before == REST and after != REST
    )


def cycle(values: Sequence[int], longest: int = 512) -> int | None:
    """The period, in beats, of a cycle somewhere in the values; None if there is none.

    A cycle is a period that is repeated three times and lasts at least sixty beats.
    """
    sequence = np.asarray(values)
    for period in range(1, min(longest, len(sequence) // REPETITIONS) + 1):
        same = sequence[period:] == sequence[:-period]
        due = max((REPETITIONS - 1) * period, SHORTEST_CYCLE - period)
        # the longest stretch that equals what was a period before it
        breaks = np.flatnonzero(np.r_[True, ~same, True])
        if np.diff(breaks).max() - 1 >= due:
            return period
    return None


def runs_of(values: Sequence[int], run: int = RUN) -> list[Run]:
    """Every stretch of so many values, in order."""
    return [tuple(values[i : i + run]) for i in range(len(values) - run + 1)]


def all_runs(corpus: Iterable[Sequence[int]], run: int = RUN) -> set[Run]:
    """Every run of eight values in a corpus."""
    return {stretch for book in corpus for stretch in runs_of(book, run)}


def copied(values: Sequence[int], known: Collection[Run], run: int = RUN) -> float:
    """Share of runs of eight values that are known; runs of rest and hold alone are left out.

    Silence is nobody's invention, so it cannot be copied.
    """
    return _mean(stretch in known for stretch in runs_of(values, run) if max(stretch) > HOLD)


def shared(solos: Sequence[Sequence[Hashable]], silent: set[Hashable], run: int = RUN) -> float:
    """Share of runs of eight beats that another solo has too, mean over all pairs of solos.

    Runs of `silent` beats alone are left out.
    """
    stretches = [[tuple(solo[i : i + run]) for i in range(len(solo) - run + 1)] for solo in solos]
    runs = [[each for each in its if not silent.issuperset(each)] for its in stretches]
    having = Counter(each for its in runs for each in set(its))
    return _mean((having[each] - 1) / (len(solos) - 1) for its in runs for each in its)


def heard_again(values: Sequence[int], bpm: float, run: int = RUN, minutes: float = 5.0) -> float:
    """Share of runs of eight values that were heard within the last five minutes."""
    within = round(bpm * minutes)
    last: dict[tuple[int, ...], int] = {}
    again = []
    for place, stretch in enumerate(runs_of(values, run)):
        if max(stretch) > HOLD:
            again.append(place - last.get(stretch, -within - 1) <= within)
            last[stretch] = place
    return _mean(again)


def longest_phrase(values: Sequence[int]) -> int:
    """The most beats from rest to rest."""
    runs = groupby(values, key=lambda value: value == REST)
    return max((len(list(run)) for rest, run in runs if not rest), default=0)


def longest_silence(values: Sequence[int]) -> int:
    """The most beats in a row in which nothing begins."""
    runs = groupby(values, key=lambda value: value <= HOLD)
    return max((len(list(run)) for empty, run in runs if empty), default=0)


Bands = Mapping[str, tuple[float, float, float]]


def bands_of(solos: Iterable[Mapping[str, float]]) -> dict[str, tuple[float, float, float]]:
    """The 10th, 50th and 90th percentile of each measure over solos."""
    measured = list(solos)
    bands = {}
    for name in measured[0]:
        low, middle, high = np.percentile([solo[name] for solo in measured], [10, 50, 90])
        bands[name] = (float(low), float(middle), float(high))
    return bands


def real_bands() -> dict[str, tuple[float, float, float]]:
    """The bands of real solos, from the 31st beat on, as they are kept with this module."""
    return {name: tuple(band) for name, band in json.loads(BANDS_FILE.read_text()).items()}


def keep_bands(bands: Bands) -> None:
    """Keep these as the bands of real solos."""
    rounded = {name: [round(each, 4) for each in band] for name, band in bands.items()}
    BANDS_FILE.write_text(json.dumps(rounded, indent=1) + "\n")


def medians(solos: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The median of each measure over solos."""
    return {name: band[1] for name, band in bands_of(solos).items()}


def outside(measured: Mapping[str, float], bands: Bands) -> list[str]:
    """The measures that lie outside the bands of real solos."""
    return [
        name
        for name, value in measured.items()
        if name in bands and not bands[name][0] <= value <= bands[name][2]
    ]
