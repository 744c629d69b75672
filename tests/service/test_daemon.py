"""The daemon as a service manager and a person see it: started, told, ended, started again."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.daemon import DaemonProcess, ctl, folders, status
from tests.harness.jack import eventually

QUICK = ("--api", "none", "--tempo", "240", "--count-in", "0")


class Manager:
    """Who is told by sd_notify; `said` is all so far."""

    def __init__(self, place: Path) -> None:
        self.address = str(place / "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address)
        self._socket.setblocking(False)
        self._said: list[str] = []

    @property
    def said(self) -> list[str]:
        while True:
            try:
                self._said += self._socket.recv(4096).decode().splitlines()
            except BlockingIOError:
                return self._said

    def hears(self, line: str, times: int = 1) -> None:
        eventually(lambda: self.said.count(line) >= times, f"{line} being said")

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    listening = Manager(tmp_path)
    yield listening
    listening.close()


def place_of(beat) -> tuple[int, int]:
    return int(beat[1]), int(beat[2])


# -- the end, and the beginning after it -----------------------------------------------------


def test_what_a_person_ended_begins_anew(tmp_path):
    with DaemonProcess(*QUICK, cwd=tmp_path) as jam:
        jam.wait_for_beats(6)
        assert jam.leave(signal.SIGINT) == 0
    with DaemonProcess(*QUICK, cwd=tmp_path) as jam:
        jam.wait_for_beats(4)
        assert place_of(jam.beats[0]) == (1, 1)


def test_each_start_plays_another_solo_and_says_how_to_have_it_again(tmp_path):
    solos = {}
    for _ in range(2):
        with DaemonProcess(*QUICK, "--verbose", cwd=tmp_path) as jam:
            jam.wait_for_beats(12)
            seed = str(status(tmp_path)["seed"])
            assert f"240 BPM, seed {seed}. Ctrl-C ends." in jam.lines[1]
            solos[seed] = [beat[5] for beat in jam.beats[:12]]
            assert jam.leave() == 0
    first, second = solos.values()
    assert first != second
    with DaemonProcess(*QUICK, "--verbose", "--seed", next(iter(solos)), cwd=tmp_path) as jam:
        jam.wait_for_beats(12)
        assert [beat[5] for beat in jam.beats[:12]] == first


def test_stopped_over_the_socket_it_begins_anew(tmp_path):
    with DaemonProcess(*QUICK, cwd=tmp_path) as jam:
        jam.wait_for_beats(6)
        assert ctl(tmp_path, "stop").stdout == "Bye.\n"
        assert jam.process.wait(10) == 0
    with DaemonProcess(*QUICK, cwd=tmp_path) as jam:
        jam.wait_for_beats(1)
        assert place_of(jam.beats[0]) == (1, 1)


@pytest.mark.parametrize(("fresh", "expected"), [([], False), (["--fresh"], True)])
def test_what_a_machine_ended_goes_on_in_mid_phrase(tmp_path, fresh, expected):
    with DaemonProcess(*QUICK, cwd=tmp_path) as jam:
        jam.wait_for_beats(6)
        assert jam.leave(signal.SIGTERM) == 0
        last, seed = place_of(jam.beats[-1]), jam.lines[1]
    with DaemonProcess(*QUICK, *fresh, cwd=tmp_path) as jam:
        jam.wait_for_beats(4)
        assert (jam.lines[1] == seed) != expected
        assert (place_of(jam.beats[0]) == (1, 1)) == expected
        assert expected or place_of(jam.beats[0]) > last


def test_what_was_ordered_stays_and_what_was_written_since_is_taken(tmp_path):
    config = tmp_path / "mine.toml"
    config.write_text('api = "none"\ntempo = 240\ncount_in = 0\nmode = "solo"\n')
    with DaemonProcess("--config", str(config), cwd=tmp_path) as jam:
        jam.wait_for_beats(4)
        ctl(tmp_path, "mode", "trade 2")
        ctl(tmp_path, "tempo", "220")
        assert jam.leave(signal.SIGTERM) == 0
    with DaemonProcess("--config", str(config), cwd=tmp_path) as jam:
        jam.wait_for_beats(4)
        assert (status(tmp_path)["bpm"], status(tmp_path)["mode"]) == (220, "trade 2")
        assert jam.leave(signal.SIGTERM) == 0
    config.write_text(config.read_text().replace("240", "200"))
    with DaemonProcess("--config", str(config), cwd=tmp_path) as jam:
        jam.wait_for_beats(4)
        assert (status(tmp_path)["bpm"], status(tmp_path)["mode"]) == (200, "trade 2")
        assert place_of(jam.beats[0]) > (1, 2)
        assert jam.leave() == 0


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_state_cut_short_is_a_fresh_start(tmp_path, share):
    with DaemonProcess(*QUICK, cwd=tmp_path) as jam:
        jam.wait_for_beats(4)
        jam.leave(signal.SIGTERM)
    for path in [*tmp_path.glob("run/**/*.last"), *tmp_path.glob("state/**/last")]:
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
    with DaemonProcess(*QUICK, cwd=tmp_path) as jam:
        jam.wait_for_beats(2)
        assert place_of(jam.beats[0]) == (1, 1)
        assert jam.errors.read_text() == ""


def test_a_state_of_another_model_is_a_fresh_start_that_says_so(tmp_path):
    """Its file is whole, and its cell of another shape."""
    with DaemonProcess(*QUICK, cwd=tmp_path) as jam:
        jam.wait_for_beats(4)
        jam.leave(signal.SIGTERM)
    small = tmp_path / "small.safetensors"
    script = (
        "import numpy as np, sys; from pathlib import Path; from improvd import model;"
        "from improvd.core.network.cell import Weights; m = model.load(model.find('default'));"
        "n = m.weights.n_values; z = lambda *s: np.zeros(s, dtype=np.float32);"
        "w = Weights(z(n, 32), z(8, 32), z(32), z(8, n), z(n));"
        "model.save(Path(sys.argv[1]), model.Model(w, m.vocabulary, {}, m.shares))"
    )
    subprocess.run([sys.executable, "-c", script, str(small)], check=True)
    with DaemonProcess(*QUICK, "--model", str(small), cwd=tmp_path) as jam:
        jam.wait_for_beats(2)
        assert any(line.startswith("Begins anew: a has shape") for line in jam.lines)


# -- a service manager -----------------------------------------------------------------------


def test_systemd_is_told_and_its_sighup_is_a_reload(tmp_path, manager):
    config = tmp_path / "mine.toml"
    config.write_text('api = "none"\ntempo = 240\ncount_in = 0\nmode = "solo"\n')
    told = {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "400000"}
    with DaemonProcess("--config", str(config), env=os.environ | told, cwd=tmp_path) as jam:
        manager.hears("READY=1")
        manager.hears("WATCHDOG=1", times=3)
        assert status(tmp_path)["mode"] == "solo"
        config.write_text(config.read_text().replace("solo", "trade 2"))
        jam.process.send_signal(signal.SIGHUP)
        manager.hears("READY=1", times=2)
        assert "RELOADING=1" in manager.said
        assert status(tmp_path)["mode"] == "trade 2"
        config.write_text("tempo = \n")
        jam.process.send_signal(signal.SIGHUP)
        manager.hears("READY=1", times=3)
        assert status(tmp_path)["mode"] == "trade 2"
        eventually(lambda: any("going on as before" in line for line in jam.lines), "the reason")
        assert jam.leave(signal.SIGTERM) == 0
        manager.hears("STOPPING=1")
        # A log is no place for a line a beat, and a service leaves no take in its folder.
        assert not jam.beats
    assert not list(tmp_path.glob("*.mid"))


def test_the_watchdog_starves_while_no_player_lives(tmp_path, manager):
    told = {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "200000"}
    with DaemonProcess(*QUICK, env=os.environ | told, cwd=tmp_path) as jam:
        manager.hears("WATCHDOG=1", times=3)
        os.kill(jam.process.pid, signal.SIGSTOP)
        fed = manager.said.count("WATCHDOG=1")
        subprocess.run(["sleep", "0.6"], check=True)
        assert manager.said.count("WATCHDOG=1") <= fed + 1
        os.kill(jam.process.pid, signal.SIGCONT)
        manager.hears("WATCHDOG=1", times=fed + 3)
        assert jam.leave(signal.SIGTERM) == 0


# -- orders reach the music ------------------------------------------------------------------


def test_a_chart_a_model_and_an_end_while_it_plays(tmp_path):
    with DaemonProcess(*QUICK, "--mode", "solo", cwd=tmp_path) as jam:
        jam.wait_for_beats(4)
        assert ctl(tmp_path, "chart", "| Dm7 | G7 |").returncode == 0
        eventually(lambda: jam.beats[-1][3] in {"Dm7", "G7"}, "the new chart")
        assert next(int(beat[2]) for beat in jam.beats if beat[3] in {"Dm7", "G7"}) == 1
        bad = ctl(tmp_path, "chart", "| Dm7 | Hx |")
        assert (bad.returncode, bad.stdout) == (2, "")
        assert len(bad.stderr.splitlines()) == 1
        assert "bar 2" in bad.stderr
        assert ctl(tmp_path, "end").returncode == 0
        eventually(lambda: jam.beats[-1][4] == "your turn", "the end")
        assert ctl(tmp_path, "turn", "play").returncode == 0
        eventually(lambda: jam.beats[-1][4] == "improvd", "going on")
        assert jam.leave() == 0


def test_a_second_daemon_of_the_name_is_refused_and_the_first_plays_on(tmp_path):
    with DaemonProcess(*QUICK, cwd=tmp_path) as jam:
        jam.wait_for_beats(2)
        (tmp_path / "second").mkdir()
        env = os.environ | folders(tmp_path)
        second = subprocess.run(
            [sys.executable, "-m", "improvd", *QUICK],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode == 2
        assert len(second.stderr.splitlines()) == 1
        before = len(jam.beats)
        jam.wait_for_beats(before + 4)
        assert jam.leave() == 0


def test_the_runtime_folder_of_another_login_makes_no_second_daemon(tmp_path):
    """Started at boot with one, then from a desktop's terminal, where it is another."""
    with DaemonProcess(*QUICK, cwd=tmp_path) as jam:
        jam.wait_for_beats(2)
        env = os.environ | folders(tmp_path) | {"XDG_RUNTIME_DIR": str(tmp_path / "desktop")}

        def improvd(*command: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, "-m", "improvd", *command],
                env=env,
                capture_output=True,
                text=True,
                check=False,
            )

        second = improvd(*QUICK)
        assert (second.returncode, len(second.stderr.splitlines())) == (2, 1)
        assert "plays already" in second.stderr
        jam.wait_for_beats(len(jam.beats) + 4)
        assert improvd("ctl", "stop").stdout == "Bye.\n"
        assert jam.process.wait(10) == 0
        assert "no improvd named improvd plays here" in improvd("ctl", "status").stderr


