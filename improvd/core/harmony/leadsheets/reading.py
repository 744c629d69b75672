"""A score in MusicXML as the text of a chart: its chord symbols, in the bars as they are played."""

import re
import zipfile
import zlib
from collections.abc import Sequence
from fractions import Fraction
from xml.etree import ElementTree as ET

from improvd.core.harmony.key import NamedKey, by_signature
from improvd.core.harmony.leadsheets.score_file import fraction_of, parts_of, root_of, text_of
from improvd.core.harmony.leadsheets.score_parts import PartReader, tempos, together
from improvd.core.harmony.leadsheets.writing import CHORDS, STYLE, SWING
from improvd.core.harmony.meter import ChartError
from improvd.core.harmony.spellings import pitch_class
from improvd.core.harmony.written import as_chart
from improvd.core.harmony.written.as_chart import MOST_MEASURES, Facts
from improvd.core.harmony.written.form import Bar

LARGEST = 1 << 23
"""The bytes of a score, unpacked, that is read as a chart."""

_WIDE = 100
_SWINGS = (50, 75)
_STYLE_WORDS = re.compile(
    r"swing|shuffle|bossa|samba|latin|waltz|ballad|slow|even|straight|funk|rock|two|blues|bop",
    re.IGNORECASE,
)
# What the parser, zip and a file that says nonsense can raise.
_DAMAGED = (
    *(ET.ParseError, zipfile.BadZipFile, zlib.error, EOFError, LookupError, ArithmeticError),
    *(NotImplementedError, RuntimeError, ValueError),
)


def chart_text(content: bytes) -> str:
    """The chart of a score. Raises ChartError, one sentence, for what cannot be read as one."""
    try:
        return _chart_text(root_of(content, LARGEST))
    except ChartError:
        raise
    except _DAMAGED as error:
        said = " ".join(str(error).split())[:_WIDE] or type(error).__name__
        raise ChartError(f"it is damaged, or no score in MusicXML ({said})") from None


def _chart_text(root: ET.Element) -> str:
    parts = parts_of(root)
    longest = max((len(part.measures) for part in parts), default=0)
    if longest > MOST_MEASURES:
        raise ChartError(f"it has {longest} measures, more than any chart")
    readers = [PartReader(part) for part in parts]
    written = together([reader.bars for reader in readers]) if longest else []
    said = {each.get("name"): each.text or "" for each in root.iter("miscellaneous-field")}
    facts = Facts(
        title=_title(root),
        tempo=next(tempos(root), 0),
        swing=_swing(root, said.get(SWING, "")),
        style=said.get(STYLE) or _style(readers),
        live=said.get(CHORDS) == "live",
        key=_key(readers, written),
    )
    return as_chart.chart_text(written, facts)


def _title(root: ET.Element) -> str:
    return text_of(root, "work/work-title") or text_of(root, "movement-title")


def _style(readers: Sequence[PartReader]) -> str:
    words = (word for reader in readers for word in reader.words)
    return next((word for word in words if len(word) <= 40 and _STYLE_WORDS.search(word)), "")


def _swing(root: ET.Element, own: str) -> float | None:
    """The long share of a beat, in per cent, that is written or that sound goes by."""
    share = fraction_of(own) if own else Fraction(0)
    written = root.find(".//sound/swing")
    if not share and written is not None:
        first, second = (fraction_of(text_of(written, name)) for name in ("first", "second"))
        share = 100 * first / (first + second) if first > 0 and second > 0 else Fraction(0)
        share = Fraction(50) if written.find("straight") is not None else share
    return float(share) if _SWINGS[0] <= share <= _SWINGS[1] else None


def _key(readers: Sequence[PartReader], written: Sequence[Bar]) -> NamedKey | None:
    """The key as it sounds, of the first part that says one.

    Where the mode is not said, which many programs leave out, a first chord on the relative minor's
    tonic, minor itself, says minor.
    """
    said = next((reader.key for reader in readers if reader.key is not None), None)
    if said is None:
        return None
    (fifths, mode), semitones = said
    key, minor = by_signature(fifths, mode or "major"), by_signature(fifths, "minor")
    if key is None or minor is None:
        return None
    tonic = (pitch_class(minor.tonic) + semitones) % 12
    first = next((chord for bar in written for _, chord in bar.chords if chord), None)
    if not mode and first and first.root == tonic and (tonic + 3) % 12 in first.tones:
        key = minor
    return key.moved(semitones) if semitones % 12 else key
