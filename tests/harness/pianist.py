"""A pianist who comps through changes, as bytes at the port, and how well the chords were heard."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from improvd.core.harmony.chord import Chord, parse_chord
from improvd.core.hearing.chords import chord_filter
from improvd.core.playing.beat import Beat
from improvd.core.timeline import ns_per_beat

# How often pianists strike on each beat of a bar, and after it.
ON, OFF = (0.29, 0.17, 0.25, 0.20), (0.23, 0.37, 0.22, 0.51)
_ANTICIPATES, _SLIPS = 0.85, 0.05
_FORMS = ("close", "close root", "A", "B", "A", "shell", "drop-2")
_BASS_TOO = 0.8


def stacked(semitones: Sequence[int], root: int, low: int) -> list[int]:
    """Pitches of these semitones above a root, each above the one before, from `low` on."""
    pitches = [low + (root + semitones[0] - low) % 12]
    for each in semitones[1:]:
        pitches.append(pitches[-1] + 1 + (root + each - pitches[-1] - 1) % 12)
    return pitches


def voiced(chord: Chord, form: str, draw: random.Random) -> list[int]:  # noqa: PLR0911 - a form each
    """A chord in one of the forms that pianists use, in the middle of the keyboard."""
    tones = [(tone - chord.root) % 12 for tone in chord.tones][:4]
    if len(tones) < 4:
        return stacked(tones, chord.root, 48)
    scale = {(tone - chord.root) % 12 for tone in chord.scale}
    ninth = next(each for each in (2, 1, 3, 0) if each in scale)
    _, third, fifth, seventh = tones
    colour = next((each for each in (9, 8) if each in scale), fifth)
    colour = colour if (third, fifth, seventh) == (4, 7, 10) else fifth
    start = draw.randrange(4)
    match form:
        case "close":
            return stacked(tones[start:] + tones[:start], chord.root, 50)
        case "close root":
            return stacked(tones, chord.root, 48)
        case "A":
            return stacked([third, colour, seventh, ninth], chord.root, 48)
        case "B":
            return stacked([seventh, ninth, third, colour], chord.root, 48)
        case "shell":
            return stacked(draw.choice(([0, third, seventh], [0, seventh, third])), chord.root, 48)
    close = stacked(tones[start:] + tones[:start], chord.root, 55)
    return sorted([close[0], close[1], close[2] - 12, close[3]])


@dataclass
class Pianist:
    """Comps these chords, one for each beat from 0 on; `bass`: with the left hand too."""

    chords: Sequence[Chord]
    bpm: float = 120.0
    bass: bool = False
    often: float = 1.0
    seed: int = 0

    def notes(self, start_ns: int) -> Iterator[tuple[int, bytes]]:
        """What is played, each message at its nanosecond."""
        draw, beat_ns = random.Random(self.seed), ns_per_beat(self.bpm)
        for beat, chord in enumerate(self.chords):
            following = self.chords[min(beat + 1, len(self.chords) - 1)]
            at = start_ns + beat * beat_ns
            if draw.random() < ON[beat % 4] * self.often:
                yield from self._hit(chord, at, draw)
            if draw.random() < OFF[beat % 4] * self.often:
                early = following if draw.random() < _ANTICIPATES else chord
                yield from self._hit(early, at + round(0.6 * beat_ns), draw)

    def _hit(self, chord: Chord, at: int, draw: random.Random) -> Iterator[tuple[int, bytes]]:
        pitches = voiced(chord, draw.choice(_FORMS), draw)
        if draw.random() < _SLIPS:
            pitches[draw.randrange(len(pitches))] += draw.choice((-1, 1))
        if self.bass and draw.random() < _BASS_TOO:
            root = chord.root if draw.random() < 0.75 else draw.choice(chord.tones)
            pitches = [36 + root, *pitches]
        hold = round(0.3 * ns_per_beat(self.bpm))
        for pitch in sorted(set(pitches)):
            yield at + draw.randrange(8_000_000), bytes((0x90, pitch, 70))
        for pitch in sorted(set(pitches)):
            yield at + hold, bytes((0x80, pitch, 64))


def heard_well(beats: Sequence[Beat], chords: Sequence[Chord]) -> list[tuple[bool, bool]]:
    """For each beat whether its chord is that of the pianist, and whether it has the same scale."""
    found = []
    for beat in beats:
        if 0 <= beat.number < len(chords):
            heard, meant = parse_chord(beat.chord), chords[beat.number]
            one, other = (chord_filter.state_of(chord) for chord in (heard, meant))
            scales = [set(chord_filter.harmony_of(state).chord.scale) for state in (one, other)]
            found.append((one == other, scales[0] == scales[1]))
    return found
