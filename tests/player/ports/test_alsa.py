"""On the ALSA sequencer of this machine's kernel; `make vm-test` has one and runs these."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from improvd.player.ports.ports import open_ports
from tests.harness.jack import eventually

try:
    from improvd.player.ports.alsa import Sequencer
except ImportError:
    Sequencer = None

rtmidi = pytest.importorskip("rtmidi")
if not os.access("/dev/snd/seq", os.R_OK | os.W_OK):
    pytest.skip("no ALSA sequencer (/dev/snd/seq)", allow_module_level=True)


@pytest.fixture
def sequencer():
    sequencer = Sequencer()
    yield sequencer
    sequencer.close()


@pytest.fixture
def synth():
    """Another program's port to hear, `Synth:keys`, as rtmidi names it, and its client."""
    client = rtmidi.MidiIn(rtmidi.API_LINUX_ALSA, name="Synth")
    client.open_virtual_port("keys")
    yield _named("Synth:keys"), client
    client.delete()


@pytest.fixture
def keyboard():
    """Another program's port to play on, and its client."""
    client = rtmidi.MidiOut(rtmidi.API_LINUX_ALSA, name="Keyboard")
    client.open_virtual_port("keys")
    yield _named("Keyboard:keys"), client
    client.delete()


def _named(start: str) -> str:
    clients = rtmidi.MidiOut(rtmidi.API_LINUX_ALSA), rtmidi.MidiIn(rtmidi.API_LINUX_ALSA)
    names = [name for client in clients for name in client.get_ports()]
    for client in clients:
        client.delete()
    (name,) = [name for name in names if name.startswith(start)]
    return name


def test_two_ports_of_others_are_connected_and_seen_from_both_sides(sequencer, synth, keyboard):
    (sink, _), (source, _) = synth, keyboard
    assert sequencer.connected(source) == set()
    sequencer.connect(source, sink)
    sequencer.connect(source, sink)
    assert sequencer.connected(source) == {sink}
    assert sequencer.connected(sink) == {source}


def test_aconnect_sees_what_was_connected(sequencer, synth, keyboard):
    sequencer.connect(keyboard[0], synth[0])
    listed = subprocess.run(["aconnect", "-l"], capture_output=True, text=True, check=True).stdout
    address = synth[0].rpartition(" ")[2]
    assert f"Connecting To: {address}" in listed


@pytest.mark.parametrize("name", ["nobody", "Nobody:keys 7:1", "Nobody:keys 250:3", ""])
def test_a_port_that_is_not_there_is_connected_with_nobody(sequencer, synth, name):
    sequencer.connect(name, synth[0])
    sequencer.connect(synth[0], name)
    assert sequencer.connected(name) == set()
    assert sequencer.connected(synth[0]) == set()


def test_an_address_that_somebody_else_has_now_is_left_alone(sequencer, synth, keyboard):
    address = synth[0].rpartition(" ")[2]
    sequencer.connect(keyboard[0], f"Gone:keys {address}")
    assert sequencer.connected(keyboard[0]) == set()


def test_without_a_sequencer_it_says_what_is_missing(tmp_path):
    empty = tmp_path / "asound.conf"
    empty.write_text("")
    code = "from improvd.player.ports.alsa import Sequencer\nSequencer()"
    environment = os.environ | {"ALSA_CONFIG_PATH": str(empty)}
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    ).stderr
    assert "OSError" in said or "FileNotFoundError" in said
    assert "the ALSA sequencer" in said


def test_our_ports_hear_play_and_know_their_peers(synth, keyboard):
    (sink, hearing), (source, playing) = synth, keyboard
    with open_ports(api="alsa") as ports:
        ports.join((("out", sink), ("in", source)))
        ports.tend()
        assert set(ports.peers) == {("out", sink), ("in", source)}
        ports.send(b"\x90\x3c\x40")
        heard = []
        eventually(lambda: heard.append(hearing.get_message()) or heard[-1], "hearing")
        assert heard[-1][0] == [0x90, 0x3C, 0x40]
        before = time.monotonic_ns()
        playing.send_message([0x90, 0x43, 0x50])
        got = []
        eventually(lambda: got.extend(ports.receive()) or got, "receiving")
        assert got[-1][1] == b"\x90\x43\x50"
        assert got[-1][0] >= before - 50_000_000


def test_a_port_that_is_named_is_joined(synth):
    with open_ports("Synth keys", api="alsa") as ports:
        ports.tend()
        assert ports.plays_on == synth[0]
        assert ("out", synth[0]) in ports.peers


def test_the_kernel_counts_one_cable_not_two(sequencer, synth):
    with open_ports("Synth keys", api="alsa") as ports:
        ports.join((("out", synth[0]),))
        assert len(sequencer.connected(synth[0])) == 1
        clients = Path("/proc/asound/seq/clients").read_text()
        assert clients.count("Connecting To") == 1
