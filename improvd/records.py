"""The bytes of a jam's file: records one after another, each with its length and a checksum.

    0xC1 | length, 4 bytes | CRC-32 of length and content, 4 bytes | content, MessagePack

Little-endian. 0xC1 is the one byte that MessagePack never begins with: it is what a reader looks
for after damage. A file cut anywhere reads up to its last whole record.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

import msgspec

from improvd.messages import Event

FORMAT = 1

_MARK = b"\xc1"
_HEAD = struct.Struct("<cII")
_LENGTH = struct.Struct("<I")
# The largest event is a performance's beginning, with its chart and the whole state.
_LONGEST = 1 << 20


class Opened(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The first record: when the file was begun, by both clocks, and by which improvd.

    `rules` are those of playing that its jams went by, 0 where it does not say.
    """

    format: int
    version: str
    monotonic_ns: int
    wall_ns: int
    rules: int = 0


class Closed(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The last record of an orderly end. `goes_on`: the jam does, in the next file."""

    goes_on: bool = False


Record = Opened | Closed | Event


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes of a file that are no records: `size` of them from the offset `at` on."""

    at: int
    size: int


_encode = msgspec.msgpack.Encoder().encode
_decoder: msgspec.msgpack.Decoder[Record] = msgspec.msgpack.Decoder(Record)


def write(record: Record) -> bytes:
    """The record as it stands in a file."""
    content = _encode(record)
    check = crc32(content, crc32(_LENGTH.pack(len(content))))
    return _HEAD.pack(_MARK, len(content), check) + content


def read(data: bytes) -> Iterator[Record | Damage]:
    """The records in a file's bytes, and where there was something else in between."""
    sound = 0  # all before this is accounted for
    for at, content in contents(data):
        record = decode(content)
        if record is None:
            continue
        if at > sound:
            yield Damage(sound, at - sound)
        yield record
        sound = at + _HEAD.size + len(content)
    if sound < len(data):
        yield Damage(sound, len(data) - sound)


def decode(content: bytes) -> Record | None:
    """The record of a whole content; None for a kind that only a later improvd knows."""
    try:
        return _decoder.decode(content)
    except (msgspec.DecodeError, RecursionError):
        return None


def contents(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The contents of whole records, each after its offset."""
    at = data.find(_MARK)
    while at >= 0:
        content = _content(data, at)
        if content is None:
            at += 1
        else:
            yield at, content
            at += _HEAD.size + len(content)
        at = data.find(_MARK, at)


def _content(data: bytes, at: int) -> bytes | None:
    """What the record at an offset holds; None where there is no whole record."""
    if at + _HEAD.size > len(data):
        return None
    _, length, check = _HEAD.unpack_from(data, at)
    start = at + _HEAD.size
    if length > _LONGEST or start + length > len(data):
        return None
    content = data[start : start + length]
    return content if crc32(content, crc32(_LENGTH.pack(length))) == check else None
