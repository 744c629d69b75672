"""What rtmidi does not do on a JACK server, and libjack does: clients of our own, beside rtmidi's.

rtmidi's lists stay as they were when the server leaves, and what it is given to send fills a buffer
until, that being full, it waits for ever and the whole process with it. It cannot see, nor make, a
connection of a virtual port. So the player keeps a client that watches, without ports.

Nor is anything to be had at once from a server that has just lost a client: it waits for those that
died, two times 20 periods where it is synchronous, and then a client takes some 50 ms to open, and
rtmidi's two as many more. So a spare keeps a client that is open, and no more.
"""

import ctypes
import threading
from collections import deque
from collections.abc import Iterable, Sequence

from improvd.player.ports.names import decoded, encoded

_NO_START_SERVER = 1
_MIDI, _IS_OUTPUT = b"8 bit raw midi", 2
# A message written in one period is heard in it, unless the server loses that one: again, then.
_TIMES = 3
# A server that has not come so far in this time, in s, does not come so far at all.
_PATIENCE_S = 0.5
# What comes and goes between two looks, half a second apart.
_MOST_NEWS = 4096
_ShutDown = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_Registered = ctypes.CFUNCTYPE(None, ctypes.c_uint32, ctypes.c_int, ctypes.c_void_p)
_Renamed = ctypes.CFUNCTYPE(
    None, ctypes.c_uint32, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p
)
_Process = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_uint32, ctypes.c_void_p)
_Names = ctypes.POINTER(ctypes.c_char_p)

# Result and arguments of the calls that are made, a pointer being opaque everywhere.
_PROTOTYPES: dict[str, tuple[object, tuple[object, ...]]] = {
    "jack_client_open": (ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p)),
    "jack_client_close": (ctypes.c_int, (ctypes.c_void_p,)),
    "jack_activate": (ctypes.c_int, (ctypes.c_void_p,)),
    "jack_on_shutdown": (None, (ctypes.c_void_p, _ShutDown, ctypes.c_void_p)),
    "jack_set_port_registration_callback": (
        ctypes.c_int,
        (ctypes.c_void_p, _Registered, ctypes.c_void_p),
    ),
    "jack_set_port_rename_callback": (
        ctypes.c_int,
        (ctypes.c_void_p, _Renamed, ctypes.c_void_p),
    ),
    "jack_port_by_id": (ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_uint32)),
    "jack_port_by_name": (ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_char_p)),
    "jack_port_name": (ctypes.c_char_p, (ctypes.c_void_p,)),
    "jack_port_get_all_connections": (_Names, (ctypes.c_void_p, ctypes.c_void_p)),
    "jack_connect": (ctypes.c_int, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p)),
    "jack_free": (None, (ctypes.c_void_p,)),
    "jack_set_process_callback": (ctypes.c_int, (ctypes.c_void_p, _Process, ctypes.c_void_p)),
    "jack_port_register": (
        ctypes.c_void_p,
        (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_ulong),
    ),
    "jack_port_get_buffer": (ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_uint32)),
    "jack_midi_clear_buffer": (None, (ctypes.c_void_p,)),
    "jack_midi_event_write": (
        ctypes.c_int,
        (ctypes.c_void_p, ctypes.c_uint32, ctypes.c_char_p, ctypes.c_size_t),
    ),
}


def _libjack(extension: str) -> ctypes.CDLL | None:
    """The libjack that is loaded (PipeWire's, where that is preloaded), or a file is linked with.

    None where there is none. `extension` is the file of the rtmidi extension.
    """
    for library in (ctypes.CDLL(None), ctypes.CDLL(extension)):
        if hasattr(library, "jack_client_open"):
            for name, (result, arguments) in _PROTOTYPES.items():
                function = getattr(library, name)
                function.restype, function.argtypes = result, arguments
            return library
    return None


def _port(library: ctypes.CDLL, client: int, name: str) -> int | None:
    """The port of a name, if it is there."""
    for stored in encoded(name):
        port: int | None = library.jack_port_by_name(client, stored)
        if port:
            return port
    return None


