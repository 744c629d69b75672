"""Laws of the ear."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.hearing.ear import Ear, HeardBeat

EARLY, CHORD = 29, 34  # pulses, at 120 BPM
BEAT = 480


def close(ear: Ear, beat: int) -> HeardBeat:
    return ear.close(beat, EARLY, CHORD)


def strike(ear: Ear, pulse: int, *pitches: int, length: int = 100) -> None:
    for pitch in pitches:
        ear.note_on(pulse, 0, pitch, 80)
    for pitch in pitches:
        ear.note_off(pulse + length, 0, pitch)


def phrase(ear: Ear, *beats: float) -> None:
    """Short notes at these beats, heard to the end."""
    for beat in beats:
        strike(ear, round(beat * BEAT), 72)
    close(ear, round(beats[-1]) + 1)


@given(
    st.lists(st.tuples(st.integers(CHORD + 1, 1500), st.integers(0, 127)), max_size=40),
    st.integers(-1000, 1000),
)
def test_every_melody_note_is_heard_once_in_order_in_its_own_beat(
    line: list[tuple[int, int]], start: int
):
    onsets = list(accumulate((gap for gap, _ in line), initial=start))[1:]
    ear = Ear()
    for onset, (_, pitch) in zip(onsets, line, strict=True):
        strike(ear, onset, pitch)
    heard = []
    for beat in range(-4, 150):
        for tick, pitch in close(ear, beat).melody:
            assert -EARLY <= tick * 40 < BEAT - EARLY
            heard.append((round(beat * BEAT + tick * 40), pitch))
    assert heard == [(onset, pitch) for onset, (_, pitch) in zip(onsets, line, strict=True)]


def test_a_note_that_comes_too_late_for_its_beat_is_heard_at_the_start_of_the_next():
    ear = Ear()
    assert not close(ear, 0).played
    strike(ear, 440, 72)
    assert close(ear, 1).melody == ((-EARLY / 40, 72),)


def test_notes_struck_together_are_one_and_its_top_is_the_melody():
    ear = Ear()
    strike(ear, 0, 72)
    strike(ear, 20, 76)
    strike(ear, CHORD, 69)
    strike(ear, CHORD + 1, 74)
    assert close(ear, 0).melody == ((0.0, 76), ((CHORD + 1) / 40, 74))


def test_accompaniment_is_no_melody_but_sounds():
    ear = Ear()
    for pitch in (48, 52, 55):
        ear.note_on(0, 0, pitch, 80)
    heard = close(ear, 0)
    assert not heard.played
    assert not heard.held
    assert heard.pitches == (48, 52, 55)
    assert close(ear, 1).pitches == (48, 52, 55)


def test_brushed_keys_are_not_heard():
    ear = Ear()
    ear.note_on(0, 0, 72, 7)
    assert close(ear, 0) == HeardBeat((), held=False, pitches=())
    ear.note_on(BEAT, 0, 72, 8)
    assert close(ear, 1).played


def test_a_melody_key_is_held_until_it_is_let_go():
    ear = Ear()
    ear.note_on(0, 0, 72, 80)
    assert close(ear, 0).held
    assert close(ear, 1) == HeardBeat((), held=True, pitches=(72,))
    ear.note_off(2 * BEAT + 10, 0, 72)
    assert close(ear, 2) == HeardBeat((), held=False, pitches=())


def test_a_key_is_let_go_on_the_channel_it_was_struck_on():
    ear = Ear()
    ear.note_on(0, 0, 72, 80)
    ear.note_off(10, 1, 72)
    assert ear.holding
    ear.note_off(10, 0, 72)
    assert not ear.holding


def test_all_notes_off_lets_every_key_go():
    ear = Ear()
    ear.note_on(0, 0, 72, 80)
    ear.note_on(0, 3, 76, 80)
    ear.all_off(200)
    assert not ear.holding
    assert not close(ear, 0).held
    assert ear.quiet(200 + BEAT) == 1.0


def test_a_flood_is_bounded():
    ear = Ear()
    for pulse in range(0, 10**6, 50):
        ear.note_on(pulse, 0, 72, 80)
    assert len(close(ear, 10**6).melody) == 256
    assert not close(ear, 10**6).played


def test_quiet_counts_from_the_last_sound():
    ear = Ear()
    assert ear.quiet(1000) is None
    ear.note_on(-BEAT, 0, 72, 80)
    close(ear, -1)
    assert ear.quiet(2 * BEAT) == 0.0
    ear.note_off(0, 0, 72)
    assert ear.quiet(2 * BEAT) == 2.0
    assert ear.quiet(-BEAT) == 0.0


def test_a_phrase_lasts_from_its_first_onset_to_its_last():
    ear = Ear()
    assert ear.phrase_beats == 0.0
    phrase(ear, 0, 1, 2)
    assert ear.phrase_beats == 2.0
    phrase(ear, 10, 10.5, 11.5)
    assert ear.phrase_beats == 1.5


def test_a_player_who_leaves_gaps_is_waited_for():
    ear = Ear()
    phrase(ear, 0, 0.5, 1, 1.5)
    assert ear.patience == 1.5
    phrase(ear, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31)
    assert ear.patience == 3.0
    phrase(ear, 34, 37, 40)
    assert ear.phrase_beats >= 6.0


def test_waiting_for_an_answer_is_no_habit():
    ear = Ear()
    for beat in range(0, 400, 16):
        phrase(ear, beat, beat + 0.5)
    assert ear.patience == 1.5
    assert ear.phrase_beats == 0.5


@pytest.mark.parametrize("pulse", [0, 479, 480])
def test_a_beat_s_hearing_ends_as_the_next_one_s_early_window_opens(pulse: int):
    ear = Ear()
    strike(ear, pulse, 72)
    assert close(ear, 0).played == (pulse < BEAT - EARLY)
