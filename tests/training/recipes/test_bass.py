"""The bass's table: read from solos, counted, and what ships is a table like that."""

import json

from improvd.core.band.walking import BassTable
from improvd.models import bass as shipped
from improvd.training.read import bass_lines
from improvd.training.recipes import bass


def _solo(name: str, signature: str = "4/4", bass_at: int = 0) -> dict:
    """Sixteen bars of C7 and F7 in turn, roots on one and a scale up from them."""
    beats = []
    for beat in range(-2, 64):
        bar, place = divmod(beat, 4)
        root = 36 if bar % 2 == 0 else 41
        beats.append(
            [
                beat * 0.5,
                bar,
                place + 1,
                4,
                "C7" if bar % 2 == 0 else "F7",
                "A1",
                1,
                root + (0, 2, 4, 5)[place] + bass_at,
            ]
        )
    return {"id": name, "signature": signature, "rhythmfeel": "SWING", "beats": beats, "notes": []}


def _lines(tmp_path, *solos):
    path = tmp_path / "solos.jsonl"
    path.write_text("\n".join(map(json.dumps, solos)))
    return bass_lines.read(path)


def test_a_line_begins_with_a_bar_and_knows_its_chords(tmp_path):
    [line] = _lines(tmp_path, _solo("one"), _solo("in three", "3/4"))
    assert line.pitches[:5] == (36, 38, 40, 41, 41)
    assert line.rooted == 1.0
    assert line.chords(4).begins
    assert line.chords(3).next.root == 5


def test_what_was_counted_is_likely(tmp_path):
    lines = _lines(tmp_path, _solo("one"))
    table = BassTable(bass.count(lines))
    assert bass.bits(table, lines) < 0.5
    assert bass.bits(BassTable({}), lines) > 5
    assert bass.walk(table, lines[0].chart, 32) == bass.walk(table, lines[0].chart, 32)


def test_every_seventh_line_is_held_out(tmp_path):
    learned, held_out = bass_lines.split(_lines(tmp_path, *(_solo(str(n)) for n in range(15))))
    assert [line.name for line in held_out] == ["0", "7", "14"]
    assert len(learned) == 12


def test_the_table_that_ships_is_one_and_its_card_says_where_it_is_from(tmp_path):
    table = shipped.load()
    lines = _lines(tmp_path, _solo("one"))
    assert bass.bits(table, lines) < bass.bits(BassTable({}), lines)
    card = shipped.FILE.with_suffix(".md").read_text()
    assert "Weimar Jazz Database" in card
    assert "improvd.training.recipes.bass" in card
