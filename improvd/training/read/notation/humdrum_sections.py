"""The sections of a Humdrum file in the order that its list of them gives, as *>[A,A,B] does.

Where a file has such a list, its sections are played so and its repeat signs are those of the page:
music21 knows of neither.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_LIST = re.compile(r"\*>\[([^\]]*)\]")
_OTHER_LIST = re.compile(r"\*>\w+\[[^\]]*\]")
_LABEL = re.compile(r"\*>([^\[\]\s]+)")
# What holds until something else is said: metre, signature, tempo and clef.
_HOLDS = re.compile(r"\*(M\d|MM|k\[|clef|[A-Ga-g][#-]*:)")
# More sections than any piece plays.
_MOST = 500


@dataclass
class _Section:
    """Lines under a label, and the lines that hold where it begins."""

    holds: tuple[str, ...]
    lines: list[str] = field(default_factory=list)


def played_out(text: str) -> str:
    """The file with its sections played out; as it is where that cannot be done."""
    lines = text.splitlines()
    listed = next((found for line in lines if (found := _LIST.match(line))), None)
    if listed is None:
        return text
    head, sections, tail = _parted(lines)
    order = [name.strip() for name in listed[1].split(",") if name.strip()][:_MOST]
    spines = next((line.count("\t") for line in lines if line.startswith("**")), 0)
    whole = all(_keeps_its_spines(section.lines, spines) for section in sections.values())
    if not order or not whole or not set(order) <= set(sections):
        return text
    return "\n".join([*head, *_ordered(order, sections), *tail, ""])


def _parted(lines: Sequence[str]) -> tuple[list[str], dict[str, _Section], list[str]]:
    """What stands above the sections, the sections by name, and what ends the file."""
    head: list[str] = []
    sections: dict[str, _Section] = {}
    holds: dict[str, str] = {}
    into = head
    for at, line in enumerate(lines):
        if line.startswith("*-"):
            return head, sections, list(lines[at:])
        if _LIST.match(line) or _OTHER_LIST.match(line):
            continue
        if named := _LABEL.match(line):
            into = sections.setdefault(named[1], _Section(tuple(holds.values()))).lines
        else:
            into.append(line)
            if held := _HOLDS.match(line):
                holds[held[1]] = line
    return head, sections, []


def _keeps_its_spines(lines: Sequence[str], spines: int) -> bool:
    """Whether a section begins and ends with as many spines as the file."""
    cells = [line.count("\t") for line in lines if line and not line.startswith("!!")]
    return not cells or (cells[0] == cells[-1] == spines)


def _ordered(order: Sequence[str], sections: dict[str, _Section]) -> Iterator[str]:
    names = list(sections)
    before: str | None = None
    for name in order:
        follows = names.index(name) == (0 if before is None else names.index(before) + 1)
        yield from () if follows else sections[name].holds
        for line in sections[name].lines:
            yield re.sub(r":(?=[|!])|(?<=[|!]):", "", line) if line.startswith("=") else line
        before = name
