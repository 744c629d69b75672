"""The leader: what a drum machine hears, and where our own transport, following it, would be."""

from dataclasses import replace

import pytest

from improvd.core.sync.leader import Leader
from improvd.core.sync.transport import Transport
from improvd.core.sync.transport_state import Following, Standing, Sync, TransportState
from improvd.core.timeline import Timeline, ns_per_beat
from tests.harness.masters import START_NS

MS = 1_000_000
BEAT = ns_per_beat(120)
START, CONTINUE, STOP, CLOCK = b"\xfa", b"\xfb", b"\xfc", b"\xf8"


def state(pulse=0, standing=Standing.ALONE, jumps=0):
    """Pulse `pulse` falls at START_NS, at 120 BPM."""
    return TransportState(standing, Timeline(START_NS, pulse, BEAT), jumps)


def sent(leader, until):
    """All that is sent up to a time, each message at its due time."""
    messages = []
    while leader.wake() <= until:
        messages += leader.turn(leader.wake())
    return messages


def only(messages, *kinds):
    return [(due, message) for due, message in messages if message[:1] in kinds]


def test_twenty_four_clocks_to_the_beat_on_time():
    leader = Leader(START_NS, state())
    clocks = only(sent(leader, START_NS + 4 * BEAT - 1), CLOCK)
    assert [due for due, _ in clocks] == [
        state().timeline.when(20 * number) for number in range(96)
    ]


def test_start_comes_before_the_first_clock_of_the_song():
    count_in = Leader(START_NS, state(-4 * 480))
    messages = sent(count_in, START_NS + 5 * BEAT)
    index = [message for _, message in messages].index(START)
    assert index == 96
    due, (first, _) = messages[index][0], messages[index + 1]
    assert first == START_NS + 4 * BEAT
    assert MS <= first - due <= 3 * MS


def test_elsewhere_song_position_and_continue_on_the_next_sixteenth():
    leader = Leader(START_NS, state(16 * 1920 + 130))
    messages = sent(leader, START_NS + BEAT)
    others = [message for _, message in messages if message != CLOCK]
    assert others == [bytes((0xF2, 258 & 0x7F, 258 >> 7)), CONTINUE]
    at = [message for _, message in messages].index(CONTINUE)
    assert messages[at + 1][0] == state(16 * 1920 + 130).timeline.when(258 * 120)


def test_clocks_go_on_while_stopped():
    leader = Leader(START_NS, state(standing=Standing.STOPPED))
    messages = sent(leader, START_NS + 2 * BEAT)
    assert {message for _, message in messages} == {CLOCK}
    assert len(messages) == 49


def test_a_stop_is_passed_on_at_once():
    leader = Leader(START_NS, state())
    sent(leader, START_NS + BEAT)
    now = START_NS + BEAT + 3 * MS
    leader.lead(now, state(standing=Standing.STOPPED))
    assert leader.turn(now) == [(now, STOP)]
    assert {message for _, message in sent(leader, now + BEAT)} == {CLOCK}


def test_a_jump_is_stop_position_continue():
    leader = Leader(START_NS, state())
    sent(leader, START_NS + BEAT)
    leader.lead(START_NS + BEAT, state(64 * 1920, jumps=1))
    others = [message for _, message in sent(leader, START_NS + 2 * BEAT) if message != CLOCK]
    assert [message[0] for message in others] == [0xFC, 0xF2, 0xFB]


def test_a_tempo_change_neither_drops_nor_doubles_a_clock():
    leader = Leader(START_NS, state())
    first = sent(leader, START_NS + 2 * BEAT)
    slower = state().timeline.at_tempo(90, 2 * 480)
    leader.lead(START_NS + 2 * BEAT, replace(state(), timeline=slower))
    then = sent(leader, slower.when(4 * 480))
    assert len(only(first + then, CLOCK)) == 97
    assert not only(then, START, STOP, CONTINUE)


def test_song_position_of_a_very_long_piece_still_fits():
    leader = Leader(START_NS, state(20_000 * 120 + 1))
    messages = sent(leader, START_NS + BEAT)
    (position,) = [message for _, message in messages if message[0] == 0xF2]
    assert all(byte < 0x80 for byte in position[1:])


def test_after_a_standstill_it_says_where_it_is_instead_of_hurrying():
    leader = Leader(START_NS, state())
    sent(leader, START_NS + BEAT)
    late = START_NS + 20 * BEAT + 3 * MS
    messages = leader.turn(late) + sent(leader, late + BEAT)
    assert [m[0] for _, m in messages if m != CLOCK] == [0xFC, 0xF2, 0xFB]
    assert len(only(messages, CLOCK)) <= 26


def test_leaving_stops_those_who_follow_and_only_those():
    leader = Leader(START_NS, state(-480))
    assert leader.silence() == []
    sent(leader, START_NS + 2 * BEAT)
    assert leader.silence() == [STOP]
    assert leader.silence() == []


def test_its_own_messages_come_back_as_echoes_once():
    leader = Leader(START_NS, state())
    for due, message in sent(leader, START_NS + BEAT):
        assert leader.is_echo(due + 2 * MS, message)
    last = START_NS + BEAT + 3 * MS
    assert not leader.is_echo(last, CLOCK)
    assert not leader.is_echo(last, STOP)


def test_on_a_bus_that_it_hears_it_does_not_follow_itself():
    transport = Transport(state().timeline, Following())
    leader = Leader(START_NS, transport.state)
    while leader.wake() < START_NS + 60 * BEAT:
        for due, message in leader.turn(leader.wake()):
            if not leader.is_echo(due + MS, message):
                transport.hear(due + MS, message)
    assert transport.state == TransportState(Standing.ALONE, state().timeline)


@pytest.mark.parametrize("pulse", [-1920, 0, 7, 1930, 100_000])
def test_who_follows_it_is_in_the_same_place(pulse):
    leader = Leader(START_NS, state(pulse))
    follower = Transport(state().timeline, Following(sync=Sync.MIDI))

    def listen(until):
        for due, message in sent(leader, until):
            follower.hear(due, message)

    listen(START_NS + 16 * BEAT)
    leader.lead(START_NS + 16 * BEAT, state(480 * 333, jumps=1))
    listen(START_NS + 24 * BEAT)
    ours, theirs = state(480 * 333).timeline, follower.state.timeline
    assert follower.state.rolling
    assert abs(ours.when(480 * 345) - theirs.when(480 * 345)) < MS
