"""All voices that sound together: what is due next of whom, and the ways to close it."""

from collections.abc import Iterable, Iterator, Mapping

from improvd.core.voice.agenda import Agenda
from improvd.core.voice.encore import WrittenBeat
from improvd.core.voice.planned_voice import PlannedVoice, VoiceMemory


class Voices:
    """Voices by name, in one order: of what is due at the same time, the first goes first.

    One that is no longer seated stays until what it has planned is sent. `beats` is the length of a
    chorus. Never blocks.
    """

    def __init__(self, beats: int) -> None:
        self._beats = beats
        self._by_name: dict[str, PlannedVoice] = {}

    def __getitem__(self, name: str) -> PlannedVoice:
        return self._by_name[name]

    def __iter__(self) -> Iterator[PlannedVoice]:
        return iter(self._by_name.values())

    def seat(self, agendas: Mapping[str, Agenda | None]) -> None:
        """These play, in this order, whoever came first: a successor sends in the same.

        A voice that is here keeps its agenda, unless another is given.
        """
        before, self._by_name = self._by_name, {}
        for name, agenda in agendas.items():
            known = before.pop(name, None)
            if known is None or agenda not in {None, known.agenda}:
                known = self._replaced(known, agenda or Agenda(0))
            self._by_name[name] = known
        left = {
            name: voice for name, voice in before.items() if voice.agenda.next_pulse is not None
        }
        self._by_name |= dict(sorted(left.items()))

    def _replaced(self, before: PlannedVoice | None, agenda: Agenda) -> PlannedVoice:
        if before is not None:
            agenda.restore(before.agenda.memory())
        return PlannedVoice(agenda, self._beats)

    def form(self, beats: int, beat: int) -> None:
        """A chorus has another length from a beat on."""
        self._beats = beats
        for voice in self:
            voice.form(beats, beat)

    def written(self, beat: int) -> Mapping[str, WrittenBeat | None]:
        """What stands written for a beat that is a repeat, by name."""
        return {name: voice.encore.at(beat) for name, voice in self._by_name.items()}

    def next(self) -> str | None:
        """Whose message is due next; at one pulse offs go before ons."""
        soonest, found = None, None
        for name, voice in self._by_name.items():
            place = voice.agenda.next_place
            if place is not None and (soonest is None or place < soonest):
                soonest, found = place, name
        return found

    def hush(self, names: Iterable[str] | None = None) -> list[bytes]:
        """The note-offs of all that sounds now, of these voices or of all; the music goes on."""
        wanted = self._by_name.keys() if names is None else set(names)
        hushed = [voice for name, voice in self._by_name.items() if name in wanted]
        return [off for voice in hushed for off in voice.agenda.hush()]

    def silence(self) -> list[bytes]:
        """Forget what was planned; the note-offs of all that sounds."""
        return [off for voice in self for off in voice.agenda.silence()]

    def memory(self) -> dict[str, VoiceMemory]:
        """What others go on from, by name."""
        return {name: voice.memory() for name, voice in self._by_name.items()}

    def restore(self, memory: Mapping[str, VoiceMemory]) -> None:
        """Go on from there; voices that are not seated end what they have planned."""
        for name, known in memory.items():
            if name not in self._by_name:
                self._by_name[name] = PlannedVoice(Agenda(0), self._beats)
            self._by_name[name].restore(known)
