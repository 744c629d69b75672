"""Where the music was last: what the next start goes on from, and has to close.

One file lives while the machine runs, and is written anew whenever anything changes; another, for
the day after a power cut, is written every minute and at the end. The memory that service and
player share knows it better still, to the message, whatever killed both.
"""

import os
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec.structs import replace

from improvd import folders
from improvd.messages import Perform
from improvd.shared import left

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Perform).decode


class Last:
    """The files of an instance. Raises FolderError where there is no place for them."""

    def __init__(self, name: str) -> None:
        self._now = folders.runtime() / f"{name}.last"
        self.memory = folders.runtime() / f"{name}.memory"
        """The memory that service and player share."""
        self.lasting = folders.state() / name / "last"
        """The file that outlasts the machine's uptime."""

    def read(self) -> Perform | None:
        """How to go on from where it was; None if it ended for good, or nothing can be read."""
        for path in (self._now, self.lasting):
            with suppress(OSError, msgspec.DecodeError):
                perform = _decode(path.read_bytes())
                return replace(perform, resume=left(self.memory) or perform.resume)
        return None

    def note(self, perform: Perform) -> None:
        """The music is here now. A place that cannot be written to is passed over."""
        with suppress(OSError):
            _write(self._now, perform)

    def keep(self, perform: Perform) -> None:
        """The music is here now, also for the day after a power cut. Raises OSError."""
        self.lasting.parent.mkdir(parents=True, exist_ok=True)
        _write(self.lasting, perform)

    def forget(self) -> None:
        """A person ended the music: the next start begins anew."""
        for path in (self._now, self.lasting, self.memory):
            with suppress(OSError):
                path.unlink()

    def silenced(self, perform: Perform) -> None:
        """What was left sounding has been closed."""
        self.memory.unlink(missing_ok=True)
        if perform.resume is not None:
            self.note(replace(perform, resume=replace(perform.resume, sounding=())))


def _write(path: Path, perform: Perform) -> None:
    """Whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_bytes(_encode(perform))
    part.replace(path)
