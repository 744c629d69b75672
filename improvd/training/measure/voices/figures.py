"""The figures of each voice, beside the bands in which musicians' own lie.

The bass's bands are counted (`bass_figures`), the line's are those of real solos (`measures`). How
a pianist comps and a drummer keeps time is taken from studies of them (docs/BAND.md). All of that
is swing: what is played in another feel has figures without those bands.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import inf, isnan

import numpy as np

from improvd.core.band.lineup import BASS, DRUMS, PIANO
from improvd.core.band.moment import SoundingNote, chord_context
from improvd.core.music import PULSES_PER_BEAT, Note
from improvd.training.measure import bass_figures, comping, measures
from improvd.training.measure.voices.music import VOICES, BandMusic
from improvd.training.read.corpus import Piece, beats_of
from improvd.training.read.score import top_line

# Of fewer beats nothing is said of a line, as for pieces.
LONG_ENOUGH = 94
# What is struck so close to a beat, in pulses, is on it.
_ON_BEAT = (-48, 96)
_SNARE, _TOMS, _FEET_HAT = (38, 40), (41, 43, 45, 47, 48, 50), (44,)
_TIME = (42, 44, 46, 49, 51, 53, 57, 59)
_RIDE = (51, 53, 59)
# A stroke of the snare that is softer than this is a ghost note.
_GHOST = 64
_PART = 8  # bars
_FILLED = 3  # strokes
# Where in the beat the second of a swung pair is looked for.
_OFF_BEAT = (0.4, 0.8)

Limits = tuple[float, float]


@dataclass(frozen=True, slots=True)
class VoiceFigure:
    """A figure of a voice: its name, its value, and what lies in its band; None has no band."""

    name: str
    value: float
    band: Limits | None = None

    @property
    def outside(self) -> bool:
        """Whether it lies outside its band."""
        return self.band is not None and not self.band[0] <= self.value <= self.band[1]


Figures = Mapping[str, Sequence[VoiceFigure]]
"""The figures of each voice by its name."""


def by_voice(music: BandMusic) -> dict[str, list[VoiceFigure]]:
    """The figures of every voice that played."""
    found = {}
    # Whoever has another name is a soloist of their own.
    for voice in dict.fromkeys((*VOICES, *music.parts)):
        if music.parts.get(voice):
            of = _OF.get(voice)
            figures = _line(music, voice) if of is None else of(music)
            if figures:
                found[voice] = figures
    return found


def medians(every: Sequence[Figures]) -> dict[str, list[VoiceFigure]]:
    """The median of each figure over several pieces of music, where it is to be had."""
    found: dict[str, list[VoiceFigure]] = {}
    for voice in VOICES:
        named: dict[str, list[VoiceFigure]] = {}
        for each in every:
            for figure in each.get(voice, ()):
                named.setdefault(figure.name, []).append(figure)
        if named:
            found[voice] = [
                VoiceFigure(name, float(np.median([f.value for f in figures])), figures[0].band)
                for name, figures in named.items()
            ]
    return found


def share_inside(every: Sequence[Figures], voice: str) -> float | None:
    """In how many cases of music and figure a voice's lies in its band; None without any."""
    cases = [not figure.outside for each in every for figure in each.get(voice, ()) if figure.band]
    return sum(cases) / len(cases) if cases else None


# -- the voices -----------------------------------------------------------------------------------


def _line(music: BandMusic, voice: str) -> list[VoiceFigure]:
    """A line's measures, of its top notes; none where it is too short."""
    if music.beats < LONG_ENOUGH:
        return []
    harmonies = music.chart.harmonies
    notes = top_line(music.parts[voice])
    piece = Piece(voice, "", notes, harmonies, music.bpm, notes[0].pitch)
    bands = measures.real_bands()
    return [
        VoiceFigure(name, value, (bands[name][0], bands[name][2]) if name in bands else None)
        for name, value in measures.measure(beats_of(piece), harmonies).items()
    ]


def _bass(music: BandMusic) -> list[VoiceFigure]:
    """The nineteen figures of the bars that it walks, and what holds in all of them."""
    on_beat = _on_beats(music.parts[BASS], music.beats)
    contexts = [chord_context(music.chart, beat) for beat in range(music.beats)]
    stretches = _walked(on_beat, music.beats_per_bar)
    found = []
    if stretches:
        cases = [
            bass_figures.figures([on_beat[b] for b in beats], [contexts[b] for b in beats])
            for beats in stretches
        ]
        for name, (low, _, high) in bass_figures.known_bands().items():
            values = [(case[name], len(b)) for case, b in zip(cases, stretches, strict=True)]
            known = [(value, count) for value, count in values if not isnan(value)]
            if known:
                mean = sum(v * count for v, count in known) / sum(count for _, count in known)
                band = (
                    low if name not in bass_figures.FROM_ABOVE else -inf,
                    high if name not in bass_figures.FROM_BELOW else inf,
                )
                found.append(VoiceFigure(name, mean, band if music.swings else None))
    firsts = [beat for beat in on_beat if contexts[beat].begins and contexts[beat].sounds]
    if firsts:
        rooted = [on_beat[beat] % 12 == contexts[beat].now.bass for beat in firsts]
        found.append(VoiceFigure("chord begins on its bass", _share(rooted), (0.8, 1.0)))
    pitches = [note.pitch for note in music.parts[BASS]]
    in_a_row = max(len(list(run)) for _, run in groupby(on_beat[b] for b in sorted(on_beat)))
    walked = sum(map(len, stretches)) / music.beats
    return [
        VoiceFigure("beats walked", walked),
        *found,
        VoiceFigure("one pitch in a row", in_a_row, (1, 2) if walked > 0.5 else None),
        VoiceFigure("lowest pitch", min(pitches), (31, 52)),
        VoiceFigure("highest pitch", max(pitches), (31, 52)),
    ]


