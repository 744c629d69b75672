"""Everything musicians have is read as pieces, each other thing has a reason, and none twice."""

import gzip
import json
import random
from pathlib import Path

import pytest
from joblib import parallel_config
from music21 import chord, harmony, meter, note, stream

from improvd.config import Config
from improvd.core.music import PULSES_PER_BEAT
from improvd.model import find, load
from improvd.performance import chart_of
from improvd.training.generate import line_of, solo
from improvd.training.read import etudes, weimar
from improvd.training.read.sources import read, read_all
from improvd.training.read.weimar import LeftOutError
from improvd.training.show.solo import save
from tests.harness.midi_files import band, events, line, track, write
from tests.harness.solos import weimar_solo

SONG = """\
X:1
T:Around the Flats
C:Nobody
M:4/4
L:1/4
Q:1/4=96
K:Bb
F | "Bb" B2 d f | "Cm7" e2 c G | "F7" A c e c | "Bb" d4 |
"Eb" g2 e B | "Bbmaj7" d2 f a | "Gm7b5" g2 _d B | "F7" c3 F |
"Bb" B2 d f | "Cm7" e2 c G | "F7" A c e c | "Bb" B4 |]
"""


def symbols(piece) -> list[str]:
    return [harmony.chord.symbol for harmony in piece.harmonies]


def lead_sheet(beats_per_bar: int = 4, bars: int = 12) -> stream.Score:
    """A tune with chord symbols, above a part of chords."""
    tune, comp = stream.Part(), stream.Part()
    tune.partName, comp.partName = "Trumpet", "Piano"
    tune.append(meter.TimeSignature(f"{beats_per_bar}/4"))
    for bar in range(bars):
        place = bar * beats_per_bar
        tune.insert(place, harmony.ChordSymbol(("B-7", "E-maj7", "F#m7b5", "C7/E")[bar % 4]))
        for beat in range(beats_per_bar):
            tune.insert(place + beat, note.Note(60 + (bar * 5 + beat * 2) % 12))
        comp.insert(place, chord.Chord([48, 52, 55], quarterLength=beats_per_bar))
    return stream.Score([tune, comp])


# -- written music -------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".musicxml", ".xml", ".mxl"])
def test_musicxml_gives_its_melody_and_chord_symbols(tmp_path, suffix):
    path = tmp_path / f"sheet{suffix}"
    lead_sheet().write("mxl" if suffix == ".mxl" else "musicxml", fp=path)
    [piece] = read(path)
    assert [n.pitch for n in piece.notes] == [
        60 + (bar * 5 + beat * 2) % 12 for bar in range(12) for beat in range(4)
    ]
    # A flat that music21 writes as a minus is still a flat, and no minor.
    assert symbols(piece)[::4] == ["Bb7", "Ebmaj7", "F#m7b5", "C7/E"] * 3


def test_a_waltz_is_carried_in_quarter_notes(tmp_path):
    lead_sheet(beats_per_bar=3).write("musicxml", fp=tmp_path / "waltz.musicxml")
    [piece] = read(tmp_path / "waltz.musicxml")
    assert len(piece.harmonies) == 36
    assert symbols(piece)[:6] == ["Bb7"] * 3 + ["Ebmaj7"] * 3


def test_a_part_of_a_score_can_be_named(tmp_path):
    lead_sheet().write("musicxml", fp=tmp_path / "sheet.musicxml")
    [piece] = read(tmp_path / "sheet.musicxml", "piano")
    assert {n.pitch for n in piece.notes} == {55}


def test_abc_begins_with_the_bar_of_its_pick_up(tmp_path):
    (tmp_path / "song.abc").write_text(SONG)
    [piece] = read(tmp_path / "song.abc")
    assert (piece.name, piece.performer, piece.bpm) == ("Around the Flats", "Nobody", 96)
    assert piece.notes[0].onset == 3 * PULSES_PER_BEAT
    assert symbols(piece)[4:12:4] == ["Bb", "Cm7"]
    assert symbols(piece)[28:36:4] == ["Gm7b5", "F7"]


def test_mei_repeats_are_played_out(tmp_path):
    notes = "".join(f'<note pname="{name}" oct="4" dur="4"/>' for name in "cdef")
    end = " right='rptend'"
    bars = "".join(
        f'<measure n="{n}"{end if n == 4 else ""}><staff n="1"><layer n="1">'
        f"{notes}</layer></staff></measure>"
        for n in range(1, 5)
    )
    staff = '<staffGrp><staffDef n="1" lines="5" meter.count="4" meter.unit="4"/></staffGrp>'
    (tmp_path / "a.mei").write_text(
        '<mei xmlns="http://www.music-encoding.org/ns/mei"><music><body><mdiv><score>'
        f"<scoreDef>{staff}</scoreDef><section>{bars}</section></score></mdiv></body></music></mei>"
    )
    [piece] = read(tmp_path / "a.mei")
    assert len(piece.harmonies) == 32


