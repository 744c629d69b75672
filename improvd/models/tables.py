"""The tables of counts that a band goes by, as a recording names them. Reads none of them."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from improvd.models import ModelError, bass, chords, digest

FILES: Mapping[str, Path] = MappingProxyType({file.stem: file for file in (bass.FILE, chords.FILE)})
"""The tables by their names: what the bass has learned, and how chords follow one another."""


def digests() -> dict[str, str]:
    """The SHA-256 of each table by its name; one that cannot be read is left out."""
    found = {}
    for name, file in FILES.items():
        with suppress(ModelError):
            found[name] = digest(file)
    return found


def differing(then: Mapping[str, str], used: Collection[str]) -> str | None:
    """A sentence on the first table in use that is another one than then, None where none is.

    Of what a recording did not name yet nothing is known.
    """
    for name, now in digests().items():
        was = then.get(name, now)
        if name in used and was != now:
            return (
                f"{FILES[name]}: is not the table that this jam's band played with, which begins "
                f"with {was[:12]} and not {now[:12]}; replay it with the improvd that recorded it"
            )
    return None