def _piano(music: BandMusic) -> list[VoiceFigure]:
    melody: list[SoundingNote] = [
        (note.onset, note.onset + note.length, note.pitch)
        for voice, played in music.parts.items()
        if voice not in _OF
        for note in played
    ]
    notes = music.parts[PIANO]
    found = comping.measure(notes, music.chart, max(music.bars, 1), melody)
    voices = len(notes) / max(len({note.onset for note in notes}), 1)
    return [
        VoiceFigure("hits a bar", found.hits_a_bar, (1.9, 2.8) if music.swings else None),
        VoiceFigure("off the beat", found.off_beat, (0.41, 0.79) if music.swings else None),
        VoiceFigure("third and seventh", found.guide_tones, (0.88, 1.0)),
        VoiceFigure("clashes with the line", found.clashes, (0, 0)),
        VoiceFigure("voices in a chord", voices, (2.5, 5.0)),
        VoiceFigure("lowest pitch", found.lowest, (48, 72)),
        VoiceFigure("highest pitch", found.highest, (48, 76)),
    ]


def _drums(music: BandMusic) -> list[VoiceFigure]:
    notes, per_bar = music.parts[DRUMS], music.beats_per_bar
    struck = _by_beat(notes, music.beats)
    timed = [any(note.pitch in _TIME for note in beat) for beat in struck]
    backbeats = [
        any(note.pitch in _FEET_HAT for note in struck[beat])
        for beat in range(music.beats)
        if beat % per_bar % 2
    ]
    filled = sum(_is_filled(struck, bar, per_bar) for bar in range(music.bars))
    ghosts = [note.velocity for note in notes if note.pitch in _SNARE and note.velocity < _GHOST]
    rides = [
        note.onset % PULSES_PER_BEAT / PULSES_PER_BEAT for note in notes if note.pitch in _RIDE
    ]
    off = [place for place in rides if 0.4 < place < 0.8]
    found = [
        VoiceFigure("strokes a bar", len(notes) / max(music.bars, 1)),
        VoiceFigure("time on every beat", _share(timed), (0.9, 1.0)),
    ]
    if backbeats:
        kept = (0.9, 1.0) if music.swings and per_bar == 4 else None
        found.append(VoiceFigure("hi-hat on two and four", _share(backbeats), kept))
    if music.bars >= _PART:
        found.append(VoiceFigure("fills in eight bars", filled * _PART / music.bars, (0.5, 2.0)))
    if ghosts:
        found.append(VoiceFigure("velocity of ghost notes", float(np.median(ghosts)), (25, 63)))
    if off:
        found.append(VoiceFigure("swing of the ride", float(np.median(off)), (0.49, 0.67)))
    return found


_OF: Mapping[str, Callable[[BandMusic], list[VoiceFigure]]] = {
    BASS: _bass,
    PIANO: _piano,
    DRUMS: _drums,
}


def _share(of: Sequence[bool]) -> float:
    return sum(of) / len(of)


def _on_beats(notes: Sequence[Note], beats: int) -> dict[int, int]:
    """The pitch that begins on each beat, where one does."""
    early, late = _ON_BEAT
    found: dict[int, int] = {}
    for note in notes:
        beat = (note.onset - early) // PULSES_PER_BEAT
        if note.onset - beat * PULSES_PER_BEAT < late and 0 <= beat < beats:
            found.setdefault(beat, note.pitch)
    return found


def _walked(on_beat: Mapping[int, int], per_bar: int) -> list[list[int]]:
    """The beats of bars that are walked through, two in a row at least."""
    last = max(on_beat, default=-1)
    bars = [
        all(bar * per_bar + place in on_beat for place in range(per_bar))
        for bar in range(last // per_bar + 1)
    ]
    stretches = []
    for walked, run in groupby(range(len(bars)), key=lambda bar: bars[bar]):
        its = list(run)
        if walked and len(its) > 1:
            stretches.append(list(range(its[0] * per_bar, (its[-1] + 1) * per_bar)))
    return stretches


def _by_beat(notes: Sequence[Note], beats: int) -> list[list[Note]]:
    """What begins in each beat."""
    found: list[list[Note]] = [[] for _ in range(beats)]
    for note in notes:
        beat = (note.onset - _ON_BEAT[0]) // PULSES_PER_BEAT
        if 0 <= beat < beats:
            found[beat].append(note)
    return found


def _is_filled(struck: Sequence[Sequence[Note]], bar: int, per_bar: int) -> bool:
    """Whether the last two beats of a bar are filled: on snare and toms, and not softly."""
    last = struck[(bar + 1) * per_bar - 2 : (bar + 1) * per_bar]
    strokes = [
        note
        for beat in last
        for note in beat
        if note.pitch in (*_SNARE, *_TOMS) and note.velocity >= _GHOST
    ]
    return len(strokes) >= _FILLED