def test_a_book_of_tunes_gives_every_one_that_is_long_enough(tmp_path):
    short = "X:2\nT:Too Short\nM:4/4\nL:1/4\nK:C\nC D E F |]\n"
    (tmp_path / "book.abc").write_text(f"{SONG}\n{short}\n{SONG.replace('X:1', 'X:3')}")
    reading = read_all([tmp_path / "book.abc"])
    assert [piece.name for piece in reading.pieces] == ["Around the Flats"] * 2
    [(where, reason)] = reading.left_out.items()
    assert where == f"{tmp_path / 'book.abc'}: 2 Too Short"
    assert reason.startswith("it has 4 beats of melody")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xml", "<score-partwise><part"),
        ("a.mxl", "PK but no zip"),
        ("a.musicxml", ""),
        ("a.abc", ""),
    ],
)
def test_written_music_that_is_broken_says_so(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    with pytest.raises(LeftOutError, match=rf"{name}: it (cannot be read as|has no notes)"):
        read(tmp_path / name)


def test_works_of_the_music21_corpus_go_by_name():
    [piece] = read("corpus:bach/bwv66.6")
    assert len(piece.harmonies) == 3 + 36  # a pick-up of one beat opens its bar with three rests
    assert piece.name == "bwv66.6"
    # Four voices without symbols: the soprano over the chords that the others sing.
    assert piece.notes[0].pitch == 73
    assert symbols(piece)[-1].startswith("Gb")
    with pytest.raises(LeftOutError, match="corpus:nobody: it is no composer or work"):
        read("corpus:nobody")


# -- improvd's own -------------------------------------------------------------------------


def test_an_etude_is_read_to_the_note_as_the_book_has_it():
    for path in sorted(etudes.FOLDER.glob("*.mid"))[:3]:
        assert read(path) == [etudes.read(path)]


@pytest.mark.parametrize("suffix", [".mid", ".musicxml"])
def test_what_it_played_can_be_learned_from(tmp_path, suffix):
    config, model, chart = Config(count_in=0), load(find("default")), chart_of(None)
    played = solo(config, model, chart, 96)
    path = tmp_path / f"jam{suffix}"
    save(path, config, model, chart, played)
    [piece] = read(path)
    pitches = [n.pitch for beat in line_of(model.vocabulary, played[1]) for n in beat.notes]
    assert [n.pitch for n in piece.notes] == pitches
    beats = min(len(piece.harmonies), 96)
    assert symbols(piece)[:beats] == [chart.at(beat).chord.symbol for beat in range(beats)]


# -- transcriptions ------------------------------------------------------------------------


def test_transcriptions_come_with_a_reason_for_each_that_is_left_out(tmp_path):
    path = tmp_path / "solos.jsonl"
    path.write_text("\n".join(map(json.dumps, [weimar_solo(), weimar_solo(signature="5/4")])))
    reading = read_all([path])
    assert reading.pieces == weimar.read(path)[0]
    assert reading.left_out == {f"{path}: Nobody_Nothing": "it is in 5/4, not in 4/4"}


def test_lines_that_are_no_transcriptions_are_named(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps(weimar_solo()) + "\n{")
    (tmp_path / "b.jsonl.gz").write_bytes(b"\x1f\x8b\x08 cut")
    reading = read_all([tmp_path])
    plain, gzipped = reading.left_out.values()
    assert plain == "line 2 is not JSON"
    assert gzipped.startswith("it is not whole JSON lines")


@pytest.mark.parametrize(
    "around",
    ["{0}\n\n", "\ufeff{0}\n", "\n{0}", "{0}\r\n  \r\n", "{0}\n\n{0}\n"],
    ids=["last", "BOM", "first", "CRLF", "between"],
)
@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_blank_lines_and_a_byte_order_mark_are_nothing(tmp_path, around, suffix):
    content = around.format(json.dumps(weimar_solo())).encode()
    path = tmp_path / f"solos{suffix}"
    path.write_bytes(gzip.compress(content) if suffix.endswith("gz") else content)
    reading = read_all([path])
    assert len(reading.pieces) == around.count("{0}")
    assert reading.left_out == {}


@pytest.mark.parametrize(
    "change",
    [
        {"beats": None},
        {"beats": [[None] * 8] * 40},
        {"notes": [[0.0, 0.4]]},
        {"notes": [["a"] * 10]},
        {"notes": 7},
        {"signature": None},
        {"beats": [[b / 2, b // 4 + 1, b % 4 + 1, 4, "C7x", "", 1, 36] for b in range(40)]},
    ],
)
def test_a_damaged_solo_is_left_out_beside_the_others(tmp_path, change):
    solos = [weimar_solo(), weimar_solo() | change | {"id": "bad"}, weimar_solo()]
    path = tmp_path / "solos.jsonl"
    path.write_text("\n".join(map(json.dumps, solos)))
    reading = read_all([path])
    assert len(reading.pieces) == 2
    assert list(reading.left_out) == [f"{path}: bad"]


@pytest.mark.parametrize("tempo", [None, 0, "fast", float("nan"), float("inf")])
def test_a_solo_without_a_tempo_is_read(tmp_path, tempo):
    solo = weimar_solo() | {"avgtempo": tempo}
    del solo["title"]
    (tmp_path / "a.jsonl").write_text(json.dumps(solo))
    assert read(tmp_path / "a.jsonl")[0].bpm == 120


def test_beats_without_a_chord_let_the_one_before_go_on(tmp_path):
    solo = weimar_solo()
    for empty, beat in zip(("", None), solo["beats"][8:10], strict=True):
        beat[4] = empty
    (tmp_path / "a.jsonl").write_text(json.dumps(solo))
    assert set(symbols(read(tmp_path / "a.jsonl")[0])) == {"C7"}


def test_one_bad_line_takes_no_other_with_it(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join([json.dumps(weimar_solo()), "{", "[]", json.dumps(weimar_solo())]))
    reading = read_all([path])
    assert len(reading.pieces) == 2
    assert reading.left_out == {
        str(path): "line 2 is not JSON, line 3 is no solo with beats and notes"
    }


def test_what_breaks_off_keeps_what_came_before(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    lines = b"".join(json.dumps(weimar_solo()).encode() + b"\n" for _ in range(200))
    packed = gzip.compress(lines + random.Random(1).randbytes(100_000).hex().encode())
    path.write_bytes(packed[: len(packed) // 2])
    reading = read_all([path])
    assert len(reading.pieces) == 200
    assert "what follows cannot be read" in reading.left_out[str(path)]


def test_a_line_of_brackets_without_end_is_one_bad_line(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("[" * 200_000 + "\n" + json.dumps(weimar_solo()))
    reading = read_all([path])
    assert (len(reading.pieces), reading.left_out[str(path)]) == (1, "line 1 is not JSON")


def test_what_would_fill_the_memory_is_left_out(tmp_path):
    path = tmp_path / "huge.mid"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    assert read_all([path]).left_out == {str(path): "it is too large to be music (1048576 MB)"}


# -- many files ----------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(10):
        write(tmp_path / "in" / f"{number}.mid", track(events(line(low=60 + number))))
    band(tmp_path / "in" / "deeper" / "band.MID")
    (tmp_path / "in" / "5.mid").write_bytes(b"")
    (tmp_path / "in" / "notes.txt").write_text("buy strings")
    (tmp_path / "in" / ".DS_Store").write_bytes(b"\0")
    return tmp_path / "in"


def test_a_folder_is_read_with_all_that_is_in_it_in_order(folder):
    reading = read_all([folder, "nowhere"])
    assert [p.name for p in reading.pieces] == [*"01234", *"6789", "band"]
    assert reading.left_out == {
        "nowhere": "it is not there",
        str(folder / "5.mid"): "it is empty",
        str(folder / "notes.txt"): "it is of a kind that improvd does not read (.txt)",
    }


def test_more_processes_read_the_same(folder, monkeypatch, tmp_path):
    alone = read_all([folder])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another"))
    assert read_all([folder], jobs=2) == alone


def test_a_back_end_set_outside_is_used(folder):
    alone = read_all([folder])
    with parallel_config(backend="threading", n_jobs=2):
        assert read_all([folder]) == alone


def test_what_was_read_is_kept_by_its_content(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    first = read_all([folder])
    kept = sorted((tmp_path / "cache").rglob("*.json"))
    assert len(kept) == 11

    assert read_all([folder]) == first
    for file in kept:
        file.write_text(json.dumps([[], {"": "kept"}]))
    assert set(read_all([folder / "0.mid", folder / "5.mid"]).left_out.values()) == {"kept"}

    write(folder / "0.mid", track(events(line(low=70))))
    assert read(folder / "0.mid")[0].notes[0].pitch == 70
    for file in kept:
        file.write_text("cut sho")
    assert read_all([folder / "1.mid"]).pieces == first.pieces[1:2]


def test_a_cache_that_cannot_be_written_is_none(folder, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert len(read_all([folder]).pieces) == 10
