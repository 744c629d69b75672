"""Every measure beside what is worked out by hand, or in another way, from its definition."""

import statistics
from collections import Counter
from itertools import combinations
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.harmony.chart import parse_chart
from improvd.core.music import HOLD, REST
from improvd.core.network.vocabulary import BeatNote
from improvd.training.measure import measures
from improvd.training.read.corpus import HELD_BEAT, REST_BEAT, MelodyBeat


def beat(*notes: tuple[int, int]) -> MelodyBeat:
    """A beat of notes at ticks, twelve a beat."""
    return MelodyBeat(tuple(BeatNote(tick, pitch) for tick, pitch in notes))


# C D E F G as two eighths, a quarter and two eighths, held.
RUN_UP = [beat((0, 60), (6, 62)), beat((0, 64)), beat((0, 65), (6, 67)), HELD_BEAT]
# Four bars: the run, two late notes on G, the run again, and a leap from G up to C.
TUNE = [
    *RUN_UP,
    *[REST_BEAT, REST_BEAT, beat((0, 67)), beat((6, 67))],
    *RUN_UP,
    *[REST_BEAT, beat((0, 55)), beat((0, 72)), REST_BEAT],
]
CHART = parse_chart("| C | G7 | C | F#7 |")
HARMONIES = [CHART.at(number) for number in range(16)]
# Its moves, of which there are 13: 2 2 1 2 0 0 -7 2 2 1 2 -12 17.
# C three times, D, E and F twice, G five times.
H4 = -sum(n / 14 * log2(n / 14) for n in (3, 2, 2, 2, 5))
BY_HAND = {
    "H1": (log2(5) + 0 + log2(5) + 1) / 4,
    "H4": H4,
    # Bars 1 and 2 differ in five positions of 48, 1 and 4 in three, 2 and 4 in two.
    "grooving": 1 - (5 + 0 + 3 + 5 + 2 + 3) / 6 / 48,
    "notes per beat": 14 / 16,
    "empty beats": 6 / 16,
    "mean interval": 50 / 13,
    "repeated notes": 2 / 13,
    "small steps": 8 / 13,
    "leaps": 2 / 13,
    "range": 17,
    "unique 4-interval runs": 9 / 10,
    "duplicate bars": 1 / 4,
    "onset autocorrelation": statistics.correlation(
        [2, 1, 2, 0, 0, 0, 1, 1, 2, 1, 2, 0, 0, 1, 1], [1, 2, 0, 0, 0, 1, 1, 2, 1, 2, 0, 0, 1, 1, 0]
    ),
    "median phrase": (6 + 2) / 2,
    "long rests": 1 / 2,
    # C E G over C in bars 1 and 3, both notes over G7, none over F#7.
    "chord tones": 8 / 14,
    "chord tones on strong beats": 3 / 6,
    "scale tones": 12 / 14,
}


@pytest.mark.parametrize("name", BY_HAND)
def test_a_tune_measures_what_it_does_by_hand(name):
    assert measures.measure(TUNE, HARMONIES)[name] == pytest.approx(BY_HAND[name])


def test_no_measure_is_left_out():
    assert list(BY_HAND) == list(measures.measure(TUNE, HARMONIES))
    of_values = {"distinct values in 64 beats", "holds after rests"}
    measured = measures.measure_solo([REST] * 16, TUNE, HARMONIES)
    assert set(measured) == {*BY_HAND, *of_values} == set(measures.real_bands())


def test_silence_can_be_measured():
    silent = measures.measure([REST_BEAT] * 16, HARMONIES)
    unlike_zero = {name: value for name, value in silent.items() if value}
    assert unlike_zero == {"grooving": 1, "empty beats": 1, "median phrase": 16}


TUNES = st.lists(
    st.one_of(
        st.just(REST_BEAT),
        st.just(HELD_BEAT),
        st.dictionaries(st.integers(0, 11), st.integers(48, 84), min_size=1, max_size=4).map(
            lambda notes: beat(*sorted(notes.items()))
        ),
    ),
    max_size=40,
)


@given(TUNES, st.sampled_from([1, 4]))
def test_pitch_class_entropy_is_the_mean_surprise_of_windows(line, bars):
    surprises = []
    for first in range(0, len(line) - 4 * bars + 1, 4):
        pitches = [
            note.pitch % 12 for each in line[first : first + 4 * bars] for note in each.notes
        ]
        counts = Counter(pitches)
        if pitches:
            surprises.append(statistics.mean(log2(len(pitches) / counts[p]) for p in pitches))
    due = statistics.mean(surprises) if surprises else 0
    assert measures.pitch_class_entropy(line, bars) == pytest.approx(due)


