"""The musician, as everybody on the stand hears them: beat by beat, how loud, and as harmony."""

from dataclasses import dataclass

from improvd.core.harmony.chart import Chart
from improvd.core.harmony.scales import Harmony
from improvd.core.hearing.chords.chord_filter import ChordChanges
from improvd.core.hearing.chords.live_harmony import (
    LiveHarmony,
    LiveHarmonyMemory,
)
from improvd.core.hearing.ear import EarMemory
from improvd.core.hearing.level import LevelMemory
from improvd.core.hearing.listener import NOTHING_HEARD, Listener
from improvd.core.music import PULSES_PER_BEAT
from improvd.core.playing.modes import Situation
from improvd.core.timeline import Timeline

# How many bars of theirs say how loud the musician plays.
LEVEL_BARS = 2


@dataclass(frozen=True, slots=True)
class MusicianMemory:
    """All that is known of the musician."""

    ear: EarMemory
    level: LevelMemory
    live: LiveHarmonyMemory


class Musician:
    """Hears one musician for all who play with them, by these rules. Never blocks."""

    def __init__(self, rules: int) -> None:
        self.live = LiveHarmony(rules)
        self.heard = NOTHING_HEARD
        """What they did in the beat that closed last, whether anybody's mode listens or not."""
        self._listener = Listener(rules)

    def hear(self, pulse: int, message: bytes) -> None:
        """A whole channel message of three bytes, played at this pulse."""
        self._listener.hear(pulse, message)

    def let_go(self, pulse: int) -> None:
        """Nothing of theirs sounds any more."""
        self._listener.ear.all_off(pulse)

    def jump(self, pulses: int, beat: int) -> None:
        """The song moved on by so many pulses; the beat `beat` comes next."""
        self._listener.jump(pulses, beat)

    @property
    def held(self) -> tuple[int, ...]:
        """Their pitches that sound now, drones left out."""
        return self._listener.ear.held

    def close(self, beat: int, timeline: Timeline) -> None:
        """A beat ends: what they did in it is `heard`."""
        self.heard = self._listener.close(beat, timeline)

    def overhear(self, beat: int) -> None:
        """Nobody listened to them in the beat that ended: how loud they played says nothing."""
        self._listener.level.leave_out(beat * PULSES_PER_BEAT)

    def follow(self, changes: ChordChanges, chart: Chart, beat: int) -> None:
        """Their chords are the harmony of a beat about to be picked, if they struck any."""
        self.live.follow(changes, chart, beat, self.heard)

    def harmony(self, chart: Chart, beat: int) -> Harmony:
        """The harmony of the beat followed last, or of the one after it."""
        return self.live.at(chart, beat)

    def situation(self, beat: int, chart: Chart, *, played: bool) -> Situation:
        """What a mode may know of them, `played` being what it has listened to."""
        ear = self._listener.ear
        return Situation(
            beat=chart.counted(beat),
            beats_per_bar=chart.beats_per_bar,
            step=chart.counted(beat + 1) - chart.counted(beat),
            played=played,
            quiet=ear.quiet(beat * PULSES_PER_BEAT),
            patience=ear.patience,
            phrase=ear.phrase_beats,
        )

    def level(self, beat: int, beats_per_bar: float) -> float | None:
        """How loud they have played of late (velocity)."""
        span = LEVEL_BARS * beats_per_bar * PULSES_PER_BEAT
        return self._listener.level.at(beat * PULSES_PER_BEAT, span)

    def memory(self) -> MusicianMemory:
        """What is known of them, for others to go on from."""
        listener = self._listener
        return MusicianMemory(listener.memory(), listener.level.memory(), self.live.memory)

    def restore(self, memory: MusicianMemory) -> None:
        """Go on from there."""
        self._listener.restore(memory.ear)
        self._listener.level.restore(memory.level)
        self.live.memory = memory.live
