"""One spelling for every chord symbol, in ASCII: reading it gives the same chord again."""

from improvd.core.harmony.spellings import Symbol, pitch_class
from improvd.core.music import PITCH_CLASS_NAMES

_ALT = frozenset((0, 4, 8, 10)), frozenset((1, 3, 6, 8))
_NATURAL = {9: "13", 5: "11", 2: "9"}  # from the highest down
_MARKS = {1: "b9", 2: "9", 3: "#9", 4: "add3", 5: "11", 6: "#11", 8: "b13", 9: "13"}


def spell(symbol: Symbol) -> str:
    """The symbol's text: "Cmaj7", "F#m7b5", "Bb13(#11)", "G7alt", "D7(b9)/F#", "C(no5)"."""
    root = symbol.root
    if len(root) > 2:  # Bbb9 is B flat with a flat ninth
        root = PITCH_CLASS_NAMES[pitch_class(root)]
    with_bass = symbol.bass and pitch_class(symbol.bass) != pitch_class(root)
    return root + suffix(symbol) + (f"/{symbol.bass}" if with_bass else "")


def suffix(symbol: Symbol) -> str:
    """What stands after the root, without the bass."""
    name, marks = name_and_marks(symbol)
    return name + (f"({','.join(marks)})" if marks else "")


def name_and_marks(symbol: Symbol) -> tuple[str, list[str]]:
    """The suffix as its name and what stands in parentheses after it: "7", ["b9", "b13"]."""
    stated, tensions = symbol.stated, symbol.tensions
    left_out = ["no5"] if symbol.no_fifth else []
    if (stated, tensions) == _ALT:
        return "7alt", left_out
    if stated == {0, 7}:
        return "5", _marks(tensions) + left_out
    if {3, 6} <= stated and stated & {9, 11}:
        return "dimMaj7" if 11 in stated else "dim7", _marks(tensions) + left_out
    has_third = bool(stated & {3, 4})
    minor = "m" if 3 in stated else ""
    number, rest = _number(stated, tensions)
    if 11 in stated:
        number = ("Maj" if minor else "maj") + number
    sus = "" if has_third else "sus4" if 5 in stated else "sus2" if 2 in stated else ""
    fifth = "b5" if 6 in stated else "#5" if 8 in stated else ""
    left_out += [] if has_third or sus else ["no3"]
    if stated == {0, 4, 8}:
        return "+", _marks(rest) + left_out
    if sus or not minor + number:
        return minor + number + sus, [fifth] * bool(fifth) + _marks(rest) + left_out
    return minor + number + fifth, _marks(rest) + left_out


def _number(stated: frozenset[int], tensions: frozenset[int]) -> tuple[str, frozenset[int]]:
    """The number that says sixth or seventh, and the tensions that it does not say as well."""
    if stated & {10, 11}:
        highest = next((tension for tension in _NATURAL if tension in tensions), None)
        return ("7", tensions) if highest is None else (_NATURAL[highest], tensions - {highest})
    if 9 in stated:
        return ("69", tensions - {2}) if 2 in tensions else ("6", tensions)
    return "", tensions


def _marks(tensions: frozenset[int]) -> list[str]:
    return [_MARKS[tension] for tension in sorted(tensions)]
