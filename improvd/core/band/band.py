"""The band: who plays what in a beat, bass, piano and drums together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from improvd.core.band.bass import Bass, BassMemory
from improvd.core.band.drums import Drums
from improvd.core.band.feels import feel_of
from improvd.core.band.lineup import BASS, DRUMS, PIANO, Lineup
from improvd.core.band.listening import Listening
from improvd.core.band.moment import ChordContext, Moment, SoundingNote
from improvd.core.band.piano import Piano, PianoMemory
from improvd.core.band.walking import BassTable
from improvd.core.harmony.chart import Chart
from improvd.core.hearing.ear import HeardBeat
from improvd.core.music import Note
from improvd.core.timeline import Timeline

_PART_OF_FORM, _SHORT_PART = 8, 4
# Where the music is hotter than this, the drums mark every four bars.
_HOT = 0.55


@dataclass(frozen=True, slots=True)
class Scene:
    """What a beat is played in, as its caller knows it.

    `share` is the long share of a swung pair, `chords` those around the beat, `melody` the notes
    that sound in it or will; `cadence` the beat of the last note of all, if it is known, and
    `last_beats` how long that is.
    """

    beat: int
    chart: Chart
    timeline: Timeline
    share: float
    chords: ChordContext
    melody: Sequence[SoundingNote] = ()
    cadence: int | None = None
    last_beats: float = 2.0


@dataclass(frozen=True, slots=True)
class BandMemory:
    """What a band goes on from."""

    bass: BassMemory = field(default_factory=BassMemory)
    piano: PianoMemory = field(default_factory=PianoMemory)
    listening: Listening = field(default_factory=Listening)
    struck: tuple[int, int] = (0, 0)


class Band:
    """Three voices and what they have heard. Never blocks."""

    def __init__(self) -> None:
        self._bass = Bass(BassTable({}))
        self._piano = Piano()
        self._drums = Drums()
        self._listening = Listening()
        self._struck = (0, 0)  # velocities and count of the musician's notes since a beat closed

    def hear(self, velocity: int) -> None:
        """The musician struck a note."""
        total, count = self._struck
        self._struck = total + velocity, count + 1

    def listen(self, beat: int, heard: HeardBeat, own: int) -> None:
        """A beat has closed: what the musician did in it, and how many notes the soloist struck."""
        self._listening = self._listening.after(beat, heard, self._struck, own)
        self._struck = (0, 0)

    def jump(self, beats: int) -> None:
        """The song moved on by so many beats."""
        self._listening = self._listening.jump(beats)

    def play(self, lineup: Lineup, scene: Scene) -> Mapping[str, list[Note]]:
        """The notes of a beat, by voice."""
        self._bass.table = lineup.table
        moment = self._moment(lineup, scene)
        played: dict[str, list[Note]] = {}
        for name, part in lineup.voices.items():
            voice = self._voices[name]
            if scene.beat < 0:
                bars_left = ceil(-scene.beat / scene.chart.beats_per_bar)
                played[name] = self._drums.count(moment, part, bars_left) if name == DRUMS else []
            elif scene.beat == scene.cadence:
                played[name] = voice.close(moment, part, scene.last_beats)
            elif moment.chords.sounds:
                played[name] = voice.play(moment, part)
            else:
                played[name] = []
        return played

    @property
    def _voices(self) -> Mapping[str, Bass | Piano | Drums]:
        return {BASS: self._bass, PIANO: self._piano, DRUMS: self._drums}

    def memory(self) -> BandMemory:
        """What another band goes on from."""
        return BandMemory(self._bass.memory, self._piano.memory, self._listening, self._struck)

    def restore(self, memory: BandMemory) -> None:
        """Go on from there."""
        self._bass.memory, self._piano.memory = memory.bass, memory.piano
        self._listening, self._struck = memory.listening, memory.struck

    def _moment(self, lineup: Lineup, scene: Scene) -> Moment:
        chart, beat, heard = scene.chart, scene.beat, self._listening
        bar, place, beats = chart.place(beat)
        return Moment(
            beat=beat,
            bar=bar,
            place=int(place),
            beats=ceil(beats),
            feel=lineup.feel or feel_of(chart, scene.timeline.bpm, beat),
            timeline=scene.timeline,
            share=scene.share,
            chords=scene.chords,
            seed=lineup.seed,
            melody=scene.melody,
            busy=heard.busy,
            filled=heard.filled,
            comped=heard.comps(beat),
            under=heard.under(beat),
            lift=heard.lift,
            heat=heard.heat,
            rules=lineup.rules,
            fill=_ends_a_part(scene, bar, heard.heat),
        )


def _ends_a_part(scene: Scene, bar: int, heat: float) -> bool:
    """Whether a bar is the last of eight, of the form or of a section of it, or before the end."""
    chart = scene.chart
    bars = len(chart.bars)
    following = bar % bars + 1
    if scene.cadence is not None:
        return scene.cadence == chart.bar_line(bar + 1)
    marked = following == bars or following % _PART_OF_FORM == 0
    marked = marked or any(start == following for start, _ in chart.sections)
    return marked or (heat > _HOT and following % _SHORT_PART == 0)