class Jack:
    """A client of the server that is running now, which `gone` tells to have left.

    `extension` is the file of the rtmidi extension, whose libjack is taken if no other is loaded.
    Where there is none, or it knows of no server, `gone` stays False and nothing is connected. Must
    be closed before another server is looked for.
    """

    def __init__(self, extension: str) -> None:
        self.gone = False
        self._told = _ShutDown(self._note)
        self._noticed = _Registered(self._register)
        self._heard_new_name = _Renamed(self._rename)
        self._born: deque[int] = deque(maxlen=_MOST_NEWS)
        self._renamed: deque[tuple[bytes, bytes]] = deque(maxlen=_MOST_NEWS)
        self._client = None
        library = _libjack(extension)
        if library is not None:
            self._open(library)

    @property
    def sees(self) -> bool:
        """Whether connections can be seen and made."""
        return self._client is not None and not self.gone

    def close(self) -> None:
        """Leave the server; more than once does no harm."""
        if self._client is not None:
            self._library.jack_client_close(self._client)
            self._client = None

    def connected(self, port: str) -> set[str]:
        """The ports that are connected with one, which may not exist."""
        found = self._port(port)
        if found is None:
            return set()
        listed = self._library.jack_port_get_all_connections(self._client, found)
        if not listed:
            return set()
        names = set()
        for name in listed:
            if name is None:
                break
            names.add(decoded(name))
        self._library.jack_free(listed)
        return names

    def connect(self, source: str, destination: str) -> None:
        """Connect two ports; nothing happens if they are already, or one is not there."""
        ends = [self._port(name) for name in (source, destination)]
        if None not in ends:
            names = [self._library.jack_port_name(port) for port in ends]
            self._library.jack_connect(self._client, *names)

    def news(self) -> tuple[set[str], dict[str, str]]:
        """The ports made since the last call that are there, and the new names of the renamed."""
        born = set()
        for _ in range(len(self._born)):
            port = self._library.jack_port_by_id(self._client, self._born.popleft())
            name = self._library.jack_port_name(port) if port else None
            if name:
                born.add(decoded(name))
        renamed: dict[str, str] = {}
        for _ in range(len(self._renamed)):
            before, after = map(decoded, self._renamed.popleft())
            # Renamed twice, it is known here by its first name.
            first = next((name for name, now in renamed.items() if now == before), before)
            renamed[first] = after
        return born, renamed

    def _port(self, name: str) -> int | None:
        if self._client is None or self.gone:
            return None
        return _port(self._library, self._client, name)

    def _open(self, library: ctypes.CDLL) -> None:
        self._library = library
        self._client = library.jack_client_open(b"improvd-watch", _NO_START_SERVER, None)
        if self._client is not None:
            library.jack_on_shutdown(self._client, self._told, None)
            library.jack_set_port_registration_callback(self._client, self._noticed, None)
            library.jack_set_port_rename_callback(self._client, self._heard_new_name, None)
            # Without a process callback this starts no real-time thread: it is told, no more.
            library.jack_activate(self._client)

    def _note(self, _: int | None) -> None:
        self.gone = True

    def _register(self, number: int, made: int, _: int | None) -> None:
        if made:
            self._born.append(number)

    def _rename(self, _: int, before: bytes, after: bytes, __: int | None) -> None:
        self._renamed.append((before, after))


class SpareClient:
    """A client that is open and no more: nobody sees a port of it, and no server waits for it.

    It can send, once, to ports of others, as soon as the server lets it. `extension` is as for
    `Jack`; `gone` tells that there is no such server, or none any more. Must be closed before
    another server is looked for.
    """

    def __init__(self, extension: str) -> None:
        self.gone = False
        self._told = _ShutDown(self._note)
        self._called = _Process(self._process)
        self._messages: Sequence[bytes] = ()
        self._times = 0  # in so many periods to come the messages are written
        self._written = threading.Event()
        self._port: int | None = None
        self._client: int | None = None
        library = _libjack(extension)
        if library is not None:
            self._open(library)
        self.gone |= self._client is None

    def send(self, messages: Sequence[bytes], ports: Iterable[str]) -> None:
        """Send these messages to those of the ports that are there; at most once.

        Back when they have been heard, some three periods after the server has connected us, or
        after half a second.
        """
        if self._client is None or self.gone:
            return
        library, client = self._library, self._client
        self._port = library.jack_port_register(client, b"out", _MIDI, _IS_OUTPUT, 0)
        if not self._port or library.jack_activate(client) != 0:
            return
        own = library.jack_port_name(self._port)
        for name in ports:
            if (found := _port(library, client, name)) is not None:
                library.jack_connect(client, own, library.jack_port_name(found))
        self._messages, self._times = messages, _TIMES
        self._written.wait(_PATIENCE_S)

    def close(self) -> None:
        """Leave the server; more than once does no harm."""
        client, self._client = self._client, None
        if client is not None:
            self._library.jack_client_close(client)

    def _open(self, library: ctypes.CDLL) -> None:
        self._library = library
        self._client = library.jack_client_open(b"improvd-spare", _NO_START_SERVER, None)
        if self._client is not None:
            library.jack_on_shutdown(self._client, self._told, None)
            library.jack_set_process_callback(self._client, self._called, None)

    def _note(self, _: int | None) -> None:
        self.gone = True

    def _process(self, frames: int, _: int | None) -> int:
        """A period: libjack calls this on a thread of its own."""
        buffer = self._library.jack_port_get_buffer(self._port, frames)
        self._library.jack_midi_clear_buffer(buffer)
        if self._times > 0:
            self._times -= 1
            for message in self._messages:
                self._library.jack_midi_event_write(buffer, 0, message, len(message))
        elif self._messages:
            self._written.set()  # the period in which they were written for the last time is over
        return 0
