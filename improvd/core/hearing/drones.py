"""Drones: keys that sound on while the music moves past them, or whose note-off was lost."""

from collections import deque
from collections.abc import Iterable, Iterator

from improvd.core.hearing.keyboard import Key, Struck
from improvd.core.music import PULSES_PER_BEAT

# A sound over which so many chords or notes were struck since, in a bar or more, is a drone.
_PASSED_BY = 4
_PASSED_BEATS = 4


class Drones:
    """Knows which keys are drones, and when the latest groups of notes were struck (`moves`)."""

    def __init__(self) -> None:
        self.moves: deque[int] = deque(maxlen=_PASSED_BY)
        self.keys: set[Key] = set()

    def strike(self, key: Key) -> None:
        """A key that is struck anew is none."""
        self.keys.discard(key)

    def without(self, notes: Iterable[Struck]) -> Iterator[Struck]:
        """The notes that are none."""
        return (note for note in notes if (note.channel, note.pitch) not in self.keys)

    def keep(self, sounding: Iterable[Struck]) -> None:
        """What does not sound any more is none."""
        self.keys &= {(note.channel, note.pitch) for note in sounding}

    def find(self, sounding: Iterable[Struck], melody: int | None, now: int, alone: int) -> None:
        """What sounds for too long, or was passed by as the music moved on, is one from now.

        Args:
            sounding: all that sounds.
            melody: the melody note that sounds, which accompanies nothing.
            now: a pulse.
            alone: pulses after which any sound is one.
        """
        passed_by = self.moves[0] if len(self.moves) == _PASSED_BY else None
        for note in list(self.without(sounding)):
            age = now - note.pulse
            passed = passed_by is not None and note.pulse < passed_by
            accompanies = note.pitch != melody and age >= _PASSED_BEATS * PULSES_PER_BEAT
            if age >= alone or (passed and accompanies):
                self.keys.add((note.channel, note.pitch))

    def jump(self, moved: int) -> None:
        """All of it is so many pulses later."""
        self.moves = deque((pulse + moved for pulse in self.moves), maxlen=_PASSED_BY)

    def restore(self, moves: Iterable[int], keys: Iterable[Key]) -> None:
        """Go on from there."""
        self.moves.extend(moves)
        self.keys = set(keys)
