"""A real PipeWire for tests, of the test's own, and a program that hears on it.

It needs no sound card, no session manager and no bus: MIDI goes from program to program. What runs
on it is in processes of its own, since a process is a client of PipeWire's or of JACK's for good.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import pytest

from improvd.system import jack_servers
from tests.harness.jack import eventually


class PipeWire:
    """A PipeWire whose socket is in a folder; `env` is the environment of who shall find it."""

    def __init__(self, folder: Path) -> None:
        *libraries, _ = jack_servers.pipewire_libraries()
        if shutil.which("pipewire") is None or not libraries:
            missing = pytest.fail if os.environ.get("REQUIRE_MIDI") == "1" else pytest.skip
            missing("no PipeWire: install the Debian packages pipewire and pipewire-jack")
        if jack_servers.jackd_answers():
            pytest.skip("a JACK server of this user's runs, and goes before PipeWire")
        self._folder = folder
        folder.mkdir(mode=0o700)
        self.library = libraries[0]
        self.env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("JACK_", "PIPEWIRE_"))
        } | {"PIPEWIRE_RUNTIME_DIR": str(folder)}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, or start again; back when clients are served."""
        self._process = subprocess.Popen(
            ["pipewire"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.env
        )
        eventually(lambda: self.ask("pw-cli", "info", "0").returncode == 0, "the start of PipeWire")

    def kill(self) -> None:
        """End as in a crash: its socket stays."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def ask(self, *command: str) -> subprocess.CompletedProcess[str]:
        """What one of PipeWire's tools says."""
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)

    def connect(self, source: str, destination: str) -> None:
        """Connect two ports, as a person would."""
        eventually(
            lambda: self.ask("pw-link", source, destination).returncode == 0,
            f"connecting {source} to {destination}",
        )

    def linked(self, source: str, destination: str) -> bool:
        """Whether two ports are connected."""
        lines = [line.strip() for line in self.ask("pw-link", "--links").stdout.splitlines()]
        return source in lines and f"|-> {destination}" in lines

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(10)


class Ears:
    """Another program on PipeWire, with a port to hear, `ears:in`; it is told which libjack."""

    def __init__(self, server: PipeWire, folder: Path) -> None:
        self._output = folder / "heard.txt"
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _EARS],
                stdout=output,
                env=server.env | {"LD_PRELOAD": server.library},
            )
        eventually(lambda: "ready" in self._output.read_text(), "the opening of ears:in")

    @property
    def heard(self) -> list[bytes]:
        """All messages so far."""
        _, *lines = self._output.read_text().splitlines()
        return [bytes.fromhex(line) for line in lines]

    def wait_for_a_note(self) -> None:
        """Return once a note-on comes that was not there before."""
        before = len(self.heard)
        eventually(
            lambda: any(message[0] >> 4 == 9 for message in self.heard[before:]), "hearing a note"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        time.sleep(0.05)


_EARS = """
import time, rtmidi
into = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="ears")
into.open_virtual_port("in")
print("ready", flush=True)
while True:
    while (event := into.get_message()) is not None:
        print(bytes(event[0]).hex(), flush=True)
    time.sleep(0.005)
"""
