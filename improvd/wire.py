"""The socket between the service and the player: orders one way, answers the other.

One message is one packet of a SEQPACKET socket pair: a version byte, then MessagePack. Both ends
are non-blocking; a message that does not fit is dropped and counted, and the player never waits.
What happens while music plays does not go this way but through `improvd.shared`.
"""

import socket
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

import msgspec

from improvd.messages import Order, SocketReport

_VERSION = b"\x01"
# Larger than any packet we send; a longer one would arrive cut, and a cut packet is refused.
_LARGEST_PACKET = 1 << 16


class WireError(ValueError):
    """A packet of another version, cut short, or not a message at all."""


Incoming = TypeVar("Incoming", Order, SocketReport)


class Link(Generic[Incoming]):
    """One end of the socket pair. No method blocks."""

    def __init__(self, end: socket.socket, incoming: Any) -> None:
        end.setblocking(False)
        self._socket = end
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder: msgspec.msgpack.Decoder[Incoming] = msgspec.msgpack.Decoder(incoming)
        self.dropped = 0

    def fileno(self) -> int:
        """For whoever waits for something to come in."""
        return self._socket.fileno()

    def tell(self, message: Order | SocketReport) -> None:
        """Send a message; drop and count it if there is no room for it or nobody to read it."""
        try:
            self._socket.send(_VERSION + self._encoder.encode(message))
        except OSError:
            self.dropped += 1

    def heard(self) -> Iterator[Incoming]:
        """The messages that have come in.

        Raises EOFError when the other end is gone, WireError for a packet it did not write.
        """
        while True:
            try:
                packet = self._receive()
            except BlockingIOError:
                return
            if not packet:
                raise EOFError
            if packet[:1] != _VERSION:
                raise WireError(f"a packet of version {packet[0]} came where 1 is spoken")
            try:
                yield self._decoder.decode(packet[1:])
            except msgspec.DecodeError as error:
                raise WireError(f"a packet cannot be read: {error}") from None

    def close(self) -> None:
        """Close this end; the other one reads the end of the stream."""
        self._socket.close()

    def _receive(self) -> bytes:
        """The next packet, empty at the end of the stream."""
        try:
            return self._socket.recv(_LARGEST_PACKET)
        except ConnectionResetError:
            # The other end left something of ours unread; its own last words are still to come.
            try:
                return self._socket.recv(_LARGEST_PACKET)
            except OSError:
                return b""


def socket_pair() -> tuple[socket.socket, socket.socket]:
    """A connected pair that keeps packets whole: SEQPACKET, or datagrams where there is none."""
    try:
        return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    except OSError:  # macOS
        return socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
