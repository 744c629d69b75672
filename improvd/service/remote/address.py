"""Where an instance is spoken to: a socket of its name, and a lock that says it is alive."""

from contextlib import ExitStack
from pathlib import Path

from improvd import system
from improvd.config import ConfigError


class NameTakenError(ConfigError):
    """Another improvd of this name plays already; one sentence."""


def socket_path(folder: Path, name: str) -> Path:
    """The socket of an instance."""
    return folder / f"{name}.sock"


class Address:
    """The socket of an instance and the right to it, until it is closed or the process ends.

    `secret` is the line that clients have to send first; none where the system lets in nobody else.

    What a dead instance left behind is replaced; whether one is alive, the lock tells, which the
    system takes away with the process.

    Raises:
        NameTakenError: an instance of this name is alive.
        ConfigError: there can be no socket in this folder.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._path = socket_path(folder, name)
        with ExitStack() as unless_claimed:
            self.socket = unless_claimed.enter_context(system.control_socket())
            try:
                lock = self._path.with_suffix(".lock").open("w")
                self._lock = unless_claimed.enter_context(lock)
                self._claim(name)
                self.secret = system.bind(self.socket, self._path)
            except OSError as error:
                raise ConfigError(f"{self._path}: cannot be a socket ({error})") from None
            unless_claimed.pop_all()

    def close(self) -> None:
        """Give it up."""
        self.socket.close()
        self._path.unlink(missing_ok=True)
        self._lock.close()

    def _claim(self, name: str) -> None:
        try:
            system.lock(self._lock.fileno())
        except BlockingIOError:
            raise NameTakenError(
                f"an improvd named {name} plays already: end it with "
                f"`improvd ctl --name {name} stop`, or give this one another --name"
            ) from None
