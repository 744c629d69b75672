"""Laws of improvd's own voice."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.harmony.chart import parse_chart
from improvd.core.music import HOLD, REST
from improvd.core.network.vocabulary import Vocabulary
from improvd.core.timeline import Timeline, ns_per_beat
from improvd.core.voice.line import Line, Style, Surroundings
from tests.harness.drawn import PITCHES, VOCABULARIES, registers
from tests.harness.live_script import VOCABULARY
from tests.harness.notes import check_one_voice, drain

HARMONY = parse_chart("| C |").at(0)
SAME, STEP, EIGHTHS, OFF_BEAT, TRIPLET, LEAP = range(2, 8)
BEAT = 480


def around(beat: int, bpm: float = 120, others: Sequence[int] = ()) -> Surroundings:
    return Surroundings(beat, HARMONY, Timeline(0, 0, ns_per_beat(bpm)), others)


def take_until(line: Line, pulse: int) -> list[tuple[int, bytes]]:
    """What has become due by a pulse."""
    taken = []
    while line.agenda.next_pulse is not None and line.agenda.next_pulse < pulse:
        taken.append((line.agenda.next_pulse, line.agenda.take()[-1]))
    return taken


def perform(line: Line, values: Sequence[int], bpm: float = 120) -> list[tuple[int, int, int]]:
    """(on, off, pitch) of each note of these values, the next one always foreseen."""
    sent = []
    for beat, value in enumerate(values):
        following = values[beat + 1] if beat + 1 < len(values) else REST
        sent += take_until(line, beat * BEAT - 30)
        line.play(value, following, around(beat, bpm))
    sent += drain(line.agenda)
    return [
        (on, off, message[1]) for (on, message), (off, _) in zip(sent[::2], sent[1::2], strict=True)
    ]


def straight() -> Line:
    return Line(VOCABULARY, Style(swing=0.5))


# -- lengths ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("following", "end"),
    [
        (REST, 288),  # the last note of a phrase: 0.6 of a beat
        (HOLD, 475),  # open to the beat's end, 5 ms short of it
        (STEP, 340),  # 0.71 of a quarter
        (OFF_BEAT, 480),  # 0.71 of what is more than a beat, which is over with the beat
    ],
)
def test_a_beat_s_end_is_held_as_the_next_value_wants_it(following: int, end: int):
    line = straight()
    line.play(STEP, following, around(0))
    assert line.agenda.last_off == (end, 69)


def test_inside_a_beat_notes_go_to_the_next():
    assert perform(straight(), [TRIPLET]) == [(0, 137, 71), (160, 297, 69), (320, 480, 67)]


def test_hold_ties_a_note_to_where_the_next_value_wants_it():
    assert perform(straight(), [STEP, HOLD, REST]) == [(0, 480 + 288, 69)]
    assert perform(straight(), [STEP, HOLD, STEP]) == [(0, 820, 69), (960, 1248, 71)]


def test_a_note_is_tied_over_two_beats_at_most():
    assert perform(straight(), [STEP, HOLD, HOLD, HOLD, HOLD]) == [(0, 3 * 480 - 5, 69)]


def test_the_next_note_may_be_tied_over_two_beats_again():
    values = [STEP, HOLD, HOLD, STEP, HOLD, HOLD, REST]
    assert perform(straight(), values) == [(0, 1300, 69), (1440, 2688, 71)]


def test_hold_with_nothing_sounding_is_a_rest():
    line = straight()
    assert line.play(HOLD, STEP, around(0)) == ()
    assert line.agenda.next_pulse is None
    line.play(STEP, STEP, around(1))
    take_until(line, 2 * BEAT)
    line.play(HOLD, STEP, around(3))
    assert line.phrase_start is None


def test_a_note_still_open_ends_5_ms_ahead_of_the_next():
    line = straight()
    line.play(STEP, HOLD, around(0))
    line.play(STEP, REST, around(1))
    offs = [pulse for pulse, message in drain(line.agenda) if message[0] == 0x80]
    assert offs == [475, 768]


# -- rhythm ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("swing", "bpm", "off_beat"),
    [(0.5, 120, 240), (0.75, 120, 360), (None, 120, 283), (None, 390, 240)],
)
def test_the_off_beat_swings_by_the_style_or_else_the_tempo(
    swing: float | None, bpm: float, off_beat: int
):
    line = Line(VOCABULARY, Style(swing=swing))
    onsets = [on for on, _, _ in perform(line, [EIGHTHS], bpm)]
    assert onsets == [0, off_beat]


# -- pitch, phrase and loudness --------------------------------------------------------------


def test_the_line_goes_on_from_its_last_pitch():
    line = straight()
    assert line.play(EIGHTHS, STEP, around(0)) == (69, 71)
    assert line.previous == 71
    assert line.play(STEP, REST, around(1)) == (72,)


def test_a_phrase_lasts_from_its_first_note_to_a_rest():
    line = straight()
    for beat, (value, start) in enumerate(
        [(REST, None), (STEP, 1), (HOLD, 1), (STEP, 1), (REST, None), (STEP, 5)]
    ):
        line.play(value, HOLD, around(beat))
        assert line.phrase_start == start


def test_after_a_rest_a_note_out_of_the_register_moves_by_octaves_inside_a_phrase_it_is_mirrored():
    line = straight()
    assert line.play(LEAP, STEP, around(0)) == (76,)  # 88 an octave lower
    assert line.play(LEAP, STEP, around(1)) == (55,)


def test_a_phrase_begins_a_little_louder_and_ends_softer():
    line = straight()
    velocities = []
    for beat, following in enumerate([SAME, SAME, REST]):
        line.play(SAME, following, around(beat))
        velocities += [message[2] for _, message in drain(line.agenda) if message[0] == 0x90]
    first, middle, last = velocities
    assert first > middle > last


def test_while_the_player_sounds_one_softer_note_is_left():
    alone, together = straight(), straight()
    assert alone.play(EIGHTHS, STEP, around(0)) == (69, 71)
    assert together.play(EIGHTHS, STEP, around(0, others=[48])) == (69,)
    (_, softer), _ = drain(together.agenda)
    (_, usual), *_ = drain(alone.agenda)
    assert softer[2] == usual[2] - 15


def test_where_there_is_no_room_the_phrase_is_over():
    line = straight()
    line.play(STEP, STEP, around(0))
    assert line.play(STEP, STEP, around(1, others=range(0, 128, 5))) == ()
    assert line.phrase_start is None
    assert line.previous == 69


def test_it_plays_on_its_channel():
    line = Line(VOCABULARY, Style(channel=5))
    line.play(STEP, REST, around(0))
    assert [message[0] for _, message in drain(line.agenda)] == [0x95, 0x85]


@given(st.data(), VOCABULARIES, registers(), st.floats(20, 400), st.none() | st.floats(0.5, 0.75))
def test_any_values_at_any_tempo_are_one_voice_in_its_register(
    data: st.DataObject,
    vocabulary: Vocabulary,
    register: object,
    bpm: float,
    swing: float | None,
):
    line = Line(vocabulary, Style(register=register, swing=swing))
    values = st.integers(0, len(vocabulary) - 1)
    steps = st.tuples(values, values, st.lists(PITCHES, max_size=2))
    sent = []
    for beat, (value, following, others) in enumerate(data.draw(st.lists(steps, max_size=12))):
        sent += take_until(line, beat * BEAT - 80)
        pitches = line.play(value, following, around(beat, bpm, others))
        assert all(pitch in register for pitch in pitches)
        assert len(pitches) <= len(vocabulary.figure(value))
    sent += drain(line.agenda)
    check_one_voice([message for _, message in sent])
    assert [pulse for pulse, _ in sent] == sorted(pulse for pulse, _ in sent)
    assert all(1 <= message[2] <= 127 for _, message in sent)
