"""CoreMIDI, played by the JACK server that runs: rtmidi, whose one system it is.

Found before the real rtmidi, which it loads and puts in its own place. Whoever asks for JACK by
name, as other programs in the tests do, has it as ever.

Ports have the names that CoreMIDI shows: a device's is "device port", a virtual one's its own,
which another may have too. A port can be opened and heard; a connection of a virtual port can be
neither seen nor made.
"""

import importlib.util
import re
import sys
from importlib.machinery import PathFinder
from pathlib import Path

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


def _on_core_midi(rtmidi, make):
    """What makes clients of CoreMIDI, as `make` does of JACK."""

    def made(rtapi=rtmidi.API_UNSPECIFIED, name=None, **rest):
        if rtapi != rtmidi.API_MACOSX_CORE:
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
    module.MidiOut = _on_core_midi(module, module.MidiOut)
    module.MidiIn = _on_core_midi(module, module.MidiIn)
    module.get_compiled_api = lambda: [module.API_MACOSX_CORE]
    module.shown = shown  # for tests, which have to find the port on JACK
    return module


sys.modules["rtmidi"] = _real()
