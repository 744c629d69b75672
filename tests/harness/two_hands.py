"""Scenes of two hands at a keyboard, by kind, and what share of their notes an ear parts right."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from improvd.core.harmony.chord import Chord, parse_chord
from improvd.core.hearing.ear import Ear
from improvd.core.hearing.windows import spans
from improvd.core.music import PULSES_PER_BEAT, PULSES_PER_TICK
from improvd.core.timeline import Timeline, ns_per_beat
from improvd.messages import RULES
from tests.harness.pianist import OFF, ON, stacked, voiced

BARS = 8
BEATS = 4 * BARS
_CHANGES = (
    *("Dm7", "G7", "Cmaj7", "A7", "Dm7", "G7", "Em7", "A7"),
    *("Fmaj7", "Bb7", "Em7b5", "A7", "Dm7", "Db7", "Cmaj7", "G7"),
)
_GRIPS = (
    (40, 47, 52, 56, 59, 64),
    (45, 52, 57, 60, 64),
    (48, 52, 55, 60, 64),
    (43, 47, 50, 55, 59),
)
_AT_ONCE_MS = 12

MELODY, CHORD, BASS = "melody", "chord", "bass"


@dataclass(frozen=True, order=True)
class Played:
    """A note of a scene: onset and end in beats, and what it is."""

    onset: float
    end: float
    pitch: int
    part: str = CHORD


class Scene:
    """Two hands over two beats of each chord, at a tempo and with a touch of their own."""

    def __init__(self, seed: str) -> None:
        self.draw = random.Random(seed)
        self.bpm = self.draw.choice((90, 120, 150, 180, 210))
        self.chords = [parse_chord(name) for name in _CHANGES]

    def ms(self, time: float) -> float:
        """So many milliseconds, in beats."""
        return time * self.bpm / 60_000

    def chord(self, beat: float) -> Chord:
        return self.chords[min(int(beat) // 2, len(self.chords) - 1)]

    def line(self, low: int, high: int, leaps: float = 0.1, beats: float = BEATS) -> list[Played]:
        """A melody of eighths, quarters, triplets and rests, mostly by step."""
        notes, pitch, beat = [], self.draw.randrange(low + 4, high - 4), 0.0
        while beat < beats:
            step = self.draw.choice((0.5, 0.5, 0.5, 0.5, 1, 1, 0.5, 1 / 3, 1.5))
            if self.draw.random() > 0.15:
                tones = {tone % 12 for tone in self.chord(beat).scale}
                scale = [each for each in range(low, high + 1) if each % 12 in tones]
                near = min(range(len(scale)), key=lambda at: abs(scale[at] - pitch))
                steps = (-5, -4, 4, 5) if self.draw.random() < leaps else (-2, -1, -1, 1, 1, 2)
                pitch = scale[min(max(near + self.draw.choice(steps), 0), len(scale) - 1)]
                swung = 0.1 if abs(beat % 1 - 0.5) < 0.01 else 0
                onset = max(beat + swung + self.ms(self.draw.gauss(0, 9)), 0)
                notes.append(Played(onset, onset + 0.9 * step, pitch, MELODY))
            beat += step
        return notes

    def struck(
        self, pitches: Sequence[int], at: float, beats: float, spread_ms: float = 0
    ) -> Iterator[Played]:
        """A chord at once, or strummed over so many milliseconds, upwards or down."""
        order = sorted(pitches, reverse=bool(spread_ms) and self.draw.random() < 0.5)
        each = spread_ms / max(len(order) - 1, 1)
        for number, pitch in enumerate(order):
            onset = at + self.ms(number * each + self.draw.random() * _AT_ONCE_MS)
            yield Played(onset, at + beats + self.ms(spread_ms + self.draw.random() * 20), pitch)

    def comping(
        self, form: str, often: float, low: int = 0, high: int = 127, spread_ms: float = 0
    ) -> list[Played]:
        """Hits where pianists have them, each of this form."""
        notes: list[Played] = []
        for beat in range(BEATS):
            for chance, off in ((ON[beat % 4], 0.0), (OFF[beat % 4], 0.6)):
                if self.draw.random() < chance * often:
                    pitches = self.voicing(form, self.chord(beat + (1 if off else 0)))
                    while min(pitches) < low:
                        pitches = [pitch + 12 for pitch in pitches]
                    while max(pitches) > high:
                        pitches = [pitch - 12 for pitch in pitches]
                    length = 0.8 if spread_ms else self.draw.choice((0.3, 0.35, 0.8))
                    notes += self.struck(pitches, beat + off, length, spread_ms)
        return notes

    def voicing(self, form: str, chord: Chord) -> list[int]:
        root, third, fifth, seventh = ((tone - chord.root) % 12 for tone in chord.tones)
        under = 36 + chord.root % 12
        low, pitches = self.draw.choice((48, 50, 52)), list[int]()
        match form:
            case "third and seventh":
                pair = self.draw.choice(([third, seventh], [seventh, third]))
                pitches = stacked(pair, chord.root, low)
            case "shell":
                shape = self.draw.choice(([root, third, seventh], [root, seventh, third]))
                pitches = stacked(shape, chord.root, low - 12)
            case "triad":
                at = self.draw.randrange(3)
                inverted = [root, third, fifth][at:] + [root, third, fifth][:at]
                pitches = stacked(inverted, chord.root, low)
            case "open":
                pitches = [under, *stacked([seventh, 2, third], chord.root, 50)]
            case "tenth":
                pitches = [under, under + seventh, under + 12 + third]
            case "guitar":
                shift = self.draw.randrange(-2, 6)
                pitches = [pitch + shift for pitch in self.draw.choice(_GRIPS)]
            case _:
                pitches = voiced(chord, form, self.draw)
        return pitches

    def walking(self) -> list[Played]:
        notes, pitch = [], 42
        for beat in range(BEATS):
            tone = (
                self.chord(beat).root if beat % 2 == 0 else self.draw.choice(self.chord(beat).tones)
            )
            near = [each for each in range(36, 53) if each % 12 == tone % 12]
            pitch = min(near, key=lambda each: abs(each - pitch))
            onset = beat + self.ms(self.draw.random() * 15)
            notes.append(Played(onset, beat + 0.92, pitch, BASS))
        return notes

    def under_each(
        self, line: Sequence[Played], below: Callable[[Played], Sequence[int]]
    ) -> list[Played]:
        """A line, and what the same hand strikes with each of its notes."""
        doubled = [
            Played(note.onset + self.ms(self.draw.random() * _AT_ONCE_MS), note.end, pitch)
            for note in line
            for pitch in below(note)
        ]
        return [*line, *doubled]


def _doubled(scene: Scene, how: str) -> list[Played]:
    def below(note: Played) -> Sequence[int]:
        tones = {tone % 12 for tone in scene.chord(note.onset).scale}
        match how:
            case "octaves":
                return (note.pitch - 12,)
            case "thirds":
                return [note.pitch - each for each in (3, 4) if (note.pitch - each) % 12 in tones][
                    :1
                ]
            case "sixths":
                return [note.pitch - each for each in (8, 9) if (note.pitch - each) % 12 in tones][
                    :1
                ]
        chord = {tone % 12 for tone in scene.chord(note.onset).tones}
        close = [p for p in range(note.pitch - 11, note.pitch - 1) if p % 12 in chord][-3:]
        return (*close, note.pitch - 12)

    return scene.under_each(scene.line(67, 86), below)


def _alberti(scene: Scene) -> list[Played]:
    notes = scene.line(67, 88)
    for eighth in range(2 * BEATS):
        chord = scene.chord(eighth / 2)
        tones = stacked([(tone - chord.root) % 12 for tone in chord.tones[:3]], chord.root, 48)
        at = eighth / 2 + scene.ms(scene.draw.random() * 8)
        notes.append(Played(at, eighth / 2 + 0.45, tones[(0, 2, 1, 2)[eighth % 4]]))
    return notes


def _stride(scene: Scene) -> list[Played]:
    notes = scene.line(65, 88)
    for beat in range(BEATS):
        if beat % 2 == 0:
            notes.append(Played(beat, beat + 0.7, 36 + scene.chord(beat).root % 12, BASS))
        else:
            notes += scene.struck(scene.voicing("triad", scene.chord(beat)), beat, 0.4)
    return [note for note in notes if note.part == MELODY or note.pitch < 65]


def _low_last(scene: Scene) -> list[Played]:
    notes = scene.line(64, 86, beats=12)
    at = max(note.end for note in notes) + scene.draw.choice((-0.1, 0.0, 0.5))
    return [*notes, Played(at, at + 1, 36 + scene.draw.randrange(9), BASS)]


def _pedal_point(scene: Scene, beats: int) -> list[Played]:
    low = 36 + scene.draw.randrange(12)
    held = [Played(at, at + beats - 0.1, low, BASS) for at in range(0, BEATS, beats)]
    return [*scene.line(60, 84), *held]


KINDS: dict[str, Callable[[Scene], list[Played]]] = {
    **{
        f"comping: {form}": lambda scene, form=form: scene.comping(form, 1.3)
        for form in (
            "third and seventh",
            "shell",
            "A",
            "B",
            "close",
            "drop-2",
            "triad",
            "open",
            "tenth",
            "guitar",
        )
    },
    **{
        f"strummed: {form}": lambda scene, form=form: scene.comping(
            form, 1.0, spread_ms=scene.draw.choice((60, 90, 120, 150))
        )
        for form in ("guitar", "close", "A", "open")
    },
    **{
        f"a line over: {form}": lambda scene, form=form: (
            scene.line(66, 86) + scene.comping(form, 0.8, 43, 64)
        )
        for form in ("third and seventh", "A", "close", "triad")
    },
    "a line": lambda scene: scene.line(55, 76),
    "a low line": lambda scene: scene.line(38, 60),
    "a line of leaps": lambda scene: scene.line(48, 88, leaps=0.35),
    "walking under a line": lambda scene: scene.walking() + scene.line(64, 86),
    "walking under chords": lambda scene: scene.walking() + scene.comping("A", 1.2, 53, 74),
    "walking under thirds and sevenths": lambda scene: (
        scene.walking() + scene.comping("third and seventh", 1.2, 53, 74)
    ),
    "broken chords": _alberti,
    "stride": _stride,
    "a low last note": _low_last,
    "a pedal point, held": lambda scene: _pedal_point(scene, 8),
    "a pedal point, struck": lambda scene: _pedal_point(scene, 2),
    **{
        f"a line in {how}": lambda scene, how=how: _doubled(scene, how)
        for how in ("octaves", "thirds", "sixths", "locked hands")
    },
}


def parted_right(kind: str, seeds: int, rules: int = RULES) -> tuple[float, float]:
    """Of the melody's notes the share found, of all others the share left out; 1 where none is."""
    found: dict[bool, list[bool]] = {True: [], False: []}
    for seed in range(seeds):
        scene = Scene(f"{kind} {seed}")
        notes = _without_overlaps(KINDS[kind](scene), scene)
        heard = _heard(notes, scene.bpm, rules)
        for note in notes:
            near = [at for at in heard[note.pitch] if abs(at - note.onset) < 0.3]
            found[note.part == MELODY].append(bool(near))
    melody, others = found[True], found[False]
    return (
        sum(melody) / len(melody) if melody else 1.0,
        1 - sum(others) / len(others) if others else 1.0,
    )


