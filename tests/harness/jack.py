"""A real MIDI system for tests: a JACK server of the test's own, and other programs on it.

The server runs on JACK's dummy driver, so it needs no sound card and no display.
"""

import itertools
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import pytest

try:
    import rtmidi
except ImportError:  # no libasound: the tests that need no MIDI run all the same
    rtmidi = None

_numbers = itertools.count()
_STARTS = 3
_LOOK_S = 0.1


def eventually(happened: Callable[[], object], what: str, seconds: float = 20) -> None:
    """Wait for an event; fail, naming it, if it does not come."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"{what} did not happen in {seconds} s"
        time.sleep(0.002)


API = "coremidi" if hasattr(rtmidi, "shown") else "jack"
"""What improvd calls the system that JACK plays here (tests/elsewhere)."""


class JackServer:
    """A server under a name of its own; `env` is the environment of programs that shall use it.

    What is sent within a period of `frames` is handed over when it is over; jackd's own is 1024.
    `synchronous` it waits for every client in each period; jackd by itself does not.

    Programs of this process find it by JACK_DEFAULT_SERVER, which the `jack` fixture sets. Every
    client of a server must be closed before the same process turns to another.
    """

    def __init__(self, frames: int = 128, *, synchronous: bool = True) -> None:
        if rtmidi is None or shutil.which("jackd") is None:
            missing = pytest.fail if os.environ.get("REQUIRE_MIDI") == "1" else pytest.skip
            missing("no JACK server: install the Debian packages jackd2 and libasound2")
        self._frames = frames
        self._synchronous = synchronous
        self.name = f"improvd-{os.getpid()}-{next(_numbers)}"
        self.env = os.environ | {"JACK_DEFAULT_SERVER": self.name}
        self._process: subprocess.Popen[bytes] | None = None
        self._listening: list[_Listening] = []

    def start(self) -> None:
        """Start, or start again after `kill`; back when clients are served."""
        # Synchronous (-S): with 2.7 ms periods no note is lost, however loaded the machine.
        options = ["-n", self.name, "-R", *(["-S"] if self._synchronous else [])]
        options += ["-d", "dummy", "-r", "48000", "-p", str(self._frames)]
        served = False
        for _ in range(_STARTS):
            # jackd gives up at once where two servers register in shared memory together.
            self._process = process = subprocess.Popen(
                ["jackd", *options],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=self.env,
            )

            def answered(process: subprocess.Popen[bytes] = process) -> bool:
                return process.poll() is not None or self._run("jack_lsp").returncode == 0

            eventually(answered, "the start of jackd")
            served = process.poll() is None
            if served:
                break
            _free_places()
        assert served, f"jackd gave up {_STARTS} times"

    def kill(self) -> None:
        """End as in a crash."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End, and leave nothing of it in shared memory."""
        if self._process is None:
            return
        for listening in self._listening:
            listening.end()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
        for left in Path("/dev/shm").glob(f"jack_*{self.name}_*"):  # noqa: S108 - JACK's place
            left.unlink(missing_ok=True)

    def ports(self) -> list[str]:
        """All MIDI and audio ports, as `jack_lsp` lists them."""
        return self._run("jack_lsp").stdout.splitlines()

    def connections(self, port: str) -> list[str]:
        """The ports that a port is connected with."""
        wires = self.wires()
        return wires.get(_named(port, list(wires)) or "", [])

    def wires(self) -> dict[str, list[str]]:
        """All ports, and with which others each is connected."""
        wires: dict[str, list[str]] = {}
        others: list[str] = []
        for line in self._run("jack_lsp", "-c").stdout.splitlines():
            if line.startswith(" "):
                others.append(line.strip())
            else:
                wires[line] = others = []
        return wires

    def connect(self, source: str, destination: str) -> None:
        """Connect two ports, as a person would with a patch bay."""

        def connected() -> bool:
            there = self.ports()
            ends = (_named(end, there) or end for end in (source, destination))
            return self.wire(*ends)

        # A port that has just been made is not known to every client at once.
        eventually(connected, f"connecting {source} with {destination}")
        if hasattr(rtmidi, "shown"):
            self._listening.append(_Listening(source, destination, self))

    def wire(self, source: str, destination: str) -> bool:
        """Connect two ports by JACK's own names for them; whether they could be."""
        return self._run("jack_connect", source, destination).returncode == 0

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, capture_output=True, text=True, env=self.env, check=False, timeout=30
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Listening:
    """A listener as on a Mac, where nobody else could join it to a source that has returned.

    It looks for it about as often as a program is told of a change there (tests/elsewhere).
    """

    def __init__(self, source: str, destination: str, jack: JackServer) -> None:
        self._ends = source, destination
        self._jack = jack
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(_LOOK_S):
            wires = self._jack.wires()
            source, destination = (_named(end, list(wires)) for end in self._ends)
            if source and destination and destination not in wires[source]:
                self._jack.wire(source, destination)


