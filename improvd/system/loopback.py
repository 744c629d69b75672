"""Being spoken to where there are no Unix sockets: TCP on this machine, and a secret in a file.

Any program of any user can reach a port; only this user can read the file that says which port it
is and what to send first.
"""

import secrets
import socket
from pathlib import Path

_HERE = "127.0.0.1"


def control_socket() -> socket.socket:
    """A socket to be bound, or connected, to the path of an instance."""
    return socket.socket(socket.AF_INET)


def bind(unbound: socket.socket, path: Path) -> bytes:
    """Bind it to a free port and write that down at a path. Raises OSError.

    Returns the secret that whoever connects has to send first, as a line.
    """
    unbound.bind((_HERE, 0))
    port, secret = unbound.getsockname()[1], secrets.token_hex(16)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(f"{port} {secret}\n", "ascii")
    return secret.encode()


def connect(unconnected: socket.socket, path: Path) -> None:
    """Connect it to the port written down at a path, and send the secret. Raises OSError."""
    try:
        port, secret = path.read_text("ascii").split()
        address = _HERE, int(port)
    except ValueError as error:
        raise OSError(f"{path} names no port") from error
    unconnected.connect(address)
    unconnected.sendall(f"{secret}\n".encode())