def _without_overlaps(notes: list[Played], scene: Scene) -> list[Played]:
    """Each key is let go before it is struck again."""
    last: dict[int, int] = {}
    kept: list[Played] = []
    for note in sorted(notes):
        if note.pitch in last:
            before = kept[last[note.pitch]]
            if before.onset > note.onset - scene.ms(25):
                continue
            end = min(before.end, note.onset - scene.ms(8))
            kept[last[note.pitch]] = Played(before.onset, end, before.pitch, before.part)
        last[note.pitch] = len(kept)
        kept.append(note)
    return kept


def _heard(notes: Sequence[Played], bpm: float, rules: int) -> dict[int, list[float]]:
    """When which pitch is heard as melody, in beats."""
    window = spans(Timeline(0, 0, ns_per_beat(bpm)), rules)
    events = sorted(
        (round(at * PULSES_PER_BEAT), on, note.pitch)
        for note in notes
        for at, on in ((note.onset, 1), (note.end, 0))
    )
    ear, melody, at = Ear(rules), defaultdict[int, list[float]](list), 0
    for beat in range(events[-1][0] // PULSES_PER_BEAT + 2):
        while at < len(events) and events[at][0] < (beat + 1) * PULSES_PER_BEAT - window.early:
            pulse, on, pitch = events[at]
            if on:
                ear.note_on(pulse, 0, pitch, 80)
            else:
                ear.note_off(pulse, 0, pitch)
            at += 1
        for tick, pitch in ear.close(beat, window).melody:
            melody[pitch].append(beat + tick * PULSES_PER_TICK / PULSES_PER_BEAT)
    return melody
