"""The listener: what the musician did in a beat, and the value it amounts to."""

from dataclasses import dataclass, replace

from improvd.core.harmony.scales import Harmony
from improvd.core.hearing import windows
from improvd.core.hearing.ear import Ear, EarMemory, HeardBeat
from improvd.core.hearing.level import Level
from improvd.core.midi import messages
from improvd.core.midi.zones import Zones
from improvd.core.music import PULSES_PER_BEAT
from improvd.core.network.vocabulary import BeatNote, Vocabulary
from improvd.core.rhythm import quantise
from improvd.core.timeline import Timeline

NOTHING_HEARD = HeardBeat((), held=False, pitches=())

# All notes off, and the changes of mode that imply it.
_NOTES_OFF = range(messages.ALL_NOTES_OFF, 128)


@dataclass(frozen=True, slots=True)
class Reading:
    """A beat of the musician's as a value, and the pitch that it ends on."""

    value: int
    last_pitch: int


class Listener:
    """Turns channel messages at pulses into beats heard, by these rules. Never blocks."""

    def __init__(self, rules: int) -> None:
        self.ear = Ear(rules)
        self._rules = rules
        self.level = Level()
        self._zones = Zones()

    def hear(self, pulse: int, message: bytes) -> None:
        """A whole channel message of three bytes."""
        channel, kind = messages.channel(message), messages.kind(message)
        _, data1, data2 = message
        if messages.strikes(message):
            if not self._zones.is_drum(pulse, channel):
                self.ear.note_on(pulse, channel, data1, data2)
                if data2 >= windows.FAINTEST_VELOCITY:
                    self.level.hear(pulse, data2)
        elif kind in (messages.NOTE_OFF, messages.NOTE_ON):
            self.ear.note_off(pulse, channel, data1)
        elif kind == messages.CONTROL_CHANGE:
            self._control(pulse, channel, data1, data2)
        elif kind == messages.PITCH_BEND:
            self._zones.express(pulse, channel)

    def _control(self, pulse: int, channel: int, number: int, value: int) -> None:
        self._zones.control(pulse, channel, number, value)
        channels, down = self._zones.governed(channel), value >= messages.DOWN
        if number in (messages.BREATH, messages.EXPRESSION):
            self.ear.breathe(pulse, channel, value)
        elif number == messages.VOLUME and self._rules > 3:
            self.ear.breathe(pulse, channel, value, ahead=False)
        elif number == messages.SUSTAIN:
            self.ear.sustain(pulse, channels, down=down)
        elif number == messages.SOSTENUTO:
            self.ear.sostenuto(pulse, channels, down=down)
        elif number == messages.ALL_SOUND_OFF:
            self.ear.cut(pulse, channels)
        elif number == messages.RESET_CONTROLLERS:
            self.ear.reset_controllers(pulse, channels)
        elif number in _NOTES_OFF:
            self.ear.notes_off(pulse, channels)

    def close(self, beat: int, timeline: Timeline) -> HeardBeat:
        """All that was heard in a beat that ends, its hearing closing in the early window."""
        return self.ear.close(beat, windows.spans(timeline, self._rules))

    def jump(self, moved: int, beat: int) -> None:
        """Musical time moves on by so many pulses; the beat `beat` comes next.

        What was played in the beat before it stays: a pick-up.
        """
        self.ear.jump(moved, since=(beat - 1) * PULSES_PER_BEAT)
        self.level.jump(moved)
        self._zones.jump(moved)

    def memory(self) -> EarMemory:
        """What another listener goes on from."""
        return replace(self.ear.memory(), zones=self._zones.copy())

    def restore(self, memory: EarMemory) -> None:
        """Go on from there."""
        self.ear.restore(memory)
        self._zones = memory.zones.copy()


def read(
    heard: HeardBeat, vocabulary: Vocabulary, harmony: Harmony, bpm: float, before: int
) -> Reading:
    """The value nearest to what was played, going on from the pitch `before`."""
    ticks = quantise([onset for onset, _ in heard.melody], bpm)
    notes = [BeatNote(tick, pitch) for tick, (_, pitch) in zip(ticks, heard.melody, strict=False)]
    return Reading(vocabulary.understand(notes, harmony, before), notes[-1].pitch)
