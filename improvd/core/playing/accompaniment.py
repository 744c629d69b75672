"""The accompaniment: what the band hears of all who play, and what it plays with them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from improvd.core.band.band import Band, BandMemory, Scene
from improvd.core.band.lineup import PIANO
from improvd.core.band.moment import AHEAD, ChordContext, SoundingNote, chord_context
from improvd.core.band.piano import HELD
from improvd.core.band.voicings import clashes
from improvd.core.hearing.listener import NOTHING_HEARD
from improvd.core.midi.messages import channel, strikes
from improvd.core.music import PULSES_PER_BEAT, Note
from improvd.core.playing.soloists import Soloists
from improvd.core.timeline import Timeline
from improvd.core.voice.agenda import PlannedEvent
from improvd.core.voice.line import CADENCE_BEATS

# General MIDI's percussion, of which the band hears no loudness.
_DRUMS_CHANNEL = 9
# From these rules of playing on, a chord leaves out what rubs a key that went down since its beat.
_YIELDS = 4


class Accompaniment:
    """A band beside these soloists. No method blocks."""

    def __init__(self, soloists: Soloists) -> None:
        self._soloists = soloists
        self._band = Band()

    def hear(self, message: bytes) -> None:
        """A whole channel message of three bytes, played by the musician."""
        if self._soloists.listen and strikes(message) and channel(message) != _DRUMS_CHANNEL:
            self._band.hear(message[2])

    def jump(self, beats: int) -> None:
        """The song moved on by so many beats."""
        self._band.jump(beats)

    def play(
        self, beat: int, timeline: Timeline, ends_on: int | None, *, over: bool
    ) -> Mapping[str, list[Note]]:
        """The band's notes of a beat that the soloists have planned, by voice.

        `ends_on` is the beat of the last note of all, if it is known; nothing is played when all
        was `over` before.
        """
        soloists, setup = self._soloists, self._soloists.setup
        if setup.lineup is None:
            return {}
        heard = soloists.musician.heard if soloists.listen else NOTHING_HEARD
        struck = sum(len(each.played.pitches) for each in soloists.by_name.values())
        self._band.listen(beat - 1, heard, struck)
        if over:
            # A chorus is written down beat by beat, those in which nobody plays included.
            return {name: [] for name in setup.lineup.voices} if setup.rules > 3 else {}
        scene = Scene(
            beat,
            setup.chart,
            timeline,
            setup.first.style.share(timeline.bpm),
            self._chords(beat),
            self._melody(beat),
            ends_on,
            CADENCE_BEATS,
        )
        return self._band.play(setup.lineup, scene)

    def _chords(self, beat: int) -> ChordContext:
        """The chords around a beat: the chart's, or what the musician comps until it changes."""
        soloists = self._soloists
        chart, heard = soloists.setup.chart, soloists.musician.live.memory
        written = chord_context(chart, beat)
        if not soloists.follow_chords:
            return written
        if chart.live and heard.heard is None:
            return replace(written, sounds=False)
        if heard.heard is None:
            return replace(written, begins=written.begins or heard.changed)
        now = soloists.harmony(beat).chord
        if chart.live:
            return ChordContext(now, now, heard.changed, AHEAD, now)
        then = written.then if written.left == 1 else now
        return ChordContext(now, then, heard.changed, written.left, written.next)

    def _melody(self, beat: int) -> list[SoundingNote]:
        """The notes that sound in a beat or will: the soloists', and those the musician holds."""
        before, after = (beat - 1) * PULSES_PER_BEAT, (beat + 2) * PULSES_PER_BEAT
        held = self._soloists.musician.held if self._soloists.listen else ()
        notes = [(before, after, pitch) for pitch in held]
        for soloist in self._soloists.by_name.values():
            notes += _sounding(soloist.line.agenda.planned, before)
        return notes

    def yields(self, name: str, pitch: int | None) -> bool:
        """Whether a note that is due is left out, as the musician holds one by now that it rubs.

        What they held when the beat was planned is left out of its voicings already.
        """
        if name != PIANO or pitch is None or self._soloists.setup.rules < _YIELDS:
            return False
        held = self._soloists.musician.held if self._soloists.listen else ()
        return any(clashes(pitch, other) for other in held)

    def memory(self) -> BandMemory:
        """What another goes on from."""
        return self._band.memory()

    def restore(self, memory: BandMemory) -> None:
        """Go on from there."""
        self._band.restore(memory)


def _sounding(planned: Iterable[PlannedEvent], before: int) -> list[SoundingNote]:
    """The notes of a line, those that sound already since `before`.

    Its last one may be tied over the next beat, so it counts as held.
    """
    notes = list[SoundingNote]()
    begun: dict[int, int] = {}
    for pulse, _, pitch, message in planned:
        if strikes(message):
            begun[pitch] = pulse
        else:
            notes.append((begun.pop(pitch, before), pulse, pitch))
    if notes:
        start, end, pitch = notes[-1]
        notes[-1] = start, max(end, start + HELD), pitch
    return notes
