"""What a person sees, in terminals that cannot show everything."""

import os
import subprocess
import sys

import mido
import pytest
from msgspec.structs import replace

from improvd.config import Config
from improvd.messages import Balance, Began, Change, Left, Obeyed, Played, Ready, Sent
from improvd.service.terminal.foreground import Foreground
from tests.harness.recorded import beat

NO_MIDI = Ready(None, None, 120.0, 4, "a tune", no_midi="no MIDI")


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONIOENCODING": "latin-1"}, {"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C"}],
    ids=str,
)
def test_what_a_terminal_cannot_show_is_replaced_and_the_music_goes_on(tmp_path, environment):
    chart = tmp_path / "tune.chart"
    chart.write_text("title: Água, Ĉu ♭\n| C | F |\n", encoding="utf-8")
    places = {f"XDG_{name}": str(tmp_path / name) for name in ("RUNTIME_DIR", "STATE_HOME")}
    playing = subprocess.Popen(
        [sys.executable, "-m", "improvd", "--api", "none", "--tempo", "240", "--chart", str(chart)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | places | environment,
        cwd=tmp_path,
    )
    assert playing.stdout is not None
    lines = [playing.stdout.readline() for _ in range(12)]
    playing.terminate()
    rest, errors = playing.communicate(timeout=20)
    assert errors == b""
    assert playing.returncode == 0
    assert any(b"240 BPM" in line for line in lines)
    assert lines[-1].split()[0].count(b".") == 1
    assert b"The take is in" in rest


def test_a_take_that_cannot_be_written_is_told_truly_before_and_after_the_end(tmp_path):
    said: list[str] = []
    foreground = Foreground(tmp_path / "gone", write=said.append)
    foreground.tell(NO_MIDI)
    foreground.tell(Left(0))
    foreground.keep()
    assert said[-1].endswith("cannot be written (No such file or directory).")
    assert "still playing" not in said[-1]


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such limit")
def test_without_room_for_a_take_the_music_goes_on_and_that_is_told(tmp_path):
    program = """
import os, pathlib, resource
from improvd.messages import Left, Ready
from improvd.service.terminal.foreground import Foreground

foreground = Foreground(pathlib.Path.cwd())
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
foreground.tell(Ready(None, None, 120.0, 4, "a tune", no_midi="no MIDI"))
foreground.tell(Left(0))
foreground.keep()
"""
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert said.stderr == ""
    assert "No take is kept: the system lets it open too few files" in said.stdout
    assert said.stdout.endswith("Bye.\n")
    assert list(tmp_path.iterdir()) == []


def test_a_take_that_is_played_into_has_a_track_for_each_voice(tmp_path):
    foreground = Foreground(tmp_path, voices={1: "bass"}, write=lambda _: None)
    foreground.tell(Ready(None, None, 120.0, 4.0, "", "no MIDI here"))
    foreground.tell(Obeyed(0, Change(Config(band="bass, drums"), None), ""))
    for channel in (0, 1, 9):
        foreground.tell(Sent(0, 0, bytes((0x90 | channel, 60, 90))))
    foreground.keep()
    [file] = tmp_path.glob("*.mid")
    names = [track.name for track in mido.MidiFile(file).tracks]
    assert names == ["chords", "improvd", "bass", "drums"]


def test_a_band_is_introduced_before_its_first_beat_and_whenever_it_is_another(tmp_path):
    said: list[str] = []
    foreground = Foreground(tmp_path, write=said.append)
    band = Config(band="bass, drums", tempo=160)
    foreground.tell(Ready("improvd", "improvd", 160.0, 4, ""))
    foreground.tell(Began(band, "| Dm7 | G7 |", "", 0))
    for number in range(-4, 12):
        if number == 2:
            foreground.tell(Obeyed(0, Balance("solo", ("bass",))))
        if number == 7:
            foreground.tell(Obeyed(0, Change(replace(band, band="off"), "| Dm7 | G7 |")))
        foreground.tell(Played(beat(number)))
    shown = {
        said[place + 1].split()[0]: line
        for place, line in enumerate(said)
        if line.startswith("Band") and not said[place + 1].startswith("Play along")
    }
    assert shown == {
        "0.1": "Band: soloist, bass, drums; two-feel.",
        "1.3": "Band: soloist (silent), bass, drums (silent); two-feel.",
        "3.1": "Band: nobody.",
    }
    assert sum(line.startswith("Band") for line in said) == 3
