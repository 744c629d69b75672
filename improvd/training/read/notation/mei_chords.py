"""Chord symbols of an MEI file: its harm elements, which music21 passes over."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from improvd.core.harmony.abc.key import moved
from improvd.core.harmony.chord import Chord
from improvd.core.harmony.written.symbols import is_chord_like
from improvd.training.read.symbols import chord_of

_MEI = "{http://www.music-encoding.org/ns/mei}"


class Harm(NamedTuple):
    """A chord in a bar, counted from 0: on a beat of its metre from 1, or where `element` is."""

    bar: int
    chord: Chord | None
    beat: Fraction | None
    element: str


def chords(content: bytes) -> Iterator[Harm]:
    """The chords of a score. Texts that are none, such as numerals and figures, are passed over.

    Raises LeftOutError for one that nobody can read, or what XML raises.
    """
    root = ET.fromstring(content)  # noqa: S314 - expat stops bombs
    shifts = {
        staff.get("n"): int(staff.get("trans.semi") or 0) for staff in root.iter(f"{_MEI}staffDef")
    }
    for number, measure in enumerate(root.iter(f"{_MEI}measure")):
        for harm in measure.iter(f"{_MEI}harm"):
            text = "".join("".join(harm.itertext()).split())
            if not text or not is_chord_like(text):
                continue
            chord = chord_of(text, f"in bar {measure.get('n') or number + 1}")
            shift = shifts.get((harm.get("staff") or "1").split()[0], 0)
            stamp = harm.get("tstamp")
            yield Harm(
                number,
                moved(chord, shift) if chord and shift else chord,
                Fraction(stamp) if stamp else None,
                (harm.get("startid") or "").removeprefix("#"),
            )


def place(harm: Harm, measure: Any) -> Fraction:
    """Where a chord stands in music21's measure, in quarter notes."""
    if harm.beat is not None:
        signature = measure.getContextByClass("TimeSignature")
        return (harm.beat - 1) * 4 / (signature.denominator if signature else 4)
    for element in measure.recurse():
        if element.id == harm.element:
            return Fraction(element.getOffsetInHierarchy(measure))
    return Fraction(0)
