"""What sounds of the musician's: keys that are down, and what pedals hold after them.

Cables and devices say more than hands do: a key that comes up twice, a stroke that comes over two
cables, a pedal that is wired the wrong way round and says that it is down as long as nobody steps
on it. By rules 3 and before, what they say was taken at its word.
"""

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from improvd.core.music import PULSES_PER_BEAT

Key = tuple[int, int]
"""Channel (from 0) and pitch."""

# So many of the keys that came up last are remembered, to know them if they come up again.
_LIFTED_KEPT = 16
# A key that is down cannot be struck anew so soon, a thirty-second: it is the same stroke.
_SAME_STROKE = PULSES_PER_BEAT // 8


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
    """Every note that sounds, as `packed` has it, pedals by channel, keys caught by sostenuto.

    `pressed` is since when each sustain pedal is down that holds, `tired` are those that are down
    and hold no more, `lifted` the keys that came up last and when, `owed` those that may come up
    twice as they were struck twice.
    """

    sounding: tuple[tuple[int, int, int, int], ...] = ()
    sustained: tuple[int, ...] = ()
    caught: tuple[tuple[int, int], ...] = ()
    pressed: tuple[tuple[int, int], ...] = ()
    tired: tuple[int, ...] = ()
    lifted: tuple[tuple[int, Key], ...] = ()
    owed: tuple[Key, ...] = ()


class Keyboard:
    """Keys and pedals of all channels; each channel's are its own. Bounded; never blocks.

    `rules` are those of what is played.
    """

    def __init__(self, rules: int) -> None:
        self._literal = rules < 4
        self._down: dict[Key, Struck] = {}
        self._held: dict[Key, Struck] = {}  # let go, and held by a pedal
        self._sustained: dict[int, int] = {}  # channels, and since when
        self._tired: set[int] = set()  # channels whose pedal is down and holds nothing
        self._caught: set[Key] = set()  # by the sostenuto pedal
        self._lifted: deque[tuple[int, Key]] = deque(maxlen=_LIFTED_KEPT)
        self._owed: set[Key] = set()  # struck anew while down: one more may come up

    def sounding(self) -> Iterator[Struck]:
        """All notes that sound."""
        yield from self._down.values()
        yield from self._held.values()

    @property
    def silent(self) -> bool:
        """Whether nothing sounds."""
        return not self._down and not self._held

    def strike(self, note: Struck) -> bool:
        """A key goes down, and what it still sounded is over; whether that is a new stroke.

        It is none if this key, or the same one on another channel, went down just before.
        """
        key = note.channel, note.pitch
        again = not self._literal and any(
            each.pitch == note.pitch and 0 <= note.pulse - each.pulse < _SAME_STROKE
            for each in self._down.values()
        )
        if again and key in self._down:
            return False
        if (before := self._down.get(key)) is not None:
            before.end = note.pulse
            self._owed.add(key)
        self._held.pop(key, None)
        self._caught.discard(key)
        self._down[key] = note
        return not again

    def lift(self, pulse: int, channel: int, pitch: int) -> None:
        """A key comes up; one that moved away under the finger as well.

        With the octave button pressed in between, a note-off bears another number: it belongs to
        the same note in another octave, where only one is down. A key that has just come up, or was
        struck twice, may say so again.
        """
        if (channel, pitch) in self._down:
            self._let_go(pulse, (channel, pitch))
            return
        if not self._literal and self._says_so_again(pulse, (channel, pitch)):
            return
        moved = [key for key in self._down if key[0] == channel and (key[1] - pitch) % 12 == 0]
        if len(moved) == 1:
            self._let_go(pulse, moved[0])

    def _says_so_again(self, pulse: int, key: Key) -> bool:
        if key in self._owed:
            self._owed.remove(key)
            return True
        return any(pulse - at < _SAME_STROKE and key == came_up for at, came_up in self._lifted)

    def _let_go(self, pulse: int, key: Key) -> None:
        note = self._down.pop(key)
        note.end = pulse
        self._lifted.append((pulse, key))
        if key[0] in self._sustained or key in self._caught:
            self._held[key] = note

    def sustain(self, pulse: int, channel: int, down: bool) -> None:
        """The sustain pedal (CC 64): let go, it lets go of what it alone held."""
        if down:
            if channel not in self._tired:
                self._sustained.setdefault(channel, pulse)
        else:
            self._tired.discard(channel)
            self._sustained.pop(channel, None)
            self._drop(channel)

    def tire(self, before: int) -> None:
        """A sustain pedal that is down since before then holds nothing until it is pressed anew."""
        if self._literal:
            return
        for channel in [each for each, since in self._sustained.items() if since < before]:
            del self._sustained[channel]
            self._tired.add(channel)
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

    def release(self, pulse: int, channels: Collection[int]) -> None:
        """The pedals of these channels come up (CC 121)."""
        for channel in channels:
            self.sustain(pulse, channel, False)
            self.sostenuto(channel, False)

    def cut(self, pulse: int, channels: Collection[int]) -> None:
        """Nothing of these channels sounds any more (CC 120), though a pedal may stay down."""
        self.lift_all(pulse, channels)
        self._held = {key: note for key, note in self._held.items() if key[0] not in channels}

    def jump(self, moved: int) -> None:
        """What is remembered, other than notes, is so many pulses later."""
        self._sustained = {channel: since + moved for channel, since in self._sustained.items()}
        lifted = ((pulse + moved, key) for pulse, key in self._lifted)
        self._lifted = deque(lifted, maxlen=_LIFTED_KEPT)

    def memory(self) -> KeyboardMemory:
        """What another goes on from."""
        return KeyboardMemory(
            sounding=tuple(map(packed, self.sounding())),
            sustained=tuple(sorted(self._sustained)),
            caught=tuple(sorted(self._caught)),
            pressed=tuple(sorted(self._sustained.items())),
            tired=tuple(sorted(self._tired)),
            lifted=tuple(self._lifted),
            owed=tuple(sorted(self._owed)),
        )

    def restore(self, memory: KeyboardMemory) -> None:
        """Go on from there."""
        notes = list(map(unpacked, memory.sounding))
        self._down = {(note.channel, note.pitch): note for note in notes if note.end is None}
        self._held = {(note.channel, note.pitch): note for note in notes if note.end is not None}
        # A snapshot of older rules does not say since when; nor do they ask.
        self._sustained = dict.fromkeys(memory.sustained, 0) | dict(memory.pressed)
        self._tired, self._caught = set(memory.tired), set(memory.caught)
        self._lifted = deque(memory.lifted, maxlen=_LIFTED_KEPT)
        self._owed = set(memory.owed)


def packed(note: Struck) -> tuple[int, int, int, int]:
    """A note as (pulse, channel, pitch, end or the note's own pulse - 1 while it is down)."""
    end = note.pulse - 1 if note.end is None else note.end
    return note.pulse, note.channel, note.pitch, end


def unpacked(data: tuple[int, int, int, int]) -> Struck:
    """The note that was packed."""
    pulse, channel, pitch, end = data
    return Struck(pulse, channel, pitch, None if end < pulse else end)
