"""Music by voice: what each of a band played, and over which chords."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil

from improvd.core.band.feels import SWING, TWO_FEEL, feel_of
from improvd.core.band.lineup import BASS, DRUMS, PIANO, SOLOIST
from improvd.core.harmony.chart import Chart, ChartError, chart_of
from improvd.core.harmony.chord import Chord, ChordError, parse_chord
from improvd.core.music import PULSES_PER_BEAT, Note
from improvd.sheets.part import parts_of
from improvd.take import MUSICIAN, Take
from improvd.training.read import midifile
from improvd.training.read.weimar import LeftOutError

VOICES = (SOLOIST, MUSICIAN, BASS, PIANO, DRUMS)
"""Whom there are figures for, in their order."""
# What tracks are called whose voice is known by its name: improvd's own, then words within.
_TRACKS = {"improvd": SOLOIST, "you": MUSICIAN, **{voice: voice for voice in VOICES}}
_WORDS = (
    (re.compile(r"\bbass\b(?! ?(drum|clarinet|trombone))", re.IGNORECASE), BASS),
    (re.compile(r"\b(piano|keys|comping|rhodes)\b", re.IGNORECASE), PIANO),
    (re.compile(r"\b(drums?|percussion)\b", re.IGNORECASE), DRUMS),
    (re.compile(r"\b(solo|soloist|melody|lead|sax|trumpet)\b", re.IGNORECASE), SOLOIST),
)
# A bar before the first note of a pitch belongs to the count-in; a note may be so early.
_EARLY = PULSES_PER_BEAT // 8


@dataclass(frozen=True, slots=True)
class BandMusic:
    """What voices played, in pulses from the first beat of a bar.

    `chart` has the chords that were played over, one a beat; `feel` is how a band plays that, where
    it is known.
    """

    parts: Mapping[str, Sequence[Note]]
    chart: Chart
    bpm: float
    feel: str

    @property
    def beats(self) -> int:
        """How long it is."""
        return len(self.chart)

    @property
    def beats_per_bar(self) -> int:
        """Whole beats in a bar."""
        return ceil(self.chart.beats_per_bar)

    @property
    def swings(self) -> bool:
        """Whether it is swing, walked or in two."""
        return self.feel in (SWING, TWO_FEEL)

    @property
    def bars(self) -> int:
        """Whole bars."""
        return self.beats // self.beats_per_bar


def of_take(take: Take, feel: str = "") -> BandMusic:
    """The music of a take from its first bar on. Raises LeftOutError where there is none."""
    music = take.counted_in()
    grid = music.grid()
    chords = [_chord(place.chord) for place in grid.places]
    parts = {_TRACKS.get(part.name, part.name): part.notes for part in parts_of(music)}
    per_bar = ceil(grid.places[0].beats_per_bar) if grid.places else 4
    return _music(parts, chords, per_bar, music.tempo, feel)


def of_file(content: bytes, name: str) -> BandMusic:
    """The music of a MIDI file whose tracks are called as their voices are.

    Raises LeftOutError where no track has the name of a voice, or no chords stand in it.
    """
    [score, *_] = midifile.read(content, name)
    voices = {voice.name: voice.notes for voice in score.voices} | {
        DRUMS: midifile.kit(content),
    }
    parts: dict[str, Sequence[Note]] = {}
    for track, notes in voices.items():
        voice = _voice(track)
        if voice and notes:
            parts[voice] = sorted([*parts.get(voice, ()), *notes], key=lambda note: note.onset)
    if not parts:
        names = ", ".join(repr(voice.name) for voice in score.voices) or "none"
        raise LeftOutError(
            f"no track of it is called {', '.join(_TRACKS)} or the like; its tracks are {names}"
        )
    if not score.chords:
        raise LeftOutError("it has no chords: write them as markers, as `jams export` does")
    pulses = score.metres[0][1]
    pitched = [note.onset for voice, each in parts.items() if voice != DRUMS for note in each]
    first = (min(pitched, default=0) + _EARLY) // pulses * pulses
    end = max(note.onset + note.length for each in parts.values() for note in each)
    beats = -(-(end - first) // pulses) * pulses // PULSES_PER_BEAT
    starts = [pulse for pulse, _ in score.chords]
    chords = [
        score.chords[max(bisect_right(starts, first + beat * PULSES_PER_BEAT) - 1, 0)][1]
        for beat in range(beats)
    ]
    moved = {voice: _from(notes, first) for voice, notes in parts.items()}
    return _music(moved, chords, max(pulses // PULSES_PER_BEAT, 1), score.bpm, "")


def _from(notes: Iterable[Note], first: int) -> list[Note]:
    """The notes from there on, counted from there."""
    return [
        Note(note.onset - first, note.length, note.pitch, note.velocity)
        for note in notes
        if note.onset >= first - _EARLY
    ]


def _voice(track: str) -> str | None:
    """The voice of a track of this name."""
    own = _TRACKS.get(track.strip().casefold())
    return own or next((voice for words, voice in _WORDS if words.search(track)), None)


def _music(
    parts: Mapping[str, Sequence[Note]],
    chords: Sequence[Chord | None],
    per_bar: int,
    bpm: float,
    feel: str,
) -> BandMusic:
    try:
        chart = chart_of(chords, per_bar)
    except ChartError:
        raise LeftOutError("it has no chord in it to measure by") from None
    return BandMusic(parts, chart, bpm, feel or feel_of(chart, bpm, len(chords)))


def _chord(symbol: str | None) -> Chord | None:
    with suppress(ChordError):
        return parse_chord(symbol or "")
    return None
