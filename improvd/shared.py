"""The memory that the player and the service share: what must not be lost with the player.

The player writes and the service reads, also after the player has died. Nothing here blocks and
nothing is locked: each word has one writer, and a reader that meets a half-written snapshot takes
the one before it.

    heartbeat   when the player last went round its loop
    sounding    a bit for every pitch of a channel that sounds, set before its note-on leaves
    peers       the ports that are connected to the player's own
    snapshot    two slots, written in turn
    ring        the events since the service last looked; full, they are counted and a Gap is left
"""

import mmap
from pathlib import Path
from zlib import crc32

import msgspec

from improvd.core.midi.messages import NOTE_OFF, channel, kind, strikes
from improvd.messages import Event, Gap, Resume
from improvd.system.handover import MEMORY

# Words of 64 bits at the head of the memory.
_HEARTBEAT, _WRITTEN, _READ, _PEERS, _SNAPSHOTS = 0, 4, 5, 6, 7
# From here on two words for each of 16 channels, one for pitches under 64 and one for the others.
_SOUNDING = 16
_WORD = 8
_HEAD = 4096
# A chorus of a hundred bars that sixteen voices have written down takes some 300 kB.
_SLOT = 1 << 19
_SLOTS = 4  # two for the peers, two for the snapshot
_RING_AT = _HEAD + _SLOTS * _SLOT
# Two seconds and more of the densest flood that MIDI programs have been seen to send.
_RING = MEMORY - _RING_AT

_LENGTH = 4

Peers = tuple[tuple[str, str], ...]
"""The connections of our ports: "in", "out" or "out NAME", and the name of the port over there.

NAME is what a voice's own port was asked for by.
"""

SoundingKey = tuple[int, int]
"""A note that sounds: its channel (0 to 15) and its pitch."""


def left(path: Path) -> Resume | None:
    """What those who had this memory left, to go on from; None if they had not begun."""
    try:
        with path.open("r+b") as file:
            shared = Shared(file.fileno())
    except (OSError, ValueError):  # there is none, or it is not whole
        return None
    resume = shared.resume
    shared.close()
    return resume


class Shared:
    """What is in the memory of a descriptor. Every method is safe in real time."""

    def __init__(self, descriptor: int) -> None:
        self._memory = mmap.mmap(descriptor, MEMORY)
        self._words = memoryview(self._memory)[:_HEAD].cast("Q")
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Event).decode
        self._lost = 0

    def close(self) -> None:
        """Let go of the memory; what is in it stays for the other side."""
        self._words.release()
        self._memory.close()

    # -- the player's side -----------------------------------------------------------------

    def live(self, now: int) -> None:
        """The player is alive at this nanosecond."""
        self._words[_HEARTBEAT] = now

    def mark(self, message: bytes) -> None:
        """A note-on is about to leave, or a note-off has left."""
        pitch = message[1] if len(message) > 1 else 0
        word, bit = _SOUNDING + 2 * channel(message) + (pitch >> 6), 1 << (pitch & 63)
        if strikes(message):
            self._words[word] |= bit
        elif kind(message) == NOTE_OFF:
            self._words[word] &= ~bit

    def save(self, snapshot: bytes) -> None:
        """Keep this snapshot in place of the one before the last."""
        self._write_slot(_SNAPSHOTS, snapshot)

    def connect(self, peers: Peers) -> None:
        """These ports of others are connected to ours now: (ours, theirs)."""
        self._write_slot(_PEERS, self._encode(peers))

    def put(self, event: Event) -> None:
        """Leave an event for the service, or count it where there is no room."""
        data = _framed(self._encode(event))
        if self._lost:
            data = _framed(self._encode(Gap(self._lost))) + data
        self._lost = 0 if self._append(data) else self._lost + 1

    # -- the service's side ----------------------------------------------------------------

    @property
    def heartbeat(self) -> int:
        """When the player was last alive, in monotonic ns; 0 before it ever was."""
        return self._words[_HEARTBEAT]

    @property
    def sounding(self) -> tuple[SoundingKey, ...]:
        """What sounds: the channel (0 to 15) and the pitch of each note."""
        words = enumerate(self._words[_SOUNDING : _SOUNDING + 32])
        return tuple(
            (at >> 1, bit + 64 * (at & 1))
            for at, word in words
            if word
            for bit in range(64)
            if word >> bit & 1
        )

    @property
    def snapshot(self) -> bytes | None:
        """The latest whole snapshot."""
        return self._read_slot(_SNAPSHOTS)

    @property
    def saves(self) -> int:
        """How many snapshots were saved."""
        return self._words[_SNAPSHOTS]

    @property
    def peers(self) -> Peers:
        """The ports that were connected to the player's: (the player's, theirs)."""
        data = self._read_slot(_PEERS)
        return (
            () if data is None else msgspec.msgpack.decode(data, type=tuple[tuple[str, str], ...])
        )

    @property
    def resume(self) -> Resume | None:
        """What another player would go on from; None before the first snapshot."""
        snapshot = self.snapshot
        if snapshot is None:
            return None
        return Resume(snapshot, peers=self.peers, notes=self.sounding)

    def drain(self) -> list[Event]:
        """The events since the last call, oldest first."""
        events = []
        read, written = self._words[_READ], self._words[_WRITTEN]
        while read < written:
            length = int.from_bytes(self._ring_read(read, _LENGTH), "little")
            events.append(self._decode(self._ring_read(read + _LENGTH, length)))
            read += _LENGTH + length
        self._words[_READ] = read
        return events

    # -- bytes -----------------------------------------------------------------------------

    def _append(self, data: bytes) -> bool:
        written = self._words[_WRITTEN]
        if written + len(data) - self._words[_READ] > _RING:
            return False
        self._ring_write(written, data)
        # Only now is it there for the reader: an event cut short by a kill is never seen.
        self._words[_WRITTEN] = written + len(data)
        return True

    def _ring_write(self, position: int, data: bytes) -> None:
        start = position % _RING
        first = min(len(data), _RING - start)
        self._memory[_RING_AT + start : _RING_AT + start + first] = data[:first]
        if first < len(data):
            self._memory[_RING_AT : _RING_AT + len(data) - first] = data[first:]

    def _ring_read(self, position: int, length: int) -> bytes:
        start = position % _RING
        first = min(length, _RING - start)
        data = self._memory[_RING_AT + start : _RING_AT + start + first]
        return data + self._memory[_RING_AT : _RING_AT + length - first]

    def _write_slot(self, counter: int, data: bytes) -> None:
        if len(data) + _WORD > _SLOT:
            return  # no snapshot is that long; the one before it is better than half of this one
        count = self._words[counter] + 1
        at = _slot(counter, count)
        head = len(data).to_bytes(_LENGTH, "little") + crc32(data).to_bytes(_LENGTH, "little")
        self._memory[at : at + _WORD + len(data)] = head + data
        self._words[counter] = count

    def _read_slot(self, counter: int) -> bytes | None:
        count = self._words[counter]
        for number in (count, count - 1):
            at = _slot(counter, number)
            length = int.from_bytes(self._memory[at : at + _LENGTH], "little")
            check = int.from_bytes(self._memory[at + _LENGTH : at + _WORD], "little")
            data = self._memory[at + _WORD : at + _WORD + length]
            if number > 0 and length + _WORD <= _SLOT and crc32(data) == check:
                return data
        return None


def _framed(data: bytes) -> bytes:
    return len(data).to_bytes(_LENGTH, "little") + data


def _slot(counter: int, number: int) -> int:
    return _HEAD + ((counter - _PEERS) * 2 + number % 2) * _SLOT
