"""Which of two MIDI systems improvd plays on, where nobody said: the one that others are on.

A Linux desktop has the kernel's ALSA sequencer and, by a JACK server or by PipeWire, JACK's MIDI.
A program is mostly on one of the two, and who is on the other does not see it. PipeWire shows what
is on the sequencer to its own clients, too; a JACK server does not.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from improvd.player.ports.names import CLIENT, PortError, address_of, find, ours

ALSA, JACK, PIPEWIRE = "the ALSA sequencer", "JACK", "PipeWire"
_API = {ALSA: "alsa", JACK: "jack", PIPEWIRE: "jack"}

# Who only carries over what is on the other system, or is the system.
_BRIDGES = {
    "alsa": re.compile(r"PipeWire|a2j|.*\bmidi through\b", re.IGNORECASE),
    "jack": re.compile(r"system:|a2j|Midi-Bridge|alsa_midi|.*\bmidi through\b", re.IGNORECASE),
}
# The kernel's clients, of which devices are some, have the numbers below.
_FIRST_PROGRAM = 128


class Seen(NamedTuple):
    """What is to be seen on a system: the ports to play on, and those to listen to."""

    system: str
    """One of `ALSA`, `JACK` and `PIPEWIRE`."""
    to_play_on: Sequence[str]
    to_hear: Sequence[str]

    @property
    def api(self) -> str:
        """As the configuration calls it."""
        return _API[self.system]

    def has(self, wanted: str, names: Sequence[str]) -> bool:
        """Whether the words of a name find a port among these, or several."""
        try:
            return wanted != CLIENT and find(wanted, names, self.api) is not None
        except PortError:
            return True

    def program(self) -> str | None:
        """The first program here, devices and bridges apart."""
        for name in (*self.to_play_on, *self.to_hear):
            if not ours(name, self.api) and not _BRIDGES[self.api].match(name):
                address = address_of(name, self.api)
                if address is None or int(address.partition(":")[0]) >= _FIRST_PROGRAM:
                    return name.partition(":")[0]
        return None


def settled(alsa: Seen, out: str, into: str) -> bool:
    """Whether what is on the sequencer tells without a look at PipeWire, which takes 10 ms."""
    if alsa.has(out, alsa.to_play_on):
        return True
    return out == into == CLIENT and alsa.program() is not None


def choose(alsa: Seen, other: Seen, out: str = CLIENT, into: str = CLIENT) -> tuple[Seen, str]:
    """The system that is taken, of the sequencer and the one of JACK's clients, and a sentence why.

    Args:
        alsa: what is on the sequencer.
        other: what is on JACK, or on PipeWire.
        out: words of the name of the port to play on, or improvd's own name.
        into: the same for the port to hear.
    """
    both = alsa, other
    for seen in both:
        if seen.has(out, seen.to_play_on):
            return _on(seen, f'where "{out}" is', both)
    for seen in both:
        if seen.has(into, seen.to_hear):
            return _on(seen, f'where "{into}" is', both)
    busy = [seen for seen in both if seen.program() is not None]
    if len(busy) == 1:
        return _on(busy[0], f"where {busy[0].program()} is", both)
    if other.system == PIPEWIRE:
        return _on(alsa, "which programs on PipeWire see too", both)
    return _on(other, "whose server somebody started", both)


def _on(chosen: Seen, why: str, both: tuple[Seen, Seen]) -> tuple[Seen, str]:
    (other,) = [seen for seen in both if seen is not chosen]
    return chosen, f"On {chosen.system}, {why}; for {other.system} say --api {other.api}."
