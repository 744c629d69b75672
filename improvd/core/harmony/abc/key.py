"""Keys of ABC tunes: which notes are sharp or flat, and how far what is written is moved."""

import re
from dataclasses import dataclass, field, replace

from improvd.core.harmony import spellings as symbols
from improvd.core.harmony.canonical import spell
from improvd.core.harmony.chord import Chord, parse_chord
from improvd.core.music import PITCH_CLASS_NAMES

_FIFTHS = "FCGDAEB"
# Sharps that a mode has more than its major.
_MODES = {"": 0, "maj": 0, "ion": 0, "mix": -1, "dor": -2, "m": -3, "min": -3, "aeo": -3}
_MODES |= {"phr": -4, "loc": -5, "lyd": 1}
# As abc2svg has them: the note that c sounds as, or a note and what it sounds as.
_NOTE = r"[_^=]{0,2}[A-Ga-g][,']*"
_SOUNDS = re.compile(rf"\b(?:sound|shift)=({_NOTE})({_NOTE})?")
_KEY = re.compile(r"([A-G])([b#]?)\s*([A-Za-z]*)")


@dataclass(frozen=True, slots=True)
class Key:
    """Which letters are sharp or flat, and semitones from written to sounding pitch."""

    shift: int = 0
    alters: dict[str, int] = field(default_factory=dict)
    pitched: bool = True

    def changed(self, text: str) -> "Key":
        """The key after a K: field, which may say a clef or a shift alone."""
        found = _KEY.match(text)
        named = bool(found or re.match(r"none|H[Pp]", text)) or not text
        key = replace(self, alters=_alters(text)) if named or re.match("exp", text) else self
        return key.moved(text)

    def moved(self, text: str) -> "Key":
        """The key with the clef, octave and transposition that a K: or V: field says."""
        shift = 0
        if found := re.search(r"\b(?:transpose|t)=(-?\d+)", text):
            shift += int(found[1])
        if named := _SOUNDS.search(text):
            first, second = named.groups()
            shift += _pitch(second or first) - _pitch(first if second else "c")
        if octave := re.search(r"\boctave=(-?\d+)", text):
            shift += 12 * int(octave[1])
        if clef := re.search(r"\b(?:treble|alto|tenor|bass)\d?([+-]8)", text):
            shift += 12 if clef[1] == "+8" else -12
        said = found or named or octave or clef
        clefs = re.findall(r"\b(treble|alto|tenor|bass|perc)\b", re.sub(r'"[^"]*"', "", text))
        pitched = clefs[-1] != "perc" if clefs else self.pitched
        return replace(self, shift=shift if said else self.shift, pitched=pitched)

    def shifted(self, semitones: int) -> "Key":
        """The key with another transposition."""
        return replace(self, shift=semitones)

    def with_shift_of(self, other: "Key") -> "Key":
        """This key for a voice whose own field moved it."""
        return replace(self, shift=other.shift or self.shift, pitched=other.pitched)

    def moved_chord(self, chord: Chord | None) -> Chord | None:
        """A chord that stands above notes of this key, moved as they are."""
        return moved(chord, self.shift) if chord and self.shift % 12 else chord


def moved(chord: Chord, semitones: int) -> Chord:
    """The chord so many semitones higher, with its bass."""
    symbol = symbols.read(chord.symbol)
    if symbol is None:
        return chord
    root, bass = (_name(each + semitones) for each in (chord.root, chord.bass))
    return parse_chord(spell(replace(symbol, root=root, bass=symbol.bass and bass)))


def _pitch(note: str) -> int:
    """The pitch of a note as ABC writes it, c being 72."""
    letter = note.lstrip("_^=")[0]
    raised = note.count("^") - note.count("_")
    octave = 6 if letter.islower() else 5
    octave += note.count("'") - note.count(",")
    return 12 * octave + symbols.pitch_class(letter.upper()) + raised


def _name(sounding: int) -> str:
    return PITCH_CLASS_NAMES[sounding % 12]


def _alters(text: str) -> dict[str, int]:
    """Sharps and flats by letter."""
    alters: dict[str, int] = {}
    if re.match("H[Pp]", text):
        alters = {"F": 1, "C": 1}
    elif (found := _KEY.match(text)) and not re.search(r"\bexp\b", text):
        mode = found[3].casefold()
        name = "m" if mode == "m" else mode[:3]
        sharps = _FIFTHS.index(found[1]) - 1 + 7 * (found[2] == "#") - 7 * (found[2] == "b")
        sharps += _MODES.get(name, 0)
        letters = _FIFTHS if sharps > 0 else _FIFTHS[::-1]
        for letter in letters[: abs(sharps)]:
            alters[letter] = 1 if sharps > 0 else -1
    for sign, letter in re.findall(r"(?<![A-Za-z\"])(\^\^?|__?|=)([A-Ga-g])", text):
        alters[letter.upper()] = sign.count("^") - sign.count("_")
    return alters
