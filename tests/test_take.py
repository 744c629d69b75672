import os
from dataclasses import replace
from pathlib import Path

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improvd.core.harmony.chord import parse_chord
from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import Turn
from improvd.take import Take
from improvd.training.read import midifile
from tests.harness.symbols import SYMBOLS

BEAT_NS = 500_000_000


def beat(number: int, chord: str = "C", start_ns: int | None = None) -> Beat:
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
        start_ns=10**9 + number * BEAT_NS if start_ns is None else start_ns,
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


@pytest.mark.parametrize(
    ("written", "in_ascii"),
    [
        ("CΔ7", "Cmaj7"),
        ("B♭7", "Bb7"),
        ("F♯m7", "F#m7"),
        ("Bø7", "Bm7b5"),
        ("E°7", "Edim7"),
        ("C△", "Cmaj7"),
    ],
)
def test_chords_are_written_as_every_program_reads_them(tmp_path, written, in_ascii):
    take = Take(bpm=120, beats_per_bar=4)
    take.add_beat(beat(0, written))
    take.save(tmp_path / "take.mid")
    [marker] = [m.text for _, m in events(tmp_path / "take.mid", 0) if m.type == "marker"]
    assert marker == in_ascii
    assert parse_chord(marker) == parse_chord(written)


def test_no_text_of_an_old_recording_loses_a_take(tmp_path):
    take = Take(bpm=120, beats_per_bar=4)
    take.add_beat(beat(0, "Ω 和音"))
    take.add_message(10**9, bytes([0x90, 60, 90]))
    take.save(tmp_path / "take.mid")
    [piece] = [score.voices for score in midifile.read((tmp_path / "take.mid").read_bytes(), "")]
    assert [note.pitch for note in piece[0].notes] == [60]


METRES = [(4, False), (3, False), (5, False), (3.5, False), (2.5, False), (4.5, False)]
METRES += [(2, True), (3, True), (4, True)]


