"""As on Windows: it starts, plays on a loopMIDI port, obeys, and loses no note."""

import os
import signal
import stat
import subprocess
import sys

import pytest

from tests.harness.daemon import DaemonProcess
from tests.harness.jack import Synth, eventually
from tests.harness.notes import still_sounding

QUICK = ("--tempo", "240", "--count-in", "0", "--mode", "solo")
ON_LOOPMIDI = (*QUICK, "--port", "loopMIDI Port")

NOT_THERE = """
import os, select, signal, socket, subprocess, sys
assert sys.platform == "win32" and os.name == "nt"
for module, name in (
    (os, "getuid"), (os, "fork"), (os, "O_NONBLOCK"), (signal, "SIGHUP"), (signal, "SIGKILL"),
    (socket, "AF_UNIX"), (select, "poll"),
):
    assert not hasattr(module, name), name
try:
    import fcntl
except ModuleNotFoundError:
    pass
else:
    raise AssertionError("fcntl")
one, other = socket.socketpair()
assert one.family == socket.AF_INET
try:
    select.select([0], [], [], 0)
except OSError:
    pass
else:
    raise AssertionError("select")
open("kept", "w")
with open("kept"):
    try:
        os.unlink("kept")
    except PermissionError:
        pass
    else:
        raise AssertionError("unlink")
os.unlink("kept")
try:
    subprocess.Popen([sys.executable], pass_fds=[0])
except ValueError:
    pass
"""


@pytest.fixture
def env(tmp_path):
    """The environment of a person with a profile."""
    unset = {"XDG_STATE_HOME", "XDG_RUNTIME_DIR"}
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    return kept | {"LOCALAPPDATA": str(tmp_path / "Local")}


@pytest.fixture
def start(env, tmp_path):
    """Start improvd."""
    jams = []

    def start(*options):
        jams.append(Windows(*options, env=env, cwd=tmp_path))
        return jams[-1]

    yield start
    for jam in jams:
        jam.__exit__()


class Windows(DaemonProcess):
    """improvd, whose folders are those of the profile."""

    def __init__(self, *options, env, cwd):
        super().__init__(*options, env=env, cwd=cwd, places={})


def improvd(env, *command):
    return subprocess.run(
        [sys.executable, "-m", "improvd", *command],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_what_windows_has_not_is_not_there(tmp_path):
    (tmp_path / "improvd").mkdir()
    (tmp_path / "improvd/__init__.py").touch()
    (tmp_path / "improvd/__main__.py").write_text(NOT_THERE)
    subprocess.run([sys.executable, "-m", "improvd"], check=True, cwd=tmp_path, timeout=20)


def test_it_plays_and_hears_on_a_loopback_port_and_ctrl_c_leaves_nothing_sounding(jack, start):
    del jack
    with Synth("loopMIDI", "Port") as synth:
        jam = start("--tempo", "240", "--count-in", "0", "--mode", "answer", "--port", "loopmidi")
        assert jam.ports[0] == "loopMIDI Port 0"
        heard = []
        jam.wait_for_beats(4)
        synth.send(bytes((0x90, 65, 80)))
        synth.send(bytes((0x80, 65, 64)))
        eventually(lambda: any(beat[5] for beat in jam.beats), "hearing")
        eventually(lambda: heard.extend(synth.heard()) or still_sounding(heard), "a note")
        assert jam.leave() == 0
        heard += synth.heard()
    assert still_sounding(heard) == set()
    assert jam.errors.read_text() == ""


def test_it_is_spoken_to_over_a_port_that_only_this_user_knows(env, start, tmp_path):
    jam = start(*QUICK, "--api", "none")
    jam.wait_for_beats(2)
    assert "240 BPM" in improvd(env, "ctl", "status").stdout
    assert improvd(env, "ctl", "tempo", "200").stdout == "200 beats per minute.\n"
    known = tmp_path / "Local/improvd/run/improvd.sock"
    assert stat.S_IMODE(known.stat().st_mode) == 0o600
    second = improvd(env, *QUICK, "--api", "none")
    assert second.returncode == 2
    assert "plays already" in second.stderr
    assert improvd(env, "ctl", "stop").returncode == 0
    assert jam.process.wait(10) == 0
    assert improvd(env, "ctl", "status").returncode == 2


def test_a_killed_player_is_replaced_and_its_note_closed(jack, start):
    del jack
    with Synth("loopMIDI", "Port") as synth:
        jam = start(*ON_LOOPMIDI)
        heard = []

        def sounding():
            heard.extend(synth.heard())
            return still_sounding(heard, killed=True)

        jam.wait_for_beats(8)
        eventually(sounding, "a note")
        os.kill(jam.player, signal.SIGKILL)
        eventually(lambda: not sounding(), "silence")
        jam.wait_for_beats(len(jam.beats) + 8)
        assert "The player was lost; another one goes on." in jam.lines
        assert jam.leave() == 0
        assert sounding() == set()


def test_both_killed_the_next_start_closes_the_note(jack, start):
    del jack
    with Synth("loopMIDI", "Port") as synth:
        jam = start(*ON_LOOPMIDI)
        heard = []

        def sounding():
            heard.extend(synth.heard())
            return still_sounding(heard, killed=True)

        jam.wait_for_beats(8)
        eventually(sounding, "a note")
        player = jam.player
        jam.process.send_signal(signal.SIGSTOP)
        os.kill(player, signal.SIGKILL)
        jam.process.kill()
        jam.process.wait()
        assert sounding()
        jam = start(*ON_LOOPMIDI)
        eventually(lambda: not sounding(), "silence")
        jam.wait_for_beats(4)
        assert jam.leave() == 0
        assert sounding() == set()


def test_a_killed_service_takes_its_player_along(start):
    jam = start(*QUICK, "--api", "none")
    jam.wait_for_beats(2)
    player = jam.player
    jam.process.kill()

    def gone():
        try:
            os.kill(player, 0)
        except ProcessLookupError:
            return True
        return False

    eventually(gone, "the player's leaving")


def test_a_name_that_finds_nothing_is_one_sentence_with_the_remedy(jack, start):
    del jack
    jam = start(*QUICK, "--port", "Nobody")
    assert jam.process.wait(20) == 2
    (said,) = jam.errors.read_text().splitlines()
    assert "loopMIDI" in said
