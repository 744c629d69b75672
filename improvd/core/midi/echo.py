"""Our own notes coming back: on a shared bus (IAC) whoever plays also hears.

One copy of each message sent is dropped, in order, within 50 ms; a musician who doubles a note of
ours is heard all the same. A note-on of velocity 0 is the note-off that we sent. What comes back
later or changed is told by `improvd.core.midi.copies`.
"""

from collections import deque

from improvd.core.midi.messages import NOTE_ON, Stamped, channel, kind, note_off

ECHO_NS = 50_000_000
# More than can be sent in 50 ms over a MIDI cable (1,000 three-byte messages a second).
_MOST_PENDING = 64


class EchoFilter:
    """Remembers what was sent for as long as it may come back. Bounded; never blocks."""

    def __init__(self) -> None:
        self._sent: deque[Stamped] = deque(maxlen=_MOST_PENDING)

    def memory(self) -> tuple[Stamped, ...]:
        """What may still come back."""
        return tuple(self._sent)

    def restore(self, memory: tuple[Stamped, ...]) -> None:
        """Go on from there."""
        self._sent.clear()
        self._sent.extend(memory)

    def sent(self, stamp: int, message: bytes) -> None:
        """A message left at this nanosecond."""
        self._sent.append((stamp, message))

    def is_echo(self, stamp: int, message: bytes) -> bool:
        """Whether a message that came in is one of ours; each is taken for an echo once."""
        if kind(message) == NOTE_ON and message[2] == 0:
            message = note_off(channel(message), message[1])
        while self._sent and stamp - self._sent[0][0] > ECHO_NS:
            self._sent.popleft()
        for index, (_, ours) in enumerate(self._sent):
            if ours == message:
                del self._sent[index]
                return True
        return False