def test_the_music_goes_on_when_nobody_reads_any_more_what_it_prints(tmp_path):
    """As with `improvd | head -3`."""
    improvd = [sys.executable, "-m", "improvd"]
    with (tmp_path / "errors").open("wb") as errors:
        process = subprocess.Popen(
            [*improvd, *QUICK], stdout=subprocess.PIPE, stderr=errors, cwd=tmp_path,
            env=os.environ | folders(tmp_path),
        )  # fmt: skip
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(3)][-1] == b"\n"
    process.stdout.close()
    eventually(lambda: ctl(tmp_path, "mute", "on").returncode == 0, "an answer")
    before = status(tmp_path)["beats"]
    eventually(lambda: status(tmp_path)["beats"] > before + 8, "more beats")
    assert ctl(tmp_path, "stop").returncode == 0
    assert process.wait(20) == 0
    assert b"Traceback" not in (tmp_path / "errors").read_bytes()


@pytest.mark.parametrize("words", [["charts"], ["--help"]])
def test_a_list_of_which_only_the_first_line_is_read_is_no_error(words):
    listing = subprocess.Popen(
        [sys.executable, "-m", "improvd", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert listing.stdout is not None
    assert listing.stderr is not None
    assert listing.stdout.readline()
    listing.stdout.close()
    assert listing.stderr.read() == b""
    listing.wait(20)
    listing.stderr.close()
