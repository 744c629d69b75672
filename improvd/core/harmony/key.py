"""The key that a chart says it is in: a tonic, and whether it is minor."""

import re
from dataclasses import dataclass

from improvd.core.harmony.spellings import pitch_class
from improvd.core.music import PITCH_CLASS_NAMES

_KEY = re.compile(
    r"(?P<tonic>[A-Ga-g])(?P<accidental>[#b\u266f\u266d]?)\s*"
    r"(?:(?P<minor>m|-|mi|min|minor|aeolian|dorian|phrygian)|M|maj|major|ionian|lydian|mixolydian)?",
)
# Fifths that a mode's tonic lies above the major key of the same signature, and whether its third
# is minor.
_MODES = {
    "major": (0, False),
    "ionian": (0, False),
    "lydian": (-1, False),
    "mixolydian": (1, False),
    "minor": (3, True),
    "aeolian": (3, True),
    "dorian": (2, True),
    "phrygian": (4, True),
}
_ACCIDENTALS = str.maketrans({"\u266f": "#", "\u266d": "b"})
_MAJOR_BY_FIFTHS = (
    *("Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F"),
    *("C", "G", "D", "A", "E", "B", "F#", "C#"),
)
_MOST_FLATS = 7
_UP_TO_RELATIVE_MAJOR = 3
_SHARP_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A tonic such as "Bb", in major or minor."""

    tonic: str
    minor: bool = False

    def __str__(self) -> str:
        return self.tonic + "m" * self.minor

    @property
    def fifths(self) -> int:
        """The sharps of its signature, flats being negative."""
        major = pitch_class(self.tonic) + _UP_TO_RELATIVE_MAJOR * self.minor
        same = [
            fifths
            for fifths, name in enumerate(_MAJOR_BY_FIFTHS, start=-_MOST_FLATS)
            if pitch_class(name) == major % 12
        ]
        if "b" in self.tonic:
            return min(same)
        return max(same) if "#" in self.tonic else min(same, key=abs)

    def semitones_to(self, other: "NamedKey") -> int:
        """The shorter way to the tonic of another key, from -5 to 6."""
        return (pitch_class(other.tonic) - pitch_class(self.tonic) + 5) % 12 - 5

    def moved(self, semitones: int) -> "NamedKey":
        """The key so many semitones higher, spelled with flats."""
        moved = PITCH_CLASS_NAMES[(pitch_class(self.tonic) + semitones) % 12]
        return NamedKey(moved, self.minor)


def read(text: str) -> NamedKey | None:
    """The key of a text such as "Bb", "F# minor", "C-" or "D dorian"; None where it is none."""
    found = _KEY.fullmatch(text.strip())
    if found is None:
        return None
    tonic = found["tonic"].upper() + found["accidental"].translate(_ACCIDENTALS)
    return NamedKey(tonic, found["minor"] is not None)


def by_signature(fifths: int, mode: str = "major") -> NamedKey | None:
    """The key of a signature, as MusicXML writes it: sharps (negative: flats) and a mode."""
    if abs(fifths) > _MOST_FLATS:
        return None
    away, minor = _MODES.get(mode.strip().lower(), _MODES["major"])
    tonic = 7 * (fifths + away) % 12
    names = _SHARP_NAMES if fifths + away > 5 else PITCH_CLASS_NAMES
    return NamedKey(names[tonic], minor)
