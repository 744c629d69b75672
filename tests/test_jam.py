"""The whole program as a person starts it, on a real MIDI system, with another one listening."""

import os
import re
import signal
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import mido
import pytest

from tests.harness.daemon import DaemonProcess
from tests.harness.jack import JackServer, Keyboard, Listener, Synth, eventually
from tests.harness.notes import still_sounding


@pytest.fixture
def start(jack: JackServer, tmp_path: Path) -> Iterator[object]:
    """Start improvd on the test's JACK server, at a tempo that does not waste anybody's time."""
    jams: list[DaemonProcess] = []

    def start(*options: str) -> DaemonProcess:
        jams.append(
            DaemonProcess("--tempo", "240", "--count-in", "0", *options, env=jack.env, cwd=tmp_path)
        )
        return jams[-1]

    yield start
    for jam in jams:
        jam.__exit__()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_plays_one_value_a_beat_and_leaves_nothing_sounding(start, number):
    jam = start()
    with Listener(jam.ports[0]) as listener:
        jam.wait_for_beats(24)
        assert jam.leave(number) == 0
        heard = listener.poll()
    assert any(message[0] == 0x90 for message in heard)
    assert still_sounding(heard) == set()
    places = [(int(beat[1]), int(beat[2])) for beat in jam.beats]
    assert places == [(n // 4 + 1, n % 4 + 1) for n in range(len(places))]
    assert jam.errors.read_text() == ""


@pytest.mark.parametrize("who", ["service", "player"])
def test_told_to_leave_it_says_goodbye_and_takes_nothing_for_lost(start, who):
    """Not the MIDI system, which is still there, whoever of the two processes was told."""
    jam = start()
    jam.wait_for_beats(4)
    os.kill(jam.process.pid if who == "service" else jam.player, signal.SIGTERM)
    assert jam.process.wait(10) == 0
    assert jam.lines[-1] == "Nothing sounds any more. Bye."
    assert not [line for line in jam.lines if "MIDI system left" in line or "was lost" in line]


def test_what_is_played_becomes_the_next_x(start):
    jam = start("--mode", "answer")
    with Keyboard(jam.ports[1]) as keyboard:
        jam.wait_for_beats(4)
        keyboard.send(bytes([0x90, 65, 80]))
        eventually(lambda: any(beat[5] for beat in jam.beats), "hearing the player")
        keyboard.send(bytes([0x80, 65, 64]))
        first = next(beat for beat in jam.beats if beat[5])
        assert (first[4], first[5]) == ("your turn", "F4"), "a struck key is a note, not a hold"
        eventually(lambda: jam.beats[-1][4] == "improvd", "the answer")
    assert jam.leave() == 0


def test_a_flood_of_input_does_not_stop_the_beat(start):
    jam = start("--mode", "solo", "--sync", "internal")
    with Listener(jam.ports[0]) as listener, Keyboard(jam.ports[1]) as keyboard:
        jam.wait_for_beats(1)
        before = len(jam.beats)
        flood = [bytes([0xB0, 1, n % 128]) for n in range(1000)] + [b"\xfe", b"\xf8"]
        while len(jam.beats) < before + 16:
            keyboard.send(*flood)
        assert jam.leave() == 0
        assert still_sounding(listener.poll()) == set()


def test_the_player_process_loads_nothing_heavy(start):
    jam = start()
    jam.wait_for_beats(1)
    maps = Path(f"/proc/{jam.player}/maps").read_text()
    assert "rtmidi" in maps
    assert not re.search("tensorflow|keras|music21|matplotlib", maps)


def test_without_midi_it_plays_into_a_file(tmp_path):
    with DaemonProcess("--api", "none", "--tempo", "240", cwd=tmp_path) as jam:
        jam.wait_for_beats(24)
        assert jam.leave() == 0
        assert "playing into improvd-" in jam.lines[0]
    (path,) = tmp_path.glob("improvd-*.mid")
    messages = [message for message in mido.MidiFile(path) if not message.is_meta]
    assert any(message.type == "note_on" for message in messages)
    assert still_sounding([bytes(message.bytes()) for message in messages]) == set()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_lost_player_is_replaced_and_nothing_hangs(jack, start, number):
    """The listener's own port stays; the player's vanishes and is joined to it again."""
    jam = start("--mode", "solo")
    with Synth("synth", "keys") as synth:
        jack.connect(jam.ports[0], "synth:keys")
        jam.wait_for_beats(12)
        heard = synth.heard()
        os.kill(jam.player, number)
        before = len(jam.beats)
        jam.wait_for_beats(before + 12)
        assert jam.leave() == 0
        heard += synth.heard()
    assert still_sounding(heard, killed=True) == set()
    assert "The player was lost; another one goes on." in jam.lines
    numbers = [int(beat[1]) * 4 + int(beat[2]) for beat in jam.beats]
    # It goes on in time: only beats that fell in the restart are missing, and none comes twice.
    missing = [after - before - 1 for before, after in pairwise(numbers)]
    assert sum(missing) <= 12  # three seconds, on a machine that does many other things
    assert min(missing) == 0


def test_the_take_is_kept_across_a_lost_player(tmp_path):
    with DaemonProcess("--api", "none", "--tempo", "240", cwd=tmp_path) as jam:
        jam.wait_for_beats(12)
        os.kill(jam.player, signal.SIGKILL)
        jam.wait_for_beats(24)
        assert jam.leave() == 0
    (path,) = tmp_path.glob("improvd-*.mid")
    messages = [message for message in mido.MidiFile(path) if not message.is_meta]
    assert sum(message.type == "note_on" for message in messages) > 12


def test_a_killed_service_takes_its_player_along(tmp_path):
    with DaemonProcess("--api", "none", "--tempo", "240", cwd=tmp_path) as jam:
        jam.wait_for_beats(4)
        player = Path(f"/proc/{jam.player}/cmdline")
        jam.process.kill()
        eventually(lambda: not player.exists() or not player.read_bytes(), "the player's leaving")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--tempo", "0"], "--tempo 0.0: it is a number from 20 to 400"),
        (["--tempo", "5000"], "--tempo 5000.0: it is a number from 20 to 400"),
        (["--low", "128"], "--low 128: it is a whole number from 0 to 127"),
        (["--mode", "shout"], "--mode shout: it is one of follow, answer, solo, trade N"),
        (["--chart", "| Dm7 | Hx9 |"], "bar 2"),
        (["--chart", "nowhere.chart"], "nowhere.chart"),
        (["--model", "nobody"], "nobody: no model of this name"),
        (["--config", "nowhere.toml"], "nowhere.toml: cannot be read"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(tmp_path, options, sentence):
    with DaemonProcess(*options, "--api", "none", cwd=tmp_path) as jam:
        assert jam.process.wait(20) == 2
        errors = jam.errors.read_text()
    assert sentence in errors
    assert len(errors.splitlines()) == 1
