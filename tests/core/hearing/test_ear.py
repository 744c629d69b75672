"""Laws of the ear."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.hearing.ear import Ear, HeardBeat
from improvd.core.hearing.windows import spans
from improvd.core.timeline import Timeline, ns_per_beat
from improvd.messages import RULES

SPANS = spans(Timeline(0, 0, ns_per_beat(120)), RULES)
EARLY, CHORD = SPANS.early, SPANS.chord
BEAT = 480


def close(ear: Ear, beat: int) -> HeardBeat:
    return ear.close(beat, SPANS)


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
    st.lists(st.tuples(st.integers(CHORD + 1, 1500), st.integers(52, 127)), max_size=40),
    st.integers(-1000, 1000),
)
def test_every_melody_note_is_heard_once_in_order_in_its_own_beat(
    line: list[tuple[int, int]], start: int
):
    onsets = list(accumulate((gap for gap, _ in line), initial=start))[1:]
    ear = Ear(RULES)
    for onset, (_, pitch) in zip(onsets, line, strict=True):
        strike(ear, onset, pitch, length=CHORD)
    heard = []
    for beat in range(-4, 150):
        for tick, pitch in close(ear, beat).melody:
            assert -EARLY <= tick * 40 < BEAT - EARLY
            heard.append((round(beat * BEAT + tick * 40), pitch))
    assert heard == [(taken(onset), pitch) for onset, (_, pitch) in zip(onsets, line, strict=True)]


def taken(onset: int) -> int:
    """When a note of that test counts: down just as hearing closes, it is the next beat's first."""
    into = (onset + EARLY) % BEAT
    return onset + BEAT - into if into > BEAT - SPANS.late else onset


def test_a_note_that_comes_too_late_for_its_beat_is_heard_at_the_start_of_the_next():
    ear = Ear(RULES)
    assert not close(ear, 0).played
    strike(ear, 440, 72)
    assert close(ear, 1).melody == ((-EARLY / 40, 72),)


def test_notes_struck_together_are_one_and_its_top_is_the_melody():
    ear = Ear(RULES)
    strike(ear, 0, 72, length=CHORD)
    strike(ear, 20, 76)
    strike(ear, CHORD, 69)
    strike(ear, CHORD + 1, 74)
    assert close(ear, 0).melody == ((0.0, 76), ((CHORD + 1) / 40, 74))


def test_accompaniment_is_no_melody_but_sounds():
    ear = Ear(RULES)
    for pitch in (48, 52, 55):
        ear.note_on(0, 0, pitch, 80)
    heard = close(ear, 0)
    assert not heard.played
    assert not heard.held
    assert heard.chords == ((0.0, 48), (0.0, 52), (0.0, 55))
    assert heard.pitches == (48, 52, 55)
    assert close(ear, 1).pitches == (48, 52, 55)


def test_brushed_keys_are_not_heard():
    ear = Ear(RULES)
    ear.note_on(0, 0, 72, 7)
    assert close(ear, 0) == HeardBeat((), held=False, pitches=())
    ear.note_on(BEAT, 0, 72, 8)
    assert close(ear, 1).played


def test_a_melody_key_is_held_until_it_is_let_go():
    ear = Ear(RULES)
    ear.note_on(0, 0, 72, 80)
    assert close(ear, 0).held
    assert close(ear, 1) == HeardBeat((), held=True, pitches=(72,))
    ear.note_off(2 * BEAT + 10, 0, 72)
    assert close(ear, 2) == HeardBeat((), held=False, pitches=())


def test_a_key_is_let_go_on_the_channel_it_was_struck_on():
    ear = Ear(RULES)
    ear.note_on(0, 0, 72, 80)
    ear.note_off(10, 1, 72)
    assert ear.holding
    ear.note_off(10, 0, 72)
    assert not ear.holding


def test_an_octave_button_between_on_and_off_strands_no_note():
    ear = Ear(RULES)
    ear.note_on(0, 0, 60, 80)
    ear.note_off(400, 0, 72)
    assert not ear.holding
    ear.note_on(BEAT, 0, 60, 80)
    ear.note_on(BEAT, 0, 72, 80)
    ear.note_off(BEAT + 10, 0, 84)  # it could be either
    assert ear.holding


