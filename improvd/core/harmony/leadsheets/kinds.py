"""Chords as MusicXML keeps them: a root, a kind, degrees that change it, and a bass.

A degree is counted as the format says: an added one from the major scale, but the seventh, which
is minor unless it is raised. Programs write that minor seventh as 0 or as -1; both are read.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from improvd.core.harmony.canonical import spell, suffix
from improvd.core.harmony.chord import Chord, ChordError, parse_chord
from improvd.core.harmony.spellings import TENSIONS, Symbol, meaning, note_name, plain, read, words

# What the format calls its kinds, as symbols write them.
KINDS = {
    "major": "",
    "minor": "m",
    "augmented": "+",
    "diminished": "dim",
    "dominant": "7",
    "major-seventh": "maj7",
    "minor-seventh": "m7",
    "diminished-seventh": "dim7",
    "augmented-seventh": "+7",
    "half-diminished": "m7b5",
    "major-minor": "mMaj7",
    "major-sixth": "6",
    "minor-sixth": "m6",
    "dominant-ninth": "9",
    "major-ninth": "maj9",
    "minor-ninth": "m9",
    "dominant-11th": "11",
    "major-11th": "maj11",
    "minor-11th": "m11",
    "dominant-13th": "13",
    "major-13th": "maj13",
    "minor-13th": "m13",
    "suspended-second": "sus2",
    "suspended-fourth": "sus4",
    "power": "5",
}
# Kinds of other names that are met, and those of classical harmony, by their sound.
_OTHER_KINDS = {
    "pedal": "5",
    "Neapolitan": "",
    "Italian": "7(no5)",
    "French": "7b5",
    "German": "7",
    "Tristan": "m7b5",
    "dominant-seventh": "7",
    "augmented-ninth": "+9",
    "augmented-major-seventh": "maj7#5",
    "half-diminished-seventh": "m7b5",
    "minor-major-seventh": "mMaj7",
    "minor-major": "mMaj7",
    "suspended-fourth-seventh": "7sus4",
}
_SYMBOLS = {kind: read("C" + text) or Symbol("C", frozenset()) for kind, text in KINDS.items()}
_KINDS_OF = {(symbol.stated, symbol.tensions): kind for kind, symbol in _SYMBOLS.items()}
# How a degree is written that is added for a tension.
_ADDED = {1: (9, -1), 2: (9, 0), 3: (9, 1), 4: (3, 0), 5: (11, 0), 6: (11, 1), 8: (13, -1)}
_ADDED |= {9: (13, 0)}


class Degree(NamedTuple):
    """A change to the chord of a kind: `how` is add, alter or subtract; `alter` in semitones."""

    value: int
    alter: int = 0
    how: str = "add"


class Written(NamedTuple):
    """A chord as the format writes it: `text` is what stands for the kind on paper."""

    root: str
    kind: str
    text: str
    degrees: tuple[Degree, ...]
    bass: str


def chord_of(
    root: str, kind: str, degrees: Sequence[Degree] = (), bass: str = "", text: str = ""
) -> Chord | None:
    """The chord of a root such as "Bb", a kind, its degrees and a bass; None for kind "none".

    `text` is the one of the kind; it is asked where the kind is "other", empty or unknown.
    Raises ChordError.
    """
    if kind == "none":
        return None
    suffix = {**KINDS, **_OTHER_KINDS}.get(kind)
    if suffix is None and kind and not text and words(plain(kind)) is not None:
        suffix = plain(kind)  # some programs write what stands on paper for the kind's name
    if suffix is None:
        if kind and not text and (kind != "other" or not degrees):
            raise ChordError(f"cannot read the chord {root} of the kind {kind!r}")
        # The text says it all, degrees included, and where there is none, nothing but these do.
        suffix, degrees = plain(text), () if text else degrees
    items = words(suffix)
    if items is None:
        raise ChordError(f"cannot read the chord {root}{suffix} (of the kind {kind!r})")
    return parse_chord(spell(meaning(note_name(root), _changed(items, degrees), note_name(bass))))


def written(chord: Chord) -> Written:
    """A chord in the format's own words; `chord_of` gives the same chord again."""
    symbol = read(chord.symbol) or Symbol("C", frozenset((0, 4, 7)))
    kind, degrees, tensions = _kind(symbol)
    degrees += [Degree(*_ADDED[tension]) for tension in sorted(tensions)]
    degrees += [Degree(5, how="subtract")] if symbol.no_fifth else []
    text = KINDS[kind] if degrees else suffix(symbol)
    return Written(symbol.root, kind, text, tuple(degrees), symbol.bass)


def _changed(items: set[str], degrees: Sequence[Degree]) -> set[str]:
    """The words of a kind, changed by degrees. Raises ChordError for a degree nobody knows."""
    items = set(items)
    for degree in degrees:
        said = _word(degree, items)
        if degree.how == "alter":
            items -= {str(degree.value), f"add{degree.value}"}
            items |= {"7"} if degree.value in (7, 9, 11, 13) else set()
            items -= {"major"} if degree.value == 7 else set()
        items |= {said} if said else set()
    for suspended, natural in (("sus4", {"add4", "add11"}), ("sus2", {"add2"})):
        if "no3" in items and items & natural:
            items = (items - natural - {"no3"}) | {suspended}
    fifths = [degree for degree in degrees if degree.value == 5 and degree.how == "add"]
    if "no5" in items and fifths:  # another fifth in its place
        items -= {"no5", *({"aug"} if fifths[-1].alter < 1 else set())}
    return items


def _word(degree: Degree, items: set[str]) -> str:
    """A degree as the word of a symbol that says the same."""
    value, alter, how = degree
    if how == "subtract":
        return "" if value == 1 else f"no{value}"
    if value == 7:
        if alter > 0:
            return "#7"
        return "b7" if "dim" in items else "7"
    if value == 3:
        return "b3" if alter < 0 else "add3"
    sign = {-1: "b", 0: "", 1: "#"}.get(alter, "?")
    word = f"{sign}{value}" if sign or value == 6 else f"add{value}"
    if word not in {"6", "add5", "b5", "#5", *TENSIONS}:
        raise ChordError(f"cannot read the degree {value} altered by {alter} of a chord")
    return "" if word == "add5" else word


def _kind(symbol: Symbol) -> tuple[str, list[Degree], frozenset[int]]:
    """The kind nearest to a symbol, what changes its tones, and the tensions still to be added."""
    stated, tensions = symbol.stated, symbol.tensions
    if (stated, tensions) in _KINDS_OF:
        return _KINDS_OF[stated, tensions], [], frozenset()
    if (stated, frozenset[int]()) in _KINDS_OF:
        return _KINDS_OF[stated, frozenset()], [], tensions
    if stated == {0, 3, 6, 11}:
        return "diminished", [Degree(7, 1)], tensions
    change = _last_change(stated)
    kind, changes, tensions = _kind(replace(symbol, stated=change[0]))
    return kind, [*changes, change[1]], tensions


def _last_change(stated: frozenset[int]) -> tuple[frozenset[int], Degree]:
    """Tones that are nearer to those of a kind, and the degree that makes of them what they are."""
    if not stated & {2, 3, 4, 5}:
        return stated | {4}, Degree(3, how="subtract")
    for fifth, alter in ((6, -1), (8, 1)):
        if fifth in stated:
            return stated - {fifth} | {7}, Degree(5, alter, "alter")
    above = {9: Degree(6), 10: Degree(7), 11: Degree(7, 1)}
    seventh = next(tone for tone in above if tone in stated)
    return stated - {seventh}, above[seventh]
