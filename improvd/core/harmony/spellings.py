"""The one reader of chord symbols: what a text states, whoever wrote it.

It reads the spellings of jazz charts and songbooks, of iReal Pro, JJazzLab, MuseScore,
Band-in-a-Box, ABC, Finale, Sibelius and the Weimar Jazz Database, in any mixture. Where these
differ, the rules are:

- An accidental right after the root's letter is the root's (C#5 is C sharp and G sharp); one of a
  tension stands in parentheses there, C(#11). Of two, the second belongs to a 5, 9, 11 or 13 that
  follows: Bbb5 is B flat with a flat fifth, Bbb7 is B double flat.
- A small root is minor, as MuseScore and songbooks write it, unless its body says what it is: c7
  is Cm7, but cmaj7 and csus are not minor. The small bass of a slash chord is only a note.
- H is B natural; is and es are sharp and flat (Fis, Es).
- A plain triangle is a major seventh; o is diminished; h, 0 and a slashed o are half-diminished.
- 2 is an added ninth, 4 a suspended fourth. A ninth, eleventh or thirteenth in parentheses or
  after a slash adds no seventh: C(9) and C/9 are triads with a ninth, C7(9) and C7/9 are not.
- The Weimar Jazz Database writes the accidental after its tension: 79#13 is 7, #9, 13.
- Behind a colon stands Harte's shorthand, as data sets of chords have it: C:maj is a triad, (*5) a
  fifth left out, and a number after its slash the degree in the bass: C:maj/3 is C/E.
- A fourth or eleventh without a third is a suspended fourth: C11(no3) is C7sus4.
- Yamaha's keyboards write 1+5, 1+8 and 1+2+5 for chords without a third.
- A whole chord after a slash lies below the other: D/C7 is C7 with the tones of D above it.
"""

import re
import unicodedata
from dataclasses import dataclass, replace

from improvd.core.music import PITCH_CLASS_NAMES

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = str.maketrans(
    dict.fromkeys("ΔδΔ∆△▲▵", "Δ")
    | dict.fromkeys("øØ∅⌀ϕφ", "ø")
    | dict.fromkeys("°º˚⁰○◦", "°")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\u207b", "-")  # hyphens, dashes, minus
    | dict.fromkeys("\u2044\u2215", "/")
    | {"♭": "b", "♯": "#", "♮": "", "𝄫": "bb", "𝄪": "##", "\u200b": ""}
)
# What files leave around a text: a text of MIDI may end in a NUL.
_AROUND = " \t\r\n\0\ufeff\u00a0"
_NO_CHORD = re.compile(r"n[./]? ?c\.?|no[ -]?chord|n\.?|tacet", re.IGNORECASE)

