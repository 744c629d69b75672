"""The score in a MusicXML file, compressed or not, in any encoding and order of bars and parts."""

import zipfile
from contextlib import suppress
from fractions import Fraction
from io import BytesIO
from typing import NamedTuple
from xml.etree import ElementTree as ET

from improvd.training.read.weimar import LeftOutError


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


def root_of(content: bytes) -> ET.Element:
    """The score in a file's bytes. Raises LeftOutError, or what XML and zip raise."""
    if content.startswith(b"PK"):
        content = _unpacked(content)
    root = ET.fromstring(content.lstrip(b"\xef\xbb\xbf \r\n\t"))  # noqa: S314 - expat stops bombs
    for element in root.iter() if "}" in root.tag else ():
        element.tag = element.tag.rpartition("}")[2]
    if root.tag not in ("score-partwise", "score-timewise"):
        raise LeftOutError(f"it is XML, and no score (its root is {root.tag!r})")
    return root


def _unpacked(score: bytes) -> bytes:
    """The score in a compressed file: what its container names, or the first that can be one."""
    with zipfile.ZipFile(BytesIO(score)) as packed:
        names = packed.namelist()
        with suppress(KeyError, ET.ParseError):  # some programs write a container that is none
            content = packed.read("META-INF/container.xml")
            container = ET.fromstring(content)  # noqa: S314 - expat stops bombs
            named = [e.get("full-path", "") for e in container.iter() if e.tag.endswith("rootfile")]
            names = [name for name in named if name in names] or names
        scores = [n for n in names if n.endswith((".xml", ".musicxml")) and "META-INF" not in n]
        if not scores:
            raise LeftOutError("it holds no score")
        return packed.read(scores[0])


def text_of(element: ET.Element, path: str) -> str:
    """The text of an element below this one; nothing where there is none."""
    return (element.findtext(path) or "").strip()


def fraction_of(text: str | None) -> Fraction:
    """A number, nothing is 0. Raises ValueError."""
    return Fraction(text.strip()) if text and text.strip() else Fraction(0)


def whole_of(text: str | None) -> int:
    """A whole number; quarter tones are rounded, and nothing is 0."""
    return round(fraction_of(text))
