"""The whole program as a person starts it: the daemon as a process, and what it prints."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.harness.jack import eventually

# A folder that Python looks into by itself, with faults that happen when they are asked for.
INJECTED = Path(__file__).parents[1] / "faults" / "injected"
BEAT_LINE = re.compile(r"^ +(-?\d+)\.(\d+) +(\S+) +(improvd|your turn|count-in)(?: +(.*))?$")
"""Bar, beat, chord, turn and what was played and heard, in a terminal of 80 columns."""


_WIDE = {"COLUMNS": "80"}


class DaemonProcess:
    """improvd in a process of its own; `lines` are what it has printed so far."""

    def __init__(
        self,
        *options: str,
        env: dict[str, str] | None = None,
        cwd: Path,
        places: dict[str, str] | None = None,
    ) -> None:
        self._output, self.errors = cwd / "stdout.txt", cwd / "stderr.txt"
        with self._output.open("wb") as output, self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "improvd", *options],
                stdout=output,
                stderr=errors,
                env=(env or os.environ) | (folders(cwd) if places is None else places) | _WIDE,
                cwd=cwd,
            )

    @property
    def lines(self) -> list[str]:
        return self._output.read_text(encoding="utf-8").splitlines()

    @property
    def beats(self) -> list[re.Match[str]]:
        return [match for line in self.lines if (match := BEAT_LINE.match(line))]

    @property
    def ports(self) -> tuple[str, str]:
        """The ports it says that it plays on and listens on."""
        # Not always in the first line: on a busy machine a server that is there may answer late.
        announced = re.compile(r"[Pp]laying on (.*), listening on (.*?)\.(?: |$)", re.MULTILINE)
        eventually(lambda: announced.search("\n".join(self.lines)), "the opening of the ports")
        [plays_on, hears_on] = announced.findall("\n".join(self.lines))[-1]
        return plays_on, hears_on

    @property
    def player(self) -> int:
        """The process number of the player: the one that has the ports, and not the spare."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return min(map(int, children), key=_started)

    def wait_for_beats(self, count: int, seconds: float = 30) -> None:
        eventually(lambda: len(self.beats) >= count, f"beat {count}", seconds)

    def leave(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)


def _started(pid: int) -> int:
    """When a process began, in ticks: the numbers of processes begin anew now and then."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def folders(place: Path) -> dict[str, str]:
    """Folders of a test's own for what improvd keeps."""
    return {"XDG_RUNTIME_DIR": str(place / "run"), "XDG_STATE_HOME": str(place / "state")}


def ctl(place: Path, *order: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "improvd", "ctl", *order],
        env=os.environ | folders(place),
        capture_output=True,
        text=True,
        check=False,
    )


def status(place: Path) -> dict:
    return json.loads(ctl(place, "status", "--json").stdout)
