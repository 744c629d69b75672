"""On which staves a part is written: its clefs, its voices, and how a drum kit is notated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from improvd.core.band.lineup import BASS, DRUMS, PIANO
from improvd.core.music import Note
from improvd.sheets.part import NotatedNote, VoicePart, written

_TREBLE, _BASS = "<sign>G</sign><line>2</line>", "<sign>F</sign><line>4</line>"
# A double bass is written an octave above where it sounds.
_BASS_8VB = f"{_BASS}<clef-octave-change>-1</clef-octave-change>"
_PERCUSSION = "<sign>percussion</sign>"
_MIDDLE_C, _LOW = 60, 48
# General MIDI, from 0.
_PROGRAMS = {BASS: 32, PIANO: 0}
_MELODY_PROGRAM = 66  # a tenor saxophone
_FEET = frozenset((35, 36, 44))


@dataclass(frozen=True, slots=True)
class Drum:
    """How an instrument of a kit is written: its name, its place on the staff, its notehead."""

    name: str
    step: str
    octave: int
    head: str = "normal"


KIT: Mapping[int, Drum] = MappingProxyType(
    {
        35: Drum("Bass drum 2", "F", 4), 36: Drum("Bass drum", "F", 4),
        37: Drum("Side stick", "C", 5, "x"), 38: Drum("Snare", "C", 5),
        40: Drum("Snare 2", "C", 5), 41: Drum("Low floor tom", "G", 4),
        42: Drum("Closed hi-hat", "G", 5, "x"), 43: Drum("Floor tom", "A", 4),
        44: Drum("Pedal hi-hat", "D", 4, "x"), 45: Drum("Low tom", "B", 4),
        46: Drum("Open hi-hat", "G", 5, "circle-x"), 47: Drum("Mid tom", "D", 5),
        48: Drum("High tom", "E", 5), 49: Drum("Crash", "A", 5, "x"),
        50: Drum("Highest tom", "E", 5), 51: Drum("Ride", "F", 5, "x"),
        53: Drum("Ride bell", "F", 5, "diamond"), 57: Drum("Crash 2", "A", 5, "x"),
        59: Drum("Ride 2", "F", 5, "x"),
    }
)  # fmt: skip
"""The instruments of General MIDI's kit that stand somewhere of their own."""


def drum(pitch: int) -> Drum:
    """How a pitch of a kit is written; what has no place of its own stands in the middle."""
    return KIT.get(pitch, Drum(f"Percussion {pitch}", "B", 4, "triangle"))


@dataclass(frozen=True, slots=True)
class StaffVoice:
    """What one layer of a staff plays; `stem` is "up" or "down" where a staff has two."""

    staff: int
    music: Sequence[NotatedNote]
    stem: str = ""


@dataclass(frozen=True, slots=True)
class Staves:
    """A part as it stands on paper: the clef of each staff, its voices, its instrument.

    `kit` are the pitches of a drum kit that it plays, none for all other parts.
    """

    name: str
    clefs: tuple[str, ...]
    voices: tuple[StaffVoice, ...]
    program: int
    kit: tuple[int, ...] = ()


def staves(part: VoicePart, music: Sequence[NotatedNote] | None = None) -> Staves:
    """How a part is written; `music` where it is known already how its notes are.

    The piano, and a musician whose hands lie far apart, has two staves; a line has the clef of its
    height.
    """
    notes = part.notes
    if part.name == DRUMS:
        return _kit(part)
    if part.name == BASS:
        return Staves(part.name, (_BASS_8VB,), (StaffVoice(1, written(notes)),), _PROGRAMS[BASS])
    program = _PROGRAMS.get(part.name, _MELODY_PROGRAM)
    if music is not None:
        pitches = [pitch for note in music for pitch in note.pitches]
        return Staves(part.name, (_clef(pitches),), (StaffVoice(1, music),), program)
    if part.name == PIANO or _is_of_two_hands(notes):
        high = [note for note in notes if note.pitch >= _MIDDLE_C]
        low = [note for note in notes if note.pitch < _MIDDLE_C]
        hands = StaffVoice(1, written(high)), StaffVoice(2, written(low))
        return Staves(part.name, (_TREBLE, _BASS), hands, _PROGRAMS[PIANO])
    clef = _clef([note.pitch for note in notes])
    return Staves(part.name, (clef,), (StaffVoice(1, written(notes)),), program)


def _kit(part: VoicePart) -> Staves:
    """Hands with their stems up, feet with theirs down, on one staff."""
    hands = [note for note in part.notes if note.pitch not in _FEET]
    feet = [note for note in part.notes if note.pitch in _FEET]
    voices = (
        StaffVoice(1, written(hands, struck=True), "up"),
        StaffVoice(1, written(feet, struck=True), "down"),
    )
    kit = tuple(sorted({note.pitch for note in part.notes}))
    return Staves(part.name, (_PERCUSSION,), voices, 0, kit)


def _clef(pitches: Sequence[int]) -> str:
    return _BASS if pitches and sum(pitches) / len(pitches) < _MIDDLE_C - 5 else _TREBLE


def _is_of_two_hands(notes: Sequence[Note]) -> bool:
    """Whether notes lie both well below middle C and above it."""
    return any(note.pitch < _LOW for note in notes) and any(
        note.pitch >= _MIDDLE_C for note in notes
    )
