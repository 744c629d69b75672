"""Where a chart's text is: in one of those that come with improvd, or in a file of the musician's.

Text is UTF-8, or UTF-16 with its mark, as Windows programs save it, or else Windows-1252.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from improvd.config import ConfigError

BUILT_IN: Mapping[str, Path] = MappingProxyType(
    {path.stem: path for path in sorted((Path(__file__).parent / "charts").glob("*.chart"))}
)
"""The charts that come with improvd, name to file."""

LONGEST = 16_000
"""Bytes of a thousand bars, and well within one packet to the player."""

_SHOWN = 200
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def text(name: str) -> str:
    """The text of a chart by its name or its file, cut where it is longer than any chart.

    Raises ConfigError, listing the names, where it is neither.
    """
    path = BUILT_IN.get(name) or Path(name)
    try:
        if path.is_file():
            with path.open("rb") as file:
                return _decoded(file.read(LONGEST + 1))
    except (OSError, ValueError) as error:
        raise ConfigError(f"chart {name[:_SHOWN]}: cannot be read as text ({error})") from None
    raise ConfigError(
        f"chart {name[:_SHOWN]}: is neither a file nor chords between bar lines, "
        f'such as "| Dm7 | G7 | Cmaj7 | % |"; charts that come with improvd are: '
        f"{', '.join(BUILT_IN)}"
    )


def _decoded(data: bytes) -> str:
    if data.startswith(_UTF_16):
        return data[: len(data) // 2 * 2].decode("utf-16")
    if b"\0" in data or data.startswith(b"%PDF"):
        raise ValueError("it is another kind of file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")
