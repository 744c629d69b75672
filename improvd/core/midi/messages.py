"""MIDI messages: the bytes of those that concern a player, taken apart and put together.

MIDI 1.0: a status byte, of which a channel message keeps its kind in the upper half and its channel
in the lower one, and then data bytes under 0x80. Nothing here allocates but what makes a message.
"""

from collections.abc import Sequence

Stamped = tuple[int, bytes]
"""A moment (monotonic ns) and one whole message with its status byte."""

NOTE_OFF, NOTE_ON, CONTROL_CHANGE, PROGRAM_CHANGE, PITCH_BEND = 0x80, 0x90, 0xB0, 0xC0, 0xE0
CHANNEL_PRESSURE = 0xD0
"""Kinds of channel messages."""

BREATH, VOLUME, EXPRESSION, SUSTAIN, SOSTENUTO, TIMBRE = 2, 7, 11, 64, 66, 74
DATA_ENTRY, RPN_LSB, RPN_MSB = 6, 100, 101
CHANNEL_MODE, ALL_SOUND_OFF, RESET_CONTROLLERS, ALL_NOTES_OFF = 120, 120, 121, 123
"""Controllers; from CHANNEL_MODE on they are channel mode messages, and no knob sends them."""
DOWN = 64
"""From this value on a pedal is down."""

SONG_POSITION, CLOCK, START, CONTINUE, STOP = 0xF2, 0xF8, 0xFA, 0xFB, 0xFC
ACTIVE_SENSING, RESET = 0xFE, 0xFF
"""System messages, which have no channel."""
SYSTEM, REAL_TIME = 0xF0, 0xF8
"""From here on they are system messages, and from there on those of one byte between any others."""

# Senders of note-offs that do not measure the release write 64 (MIDI 1.0, note-off velocity).
_RELEASE = 64
# Of whole messages, by kind and, of the system's, by status. SysEx and what MIDI leaves undefined
# have no length and are no concern of a player's; active sensing is how a pulled cable is noticed.
_LENGTHS = {0x80: 3, 0x90: 3, 0xA0: 3, 0xB0: 3, 0xC0: 2, 0xD0: 2, 0xE0: 3}
_SYSTEM_LENGTHS = {0xF1: 2, 0xF2: 3, 0xF3: 2} | dict.fromkeys(
    (0xF6, CLOCK, START, CONTINUE, STOP, ACTIVE_SENSING, RESET), 1
)


def kind(message: Sequence[int]) -> int:
    """The kind of a channel message, its channel left out."""
    return message[0] & 0xF0


def channel(message: Sequence[int]) -> int:
    """The channel of a channel message, 0 to 15."""
    return message[0] & 0x0F


def strikes(message: Sequence[int]) -> bool:
    """Whether a message is a note-on that strikes a key: one of velocity 0 is a note-off."""
    return message[0] & 0xF0 == NOTE_ON and message[2] > 0


def is_whole(message: Sequence[int]) -> bool:
    """Whether this is one complete channel or system message that concerns a player.

    Running status (data bytes without a status byte) is a thing of the cable: drivers write the
    status out before they hand a message over, so data bytes alone are noise.
    """
    if not message:
        return False
    status = message[0]
    length = _LENGTHS.get(status & 0xF0) if status < SYSTEM else _SYSTEM_LENGTHS.get(status)
    return len(message) == length and (length == 1 or max(message[1:]) < 0x80)


def note_on(channel: int, pitch: int, velocity: int) -> bytes:
    """A key goes down."""
    return bytes((NOTE_ON | channel, pitch, velocity))


def note_off(channel: int, pitch: int) -> bytes:
    """A key is let go."""
    return bytes((NOTE_OFF | channel, pitch, _RELEASE))


def control_change(channel: int, controller: int, value: int) -> bytes:
    """A controller stands at a value."""
    return bytes((CONTROL_CHANGE | channel, controller, value))


def song_position(sixteenths: int) -> bytes:
    """Where in the song to go on, in sixteenth notes: 14 bits, the lower ones first."""
    return bytes((SONG_POSITION, sixteenths & 0x7F, sixteenths >> 7))


def sixteenths(message: Sequence[int]) -> int:
    """Where in the song a song position is, in sixteenth notes."""
    return (message[1] & 0x7F) | (message[2] & 0x7F) << 7
