"""The database that Weimar publishes says the same as its solos written as JSON lines."""

import json
import sqlite3
from pathlib import Path

import pytest

from improvd.training.read import weimar
from improvd.training.read.sources import read, read_all
from improvd.training.read.weimar import LeftOutError
from tests.harness.solos import weimar_solo

# The columns that are read, of the tables as the database's documentation names them.
TABLES = """
    CREATE TABLE solo_info (melid INTEGER, performer TEXT, title TEXT, avgtempo REAL,
                            signature TEXT);
    CREATE TABLE beats (beatid INTEGER PRIMARY KEY, melid INTEGER, onset REAL, bar INTEGER,
                        beat INTEGER, signature TEXT, chord TEXT);
    CREATE TABLE melody (eventid INTEGER PRIMARY KEY, melid INTEGER, onset REAL, pitch REAL,
                         duration REAL, period INTEGER, division INTEGER, bar INTEGER,
                         beat INTEGER, tatum INTEGER);
"""


def database(path: Path, *solos: dict) -> Path:
    """Solos in tables, where a chord stands only where it changes."""
    with sqlite3.connect(path) as tables:
        tables.executescript(TABLES)
        for melid, solo in enumerate(solos, start=1):
            about = (solo[key] for key in ("performer", "title", "avgtempo", "signature"))
            tables.execute("INSERT INTO solo_info VALUES (?, ?, ?, ?, ?)", (melid, *about))
            before = None
            for onset, bar, beat, _, chord, *_ in solo["beats"]:
                row = (melid, onset, bar, beat, "" if chord == before else chord)
                tables.execute(
                    "INSERT INTO beats (melid, onset, bar, beat, chord) VALUES (?, ?, ?, ?, ?)", row
                )
                before = chord
            for onset, seconds, pitch, bar, beat, division, tatum, *_ in solo["notes"]:
                row = (melid, onset, float(pitch), seconds, division, bar, beat, tatum)
                tables.execute(
                    "INSERT INTO melody (melid, onset, pitch, duration, division, bar, beat, tatum)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    row,
                )
    tables.close()
    return path


def test_the_database_and_the_json_lines_are_the_same_music(tmp_path):
    solos = [weimar_solo(), weimar_solo(beats=60), weimar_solo(signature="5/4")]
    lines = tmp_path / "solos.jsonl"
    lines.write_text("\n".join(map(json.dumps, solos)))
    pieces, left_out = weimar.read(database(tmp_path / "wjazzd.db", *solos))
    assert len(pieces) == 2
    assert pieces == weimar.read(lines)[0]
    assert list(left_out.values()) == ["it is in 5/4, not in 4/4"]


def test_it_is_read_as_any_file(tmp_path):
    place = database(tmp_path / "wjazzd.db", weimar_solo())
    assert read_all([place]).pieces == weimar.read(place)[0]


def test_another_database_is_left_out_with_a_word(tmp_path):
    with sqlite3.connect(tmp_path / "other.db") as tables:
        tables.execute("CREATE TABLE accounts (name TEXT)")
    tables.close()
    (tmp_path / "text.db").write_text(
        "this is no database, and long enough to be taken for one" * 9
    )
    for name in ("other.db", "text.db"):
        with pytest.raises(LeftOutError, match="is not the Weimar Jazz Database"):
            read(tmp_path / name)
