"""Where an instance is spoken to: a socket of its name, and locks that say it is alive."""

import os
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO

from improvd import folders, system
from improvd.config import ConfigError

# Longer than the path of any socket.
_LONGEST_ADDRESS = 4096


class NameTakenError(ConfigError):
    """Another improvd of this name plays already; one sentence."""


def socket_path(folder: Path, name: str) -> Path:
    """The socket of an instance."""
    return folder / f"{name}.sock"


def known_address(state: Path, name: str) -> Path | None:
    """The socket of an instance with this folder for its state, wherever that is.

    None if no instance has written it down.
    """
    with suppress(OSError):
        written = folders.read(_state_lock(state, name), _LONGEST_ADDRESS)
        return Path(os.fsdecode(written)) if written else None
    return None


class Address:
    """The socket of an instance and the right to it, until it is closed or the process ends.

    `secret` is the line that clients have to send first; none where the system lets in nobody else.

    What a dead instance left behind is replaced; whether one is alive, its locks tell, which the
    system takes away with the process. One lies beside the socket, and one with the state: the same
    user's runtime folder is another one at boot, in cron and on the desktop, and two instances
    would write to one state. The latter holds the socket's path.

    Args:
        folder: where the socket is to be.
        name: the instance's.
        state: the folder for state; each instance has one of its name in it.

    Raises:
        NameTakenError: an instance of this name is alive.
        ConfigError: there can be no socket in this folder.
    """

    def __init__(self, folder: Path, name: str, state: Path) -> None:
        self._path = socket_path(folder, name)
        with ExitStack() as unless_claimed:
            self.socket = unless_claimed.enter_context(system.control_socket())
            try:
                lock = _opened(self._path.with_suffix(".lock"))
                _claim(unless_claimed.enter_context(lock), name)
                self._claim_state(state, name, unless_claimed)
                self.secret = system.bind(self.socket, self._path)
            except OSError as error:
                raise ConfigError(f"{self._path}: cannot be a socket ({error})") from None
            self._open = unless_claimed.pop_all()

    def close(self) -> None:
        """Give it up."""
        self.socket.close()
        self._path.unlink(missing_ok=True)
        self._open.close()

    def _claim_state(self, state: Path, name: str, claimed: ExitStack) -> None:
        """Take the lock with the state, and write down there where the socket is.

        Where nothing can be written, there is no state that two could spoil. Raises NameTakenError.
        """
        with suppress(OSError):
            path = _state_lock(state, name)
            folders.make_private(path.parent)
            lock = claimed.enter_context(_opened(path))
            _claim(lock, name)
            lock.truncate(0)
            lock.write(os.fsencode(self._path.absolute()))
            lock.flush()


def _state_lock(state: Path, name: str) -> Path:
    return state / name / "lock"


def _opened(path: Path) -> BinaryIO:
    """A file to lock, what is in it being left as it is."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")


def _claim(lock: BinaryIO, name: str) -> None:
    try:
        system.lock(lock.fileno())
    except BlockingIOError:
        raise NameTakenError(
            f"an improvd named {name} plays already: end it with "
            f"`improvd ctl --name {name} stop`, or give this one another --name"
        ) from None
