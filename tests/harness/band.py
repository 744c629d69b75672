"""A band that plays a chart in no time, and what it played."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from improvd.core.band.band import Band, Scene
from improvd.core.band.lineup import BASS, DRUMS, PIANO, Lineup, VoiceStyle
from improvd.core.band.moment import SoundingNote, chord_context
from improvd.core.harmony.chart import Chart, parse_chart
from improvd.core.hearing.ear import HeardBeat
from improvd.core.hearing.listener import NOTHING_HEARD
from improvd.core.music import Note
from improvd.core.network.vocabulary import Register
from improvd.core.timeline import Timeline, ns_per_beat
from improvd.messages import RULES
from improvd.models import bass

BASS_PART = VoiceStyle(1, 80, Register(31, 52))
PIANO_PART = VoiceStyle(2, 74, Register(50, 69))
DRUMS_PART = VoiceStyle(9, 92, Register(0, 127))
VOICES = {BASS: BASS_PART, PIANO: PIANO_PART, DRUMS: DRUMS_PART}
TRIO = Lineup(VOICES, table=bass.load(), rules=RULES)


@dataclass
class Rehearsal:
    """What a band played, beat by beat, and a way to play on."""

    chart: Chart
    bpm: float = 140.0
    lineup: Lineup = TRIO
    share: float = 0.6
    band: Band = field(default_factory=Band)
    beats: list[dict[str, list[Note]]] = field(default_factory=list)

    def play(
        self,
        beats: Iterable[int],
        *,
        heard: Callable[[int], HeardBeat] = lambda _: NOTHING_HEARD,
        melody: Callable[[int], list[SoundingNote]] = lambda _: [],
        own: Callable[[int], int] = lambda _: 0,
        velocity: int | None = None,
        cadence: int | None = None,
    ) -> "Rehearsal":
        """Play these beats; `heard`, `melody` and `own` are what happens in each, by number."""
        timeline = Timeline(0, 0, ns_per_beat(self.bpm))
        for beat in beats:
            for _ in range(0 if velocity is None else 4):
                self.band.hear(velocity)
            self.band.listen(beat - 1, heard(beat - 1), own(beat - 1))
            chords = chord_context(self.chart, beat)
            scene = Scene(beat, self.chart, timeline, self.share, chords, melody(beat), cadence)
            self.beats.append(dict(self.band.play(self.lineup, scene)))
        return self

    def notes(self, voice: str) -> list[Note]:
        return [note for beat in self.beats for note in beat[voice]]


def rehearse(chart: str, beats: int, **how) -> Rehearsal:
    """A band that has played so many beats of a chart."""
    return Rehearsal(parse_chart(chart), **how).play(range(beats))
