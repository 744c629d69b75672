"""Laws of the agenda: one voice, every on with its off, offs first."""

from hypothesis import given
from hypothesis import strategies as st

from improvd.core.music import Note
from improvd.core.voice.agenda import Agenda
from tests.harness.notes import check_one_voice, drain

NOTES = st.builds(
    Note, st.integers(0, 2000), st.integers(1, 1500), st.integers(0, 127), st.integers(1, 127)
)
GAPS = st.integers(1, 50)


@given(st.lists(st.tuples(NOTES, GAPS, st.integers(0, 5), st.integers(0, 700))))
def test_whatever_is_planned_taken_and_held_is_one_voice_that_closes_every_note(
    steps: list[tuple[Note, int, int, int]],
):
    agenda, sent = Agenda(0), []
    for note, gap, takes, hold in steps:
        agenda.plan(note, gap)
        if hold and agenda.last_off is not None:
            pulse, pitch = agenda.last_off
            agenda.move_off(pitch, pulse + hold)
        sent += [agenda.take()[-1] for _ in range(takes) if agenda.next_pulse is not None]
    assert len(agenda.sounding) <= 1
    check_one_voice(sent + agenda.silence())


@given(st.lists(st.tuples(NOTES, GAPS, st.booleans())))
def test_a_note_that_is_dropped_takes_its_off_along(steps: list[tuple[Note, int, bool]]):
    agenda, sent = Agenda(0), []
    for note, gap, drop in steps:
        agenda.plan(note, gap)
        if agenda.next_is_on and drop:
            agenda.drop_note()
        elif agenda.next_pulse is not None:
            sent.append(agenda.take()[-1])
    check_one_voice(sent + [message for _, message in drain(agenda)])


@given(st.lists(NOTES, max_size=20), GAPS)
def test_messages_come_in_order_of_time(notes: list[Note], gap: int):
    agenda = Agenda(0)
    for note in notes:
        agenda.plan(note, gap)
    pulses = [pulse for pulse, _ in drain(agenda)]
    assert pulses == sorted(pulses)


@given(st.lists(st.tuples(st.integers(60, 900), st.integers(1, 1500), st.integers(0, 127))), GAPS)
def test_a_line_with_room_is_played_whole_and_each_note_ends_ahead_of_the_next(
    line: list[tuple[int, int, int]], gap: int
):
    agenda, onset, expected = Agenda(2), 0, []
    for space, length, pitch in line:
        onset += space
        if expected:
            end, off = expected[-1]
            expected[-1] = min(end, onset - gap), off
        expected += [(onset, bytes((0x92, pitch, 90))), (onset + length, bytes((0x82, pitch, 64)))]
        agenda.plan(Note(onset, length, pitch), gap)
    assert drain(agenda) == expected


def test_at_one_pulse_offs_go_first():
    agenda = Agenda(0)
    agenda.plan(Note(0, 100, 60), 0)
    agenda.plan(Note(100, 100, 62), 0)
    assert [message[0] for _, message in drain(agenda)] == [0x90, 0x80, 0x90, 0x80]


def test_a_hold_moves_the_off_of_the_last_note():
    agenda = Agenda(0)
    agenda.plan(Note(0, 100, 60), 5)
    agenda.plan(Note(200, 100, 60), 5)
    agenda.move_off(60, 700)
    assert [pulse for pulse, _ in drain(agenda)] == [0, 100, 200, 700]


def test_silence_closes_what_sounds_and_forgets_what_was_planned():
    agenda = Agenda(9)
    agenda.plan(Note(0, 100, 60), 5)
    agenda.take()[-1]
    agenda.plan(Note(50, 100, 62), 5)
    assert agenda.sounding == (60,)
    assert agenda.silence() == [bytes((0x89, 60, 64))]
    assert agenda.sounding == ()
    assert agenda.next_pulse is agenda.last_off is None
    assert agenda.silence() == []
