"""A voice as it is planned and sent: its agenda, and the chorus that it may be asked for again."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from improvd.core.music import PULSES_PER_BEAT, Note
from improvd.core.voice.agenda import Agenda, AgendaMemory, PlannedEvent
from improvd.core.voice.encore import Encore


@dataclass(frozen=True, slots=True)
class VoiceMemory:
    """What a voice goes on from: what is planned and sounds, and the chorus written down."""

    agenda: AgendaMemory
    encore: Encore


class PlannedVoice:
    """One voice's messages, in time. `beats` is the length of a chorus. Never blocks."""

    def __init__(self, agenda: Agenda, beats: int) -> None:
        self.agenda = agenda
        self.encore = Encore(beats)

    def form(self, beats: int, beat: int) -> None:
        """A chorus has another length from a beat on."""
        self.encore = Encore(beats)
        self.begin(beat)

    def begin(self, beat: int) -> None:
        """Something else begins at a beat: a chorus that is being repeated goes on no more."""
        self.agenda.forget_from(beat * PULSES_PER_BEAT)
        self.encore.begin(beat)

    def turn_over(self, beat: int) -> None:
        """A beat is about to be picked: plan the chorus before it again, if that was asked for."""
        repeated = self.encore.turn_over(beat, self.agenda.planned)
        if repeated:
            self.agenda.end_by(beat * PULSES_PER_BEAT)
            self.agenda.schedule(repeated)

    def plan(self, beat: int, notes: Iterable[Note], gap: int) -> None:
        """Plan a beat's notes, unless it is repeated; those before end `gap` pulses ahead."""
        if self.encore.at(beat) is not None:
            return
        planned = sorted(notes, key=_onset)
        for _, together in groupby(planned, _onset):
            self.agenda.strike(list(together), gap)
        self.encore.played(None, tuple(note.pitch for note in planned))

    def send(self) -> PlannedEvent:
        """The next message, which leaves now."""
        event = self.agenda.take()
        self.encore.sent(event)
        return event

    def memory(self) -> VoiceMemory:
        """What another goes on from."""
        return VoiceMemory(self.agenda.memory(), self.encore.copy())

    def restore(self, memory: VoiceMemory) -> None:
        """Go on from there, but for a chorus of another length."""
        self.agenda.restore(memory.agenda)
        if memory.encore.beats == self.encore.beats:
            self.encore = memory.encore.copy()


def _onset(note: Note) -> int:
    return note.onset
