"""The notes that sound, marked for who has to close it after us.

A note is marked before it leaves, and counts as sounding until its off has been under way for a
while: a driver hands over what it was given some milliseconds later, and not at all if we are
killed in between. An off too many does no harm.
"""

from improvd.core.midi.messages import NOTE_OFF, channel, kind, note_off, strikes
from improvd.shared import Shared, SoundingKey

# More than a period of any JACK server.
_UNDER_WAY_NS = 30_000_000


class SoundingNotes:
    """Keeps the notes in the shared memory. No method blocks."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._closing: dict[SoundingKey, tuple[int, bytes]] = {}  # when its off left, and the off

    def leaving(self, message: bytes) -> None:
        """A message is about to leave."""
        if strikes(message):
            self._closing.pop(_key(message), None)
            self._shared.mark(message)

    def left(self, now: int, message: bytes) -> None:
        """A message has left."""
        if kind(message) == NOTE_OFF:
            self._closing[_key(message)] = now, message

    def settle(self, now: int) -> None:
        """Time has passed: what was closed long enough ago no longer sounds."""
        for key, (left, message) in list(self._closing.items()):
            if now - left > _UNDER_WAY_NS:
                del self._closing[key]
                self._shared.mark(message)

    def owed(self) -> list[bytes]:
        """The offs of what sounds, and of which none is under way."""
        return [note_off(*key) for key in self._shared.sounding if key not in self._closing]

    def all_arrived(self) -> None:
        """The ports were closed in order, with what was under way."""
        for _, message in self._closing.values():
            self._shared.mark(message)
        self._closing.clear()


def _key(message: bytes) -> SoundingKey:
    return channel(message), message[1]
