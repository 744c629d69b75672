"""The commands, as a person types them."""

import re
from collections.abc import Iterator
from pathlib import Path

import mido
import pytest
from click.testing import CliRunner, Result

from improvd import records
from improvd.commands import main
from improvd.config import Config
from improvd.messages import Change, Gap, Moved, Mute, Notice, Obeyed, Tempo
from improvd.records import Closed, Opened
from improvd.service.recorder import library
from tests.harness.recorded import START_NS, jam

OPENED = Opened(records.FORMAT, "0.1", START_NS, 1_764_000_000 * 10**9)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    folder = tmp_path / "improvd" / "improvd" / "jams"
    folder.mkdir(parents=True)
    return folder


def put(folder: Path, *each) -> Path:
    path = library.next_name(folder, OPENED.wall_ns)
    path.write_bytes(b"".join(map(records.write, [OPENED, *each])))
    return path


def jams(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(main, ["jams", *words])


def test_the_list_has_the_newest_first(folder):
    put(folder, *jam(8), Closed())
    put(folder, *jam(100))
    (folder / "20990101-000000.jam").write_bytes(b"spoilt")
    result = jams("list")
    heading, spoilt, newest, oldest = result.output.splitlines()
    assert heading.split() == ["N", "when", "length", "beats", "BPM", "model", "size", "what"]
    assert "is not a recorded jam" in spoilt
    assert newest.split()[0] == "2"
    assert newest.split()[3:6] == ["0:00:50", "100", "120"]
    assert newest.endswith("| Dm7 | G7 |, cut short")
    assert oldest.split()[3:6] == ["0:00:04", "8", "120"]
    assert oldest.endswith("| Dm7 | G7 |")
    assert result.exit_code == 0


def test_an_empty_list_is_a_sentence(folder):
    assert jams("list").output == f"No jam was played yet: none is in {folder}.\n"
    assert "somebody/jams" in jams("list", "--name", "somebody").output


def test_a_jam_is_told(folder):
    events = list(jam(16))
    events[60:60] = [
        Obeyed(START_NS + 4 * 10**9, Tempo(132.0)),
        Obeyed(START_NS + 4 * 10**9, Mute(on=True)),
        Obeyed(START_NS + 4 * 10**9, Change(Config(tempo=120, mode="solo"), None)),
        Moved(START_NS + 5 * 10**9, "resting", 119.98),
        Notice("The clock fell silent; resting until it is back."),
        Gap(12),
    ]
    put(folder, *events, Closed())
    lines = jams("show", "1").output.splitlines()
    assert lines[2:] == [
        "  | Dm7 | G7 |, model default (abababababab)",
        "  tempo = 120",
        "  16 beats, 16 notes of improvd's, 16 of yours",
        "   0:00:04  bar 2     tempo 132",
        "   0:00:04  bar 2     mute on",
        "   0:00:04  bar 2     mode = solo",
        "   0:00:05  bar 2     resting, 120.0 BPM",
        "   0:00:05  bar 2     The clock fell silent; resting until it is back.",
        "   0:00:05  bar 2     12 events are missing here",
    ]


def test_a_jam_is_shown_beat_by_beat(folder):
    put(folder, *jam(16), Closed())
    lines = jams("show", "1", "--beats").output.splitlines()
    assert lines[-17] == "bar.beat  chord     turn       improvd               you"
    assert lines[-1] == "    4.4   G7        improvd    C4"


def test_a_jam_cut_anywhere_in_its_last_second_is_exported(folder, tmp_path):
    """Every note up to the cut is there, and every note is let go."""
    path = put(folder, *jam(16))
    whole = path.read_bytes()
    second = sum(len(records.write(event)) for event in list(jam(16))[-16:])
    for cut in range(len(whole) - second, len(whole) + 1, 5):
        path.write_bytes(whole[:cut])
        result = jams("export", path.stem, str(tmp_path / "out.mid"))
        assert result.exit_code == 0, result.output
        for track in mido.MidiFile(tmp_path / "out.mid").tracks[1:]:
            kinds = [message.type for message in track if not message.is_meta]
            assert len(kinds) >= 28
            assert kinds == ["note_on", "note_off"] * (len(kinds) // 2)


def test_a_jam_is_written_music_too(folder, tmp_path):
    put(folder, *jam(16))
    assert jams("export", "1", str(tmp_path / "out.musicxml")).exit_code == 0
    text = (tmp_path / "out.musicxml").read_text("utf-8")
    assert text.count("<measure ") == 2 * 4
    assert re.findall("<part-name>(.*?)</part-name>", text) == ["improvd", "you"]
    assert text.count("<pitch>") == 2 * 16


@pytest.mark.parametrize(("voice", "left"), [("soloist", "you"), ("musician", "improvd")])
def test_a_voice_is_left_out(folder, tmp_path, voice, left):
    put(folder, *jam(8))
    assert jams("export", "1", "--minus", voice, str(tmp_path / "out.mid")).exit_code == 0
    tracks = mido.MidiFile(tmp_path / "out.mid").tracks
    assert [t.name for t in tracks if not all(each.is_meta for each in t)] == [left]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["export", "1", "x.wav"], "x.wav: a jam is written as .mid, .musicxml, .png"),
        (["export", "1", "--minus", "tuba", "x.mid"], "--minus tuba: there is none; who played is"),
        (["show", "3"], "3: there is no such jam in {}, where there are 1"),
        (["show", "0"], "0: there is no such jam in {}, where there are 1"),
        (["show", "that"], "that: there is no such jam in {}; `improvd jams list` shows them"),
        (["show", "1", "--name", "/"], "--name /: it is up to 32 letters"),
        (["export", "9", "x.mid"], "9: there is no such jam"),
        (["export", "1", "/nowhere/x.mid"], "/nowhere/x.mid: cannot be written (No such file"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(folder, words, sentence):
    put(folder, *jam(4))
    result = jams(*words)
    assert result.exit_code == 2
    assert sentence.format(folder) in result.stderr
    assert len(result.stderr.splitlines()) == 1
