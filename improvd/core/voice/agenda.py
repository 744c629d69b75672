"""The agenda: what is due, and what sounds.

Every note-on has its note-off from the moment it is planned. One voice: planning a note closes
whatever would still sound at its onset. At one pulse, offs go before ons.
"""

from bisect import insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from improvd.core.midi.messages import channel, note_off, note_on
from improvd.core.music import Note

_OFF, _ON = 0, 1

# (pulse, rank, pitch, message): sorts by time, offs first
PlannedEvent = tuple[int, int, int, bytes]


@dataclass(frozen=True, slots=True)
class AgendaMemory:
    """What is planned, and what sounds: (pitch, channel)."""

    planned: tuple[PlannedEvent, ...]
    sounding: tuple[tuple[int, int], ...]


class Agenda:
    """Planned messages in order, on one MIDI channel (0 to 15). Never blocks.

    A change of `channel` concerns the notes planned after it.
    """

    def __init__(self, channel: int) -> None:
        self.channel = channel
        self._events: list[PlannedEvent] = []
        self._sounding: dict[int, int] = {}  # pitch to channel

    @property
    def sounding(self) -> tuple[int, ...]:
        """The pitches whose note-on was taken and whose note-off was not."""
        return tuple(self._sounding)

    def memory(self) -> AgendaMemory:
        """What another agenda goes on from."""
        return AgendaMemory(tuple(self._events), tuple(self._sounding.items()))

    def restore(self, memory: AgendaMemory) -> None:
        """Go on from there."""
        self._events = list(memory.planned)
        self._sounding = dict(memory.sounding)

    def forget_begun(self, pulse: int) -> None:
        """Notes that began before a pulse are over: others saw to their offs."""
        planned, begun = self._events, list[int]()
        self._events = []
        self._sounding.clear()
        for event in planned:
            at, rank, pitch, _ = event
            if rank == _ON and at >= pulse:
                begun.append(pitch)
                self._events.append(event)
            elif rank == _OFF and pitch in begun:
                begun.remove(pitch)
                self._events.append(event)

    def forget_from(self, pulse: int) -> None:
        """Notes that would begin at a pulse or after it are planned no more; others stay."""
        kept, begun = list[PlannedEvent](), list[int]()
        for event in self._events:
            at, rank, pitch, _ = event
            if rank == _ON and at >= pulse:
                begun.append(pitch)
            elif rank == _OFF and pitch in begun:
                begun.remove(pitch)
            else:
                kept.append(event)
        self._events = kept

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
        self._insert(note)

    def strike(self, notes: Sequence[Note], gap: int) -> None:
        """Plan notes that begin together; what sounds before them ends `gap` pulses ahead.

        Whoever has several voices plans in the order of time, further apart than the gap.
        """
        self.end_by(notes[0].onset - gap)
        for note in notes:
            self._insert(note)

    def _insert(self, note: Note) -> None:
        on = note_on(self.channel, note.pitch, note.velocity)
        off = note_off(self.channel, note.pitch)
        insort(self._events, (note.onset, _ON, note.pitch, on))
        insort(self._events, (note.onset + note.length, _OFF, note.pitch, off))

    def move_off(self, pitch: int, pulse: int) -> None:
        """End the last planned note of a pitch at another pulse."""
        for index in range(len(self._events) - 1, -1, -1):
            _, rank, other, off = self._events[index]
            if rank == _OFF and other == pitch:
                del self._events[index]
                insort(self._events, (pulse, _OFF, pitch, off))
                return

    @property
    def planned(self) -> list[PlannedEvent]:
        """What is still to be sent, in order."""
        return list(self._events)

    def end_by(self, pulse: int) -> None:
        """What sounds at this pulse, or would, ends there; what begins after it stays as it is."""
        begun: list[int] = []
        for event in [event for event in self._events if event[0] > pulse]:
            _, rank, pitch, off = event
            if rank == _ON:
                begun.append(pitch)
            elif pitch in begun:
                begun.remove(pitch)
            else:
                self._events.remove(event)
                insort(self._events, (pulse, _OFF, pitch, off))

    def schedule(self, events: Iterable[PlannedEvent]) -> None:
        """Plan events that are whole already: each note among them has its off."""
        for event in events:
            insort(self._events, event)

    def take(self) -> PlannedEvent:
        """Remove the next message and return it, counting it as sent."""
        event = self._events.pop(0)
        _, rank, pitch, message = event
        if rank == _ON:
            self._sounding[pitch] = channel(message)
        else:
            self._sounding.pop(pitch, None)
        return event

    def drop_note(self) -> None:
        """Remove the next message, a note-on that comes too late to be of use, and its off."""
        _, _, pitch, _ = self._events.pop(0)
        for index, (_, rank, other, _) in enumerate(self._events):
            if rank == _OFF and other == pitch:
                del self._events[index]
                return

    @property
    def next_place(self) -> tuple[int, int] | None:
        """When the next message is due, and whether it is an off (0) or an on (1)."""
        return self._events[0][:2] if self._events else None

    @property
    def next_is_on(self) -> bool:
        """Whether the next message is a note-on."""
        return bool(self._events) and self._events[0][1] == _ON

    @property
    def next_pitch(self) -> int | None:
        """The pitch of the next message."""
        return self._events[0][2] if self._events else None

    def hush(self) -> list[bytes]:
        """The note-offs of all that sounds, ahead of time; what is to come stays planned."""
        offs = [note_off(channel, pitch) for pitch, channel in self._sounding.items()]
        for pitch in self._sounding:
            for index, (_, rank, other, _) in enumerate(self._events):
                if rank == _OFF and other == pitch:
                    del self._events[index]
                    break
        self._sounding.clear()
        return offs

    def silence(self) -> list[bytes]:
        """Forget every plan; the note-offs of all that sounds."""
        offs = self.hush()
        self._events.clear()
        return offs
