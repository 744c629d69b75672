"""As on a Mac: that it is one, and what is a Mac's own in ports and folders."""

import os
import subprocess
import sys

import pytest

from tests.harness.daemon import DaemonProcess, ctl, folders
from tests.harness.jack import Keyboard, Listener, Synth, eventually

NOT_THERE = """
import ctypes, os, select, socket, sys
assert sys.platform == "darwin"
assert not hasattr(os, "eventfd") and not hasattr(os, "sched_setscheduler")
assert not hasattr(select, "epoll")
assert not hasattr(ctypes.CDLL(None), "ppoll")
for there in ("/proc/self/statm", "/dev/shm", "/sys/devices/system/cpu"):
    assert not os.access(there, os.R_OK)
    try:
        os.stat(there)
    except FileNotFoundError:
        continue
    raise AssertionError(there)
for family in (socket.SOCK_SEQPACKET,):
    try:
        socket.socketpair(type=family)
    except OSError:
        continue
    raise AssertionError(family)
with socket.socket(socket.AF_UNIX) as unconnected:
    for address in ("\\0abstract", "/tmp/" + 100 * "x"):
        try:
            unconnected.bind(address)
        except OSError:
            continue
        raise AssertionError(address)
"""


def improvd(place, *command):
    return subprocess.run(
        [sys.executable, "-m", "improvd", *command],
        env=os.environ | folders(place),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_what_a_mac_has_not_is_not_there(tmp_path):
    """In a package that is called improvd, as its own processes are."""
    (tmp_path / "improvd").mkdir()
    (tmp_path / "improvd/__init__.py").touch()
    (tmp_path / "improvd/__main__.py").write_text(NOT_THERE)
    subprocess.run([sys.executable, "-m", "improvd"], check=True, cwd=tmp_path, timeout=20)


def test_it_plays_on_ports_that_are_called_as_core_midi_shows_them(jack, tmp_path):
    with DaemonProcess("--tempo", "240", "--mode", "answer", env=jack.env, cwd=tmp_path) as jam:
        assert jam.ports == ("improvd out", "improvd in")
        with Listener("improvd out") as listener, Keyboard("improvd in") as keyboard:
            jam.wait_for_beats(6)
            keyboard.send(bytes((0x90, 65, 80)), bytes((0x80, 65, 64)))
            eventually(lambda: any(message[0] == 0x90 for message in listener.poll()), "an answer")
        assert jam.leave() == 0
    assert jam.errors.read_text() == ""


@pytest.mark.parametrize("bus", ["IAC Driver", "IACドライバ"])
def test_a_bus_of_any_language_is_found_both_ways(jack, tmp_path, bus):
    options = ["--tempo", "240", "--count-in", "0", "--mode", "solo", "--port", "IAC Bus"]
    with (
        Synth(bus, "Bus 1") as synth,
        Synth("Piano", "1"),
        DaemonProcess(*options, env=jack.env, cwd=tmp_path) as jam,
    ):
        assert jam.ports[0] == f"{bus} Bus 1"
        eventually(lambda: any(message[0] == 0x90 for message in synth.heard()), "a note")
        assert jam.leave() == 0


def test_a_bus_that_is_not_there_yet_is_joined_when_it_comes_and_again(jack, tmp_path):
    options = ["--tempo", "240", "--count-in", "0", "--mode", "solo", "--port", "IAC Büs"]
    with DaemonProcess(*options, env=jack.env, cwd=tmp_path) as jam:
        assert jam.ports[0] == "improvd IAC Bus"
        for said in ("is here.", "is back."):
            with Synth("IAC-Treiber", "Büs 1") as synth:
                eventually(lambda said=said: f"IAC Büs {said}" in jam.lines, said)
                synth.heard()
                eventually(lambda s=synth: any(m[0] == 0x90 for m in s.heard()), "a note")
            eventually(lambda: "IAC Büs is gone; still keeping time." in jam.lines, "the loss")
        assert jam.leave() == 0


def test_two_of_them_share_a_name_and_each_is_steered_alone(jack, tmp_path):
    options = ["--tempo", "240", "--mode", "solo", "--count-in", "0"]
    places = [tmp_path / "one", tmp_path / "two"]
    for place in places:
        place.mkdir()
    with (
        DaemonProcess(*options, env=jack.env, cwd=places[0]) as one,
        DaemonProcess(*options, env=jack.env, cwd=places[1]) as two,
    ):
        assert one.ports == two.ports == ("improvd out", "improvd in")
        assert "BPM" in ctl(places[0], "status").stdout
        assert [one.leave(), two.leave()] == [0, 0]


def test_the_folders_are_those_of_a_mac(tmp_path):
    code = "from improvd import folders; print(folders.state()); print(folders.runtime())"
    unset = {"XDG_STATE_HOME", "XDG_RUNTIME_DIR", "STATE_DIRECTORY", "RUNTIME_DIRECTORY"}
    env = {name: value for name, value in os.environ.items() if name not in unset}
    env |= {"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert said == [
        str(tmp_path / "Library/Application Support/improvd"),
        str(tmp_path / f"improvd-{os.getuid()}"),
    ]


def test_doctor_and_ports_speak_of_a_mac(jack, tmp_path):
    del jack
    with Synth("IAC-Treiber", "Bus 1"):
        listed = improvd(tmp_path, "ports").stdout
    assert "  IAC-Treiber Bus 1\n" in listed
    for word in ("ALSA", "JACK", "/etc/", "Debian"):
        assert word not in listed
