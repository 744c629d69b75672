"""What a musician takes for a chord symbol where other words stand too."""

import re

from improvd.core.harmony.chord import ChordError, parse_chord
from improvd.core.harmony.spellings import is_no_chord

# A root, and then nothing that is in no chord symbol: "Bridge", "Ending" and "Fine" are words.
_LIKE_A_CHORD = re.compile(
    r"""[A-H][b#\u266d\u266f]{0,2}
    (?: [Mm]aj | MAJ | [Mm]in | MIN | [Dd]im | DIM | [Aa]ug | AUG | [Ss]us | SUS | [Aa]dd | ADD
      | alt | omit | no | ma | MA | mi | MI | [mMjhot]
      | [-+^~\u0394\u25b3\u2206\u00b0\u00ba\u00f8\u00d8\u2212] | [b#\u266d\u266f]?\d+ | [(),.\ ] )*
    (?: / [A-H\d][b#\u266d\u266f]{0,2} )?""",
    re.VERBOSE,
)


def is_chord_like(text: str) -> bool:
    """Whether a musician would take this text for a chord symbol, or for N.C.

    A small letter alone is a word: chords with small roots, which are minor, have a number.
    """
    if is_no_chord(text):
        return True
    if text[:1].islower() and not any(map(str.isdigit, text)):
        return False
    return _LIKE_A_CHORD.fullmatch(text) is not None or _is_readable(text)


def _is_readable(text: str) -> bool:
    try:
        parse_chord(text)
    except ChordError:
        return False
    return True
