"""The player's way out and in: two MIDI ports of the system it runs on, by rtmidi.

Nothing here blocks but opening and closing. rtmidi calls back on the driver's own thread, on JACK
the one that all its clients wait for: while something plays, no code of the player may keep the
interpreter to itself for longer than a period of that server.
"""

import gc
import importlib
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any, Self

from improvd.player.inbox import Heard, Inbox
from improvd.player.jack import Watch
from improvd.player.names import CLIENT, PortError, find, ours
from improvd.player.quiet import quiet_stderr
from improvd.player.wait import Bell, now

_CONSTANTS = {
    "alsa": "API_LINUX_ALSA",
    "jack": "API_UNIX_JACK",
    "coremidi": "API_MACOSX_CORE",
    "winmm": "API_WINDOWS_MM",
}
_BY_PLATFORM = {"darwin": ("coremidi",), "win32": ("winmm",)}
_ELSEWHERE = ("alsa", "jack")
_ABSENT = {
    "alsa": 'no ALSA sequencer (/dev/snd/seq, which "modprobe snd-seq" makes)',
    "jack": "no running JACK server",
    "coremidi": "no CoreMIDI",
    "winmm": "no Windows MIDI",
}

# What other threads of the driver were doing for a port is done after this, in s.
_SETTLED = 0.05


class NoMidi(Exception):  # noqa: N818 - a state of the machine, not a mistake of anybody's
    """There is no MIDI system to open ports on; one sentence says what is missing."""


@dataclass(frozen=True, slots=True)
class _End:
    """A port by its name, and the list in which its system shows it; None where it does not."""

    name: str
    listed: Callable[[], list[str]] | None

    def there(self) -> bool:
        return self.listed is None or self.name in self.listed()


class Ports:
    """Two open ports, made by `open_ports`; closed by `close` or at the end of a `with`.

    `plays_on` and `hears_on` are their names as other programs see them.
    """

    def __init__(
        self,
        out: Any,
        inbox: Inbox,
        ends: tuple[_End, _End],
        watch: Watch | None,
        opened: ExitStack,
    ) -> None:
        self.plays_on, self.hears_on = (end.name for end in ends)
        self._out = out
        self._inbox = inbox
        self._ends = ends
        self._watch = watch
        self._opened = opened
        self._closed = False

    @property
    def dropped(self) -> int:
        """How many messages came in while the inbox was full."""
        return self._inbox.dropped

    @property
    def gone(self) -> bool:
        """Whether nothing can be sent any more: closed, or the JACK server has left."""
        return self._closed or (self._watch is not None and self._watch.gone)

    def now(self) -> int:
        """Monotonic nanoseconds."""
        return now()

    def send(self, message: bytes) -> None:
        """Send one message; into the void once the ports are `gone`."""
        if not self.gone:
            self._out.send_message(message)

    def receive(self) -> list[Heard]:
        """The messages that came in since the last call, each after its moment, oldest first."""
        return self._inbox.take()

    def alive(self) -> bool:
        """Whether both ports are still there; asks the system for its lists, some 0.1 ms."""
        return not self.gone and all(end.there() for end in self._ends)

    def tend(self) -> list[str]:
        """Look after the connections; sentences about what has changed."""
        return []

    @property
    def peers(self) -> tuple[tuple[str, str], ...]:
        """Who is connected to our ports."""
        return ()

    def join(self, peers: tuple[tuple[str, str], ...]) -> None:
        """Make these connections again."""

    def close(self) -> None:
        """Send what is under way and close both ports; more than once does no harm.

        Blocks for some 200 ms, for a second where the JACK server has left. Must come before other
        ports are opened: a JACK client closed after its server was replaced by another, to which
        the process has turned already, takes the process down.
        """
        self._closed = True
        with quiet_stderr():
            self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_ports(
    name_out: str = CLIENT, name_in: str = CLIENT, api: str = "auto", bell: Bell | None = None
) -> Ports:
    """Open a port to play on and one to hear.

    Args:
        name_out: words of an existing port's name; where they find none, a virtual port of that
            name is opened, "out" for our own name.
        name_in: the same for the port to hear, "in" for our own name.
        api: "alsa", "jack", "coremidi", "winmm", "auto" for the one that is there, or "none".
        bell: rings when something came in.

    Raises:
        NoMidi: there is no such MIDI system, or python-rtmidi cannot be loaded.
        PortError: a name fits several ports, or a port cannot be opened.
    """
    rtmidi = _rtmidi()
    with quiet_stderr(), ExitStack() as opened:
        try:
            system, out, into = _clients(rtmidi, api, opened)
            watch = None
            if system == "jack":
                watch = Watch(rtmidi._rtmidi.__file__)  # noqa: SLF001 - it is linked with libjack
                # A client too, whose leaving the others hear of: see _clients.
                opened.callback(time.sleep, _SETTLED)
                opened.callback(watch.close)
            inbox = Inbox(bell=bell)
            _hear(into, inbox, opened)
            ends = (
                _open(out, into.get_ports, name_out, "out", system),
                _open(into, out.get_ports, name_in, "in", system),
            )
        except rtmidi.RtMidiError as error:
            raise PortError(f"a MIDI port could not be opened: {error}") from error
        return Ports(out, inbox, ends, watch, opened.pop_all())


