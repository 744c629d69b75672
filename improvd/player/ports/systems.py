"""Which MIDI system this machine has, and rtmidi's clients on it."""

import importlib
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from improvd.player.ports.names import CLIENT, decoded
from improvd.system import MIDI_SYSTEMS

_CONSTANTS = {
    "alsa": "API_LINUX_ALSA",
    "jack": "API_UNIX_JACK",
    "coremidi": "API_MACOSX_CORE",
    "winmm": "API_WINDOWS_MM",
}
_ABSENT = {
    "alsa": 'no ALSA sequencer (/dev/snd/seq, which "modprobe snd-seq" makes)',
    "jack": "no running JACK server",
    "coremidi": "no CoreMIDI",
    "winmm": "no Windows MIDI",
}


class NoMidi(Exception):  # noqa: N818 - a state of the machine, not a mistake of anybody's
    """There is no MIDI system to open ports on; one sentence says what is missing."""


@dataclass(frozen=True, slots=True)
class System:
    """A MIDI system that answered: `api` is "alsa", "jack", "coremidi" or "winmm"."""

    api: str
    _rtmidi: Any

    def player(self) -> Any:
        """A new client to play with."""
        return self._rtmidi.MidiOut(self._constant, name=CLIENT)

    def hearer(self) -> Any:
        """A new client to hear with, which passes on everything that comes."""
        client = self._rtmidi.MidiIn(self._constant, name=CLIENT)
        # On JACK, rtmidi loses the time before a message that it ignores itself.
        client.ignore_types(sysex=False, timing=False, active_sense=False)
        return client

    def listed(self, client: Any) -> list[str]:
        """The ports that a client could be connected with, in the order of their numbers."""
        if self.api in ("coremidi", "winmm"):
            return list(client.get_ports())
        # rtmidi would read UTF-8 only, and one port of anybody's in Latin-1 hides all others.
        return [decoded(name) for name in client.get_ports(encoding=None)]

    @property
    def extension(self) -> str:
        """The file of rtmidi's extension, which is linked with the system's library."""
        return str(self._rtmidi._rtmidi.__file__)  # noqa: SLF001 - it has no other name

    @property
    def error(self) -> type[Exception]:
        """What rtmidi raises."""
        error: type[Exception] = self._rtmidi.RtMidiError
        return error

    @property
    def _constant(self) -> int:
        return int(getattr(self._rtmidi, _CONSTANTS[self.api]))


def first(api: str) -> tuple[System, Any]:
    """The first system that answers, and the client to play with that it answered.

    Takes some 3 ms where none does, leaves nothing behind, and may be asked again and again.

    Args:
        api: "alsa", "jack", "coremidi", "winmm", "auto" for those of this platform, or "none".

    Raises:
        NoMidi: none of them is there, or python-rtmidi cannot be loaded.
    """
    if api == "none":
        raise NoMidi("no MIDI, as asked for by api none")
    rtmidi = _rtmidi()
    candidates = MIDI_SYSTEMS if api == "auto" else (api,)
    for name in candidates:
        if getattr(rtmidi, _CONSTANTS[name]) not in rtmidi.get_compiled_api():
            continue
        system = System(name, rtmidi)
        try:
            return system, system.player()
        except rtmidi.RtMidiError:
            continue
    raise NoMidi("no MIDI: there is " + " and ".join(_ABSENT[name] for name in candidates))


def prepare() -> None:
    """Load what opening will need, before it is urgent."""
    with suppress(NoMidi):
        _rtmidi()


def _rtmidi() -> Any:
    """The library, loaded only here and only now: without it, improvd still plays into a file."""
    try:
        return importlib.import_module("rtmidi")
    except ImportError as error:
        if "libasound" in str(error):
            raise NoMidi(
                "no MIDI: python-rtmidi needs libasound.so.2, which is in the package libasound2 "
                "(libasound2t64 from Debian 13 and Ubuntu 24.04 on)"
            ) from error
        raise NoMidi(f"no MIDI: python-rtmidi cannot be loaded ({error})") from error
