"""CoreMIDI, played by the JACK server that runs: rtmidi, whose one system it is.

Found before the real rtmidi, which it loads and puts in its own place.

Ports have the names that CoreMIDI shows: a device's is "device port", a virtual one's its own,
which another may have too. A port can be opened and heard; a connection of a virtual port can be
neither seen nor made.
"""

import re
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "both"))

from played_by_jack import take_the_place

# Our own ports: another client of the name is improvd-01.
_VIRTUAL = re.compile(r"improvd(-\d+)?:")


def shown(name):
    """A port of JACK's as CoreMIDI shows it: a virtual one without its client, which it has not."""
    own, virtual = _VIRTUAL.subn("", name)
    return own if virtual else name.replace(":", " ")


class _Client:
    """A client on JACK that knows no more than one on CoreMIDI."""

    def __init__(self, client) -> None:
        self._client = client
        # What the beat path calls goes straight through.
        if hasattr(client, "send_message"):
            self.send_message = client.send_message

    def get_ports(self, encoding="auto"):
        return [shown(name) for name in self._client.get_ports(encoding)]

    def open_virtual_port(self, name=None):
        name.encode("ascii")  # RtMidi makes a string of Apple's from ASCII, and crashes without
        self._client.open_virtual_port(name)

    def set_port_name(self, name):
        raise NotImplementedError(f"CoreMIDI has no new name for a port ({name})")

    def __getattr__(self, name):
        return getattr(self._client, name)


_rtmidi = take_the_place(__file__, "API_MACOSX_CORE", _Client)
_rtmidi.shown = shown  # for tests, which have to find the port on JACK
