"""The notes that sound, marked for who has to close it after us.

A note is marked before it leaves, and counts as sounding until its off has been under way for a
while: a driver hands over what it was given some milliseconds later, and not at all if we are
killed in between. An off too many does no harm.
"""

from improvd.core.midi.messages import NOTE_OFF, kind, note_off, strikes
from improvd.shared import Shared

# More than a period of any JACK server.
_UNDER_WAY_NS = 30_000_000


class SoundingNotes:
    """Keeps the notes in the shared memory. No method blocks."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._closing: dict[int, tuple[int, bytes]] = {}  # pitch to when its off left, and the off

    def leaving(self, message: bytes) -> None:
        """A message is about to leave."""
        if strikes(message):
            self._closing.pop(message[1], None)
            self._shared.mark(message)

    def left(self, now: int, message: bytes) -> None:
        """A message has left."""
        if kind(message) == NOTE_OFF:
            self._closing[message[1]] = now, message

    def settle(self, now: int) -> None:
        """Time has passed: what was closed long enough ago no longer sounds."""
        for pitch, (left, message) in list(self._closing.items()):
            if now - left > _UNDER_WAY_NS:
                del self._closing[pitch]
                self._shared.mark(message)

    def owed(self) -> list[bytes]:
        """The offs of what sounds, and of which none is under way."""
        channel, pitches = self._shared.sounding
        return [note_off(channel, pitch) for pitch in pitches if pitch not in self._closing]

    def all_arrived(self) -> None:
        """The ports were closed in order, with what was under way."""
        for _, message in self._closing.values():
            self._shared.mark(message)
        self._closing.clear()
