"""Where improvd keeps what lasts (its state) and what lives only while it runs, and how it writes.

They give the folder of the whole program; each instance has a place under its name in them.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from improvd import system

_OURS = "improvd"
_OURS_ALONE = 0o700
_AT_ONCE = getattr(os, "O_NONBLOCK", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


class FolderError(ValueError):
    """A folder that cannot be used; one sentence."""


def state() -> Path:
    """The folder for jams and snapshots, which need not exist yet.

    systemd's $STATE_DIRECTORY, else $XDG_STATE_HOME/improvd, else what the system has for it.
    """
    # systemd lists several with colons between them; ours is the first.
    if given := os.environ.get("STATE_DIRECTORY"):
        return Path(given.partition(":")[0])
    if home := _absolute("XDG_STATE_HOME"):
        return home / _OURS
    return system.state_folder()


def settings() -> Path:
    """The folder of a person's own settings, which need not exist."""
    return (_absolute("XDG_CONFIG_HOME") or Path.home() / ".config") / _OURS


def runtime() -> Path:
    """The folder for sockets, made where it is absent, which nobody else can look into.

    systemd's $RUNTIME_DIRECTORY, else $XDG_RUNTIME_DIR/improvd, else what the system has for it: on
    Linux, one of ours in /dev/shm or in the folder for temporary files. Raises FolderError where it
    cannot be made, or is not ours.
    """
    if given := os.environ.get("RUNTIME_DIRECTORY"):
        # systemd has made it, for a dynamic user as a link, and root may look into anybody's.
        return Path(given.partition(":")[0])
    home = _absolute("XDG_RUNTIME_DIR")
    folder = home / _OURS if home else system.runtime_folder()
    try:
        folder.mkdir(mode=_OURS_ALONE, parents=True, exist_ok=True)
        found = folder.lstat()
        if system.is_ours(found) and stat.S_ISDIR(found.st_mode):
            folder.chmod(_OURS_ALONE)
            return folder
    except OSError as error:
        raise FolderError(
            f"{folder}: cannot be made ({error.strerror}); set XDG_RUNTIME_DIR to a folder of yours"
        ) from None
    # Anybody may have made it before us, or a link there, to be given our sockets.
    raise FolderError(
        f"{folder}: is not a folder of yours; remove it, or set XDG_RUNTIME_DIR to one"
    )


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for nobody else's eyes.

    What was played there is the musician's own business. A folder that is there already keeps what
    it allows. Raises OSError.
    """
    for each in reversed((folder, *folder.parents)):
        if not each.exists():
            each.mkdir(mode=_OURS_ALONE, exist_ok=True)


def read(path: Path, most: int) -> bytes:
    """The bytes of a regular file of up to `most`.

    A pipe that nobody writes to would be waited for for ever, and a device never ends. Raises
    OSError, its `strerror` saying what is wrong.
    """
    # Opened without waiting: what it is shows before anything is read.
    with os.fdopen(os.open(path, os.O_RDONLY | _AT_ONCE), "rb") as file:
        found = os.fstat(file.fileno())
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"larger than the {most} bytes that such a file can have")
    return content


@contextmanager
def whole(path: Path, *, mode: int = 0o666, to_disk: bool = False) -> Iterator[BinaryIO]:
    """A file to write that stands under its name whole, or not at all.

    Args:
        path: what it will be called; one that is there is replaced.
        mode: what it allows, less the umask.
        to_disk: whether it is on the disk, power cut or not, when the `with` ends.

    Raises OSError, its `filename` always being `path`.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, _NEW, mode), "wb") as file:
            yield file
            if to_disk:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        error.filename = str(path)  # a full disk does not say what for it was needed
        raise
    finally:
        part.unlink(missing_ok=True)


def _absolute(variable: str) -> Path | None:
    """The folder in a variable of the XDG specification, which says to ignore relative ones."""
    folder = Path(os.environ.get(variable, ""))
    return folder if folder.is_absolute() else None