_NOTE = r"[A-Ha-h](?:bb(?!5|9|11|13)|\#\#(?!5|9|11|13)|[b#]|is|es|(?<=[AE])s(?!us))?"
_SYMBOL = re.compile(rf"(?P<root>{_NOTE})(?P<body>.*?)(?:/(?P<bass>{_NOTE}))?")
_UNDER = re.compile(r"(?P<upper>(?:(?!/[A-H]).)+)/(?P<lower>[A-H].*)")
_HARTE = re.compile(
    rf"(?P<root>{_NOTE}):(?P<kind>[a-z]*[0-9]*)(?P<more>\([^()]*\))?(?:/(?P<bass>[b#]?)(?P<degree>[2-7]|9))?"
)
_HARTE_KINDS = {"": "", "maj": "", "min": "m", "1": "5"}
_MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
_YAMAHA = {"1+5": "5", "1+8": "5", "1+2+5": "sus2"}
_GROUP = re.compile(r"\(([^(),/;]+(?:[,/;][^(),/;]+)*)\)")
_GROUPED_POSTFIX = re.compile(r"(?<![0-9])(5|9|11|13)([b#+-])(?=[,/;]|$)")
_WEIMAR = re.compile(r"(7|69)((?:(?:9|11|13)[b#]?)+)(?![0-9b#])")
_WEIMAR_TENSION = re.compile(r"(9|11|13)([b#]?)")
# Where the body begins with it; later, + and - are a tension's accidentals.
_FIRST = re.compile(r"(?P<minor>-(?!5))|(?P<aug>\+(?!5))|(?P<power>5(?:th)?(?![b#0-9]))")
_WORD = re.compile(
    r"""
    (?P<comma>,)? (?:
      (?:no|omit),?(?P<omit>13|11|[135679])(?:rd|th|st)?
    | (?P<sus>[Ss]us(?:pended)?|SUS)(?P<by>24|2sus4|4sus2|2|4|7|9|13)?
    | (?P<alt>alt(?:ered)?)
    | (?P<half>(?:half-?|h)dim(?:inished)?|h|0)
    | (?P<dim>[Dd]im(?:inished)?\.?|DIM|o)
    | (?P<aug>[Aa]ug(?:mented)?\.?|AUG|\+(?!5|9|11))
    | (?P<major>[Mm]aj(?:or)?\.?|MAJ|(?:ma|Ma|MA)(?!dd|ug|lt))
    | (?P<minor>[Mm]in(?:or)?\.?|MIN|[Mm]i|MI)
    | (?P<major_sign>M|[jJ]|\^|t(?=[791,]|$))
    | (?P<minor_sign>m)
    | (?:add,?)?(?P<altered>b(?:13|10|[235679])|-(?:13|[569])|\#(?:11|[24579])|\+(?:11|[459]))
    | add,?(?P<added>maj7|M7|13|11|[2-79])
    | (?P<fifth>5[b#](?![0-9]))
    | (?P<number>69|13|11|[24679])(?:th)?
    )
    """,
    re.VERBOSE,
)
# The tensions that words name, in semitones above the root.
TENSIONS = {"b2": 1, "b9": 1, "#2": 3, "#9": 3, "b10": 3, "#4": 6, "#11": 6, "b6": 8, "b13": 8}
TENSIONS |= {"9": 2, "11": 5, "13": 9}
TENSIONS |= {"add2": 2, "add9": 2, "add4": 5, "add11": 5, "add13": 9}
_OVER_SEVENTH = frozenset(("7", "9", "11", "13"))
_SAY_THE_THIRD = frozenset(
    ("minor", "major", "dim", "half", "aug", "alt", "power", "sus2", "sus4", "b3")
)
# Numbers, and what is added, that say something else than their degree.
_NUMBERS = {"69": {"6", "add9"}, "4": {"sus4"}, "2": {"add2"}}
_ADDED = {"6": {"6"}, "7": {"7"}, "5": set[str](), "maj7": {"#7"}, "M7": {"#7"}}
# Words that contradict those after them.
_APART = (
    ("power", {"minor", "major", "dim", "half", "aug", "alt", "sus2", "sus4", "7", "6"}),
    ("dim", {"minor", "half", "aug", "alt", "sus2", "sus4"}),
    ("half", {"minor", "major", "aug", "alt", "sus2", "sus4"}),
    ("alt", {"minor", "major", "aug", "sus2", "sus4"}),
    ("minor", {"b3"}),
)
# The semitones that leaving out a degree leaves out, of the chord's own tones and of the tensions:
# C7(#9,no3) keeps its sharp ninth. Without its fifth a chord keeps its kind.
_LEFT_OUT_TONES = {"no3": {2, 3, 4, 5}, "no6": {9}, "no7": {9, 10, 11}}
_LEFT_OUT_TENSIONS = {"no9": {1, 2, 3}, "no11": {5, 6}, "no13": {8, 9}}


@dataclass(frozen=True, slots=True)
class Symbol:
    """What a chord symbol states; all but the names in semitones above the root.

    `root` and `bass` are note names, a letter from A to G and its accidentals; `bass` is empty
    where no note is written below. `stated` are the tones of the chord itself, a sixth or a
    seventh included; `tensions` what is named above them; `no_fifth` is omit 5.
    """

    root: str
    stated: frozenset[int]
    tensions: frozenset[int] = frozenset()
    no_fifth: bool = False
    bass: str = ""


def plain(text: str) -> str:
    """A chord symbol's text in ASCII, as far as it has a meaning, and without spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS)
        text = re.sub(r"Δ7?(?!9|11|13)", "maj7", text).replace("Δ", "maj")
        text = re.sub(r"ø(7|9|11|13)?", lambda found: f"m{found[1] or 7}b5", text)
        text = text.replace("°", "dim")
    text = re.sub(r"\s*([/,;])\s*", r"\1", text.strip(_AROUND))
    text = re.sub(r"\s+", ",", re.sub(r"\s+(?![b#])", "", text))
    harte = _HARTE.fullmatch(text)
    return _without_colon(harte) if harte else text


def is_no_chord(text: str) -> bool:
    """Whether a text says that there is no chord: N.C., NC, n.c., No Chord and the like."""
    return _NO_CHORD.fullmatch(text.strip(_AROUND)) is not None


def read(text: str) -> Symbol | None:
    """What a symbol in plain text states; None for what is no chord symbol."""
    found = _SYMBOL.fullmatch(text)
    if found is None or not text.isascii():
        return None
    items = words(_YAMAHA.get(found["body"], found["body"]))
    if items is not None:
        if found["root"][0].islower() and not items & _SAY_THE_THIRD:
            items.add("minor")
        return meaning(note_name(found["root"]), items, note_name(found["bass"] or ""))
    under = _UNDER.fullmatch(text)
    upper, lower = (read(under["upper"]), read(under["lower"])) if under else (None, None)
    return _stacked(upper, lower) if upper and lower and not lower.bass else None


def _without_colon(harte: re.Match[str]) -> str:
    """Harte's shorthand as a symbol of charts."""
    kind = _HARTE_KINDS.get(harte["kind"], harte["kind"])
    more = (harte["more"] or "").replace("*", "no")
    root = note_name(harte["root"])
    if not harte["degree"]:
        return root + kind + more
    up = _MAJOR_SCALE[(int(harte["degree"]) - 1) % 7] + {"b": -1, "#": 1}.get(harte["bass"], 0)
    return f"{root}{kind}{more}/{PITCH_CLASS_NAMES[(pitch_class(root) + up) % 12]}"


