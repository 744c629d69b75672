"""MIDI messages, against mido, another implementation of MIDI 1.0."""

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.midi import messages

# What mido knows, with one byte for each argument; SysEx and active sensing concern no player.
PLAYED = [
    "note_off", "note_on", "polytouch", "control_change", "program_change", "aftertouch",
    "pitchwheel", "quarter_frame", "songpos", "song_select", "tune_request", "clock", "start",
    "continue", "stop", "reset",
]  # fmt: skip
CHANNELS, DATA = st.integers(0, 15), st.integers(0, 127)


@pytest.mark.parametrize("kind", PLAYED)
def test_a_whole_message_is_whole_and_one_byte_more_or_less_is_none(kind):
    whole = bytes(mido.Message(kind).bytes())
    assert messages.is_whole(whole)
    assert not messages.is_whole(whole[:-1])
    assert not messages.is_whole(whole + b"\x00")
    if len(whole) > 1:
        assert not messages.is_whole(whole[:-1] + b"\x80")


def test_what_concerns_no_player_is_passed_over():
    assert not messages.is_whole(bytes(mido.Message("sysex").bytes()))


@given(st.integers(0, 0x7F))
def test_data_without_a_status_byte_is_noise(data):
    assert not messages.is_whole(bytes((data, 64)))


@given(CHANNELS, DATA, DATA)
def test_messages_are_made_and_read_as_mido_does(channel, first, second):
    def made(kind, **values):
        return bytes(mido.Message(kind, channel=channel, **values).bytes())

    struck = made("note_on", note=first, velocity=second)
    assert messages.note_on(channel, first, second) == struck
    assert messages.strikes(struck) == (second > 0)
    released = made("note_off", note=first, velocity=64)
    assert messages.note_off(channel, first) == released
    assert not messages.strikes(released)
    turned = made("control_change", control=first, value=second)
    assert messages.control_change(channel, first, second) == turned
    assert (messages.kind(turned), messages.channel(turned)) == (messages.CONTROL_CHANGE, channel)


@given(st.integers(0, (1 << 14) - 1))
def test_a_song_position_is_fourteen_bits(sixteenths):
    message = messages.song_position(sixteenths)
    assert message == bytes(mido.Message("songpos", pos=sixteenths).bytes())
    assert messages.sixteenths(message) == sixteenths
