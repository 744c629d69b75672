"""The keys and pedals that are down at our ears, and which of them end as somebody leaves.

Several keyboards may be connected to one port, and no driver says which of them a message is from.
But what was down before a keyboard was connected is another's, and stays when it leaves. All else
may have been its own, and ends: better a note cut short than one that sounds for ever.
"""

from collections.abc import Collection, Iterable

from improvd.core.midi.messages import (
    ALL_NOTES_OFF,
    ALL_SOUND_OFF,
    CONTROL_CHANGE,
    DOWN,
    NOTE_OFF,
    NOTE_ON,
    RESET_CONTROLLERS,
    SOSTENUTO,
    SUSTAIN,
    Stamped,
    channel,
    control_change,
    kind,
    strikes,
)

# Every pedal and key of all channels comes up.
_ALL_UP = [
    control_change(channel, number, 0)
    for number in (RESET_CONTROLLERS, ALL_NOTES_OFF)
    for channel in range(16)
]


class KeysDown:
    """Watches what comes in and who is connected. Bounded; never blocks. Moments are in ns."""

    def __init__(self) -> None:
        self._down: dict[tuple[int, int, int], int] = {}  # kind, channel, number: since when
        self._since: dict[str, int] = {}  # who is connected, and before which moment they were not
        self._looked = 0

    def hear(self, heard: Iterable[Stamped]) -> None:
        """These messages came in."""
        for stamp, message in heard:
            if strikes(message):
                self._down[NOTE_ON, channel(message), message[1]] = stamp
            elif kind(message) in (NOTE_ON, NOTE_OFF):
                self._down.pop((NOTE_ON, channel(message), message[1]), None)
            elif kind(message) == CONTROL_CHANGE:
                self._control(stamp, channel(message), message[1], message[2])

    def _control(self, stamp: int, on: int, number: int, value: int) -> None:
        if number in (SUSTAIN, SOSTENUTO):
            if value < DOWN:
                self._down.pop((CONTROL_CHANGE, on, number), None)
            else:
                self._down.setdefault((CONTROL_CHANGE, on, number), stamp)
        elif number == RESET_CONTROLLERS:
            self._forget(CONTROL_CHANGE, on)
        elif number == ALL_SOUND_OFF or number >= ALL_NOTES_OFF:
            self._forget(NOTE_ON, on)

    def _forget(self, what: int, on: int) -> None:
        self._down = {key: at for key, at in self._down.items() if key[:2] != (what, on)}

    def look(self, now: int, here: Collection[str], *, left: bool) -> list[bytes]:
        """These are connected now; the messages that end what those who left may have held.

        Args:
            now: the moment, in ns.
            here: the names of the ports that are connected.
            left: whether somebody left; if not, who is missing has another name now.
        """
        gone = [since for name, since in self._since.items() if name not in here]
        new = min(gone, default=self._looked) if gone and not left else self._looked
        self._since = {name: self._since.get(name, new) for name in here}
        self._looked = now
        if not left:
            return []
        since = min(gone, default=0)
        ended = sorted(key for key, at in self._down.items() if at > since or not here)
        for key in ended:
            del self._down[key]
        return [_up(*key) for key in ended] + ([] if since and here else _ALL_UP)


def _up(what: int, on: int, number: int) -> bytes:
    """A key comes up, at a velocity with which none of ours does, or a pedal."""
    if what == CONTROL_CHANGE:
        return control_change(on, number, 0)
    return bytes((NOTE_OFF | on, number, 0))
