"""Where the page is served, by what names it is asked for there, and who may ask."""

import errno
import secrets
import socket
from contextlib import suppress
from dataclasses import dataclass
from hmac import compare_digest
from ipaddress import ip_address
from pathlib import Path

from improvd import folders
from improvd.config import ConfigError

_EVERYWHERE = "0.0.0.0"  # noqa: S104 - only where a person asks for it, and with a token
_TOKEN_BYTES = 16
_LONGEST_TOKEN = 64
# In no network of anybody's (RFC 5737). Nothing is sent there; to choose a route is enough.
_ELSEWHERE = ("192.0.2.1", 9)
_WAITING = 64
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Location:
    """A host and a port, the socket that listens there, and the token that lets people in.

    There is a token where others than this machine's own can connect, and none (None) else.
    """

    host: str
    port: int
    socket: socket.socket
    token: str | None

    @property
    def link(self) -> str:
        """The address for a browser, on this machine or on a telephone beside it."""
        host = _own_address() if self.host == _EVERYWHERE else self.host
        way_in = "" if self.token is None else f"?token={self.token}"
        return f"http://{host}:{self.port}/{way_in}"

    def is_meant(self, host: str) -> bool:
        """Whether a Host header names us, and no page's own host that was made to lead here."""
        name = host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host
        name = name.strip("[]").lower()
        return name in ("localhost", self.host.lower()) or _is_number(name)

    def lets_in(self, token: str | None) -> bool:
        """Whether somebody with this token may come in."""
        if self.token is None:
            return True
        return token is not None and compare_digest(token.encode(), self.token.encode())

    @property
    def cookie(self) -> str:
        """What the token is called in a browser, which does not tell ports of a host apart."""
        return f"improvd-{self.port}"


def listen(address: str, place: Path) -> Location:
    """Listen at host:port. Raises ConfigError, one sentence, where that cannot be.

    `place` is the instance's folder: a token is kept there, so that the link stays good.
    """
    host, _, port = address.rpartition(":")
    try:
        listening = _listening(host, int(port))
    except OSError as error:
        why = error.strerror or error
        raise ConfigError(
            f"web {address}: the page cannot be served there ({why}); "
            "name another port, such as --web 127.0.0.1:8766, or leave it out with --no-web"
        ) from None
    listening.setblocking(False)
    bound, number = listening.getsockname()[:2]
    token = None if ip_address(bound).is_loopback else _token(place)
    return Location(host, number, listening, token)


def _listening(host: str, port: int) -> socket.socket:
    """Raises OSError."""
    if port > _LAST_PORT:
        raise OSError(errno.EINVAL, f"the last port is {_LAST_PORT}")
    found = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM)
    return socket.create_server(found[0][4][:2], backlog=_WAITING)


def _token(place: Path) -> str:
    """The token of last time, or a new one."""
    path = place / "web.token"
    with suppress(OSError, UnicodeDecodeError):
        kept = folders.read(path, _LONGEST_TOKEN).decode("ascii").strip()
        if len(kept) >= _TOKEN_BYTES:
            return kept
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with suppress(OSError):  # it is good for as long as improvd plays, then
        folders.make_private(place)
        with folders.whole(path, mode=0o600) as file:
            file.write(token.encode("ascii"))
    return token


def _own_address() -> str:
    """This machine's address in the network that it would go out by; else the machine's own."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect(_ELSEWHERE)
        address: str = asking.getsockname()[0]
        return address
    return "127.0.0.1"


def _is_number(name: str) -> bool:
    """Whether a host is written as an address, which no page's name can be."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
