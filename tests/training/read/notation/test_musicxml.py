"""MusicXML is heard as it is meant: sounding notes, chords of their own part, the form played."""

import itertools
import zipfile
from pathlib import Path

import pytest

from improvd.core.harmony.chord import parse_chord
from improvd.training.read.corpus import Piece
from improvd.training.read.notation import musicxml
from improvd.training.read.sources import read
from improvd.training.read.weimar import LeftOutError
from tests.harness.musicxml_files import bar, ending, harmony, note, part, repeat, rest, score

BFLAT = "<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose>"
EFLAT_ALTO = "<transpose><diatonic>-5</diatonic><chromatic>-9</chromatic></transpose>"
TENOR = (
    "<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic>"
    "<octave-change>-1</octave-change></transpose>"
)


@pytest.fixture
def made(tmp_path):
    def read_it(*parts: str, melody: str | None = None) -> list[Piece]:
        path = tmp_path / "made.musicxml"
        path.write_text(score(*parts))
        return read(path, melody)

    return read_it


def runs(piece: Piece) -> list[tuple[str, int]]:
    symbols = (harmony.chord.symbol for harmony in piece.harmonies)
    return [(symbol, len(list(run))) for symbol, run in itertools.groupby(symbols)]


def chord_of(tmp_path: Path, written: str):
    (tmp_path / "one.musicxml").write_text(score(part([bar(written), *9 * [bar()]])))
    return read(tmp_path / "one.musicxml")[0].harmonies[0].chord


# -- transposing instruments ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("transpose", "written", "sounding", "moved"),
    [
        (BFLAT, "C", "Bb7", -2),
        (BFLAT, "F#", "E7", -2),
        (TENOR, "C", "Bb7", -14),
        (EFLAT_ALTO, "A", "C7", -9),
        ("<transpose><chromatic>2</chromatic></transpose>", "Bb", "C7", 2),
        ("<transpose><octave-change>-1</octave-change></transpose>", "C", "C7", -12),
    ],
)
def test_chords_move_with_the_notes_of_their_part(made, transpose, written, sounding, moved):
    bars = [bar(harmony(written, "dominant")), *9 * [bar()]]
    [piece] = made(part(bars, transpose))
    assert parse_chord(sounding) == piece.harmonies[0].chord
    assert piece.notes[0].pitch == 60 + moved


def test_the_bass_of_a_chord_moves_too(made):
    under = "<bass><bass-step>E</bass-step></bass>"
    [piece] = made(part([bar(harmony(more=under)), *9 * [bar()]], BFLAT))
    assert piece.harmonies[0].chord.bass == 2


def test_a_part_at_concert_pitch_stays(made):
    [piece] = made(
        part([bar() for _ in range(10)], BFLAT),
        part([harmony("Bb", "dominant") + rest(4) for _ in range(10)]),
    )
    assert runs(piece) == [("Bb7", 40)]
    # Where both parts have them, they are the same chords.
    [piece] = made(
        part([bar(harmony("C", "dominant")) for _ in range(10)], BFLAT),
        part([harmony("Bb", "dominant") + rest(4) for _ in range(10)]),
    )
    assert runs(piece) == [("Bb7", 40)]


def test_an_instrument_that_changes_moves_from_there_on(made):
    bars = [bar(harmony()), *4 * [bar()], bar(f"<attributes>{BFLAT}</attributes>" + harmony("D"))]
    [piece] = made(part([*bars, *4 * [bar()]]))
    assert runs(piece) == [("C", 40)]
    assert {piece.notes[0].pitch, piece.notes[20].pitch} == {60, 58}


