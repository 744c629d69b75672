"""Standard MIDI files as other programs write them, strict only where notes would come out wrong.

Every other program plays what the standard forbids: key signatures of eighteen flats, metas that
are too short, tracks that are longer or shorter than they say, running status across a SysEx. Of
the readers tried on such files (mido, pretty_midi, miditoolkit, symusic) none reads them all, so
the bytes are read here: what plays elsewhere is read, and what is not read has a reason that is
true.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from improvd.training.read.weimar import LeftOutError

TEXT, TRACK_NAME, LYRICS, MARKER, CUE, TEMPO, METRE, SEQUENCER = 1, 3, 5, 6, 7, 0x51, 0x58, 0x7F
"""The kinds of meta events that say something about music."""

_HEADER_BYTES = 14
_CHUNK_HEADER_BYTES = 8
_END_OF_TRACK = 0x2F
# Frames a second that a division can count in; of any other negative byte it is ticks a quarter.
_FRAMES = {-24: 24.0, -25: 25.0, -29: 30000 / 1001, -30: 30.0}
# Data bytes of what has no length of its own: channel messages by their upper half, system by all.
_CHANNEL_DATA = (2, 2, 2, 2, 1, 1, 2)
_SYSTEM_DATA = {0xF1: 1, 0xF2: 2, 0xF3: 1}
# Controllers that end every note of their channel: all sound off, all notes off, and the modes,
# which end all notes too (MIDI 1.0).
_END_ALL = frozenset((120, *range(123, 128)))
_CUT = "it is cut short: export or fetch it again"


@dataclass(frozen=True, slots=True)
class Track:
    """A track's events, each with its tick from the beginning.

    `played` are its note-ons and note-offs as (tick, status, pitch, velocity), and with them what
    ends all notes of a channel (controllers 120 and 123 to 127) as (tick, status, controller,
    value); `metas` its meta events as (tick, kind, data); `end` is the tick of the last event of
    any kind.
    """

    played: list[tuple[int, int, int, int]]
    metas: list[tuple[int, int, bytes]]
    end: int


@dataclass(frozen=True, slots=True)
class File:
    """A file's tracks. Its ticks are so many a quarter note, or, in film frames, a second."""

    format: int
    said_tracks: int
    tracks: list[Track]
    ticks_per_quarter: int = 0
    ticks_per_second: float = 0.0


def parse(content: bytes) -> File:
    """Read a file's bytes; a wrapper about them (RMID, MacBinary) is passed over.

    The tracks are those that are there, whatever number the header says. Raises LeftOutError.
    """
    if not content:
        raise LeftOutError("it is empty")
    start = content.find(b"MThd")
    if start < 0:
        raise LeftOutError("it is not MIDI")
    header = content[start : start + _HEADER_BYTES]
    if len(header) < _HEADER_BYTES:
        raise LeftOutError(_CUT)
    kind, said = (int.from_bytes(header[at : at + 2], "big") for at in (8, 10))
    quarter, second = _division(header[12:])
    first = start + _CHUNK_HEADER_BYTES + int.from_bytes(header[4:8], "big")
    if not _is_border(content, first):  # a length that is not true
        first = start + _HEADER_BYTES
    tracks = list(_tracks(content, first))
    if not tracks and said and len(content) > first:
        raise LeftOutError("it cannot be read as MIDI (no track begins with MTrk)")
    return File(kind, said, tracks, quarter, second)


def _division(field: bytes) -> tuple[int, float]:
    """Ticks a quarter note, ticks a second: one of them is 0."""
    frames = _FRAMES.get(int.from_bytes(field[:1], "big", signed=True))
    if frames and field[1]:
        return 0, frames * field[1]
    quarter = int.from_bytes(field, "big")
    if not quarter:
        raise LeftOutError("its header says 0 ticks a beat, which places no note: export it again")
    return quarter, 0.0


def _tracks(content: bytes, at: int) -> Iterator[Track]:
    """The tracks from here on. Some programs let a status run on from one into the next."""
    running = 0
    while at < len(content):
        name = content[at : at + 4]
        begin = at + _CHUNK_HEADER_BYTES
        end = begin + int.from_bytes(content[at + 4 : begin], "big")
        if name == b"MTrk" and begin <= len(content):
            try:
                track, after, running = _track(content, begin, end, running)
            except IndexError:
                raise LeftOutError(_CUT) from None
            yield track
            at = end if _is_border(content, end) else after
        elif name and b"MTrk".startswith(name):
            raise LeftOutError(_CUT)
        elif begin <= len(content) and _is_border(content, end):
            at = end  # a chunk of another kind, as programs add them
        else:
            at = content.find(b"MTrk", at + 1)
            if at < 0:
                return


def _is_border(content: bytes, at: int) -> bool:
    """Whether a chunk can end here: with the file, or where another begins."""
    name = content[at : at + 4]
    if at == len(content) or name == b"MTrk":
        return True
    length = int.from_bytes(content[at + 4 : at + 8], "big")
    return name.isalnum() and name.isascii() and at + 8 + length <= len(content)


def _track(content: bytes, at: int, said_end: int, running: int) -> tuple[Track, int, int]:
    """The track that begins here, where it ends, and the status that runs then.

    It ends at its End of Track, whatever it says; `running` is the status before it, 0 for none.
    Raises IndexError where the file ends before it does.
    """
    trusted = _is_border(content, said_end)
    played: list[tuple[int, int, int, int]] = []
    metas: list[tuple[int, int, bytes]] = []
    tick = 0
    while not (at == said_end if trusted else content.startswith(b"MTrk", at)):
        if trusted and at > said_end:
            raise LeftOutError("it cannot be read as MIDI (an event runs over its track's end)")
        delta, at = _length(content, at)
        tick += delta
        status = content[at]
        if status < 0xF0:
            if status >= 0x80:
                running = status
                at += 1
            elif not running:
                raise LeftOutError(f"it cannot be read as MIDI (no status before byte {at})")
            if _is_played(running, content[at]):
                pitch, velocity = content[at], content[at + 1]
                played.append((tick, running, min(pitch, 127), min(velocity, 127)))
            at += _CHANNEL_DATA[(running >> 4) - 8]
        else:
            begin, at = _data(content, at)
            if status == 0xFF:
                kind = content[begin]
                if kind == _END_OF_TRACK:
                    break
                metas.append((tick, kind, content[_length(content, begin + 1)[1] : at]))
        if at > len(content):
            raise IndexError
    return Track(played, metas, tick), at, running


def _is_played(status: int, first: int) -> bool:
    """Whether a channel message begins or ends notes, by its status and first data byte."""
    return status < 0xA0 or (status & 0xF0 == 0xB0 and first in _END_ALL)


def _data(content: bytes, at: int) -> tuple[int, int]:
    """Where what follows the status of a meta, a SysEx or a system message begins and ends."""
    status = content[at]
    at += 1
    if status in (0xF0, 0xF7, 0xFF):
        length, data = _length(content, at + (status == 0xFF))
        return at, data + length
    return at, at + _SYSTEM_DATA.get(status, 0)  # sent by a device while it was recorded


def _length(content: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends."""
    value = 0
    while True:
        byte = content[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at
