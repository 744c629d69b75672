"""The socket between the service and the player: orders one way, answers the other.

It is a stream, since a stream has an end on every system; a pair of datagram sockets has none. One
message is one frame: its length in 4 bytes, the most significant first, and then so many bytes, a
version byte and MessagePack. Both ends are non-blocking; a message for which there is no room is
dropped and counted, and the player never waits. What happens while music plays does not go this way
but through `improvd.shared`.
"""

import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Generic, TypeVar

import msgspec

from improvd.messages import Order, SocketReport

_VERSION = b"\x01"
_LENGTH = 4
# Larger than any frame we send: a snapshot, the connections of the ports and a chart together.
_LARGEST_FRAME = 1 << 20


class WireError(ValueError):
    """A frame of another version, larger than any of ours, or not a message at all."""


Incoming = TypeVar("Incoming", Order, SocketReport)


class Link(Generic[Incoming]):
    """One end of the socket pair. No method blocks."""

    def __init__(self, end: socket.socket, incoming: Any) -> None:
        end.setblocking(False)
        self._socket = end
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder: msgspec.msgpack.Decoder[Incoming] = msgspec.msgpack.Decoder(incoming)
        self._come = bytearray()  # the beginning of a frame
        self._unsent = b""  # the rest of a frame that has been begun
        self.dropped = 0

    def fileno(self) -> int:
        """For whoever waits for something to come in."""
        return self._socket.fileno()

    def tell(self, message: Order | SocketReport) -> None:
        """Send a message; drop and count it if there is no room for it or nobody to read it.

        A frame that has been begun is finished, by the next calls of `flush`, `tell` or `heard`;
        no other is begun before.
        """
        content = _VERSION + self._encoder.encode(message)
        self.flush()
        if self._unsent or len(content) > _LARGEST_FRAME:
            self.dropped += 1
            return
        frame = len(content).to_bytes(_LENGTH, "big") + content
        try:
            sent = self._socket.send(frame)
        except OSError:
            self.dropped += 1
        else:
            self._unsent = frame[sent:]

    def flush(self) -> None:
        """Send what there is room for of a frame that has been begun."""
        if self._unsent:
            with suppress(OSError):
                self._unsent = self._unsent[self._socket.send(self._unsent) :]

    def heard(self) -> Iterator[Incoming]:
        """The messages that have come in.

        Raises EOFError when the other end is gone; what it had only begun to say is lost. Raises
        WireError for a frame that it did not write, and goes on behind it when it is called again;
        where not even the end of a frame can be known, it raises that for ever.
        """
        self.flush()
        while (content := self._frame()) is not None:
            yield self._decoded(content)

    def close(self) -> None:
        """Close this end; the other one reads the end of the stream."""
        self._socket.close()

    def _frame(self) -> bytes | None:
        """The content of the next frame; None if it is not all here."""
        while (missing := self._missing()) > 0:
            try:
                data = self._receive(missing)
            except BlockingIOError:
                return None
            if not data:
                raise EOFError
            self._come += data
        content = bytes(self._come[_LENGTH:])
        self._come.clear()
        return content

    def _missing(self) -> int:
        """How many bytes are missing of the length of a frame, or of the frame.

        Nothing behind it is read, so that who waits for the socket is woken for the next one.
        """
        come = self._come
        if len(come) < _LENGTH:
            return _LENGTH - len(come)
        length = int.from_bytes(come[:_LENGTH], "big")
        if length > _LARGEST_FRAME:
            raise WireError(f"a frame of {length} bytes came where {_LARGEST_FRAME} is the most")
        return _LENGTH + length - len(come)

    def _decoded(self, content: bytes) -> Incoming:
        if content[:1] != _VERSION:
            version = f"version {content[0]}" if content else "no version"
            raise WireError(f"a frame of {version} came where 1 is spoken")
        try:
            return self._decoder.decode(content[1:])
        except msgspec.DecodeError as error:
            raise WireError(f"a frame cannot be read: {error}") from None

    def _receive(self, most: int) -> bytes:
        """What has come, empty at the end of the stream."""
        try:
            return self._socket.recv(most)
        except ConnectionResetError:
            # The other end left something of ours unread; its own last words are still to come.
            try:
                return self._socket.recv(most)
            except OSError:
                return b""