class Listener:
    """Another program, which hears what a port sends.

    Polls rtmidi's own queue: a callback in Python would hold up the server that is under test.
    """

    def __init__(self, source: str) -> None:
        self.heard: list[tuple[int, bytes]] = []
        """Monotonic ns (right to one another to the period; as a whole, when first polled)."""
        self._client = _joined(
            lambda: rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="listener", queue_size_limit=100_000)
        )
        self._client.ignore_types(sysex=False, timing=False, active_sense=False)
        self._client.open_port(_index(self._client, source), name="in")

    def poll(self) -> list[bytes]:
        """All that was heard so far."""
        while event := self._client.get_message():
            message, interval = event
            last = self.heard[-1][0] if self.heard else time.monotonic_ns()
            self.heard.append((last + round(interval * 1e9), bytes(message)))
        return [message for _, message in self.heard]

    def wait_for(self, *messages: bytes) -> None:
        """Return once all these have been heard."""
        eventually(lambda: set(messages) <= set(self.poll()), f"hearing {messages}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _leave(self._client)


class Keyboard:
    """Another program, which plays into a port."""

    def __init__(self, destination: str) -> None:
        self._client = _joined(lambda: rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="keyboard"))
        self._client.open_port(_index(self._client, destination), name="keys")

    def send(self, *messages: bytes) -> None:
        """Send messages, in order."""
        for message in messages:
            self._client.send_message(message)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _leave(self._client)


class Synth:
    """Another program with a port to play on and one to hear, both called `port`, unconnected."""

    def __init__(self, client: str, port: str) -> None:
        self._destination = _joined(lambda: rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=client))
        self._destination.open_virtual_port(port)
        self._source = _joined(lambda: rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=client))
        self._source.open_virtual_port(port)

    def heard(self) -> list[bytes]:
        """What came in since the last call."""
        return [bytes(event[0]) for event in iter(self._destination.get_message, None)]

    def send(self, message: bytes) -> None:
        """Send one message to whoever is connected."""
        self._source.send_message(message)

    def close(self) -> None:
        """Take both ports away; more than once does no harm."""
        _leave(self._source)
        _leave(self._destination)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Master:
    """Two other programs, `jack_transport` and `jack_midi_clock`: a master with a tempo.

    Its MIDI clock comes out of `port`; Start, Stop, Continue and song position as it is told to
    play, stop and go elsewhere.
    """

    port = "jack_midi_clock:mclk_out"
    _FRAMES_PER_MINUTE = 48000 * 60

    def __init__(self, jack: JackServer, bpm: float) -> None:
        self._bpm = bpm
        self._transport = subprocess.Popen(
            ["jack_transport"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=jack.env,
            text=True,
        )
        self._tell("stop", "locate 0", "master", f"tempo {bpm}")
        self._clock = subprocess.Popen(
            ["jack_midi_clock", "-b", str(bpm), "-d", "0.2"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=jack.env,
        )
        eventually(lambda: self.port in jack.ports(), "the clock's port")

    def play(self) -> None:
        """Roll from where it stands."""
        self._tell("play")

    def stop(self) -> None:
        """Stand still."""
        self._tell("stop")

    def locate(self, beat: int) -> None:
        """Go to a beat, 0 being the first."""
        self._tell(f"locate {round(beat * self._FRAMES_PER_MINUTE / self._bpm)}")

    def _tell(self, *orders: str) -> None:
        assert self._transport.stdin is not None
        self._transport.stdin.writelines(f"{order}\n" for order in orders)
        self._transport.stdin.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self._clock, self._transport):
            process.terminate()
            process.wait(10)
        if self._transport.stdin:
            self._transport.stdin.close()


class Flood:
    """Another program, which sends 10,000 messages a second until it is stopped.

    Among ten there are eight that a player hears all of, an active sensing and a SysEx. Into the
    port given, or out of its own, `flood:all`, for whoever connects to it.
    """

    heard_of_ten = 8

    def __init__(self, destination: str | None = None) -> None:
        number = [] if destination is None else [str(_number(destination))]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _FLOOD, *number], stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate()


