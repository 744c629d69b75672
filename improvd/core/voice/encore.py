"""The encore: the chorus being played, written down, so that it can be played again to the byte.

What is repeated is what was sent, not what the model would play again: the musician may have
answered it meanwhile.
"""

from dataclasses import dataclass, field, replace

from improvd.core.midi.messages import strikes
from improvd.core.music import PULSES_PER_BEAT
from improvd.core.voice.agenda import PlannedEvent


@dataclass(frozen=True, slots=True)
class WrittenBeat:
    """One beat of a chorus: the value played, None where improvd listened, and its pitches."""

    value: int | None
    pitches: tuple[int, ...]


@dataclass(slots=True)
class Encore:
    """Writes down one chorus at a time, and gives it back when it was asked for.

    `beats` is the length of a chorus; `start` the beat at which the one being played began.
    """

    beats: int
    start: int = 0
    asked: bool = False
    repeating: bool = False
    written: list[WrittenBeat] = field(default_factory=list)
    events: list[PlannedEvent] = field(
        default_factory=list
    )  # pulses from the start of the chorus on
    open: list[int] = field(default_factory=list)  # pitches struck in this chorus and not closed

    def copy(self) -> "Encore":
        """Another that has the same written down."""
        return replace(self, written=[*self.written], events=[*self.events], open=[*self.open])

    def begin(self, beat: int) -> None:
        """Music begins, or goes on elsewhere: a chorus that is not whole is not repeated."""
        self.start = beat - beat % self.beats
        self.asked = self.repeating = False
        self.written = [WrittenBeat(None, ())] * (beat - self.start)  # what was missed of it
        self.events.clear()
        self.open.clear()

    def sent(self, event: PlannedEvent) -> None:
        """A message was sent, at its pulse; what closes a note of the chorus before is left out."""
        pulse, rank, pitch, message = event
        if self.repeating:
            return
        if strikes(message):
            self._leave_out_the_cut(pitch)
            self.open.append(pitch)
        elif pitch in self.open:
            self.open.remove(pitch)
        else:
            return
        self.events.append((pulse - self.start * PULSES_PER_BEAT, rank, pitch, message))

    def turn_over(self, beat: int, planned: list[PlannedEvent]) -> list[PlannedEvent]:
        """A beat is about to be picked, `planned` still to be sent: the events of a repeat, if any.

        Only at the first beat of a chorus is there anything to do.
        """
        if beat % self.beats:
            return []
        if not self.asked:
            self.begin(beat)
            return []
        for event in planned:  # nothing of it, if this is a repeat already
            self.sent(event)
        for pitch in list(self.open):
            self._leave_out_the_cut(pitch)
        self.start, self.asked, self.repeating = beat, False, True
        shift = beat * PULSES_PER_BEAT
        return [(pulse + shift, rank, pitch, data) for pulse, rank, pitch, data in self.events]

    def _leave_out_the_cut(self, pitch: int) -> None:
        """A note of this pitch that was cut out of turn, as by a panic, would hang in a repeat."""
        if pitch not in self.open:
            return
        self.open.remove(pitch)
        for index in range(len(self.events) - 1, -1, -1):
            if self.events[index][2] == pitch:  # its note-on, since its off never came
                del self.events[index]
                return

    def played(self, value: int | None, pitches: tuple[int, ...]) -> None:
        """A beat was picked by whoever picks."""
        if not self.repeating:
            self.written.append(WrittenBeat(value, pitches))

    def at(self, beat: int) -> WrittenBeat | None:
        """What stands written for a beat, None where nothing is being repeated."""
        place = beat - self.start
        return self.written[place] if self.repeating and place < len(self.written) else None
