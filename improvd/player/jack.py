"""Knowing that a JACK server is gone.

rtmidi does not say: its lists stay as they were, and what it is given to send fills a buffer until,
that being full, it waits for ever and the whole process with it. libjack does tell its clients, so
the player keeps a client beside rtmidi's two, without ports, only to be told.
"""

import ctypes

_NO_START_SERVER = 1
_ShutDown = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class Watch:
    """Has `gone` False until the server that is running now leaves, by whatever road.

    Takes a libjack from what is loaded (PipeWire's, where that is preloaded) or from what
    `extension`, the file of the rtmidi extension, is linked with. Where there is none, or it
    knows of no server, `gone` stays False. Must be closed before another server is looked for.
    """

    def __init__(self, extension: str) -> None:
        self.gone = False
        self._told = _ShutDown(self._note)
        self._client = None
        for library in (ctypes.CDLL(None), ctypes.CDLL(extension)):
            if hasattr(library, "jack_client_open"):
                self._open(library)
                break

    def close(self) -> None:
        """Leave the server; more than once does no harm."""
        if self._client is not None:
            self._library.jack_client_close(self._client)
            self._client = None

    def _open(self, library: ctypes.CDLL) -> None:
        self._library = library
        library.jack_client_open.restype = ctypes.c_void_p
        library.jack_client_open.argtypes = (ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p)
        library.jack_client_close.argtypes = (ctypes.c_void_p,)
        library.jack_on_shutdown.argtypes = (ctypes.c_void_p, _ShutDown, ctypes.c_void_p)
        self._client = library.jack_client_open(b"improvd-watch", _NO_START_SERVER, None)
        if self._client is not None:
            library.jack_on_shutdown(self._client, self._told, None)

    def _note(self, _: int | None) -> None:
        self.gone = True
