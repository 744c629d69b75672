"""PipeWire in the place of a JACK server, without anything that a person has to set."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.daemon import DaemonProcess
from tests.harness.jack import JackServer, eventually

if sys.platform != "linux":
    pytest.skip("PipeWire is Linux's", allow_module_level=True)
from improvd.system import jack_servers
from tests.harness.pipewire import Ears, PipeWire

PLAYS = ("--api", "jack", "--mode", "solo", "--count-in", "0", "--tempo", "240")
SAID = "On PipeWire, as no JACK server runs."


@pytest.fixture
def absent(tmp_path: Path) -> PipeWire:
    """A PipeWire that is not running yet."""
    return PipeWire(tmp_path / "pipewire")


@pytest.fixture
def pipewire(absent: PipeWire) -> Iterator[PipeWire]:
    with absent:
        yield absent


def latencies(server: PipeWire) -> set[str]:
    """What improvd's clients ask PipeWire for."""
    nodes = json.loads(server.ask("pw-dump", "Node").stdout)
    properties = [node["info"]["props"] for node in nodes]
    return {each["node.latency"] for each in properties if each["node.name"].startswith("improvd")}


def test_it_is_taken_where_no_jack_server_runs_and_a_synth_on_it_is_played(
    pipewire: PipeWire, tmp_path: Path
):
    with Ears(pipewire, tmp_path) as ears:
        with DaemonProcess(*PLAYS, "--port", "ears", env=pipewire.env, cwd=tmp_path) as daemon:
            assert daemon.ports[0] == "ears:in"
            assert daemon.lines.count(SAID) == 1
            ears.wait_for_a_note()
            assert latencies(pipewire) == {"128/48000"}
            assert daemon.leave() == 0
        sounding = {message[1] for message in ears.heard if message[0] >> 4 == 9 and message[2]}
        released = {message[1] for message in ears.heard if message[0] >> 4 == 8}
        assert sounding <= released
        assert daemon.errors.read_text() == ""


def test_whoever_goes_on_for_a_lost_player_is_there_too_and_does_not_say_it_again(
    pipewire: PipeWire, tmp_path: Path
):
    with (
        Ears(pipewire, tmp_path) as ears,
        DaemonProcess(*PLAYS, env=pipewire.env, cwd=tmp_path) as daemon,
    ):
        pipewire.connect(daemon.ports[0], "ears:in")
        ears.wait_for_a_note()
        # Connections are looked at twice a second, on a busy machine a little later.
        daemon.wait_for_beats(len(daemon.beats) + 12)
        os.kill(daemon.player, signal.SIGKILL)
        eventually(
            lambda: any("another one goes on" in line for line in daemon.lines), "a successor"
        )
        ears.wait_for_a_note()
        assert daemon.lines.count(SAID) == 1


def test_it_comes_later_is_killed_and_comes_back(absent: PipeWire, tmp_path: Path):
    with DaemonProcess(*PLAYS, "--port", "ears", env=absent.env, cwd=tmp_path) as daemon:
        daemon.wait_for_beats(2)
        with absent as pipewire:
            with Ears(pipewire, tmp_path) as ears:
                eventually(lambda: any(SAID in line for line in daemon.lines), "taking PipeWire")
                ears.wait_for_a_note()
            pipewire.kill()
            eventually(lambda: any("system left" in line for line in daemon.lines), "noticing")
            pipewire.start()
            with Ears(pipewire, tmp_path) as ears:
                ears.wait_for_a_note()


def test_a_jack_server_goes_before_it(jack: JackServer, pipewire: PipeWire, tmp_path: Path):
    env = pipewire.env | {"JACK_DEFAULT_SERVER": jack.name}
    with DaemonProcess(*PLAYS, env=env, cwd=tmp_path) as daemon:
        plays_on, _ = daemon.ports
        assert plays_on in jack.ports()
        assert SAID not in daemon.lines


def test_a_latency_that_a_person_has_set_stays(pipewire: PipeWire, tmp_path: Path):
    env = pipewire.env | {"PIPEWIRE_LATENCY": "256/48000"}
    with DaemonProcess(*PLAYS, env=env, cwd=tmp_path) as daemon:
        assert daemon.ports
        assert latencies(pipewire) == {"256/48000"}


def test_its_ports_are_listed(pipewire: PipeWire, tmp_path: Path):
    with Ears(pipewire, tmp_path):
        listed = subprocess.run(
            [sys.executable, "-m", "improvd", "ports"],
            env=pipewire.env,
            capture_output=True,
            text=True,
            check=True,
        )
    assert "ears:in" in listed.stdout
    assert listed.stderr == ""


# Who answers, told by sockets

ASK = "from improvd.system import jack_server; print(jack_server())"


def answer(env: dict[str, str]) -> str:
    return subprocess.run(
        [sys.executable, "-c", ASK], env=env, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_nobody_answers_where_a_socket_was_only_left_behind(absent: PipeWire, tmp_path: Path):
    left_behind = socket.socket(socket.AF_UNIX)
    left_behind.bind(str(tmp_path / "pipewire" / "pipewire-0"))
    left_behind.close()
    assert answer(absent.env) == "None"


def test_who_names_a_jack_server_means_that_one(pipewire: PipeWire):
    assert answer(pipewire.env) == "PipeWire"
    assert answer(pipewire.env | {"JACK_DEFAULT_SERVER": "studio"}) == "JACK"


def test_its_libjack_is_found_where_distributions_put_it_the_machines_own_first(tmp_path: Path):
    for place in ("lib/x86_64-linux-gnu/pipewire-0.3", "lib64/pipewire-0.3", "lib/pipewire-0.3"):
        folder = tmp_path / place / "jack"
        folder.mkdir(parents=True)
        (folder / "libjack.so.0").touch()
    assert jack_servers.pipewire_libraries(tmp_path) == [
        str(tmp_path / "lib/x86_64-linux-gnu/pipewire-0.3/jack/libjack.so.0"),
        str(tmp_path / "lib64/pipewire-0.3/jack/libjack.so.0"),
        str(tmp_path / "lib/pipewire-0.3/jack/libjack.so.0"),
        "libjack.so.0",
    ]
