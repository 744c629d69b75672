"""Laws of playing together."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.hearing.windows import early_window, wait_before_answer
from improvd.core.network.vocabulary import BeatNote, Register
from improvd.core.timeline import ns_per_beat
from improvd.core.voice.manners import duck, near, out_of_breath, too_busy
from tests.harness.drawn import PITCHES, beats, registers

SECOND = 10**9


@given(st.floats(20, 400))
def test_the_early_window_is_30_ms_but_never_over_a_sixth_of_a_beat(bpm: float):
    beat_ns = ns_per_beat(bpm)
    window = early_window(beat_ns)
    assert window <= min(Fraction(beat_ns, 6), 30_000_000) < window + 1


@given(st.lists(st.floats(0, 50), max_size=32))
def test_the_wait_before_an_answer_is_a_beat_and_a_half_to_four(gaps: list[float]):
    assert 1.5 <= wait_before_answer(gaps) <= 4


def test_who_leaves_long_gaps_is_given_more_time():
    assert wait_before_answer([]) == wait_before_answer([3.0]) == 1.5
    assert wait_before_answer([0.5] * 7 + [3.0]) == 1.5
    assert wait_before_answer([0.5] * 2 + [2.5] * 6) == 2.5


@given(beats(), st.lists(PITCHES, max_size=5), registers())
def test_making_room_leaves_one_note_five_semitones_away_or_none(
    notes: list[BeatNote], others: list[int], register: Register
):
    left = duck(notes, others, register)
    assert len(left) <= 1
    for note in left:
        assert note.tick == notes[0].tick
        assert note.pitch in register
        assert note.pitch - notes[0].pitch in {0, 12, -12}
        assert all(abs(note.pitch - other) >= 5 for other in others)


def test_making_room_keeps_the_pitch_where_it_can():
    register = Register(55, 79)
    note = BeatNote(4, 67)
    assert duck([note], [62], register) == [note]
    assert duck([note], [63], register) == [BeatNote(4, 79)]
    assert duck([note], [63, 79], register) == [BeatNote(4, 55)]
    assert duck([note], [59, 67, 75], register) == []


@pytest.mark.parametrize(
    ("beats", "bpm", "over"),
    [
        (23, 300, False),
        (24, 300, True),
        (13, 120, False),
        (14, 120, True),
        (2, 20, False),
        (3, 20, True),
    ],
)
def test_breath_lasts_24_beats_or_seven_seconds(beats: int, bpm: float, over: bool):
    assert out_of_breath(beats, ns_per_beat(bpm)) == over


@given(st.lists(st.integers(0, 12), max_size=30), st.floats(20, 400), st.floats(1, 100))
def test_too_busy_is_what_exceeds_the_notes_a_second_but_never_a_single_note(
    onsets: list[int], bpm: float, most: float
):
    beat_ns = ns_per_beat(bpm)
    busy = set(too_busy(np.array(onsets, dtype=np.int64), beat_ns, most).tolist())
    for value, count in enumerate(onsets):
        assert (value in busy) == (count > 1 and count * SECOND > most * beat_ns)


@given(
    st.lists(st.integers(0, 127), min_size=1, max_size=4),
    st.integers(0, 127),
    st.integers(0, 100),
)
def test_an_answer_begins_in_the_octave_nearest_to_the_player(pitches, last, low):
    register = Register(low, low + 24)
    notes = [BeatNote(tick, pitch) for tick, pitch in enumerate(pitches)]
    moved = near(notes, last, register)
    shift = moved[0].pitch - notes[0].pitch
    assert [note.pitch - shift for note in moved] == pitches
    assert shift % 12 == 0
    if any(note.pitch not in register for note in moved):
        assert shift == 0  # no octave holds the whole figure
    elif len(notes) == 1 and low + 6 <= last <= low + 18:
        assert abs(moved[0].pitch - last) <= 6
