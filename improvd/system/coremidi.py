"""What rtmidi does not offer on CoreMIDI: endpoints as such, and the identity of ours.

A program on a Mac knows a source again by its unique id, and RtMidi leaves that to the system,
which gives a new port a new one. Apple advises to give a virtual port the id that it had the last
time, so that others keep their references to it. Untried on a Mac.
"""

import ctypes
from collections.abc import Callable
from typing import NamedTuple
from zlib import crc32

_FRAMEWORK = "/System/Library/Frameworks/CoreMIDI.framework/CoreMIDI"
# How often an id is asked for that somebody else has: a dead player's is free when it is noticed.
_MOST_TRIES = 20
_OK = 0


class Ends(NamedTuple):
    """What the server tells of endpoints, as one of our ports sees them."""

    others: Callable[[], list[int]]
    """Lists those that it could be connected with, in the order in which rtmidi does."""
    own: Callable[[], list[int]]
    """Lists those of its own kind."""
    identify: Callable[[int, int], bool]
    """Gives one of ours an id; whether it could be had."""


class Endpoints:
    """The endpoints of the MIDI server. Raises OSError or AttributeError where there is none."""

    def __init__(self) -> None:
        self._library = library = ctypes.CDLL(_FRAMEWORK)
        for kind in ("Source", "Destination"):
            getattr(library, f"MIDIGetNumberOf{kind}s").restype = ctypes.c_ulong
            get = getattr(library, f"MIDIGet{kind}")
            get.restype, get.argtypes = ctypes.c_uint32, (ctypes.c_ulong,)
        library.MIDIObjectSetIntegerProperty.restype = ctypes.c_int32
        library.MIDIObjectSetIntegerProperty.argtypes = (
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_int32,
        )
        self._unique_id = ctypes.c_void_p.in_dll(library, "kMIDIPropertyUniqueID")

    def of(self, role: str) -> Ends:
        """For a port that plays "out", which is a source to others, or hears, "in"."""
        ends = (lambda: self._all("Destination")), (lambda: self._all("Source"))
        others, own = ends if role == "out" else ends[::-1]
        return Ends(others, own, self.identify)

    def identify(self, endpoint: int, unique: int) -> bool:
        """Give an endpoint of ours this id; whether it could be had."""
        status = self._library.MIDIObjectSetIntegerProperty(endpoint, self._unique_id, unique)
        return bool(status == _OK)

    def _all(self, kind: str) -> list[int]:
        count = getattr(self._library, f"MIDIGetNumberOf{kind}s")()
        return [getattr(self._library, f"MIDIGet{kind}")(number) for number in range(count)]


class Identity:
    """The unique id of a virtual port of ours: the same at every start, if that can be had.

    Made before the port is opened, to know which of all the endpoints it is.
    """

    def __init__(self, ends: Ends) -> None:
        self._ends = ends
        self._before = set(ends.own())
        self._ours: int | None = None
        self._id = 0
        self._tries = 0

    def take(self, name: str) -> None:
        """The port was opened, under this name."""
        made = set(self._ends.own()) - self._before
        # Where another program opens one at the same moment, neither is told from the other.
        if len(made) == 1:
            self._ours = made.pop()
            self._id = crc32(name.encode()) & 0x7FFF_FFFF
            self.keep()

    def keep(self) -> None:
        """Ask for the id if it could not be had yet; to be called now and then."""
        if self._ours is None or self._tries == _MOST_TRIES:
            return
        self._tries += 1
        if self._ends.identify(self._ours, self._id):
            self._ours = None


def endpoints() -> Endpoints | None:
    """Those of the server, None where it cannot be asked."""
    try:
        return Endpoints()
    except (OSError, AttributeError, ValueError):
        return None
