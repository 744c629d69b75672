"""A jam that is listened to while things happen to it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from tests.harness.daemon import INJECTED, DaemonProcess
from tests.harness.jack import JackServer, Synth, eventually
from tests.harness.notes import still_sounding


class Listened:
    """improvd, and another program that counts which of its notes sound."""

    def __init__(self, jack: JackServer, place: Path, *options: str, **env: str) -> None:
        self.jack = jack
        self.place = place
        self.synth = Synth("synth", "keys")
        self.messages: list[bytes] = []
        self.env = jack.env | env
        self.options = ("--tempo", "240", "--count-in", "0", "--mode", "solo", *options)
        self.jam = self.start()
        jack.connect(self.jam.ports[0], "synth:keys")

    def start(self) -> DaemonProcess:
        """Start improvd, or start it again."""
        return DaemonProcess(*self.options, env=self.env, cwd=self.place)

    @property
    def sounding(self) -> set[tuple[int, int]]:
        """The notes that sound in the synth now: (channel, pitch)."""
        self.messages += self.synth.heard()
        return still_sounding(self.messages, killed=True)

    def until_it_sounds(self) -> None:
        """Return in the middle of a note."""
        eventually(lambda: self.sounding, "a note")

    def until_silence(self, seconds: float) -> None:
        """Return when nothing sounds; fail if something still does then."""
        eventually(lambda: not self.sounding, "silence", seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.jam.__exit__()
        self.synth.close()


@pytest.fixture
def listened(jack: JackServer, tmp_path: Path) -> Iterator[object]:
    """Start improvd with somebody who listens, and perhaps a fault to come."""
    opened: list[Listened] = []

    def listened(*options: str, fault: str = "") -> Listened:
        env = {}
        if fault:
            once = tmp_path / "fault"
            once.touch()
            env = {"FAULT": fault, "FAULT_ONCE": str(once)}
            env["PYTHONPATH"] = os.pathsep.join([str(INJECTED), os.environ.get("PYTHONPATH", "")])
        opened.append(Listened(jack, tmp_path, *options, **env))
        return opened[-1]

    yield listened
    for one in opened:
        one.__exit__()