# -- chords --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "degrees", "means"),
    [
        ("major", [(11, 1, "add")], "C(#11)"),
        ("major", [(5, -1, "alter")], "C(b5)"),
        ("major", [(5, 1, "alter")], "C+"),
        ("major", [(9, -1, "add")], "C(b9)"),
        ("major", [(9, 0, "add")], "Cadd9"),
        ("major", [(6, 0, "add"), (9, 0, "add")], "C69"),
        ("major", [(3, 0, "subtract")], "C5"),
        ("major", [(5, 0, "subtract"), (5, 1, "add")], "C+"),
        ("minor", [(7, 0, "add")], "Cm7"),
        ("minor", [(7, 1, "add")], "CmMaj7"),
        ("augmented-seventh", [(5, 0, "subtract"), (5, -1, "add")], "C7b5"),
        ("dominant", [(3, -1, "alter")], "Cm7"),
        ("half-diminished", [(9, 0, "add")], "Cm9b5"),
        # Some write what stands on paper for the kind's name.
        ("min7", [], "Cm7"),
        ("maj7", [(11, 1, "add")], "Cmaj7#11"),
        ("minor", [(6, 0, "add")], "Cm6"),
        ("augmented", [(7, 0, "add")], "C+7"),
        ("minor-seventh", [(5, -1, "alter")], "Cm7b5"),
        ("major-seventh", [(11, 1, "add")], "Cmaj7#11"),
        ("dominant", [(9, -1, "add"), (13, -1, "add")], "C7(b9,b13)"),
        ("dominant", [(5, 1, "alter"), (9, 1, "add")], "C7(#5,#9)"),
        ("dominant-13th", [(9, -1, "add")], "C13b9"),
        ("dominant-13th", [(3, 0, "subtract"), (4, 0, "add")], "C13sus4"),
        ("dominant", [(4, 0, "add"), (3, 0, "subtract")], "C7sus4"),
        ("suspended-fourth", [(7, 0, "add")], "C7sus4"),
        # Many programs count an added seventh as the standard does not.
        ("suspended-fourth", [(7, -1, "add"), (9, 0, "add"), (13, 0, "add")], "C13sus4"),
        ("suspended-fourth", [(7, 0, "add"), (9, -1, "add")], "C7sus4(b9)"),
        ("", [], "C"),
        ("half-diminished", [], "Cm7b5"),
    ],
)
def test_degrees_change_a_kind_as_the_standard_says(tmp_path, kind, degrees, means):
    read_chord, due = chord_of(tmp_path, harmony("C", kind, degrees)), parse_chord(means)
    assert (read_chord.root, read_chord.tones, read_chord.scale) == (0, due.tones, due.scale)


def test_a_root_keeps_its_sharp_and_a_bass_its_flat(tmp_path):
    over = "<bass><bass-step>B</bass-step><bass-alter>-1</bass-alter></bass>"
    written = chord_of(tmp_path, harmony("F#", "major", [(9, -1, "add")], over))
    assert (written.root, written.bass) == (6, 10)
    assert 7 in written.scale


def test_a_chord_that_is_none_is_none(made):
    none = harmony(kind="none").replace("<root>", "<!--").replace("</root>", "-->")
    [piece] = made(part([bar(harmony("D", "minor-seventh")), bar(none), *8 * [bar()]]))
    assert runs(piece) == [("Dm7", 40)]


def test_a_chord_that_nobody_can_read_is_told_with_its_bar(made):
    with pytest.raises(LeftOutError, match=r"in bar 3 that improvd cannot read.*quartal"):
        made(part([bar(harmony()), bar(), bar(harmony(kind="quartal")), *7 * [bar()]]))
    with pytest.raises(LeftOutError, match=r"in bar 1 that improvd cannot read, D Neapolitan"):
        made(part([bar(harmony("D", "Neapolitan")), *9 * [bar()]]))
    function = "<harmony><function>V</function><kind>major</kind></harmony>"
    with pytest.raises(LeftOutError, match=r"in bar 2 .*without a root"):
        made(part([bar(harmony()), bar(function), *8 * [bar()]]))


def test_where_there_is_no_kind_the_text_says_it(tmp_path):
    written = harmony(kind="other").replace("<kind>", '<kind text="7alt">')
    assert chord_of(tmp_path, written) == parse_chord("C7alt")


def test_an_offset_places_a_chord_and_bars_of_chords_alone_are_shared(made):
    at_three = harmony("G", "dominant", more="<offset>48</offset>")
    alone = harmony("F") + harmony("G")
    [piece] = made(part([harmony() + at_three + note(quarters=4), alone, *8 * [bar(harmony())]]))
    assert runs(piece)[:4] == [("C", 2), ("G7", 2), ("F", 2), ("G", 2)]


