"""Chords: a symbol read, with the tones and the scale it asks for."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from improvd.core.harmony.canonical import spell
from improvd.core.harmony.chord_tones import above, meaning, meaning_over
from improvd.core.harmony.spellings import Symbol, is_no_chord, pitch_class, plain, read

# The spellings of no chord at all that are commonest; `read_chord` knows more.
NO_CHORD = frozenset({"NC", "N.C.", "N.C"})

_LETTERS = "CDEFGAB"
_FIFTHS = {6, 7, 8}
_ORDINARY = (
    "",
    *("maj7", "6", "69", "maj9", "maj7#11", "7", "9", "13", "7b9", "7#9", "7#11", "7b13", "7alt"),
    *("m", "m7", "m6", "m9", "m11", "mMaj7", "m7b5", "dim", "dim7", "+", "+7", "sus4", "7sus4"),
)


class ChordError(ValueError):
    """A chord symbol nobody can read; one sentence, with readable symbols near it."""


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord symbol, read. All but the symbol and the quality's name are pitch classes, 0 to 11.

    `symbol` is the text as it was written, in ASCII; chords that mean the same are equal whatever
    theirs is. `tones` are those of the quality's row in QUALITIES, from the root up (a triad has
    its row's seventh too), where it has all that are written; `scale` is the chord-scale from the
    chord alone; `tensions` are what the symbol names above its tones. `bass` is the root but for
    slash chords; where the bass is none of the tones written above it (`over_bass`), it is the
    last of the tones, and the scale is the one that `slash` gives.
    """

    symbol: str = field(compare=False)
    root: int
    quality: str
    bass: int
    tones: tuple[int, ...]
    scale: tuple[int, ...]
    tensions: tuple[int, ...] = ()
    over_bass: bool = False


@lru_cache(maxsize=4096)
def parse_chord(symbol: str) -> Chord:
    """Read a chord symbol such as "F#m7b5", "Ebj7911#", "C7(b9,b13)" or "F-7/Bb".

    `improvd.core.harmony.spellings` says what is read. Raises ChordError for anything else, "N.C."
    included: it names no chord.
    """
    text = plain(symbol)
    written = read(text)
    if written is None:
        raise _unreadable(symbol)
    return _chord(text, written)


def read_chord(text: str) -> Chord | None:
    """The chord of a text in any format, None where it says that there is none (N.C.).

    This is the one way from a text to a chord for every reader of files: give it the text as it
    stands there (Unicode, spaces and NULs around it are no matter). Where a format keeps root,
    kind and bass apart, `improvd.core.harmony.leadsheets.kinds` reads them so. Raises ChordError.
    """
    return None if is_no_chord(text) else parse_chord(text)


def spelled(chord: Chord) -> str:
    """The one spelling in ASCII of all chords that are equal, but for their notes' names.

    Reading it gives the chord again: parse_chord(spelled(chord)) == chord.
    """
    symbol = read(chord.symbol)
    return spell(symbol) if symbol else chord.symbol


def near_symbols(symbol: str) -> list[str]:
    """Three readable symbols that look most like an unreadable one."""
    capital = symbol[:1].upper() + symbol[1:]
    root = re.match(r"[A-G][b#]?", capital)
    roots = [root[0]] if root else list(_LETTERS)
    readable = [name + suffix for name in roots for suffix in _ORDINARY]
    from difflib import get_close_matches  # noqa: PLC0415 - a start must not wait for a mistake

    return get_close_matches(capital, readable, n=3, cutoff=0.0)


def _unreadable(symbol: str) -> ChordError:
    shown = symbol if len(symbol) <= 24 else symbol[:24] + "..."
    near = ", ".join(near_symbols(symbol[:24]))
    return ChordError(f"cannot read the chord {shown!r}; near it are {near}")


def _chord(text: str, written: Symbol) -> Chord:
    root, bass = pitch_class(written.root), pitch_class(written.bass or written.root)
    below = (bass - root) % 12
    over_bass = below not in written.stated | written.tensions
    if over_bass:
        quality, row = meaning_over(written.stated, written.tensions, below)
    else:
        quality, row = meaning(written.stated, written.tensions)
    tones = (tone for tone in row.tones if not (written.no_fifth and tone in _FIFTHS - {below}))
    return Chord(
        symbol=text,
        root=root,
        quality=quality,
        bass=bass,
        tones=above(root, tones),
        scale=above(root, row.scale),
        tensions=above(root, sorted(written.tensions)),
        over_bass=over_bass,
    )
