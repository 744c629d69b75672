"""What sounds of the musician's: keys that are down, and what pedals hold after them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

Key = tuple[int, int]
"""Channel (from 0) and pitch."""


@dataclass(slots=True)
class Struck:
    """A note of the musician's; times in pulses. `end`: when the finger left the key, if it has."""

    pulse: int
    channel: int
    pitch: int
    end: int | None = None

    def down_at(self, pulse: int) -> bool:
        """Whether the key, once struck, is still down then."""
        return self.end is None or self.end > pulse


@dataclass(frozen=True, slots=True)
class KeyboardMemory:
    """Every note that sounds, as `packed` has it, pedals by channel, keys caught by sostenuto."""

    sounding: tuple[tuple[int, int, int, int], ...] = ()
    sustained: tuple[int, ...] = ()
    caught: tuple[tuple[int, int], ...] = ()


class Keyboard:
    """Keys and pedals of all channels; each channel's are its own. Bounded; never blocks."""

    def __init__(self) -> None:
        self._down: dict[Key, Struck] = {}
        self._held: dict[Key, Struck] = {}  # let go, and held by a pedal
        self._sustained: set[int] = set()
        self._caught: set[Key] = set()  # by the sostenuto pedal

    def sounding(self) -> Iterator[Struck]:
        """All notes that sound."""
        yield from self._down.values()
        yield from self._held.values()

    @property
    def silent(self) -> bool:
        """Whether nothing sounds."""
        return not self._down and not self._held

    def strike(self, note: Struck) -> None:
        """A key goes down; what it still sounded is over."""
        key = note.channel, note.pitch
        if (before := self._down.get(key)) is not None:
            before.end = note.pulse
        self._held.pop(key, None)
        self._caught.discard(key)
        self._down[key] = note

    def lift(self, pulse: int, channel: int, pitch: int) -> None:
        """A key comes up; one that moved away under the finger as well.

        With the octave button pressed in between, a note-off bears another number: it belongs to
        the same note in another octave, where only one is down.
        """
        if (channel, pitch) in self._down:
            self._let_go(pulse, (channel, pitch))
            return
        moved = [key for key in self._down if key[0] == channel and (key[1] - pitch) % 12 == 0]
        if len(moved) == 1:
            self._let_go(pulse, moved[0])

    def _let_go(self, pulse: int, key: Key) -> None:
        note = self._down.pop(key)
        note.end = pulse
        if key[0] in self._sustained or key in self._caught:
            self._held[key] = note

    def sustain(self, channel: int, down: bool) -> None:
        """The sustain pedal (CC 64): let go, it lets go of what it alone held."""
        if down:
            self._sustained.add(channel)
        else:
            self._sustained.discard(channel)
            self._drop(channel)

    def sostenuto(self, channel: int, down: bool) -> None:
        """The sostenuto pedal (CC 66) holds the keys that are down as it goes down, and no more."""
        if down:
            self._caught |= {key for key in self._down if key[0] == channel}
        else:
            self._caught = {key for key in self._caught if key[0] != channel}
            self._drop(channel)

    def _drop(self, channel: int) -> None:
        """End what no pedal holds any more."""
        if channel not in self._sustained:
            for key in [key for key in self._held if key[0] == channel]:
                if key not in self._caught:
                    del self._held[key]

    def lift_all(self, pulse: int, channels: Collection[int]) -> None:
        """All keys of these channels come up (CC 123 to 127); pedals hold on, as MIDI has it."""
        for key in [key for key in self._down if key[0] in channels]:
            self._let_go(pulse, key)

    def release(self, channels: Collection[int]) -> None:
        """The pedals of these channels come up (CC 121)."""
        for channel in channels:
            self.sustain(channel, False)
            self.sostenuto(channel, False)

    def cut(self, pulse: int, channels: Collection[int]) -> None:
        """Nothing of these channels sounds any more (CC 120), though a pedal may stay down."""
        self.lift_all(pulse, channels)
        self._held = {key: note for key, note in self._held.items() if key[0] not in channels}

    def memory(self) -> KeyboardMemory:
        """What another goes on from."""
        return KeyboardMemory(
            sounding=tuple(map(packed, self.sounding())),
            sustained=tuple(sorted(self._sustained)),
            caught=tuple(sorted(self._caught)),
        )

    def restore(self, memory: KeyboardMemory) -> None:
        """Go on from there."""
        notes = list(map(unpacked, memory.sounding))
        self._down = {(note.channel, note.pitch): note for note in notes if note.end is None}
        self._held = {(note.channel, note.pitch): note for note in notes if note.end is not None}
        self._sustained, self._caught = set(memory.sustained), set(memory.caught)


def packed(note: Struck) -> tuple[int, int, int, int]:
    """A note as (pulse, channel, pitch, end or the note's own pulse - 1 while it is down)."""
    end = note.pulse - 1 if note.end is None else note.end
    return note.pulse, note.channel, note.pitch, end


def unpacked(data: tuple[int, int, int, int]) -> Struck:
    """The note that was packed."""
    pulse, channel, pitch, end = data
    return Struck(pulse, channel, pitch, None if end < pulse else end)
