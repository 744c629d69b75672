"""Chord names in Yamaha's XF format, as its keyboards write them into MIDI files.

A sequencer-specific event 43 7B 01, then root, type, bass and bass type. A root's upper three bits
say its accidental (3 is natural), the lower four its letter, from C. See Yamaha's "XF Format
Specifications", section 2.1.
"""

from collections.abc import Iterable

from improvd.core.harmony.chord import Chord, parse_chord

_CHORD = b"\x43\x7b\x01"
_LETTERS = " CDEFGAB"
_ACCIDENTALS = {2: "b", 3: "", 4: "#"}
_NO_CHORD = 34
# The types from 0 on.
_SUFFIXES = (
    *("", "6", "maj7", "maj7#11", "add9", "maj9", "6/9", "+"),
    *("m", "m6", "m7", "m7b5", "madd9", "m9", "m11", "mMaj7", "mMaj9", "dim", "dim7"),
    *("7", "7sus4", "7b5", "9", "7#11", "13", "7b9", "7b13", "7#9", "maj7#5", "+7"),
    *("5", "5", "sus4", "sus2"),
)


def chords(events: Iterable[tuple[int, bytes]]) -> tuple[tuple[int, Chord | None], ...]:
    """(pulse, chord or None for none) of the sequencer-specific events that are chord names."""
    named = [(pulse, data) for pulse, data in events if data[:3] == _CHORD and len(data) >= 5]
    return tuple((pulse, _chord(data)) for pulse, data in sorted(named))


def _chord(data: bytes) -> Chord | None:
    root, kind = _name(data[3]), data[4]
    if not root or kind >= _NO_CHORD:
        return None
    bass = _name(data[5]) if len(data) >= 6 else ""
    return parse_chord(root + _SUFFIXES[kind] + (f"/{bass}" if bass not in ("", root) else ""))


def _name(byte: int) -> str:
    accidental, letter = _ACCIDENTALS.get(byte >> 4 & 0x07), byte & 0x0F
    return "" if accidental is None or not 1 <= letter <= 7 else _LETTERS[letter] + accidental
