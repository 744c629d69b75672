from pathlib import Path

import mido
import pytest

from improvd.core.beat import Beat
from improvd.core.modes import Turn
from improvd.take import Take

BEAT_NS = 500_000_000


def beat(number: int, chord: str) -> Beat:
    return Beat(
        number=number,
        bar=number // 4 + 1,
        beat_in_bar=number % 4 + 1,
        chord=chord,
        turn=Turn.PLAY,
        x=None,
        heard=False,
        value=2,
        pitches=(60,),
        start_ns=10**9 + number * BEAT_NS,
    )


@pytest.fixture
def take() -> Take:
    take = Take(bpm=120, beats_per_bar=4)
    for number, chord in enumerate(["Dm7", "Dm7", "G7", "G7"]):
        take.add_beat(beat(number, chord))
    take.add_message(10**9 + BEAT_NS, bytes([0x90, 60, 90]))
    take.add_message(10**9 + BEAT_NS * 3 // 2, bytes([0x80, 60, 64]))
    return take


def events(path: Path, track: int) -> list[tuple[int, mido.Message]]:
    tick = 0
    found = []
    for message in mido.MidiFile(path).tracks[track]:
        tick += message.time
        found.append((tick, message))
    return found


def test_notes_stand_where_they_were_due(take, tmp_path):
    take.save(tmp_path / "take.mid")
    notes = [(tick, m.type) for tick, m in events(tmp_path / "take.mid", 1) if not m.is_meta]
    assert notes == [(480, "note_on"), (720, "note_off")]


def test_chords_are_markers_where_they_change(take, tmp_path):
    take.save(tmp_path / "take.mid")
    found = events(tmp_path / "take.mid", 0)
    assert [(tick, m.text) for tick, m in found if m.type == "marker"] == [(0, "Dm7"), (960, "G7")]
    assert [m.tempo for _, m in found if m.type == "set_tempo"] == [500_000]


def test_a_save_that_fails_leaves_the_file_that_was_there(take, tmp_path, monkeypatch):
    path = tmp_path / "take.mid"
    take.save(path)
    before = path.read_bytes()
    (tmp_path / ".take.mid.unfinished").mkdir()  # nothing can be written in its place
    take.add_message(10**9 + 2 * BEAT_NS, bytes([0x90, 62, 90]))
    with pytest.raises(OSError, match="unfinished"):
        take.save(path)
    assert path.read_bytes() == before
