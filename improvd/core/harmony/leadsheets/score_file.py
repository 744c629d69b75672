"""The score in a MusicXML file, compressed or not, in any encoding and order of bars and parts."""

import re
import zipfile
from contextlib import suppress
from fractions import Fraction
from io import BytesIO
from typing import NamedTuple
from xml.etree import ElementTree as ET

from improvd.core.harmony.form import ChartError

# More than the longest symphony.
_LARGEST = 1 << 27
_ENTITY = tuple("<!ENTITY".encode(coding) for coding in ("ascii", "utf-16-le", "utf-16-be"))
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})")


class Part(NamedTuple):
    """A part's name within the file, and its measures."""

    identity: str | None
    measures: list[ET.Element]


def parts_of(root: ET.Element) -> list[Part]:
    """The parts of a score, also of one that is written bar by bar."""
    if root.tag == "score-partwise":
        return [Part(part.get("id"), part.findall("measure")) for part in root.findall("part")]
    measures: dict[str | None, list[ET.Element]] = {}
    for measure in root.findall("measure"):
        for part in measure.findall("part"):
            measures.setdefault(part.get("id"), []).append(part)
    return [Part(*each) for each in measures.items()]


def root_of(content: bytes, largest: int = _LARGEST) -> ET.Element:
    """The score in a file's bytes. Raises ChartError, or what XML and zip raise.

    Unpacked it has up to `largest` bytes. Entities of its own, which a few lines can make endless,
    are not read, and nothing is looked for elsewhere.
    """
    if content.startswith(b"PK"):
        content = _unpacked(content, largest)
    if len(content) > largest:
        raise ChartError(f"it is larger than the {largest} bytes that such a score can have")
    if any(said in content for said in _ENTITY):
        raise ChartError("it declares entities, as no score does, and is not read")
    root = ET.fromstring(content.lstrip(b"\xef\xbb\xbf \r\n\t"))  # noqa: S314 - expat stops bombs
    for element in root.iter() if "}" in root.tag else ():
        element.tag = element.tag.rpartition("}")[2]
    if root.tag not in ("score-partwise", "score-timewise"):
        raise ChartError(f"it is XML, and no score (its root is {root.tag!r})")
    return root


def _unpacked(score: bytes, largest: int) -> bytes:
    """The score in a compressed file: what its container names, or the first that can be one."""
    with zipfile.ZipFile(BytesIO(score)) as packed:
        names = packed.namelist()
        with suppress(KeyError, ET.ParseError):  # some programs write a container that is none
            text = _member(packed, "META-INF/container.xml", largest)
            container = ET.fromstring(text)  # noqa: S314 - expat stops bombs
            named = [e.get("full-path", "") for e in container.iter() if e.tag.endswith("rootfile")]
            names = [name for name in named if name in names] or names
        scores = [n for n in names if n.endswith((".xml", ".musicxml")) and "META-INF" not in n]
        if not scores:
            raise ChartError("it holds no score")
        return _member(packed, scores[0], largest)


def _member(packed: zipfile.ZipFile, name: str, largest: int) -> bytes:
    """A file in an archive, whatever that says of its size."""
    with packed.open(name) as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise ChartError(f"it is larger than the {largest} bytes that such a score can have")
    return content


def text_of(element: ET.Element, path: str) -> str:
    """The text of an element below this one; nothing where there is none."""
    return (element.findtext(path) or "").strip()


def fraction_of(text: str | None) -> Fraction:
    """A number, nothing is 0. Raises ValueError."""
    number = (text or "").strip()
    if number and not _NUMBER.fullmatch(number):  # 1e999999999 would take the machine's memory
        raise ValueError(f"{number[:20]!r} is no number")
    return Fraction(number or 0)


def whole_of(text: str | None) -> int:
    """A whole number; quarter tones are rounded, and nothing is 0."""
    return round(fraction_of(text))