_FLOOD = """
import sys, time, rtmidi
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="flood")
if sys.argv[1:]:
    out.open_port(int(sys.argv[1]), name="all")
else:
    out.open_virtual_port("all")
ten = [[0x90, 60, 1], [0x80, 60, 1]] * 3
ten += [[0xF8], [0xB0, 7, 1], [0xFE], [0xF0] + [1] * 30 + [0xF7]]
print("ready", flush=True)
next_ten = time.monotonic()
while True:
    for message in ten:
        out.send_message(message)
    next_ten += 0.001
    time.sleep(max(0, next_ten - time.monotonic()))
"""


# What libjack keeps of all servers in shared memory: a head, and eight places for a server's
# process and name (shm.h of jackd2).
_REGISTRY = Path("/dev/shm/jack-shm-registry")  # noqa: S108 - JACK's place
_HEAD, _PLACES, _PLACE = 24, 8, 264


def _free_places() -> None:
    """Give back the places of servers that were killed: with eight of those, none could start."""
    if not _REGISTRY.exists():
        return
    with _REGISTRY.open("r+b") as file:
        for at in range(_HEAD, _HEAD + _PLACES * _PLACE, _PLACE):
            file.seek(at)
            process = int.from_bytes(file.read(4), sys.byteorder)
            if process and not _runs_jackd(process):
                file.seek(at)
                file.write(bytes(_PLACE))


def _runs_jackd(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/comm").read_text() == "jackd\n"
    except OSError:
        return False


def _joined(make: Callable[[], Any]) -> Any:
    """A client of a server that is there.

    While servers of other tests register in the shared memory of all of them, one that runs may
    not be found for a moment.
    """
    for _ in range(_STARTS):
        with suppress(rtmidi.SystemError):
            return make()
        time.sleep(0.2)
    return make()


def _leave(client: Any) -> None:
    """Close a client, when libjack has heard of what happened to others: else it may crash."""
    time.sleep(0.05)
    client.delete()


def _number(destination: str) -> int:
    """The number of a port to play on."""
    client = _joined(lambda: rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="looking"))
    try:
        return _index(client, destination)
    finally:
        _leave(client)


def _index(client: Any, port: str) -> int:
    eventually(lambda: _named(port, client.get_ports()), f"the opening of port {port}")
    names: list[str] = client.get_ports()
    return names.index(_named(port, names) or port)


def _named(port: str, names: list[str]) -> str | None:
    """The port that is called so: on JACK, or where JACK plays another system (tests/elsewhere)."""
    shown = getattr(rtmidi, "shown", str)
    return next((name for name in names if port in (name, shown(name))), None)
