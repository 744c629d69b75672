"""What rtmidi does not offer on the ALSA sequencer: to see and make a virtual port's connections.

libasound lets any client connect any two ports, as `aconnect` does; asked directly, it costs some
system calls and no other process, which a real-time one should not start.

A port's name is the one that rtmidi gives it, with its address at the end, as in
"Synth:Synth port 0 128:0".
"""

import ctypes
import os
import re
from typing import Any

from improvd.player.ports.names import decoded

_DUPLEX, _NON_BLOCKING = 3, 1
# Who reads from a port, and who writes to it.
_READERS, _WRITERS = 0, 1
_ADDRESS = re.compile(r" (\d+):(\d+)$")


class _Address(ctypes.Structure):
    _fields_ = (("client", ctypes.c_ubyte), ("port", ctypes.c_ubyte))


_Pointer = ctypes.c_void_p
_AddressPointer = ctypes.POINTER(_Address)
_INT = ctypes.c_int

# Result and arguments of the calls that are made.
_PROTOTYPES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "snd_seq_open": (_INT, (ctypes.POINTER(_Pointer), ctypes.c_char_p, _INT, _INT)),
    "snd_seq_close": (_INT, (_Pointer,)),
    "snd_seq_get_any_client_info": (_INT, (_Pointer, _INT, _Pointer)),
    "snd_seq_client_info_get_name": (ctypes.c_char_p, (_Pointer,)),
    "snd_seq_get_any_port_info": (_INT, (_Pointer, _INT, _INT, _Pointer)),
    "snd_seq_port_info_get_name": (ctypes.c_char_p, (_Pointer,)),
    "snd_seq_query_subscribe_set_root": (None, (_Pointer, _AddressPointer)),
    "snd_seq_query_subscribe_set_type": (None, (_Pointer, _INT)),
    "snd_seq_query_subscribe_set_index": (None, (_Pointer, _INT)),
    "snd_seq_query_subscribe_get_addr": (_AddressPointer, (_Pointer,)),
    "snd_seq_query_port_subscribers": (_INT, (_Pointer, _Pointer)),
    "snd_seq_port_subscribe_set_sender": (None, (_Pointer, _AddressPointer)),
    "snd_seq_port_subscribe_set_dest": (None, (_Pointer, _AddressPointer)),
    "snd_seq_subscribe_port": (_INT, (_Pointer, _Pointer)),
}
_RECORDS = ("client_info", "port_info", "query_subscribe", "port_subscribe")


class Sequencer:
    """A client of the ALSA sequencer, without ports, that plugs the cables of others.

    Raises OSError where there is no libasound or no sequencer.
    """

    gone = False
    """The sequencer is the kernel's: it does not leave."""

    sees = True
    """Every connection."""

    def __init__(self) -> None:
        self._library = _library()
        self._sequencer = _Pointer()
        opened = self._library.snd_seq_open(
            ctypes.byref(self._sequencer), b"default", _DUPLEX, _NON_BLOCKING
        )
        if opened < 0:
            raise OSError(-opened, os.strerror(-opened), "the ALSA sequencer")
        self._client, self._port, self._query, self._cable = map(self._record, _RECORDS)

    def close(self) -> None:
        """Leave the sequencer; once."""
        self._library.snd_seq_close(self._sequencer)
        records = (self._client, self._port, self._query, self._cable)
        for kind, record in zip(_RECORDS, records, strict=True):
            getattr(self._library, f"snd_seq_{kind}_free")(record)

    def connected(self, port: str) -> set[str]:
        """The ports that are connected with one, which may not exist."""
        found = self._find(port)
        if found is None:
            return set()
        query, library = self._query, self._library
        names: set[str | None] = set()
        for kind in (_READERS, _WRITERS):
            library.snd_seq_query_subscribe_set_root(query, found)
            library.snd_seq_query_subscribe_set_type(query, kind)
            index = 0
            library.snd_seq_query_subscribe_set_index(query, index)
            while library.snd_seq_query_port_subscribers(self._sequencer, query) >= 0:
                other = library.snd_seq_query_subscribe_get_addr(query).contents
                names.add(self._name(other.client, other.port))
                index += 1
                library.snd_seq_query_subscribe_set_index(query, index)
        return {name for name in names if name is not None}

    def connect(self, source: str, destination: str) -> None:
        """Connect two ports; nothing happens if they are already, or one is not there."""
        sender, receiver = self._find(source), self._find(destination)
        if sender is not None and receiver is not None:
            self._library.snd_seq_port_subscribe_set_sender(self._cable, sender)
            self._library.snd_seq_port_subscribe_set_dest(self._cable, receiver)
            self._library.snd_seq_subscribe_port(self._sequencer, self._cable)

    def news(self) -> tuple[set[str], dict[str, str]]:
        """Nothing: a port that was made anew has another address, and with it another name.

        One that was renamed has the same, by which it is known again.
        """
        return set(), {}

    def _find(self, port: str) -> _Address | None:
        """The address of a port, if the one that has it now is called that."""
        written = _ADDRESS.search(port)
        if written is None:
            return None
        client, number = int(written[1]), int(written[2])
        return _Address(client, number) if self._name(client, number) == port else None

    def _name(self, client: int, port: int) -> str | None:
        """What rtmidi calls the port at an address."""
        library, sequencer = self._library, self._sequencer
        if (
            library.snd_seq_get_any_client_info(sequencer, client, self._client) < 0
            or library.snd_seq_get_any_port_info(sequencer, client, port, self._port) < 0
        ):
            return None
        whose = library.snd_seq_client_info_get_name(self._client)
        called = library.snd_seq_port_info_get_name(self._port)
        return f"{decoded(whose)}:{decoded(called)} {client}:{port}"

    def _record(self, kind: str) -> ctypes.c_void_p:
        """One of libasound's records, which it alone can look into."""
        record = _Pointer()
        getattr(self._library, f"snd_seq_{kind}_malloc")(ctypes.byref(record))
        return record


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL("libasound.so.2")
    for name, (result, arguments) in _PROTOTYPES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    for kind in _RECORDS:
        getattr(library, f"snd_seq_{kind}_malloc").argtypes = (ctypes.POINTER(_Pointer),)
        free = getattr(library, f"snd_seq_{kind}_free")
        free.restype, free.argtypes = None, (_Pointer,)
    return library