@settings(max_examples=60, deadline=None)
@given(
    symbols=st.lists(SYMBOLS, min_size=1, max_size=8),
    metre=st.sampled_from(METRES),
    bpm=st.integers(20, 400),
)
def test_what_is_written_is_read_again(tmp_path_factory, symbols, metre, bpm):
    beats_per_bar, dotted = metre
    path = tmp_path_factory.getbasetemp() / "round.mid"
    take = Take(bpm, beats_per_bar, dotted=dotted)
    beat_ns = round(60e9 / bpm)
    for number in range(4 * len(symbols)):
        where = replace(
            beat(number, symbols[number // 4], start_ns=number * beat_ns),
            beat_in_bar=int(number % beats_per_bar) + 1,
        )
        take.add_beat(where)
        take.add_message(number * beat_ns, bytes([0x90, 40 + number, 90]))
        take.add_message(number * beat_ns + beat_ns // 2, bytes([0x80, 40 + number, 0]))
    take.save(path)
    [score] = midifile.read(path.read_bytes(), "round")
    beat_pulses = 720 if dotted else 480
    found = dict(score.chords)
    chord = None
    for number in range(4 * len(symbols)):
        chord = found.get(number * beat_pulses, chord)
        assert chord == parse_chord(symbols[number // 4])
    [voice] = score.voices
    assert [note.onset for note in voice.notes] == [
        number * beat_pulses for number in range(4 * len(symbols))
    ]
    assert score.bpm == pytest.approx(bpm * beat_pulses / 480, rel=2e-3)
    assert score.metres[0] == (0, round(beats_per_bar * beat_pulses))


def saved(take: Take, folder: Path) -> Path:
    take.save(folder / "take.mid")
    return folder / "take.mid"


def notes(path: Path, track: int) -> list[tuple[int, str, int]]:
    return [(t, m.type, m.note) for t, m in events(path, track) if m.type.startswith("note")]


def test_what_was_heard_is_a_track_of_its_own(take, tmp_path):
    take.add_heard(10**9 - 10_000_000, bytes([0x90, 64, 80]))
    take.add_heard(10**9 + BEAT_NS // 2, bytes([0xF8]))
    take.add_heard(10**9 + BEAT_NS // 2, bytes([64, 0]))  # running status: the clock is between
    take.add_heard(10**9 + BEAT_NS, bytes([0xF0, 1, 2, 0xF7]))
    take.add_heard(10**9 + BEAT_NS, bytes([64, 1]))  # no status runs on after a SysEx
    file = mido.MidiFile(saved(take, tmp_path))
    assert [track.name for track in file.tracks] == ["chords", "improvd", "you"]
    assert notes(tmp_path / "take.mid", 2) == [(0, "note_on", 64), (240, "note_on", 64)]


def test_a_clock_that_was_sent_is_no_music(take, tmp_path):
    take.add_message(10**9, b"\xf8")
    assert len(notes(saved(take, tmp_path), 1)) == 2


def test_every_note_is_let_go_and_none_twice(take, tmp_path):
    take.add_message(10**9 + 2 * BEAT_NS, bytes([0x80, 61, 64]))
    take.add_message(10**9 + 3 * BEAT_NS, bytes([0x91, 62, 90]))
    found = events(saved(take, tmp_path), 1)
    assert [(t, m.type, m.channel, m.note) for t, m in found if m.type.startswith("note")] == [
        (480, "note_on", 0, 60),
        (720, "note_off", 0, 60),
        (1440, "note_on", 1, 62),
        (1920, "note_off", 1, 62),
    ]


def test_a_daws_beats_are_where_they_were_played(tmp_path):
    """A clock that wanders by a few ms and then goes half as fast, pauses, and goes on."""
    starts = [0]
    for number in range(1, 200):
        length = 434_782_609 + (number * 7919 % 13 - 6) * 700_000
        length *= 2 if number > 100 else 1
        starts.append(starts[-1] + length + (30_000_000_000 if number == 150 else 0))
    take = Take(bpm=138, beats_per_bar=4)
    for number, start in enumerate(starts):
        take.add_beat(beat(number, start_ns=start))
        take.add_message(start, bytes([0x90, number % 128, 90]))
        take.add_message(start + 100_000_000, bytes([0x80, number % 128, 90]))
    played = []
    now = 0.0
    for message in mido.MidiFile(saved(take, tmp_path)):
        now += message.time
        if message.type == "note_on":
            played.append(now)
    worst = max(abs(time - start / 1e9) for time, start in zip(played, starts, strict=True))
    assert worst < 0.0015


def test_a_steady_tempo_is_written_once(tmp_path):
    take = Take(bpm=138, beats_per_bar=4)
    for number in range(1000):
        take.add_beat(beat(number, start_ns=number * 434_782_609))
    tempos = [m.tempo for _, m in events(saved(take, tmp_path), 0) if m.type == "set_tempo"]
    assert tempos == [434_783]


def test_a_clock_that_jitters_is_one_tempo(tmp_path):
    take = Take(bpm=126, beats_per_bar=4)
    for number in range(1000):
        jitter = (number * 7919 % 13 - 6) * 70_000
        take.add_beat(beat(number, start_ns=number * 476_190_476 + jitter))
    [tempo] = [m.tempo for _, m in events(saved(take, tmp_path), 0) if m.type == "set_tempo"]
    assert tempo == pytest.approx(476_190, abs=2)


@pytest.mark.parametrize(
    ("beats_per_bar", "dotted", "metre"),
    [(4, False, (4, 4)), (3, False, (3, 4)), (3.5, False, (7, 8)), (4, True, (12, 8))],
)
def test_metres(tmp_path, beats_per_bar, dotted, metre):
    take = Take(120, beats_per_bar, dotted=dotted)
    for number in range(8):
        take.add_beat(replace(beat(number), beat_in_bar=int(number % beats_per_bar) + 1))
    take.add_message(10**9 + BEAT_NS, bytes([0x90, 60, 90]))
    path = saved(take, tmp_path)
    found = [m for _, m in events(path, 0) if m.type == "time_signature"]
    assert [(m.numerator, m.denominator) for m in found] == [metre]
    struck = 0.0
    for message in mido.MidiFile(path):
        struck += message.time
        if message.type == "note_on":
            break
    assert struck == pytest.approx(0.5, abs=1e-3)


def test_a_chart_s_own_metre_is_written_where_bars_are_as_long(tmp_path):
    take = Take(120, 3, meter=(6, 8))
    for number in range(6):
        take.add_beat(replace(beat(number), beat_in_bar=number % 3 + 1))
    found = [m for _, m in events(saved(take, tmp_path), 0) if m.type == "time_signature"]
    assert [(m.numerator, m.denominator) for m in found] == [(6, 8)]


def test_the_last_bars_begin_and_end_on_bar_lines(tmp_path):
    take = Take(bpm=120, beats_per_bar=4)
    for number in range(4 * 4 + 3):
        take.add_beat(beat(number, f"C{number // 4 + 2}"))
        start = 10**9 + number * BEAT_NS
        take.add_message(start, bytes([0x90, 40 + number, 90]))
        take.add_heard(start - 20_000_000, bytes([0x90, 80 + number, 90]))
        take.add_message(start + BEAT_NS * 5 // 4, bytes([0x80, 40 + number, 90]))
        take.add_heard(start + 20_000_000, bytes([80 + number, 0]))
    path = saved(take.last_bars(2), tmp_path)
    assert [(t, m.text) for t, m in events(path, 0) if m.type == "marker"] == [
        (0, "C4"),
        (4 * 480, "C5"),
    ]
    for track, first in ((1, 40), (2, 80)):
        struck = [each for each in notes(path, track) if each[1] == "note_on"]
        offs = [each for each in notes(path, track) if each[1] == "note_off"]
        assert {note for *_, note in struck} >= {first + 8, first + 15}
        assert {note for *_, note in struck + offs} == set(range(first + 8, first + 16))
    assert events(path, 1)[-1] == (8 * 480, mido.MetaMessage("end_of_track"))
    assert len(take.last_bars(99).beats) == 16
    assert Take(120, 4).last_bars(8).beats == []


@pytest.mark.learning
def test_music21_reads_it_too(take, tmp_path):
    from music21 import converter  # noqa: PLC0415 - the other tests do without

    take.add_heard(10**9 + BEAT_NS, bytes([0x90, 64, 80]))
    take.add_heard(10**9 + 2 * BEAT_NS, bytes([0x80, 64, 80]))
    score = converter.parse(saved(take, tmp_path))
    assert [part.partName for part in score.parts] == ["improvd", "you"]
    ours, yours = (list(part.flatten().notes) for part in score.parts)
    assert [(n.offset, n.quarterLength, n.pitch.midi) for n in ours] == [(1.0, 0.5, 60)]
    assert [(n.offset, n.quarterLength, n.pitch.midi) for n in yours] == [(1.0, 1.0, 64)]
    assert score.metronomeMarkBoundaries()[0][2].number == 120


def test_a_save_that_fails_leaves_the_file_that_was_there(take, tmp_path, monkeypatch):
    path = tmp_path / "take.mid"
    take.save(path)
    before = path.read_bytes()
    (tmp_path / f".take.mid.{os.getpid()}.part").mkdir()  # nothing can be written in its place
    take.add_message(10**9 + 2 * BEAT_NS, bytes([0x90, 62, 90]))
    with pytest.raises(OSError, match=r"take\.mid"):
        take.save(path)
    assert path.read_bytes() == before


def test_each_voice_of_a_band_has_a_track_of_its_name(tmp_path):
    take = Take(120, 4, voices={1: "bass", 9: "drums"})
    for number in range(4):
        take.add_beat(beat(number, "C7", start_ns=number * 500_000_000))
    for channel, pitch in ((0, 60), (1, 40), (9, 51)):
        take.add_message(channel, bytes([0x90 | channel, pitch, 90]))
        take.add_message(500_000_000, bytes([0x80 | channel, pitch, 0]))
    take.save(tmp_path / "band.mid")
    tracks = {
        track.name: [m.note for m in track if m.type == "note_on"]
        for track in mido.MidiFile(tmp_path / "band.mid").tracks
    }
    assert tracks == {"chords": [], "improvd": [60], "bass": [40], "drums": [51]}
    programs = {
        track.name: [(m.channel, m.program) for m in track if m.type == "program_change"]
        for track in mido.MidiFile(tmp_path / "band.mid").tracks
    }
    assert programs == {"chords": [], "improvd": [], "bass": [(1, 32)], "drums": []}
    take.without(["soloist", "drums"]).save(tmp_path / "minus.mid")
    left = [track.name for track in mido.MidiFile(tmp_path / "minus.mid").tracks]
    assert left == ["chords", "improvd", "bass"]
