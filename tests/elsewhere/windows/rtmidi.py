"""Windows' MIDI, played by the JACK server that runs: rtmidi, whose one system it is.

Found before the real rtmidi, which it loads and puts in its own place. A port's name ends with its
number, as RtMidi gives it; there are no virtual ports, and improvd has none that others see.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "both"))

from played_by_jack import take_the_place


class _Client:
    """A client on JACK that can do no more than one on Windows."""

    def __init__(self, client) -> None:
        self._client = client
        if hasattr(client, "send_message"):
            self.send_message = client.send_message

    def _others(self):
        """The ports of others: their numbers on JACK, and names."""
        names = enumerate(self._client.get_ports())
        return [(number, name) for number, name in names if not name.startswith("improvd")]

    def get_ports(self, encoding="auto"):
        names = [name.replace(":", " ") for _, name in self._others()]
        return [f"{name} {number}" for number, name in enumerate(names)]

    def open_port(self, port=0, name=None):
        self._client.open_port(self._others()[port][0], name=name)

    def open_virtual_port(self, name=None):
        raise NotImplementedError("Virtual ports are not supported by the Windows MultiMedia API.")

    def set_port_name(self, name):
        raise NotImplementedError(f"Windows has no new name for a port ({name})")

    def __getattr__(self, name):
        return getattr(self._client, name)


take_the_place(__file__, "API_WINDOWS_MM", _Client)
