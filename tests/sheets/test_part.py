"""Notes as they sounded, and as they are written: swung pairs straight, one voice, nothing lost."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from improvd.core.music import Note
from improvd.sheets.part import parts_of, written
from tests.harness.takes import at, take


def test_swung_pairs_are_written_straight_and_triplets_as_they_are():
    swung = [Note(0, 250, 60), Note(290, 150, 62), Note(480, 250, 64), Note(480 + 320, 100, 65)]
    assert [note.onset for note in written(swung)] == [0, 6, 12, 18]
    threes = [Note(at, 100, 60) for at in (0, 160, 320)]
    assert [note.onset for note in written(threes)] == [0, 4, 8]


def test_a_note_that_nearly_reaches_the_next_is_written_up_to_it():
    walking = [Note(480 * beat, 440, 40 + beat) for beat in range(4)]
    assert [(note.onset, note.length) for note in written(walking)] == [
        (beat * 12, 12) for beat in range(4)
    ]
    stabs = [Note(290, 100, 60), Note(480 * 2, 100, 60)]
    assert [(note.onset, note.length) for note in written(stabs)] == [(6, 6), (24, 6)]


def test_hands_that_strum_are_one_chord_and_what_comes_early_is_on_its_beat():
    strummed = [Note(450, 400, 60), Note(462, 380, 64), Note(470, 380, 67)]
    [chord] = written(strummed)
    assert (chord.onset, chord.pitches) == (12, (60, 64, 67))


def test_drums_last_to_the_next_stroke_or_the_end_of_their_beat():
    ride = [Note(0, 48, 51), Note(480, 48, 51), Note(480 + 290, 48, 51), Note(480 * 3, 48, 51)]
    assert [(n.onset, n.length) for n in written(ride, struck=True)] == [
        (0, 12), (12, 6), (18, 6), (36, 12),
    ]  # fmt: skip


@given(
    st.lists(
        st.tuples(st.integers(0, 4 * 480), st.integers(1, 1500), st.integers(30, 90)), max_size=30
    )
)
def test_no_note_is_lost_and_none_is_written_over_the_next(played):
    music = written([Note(*note) for note in played])
    pitches = {pitch for chord in music for pitch in chord.pitches}
    assert pitches == {pitch for _, _, pitch in played}
    assert all(chord.length > 0 for chord in music)
    for one, other in pairwise(music):
        assert one.onset + one.length <= other.onset


def test_a_take_has_a_part_for_each_voice_by_the_names_of_its_tracks():
    made = take((0, 0x90, 60, 80), (0.5, 0x80, 60, 0), (1, 0x91, 40, 70), (2, 0x91, 40, 0))
    made.add_heard(at(2), bytes((0x92, 76, 50)))
    made.add_heard(at(2.5), bytes((76, 0)))  # without a status, as cables have it
    made.add_heard(at(3), bytes((72, 50)))  # and never let go
    notes = {part.name: part.notes for part in parts_of(made)}
    assert notes == {
        "improvd": (Note(0, 240, 60, 80),),
        "bass": (Note(480, 480, 40, 70),),
        "you": (Note(2 * 480, 240, 76, 50), Note(3 * 480, 5 * 480, 72, 50)),
    }


def test_what_counts_in_stays_for_who_plays_along_and_is_not_written():
    sticks = [(beat, 0x99, 37, 90) for beat in range(-4, 0)]
    made = take(*sticks, (0, 0x99, 51, 80), (0, 0x90, 60, 80), count_in=4)
    along = made.without(["drums"])
    assert [message[1] for _, message in along.messages] == [37] * 4 + [60]
    assert [note.pitch for part in parts_of(made.counted_in()) for note in part.notes] == [60, 51]
    assert [note.onset for part in parts_of(made.counted_in()) for note in part.notes] == [0, 0]
