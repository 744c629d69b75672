"""Who answers JACK's clients on Linux: a JACK server, or PipeWire.

python-rtmidi brings a libjack of its own, which knows JACK servers only. PipeWire has another, with
the same functions; loaded for all to see before one of them is called for the first time, it is
the one that rtmidi calls. A process that has called one stays with that.

Asked before anything is opened: a connection to each server's socket, some 0.1 ms.
"""

import sys

assert sys.platform == "linux"

import ctypes
import importlib
import os
import socket
from contextlib import suppress
from pathlib import Path
from types import ModuleType

JACK, PIPEWIRE = "JACK", "PipeWire"

# Where a libjack of PipeWire's lies beside another one: Debian and its kin, then Fedora and its.
# Elsewhere it may be the only one, which the loader finds by its name.
_FOLDERS = ("lib/*-linux-*", "lib64", "lib")
_BESIDE = "pipewire-*/jack/libjack.so.0"
_ALONE = "libjack.so.0"
# PipeWire's own is 1024 frames, with which a note took 16 ms out and back in; with this it took 2.
_LATENCY = ("PIPEWIRE_LATENCY", "128/48000")


def jack_server() -> str | None:
    """Who answers JACK's clients, "JACK" or "PipeWire", if any; they are clients of that from now.

    A JACK server goes first, and who names one (JACK_DEFAULT_SERVER) means it: it is taken to be
    there, and PipeWire is no stand-in. None also where PipeWire's libjack is not installed.
    """
    if _loaded():
        return PIPEWIRE if pipewire_answers() else None
    if os.environ.get("JACK_DEFAULT_SERVER") or jackd_answers():
        return JACK
    if pipewire_answers():
        os.environ.setdefault(*_LATENCY)
        for library in pipewire_libraries():
            with suppress(OSError):  # of another architecture, or half removed
                ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)
            if _loaded():
                return PIPEWIRE
    return None


def load_rtmidi() -> ModuleType:
    """rtmidi, which looks for each of libjack's functions when it is first called.

    Python has it look for all of them at once, after which no other libjack could be taken. Raises
    ImportError.
    """
    flags = sys.getdlopenflags()
    sys.setdlopenflags(os.RTLD_LAZY)
    try:
        return importlib.import_module("rtmidi")
    finally:
        sys.setdlopenflags(flags)


def jackd_answers() -> bool:
    """Whether a JACK server of this user's runs, or one that is there for others too."""
    folder = Path("/dev/shm")  # noqa: S108 - where jackd puts its sockets
    return _answers([folder / f"jack_default_{os.getuid()}_0", folder / "jack_default_0"])


def pipewire_answers() -> bool:
    """Whether PipeWire runs, for this user or for the whole machine."""
    remote = os.environ.get("PIPEWIRE_REMOTE") or "pipewire-0"
    folders = [os.environ.get(name) for name in ("PIPEWIRE_RUNTIME_DIR", "XDG_RUNTIME_DIR")]
    return _answers([Path(folder, remote) for folder in (*folders, "/run/pipewire") if folder])


def pipewire_libraries(root: Path = Path("/usr")) -> list[str]:
    """What may be PipeWire's libjack, the likelier first."""
    found = [path for folder in _FOLDERS for path in sorted(root.glob(f"{folder}/{_BESIDE}"))]
    return [*map(str, found), _ALONE]


def _loaded() -> bool:
    """Whether the libjack that this process calls is PipeWire's, preloaded by a person or by us."""
    every = ctypes.CDLL(None)
    return hasattr(every, "jack_client_open") and hasattr(every, "pw_init")


def _answers(paths: list[Path]) -> bool:
    """Whether somebody listens at one of these sockets; one that was left behind is nobody."""
    for path in paths:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
            asking.setblocking(False)
            try:
                asking.connect(str(path))
            except BlockingIOError:  # it has too much to do just now
                return True
            except OSError:
                continue
            return True
    return False
