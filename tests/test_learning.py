"""Learning as a person starts it: train, evaluate, generate, and what they say."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import threading
from pathlib import Path

import mido
import pytest
from click.testing import CliRunner, Result
from music21 import converter

from improvd.commands import main
from improvd.model import find, load
from tests.harness.midi_files import band, events, line, track, write
from tests.harness.solos import weimar_solo

QUICK = ("--epochs", "3", "--units", "8", "--jobs", "1")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder to work in, with music in it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    band(tmp_path / "music" / "band.mid")
    write(tmp_path / "music" / "solo.mid", track(events(line(60))))
    (tmp_path / "music" / "broken.mid").write_bytes(b"MThd")
    return tmp_path


def improvd(*arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments], catch_exceptions=False)


def refused(*arguments: str) -> str:
    """The one sentence that bad input ends with."""
    result = improvd(*arguments)
    assert result.exit_code == 2
    [sentence] = result.stderr.splitlines()
    return sentence


def _read(terminal: int) -> bytes:
    """What a terminal shows next; nothing when its program has gone, or said nothing for long."""
    try:
        return os.read(terminal, 4096) if select.select([terminal], [], [], 60)[0] else b""
    except OSError:
        return b""


# -- train ---------------------------------------------------------------------------------


def test_one_command_on_a_folder_gives_a_model_a_page_and_what_to_do_next():
    result = improvd("train", "music", "-o", "mine.safetensors", *QUICK)
    assert result.exit_code == 0
    assert "Read 2 pieces, 108 beats." in result.stdout
    assert "music/broken.mid: it is cut short" in result.stdout
    assert "2 pieces of 108 beats by heart" in result.stdout
    assert "Jam with it:  improvd --model mine.safetensors" in result.stdout
    model = load(Path("mine.safetensors"))
    assert model.card["name"] == "mine"
    assert model.weights.n_a == 8
    assert Path("mine.html").read_text().startswith("<!doctype html>")


def test_the_same_seed_gives_the_same_bytes_in_another_process(folder):
    assert improvd("train", "music", "-o", "a.safetensors", *QUICK).exit_code == 0
    assert (
        improvd("train", "music", "-o", "other.safetensors", "--seed", "1", *QUICK).exit_code == 0
    )
    Path("a.safetensors").rename("here.safetensors")
    command = [sys.executable, "-m", "improvd", "train", "music", "-o", "a.safetensors", *QUICK]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    again = Path("a.safetensors").read_bytes()
    assert again == Path("here.safetensors").read_bytes()
    assert again != Path("other.safetensors").read_bytes()


def test_ctrl_c_keeps_the_best_so_far(folder):
    command = [sys.executable, "-m", "improvd", "train", "music/solo.mid", "--epochs", "1000000"]
    # A terminal of its own: only there is the bar drawn that says how far it is.
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(ours, (24, 100))
    with (
        Path("said.txt").open("w+") as said,
        subprocess.Popen(command, stdout=said, stderr=theirs, cwd=folder) as learning,
    ):
        os.close(theirs)
        shown = b""
        too_long = threading.Timer(120, learning.kill)
        too_long.start()
        while part := _read(ours):
            shown += part
            if re.search(rb" [2-9]\d*/1000000 ", shown):
                learning.send_signal(signal.SIGINT)
                shown = b""
        assert learning.wait(60) == 0, shown
        too_long.cancel()
    assert "Jam with it:" in Path("said.txt").read_text()
    epochs = re.search(r"after (\d+) epochs", load(folder / "my.safetensors").card["loss"])
    assert epochs is not None
    assert 1 <= int(epochs[1]) < 1_000_000


def test_the_values_of_another_model_can_be_taken_over():
    assert improvd("train", "music", "--vocabulary", "default", *QUICK).exit_code == 0
    vocabulary = load(Path("my.safetensors")).vocabulary
    assert vocabulary.id == load(find("default")).vocabulary.id


def test_files_left_out_for_one_reason_are_told_together():
    for number in range(6):
        Path(f"music/{number}.mid").write_bytes(b"")
    result = improvd("train", "music", *QUICK)
    assert "0.mid, music/1.mid, music/2.mid, music/3.mid and 2 more: it is empty" in result.stdout


def test_parts_of_one_file_are_named_without_it_again():
    solos = [weimar_solo(signature="5/4") | {"id": name} for name in "abcdef"]
    Path("solos.jsonl").write_text("\n".join(map(json.dumps, solos)))
    result = improvd("train", "music/solo.mid", "solos.jsonl", *QUICK)
    assert "  solos.jsonl: a, b, c, d and 2 more: it is in 5/4, not in 4/4\n" in result.stdout


def test_without_music_it_says_what_to_give():
    result = improvd("train")
    assert result.exit_code == 2
    assert "improvd train my-midi-folder" in result.stderr
    assert "etudes" in result.stderr


def test_bad_input_is_one_sentence():
    assert "there is nothing to learn from" in refused("train", "nowhere")
    assert "there is no folder" in refused("train", "music", "-o", "no/where.safetensors")
    assert "no model of this name" in refused("train", "music", "--vocabulary", "nobody")
    assert "no model of this name" in refused("evaluate", "nobody")
    assert "there is no piece here" in refused("evaluate", "default", "music/broken.mid")
    assert "here are 0 of 0" in refused("evaluate", "default", "music/band.mid", "--tell")
    assert "written as .mid, .musicxml, .png" in refused("generate", "-o", "solo.wav")
    assert "cannot read the chord 'Hx7'" in refused("generate", "--chart", "| Hx7 |")
    assert "there is no folder" in refused("generate", "-o", "no/where.mid")
    assert "from 20 to 400" in refused("generate", "--tempo", "5000")


# -- evaluate ------------------------------------------------------------------------------


def test_any_model_is_measured_beside_any_corpus():
    result = improvd("evaluate", "default", "music/band.mid")
    assert result.exit_code == 0
    assert result.stdout.count("name: default") == 1
    assert re.search(r"^H4 +\d\.\d\d .+ \.\. ", result.stdout, re.MULTILINE)
    assert "1 solo of 512 beats, argmax" in result.stdout
    assert re.search(r"by itself: \d\.\d\d at 60 BPM, .+ at 300 BPM", result.stdout)
    assert "bigrams" not in result.stdout
    both = improvd("evaluate", "default", "music")
    assert re.search(r"bigrams: \d+\.\d\d, \d+\.\d% guessed", both.stdout)
    sampled = improvd("evaluate", "default", "music/band.mid", "--temperature", "1")
    assert "sampled at temperature 1" in sampled.stdout


# -- generate ------------------------------------------------------------------------------


def test_a_solo_is_written_as_midi_as_notes_and_as_a_picture():
    chart = ("--chart", "| Dm7 | G7 | C | % |", "--bars", "8", "--tempo", "90")
    for name in ("solo.mid", "solo.musicxml", "solo.png"):
        assert improvd("generate", "-o", name, *chart).exit_code == 0
    midi = mido.MidiFile("solo.mid")
    pitches = [m.note for track in midi.tracks for m in track if m.type == "note_on"]
    sheet = converter.parse("solo.musicxml").flatten()
    written = sheet.stripTies().notes.getElementsByClass("Note")
    assert [n.pitch.midi for n in written] == pitches
    assert [c.figure for c in sheet.getElementsByClass("ChordSymbol")] == ["Dm7", "G7", "C"] * 2
    assert Path("solo.png").read_bytes().startswith(b"\x89PNG")


def test_keras_plays_the_same_solo_to_the_byte():
    assert improvd("generate", "-o", "ours.mid", "--beats", "50").exit_code == 0
    assert improvd("generate", "-o", "keras.mid", "--beats", "50", "--keras").exit_code == 0
    assert Path("ours.mid").read_bytes() == Path("keras.mid").read_bytes()


def test_lots_are_drawn_by_seed():
    solos = []
    for seed in ("1", "1", "2"):
        improvd("generate", "--temperature", "1", "--seed", seed)
        solos.append(Path("solo.mid").read_bytes())
    assert solos[0] == solos[1] != solos[2]


# -- what is imported ----------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["generate"]])
def test_help_and_generate_need_no_tensorflow(folder, arguments):
    script = (
        "import sys; from click.testing import CliRunner; from improvd.commands import main\n"
        f"result = CliRunner().invoke(main, {arguments!r})\n"
        "assert result.exit_code == 0, result.output\n"
        "assert not {'tensorflow', 'keras', 'music21', 'matplotlib'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=folder)
