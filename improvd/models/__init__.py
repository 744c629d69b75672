"""The models that come with improvd, and which file a model's name means. Reads no weights."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

BUILT_IN: Mapping[str, Path] = MappingProxyType(
    {path.stem: path for path in sorted(Path(__file__).parent.glob("*.safetensors"))}
)
"""The models that come with improvd, name to file."""

REMEDY = "name another model, fetch this one again, or train one with `improvd train`"


class ModelError(ValueError):
    """A model that cannot be used; its text is one sentence for the person who named it."""


def find(name_or_path: str | Path) -> Path:
    """The file of a built-in model's name, or else of a path.

    Raises ModelError, listing the built-in names, where it is neither.
    """
    built_in = BUILT_IN.get(str(name_or_path))
    if built_in is not None:
        return built_in
    with suppress(OSError, RuntimeError):  # too long a name, or the home of nobody
        path = Path(name_or_path).expanduser()
        if path.is_file():
            return path
    names = ", ".join(BUILT_IN) or "none"
    raise ModelError(
        f"{name_or_path}: no model of this name and no such file; built-in models are: {names}"
    )


def find_again(name_or_path: str | Path, digest_then: str) -> Path:
    """The file that a name or path meant when its digest was this one.

    A model that comes with improvd may have another name since, and one whose place another took
    stands beside it. Where no file has that digest it is the one that is meant now. Raises
    ModelError as `find` does.
    """
    here = find(name_or_path)
    if digest(here) == digest_then:
        return here
    others = BUILT_IN.values() if str(name_or_path) in BUILT_IN else [former(here, digest_then)]
    return next((p for p in others if p.is_file() and digest(p) == digest_then), here)


def former(path: Path, digest_then: str) -> Path:
    """Where a model of this digest is kept whose place at `path` another has taken."""
    return path.with_name(f"{path.stem}-{digest_then[:12]}{path.suffix}")


def digest(path: Path) -> str:
    """SHA-256 of the file, hex, as a journal writes it down. Raises ModelError if unreadable."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); {REMEDY}") from None
