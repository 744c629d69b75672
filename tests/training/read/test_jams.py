"""What is learned from a recorded jam is what was heard in it, beat by beat, and nothing else."""

from dataclasses import replace

import pytest

from improvd.core.music import REST
from improvd.model import find, load
from improvd.training.measure.evaluate import values_of
from improvd.training.read import etudes
from improvd.training.read.corpus import beats_of
from improvd.training.read.jams import pieces as jams
from improvd.training.read.sources import TOGETHER, read_all
from tests.harness.own_jams import newest, play

VOCABULARY = load(find("default")).vocabulary
ETUDES = etudes.book()[:2]


@pytest.mark.parametrize("etude", ETUDES, ids=lambda etude: etude.name)
def test_what_is_learned_is_what_the_cell_was_fed(tmp_path, etude):
    beats = play(tmp_path, etude, mode="trade 64")
    [piece] = jams.read(newest(tmp_path))
    [learned] = values_of([piece], VOCABULARY)
    # A beat is heard when the next is picked; before the first, improvd's line was elsewhere.
    fed = [beat.x for beat in beats if beat.number > 0]
    assert learned[1:] == fed[1 : len(learned)]
    assert len(fed) - len(learned) < 2


def test_a_piece_has_the_chords_and_the_tempo_that_were_played(tmp_path):
    etude = ETUDES[0]
    play(tmp_path, etude, mode="trade 64", tempo=93.0)
    piece = jams.read(newest(tmp_path))[0]
    assert piece.bpm == pytest.approx(93, abs=0.01)
    assert piece.name == newest(tmp_path).stem
    theirs = [harmony.chord.symbol for harmony in etude.harmonies]
    assert [harmony.chord.symbol for harmony in piece.harmonies] == theirs[: len(piece.harmonies)]


def test_silence_parts_pieces_and_each_begins_on_a_bar_line(tmp_path):
    etude = ETUDES[0]
    play(tmp_path, etude, only=[range(2, 24), range(50, 80)])
    first, second = jams.read(newest(tmp_path))
    assert len(first.harmonies) <= 24
    assert len(second.harmonies) <= 32
    symbols = [harmony.chord.symbol for harmony in etude.harmonies]
    assert [h.chord.symbol for h in first.harmonies] == symbols[: len(first.harmonies)]
    assert [h.chord.symbol for h in second.harmonies] == symbols[48:][: len(second.harmonies)]
    assert beats_of(second)[:2] == beats_of(etude)[48:50] or not beats_of(second)[0].notes


def test_together_improvd_plays_where_the_musician_is_silent(tmp_path):
    play(tmp_path, ETUDES[0], only=[range(16), range(48, 64)], mode="trade 4")
    path = newest(tmp_path)
    alone, both = jams.read(path), jams.read(path, together=True)
    assert sum(len(p.notes) for p in both) > 1.5 * sum(len(p.notes) for p in alone)
    assert len(alone[0].harmonies) <= 16
    assert len(both[0].harmonies) > 28
    mine = [beat for beat in beats_of(both[0])[16:32] if beat.notes]
    assert len(mine) > 6


def test_chords_in_the_left_hand_are_no_melody(tmp_path):
    held = replace(ETUDES[0], notes=tuple(replace(n, pitch=n.pitch - 24) for n in ETUDES[0].notes))
    thirds = tuple(
        replace(note, pitch=note.pitch + third) for note in held.notes for third in (0, 4, 7)
    )
    play(tmp_path, replace(ETUDES[0], notes=thirds), mode="trade 64")
    assert jams.read(newest(tmp_path)) == []


def test_a_recording_is_a_source_like_any_other(tmp_path):
    play(tmp_path / "jams", ETUDES[0], only=[range(16), range(48, 64)], mode="trade 4")
    path = newest(tmp_path / "jams")
    (tmp_path / "jams" / "20260101-000000.jam").write_bytes(b"spoilt")
    (tmp_path / "jams" / "cut.jam").write_bytes(path.read_bytes()[:-20_000])
    reading = read_all([tmp_path / "jams"])
    assert {piece.name for piece in reading.pieces} == {path.stem, "cut"}
    assert list(reading.left_out.values()) == [
        "it is not a recorded jam, or damaged from the beginning on"
    ]
    [first, *_] = read_all([path], melody=TOGETHER).pieces
    assert len(first.harmonies) > 28


def test_where_nobody_played_there_is_nothing(tmp_path):
    beats = play(tmp_path, ETUDES[0], only=[])
    assert all(beat.x in {None, REST} or not beat.heard for beat in beats)
    assert jams.read(newest(tmp_path)) == []
    assert read_all([tmp_path]).left_out == {str(newest(tmp_path)): "nobody played a melody in it"}
