"""Puts an rtmidi in place whose one system is another's, and which the JACK server plays."""

import importlib.util
import sys
from importlib.machinery import PathFinder
from pathlib import Path


def take_the_place(double, api, client):
    """The real rtmidi, knowing one system only, and `client` wrapped around its clients of it.

    Args:
        double: the file that was found in its stead, as it comes first on the path.
        api: the name of that system's number in rtmidi.
        client: what is made of a client on JACK where one on that system is asked for. Whoever
            asks for JACK by name, as other programs in the tests do, has it as ever.
    """
    elsewhere = [place for place in sys.path if Path(place) != Path(double).parent]
    spec = PathFinder.find_spec("rtmidi", elsewhere)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError("No module named 'rtmidi'", name="rtmidi")
    module = importlib.util.module_from_spec(spec)
    sys.modules["rtmidi"] = module
    spec.loader.exec_module(module)
    module.MidiOut = _on(module, api, module.MidiOut, client)
    module.MidiIn = _on(module, api, module.MidiIn, client)
    module.get_compiled_api = lambda: [getattr(module, api)]
    return module


def _on(rtmidi, api, make, client):
    """What makes clients of that system, as `make` does of JACK."""

    def made(rtapi=rtmidi.API_UNSPECIFIED, name=None, **rest):
        if rtapi != getattr(rtmidi, api):
            return make(rtapi, name=name, **rest)
        return client(make(rtmidi.API_UNIX_JACK, name=name, **rest))

    return made
