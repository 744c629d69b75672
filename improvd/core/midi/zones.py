"""Which channels are drums, and which an MPE keyboard's own.

By General MIDI channel 10 is drums. An MPE keyboard gives each of its notes a channel of its own,
the tenth among them; it says so by the MPE configuration message (RPN 6 on channel 1 or 16), or it
is seen by how it plays. After MPE 1.1, MIDI Association RP-053.
"""

from dataclasses import dataclass, replace

from improvd.core.midi.messages import DATA_ENTRY, RPN_LSB, RPN_MSB, TIMBRE

DRUM_CHANNEL = 9
_LOWER, _UPPER = 0, 15
_MPE_CONFIGURATION = 0, 6
_MOST_MEMBERS = 15
# A sixteenth of a beat: an MPE keyboard sends a note's bend and timbre just ahead of it.
_JUST_BEFORE = 30
# Notes that go on to the next channel so often are dealt out to channels in turn.
_IN_TURN = 3


@dataclass(slots=True)
class Zones:
    """The zones that are set up, by their number of members; never blocks.

    `selected` is the RPN that each manager channel has selected, as (msb, lsb) of channels 1 and
    16; `expressed` the pulse of the last bend or timbre on channel 10; `last_channel` and `in_turn`
    the channel of the last note-on and how many in a row went on to the next one, negative where to
    the one below.
    """

    lower: int = 0
    upper: int = 0
    selected: tuple[int, int, int, int] = (127, 127, 127, 127)
    expressed: int | None = None
    last_channel: int = -1
    in_turn: int = 0

    def copy(self) -> "Zones":
        """Another that knows the same."""
        return replace(self)

    def governed(self, channel: int) -> range:
        """The channels that a message on this one is for: a manager's are its zone's."""
        if channel == _LOWER and self.lower:
            return range(_LOWER, _LOWER + self.lower + 1)
        if channel == _UPPER and self.upper:
            return range(_UPPER - self.upper, _UPPER + 1)
        return range(channel, channel + 1)

    def control(self, pulse: int, channel: int, number: int, value: int) -> None:
        """A control change."""
        if number == TIMBRE:
            self.express(pulse, channel)
        if channel not in (_LOWER, _UPPER):
            return
        at = 0 if channel == _LOWER else 2
        chosen = list(self.selected)
        if number in (RPN_MSB, RPN_LSB):
            chosen[at + (number == RPN_LSB)] = value
            self.selected = chosen[0], chosen[1], chosen[2], chosen[3]
        elif number == DATA_ENTRY and (chosen[at], chosen[at + 1]) == _MPE_CONFIGURATION:
            self._configure(channel, min(value, _MOST_MEMBERS))

    def _configure(self, manager: int, members: int) -> None:
        """Set a zone up; the one set up last takes the channels that both want."""
        left = max(_MOST_MEMBERS - 1 - members, 0)
        if manager == _LOWER:
            self.lower, self.upper = members, min(self.upper, left)
        else:
            self.upper, self.lower = members, min(self.lower, left)

    def express(self, pulse: int, channel: int) -> None:
        """A bend or a timbre: drums have none, a note of an MPE keyboard has its own."""
        if channel == DRUM_CHANNEL:
            self.expressed = pulse

    def jump(self, moved: int) -> None:
        """All of it is so many pulses later."""
        if self.expressed is not None:
            self.expressed += moved

    def is_drum(self, pulse: int, channel: int) -> bool:
        """Whether a note-on on this channel is a drum's."""
        step = channel - self.last_channel if self.last_channel >= 0 else 0
        if step not in (-1, 1):
            self.in_turn = 0
        elif self.in_turn * step > 0:
            self.in_turn += step
        else:
            self.in_turn = step
        self.last_channel = channel
        if channel != DRUM_CHANNEL:
            return False
        in_zone = channel <= self.lower or channel >= _UPPER - self.upper
        expressed = self.expressed is not None and 0 <= pulse - self.expressed <= _JUST_BEFORE
        return not (in_zone or expressed or abs(self.in_turn) >= _IN_TURN)
