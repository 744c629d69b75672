"""What rtmidi does not say of a JACK server: that it is gone, and who is connected with whom.

rtmidi's lists stay as they were when the server leaves, and what it is given to send fills a buffer
until, that being full, it waits for ever and the whole process with it. It cannot see, nor make, a
connection of a virtual port. libjack can do all that, so the player keeps a client beside rtmidi's
two, without ports.
"""

import ctypes
from collections import deque

from improvd.player.ports.names import decoded, encoded

_NO_START_SERVER = 1
# What comes and goes between two looks, half a second apart.
_MOST_NEWS = 4096
_ShutDown = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_Registered = ctypes.CFUNCTYPE(None, ctypes.c_uint32, ctypes.c_int, ctypes.c_void_p)
_Renamed = ctypes.CFUNCTYPE(
    None, ctypes.c_uint32, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p
)
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
}


class Jack:
    """A client of the server that is running now, which `gone` tells to have left.

    Takes a libjack from what is loaded (PipeWire's, where that is preloaded) or from what
    `extension`, the file of the rtmidi extension, is linked with. Where there is none, or it
    knows of no server, `gone` stays False and nothing is connected. Must be closed before another
    server is looked for.
    """

    def __init__(self, extension: str) -> None:
        self.gone = False
        self._told = _ShutDown(self._note)
        self._noticed = _Registered(self._register)
        self._heard_new_name = _Renamed(self._rename)
        self._born: deque[int] = deque(maxlen=_MOST_NEWS)
        self._renamed: deque[tuple[bytes, bytes]] = deque(maxlen=_MOST_NEWS)
        self._client = None
        for library in (ctypes.CDLL(None), ctypes.CDLL(extension)):
            if hasattr(library, "jack_client_open"):
                self._open(library)
                break

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
        for stored in encoded(name):
            port: int | None = self._library.jack_port_by_name(self._client, stored)
            if port:
                return port
        return None

    def _open(self, library: ctypes.CDLL) -> None:
        self._library = library
        for name, (result, arguments) in _PROTOTYPES.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
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
