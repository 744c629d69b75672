"""Windows' MIDI, played by the JACK server that runs: rtmidi, whose one system it is.

Found before the real rtmidi, which it loads and puts in its own place. A port's name ends with its
number, as RtMidi gives it; there are no virtual ports, and improvd has none that others see.
"""

import importlib.util
import sys
from importlib.machinery import PathFinder
from pathlib import Path


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


def _on_windows(rtmidi, make):
    def made(rtapi=rtmidi.API_UNSPECIFIED, name=None, **rest):
        if rtapi != rtmidi.API_WINDOWS_MM:
            return make(rtapi, name=name, **rest)
        return _Client(make(rtmidi.API_UNIX_JACK, name=name, **rest))

    return made


def _real():
    """The real rtmidi, which is on the path somewhere behind this folder."""
    elsewhere = [place for place in sys.path if Path(place) != Path(__file__).parent]
    spec = PathFinder.find_spec("rtmidi", elsewhere)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError("No module named 'rtmidi'", name="rtmidi")
    module = importlib.util.module_from_spec(spec)
    sys.modules["rtmidi"] = module
    spec.loader.exec_module(module)
    module.MidiOut = _on_windows(module, module.MidiOut)
    module.MidiIn = _on_windows(module, module.MidiIn)
    module.get_compiled_api = lambda: [module.API_WINDOWS_MM]
    return module


sys.modules["rtmidi"] = _real()