def test_a_brushed_key_s_off_ends_no_other_note():
    ear = Ear(RULES)
    ear.note_on(0, 0, 60, 80)
    ear.note_on(10, 0, 72, 3)
    ear.note_off(20, 0, 72)
    assert ear.holding


def test_all_notes_off_lets_every_key_go():
    ear = Ear(RULES)
    ear.note_on(0, 0, 72, 80)
    ear.note_on(0, 3, 76, 80)
    ear.notes_off(100, [0])
    assert ear.holding
    ear.notes_off(200, [3])
    assert not ear.holding
    assert not close(ear, 0).held
    assert ear.quiet(200 + BEAT) == 1.0


def test_what_the_sustain_pedal_holds_sounds_until_it_is_let_go():
    ear = Ear(RULES)
    ear.sustain(-10, [0], down=True)
    ear.note_on(0, 0, 72, 80)
    ear.note_on(0, 1, 76, 80)  # another channel's pedal is up
    ear.note_off(100, 0, 72)
    ear.note_off(100, 1, 76)
    assert close(ear, 0).pitches == (72, 76)
    assert close(ear, 1) == HeardBeat((), held=False, pitches=(72,))
    assert ear.quiet(2 * BEAT) == 0.0
    ear.sustain(2 * BEAT, [0], down=False)
    assert not close(ear, 2).sounded
    assert ear.quiet(3 * BEAT) == 1.0


def test_a_melody_note_that_the_pedal_holds_is_held():
    ear = Ear(RULES)
    ear.sustain(-10, [0], down=True)
    strike(ear, 0, 72)
    assert close(ear, 0).held
    assert close(ear, 1).held
    ear.reset_controllers(2 * BEAT, [0])
    assert not close(ear, 2).held


def test_the_sostenuto_pedal_holds_what_was_down_as_it_went_down():
    ear = Ear(RULES)
    ear.note_on(0, 0, 72, 80)
    ear.sostenuto(50, [0], down=True)
    ear.note_off(100, 0, 72)
    strike(ear, 120, 79)
    assert close(ear, 0).pitches == (72, 79)
    assert close(ear, 1).pitches == (72,)
    ear.sostenuto(2 * BEAT, [0], down=False)
    assert not ear.holding


def test_all_notes_off_leaves_the_pedal_and_all_sound_off_does_not():
    ear = Ear(RULES)
    ear.sustain(-10, [0], down=True)
    ear.note_on(0, 0, 72, 80)
    ear.notes_off(100, [0])
    assert ear.holding
    ear.cut(200, [0])
    assert not ear.holding


def test_a_drone_is_neither_held_nor_sounding_once_the_melody_has_passed_it_by():
    ear = Ear(RULES)
    ear.note_on(0, 1, 46, 80)
    close(ear, 0)
    for beat in range(1, 6):
        strike(ear, beat * BEAT, 67 + beat, length=200)
        close(ear, beat)
    assert close(ear, 6) == HeardBeat((), held=False, pitches=())
    assert ear.quiet(7 * BEAT) == 7 - 5 - 200 / BEAT


def test_a_sound_of_ten_seconds_and_four_bars_is_a_drone():
    ear = Ear(RULES)
    ear.note_on(0, 0, 72, 80)
    held = [close(ear, beat).held for beat in range(24)]
    assert held == [True] * 20 + [False] * 4  # at 120 BPM ten seconds are 20 beats
    assert ear.quiet(24 * BEAT) == 24.0
    ear.note_off(24 * BEAT, 0, 72)
    assert ear.quiet(24 * BEAT) == 24.0
    ear.note_on(24 * BEAT, 0, 72, 80)
    assert close(ear, 24).held


def test_a_note_held_over_a_comping_hand_is_no_drone_before_its_time():
    ear = Ear(RULES)
    ear.note_on(0, 0, 79, 80)
    close(ear, 0)
    for beat in range(1, 10):
        strike(ear, beat * BEAT, 52, 55, 59)
        assert close(ear, beat).held