# -- what sounds ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "silent",
    [
        note(more="<notehead>slash</notehead>"),
        note().replace("<note>", "<note><cue/>"),
        note().replace("<type>", '<type size="cue">'),
    ],
    ids=["slash", "cue", "small"],
)
def test_slashes_and_cue_notes_are_no_melody(made, silent):
    with pytest.raises(LeftOutError, match="it has no notes"):
        made(part([harmony() + 4 * silent for _ in range(10)]))
    bars = [bar(harmony()), 4 * silent, *8 * [bar()]]
    [piece] = made(part(bars))
    assert [n.onset // 480 for n in piece.notes] == [*range(4), *range(8, 40)]


def test_a_region_of_slashes_is_no_melody(made):
    def slash(kind: str) -> str:
        style = f'<measure-style><slash type="{kind}"/></measure-style>'
        return f"<attributes>{style}</attributes>"

    bars = [bar(), bar(slash("start")), bar(), bar(slash("stop")), *6 * [bar()]]
    [piece] = made(part(bars))
    assert [n.onset // 480 for n in piece.notes] == [*range(4), *range(12, 40)]


def test_voices_chords_tuplets_ties_and_grace_notes(made):
    low = "<backup><duration>96</duration></backup>" + note("C", 4, octave=3)
    third = note("E").replace("<note>", "<note><chord/>")
    grace = "<note><grace/><pitch><step>D</step><octave>5</octave></pitch></note>"
    triplet = "".join(note(step, 1 / 3) for step in "CDE")
    tied = note("G", more='<tie type="start"/>')
    bars = [
        bar() + low,
        note() + third + note() + third + note(quarters=2),
        triplet + grace + note("F") + note("G") + tied,
        note("G", more='<tie type="stop"/>') + note() + note() + note(),
        *6 * [bar()],
    ]
    [piece] = made(part(bars))
    found = [(n.onset, n.length, n.pitch) for n in piece.notes]
    assert [pitch for *_, pitch in found[:7]] == [60, 62, 64, 65, 64, 64, 60]
    assert found[7:13] == [
        (3840, 160, 60),
        (4000, 160, 62),
        (4160, 160, 64),
        (4320, 480, 65),
        (4800, 480, 67),
        (5280, 960, 67),
    ]


def test_the_hands_of_a_pianist_are_two_voices(made):
    def on(staff: int, *notes: str) -> str:
        return "".join(n.replace("</note>", f"<staff>{staff}</staff></note>") for n in notes)

    both = on(1, *4 * [note("E", octave=5)]) + "<backup><duration>96</duration></backup>"
    both += on(2, *4 * [note("C", octave=3)])
    assert made(part(10 * [both]), melody="2")[0].notes[0].pitch == 48
    assert made(part(10 * [both]))[0].notes[0].pitch == 76


# -- the form ------------------------------------------------------------------------------


def starts(piece: Piece) -> list[int]:
    """The pitch that each bar begins with."""
    return [n.pitch for n in piece.notes if n.onset % 1920 == 0]


def test_repeats_and_endings_are_played_out(made):
    scale = {i: 60 + step for i, step in enumerate((0, 2, 4, 5, 7, 9, 11))}
    bars = [
        bar(repeat("forward"), 0),
        bar("", 1),
        ending("1", "start") + bar("", 2) + ending("1", "stop", back=True),
        ending("2", "start") + bar("", 3) + ending("2", "discontinue"),
        bar("", 4) + repeat("backward", "3"),
        bar("", 5),
    ]
    [piece] = made(part(bars))
    assert starts(piece) == [scale[i] for i in (0, 1, 2, 0, 1, 3, 4, 4, 4, 5)]


def test_a_sign_repeats_the_bars_before_it(made):
    def sign(kind: str, bars: str = "") -> str:
        style = f'<measure-repeat type="{kind}">{bars}</measure-repeat>'
        return f"<attributes><measure-style>{style}</measure-style></attributes>"

    bars = [
        bar(harmony("C"), 0),
        bar(harmony("F"), 3),
        sign("start", "2") + rest(4),
        rest(4),
        bar(sign("stop") + harmony("G"), 4),
        sign("start", "1") + rest(4),
        *(rest(4), bar(sign("stop"), 1), bar()),
    ]
    [piece] = made(part(bars))
    assert starts(piece) == [60, 65, 60, 65, 67, 67, 67, 62, 60]
    assert runs(piece) == [("C", 4), ("F", 4), ("C", 4), ("F", 4), ("G", 20)]


@pytest.mark.parametrize(
    ("last", "sign"),
    [
        ('<direction><sound dacapo="yes"/></direction>', '<sound fine="yes"/>'),
        (
            "<direction><direction-type><words>D.C. al Fine</words></direction-type></direction>",
            "<direction><direction-type><words>Fine</words></direction-type></direction>",
        ),
    ],
    ids=["sound", "words"],
)
def test_a_da_capo_is_played(made, last, sign):
    bars = [bar("", i) for i in range(8)]
    bars[2] += sign
    [piece] = made(part([*bars[:-1], bars[-1] + last]))
    assert len(piece.harmonies) == 4 * (8 + 3)


def test_a_dal_segno_goes_on_at_the_coda(made):
    def sound(what: str) -> str:
        return f'<direction><sound {what}="yes"/></direction>'

    bars = [bar("", i % 8) for i in range(8)]
    bars[1] = sound("segno") + bars[1]
    bars[3] += sound("tocoda")
    bars[5] += sound("dalsegno")
    bars[6] = sound("coda") + bars[6]
    [piece] = made(part(bars))
    assert len(piece.harmonies) == 4 * (6 + 3 + 2)


# -- files ---------------------------------------------------------------------------------


def test_any_encoding_container_and_order_is_the_same_music(tmp_path):
    text = score(part([bar(harmony("E")), *9 * [bar()]]))
    partwise = tmp_path / "plain.musicxml"
    partwise.write_text(text)
    due = read(partwise)[0].notes
    (tmp_path / "utf16.xml").write_text(text.replace("UTF-8", "UTF-16"), encoding="utf-16")
    (tmp_path / "blank.xml").write_text("\ufeff\n  " + text)
    with zipfile.ZipFile(tmp_path / "packed.mxl", "w") as packed:
        packed.writestr("META-INF/container.xml", "<rootfiles><rootfile full-path='Don't.xml'/>")
        packed.writestr("Don't.xml", text)
    by_bar = [bar(harmony("E")), *9 * [bar()]]
    first = "<attributes><divisions>24</divisions></attributes>"
    measures = "".join(
        f'<measure number="{i}"><part id="P0">{first * (i == 0)}{content}</part></measure>'
        for i, content in enumerate(by_bar)
    )
    listed = '<part-list><score-part id="P0"><part-name>A</part-name></score-part></part-list>'
    (tmp_path / "timewise.xml").write_text(f"<score-timewise>{listed}{measures}</score-timewise>")
    for name in ("utf16.xml", "blank.xml", "packed.mxl", "timewise.xml"):
        assert read(tmp_path / name)[0].notes == due, name


def test_what_is_no_score_says_so(tmp_path):
    (tmp_path / "a.xml").write_text("<html/>")
    with pytest.raises(LeftOutError, match="it is XML, and no score"):
        read(tmp_path / "a.xml")


@pytest.mark.parametrize(
    ("way_out", "coda", "back"),
    [
        ("after", "<words>Coda</words>", "<words>D.S. al Coda</words>"),
        ("after", "<coda/>", "<words>D.S. al Coda</words>"),
        ("before", "<coda/>", "<words>Dal Segno al Coda</words>"),
    ],
)
def test_of_two_coda_signs_the_first_is_the_way_out(made, way_out, coda, back):
    def sign(what: str) -> str:
        return f"<direction><direction-type>{what}</direction-type></direction>"

    e, f = note("E", 4), note("F", 4)
    e, f = (e + sign("<coda/>"), f) if way_out == "after" else (e, sign("<coda/>") + f)
    bars = [note("C", 4), sign("<segno/>") + note("D", 4), e, f, note("G", 4) + sign(back)]
    bars += [sign(coda) + note("A", 4), *6 * [note("B", 4)]]
    [piece] = made(part(bars))
    assert "".join("C D EF G A B"[n.pitch - 60] for n in piece.notes) == "CDEFGDEA" + "B" * 6


def metronome(unit: str, minute: str) -> str:
    mark = f"<metronome><beat-unit>{unit}<per-minute>{minute}</per-minute></metronome>"
    return f"<direction><direction-type>{mark}</direction-type></direction>"


@pytest.mark.parametrize(
    ("mark", "bpm"),
    [
        ('<direction><sound tempo="96"/></direction>', 96),
        ('<direction><sound tempo="0"/></direction>', 120),
        ('<direction><sound tempo="nan"/></direction>', 120),
        ('<direction><sound tempo="about 90"/></direction>', 120),
        ('<direction><sound tempo="1e9"/></direction>', 120),
        (metronome("half</beat-unit>", "c. 80"), 160),
        (metronome("quarter</beat-unit><beat-unit-dot/>", "60"), 90),
    ],
)
def test_tempi(made, mark, bpm):
    [piece] = made(part([mark + bar(), *9 * [bar()]]))
    assert piece.bpm == bpm


def test_parts_that_do_not_agree_on_a_bar_take_the_metre(tmp_path):
    path = tmp_path / "a.musicxml"
    path.write_text(score(part(10 * [bar()]), part([rest(8), *9 * [bar()]])))
    [made] = musicxml.read(path)
    assert made.metres == ((0, 1920),)
    assert made.voices[0].notes[4].onset == 1920
