"""The agenda: what is due, and what sounds.

Every note-on has its note-off from the moment it is planned. One voice: planning a note closes
whatever would still sound at its onset. At one pulse, offs go before ons.
"""

from bisect import insort

from improvd.core.music import Note

_OFF, _ON = 0, 1
# Senders of note-offs that do not measure the release write 64 (MIDI 1.0, note-off velocity).
_RELEASE = 64

# (pulse, rank, pitch, message): sorts by time, offs first
_Event = tuple[int, int, int, bytes]


class Agenda:
    """Planned messages in order, on one MIDI channel (0 to 15). Never blocks."""

    def __init__(self, channel: int) -> None:
        self._on = 0x90 | channel
        self._off = 0x80 | channel
        self._events: list[_Event] = []
        self._sounding: list[int] = []

    @property
    def sounding(self) -> tuple[int, ...]:
        """The pitches whose note-on was taken and whose note-off was not."""
        return tuple(self._sounding)

    @property
    def next_pulse(self) -> int | None:
        """When the next message is due."""
        return self._events[0][0] if self._events else None

    @property
    def last_off(self) -> tuple[int, int] | None:
        """Pulse and pitch of the last note-off planned: the note that a hold would extend."""
        return (self._events[-1][0], self._events[-1][2]) if self._events else None

    def plan(self, note: Note, gap: int) -> None:
        """Plan a note; what sounds before it ends at least `gap` pulses ahead of it.

        It takes the place of every note that would begin after that end.
        """
        end = note.onset - gap
        for index, (pulse, rank, _, _) in enumerate(self._events):
            if rank == _ON and pulse >= end:
                del self._events[index:]  # with one voice, all that follows is later still
                break
        for pulse, rank, pitch, _ in list(self._events):
            if rank == _OFF and pulse > end:
                self.move_off(pitch, end)
        on = bytes((self._on, note.pitch, note.velocity))
        insort(self._events, (note.onset, _ON, note.pitch, on))
        self._plan_off(note.onset + note.length, note.pitch)

    def move_off(self, pitch: int, pulse: int) -> None:
        """End the last planned note of a pitch at another pulse."""
        for index in range(len(self._events) - 1, -1, -1):
            if self._events[index][1] == _OFF and self._events[index][2] == pitch:
                del self._events[index]
                self._plan_off(pulse, pitch)
                return

    def take(self) -> bytes:
        """Remove the next message and return it, counting it as sent."""
        _, rank, pitch, message = self._events.pop(0)
        if rank == _ON:
            self._sounding.append(pitch)
        elif pitch in self._sounding:
            self._sounding.remove(pitch)
        return message

    def drop_note(self) -> None:
        """Remove the next message, a note-on that comes too late to be of use, and its off."""
        _, _, pitch, _ = self._events.pop(0)
        for index, (_, rank, other, _) in enumerate(self._events):
            if rank == _OFF and other == pitch:
                del self._events[index]
                return

    @property
    def next_is_on(self) -> bool:
        """Whether the next message is a note-on."""
        return bool(self._events) and self._events[0][1] == _ON

    def silence(self) -> list[bytes]:
        """Forget every plan; the note-offs of all that sounds."""
        offs = [bytes((self._off, pitch, _RELEASE)) for pitch in self._sounding]
        self._events.clear()
        self._sounding.clear()
        return offs

    def _plan_off(self, pulse: int, pitch: int) -> None:
        insort(self._events, (pulse, _OFF, pitch, bytes((self._off, pitch, _RELEASE))))
