"""MEI and Humdrum give the chord symbols that stand beside their notes, where they stand."""

import itertools

import pytest

from improvd.core.harmony.chord import spelled
from improvd.training.read.corpus import Piece
from improvd.training.read.notation.humdrum_sections import played_out
from improvd.training.read.sources import read
from improvd.training.read.weimar import LeftOutError

BARS = range(1, 11)


def runs(piece: Piece) -> list[tuple[str, int]]:
    symbols = (spelled(harmony.chord) for harmony in piece.harmonies)
    return [(symbol, len(list(run))) for symbol, run in itertools.groupby(symbols)]


# -- MEI -----------------------------------------------------------------------------------


def mei(harms: dict[int, str], staff: str = "", right: str = "") -> str:
    """Ten bars of four quarters, with these chords in bars, the fourth with a sign at its end."""
    bars = "".join(
        f'<measure n="{n}" {right if n == 4 else ""}><staff n="1"><layer n="1">'
        + "".join(f'<note xml:id="n{n}{p}" pname="{p}" oct="4" dur="4"/>' for p in "cdef")
        + f"</layer></staff>{harms.get(n, '')}</measure>"
        for n in BARS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><mei xmlns="http://www.music-encoding.org/ns/mei">'
        "<meiHead><fileDesc><titleStmt><title>Made</title></titleStmt><pubStmt/></fileDesc></meiHead>"
        '<music><body><mdiv><score><scoreDef meter.count="4" meter.unit="4" key.sig="0"><staffGrp>'
        f'<staffDef n="1" lines="5" clef.shape="G" clef.line="2" {staff}/></staffGrp></scoreDef>'
        f"<section>{bars}</section></score></mdiv></body></music></mei>"
    )


def harm(text: str, where: str = 'tstamp="1"') -> str:
    return f'<harm staff="1" {where}>{text}</harm>'


@pytest.fixture
def made(tmp_path):
    def read_it(text: str, suffix: str) -> Piece:
        (tmp_path / f"made.{suffix}").write_text(text, encoding="utf-8")
        [piece] = read(tmp_path / f"made.{suffix}")
        return piece

    return read_it


def test_chords_of_mei_stand_on_their_beats(made):
    raised = 'G<rend rend="sup">7</rend>'
    first = harm("Dm7") + harm(raised, 'tstamp="3"')
    piece = made(
        mei({1: first, 2: harm("C△7", 'startid="#n2c"'), 3: harm("A7", 'startid="#n3e"')}), "mei"
    )
    assert runs(piece) == [("Dm7", 2), ("G7", 2), ("Cmaj7", 6), ("A7", 30)]


def test_numerals_and_words_in_mei_are_no_chords(made):
    texts = {1: harm("C6"), 2: harm("V7"), 3: harm("Bridge"), 4: harm("")}
    assert runs(made(mei(texts), "mei")) == [("C6", 40)]


def test_chords_of_mei_are_repeated_and_moved_with_their_bars(made):
    texts = {1: harm("D7"), 4: harm("E/G#"), 5: harm("N.C.")}
    piece = made(mei(texts, 'trans.semi="-2" trans.diat="-1"', 'right="rptend"'), "mei")
    assert piece.notes[0].pitch == 58
    assert runs(piece)[:3] == [("C7", 12), ("D/Gb", 4), ("C7", 12)]


def test_a_chord_of_mei_that_nobody_can_read_is_told(made):
    with pytest.raises(LeftOutError, match=r"a chord in bar 3 that improvd cannot read, 'C7add8'"):
        made(mei({3: harm("C7add8")}), "mei")


# -- Humdrum -------------------------------------------------------------------------------


def humdrum(spine: str, chords: dict[tuple[int, int], str], notes: str = "cdef") -> str:
    """Ten bars with chords at (bar, beat from 1), in a spine of this kind."""
    rows = "\n".join(
        f"={n}\t={n}\n"
        + "\n".join(f"4{p}\t{chords.get((n, beat), '.')}" for beat, p in enumerate(notes, 1))
        for n in BARS
    )
    return f"**kern\t{spine}\n*M4/4\t*M4/4\n{rows}\n==\t==\n*-\t*-\n"


