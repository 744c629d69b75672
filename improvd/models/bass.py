"""What the band's bass has learned: a table of counts beside the models. Its card is bass.md."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec

from improvd.core.band.walking import BassTable
from improvd.models import REMEDY, ModelError

FILE = Path(__file__).parent / "bass.json"


@cache
def load() -> BassTable:
    """The table. Raises ModelError where it is absent or damaged."""
    try:
        counts = msgspec.json.decode(FILE.read_bytes(), type=dict[str, list[int]])
        return BassTable(counts)
    except (OSError, ValueError) as error:
        raise ModelError(f"{FILE}: cannot be read ({error}); {REMEDY}") from None


def write(counts: Mapping[str, Sequence[int]]) -> None:
    """Put another table in its place."""
    FILE.write_text(json.dumps(counts, separators=(",", ":"), sort_keys=True) + "\n", "utf-8")
