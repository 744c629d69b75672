"""The parts of an ABC tune in the order that its P: field gives, such as AABB or A(AB)3."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from improvd.core.harmony.written.form import Bar, played_order

# More parts than any tune plays.
_MOST_PARTS = 100
_GROUP = re.compile(r"\(([A-Za-z\d]*)\)(\d*)")
_REPEATED = re.compile(r"([A-Za-z])(\d*)")


def order(said: str, bars: Sequence[Bar]) -> list[int] | None:
    """The indices of bars as the order of parts has them; None where it names one that is not.

    A part that is repeated by its own signs, and stands as often in a row, is meant but once:
    AABB over |: A :| and |: B :| plays each twice. What stands before the first part comes first.
    """
    letters = _letters(said)
    starts = [i for i, bar in enumerate(bars) if bar.part]
    parts = {
        bars[start].part: list(_played(bars, start, stop))
        for start, stop in zip(starts, [*starts[1:], len(bars)], strict=True)
    }
    if not letters or not set(letters) <= set(parts):
        return None
    played = list(_played(bars, 0, starts[0]))
    for letter, run in groupby(letters):
        part = parts[letter]
        rounds = max(part.count(i) for i in part)
        played += part * max(len(list(run)) // rounds, 1)
    return played


def _played(bars: Sequence[Bar], start: int, stop: int) -> Iterator[int]:
    return (start + i for i in played_order(bars[start:stop]))


def _letters(said: str) -> str:
    """The order letter by letter: A(AB)2 is AABAB; a dot or a space says nothing."""
    text = re.sub(r"[.\s]", "", said)
    while group := _GROUP.search(text):
        inside = _times(group[1]) * min(int(group[2] or 1), _MOST_PARTS)
        text = text[: group.start()] + inside + text[group.end() :]
        if len(text) > _MOST_PARTS:
            return ""
    text = _times(text)
    return text if text.isalpha() and len(text) <= _MOST_PARTS else ""


def _times(text: str) -> str:
    return _REPEATED.sub(lambda part: part[1] * min(int(part[2] or 1), _MOST_PARTS), text)
