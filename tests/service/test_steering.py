"""Everything that steers, opened together; and `improvd ctl` at the other end."""

import asyncio
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from improvd.config import ConfigError
from improvd.core.harmony.chart import parse_chart
from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import Turn
from improvd.messages import Change, Mute, Notice, Played, Ready, Report, Tempo
from improvd.model import BUILT_IN
from improvd.service.status import settings
from improvd.service.status.settings import Source
from improvd.service.steering import Steering
from tests.harness.control import Band
from tests.harness.jack import eventually

READY = Ready("improvd:out", "improvd-01:in", 96.0, 4, "Blues in F")
BEAT = Beat(17, 5, 2, "Bb7", Turn.PLAY, 13, True, 43, (60, 62), 123, yours=(65, 69))
CHART = "| Dm7 | G7 | Cmaj7 | % |"


class Service:
    """A service with everything but players, in a thread of this process."""

    def __init__(self, folder: Path, config: str) -> None:
        self.file = folder / "improvd.toml"
        self.file.write_text(config)
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self.band: Band
        self._steering: Steering
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._run()])
        self._thread.start()
        self._up.wait(10)

    async def _run(self) -> None:
        source = Source(self.file, {})
        written = source.read()
        self.band = Band(self.file.parent, settings.perform(written))
        async with Steering(source, written, self.band) as self._steering:
            self.band.take = self._steering.take
            self._steering.take(READY)
            self._up.set()
            await self._stop.wait()

    def take(self, report: Report) -> None:
        self._loop.call_soon_threadsafe(self._steering.take, report)

    def close(self) -> None:
        if self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        self._loop.close()


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Folders of the test's own, for this process and those that it starts."""
    for variable in ("RUNTIME_DIRECTORY", "STATE_DIRECTORY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return dict(os.environ)


@pytest.fixture
def service(tmp_path: Path, env: dict[str, str]) -> Iterator[Service]:
    service = Service(tmp_path, "")
    yield service
    service.close()


def ctl(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "improvd", "ctl", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, timeout=60)


def told(*words: str, cwd: Path | None = None) -> str:
    done = ctl(*words, cwd=cwd)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def refused(*words: str) -> str:
    done = ctl(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("improvd: ")
    assert done.stderr.count("\n") == 1
    return done.stderr.removeprefix("improvd: ").rstrip()


def test_ctl_orders_and_says_what_was_said(service):
    assert told("tempo", "92") == "92 beats per minute.\n"
    assert told("tempo", "-2") == "90 beats per minute.\n"
    assert told("mute") == "It plays without a sound.\n"
    assert told("chart", CHART) == "It changes on the next bar line.\n"
    assert service.band.told[:3] == [Tempo(92.0), Tempo(90.0), Mute(True)]
    assert service.band.perform.chart == CHART
    assert told("transpose", "-2") == "It changes on the next bar line.\n"
    was, now = parse_chart(CHART), parse_chart(service.band.perform.chart or "")
    for one, other in zip(was.harmonies, now.harmonies, strict=True):
        assert other.chord.root == (one.chord.root - 2) % 12


def test_ctl_reads_files_where_the_person_is(service, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "my.chart").write_text(CHART)
    (folder / "my.safetensors").write_bytes(BUILT_IN["default"].read_bytes())
    told("chart", "my.chart", cwd=folder)
    told("model", "my.safetensors", cwd=folder)
    first, second = service.band.told
    assert isinstance(first, Change)
    assert first.chart == CHART
    assert isinstance(second, Change)
    assert second.config.model == str(folder / "my.safetensors")


def test_ctl_refuses_in_one_sentence_and_status_2(service):
    assert refused("tempo", "5") == "tempo 5: it is a number from 20 to 400"
    assert refused("mode", "shout").startswith("mode 'shout': it is one of follow, answer")
    assert refused("chart", "| Hx |").startswith("bar 1: ")
    assert refused("chart", "x" * 300).startswith("chart xxx")
    assert "no model of this name" in refused("model", "x" * 300)
    assert service.band.told == []


def test_ctl_without_a_daemon_says_how_to_start_one(env):
    assert refused("status") == "no improvd named improvd plays here; `improvd` starts one"
    assert refused("--name", "two", "tempo", "90") == (
        "no improvd named two plays here; `improvd --name two` starts one"
    )


def test_ctl_status_is_a_block_to_read_or_json(service):
    service.take(Played(BEAT))
    service.take(Notice("Keystation is back."))
    lines = told("status").splitlines()
    assert lines[:3] == [
        "improvd: plays on improvd:out, listens on improvd-01:in",
        "Blues in F: bar 5.2, Bb7, improvd's turn",
        "96 BPM, transport alone, mode follow, model default",
    ]
    assert lines[-1].endswith("  Keystation is back.")
    status = json.loads(told("status", "--json"))
    assert (status["bar"], status["beat"], status["chord"], status["bpm"]) == (5, 2, "Bb7", 96.0)


def test_ctl_watch_shows_beats_as_they_come(service, env):
    command = [sys.executable, "-u", "-m", "improvd", "ctl", "watch"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=env | {"COLUMNS": "80"}
    ) as watching:
        lines: list[str] = []
        reader = threading.Thread(target=lambda: lines.extend(watching.stdout or []))
        reader.start()

        def beat_seen() -> bool:
            service.take(Played(BEAT))
            return any("Bb7" in line for line in lines)

        try:
            eventually(beat_seen, "a beat")
        finally:
            service.close()
            watching.wait(10)
            reader.join(10)
    assert lines[0].startswith("bar.beat  chord")
    assert lines[1] == "    5.2   Bb7       improvd    C4 D4                 F4 A4\n"
    assert lines[-1] == "improvd has ended.\n"
    assert watching.returncode == 0


def test_the_figures_are_served_where_the_configuration_says(tmp_path, env):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    service = Service(tmp_path, f'metrics = "127.0.0.1:{port}"\n')
    try:
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10).read()
    finally:
        service.close()
    assert b"improvd_tempo_bpm 96.0" in page


def test_a_second_one_of_the_name_is_refused_and_the_first_goes_on(service, tmp_path):
    async def second() -> None:
        source = Source(None, {})
        written = source.read()
        async with Steering(source, written, Band(tmp_path, settings.perform(written))):
            pass

    with pytest.raises(ConfigError, match="an improvd named improvd plays already"):
        asyncio.run(second())
    assert told("tempo", "90") == "90 beats per minute.\n"


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no terminals of this kind here")
def test_watch_draws_one_screen_in_a_terminal_and_leaves_it_as_it_was(service):
    ours, theirs = os.openpty()
    size = {"COLUMNS": "80", "LINES": "30", "TERM": "xterm"}
    command = [sys.executable, "-m", "improvd", "ctl", "watch"]
    watching = subprocess.Popen(command, stdout=theirs, env=os.environ | size)
    os.close(theirs)
    shown = bytearray()

    def drawn(text: str) -> bool:
        service.take(Played(BEAT))
        shown.extend(_more(ours))
        return text.encode() in shown

    eventually(lambda: drawn("Blues in F"), "the heading")
    eventually(lambda: drawn("improvd plays"), "the turn")
    watching.send_signal(signal.SIGINT)
    while chunk := _more(ours, patience_s=10):
        shown.extend(chunk)
    os.close(ours)
    assert watching.wait(10) == 0
    assert shown.startswith(b"\x1b[?1049h")
    assert shown.rstrip().endswith(b"\x1b[?1049l")


def _more(terminal: int, patience_s: float = 0.1) -> bytes:
    """What came meanwhile; nothing once the other side is closed, which is an error on Linux."""
    if not select.select([terminal], [], [], patience_s)[0]:
        return b""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""
