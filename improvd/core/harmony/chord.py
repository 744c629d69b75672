"""Chord symbols, as jazz charts and the Weimar Jazz Database write them, and their chord-scales.

A chord takes the first row of QUALITIES that holds every tone its symbol states, and whose scale
holds every tension it names.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple

_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_LYDIAN = (0, 2, 4, 6, 7, 9, 11)
_MIXOLYDIAN = (0, 2, 4, 5, 7, 9, 10)
_AEOLIAN = (0, 2, 3, 5, 7, 8, 10)
_PHRYGIAN = (0, 1, 3, 5, 7, 8, 10)
_MELODIC_MINOR = (0, 2, 3, 5, 7, 9, 11)
_ALTERED = (0, 1, 3, 4, 6, 8, 10)
_WHOLE_TONE = (0, 2, 4, 6, 8, 10)


class Quality(NamedTuple):
    """Chord tones and chord-scale, in semitones above the root."""

    tones: tuple[int, ...]
    scale: tuple[int, ...]


# In order of preference: an earlier row is taken wherever it holds what the symbol writes.
QUALITIES: dict[str, Quality] = {
    "power": Quality((0, 7), (0, 2, 5, 7, 10)),  # no third of its own to clash with the musician's
    "maj": Quality((0, 4, 7, 11), _MAJOR),
    "lyd": Quality((0, 4, 7, 11), _LYDIAN),
    "maj6": Quality((0, 4, 7, 9), _MAJOR),
    "majb5": Quality((0, 4, 6, 11), _LYDIAN),
    "dom": Quality((0, 4, 7, 10), _MIXOLYDIAN),
    "dom#11": Quality((0, 4, 7, 10), (0, 2, 4, 6, 7, 9, 10)),
    "domb13": Quality((0, 4, 7, 10), (0, 2, 4, 5, 7, 8, 10)),
    "domb9": Quality((0, 4, 7, 10), (0, 1, 4, 5, 7, 8, 10)),
    "dom13b9": Quality((0, 4, 7, 10), (0, 1, 3, 4, 6, 7, 9, 10)),
    "dom#9b13": Quality((0, 4, 7, 10), (0, 1, 3, 4, 7, 8, 10)),
    "domb5": Quality((0, 4, 6, 10), _WHOLE_TONE),
    "altb5": Quality((0, 4, 6, 10), _ALTERED),
    "aug": Quality((0, 4, 8, 10), _WHOLE_TONE),
    "alt": Quality((0, 4, 8, 10), _ALTERED),
    "augmaj7": Quality((0, 4, 8, 11), (0, 2, 4, 6, 8, 9, 11)),
    "sus": Quality((0, 5, 7, 10), _MIXOLYDIAN),
    "susb9": Quality((0, 5, 7, 10), _PHRYGIAN),
    "majsus": Quality((0, 5, 7, 11), _MAJOR),
    "sus2": Quality((0, 2, 7, 10), _MIXOLYDIAN),
    "min": Quality((0, 3, 7, 10), (0, 2, 3, 5, 7, 9, 10)),
    "minb13": Quality((0, 3, 7, 10), _AEOLIAN),
    "minb9": Quality((0, 3, 7, 10), _PHRYGIAN),
    "min#5": Quality((0, 3, 8, 10), _AEOLIAN),
    "min6": Quality((0, 3, 7, 9), _MELODIC_MINOR),
    "minmaj7": Quality((0, 3, 7, 11), _MELODIC_MINOR),
    "hdim": Quality((0, 3, 6, 10), (0, 1, 3, 5, 6, 8, 10)),
    "dim": Quality((0, 3, 6, 9), (0, 2, 3, 5, 6, 8, 9, 11)),
}
NO_CHORD = frozenset({"NC", "N.C.", "N.C"})

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ORDINARY = (
    "",
    *("maj7", "6", "69", "maj9", "maj7#11", "7", "9", "13", "7b9", "7#9", "7#11", "7b13", "7alt"),
    *("m", "m7", "m6", "m9", "m11", "mMaj7", "m7b5", "dim", "dim7", "+", "+7", "sus4", "7sus4"),
)
_SYMBOL = re.compile(r"(?P<root>[A-G][b#]?)(?P<body>.*?)(?:/(?P<bass>[A-G][b#]?))?")
_BODY = re.compile(
    r"""
    (?P<power>5)
    | (?: (?P<dim>dim|o|°)7? | 7?,?(?P<alt>alt)
        | (?: (?P<half>hdim|ø) | (?P<minor>min|mi|m|-) | (?P<aug>aug|\+) )?
          (?: ,?(?P<major>maj|Maj|ma|M|j|\^|Δ) )?
          (?: ,?(?P<degree>6/?9|6|7|9|11|13) )?
      )
      (?P<rest> (?: ,? (?: sus(?:[24]|7|9|13)? | add(?:2|4|9|11|13) | [b-](?:5|9|13)
                         | [#+](?:5|9|11) | 9 | 11 | 13 | aug | \+ ) )* )
    """,
    re.VERBOSE,
)
_GROUP = re.compile(r"\(([^(),]+(?:,[^(),]+)*)\)")
# The Weimar Jazz Database writes the accidental after its tension: 79#13 is 7, #9, 13.
_POSTFIX = re.compile(r"(7|69)((?:(?:9|11|13)[b#]?)+)(?![0-9b#])")
_TENSION = re.compile(r"(9|11|13)([b#]?)")
_ITEM = re.compile(r"(?:sus|add|[b#+-])?(?:11|13|[24579])|sus|aug|\+")
_TENSIONS = {"b9": 1, "#9": 3, "#11": 6, "b13": 8}
_TENSIONS |= dict.fromkeys(("9", "69", "6/9", "sus9", "add9", "add2"), 2)
_TENSIONS |= dict.fromkeys(("11", "add11", "add4"), 5)
_TENSIONS |= dict.fromkeys(("13", "sus13", "add13"), 9)
_SAME_DEGREE = ({1, 2, 3}, {5, 6}, {8, 9})


class ChordError(ValueError):
    """A chord symbol nobody can read; one sentence, with readable symbols near it."""


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord symbol, read. All but the symbol and the quality's name are pitch classes, 0 to 11.

    `tones` are those of the quality's row in QUALITIES, from the root up (a triad has its row's
    seventh too); `scale` is the chord-scale from the chord alone; `tensions` are the ninths,
    elevenths and thirteenths that the symbol names. `bass` is the root but for slash chords.
    """

    symbol: str
    root: int
    quality: str
    bass: int
    tones: tuple[int, ...]
    scale: tuple[int, ...]
    tensions: tuple[int, ...] = ()


@lru_cache(maxsize=4096)
def parse_chord(symbol: str) -> Chord:
    """Read a chord symbol such as "F#m7b5", "Ebj7911#", "C7(b9,b13)" or "F-7/Bb".

    Raises ChordError for anything else, "N.C." included: it names no chord.
    """
    plain = symbol.replace("♭", "b").replace("♯", "#").replace("△", "Δ")
    parts = _SYMBOL.fullmatch(plain)
    written = parts and _BODY.fullmatch(_prefixed(_GROUP.sub(r",\1", parts["body"])))
    if parts is None or written is None:
        raise _unreadable(symbol)
    stated, tensions = _meaning(written)
    fitting = [name for name, row in QUALITIES.items() if stated <= set(row.tones)]
    if not fitting:
        raise _unreadable(symbol)
    holding = (name for name in fitting if tensions <= set(QUALITIES[name].scale))
    quality = next(holding, fitting[0])
    row = QUALITIES[quality]
    root = _pitch_class(parts["root"])
    return Chord(
        symbol=symbol,
        root=root,
        quality=quality,
        bass=_pitch_class(parts["bass"] or parts["root"]),
        tones=above(root, row.tones),
        scale=above(root, _with_tensions(row, tensions)),
        tensions=above(root, sorted(tensions)),
    )


def near_symbols(symbol: str) -> list[str]:
    """Three readable symbols that look most like an unreadable one."""
    capital = symbol[:1].upper() + symbol[1:]
    root = re.match(r"[A-G][b#]?", capital)
    roots = [root[0]] if root else list(_LETTERS)
    readable = [name + suffix for name in roots for suffix in _ORDINARY]
    return get_close_matches(capital, readable, n=3, cutoff=0.0)


def _unreadable(symbol: str) -> ChordError:
    shown = symbol if len(symbol) <= 24 else symbol[:24] + "..."
    near = ", ".join(near_symbols(symbol[:24]))
    return ChordError(f"cannot read the chord {shown!r}; near it are {near}")


def _prefixed(body: str) -> str:
    """The symbol's body with each accidental before its tension, the tensions after commas."""
    return _POSTFIX.sub(lambda found: found[1] + _TENSION.sub(r",\2\1", found[2]), body)


def _meaning(written: re.Match[str]) -> tuple[set[int], set[int]]:
    """The chord tones a symbol states, and the tensions it names, in semitones."""
    if written["power"]:
        return {0, 7}, set()
    if written["alt"]:
        return {4, 8, 10}, {1, 3, 6, 8}
    items = {item.replace("+", "#").replace("-", "b") for item in _ITEM.findall(written["rest"])}
    names = {written["degree"] or "", *items}
    tensions = {_TENSIONS[name] for name in names if name in _TENSIONS}
    stated = {0, _third(written, items)}
    sharp_fifth = written["aug"] or items & {"aug", "#", "#5"}
    flat_fifth = written["dim"] or written["half"] or "b5" in items
    stated.add(8 if sharp_fifth else 6 if flat_fifth else 7)
    if sharp_fifth and flat_fifth:
        tensions.add(6)
    seventh = _seventh(written, items)
    return (stated if seventh is None else stated | {seventh}), tensions


def _third(written: re.Match[str], items: set[str]) -> int:
    if "sus2" in items:
        return 2
    if any(item.startswith("sus") for item in items):
        return 5
    return 3 if written["dim"] or written["half"] or written["minor"] else 4


def _seventh(written: re.Match[str], items: set[str]) -> int | None:
    if written["dim"] or written["degree"] in ("6", "69", "6/9"):
        return 9
    if written["major"]:
        return 11
    if written["half"] or written["degree"] or items & {"sus7", "sus9", "sus13"}:
        return 10
    return None


def _with_tensions(row: Quality, tensions: set[int]) -> tuple[int, ...]:
    """The row's scale, where a tension it lacks takes the place of its degree's other forms."""
    scale = set(row.scale)
    for missing in tensions - scale:
        for degree in _SAME_DEGREE:
            if missing in degree:
                scale -= degree - tensions - set(row.tones)
        scale.add(missing)
    return tuple(sorted(scale))


def _pitch_class(name: str) -> int:
    return (_LETTERS[name[0]] + name.count("#") - name.count("b")) % 12


def above(root: int, semitones: Iterable[int]) -> tuple[int, ...]:
    """Pitch classes of these semitones above a root."""
    return tuple((root + semitone) % 12 for semitone in semitones)
