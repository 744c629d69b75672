"""The other end of the control socket, as `improvd ctl` uses it."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from improvd import system

PATIENCE_S = 10.0
_BETWEEN_TRIES_S = 0.01


class AbsentError(ValueError):
    """Nobody is there to be asked; one sentence."""


class RefusedError(ValueError):
    """What was ordered cannot be; one sentence."""


class Client:
    """A connection to a running instance, closed at the end of `with`. Raises AbsentError.

    `path` is its socket, `name` what it is called.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._name = name
        self._socket = system.control_socket()
        self._socket.settimeout(PATIENCE_S)
        try:
            _connect(self._socket, path)
        except TimeoutError:
            self._socket.close()
            raise AbsentError(f"improvd {name} does not answer") from None
        except OSError:
            self._socket.close()
            how = "improvd" if name == "improvd" else f"improvd --name {name}"
            raise AbsentError(f"no improvd named {name} plays here; `{how}` starts one") from None
        self._lines = self._socket.makefile("r", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._socket.close()

    def ask(self, order: str, patience_s: float = PATIENCE_S) -> dict[str, Any]:
        """Give an order and return the answer.

        Raises RefusedError for what cannot be, AbsentError where no answer comes.
        """
        self._socket.settimeout(patience_s)
        try:
            self._socket.sendall(json.dumps({"order": order}).encode() + b"\n")
            line = self._lines.readline()
        except OSError:
            line = ""
        if not line:
            raise AbsentError(f"improvd {self._name} does not answer, or has ended")
        answer: dict[str, Any] = json.loads(line)
        if not answer["ok"]:
            raise RefusedError(answer["error"])
        return answer

    def wait(self) -> None:
        """Wait for the instance to end, which has been told to."""
        with suppress(OSError):
            self._lines.read()

    def watch(self) -> Iterator[dict[str, Any]]:
        """What happens from now on, until the instance ends."""
        self.ask("watch")
        self._socket.settimeout(None)
        yield from map(json.loads, self._lines)


def _connect(unconnected: socket.socket, path: Path) -> None:
    """Connect, also where many others wait to be let in. Raises OSError."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            system.connect(unconnected, path)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError from None
            time.sleep(_BETWEEN_TRIES_S)
        else:
            return
