"""The folder of jams: what their files are called, and which of them have to go."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_SUFFIX = ".jam"
_NAME = "%Y%m%d-%H%M%S"
_BYTES_PER_MB = 1_000_000
_SECONDS_PER_DAY = 86_400
# A running jam goes on in a new file at this share of what all may take, or at this size.
_PART = 8
_LARGEST_FILE = 32 * _BYTES_PER_MB


class JamError(ValueError):
    """A jam that is not there or cannot be used; one sentence."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much disk space jams may take together, and for how many days they are kept."""

    megabytes: int
    days: int

    @property
    def part(self) -> int:
        """Bytes after which a running jam goes on in a new file."""
        return min(self.megabytes * _BYTES_PER_MB // _PART, _LARGEST_FILE)


def jams(folder: Path) -> list[Path]:
    """The files of a folder's jams, newest first; none where there is no folder.

    A file that somebody gave another name is theirs, and not among them.
    """
    return sorted((path for path in folder.glob(f"*{_SUFFIX}") if _moment(path)), reverse=True)


def find(folder: Path, which: str) -> Path:
    """The jam of a number, 1 being the newest, of a name, or of a file. Raises JamError."""
    found = jams(folder)
    if which.isdecimal():
        if 0 < int(which) <= len(found):
            return found[int(which) - 1]
        there = f"there are {len(found)}" if found else "there is none"
        raise JamError(f"{which}: there is no such jam in {folder}, where {there}")
    for path in (folder / f"{which}{_SUFFIX}", Path(which)):
        if path.is_file():
            return path
    raise JamError(f"{which}: there is no such jam in {folder}; `improvd jams list` shows them")


def next_name(folder: Path, wall_ns: int) -> Path:
    """A name for a jam that begins now: its moment in UTC.

    It is later than all others, also where the system's clock was set back, so that the order of
    names is the order of jams.
    """
    moment = datetime.fromtimestamp(wall_ns // 1_000_000_000, UTC)
    newest = next((_moment(path) for path in jams(folder)), None)
    if newest and newest >= moment:
        moment = newest + timedelta(seconds=1)
    return folder / f"{moment:{_NAME}}{_SUFFIX}"


def tidy(folder: Path, limits: Limits) -> None:
    """Remove the oldest jams while all are too large together, and those that are too old.

    The newest is never removed, and has room to grow: by `limits.part`, and to where the next file
    can begin. Raises OSError.
    """
    room = limits.megabytes * _BYTES_PER_MB - 2 * limits.part
    oldest = time.time() - limits.days * _SECONDS_PER_DAY
    for number, path in enumerate(jams(folder)):
        status = path.stat()
        room -= status.st_size
        if number > 0 and (room < 0 or status.st_mtime < oldest):
            path.unlink(missing_ok=True)


def _moment(path: Path) -> datetime | None:
    try:
        return datetime.strptime(path.stem, _NAME).replace(tzinfo=UTC)
    except ValueError:
        return None
