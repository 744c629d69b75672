"""Chord symbols beside the notes of a Humdrum file, which music21 passes over.

They stand in spines of their own: **mxhm has the root and kind of MusicXML ("B- minor-seventh"),
**jazz and **harte write B-:min7, maybe behind a length, and **cdata-harm has symbols as printed.
Each is written into a local comment of a **kern spine, which music21 keeps in its place.
"""

import re
from collections.abc import Iterator, Sequence

from improvd.core.harmony.chord import Chord, ChordError, read_chord
from improvd.core.harmony.leadsheets.kinds import chord_of
from improvd.training.read.weimar import LeftOutError

_SPINES = ("**mxhm", "**jazz", "**harte", "**cdata-harm")
_NONE = ("r", "N", "none")
_MARK = "improvd chord "
_LENGTH = re.compile(r"[\[_]?\d+(?:%\d+)?\.*(?=[A-Ga-gNr])")
_FLAT = re.compile(r"(?<=[A-Ga-g])-(?=[\s:/-]|$)")


def marked(text: str) -> str:
    """The file with its chords in comments. Raises LeftOutError for one where no note begins."""
    if not any(spine in text for spine in _SPINES):
        return text
    return "\n".join(_marked(text.splitlines()))


def chord_in(comment: str) -> Chord | bool | None:
    """The chord of a comment, None for N.C.; False for any other comment. Raises LeftOutError."""
    if not comment.startswith(_MARK):
        return False
    line, _, token = comment.removeprefix(_MARK).partition(" ")
    try:
        return _chord(token)
    except ChordError:
        raise LeftOutError(
            f"it has a chord in line {line} that improvd cannot read, {token!r}"
        ) from None


def _chord(token: str) -> Chord | None:
    said = _FLAT.sub("b", _LENGTH.sub("", token))
    if said in _NONE:
        return None
    root, _, kind = said.partition(" ")
    kind, _, bass = kind.partition("/")
    return chord_of(root, kind, bass=bass) if kind else read_chord(said)


def _marked(lines: Sequence[str]) -> Iterator[str]:
    spines: list[str] = []  # what each column holds
    for number, line in enumerate(lines, start=1):
        cells = line.split("\t")
        if line.startswith("**"):
            spines = cells
        elif line.startswith("*"):
            spines = _after(spines, cells)
        elif line and not line.startswith(("!", "=")) and len(cells) == len(spines):
            chords = [c for c, of in zip(cells, spines, strict=True) if of in _SPINES and c != "."]
            if chords:
                at = _striking(cells, spines, number)
                mark = f"!{_MARK}{number} {chords[0]}"
                yield "\t".join(mark if i == at else "!" for i in range(len(cells)))
        yield line


def _striking(cells: Sequence[str], spines: Sequence[str], number: int) -> int:
    """The column of a note or rest that begins in this line."""
    for i, (cell, of) in enumerate(zip(cells, spines, strict=True)):
        if of == "**kern" and cell != ".":
            return i
    raise LeftOutError(f"it has a chord in line {number} where no note begins: add a rest there")


def _after(spines: Sequence[str], cells: Sequence[str]) -> list[str]:
    """What columns hold after a line that may split, join, exchange or end some."""
    if len(cells) != len(spines):
        return list(spines)
    after: list[str] = []
    joined = False
    for of, cell in zip(spines, cells, strict=True):
        if cell == "*^":
            after += [of, of]
        elif cell != "*-" and not (cell == "*v" and joined):
            after.append(cell if cell.startswith("**") else of)
        joined = cell == "*v"
    return after