def note_name(written: str) -> str:
    """A note's name in English, with a capital letter: "fis" is F#, "Es" Eb, "H" B."""
    letter, accidental = written[:1].upper(), written[1:]
    return letter.replace("H", "B") + {"is": "#", "es": "b", "s": "b"}.get(accidental, accidental)


def pitch_class(name: str) -> int:
    """The pitch class of a note name such as Bb or F##."""
    return (_LETTERS[name[0]] + name.count("#") - name.count("b")) % 12


def words(body: str) -> set[str] | None:
    """The words of a body in one spelling each; None where there are others, or one twice.

    A 7, 9, 11 or 13 implies the seventh; add9, b9 or sus4 imply nothing.
    """
    body = _GROUP.sub(lambda group: "," + _GROUPED_POSTFIX.sub(r"\2\1", group[1]), body)
    body = _WEIMAR.sub(lambda run: run[1] + _WEIMAR_TENSION.sub(r",\2\1", run[2]), body)
    body = body.replace("/", ",").replace(";", ",")
    items: set[str] = set()
    found = _FIRST.match(body) or _WORD.match(body)
    at = 0
    while found:
        said = _item(found)
        if said and said <= items:
            return None
        items |= said
        at = found.end()
        found = _WORD.match(body, at)
    apart = any(word in items and items & others for word, others in _APART)
    return None if at < len(body) or apart else items


def _item(found: re.Match[str]) -> set[str]:
    """What one word says."""
    word = {name: text for name, text in found.groupdict().items() if text}
    if "sus" in word:
        by = word.get("by", "4")
        return {f"sus{degree}" for degree in {*by} & {"2", "4"} or {"4"}} | ({by} & _OVER_SEVENTH)
    if "number" in word:
        return _number(word["number"], alone="comma" in word)
    if "omit" in word:
        return {"no" + word["omit"]}
    if "added" in word:
        added = word["added"]
        return _ADDED.get(added, {"add" + added})
    if "altered" in word or "fifth" in word:
        altered = word["altered"] if "altered" in word else word["fifth"][::-1]
        return {altered.replace("+", "#").replace("-", "b")}
    return {(found.lastgroup or "").removesuffix("_sign")}


def _number(number: str, *, alone: bool) -> set[str]:
    if number in _NUMBERS:
        return _NUMBERS[number]
    return {"add" + number if alone and number in TENSIONS else number}


def meaning(root: str, items: set[str], bass: str) -> Symbol:
    """What the words of a body mean together."""
    if "alt" in items:
        items = items | {"7", "#5", "b9", "#9", "#11", "b13"}
    stated, tensions = {0, *_third(items)}, {TENSIONS[i] for i in items if i in TENSIONS}
    if {"sus2", "sus4"} <= items:
        tensions.add(2)
    if "add3" in items and 5 in stated:
        tensions.add(4)
    sharp, flat = items & {"aug", "#5"}, items & {"dim", "half", "b5"}
    stated.add(8 if sharp else 6 if flat else 7)
    if sharp and flat:
        tensions.add(6)
    seventh = _seventh(items)
    stated |= {seventh} if seventh else set()
    if "6" in items:
        (tensions if seventh else stated).add(9)
    for degree in items & _LEFT_OUT_TONES.keys():
        stated -= _LEFT_OUT_TONES[degree]
    for degree in items & _LEFT_OUT_TENSIONS.keys():
        tensions -= _LEFT_OUT_TENSIONS[degree]
    if 5 in tensions and not stated & {2, 3, 4, 5}:
        tensions, stated = tensions - {5}, stated | {5}
    return Symbol(root, frozenset(stated), frozenset(tensions), "no5" in items, bass)


def _third(items: set[str]) -> set[int]:
    if "power" in items:
        return set()
    if items & {"sus2", "sus4"}:
        return {5 if "sus4" in items else 2}
    return {3 if items & {"dim", "half", "minor", "b3"} else 4}


def _seventh(items: set[str]) -> int | None:
    numbered = items & _OVER_SEVENTH
    if "#7" in items or ("major" in items and (numbered or "6" not in items)):
        return 11
    if "half" in items or "b7" in items:
        return 10
    if "dim" in items:
        return 9
    return 10 if numbered else None


def _stacked(upper: Symbol, lower: Symbol) -> Symbol | None:
    """The lower chord with the tones of the upper one as its tensions, or as its seventh."""
    up = pitch_class(upper.root) - pitch_class(lower.root)
    tones = {(up + tone) % 12 for tone in upper.stated | upper.tensions} - lower.stated
    sevenths = tones & {10, 11}
    stated = lower.stated if lower.stated & {9, 10, 11} else lower.stated | sevenths
    if len(sevenths) > 1 or not tones - stated <= {*TENSIONS.values()}:
        return None
    return replace(lower, stated=stated, tensions=lower.tensions | (tones - stated))