def available(api: str = "auto") -> list[tuple[str, str]]:
    """The ports there are, improvd's own left out: ("out", name) to play on, ("in", name) to hear.

    Raises NoMidi as `open_ports` does.
    """
    with quiet_stderr(), ExitStack() as opened:
        system, out, into = _clients(_rtmidi(), api, opened)
        listed = [("out", name) for name in out.get_ports()]
        listed += [("in", name) for name in into.get_ports()]
    return [(direction, name) for direction, name in listed if not ours(name, system)]


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


def _clients(rtmidi: Any, api: str, opened: ExitStack) -> tuple[str, Any, Any]:
    """A client to play and one to hear, on the first system that answers."""
    if api == "none":
        raise NoMidi("no MIDI, as asked for by api none")
    systems = _BY_PLATFORM.get(sys.platform, _ELSEWHERE) if api == "auto" else (api,)
    for system in systems:
        constant = getattr(rtmidi, _CONSTANTS[system])
        if constant not in rtmidi.get_compiled_api():
            continue
        try:
            out = rtmidi.MidiOut(constant, name=CLIENT)
        except rtmidi.RtMidiError:
            continue
        opened.callback(out.delete)
        # libjack hears of the other client's leaving on a thread of its own; a port given up at
        # that very moment brings it down (seen in one closing of a thousand).
        opened.callback(time.sleep, _SETTLED)
        into = rtmidi.MidiIn(constant, name=CLIENT)
        opened.callback(into.delete)
        return system, out, into
    raise NoMidi("no MIDI: there is " + " and ".join(_ABSENT[system] for system in systems))


def _hear(into: Any, inbox: Inbox, opened: ExitStack) -> None:
    """Put everything that comes in into the inbox.

    Also what nobody wants: on JACK, rtmidi loses the time before a message that it ignores itself.
    """

    def callback(event: tuple[list[int], float], _: object = None) -> None:
        inbox.put(*event, now())

    def let_go() -> None:
        # rtmidi closes an input without giving the interpreter away, and waits for the driver's
        # thread, which may wait for the interpreter to call back: for ever, if messages keep
        # coming. So the callback goes first, its last call gets time to finish, and what rtmidi
        # hands it (a tuple that it frees too early) is kept alive until then.
        handed_over = gc.get_referents(into)
        into.cancel_callback()
        time.sleep(_SETTLED)
        del handed_over

    into.ignore_types(sysex=False, timing=False, active_sense=False)
    into.set_callback(callback)
    opened.callback(let_go)


def _open(client: Any, seen: Callable[[], list[str]], wanted: str, role: str, system: str) -> _End:
    """Open the port that a name finds, or else a virtual one, which `seen` then lists."""
    there = client.get_ports()
    found = find(wanted, there, system)
    if found is not None:
        client.open_port(there.index(found), name=role)
        return _End(found, client.get_ports)
    if system == "winmm":
        listed = ", ".join(f'"{name}"' for name in there) or "none"
        raise PortError(
            f'no port is called "{wanted}" and Windows lets no program open one of its own: '
            f"make one with loopMIDI, or choose with --port or --input among these: {listed}"
        )
    name = role if wanted == CLIENT else wanted
    before = set(seen())
    # CoreMIDI shows no client's name, so there the port itself has to say whose it is.
    client.open_virtual_port(f"{CLIENT} {name}" if system == "coremidi" else name)
    made = set(seen()) - before
    return _End(made.pop(), seen) if len(made) == 1 else _End(f"{CLIENT}:{name}", None)
