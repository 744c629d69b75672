"""The README's lines, run in order in a folder of their own, as a person would paste them.

What plays is left to play for a moment and ended with Ctrl-C; what ends with "&" runs on beside it.
"""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import wave
from pathlib import Path
from typing import Self

import numpy as np
import pytest

from tests.harness.daemon import folders
from tests.harness.jack import JackServer, Keyboard, eventually
from tests.harness.synth import SOUNDFONT, require_fluidsynth

_ROOT = Path(__file__).parents[1]
_HERE = f"{shlex.quote(sys.executable)} -m improvd"
_BLOCK = re.compile(r"^( *)```sh\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_PLAYS = re.compile(r"\.venv/bin/improvd(?! --help)( +(-|#).*)?$")
_PEDAL_DOWN, _PEDAL_UP = b"\xb0\x40\x7f", b"\xb0\x40\x00"

PLAYING = (
    "Two commands",
    "Installing it for good",
    "Playing with it",
    "With a band",
    "With a DAW or a synth",
    "In time with a DAW or a drum machine",
)
STEERING = "Steering it while it plays"
OWN_JAMS = "From your own jams"
OWN_NETWORK = "Your own network of the course"
AFTERWARDS = ("Hearing a solo without waiting for it", "Every jam is kept")

# How a line that is not run begins, and why it is not.
_NOT_RUN = {
    ".venv/bin/improvd install-service": "needs a systemd of the person's own: tests/vm runs it",
    "sudo ": "needs root: tests/vm runs the service, tests/installed/debian.sh the packages",
    "pipx ": "installs for the person; `make wheel-test` installs the same into a folder",
    "uvx ": "as pipx",
    ".venv/bin/improvd train --jams": "needs evenings of jams: "
    "tests/training/test_own_jams.py plays them, and learns",
    ".venv/bin/improvd import djmodel.keras": "needs a network of the reader's own: "
    "tests/training/test_student_live.py trains one, and plays it",
    ".venv/bin/improvd --model mine.safetensors": "the same",
}


def blocks() -> dict[str, list[str]]:
    """The lines for a shell by the heading that they stand under, those that go on joined."""
    found: dict[str, list[str]] = {}
    for section in re.split(r"^##+ ", (_ROOT / "README.md").read_text("utf-8"), flags=re.MULTILINE):
        heading, _, text = section.partition("\n")
        for _, block in _BLOCK.findall(text):
            lines = block.replace("\\\n", " ").splitlines()
            found.setdefault(heading, []).extend(line.strip() for line in lines)
    return found


class Terminal:
    """A shell in a folder, in which .venv/bin/improvd is the one that is tested."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self._folder = folder
        self._env = env | folders(folder) | {"HOME": str(folder), "PYTHONPATH": str(_ROOT)}
        self._started: list[subprocess.Popen[str]] = []
        self._outputs: dict[int, Path] = {}

    def type(self, line: str) -> None:
        """Run a line to its end, which is Ctrl-C for what plays."""
        if any(line.startswith(start) for start in _NOT_RUN):
            return
        if line.endswith("&"):
            self.start(line[:-1])
        elif _PLAYS.match(line):
            self.end(self.start(line), line)
        else:
            # What make would do here would change the environment that runs the tests.
            line = line.replace("make ", f"make --dry-run -C {shlex.quote(str(_ROOT))} ", 1)
            self._leaves(self._run(line), line, seconds=600)

    def start(self, line: str) -> subprocess.Popen[str]:
        """Run a line, and go on."""
        program = self._run(line)
        self._started.append(program)
        if _PLAYS.match(line):
            eventually(lambda: "Ctrl-C ends." in self.said(program), f"{line}: playing", 60)
        return program

    def end(self, program: subprocess.Popen[str], line: str) -> None:
        """Press Ctrl-C after a second."""
        time.sleep(1)
        program.send_signal(signal.SIGINT)
        self._leaves(program, line, seconds=30)

    def said(self, program: subprocess.Popen[str]) -> str:
        """What a program has printed so far."""
        return self._outputs[program.pid].read_text("utf-8")

    def _run(self, line: str) -> subprocess.Popen[str]:
        output = self._folder / f"{len(self._outputs)}.output"
        # Beside this one another fluidsynth may be running, whose server has the usual port.
        line = line.replace("fluidsynth ", f"fluidsynth -o shell.port={_free_port()} ", 1)
        command = "exec " + line.replace(".venv/bin/improvd", _HERE)
        with output.open("w") as written:
            program = subprocess.Popen(
                ["bash", "-c", command],
                cwd=self._folder,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
                text=True,
            )
        self._outputs[program.pid] = output
        return program

    def _leaves(self, program: subprocess.Popen[str], line: str, seconds: float) -> None:
        status = program.wait(seconds)
        said = self.said(program)
        assert status == 0, f"{line}\n{said}"
        assert "Traceback" not in said, f"{line}\n{said}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for program in self._started:
            if program.poll() is None:
                program.terminate()
                program.wait(20)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_every_line_for_a_shell_is_run_or_its_reason_stands_here():
    lines = [line for block in blocks().values() for line in block]
    assert len(lines) > 30
    for start in _NOT_RUN:
        assert any(line.startswith(start) for line in lines), f"{start}: no such line any more"
    assert set(blocks()) == {
        *PLAYING,
        STEERING,
        *AFTERWARDS,
        "Learning",
        OWN_JAMS,
        OWN_NETWORK,
        "As a service",
    }


@pytest.mark.realtime
def test_the_lines_that_play_do_so_in_order(jack: JackServer, tmp_path: Path):
    require_fluidsynth()
    (tmp_path / "SOUNDFONT.sf2").symlink_to(SOUNDFONT)
    (tmp_path / "my.chart").write_text("title: Mine\n| Dm7 | G7 | Cmaj7 | % |\n")
    with Terminal(tmp_path, jack.env) as terminal:
        for section in PLAYING:
            for line in blocks()[section]:
                terminal.type(line)
        playing = terminal.start(".venv/bin/improvd")
        eventually(lambda: "1.1 " in terminal.said(playing), "the first beat")
        [hears_on] = re.findall(r"listening on (.*)\.$", terminal.said(playing), re.MULTILINE)
        for line in blocks()[STEERING]:
            if " ctl map " in line:
                _press_a_pedal_during(terminal, line, hears_on)
            else:
                terminal.type(line)
        terminal.end(playing, "the music")
        for section in AFTERWARDS:
            for line in blocks()[section]:
                terminal.type(line)
    assert (tmp_path / "solo.mid").exists()
    assert (tmp_path / "jam.mid").exists()


def _press_a_pedal_during(terminal: Terminal, line: str, hears_on: str) -> None:
    with Keyboard(hears_on) as keyboard:
        ordered = terminal.start(line)
        while ordered.poll() is None:
            # Not all the time: what always talks is not the one that is meant.
            for moved in (_PEDAL_DOWN, _PEDAL_UP):
                time.sleep(1)
                keyboard.send(moved)
    assert ordered.returncode == 0, terminal.said(ordered)


@pytest.mark.realtime
def test_the_recipe_for_jack_joins_by_itself_and_is_heard(jack: JackServer, tmp_path: Path):
    require_fluidsynth()
    (tmp_path / "SOUNDFONT.sf2").symlink_to(SOUNDFONT)
    synth, player = blocks()["With a DAW or a synth"][:2]
    with Terminal(tmp_path, jack.env) as terminal:
        terminal.start(synth.removesuffix("&"))
        playing = terminal.start(player)
        eventually(lambda: jack.connections("synth:midi_00"), "joining the synth", 30)
        eventually(lambda: jack.connections("synth:left"), "the synth's joining of the speakers")
        # From the count-in on, 120 BPM: some five seconds of music.
        terminal.type("jack_rec -f heard.wav -d 8 -b 16 synth:left synth:right")
        terminal.end(playing, player)
    with wave.open(str(tmp_path / "heard.wav")) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
    peak = np.abs(samples.astype(int)).max() / 32768
    assert 0.1 < peak < 0.99, "loud enough to be heard at once, and nothing clips"


@pytest.mark.learning
def test_the_lines_on_learning_are_run_in_order(tmp_path: Path):
    etudes = sorted((_ROOT / "improvd/training/etudes").glob("*.mid"))
    for folder, taken in (("my-midi-folder", etudes[:2]), ("other-folder", etudes[2:3])):
        (tmp_path / folder).mkdir()
        for etude in taken:
            shutil.copy(etude, tmp_path / folder)
    with Terminal(tmp_path, dict(os.environ)) as terminal:
        for line in blocks()["Learning"]:
            terminal.type(line)
    for name in ("mine.safetensors", "mine.html", "answers.png", "solo.musicxml"):
        assert (tmp_path / name).stat().st_size > 0