def test_a_soft_note_is_played_where_breath_carries_it():
    ear = Ear(RULES)
    ear.note_on(0, 0, 72, 3)
    ear.breathe(20, 0, 5)
    ear.breathe(40, 0, 60)
    ear.note_on(200, 0, 74, 3)
    ear.note_on(300, 1, 76, 3)  # nobody blows on this channel
    assert close(ear, 0).melody == ((0.0, 72), (5.0, 74))


def test_a_soft_note_heard_only_by_its_breath_keeps_its_place():
    ear = Ear(RULES)
    ear.note_on(0, 0, 72, 3)
    ear.note_on(100, 1, 79, 80)
    ear.note_off(110, 1, 79)
    ear.breathe(120, 0, 60)
    assert close(ear, 0).melody == ((0.0, 72), (2.5, 79))


def test_a_resting_expression_pedal_plays_no_brushed_key():
    ear = Ear(RULES)
    ear.breathe(0, 0, 127)
    ear.note_on(2 * BEAT, 0, 72, 3)
    assert not close(ear, 2).played


def test_an_ear_goes_on_from_its_memory():
    def events(ear: Ear, first: int, last: int) -> list[HeardBeat]:
        heard = []
        for beat in range(first, last):
            ear.sustain(beat * BEAT + 5, [0], down=beat % 3 == 0)
            for at, pitch in ((10, 40 + beat % 5), (200, 70 + beat % 7), (300, 60)):
                ear.note_on(beat * BEAT + at, 0, pitch, 80 if pitch != 60 else 3)
            ear.note_on(beat * BEAT + 460, 0, 80 + beat % 7, 80)
            heard.append(close(ear, beat))
            for pitch in (40 + beat % 5, 70 + beat % 7, 80 + beat % 7):
                ear.note_off((beat + 1) * BEAT, 0, pitch)
            ear.breathe((beat + 1) * BEAT, 0, beat % 20)
        return heard

    one, other = Ear(RULES), Ear(RULES)
    events(one, 0, 7)
    other.restore(one.memory())
    assert events(one, 7, 40) == events(other, 7, 40)
    assert one.memory() == other.memory()


def test_a_flood_is_bounded():
    ear = Ear(RULES)
    for pulse in range(0, 10**6, 50):
        ear.note_on(pulse, 0, 72, 80)
    assert len(close(ear, 10**6).melody) == 256
    assert not close(ear, 10**6).played


def test_quiet_counts_from_the_last_sound():
    ear = Ear(RULES)
    assert ear.quiet(1000) is None
    ear.note_on(-BEAT, 0, 72, 80)
    close(ear, -1)
    assert ear.quiet(2 * BEAT) == 0.0
    ear.note_off(0, 0, 72)
    assert ear.quiet(2 * BEAT) == 2.0
    assert ear.quiet(-BEAT) == 0.0


def test_a_phrase_lasts_from_its_first_onset_to_its_last():
    ear = Ear(RULES)
    assert ear.phrase_beats == 0.0
    phrase(ear, 0, 1, 2)
    assert ear.phrase_beats == 2.0
    phrase(ear, 10, 10.5, 11.5)
    assert ear.phrase_beats == 1.5


def test_a_player_who_leaves_gaps_is_waited_for():
    ear = Ear(RULES)
    phrase(ear, 0, 0.5, 1, 1.5)
    assert ear.patience == 1.5
    phrase(ear, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31)
    assert ear.patience == 3.0
    phrase(ear, 34, 37, 40)
    assert ear.phrase_beats >= 6.0


def test_waiting_for_an_answer_is_no_habit():
    ear = Ear(RULES)
    for beat in range(0, 400, 16):
        phrase(ear, beat, beat + 0.5)
    assert ear.patience == 1.5
    assert ear.phrase_beats == 0.5


@pytest.mark.parametrize("pulse", [0, 479, 480])
def test_a_beat_s_hearing_ends_as_the_next_one_s_early_window_opens(pulse: int):
    ear = Ear(RULES)
    strike(ear, pulse, 72)
    assert close(ear, 0).played == (pulse < BEAT - EARLY)
