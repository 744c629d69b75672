"""A transposed copy of our own line coming back: a musician of nobody's.

Somebody who plays along a third above is heard for a while. Eight notes of ours in a row that come
back by the same interval, each within 50 ms, are a cable that goes round through a transposer.
"""

from dataclasses import dataclass, field, replace

from improvd.core.midi.echo import ECHO_NS
from improvd.core.midi.messages import strikes

_IN_A_ROW = 8
_KEPT = 64


@dataclass(slots=True)
class Copies:
    """Watches what is sent and what comes in. Bounded; never blocks.

    `interval` is the one, in semitones, by which the latest notes heard differ from ours, and
    `in_a_row` how many do; `sent` are our latest note-ons, (nanosecond, pitch), not yet come back.
    """

    interval: int = 0
    in_a_row: int = 0
    sent: list[tuple[int, int]] = field(default_factory=list)

    @property
    def found(self) -> bool:
        """Whether what comes in is a copy of what goes out."""
        return self.in_a_row >= _IN_A_ROW

    def copy(self) -> "Copies":
        """Another that has watched the same."""
        return replace(self, sent=[*self.sent])

    def strike(self, stamp: int, message: bytes) -> None:
        """A message left at this nanosecond."""
        if strikes(message):
            self.sent = [*self.sent[1 - _KEPT :], (stamp, message[1])]

    def is_copy(self, stamp: int, message: bytes) -> bool:
        """Whether a message that came in is a note of a copy that was found."""
        if not strikes(message):
            return False
        self.sent = [(at, pitch) for at, pitch in self.sent if stamp - at <= ECHO_NS]
        if not self.sent:
            self.in_a_row = 0
            return False
        _, ours = self.sent.pop(0)
        interval = message[1] - ours
        goes_on = self.in_a_row > 0 and interval == self.interval
        self.interval, self.in_a_row = interval, self.in_a_row + 1 if goes_on else 1
        return self.found