@pytest.mark.parametrize(
    ("spine", "chords"),
    [
        ("**mxhm", ["B- minor-seventh", "E- dominant", "A- major-seventh/C", "none"]),
        ("**jazz", ["2B-:min7", "2E-:7", "A-:maj7/3", "r"]),
        ("**harte", ["Bb:min7", "Eb:7", "Ab:maj7/3", "N"]),
        ("**cdata-harm", ["Bbm7", "E♭7", "Ab△7/C", "N.C."]),
    ],
)
def test_chords_of_humdrum_stand_beside_their_notes(made, spine, chords):
    places = [(1, 1), (1, 3), (2, 1), (4, 1)]
    piece = made(humdrum(spine, dict(zip(places, chords, strict=True))), "krn")
    assert runs(piece) == [("Bbm7", 2), ("Eb7", 2), ("Abmaj7/C", 36)]


def test_chords_of_humdrum_are_repeated_with_their_bars(made):
    text = humdrum("**cdata-harm", {(1, 1): "C6", (2, 1): "G7"})
    piece = made(text.replace("=3\t=3", "=3:|!\t=3:|!"), "krn")
    assert runs(piece) == [("C6", 4), ("G7", 4), ("C6", 4), ("G7", 36)]


@pytest.mark.parametrize(
    ("first", "signs"),
    [("=1!|:", "=3:|!"), ("=1", "=:|!"), ("=1!|:", "=:|!"), ("=1!|:", "=3:|!|:")],
)
def test_repeats_of_humdrum_are_played_out_however_they_are_written(made, first, signs):
    text = humdrum("**cdata-harm", {(1, 1): "C6", (3, 1): "G7"})
    for old, new in (("=1\t=1", f"{first}\t{first}"), ("=3\t=3", f"{signs}\t{signs}")):
        text = text.replace(old, new)
    assert len(made(text.replace("==\t==", "=11\t=11"), "krn").notes) == 48


def test_columns_that_split_keep_their_chords(made):
    text = humdrum("**cdata-harm", {(1, 1): "C6", (3, 1): "G7"})
    split = "*^\t*\n4c\t4e\tF7\n4d\t4f\t.\n4e\t4g\t.\n4f\t4a\t.\n*v\t*v\t*\n"
    old = "4c\t.\n4d\t.\n4e\t.\n4f\t.\n"
    head, tail = text.split("=2\t=2\n")
    piece = made(head + "=2\t=2\n" + split + tail.removeprefix(old), "krn")
    assert runs(piece) == [("C6", 4), ("F7", 4), ("G7", 32)]


def test_a_chord_of_humdrum_that_cannot_be_placed_or_read_is_told(made):
    with pytest.raises(LeftOutError, match=r"a chord in line 4 that improvd cannot read, 'C7add8'"):
        made(humdrum("**cdata-harm", {(1, 1): "C7add8"}), "krn")
    with pytest.raises(LeftOutError, match="a chord in line 5 where no note begins"):
        made(humdrum("**harte", {(1, 2): "C:7"}).replace("4d\tC:7", ".\tC:7"), "krn")


SECTIONS = {"A": "c", "B": "f", "C": "a"}


def in_sections(order: str, signs: str = "") -> str:
    """Sections of four bars of one note each, under a list of the order they are played in."""
    lines = ["**kern", f"*>[{order}]", "*>norep[A,B]", "*M4/4"]
    number = 0
    for name, note in SECTIONS.items():
        lines.append(f"*>{name}")
        for _ in range(4):
            number += 1
            lines += [f"={number}", *[f"4{note}"] * 4]
        lines.append(f"={signs}" if signs else "=")
    return "\n".join([*lines, "*-", ""])


@pytest.mark.parametrize(
    ("order", "played"), [("A,A,B,A", "ccfc"), ("A, B, C", "cfa"), ("C,A", "ac"), ("A,X", "cfa")]
)
@pytest.mark.parametrize("signs", ["", ":|!|:"])
def test_a_list_of_sections_is_the_order_in_which_they_are_played(made, order, played, signs):
    if "X" in order and signs:
        return  # as it is: by its repeat signs
    piece = made(in_sections(order, signs), "krn")
    names = {60: "c", 65: "f", 69: "a"}
    found = [names[note.pitch] for note in piece.notes]
    assert "".join(found[::16]) == played
    assert len(found) == 16 * len(played)


def test_what_holds_where_a_section_begins_is_said_again():
    text = "**kern\n*>[A,B,A]\n*M4/4\n*>A\n=1\n1c\n*>B\n*M3/4\n=2\n2.d\n*-\n"
    assert played_out(text).splitlines() == [
        *("**kern", "*M4/4", "=1", "1c", "*M3/4", "=2", "2.d", "*M4/4", "=1", "1c", "*-"),
    ]
    split = "**kern\n*>[A,A]\n*>A\n1c\n*^\n1c\t1e\n*-\t*-\n"
    assert played_out(split) == split
