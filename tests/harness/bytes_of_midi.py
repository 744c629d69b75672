"""Standard MIDI files byte by byte, as no library would write them."""

from collections.abc import Iterable

PITCHES = [60, 62, 64, 65, 67, 69, 71, 72, 74, 72]
BEATS = 40


def number(value: int) -> bytes:
    """A number of seven bits a byte."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.insert(0, 0x80 | value & 0x7F)
    return bytes(digits)


def meta(kind: int, data: bytes, delta: int = 0) -> bytes:
    return number(delta) + bytes((0xFF, kind)) + number(len(data)) + data


END = meta(0x2F, b"")


def eighths(division: int = 480, between: bytes = b"") -> bytes:
    """Eighths with running status, one on each half beat; `between` stands before each note-off."""
    half = number(division // 2)
    music = bytearray()
    for i in range(2 * BEATS):
        pitch = PITCHES[i % len(PITCHES)]
        status = b"\x90" if i == 0 else b""
        music += b"\0" + status + bytes((pitch, 90)) + between + half + bytes((pitch, 0))
    return bytes(music)


def markers(texts: Iterable[tuple[int, bytes]], division: int = 480) -> bytes:
    """Markers at beats, ascending."""
    made, before = b"", 0
    for beat, text in texts:
        made += meta(6, text, (beat - before) * division)
        before = beat
    return made


def chunk(name: bytes, content: bytes, length: int | None = None) -> bytes:
    """A chunk that says this length, or its own."""
    said = len(content) if length is None else length
    return name + said.to_bytes(4, "big") + content


def track(content: bytes, length: int | None = None) -> bytes:
    return chunk(b"MTrk", content, length)


def header(kind: int = 1, tracks: int = 2, division: int = 480) -> bytes:
    fields = (kind, tracks, division)
    return chunk(b"MThd", b"".join(field.to_bytes(2, "big") for field in fields))


CHORDS = markers([(0, b"Cmaj7"), (16, b"Dm7"), (32, b"G7")]) + END


def plain(conductor: bytes = CHORDS, music: bytes | None = None) -> bytes:
    """A whole file of two tracks, with more in either than usual where it is given."""
    melody = eighths() + END if music is None else music
    return header() + track(conductor) + track(melody)
