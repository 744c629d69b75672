"""The listener: what the musician did in a beat, and the value it amounts to."""

from dataclasses import dataclass

from improvd.core.harmony.scales import Harmony
from improvd.core.hearing import windows
from improvd.core.hearing.ear import Ear, HeardBeat
from improvd.core.midi import messages
from improvd.core.music import PULSES_PER_BEAT
from improvd.core.network.vocabulary import BeatNote, Vocabulary
from improvd.core.rhythm import quantise
from improvd.core.timeline import Timeline

# General MIDI's drums: not a melody.
DRUM_CHANNEL = 9
NOTHING_HEARD = HeardBeat((), held=False, pitches=())

_ALL_OFF = (messages.ALL_SOUND_OFF, messages.ALL_NOTES_OFF)


@dataclass(frozen=True, slots=True)
class Reading:
    """A beat of the musician's as a value, and the pitch that it ends on."""

    value: int
    last_pitch: int


class Listener:
    """Turns channel messages at pulses into beats heard. Never blocks."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.ear = Ear()
        self._vocabulary = vocabulary

    def hear(self, pulse: int, message: bytes) -> None:
        """A whole channel message of three bytes."""
        _, data1, data2 = message
        channel, kind = messages.channel(message), messages.kind(message)
        if channel == DRUM_CHANNEL:
            return
        if messages.strikes(message):
            self.ear.note_on(pulse, channel, data1, data2)
        elif kind in (messages.NOTE_OFF, messages.NOTE_ON):
            self.ear.note_off(pulse, channel, data1)
        elif kind == messages.CONTROL_CHANGE and data1 in _ALL_OFF:
            self.ear.all_off(pulse)

    def close(self, beat: int, timeline: Timeline) -> HeardBeat:
        """All that was heard in a beat that ends, its hearing closing in the early window."""
        early = timeline.pulses(windows.early_window(timeline.beat_ns))
        return self.ear.close(beat, early, timeline.pulses(windows.CHORD_NS))

    def read(self, heard: HeardBeat, harmony: Harmony, bpm: float, before: int) -> Reading:
        """The value nearest to what was played, going on from the pitch `before`."""
        ticks = quantise([onset for onset, _ in heard.melody], bpm)
        notes = [
            BeatNote(tick, pitch) for tick, (_, pitch) in zip(ticks, heard.melody, strict=False)
        ]
        value = self._vocabulary.encode(notes, harmony.ladder, before)
        return Reading(value, notes[-1].pitch)

    def jump(self, moved: int, beat: int) -> None:
        """Musical time moves on by so many pulses; the beat `beat` comes next.

        What was played in the beat before it stays: a pick-up.
        """
        self.ear.jump(moved, since=(beat - 1) * PULSES_PER_BEAT)

    def go_over(self, vocabulary: Vocabulary) -> None:
        """Read by another vocabulary from now on."""
        self._vocabulary = vocabulary
