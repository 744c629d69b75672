"""Jams on a real JACK server, recorded by the real service, looked at afterwards."""

import os
import signal
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import mido
import pytest
from click.testing import CliRunner

from improvd.commands import main
from improvd.messages import Began, Gap, Heard, Sent
from improvd.service.recorder import library
from improvd.service.recorder.recording import Recording
from tests.harness.daemon import DaemonProcess
from tests.harness.jack import Keyboard, Listener, eventually
from tests.harness.notes import still_sounding


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    return tmp_path / "state" / "improvd" / "improvd" / "jams"


@pytest.fixture
def playing(jack, folder, tmp_path) -> Iterator[DaemonProcess]:
    options = ["--tempo", "240", "--count-in", "0", "--mode", "follow", "--temperature", "1"]
    with DaemonProcess(*options, env=jack.env, cwd=tmp_path) as jam:
        yield jam


def improvise(jam: DaemonProcess, keyboard: Keyboard, notes: int) -> None:
    """Play a note for a beat, and leave the next two to improvd."""
    for note in range(notes):
        pitch = 60 + note * 5 % 13
        keyboard.send(bytes([0x90, pitch, 80]))
        jam.wait_for_beats(len(jam.beats) + 1)
        keyboard.send(bytes([0x80, pitch, 64]))
        jam.wait_for_beats(len(jam.beats) + 2)


def recorded(folder: Path, kind: type) -> list:
    [path] = library.jams(folder)
    return [event for event in Recording(path).events() if isinstance(event, kind)]


def jams(*words: str) -> str:
    result = CliRunner().invoke(main, ["jams", *words])
    assert result.exit_code == 0, result.output
    return result.output


def test_what_was_heard_and_played_is_recorded_exported_and_replayed(playing, folder, tmp_path):
    with Listener(playing.ports[0]) as listener, Keyboard(playing.ports[1]) as keyboard:
        improvise(playing, keyboard, 12)
        assert playing.leave() == 0
        heard = listener.poll()
    sent = [event.message for event in recorded(folder, Sent)]
    assert len(sent) > 8
    assert sent[-len(heard) :] == heard
    assert len(recorded(folder, Heard)) == 24
    again = jams("replay", "1", "-o", str(tmp_path / "again.mid"))
    assert f"all {len(sent)} messages are the same, to the byte." in again
    jams("export", "1", str(tmp_path / "jam.mid"))
    chords, ours, yours = mido.MidiFile(tmp_path / "jam.mid").tracks
    assert [m.text for m in chords if m.type == "marker"][:3] == ["F7", "Bb7", "F7"]
    assert [bytes(m.bytes()) for m in ours if not m.is_meta] == sent
    assert sum(m.type == "note_on" for m in yours) == 12


def test_a_player_that_is_killed_leaves_no_hole_in_the_replay(playing, folder):
    with Keyboard(playing.ports[1]) as keyboard:
        improvise(playing, keyboard, 4)
        os.kill(playing.player, signal.SIGKILL)
        before = len(playing.beats)
        playing.wait_for_beats(before + 8)
        assert playing.leave() == 0
    assert len(recorded(folder, Began)) == 2
    assert recorded(folder, Gap) == []
    assert "are the same, to the byte." in jams("replay", "1")


def test_a_kill_of_everything_loses_no_more_than_its_last_tenth_of_a_second(
    playing, folder, tmp_path
):
    with Listener(playing.ports[0]) as listener, Keyboard(playing.ports[1]) as keyboard:
        improvise(playing, keyboard, 6)
        by_then, moment = len(listener.poll()), time.monotonic()
        eventually(lambda: time.monotonic() > moment + 0.1, "a tenth of a second")
        player = playing.player
        playing.process.kill()
        os.kill(player, signal.SIGKILL)
        playing.process.wait()
        eventually(lambda: not Path(f"/proc/{player}").exists(), "the player's end")
        heard = listener.poll()
    sent = [event.message for event in recorded(folder, Sent)]
    # The listener came when it was playing already, and may have heard more than was recorded.
    missed = range(len(sent) - by_then + 1)
    assert any(sent[start:] == heard[: len(sent) - start] for start in missed)
    assert by_then > 2
    assert "cut short" in jams("list")
    assert "are the same, to the byte." in jams("replay", "1")
    jams("export", "1", str(tmp_path / "jam.mid"))
    ours = mido.MidiFile(tmp_path / "jam.mid").tracks[1]
    exported = [bytes(m.bytes()) for m in islice(ours, 1, len(sent) + 1)]
    assert exported == sent
    assert still_sounding([bytes(m.bytes()) for m in ours if not m.is_meta]) == set()
