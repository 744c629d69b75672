"""Which MIDI system this machine has, and rtmidi's clients on it."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from improvd.player.ports.choice import ALSA, PIPEWIRE, Seen, choose, settled
from improvd.player.ports.names import CLIENT, decoded
from improvd.system import MIDI_SYSTEMS, jack_server, load_rtmidi, pipewire_answers

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

# Where pip has built it, as from Python 3.13 on, what was not installed then is left out silently.
_REBUILT = "`pip install --force-reinstall --no-cache-dir python-rtmidi`"
_NOT_BUILT_IN = {
    "alsa": f"no ALSA in this python-rtmidi (Debian: libasound2-dev, then {_REBUILT})",
    "jack": f"no JACK in this python-rtmidi (Debian: libjack-jackd2-dev, then {_REBUILT})",
    "coremidi": "no CoreMIDI, which is macOS's",
    "winmm": "no Windows MIDI",
}
_NO_LIBRARY = "PipeWire runs, but its libjack is not installed; Debian: pipewire-jack"


class NoMidi(Exception):  # noqa: N818 - a state of the machine, not a mistake of anybody's
    """There is no MIDI system to open ports on; one sentence says what is missing."""


@dataclass(frozen=True, slots=True)
class System:
    """A MIDI system that answered: `api` is "alsa", "jack", "coremidi" or "winmm".

    `why` says why it was taken, where there was a choice, or it stands in for another.
    """

    api: str
    _rtmidi: Any
    why: str = ""

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


def first(api: str, out: str = CLIENT, into: str = CLIENT) -> tuple[System, Any]:
    """The system that answers, and the client to play with that it answered.

    Where two do, it is the one that others are on: see `choice`. Takes 0.1 ms where none does,
    leaves nothing behind, and may be asked again and again.

    Args:
        api: "alsa", "jack", "coremidi", "winmm", "auto" for those of this platform, or "none".
        out: words of the name of the port to play on, or improvd's own name.
        into: the same for the port to hear.

    Raises:
        NoMidi: none of them is there, or python-rtmidi cannot be loaded.
    """
    if api == "none":
        raise NoMidi("no MIDI, as asked for by api none")
    rtmidi = _rtmidi()
    candidates = MIDI_SYSTEMS if api == "auto" else (api,)
    answered = filter(None, (_answering(name, rtmidi) for name in candidates))
    found = next(answered, None)
    if found is None:
        missing = [_absent(name, rtmidi) for name in candidates]
        raise NoMidi("no MIDI: there is " + " and ".join(missing))
    if found[0].api == "alsa" and "jack" in candidates:
        return _chosen(*found, out, into)
    return found


def _absent(api: str, rtmidi: Any) -> str:
    """What is missing for a system."""
    if not _built_in(api, rtmidi):
        return _NOT_BUILT_IN[api]
    if api == "jack" and jack_server() is None and pipewire_answers():
        return f"{_ABSENT[api]} ({_NO_LIBRARY})"
    return _ABSENT[api]


def _chosen(alsa: System, player: Any, out: str, into: str) -> tuple[System, Any]:
    """The sequencer, or what answers JACK's clients, if anything does."""
    server = jack_server()
    if server is None:
        return alsa, player
    on_alsa = _look(ALSA, alsa, player)
    if server == PIPEWIRE and settled(on_alsa, out, into):
        _, why = choose(on_alsa, Seen(server, (), ()), out, into)
        return replace(alsa, why=why), player
    other = _answering("jack", alsa._rtmidi)  # noqa: SLF001 - one of its kind
    if other is None:
        return alsa, player
    taken, why = choose(on_alsa, _look(server, *other), out, into)
    chosen, idle = ((alsa, player), other) if taken is on_alsa else (other, (alsa, player))
    idle[1].delete()
    return replace(chosen[0], why=why), chosen[1]


def _look(server: str, system: System, player: Any) -> Seen:
    """The ports of a system."""
    hearer = system.hearer()
    try:
        return Seen(server, system.listed(player), system.listed(hearer))
    finally:
        hearer.delete()


def _built_in(api: str, rtmidi: Any) -> bool:
    """Whether rtmidi was built with what a system needs."""
    return getattr(rtmidi, _CONSTANTS[api]) in rtmidi.get_compiled_api()


def _answering(api: str, rtmidi: Any) -> tuple[System, Any] | None:
    """A system and a client of it, if it is there."""
    if not _built_in(api, rtmidi):
        return None
    server = jack_server() if api == "jack" else None
    if api == "jack" and server is None:
        return None
    why = "On PipeWire, as no JACK server runs." if server == PIPEWIRE else ""
    system = System(api, rtmidi, why)
    try:
        return system, system.player()
    except rtmidi.RtMidiError:
        return None


def prepare() -> None:
    """Load what opening will need, before it is urgent."""
    with suppress(NoMidi):
        _rtmidi()


def _rtmidi() -> Any:
    """The library, loaded only here and only now: without it, improvd still plays into a file."""
    try:
        # As soon as it is known which libjack there is to be: see jack_server.
        jack_server()
        return load_rtmidi()
    except ImportError as error:
        if "libasound" in str(error):
            raise NoMidi(
                "no MIDI: python-rtmidi needs libasound.so.2, which is in the package libasound2 "
                "(libasound2t64 from Debian 13 and Ubuntu 24.04 on)"
            ) from error
        raise NoMidi(f"no MIDI: python-rtmidi cannot be loaded ({error})") from error
