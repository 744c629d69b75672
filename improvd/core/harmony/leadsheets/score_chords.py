"""The chord symbols of MusicXML, as they sound where their part is transposed."""

from contextlib import suppress
from typing import NamedTuple
from xml.etree import ElementTree as ET

from improvd.core.harmony.chord import Chord, ChordError
from improvd.core.harmony.form import ChartError
from improvd.core.harmony.leadsheets.kinds import Degree, chord_of
from improvd.core.harmony.leadsheets.score_file import text_of, whole_of
from improvd.core.music import PITCH_CLASS_NAMES

LETTERS = "CDEFGAB"
NATURAL = (0, 2, 4, 5, 7, 9, 11)
"""The pitch class of each letter."""
# Kinds that name what a chord does in its key, and not what sounds above its root.
_FUNCTIONS = frozenset(("Neapolitan", "Italian", "French", "German", "pedal", "Tristan"))


class Shift(NamedTuple):
    """How a part sounds: letters and semitones above what is written."""

    letters: int = 0
    semitones: int = 0


def chord_in(harmony: ET.Element, shift: Shift, where: str) -> Chord | None:
    """The chord of a harmony as it sounds, None for N.C.; `where` says its bar.

    Raises ChartError for one that nobody can read.
    """
    roots, kinds = harmony.findall("root"), harmony.findall("kind")
    kind = kinds[0] if kinds else ET.Element("kind")
    name = (kind.text or "").strip()
    if name == "none":
        return None
    if len(roots) != 1:
        said = "without a root" if not roots else "on two roots"
        raise ChartError(f"it has a chord {where} that improvd cannot read, one {said}")
    bass = harmony.find("bass")
    degrees = [
        Degree(
            whole_of(text_of(each, "degree-value")),
            whole_of(text_of(each, "degree-alter")),
            text_of(each, "degree-type") or "add",
        )
        for each in harmony.findall("degree")
    ]
    root = _name(roots[0], "root", shift)
    slash = "" if bass is None else _name(bass, "bass", shift)
    with suppress(ChordError):
        if name not in _FUNCTIONS:
            return chord_of(root, name, degrees, slash, kind.get("text") or "")
    changes = (f"{each.how} {each.alter:+}/{each.value}" for each in degrees)
    said = " ".join((root, name or kind.get("text") or "", *changes))
    raise ChartError(f"it has a chord {where} that improvd cannot read, {said}")


def _name(element: ET.Element, of: str, shift: Shift) -> str:
    """The name of a root or bass as it sounds."""
    step = text_of(element, f"{of}-step")
    letter = LETTERS.find(step.upper()) if step else -1
    if letter < 0:
        return step
    sounding = NATURAL[letter] + whole_of(text_of(element, f"{of}-alter")) + shift.semitones
    return _spelled((letter + shift.letters) % 7, sounding)


def _spelled(letter: int, sounding: int) -> str:
    """The name of a pitch class on this letter, or the usual one where that has odd signs."""
    alter = (sounding - NATURAL[letter] + 6) % 12 - 6
    usual = PITCH_CLASS_NAMES[sounding % 12]
    return LETTERS[letter] + ("", "#", "b")[alter] if -1 <= alter <= 1 else usual