@given(TUNES)
def test_grooving_is_the_mean_likeness_of_every_two_bars(line):
    bars = [
        {12 * place + note.tick for place in range(4) for note in line[first + place].notes}
        for first in range(0, len(line) - 3, 4)
    ]
    likenesses = [1 - len(one ^ other) / 48 for one, other in combinations(bars, 2)]
    due = statistics.mean(likenesses) if likenesses else 1
    assert measures.grooving(line) == pytest.approx(due)


def test_values_are_counted_in_whole_stretches_of_64():
    values = [n % 10 for n in range(64)] + [3] * 64 + [*range(63)]
    assert measures.distinct_values(values) == (10 + 1) / 2
    assert measures.distinct_values([3] * 63) == 0


def test_a_hold_after_a_rest_holds_nothing():
    # Three rests end, two of them in a hold.
    assert measures.holds_after_rests([2, REST, HOLD, REST, REST, 2, REST, HOLD, HOLD, 3]) == 2 / 3
    assert measures.holds_after_rests([2, HOLD, REST]) == 0


def cycle_by_hand(values: list[int], longest: int) -> int | None:
    """The least period that a stretch of three times that, and of sixty beats, has."""
    for period in range(1, longest + 1):
        due = max(3 * period, 60)
        for first in range(len(values) - due + 1):
            stretch = values[first : first + due]
            if stretch[period:] == stretch[:-period]:
                return period
    return None


@given(
    st.lists(st.integers(0, 3), max_size=20),
    st.lists(st.integers(0, 3), min_size=1, max_size=30),
    st.integers(50, 100),
    st.lists(st.integers(0, 3), max_size=20),
)
def test_a_cycle_is_found_wherever_it_is(before, pattern, beats, after):
    round_and_round = [pattern[n % len(pattern)] for n in range(beats)]
    values = [*before, *round_and_round, *after]
    assert measures.cycle(values, 25) == cycle_by_hand(values, 25)


def test_what_is_copied_are_runs_that_are_known_and_no_silence():
    known = measures.all_runs([[5, 6, 7, 8], [REST, REST, REST]], run=3)
    assert known == {(5, 6, 7), (6, 7, 8), (REST, REST, REST)}
    # Runs of three: 5 6 7 and 6 7 8 are known, 7 8 9 and 8 9 0 are not; 0 0 0 counts nowhere.
    assert measures.copied([5, 6, 7, 8, 9, REST], known, run=3) == 2 / 4
    assert measures.copied([REST] * 9, known, run=3) == 0


def test_what_was_heard_is_forgotten_after_some_minutes():
    values = [2, 3, 4, 2, 3, 5, 6, 7, 8, 2, 3]
    # Ten runs of two. 2 3 comes after three beats, and once more after six.
    assert measures.heard_again(values, bpm=5, run=2, minutes=1) == 1 / 10
    assert measures.heard_again(values, bpm=6, run=2, minutes=1) == 2 / 10
    assert measures.heard_again([REST] * 20, bpm=60) == 0


def test_phrases_and_silences_are_as_long_as_they_last():
    values = [2, HOLD, 3, REST, REST, HOLD, 4, 5, REST]
    assert measures.longest_phrase(values) == 3
    assert measures.longest_silence(values) == 3
    assert measures.longest_phrase([REST]) == measures.longest_silence([2]) == 0


def test_bands_hold_the_middle_eight_of_ten_and_are_kept(monkeypatch, tmp_path):
    solos = [{"leaps": n / 10, "range": 30.0} for n in range(11)]
    bands = measures.bands_of(solos)
    assert bands["leaps"] == pytest.approx((0.1, 0.5, 0.9))
    assert measures.medians(solos) == pytest.approx({"leaps": 0.5, "range": 30})
    assert measures.outside({"leaps": 0.09, "range": 30.0, "unknown": 1.0}, bands) == ["leaps"]
    assert measures.outside({"leaps": 0.91}, bands) == ["leaps"]
    assert measures.outside({"leaps": 0.5}, bands) == []
    monkeypatch.setattr(measures, "BANDS_FILE", tmp_path / "bands.json")
    measures.keep_bands(bands)
    assert measures.real_bands() == {"leaps": (0.1, 0.5, 0.9), "range": (30, 30, 30)}


def test_runs_that_two_solos_share_are_counted_pair_by_pair_and_silence_is_nobodys():
    one, other = list(range(2, 18)), list(range(2, 10)) + [30] * 8
    assert measures.shared([one, other], {0, 1}) == pytest.approx((1 / 9 + 1 / 9) / 2)
    assert measures.shared([one, other, list(range(40, 56))], {0, 1}) == pytest.approx(1 / 27)
    assert measures.shared([[0] * 20, [0] * 20], {0, 1}) == 0.0
