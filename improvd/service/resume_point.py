"""Where the music was last: what the next start goes on from, and has to close.

One file lives while the machine runs, and is written anew whenever anything changes; another, for
the day after a power cut, is written every minute and at the end. The memory that service and
player share knows it better still, to the message, whatever killed both.
"""

from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec.structs import replace

from improvd import folders
from improvd.messages import Perform
from improvd.service.status.settings import WrittenSettings
from improvd.shared import left


class ResumePoint(msgspec.Struct, frozen=True):
    """The order by which the music goes on, and what was written when it began."""

    perform: Perform
    written: WrittenSettings


# A hundred times a snapshot with its chart.
_LARGEST = 1 << 24

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(ResumePoint).decode


class ResumeFiles:
    """The files of an instance. Raises FolderError where there is no place for them."""

    def __init__(self, name: str) -> None:
        self._now = folders.runtime() / f"{name}.last"
        self.memory = folders.runtime() / f"{name}.memory"
        """The memory that service and player share."""
        self.lasting = folders.state() / name / "last"
        """The file that outlasts the machine's uptime."""

    def read(self) -> ResumePoint | None:
        """How to go on from where it was; None if it ended for good, or nothing can be read."""
        for path in (self._now, self.lasting):
            with suppress(OSError, msgspec.DecodeError, RecursionError):
                place = _decode(folders.read(path, _LARGEST))
                resume = left(self.memory) or place.perform.resume
                return replace(place, perform=replace(place.perform, resume=resume))
        return None

    def note(self, place: ResumePoint) -> None:
        """The music is here now. A place that cannot be written to is passed over."""
        with suppress(OSError):
            _write(self._now, place)

    def keep(self, place: ResumePoint) -> None:
        """The music is here now, also for the day after a power cut. Raises OSError."""
        folders.make_private(self.lasting.parent)
        _write(self.lasting, place, to_disk=True)

    def forget(self) -> None:
        """A person ended the music: the next start begins anew."""
        for path in (self._now, self.lasting, self.memory):
            with suppress(OSError):
                path.unlink()

    def silenced(self, place: ResumePoint) -> None:
        """What was left sounding has been closed."""
        self.memory.unlink(missing_ok=True)
        resume = place.perform.resume
        if resume is not None:
            silent = replace(place.perform, resume=replace(resume, sounding=(), notes=()))
            self.note(replace(place, perform=silent))


def _write(path: Path, point: ResumePoint, *, to_disk: bool = False) -> None:
    with folders.whole(path, mode=0o600, to_disk=to_disk) as file:
        file.write(_encode(point))
