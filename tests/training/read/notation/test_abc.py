"""ABC is heard as its standard says, with every chord name that a chart may have."""

import itertools

import pytest

from improvd.core.harmony.chord import parse_chord
from improvd.training.read.corpus import Piece
from improvd.training.read.notation import abc
from improvd.training.read.sources import read
from improvd.training.read.weimar import LeftOutError

HEAD = "X:1\nT:Made\nM:4/4\nL:1/4\nK:C\n"
TEN = "C D E F | " * 10


@pytest.fixture
def made(tmp_path):
    def read_it(body: str, head: str = HEAD, melody: str | None = None) -> Piece:
        (tmp_path / "made.abc").write_text(head + body)
        [piece] = read(tmp_path / "made.abc", melody)
        return piece

    return read_it


def runs(piece: Piece) -> list[tuple[str, int]]:
    symbols = (harmony.chord.symbol for harmony in piece.harmonies)
    return [(symbol, len(list(run))) for symbol, run in itertools.groupby(symbols)]


def pitches(piece: Piece, many: int) -> list[int]:
    return [note.pitch for note in piece.notes[:many]]


def timed(piece: Piece, many: int) -> list[tuple[int, int]]:
    return [(note.onset, note.length) for note in piece.notes[:many]]


@pytest.mark.parametrize(
    "head",
    [
        HEAD.replace("K:C", "%%MIDI transpose -2\nK:C"),
        HEAD.replace("K:C", "I:MIDI transpose -2\nK:C"),
        HEAD + "%%MIDI transpose -2\n",
        HEAD.replace("K:C", "K:C transpose=-2"),
        HEAD.replace("K:C", "V:1 transpose=-2\nK:C") + "V:1\n",
    ],
)
def test_a_transposition_moves_notes_and_chords_wherever_it_is_said(made, head):
    piece = made(f'"C7" {TEN}', head)
    assert (piece.notes[0].pitch, runs(piece)) == (58, [("Bb7", 40)])


def test_a_voice_of_drums_is_none(made):
    voices = f"V:1 clef=perc\nV:2\nK:C\nV:1\n{TEN}\nV:2\n{TEN.replace('C', 'B')}"
    assert made(voices, HEAD.removesuffix("K:C\n")).notes[0].pitch == 71
    with pytest.raises(LeftOutError, match="it has drums alone"):
        made(TEN, HEAD.replace("K:C", "K:C clef=perc"))


def test_utf_16_is_read(tmp_path):
    (tmp_path / "wide.abc").write_bytes((HEAD + TEN).encode("utf-16"))
    assert len(read(tmp_path / "wide.abc")[0].notes) == 40


# -- chords --------------------------------------------------------------------------------

SYMBOLS = (
    "E-7 E- Eb-7 F#-7b5 E^7 EΔ7 Emi7 Ema7 EMaj7 EmMaj7 Em(maj7) E-^7 E7alt Ealt E13sus E9sus E6/9 "
    "E69 Em69 E5 E°7 Eø Eh7 E7(b9) E7b9b13 E+7 Emaj9 E2 Em7/A E/G# E♭7 F♯m7 B7(b9,b13) Bb13#11 H7"
)


@pytest.mark.parametrize("symbol", SYMBOLS.split())
def test_a_chord_is_read_as_a_chart_reads_it(made, symbol):
    chord = made(f'"F6" C D E F | "{symbol}" {TEN}').harmonies[4].chord
    due = parse_chord(symbol)
    assert (chord.root, chord.bass, chord.tones, chord.scale) == (
        *(due.root, due.bass),
        *(due.tones, due.scale),
    )


@pytest.mark.parametrize("text", ["^E7", "_slow", "<(", "@2,3 hm", "Fine", "2", "p.m.", "Chorus"])
def test_words_and_annotations_are_no_chords(made, text):
    assert runs(made(f'"F6" C D E F | "{text}" {TEN}')) == [("F6", 44)]


@pytest.mark.parametrize("text", ["G7;G", "G7(C)"])
def test_of_chords_to_choose_from_the_first_is_played(made, text):
    assert runs(made(f'"F6" C D E F | "{text}" {TEN}')) == [("F6", 4), ("G7", 40)]


def test_a_chord_that_nobody_can_read_is_told_with_its_bar(made):
    with pytest.raises(LeftOutError, match=r"in bar 2 that improvd cannot read, 'C7add8'"):
        made(f'"F6" C D E F | "C7add8" {TEN}')


def test_a_chord_goes_on_until_the_next_wherever_that_stands(made):
    body = '"C" C D "F" E F | z4 | "N.C." C2 "G7" E2 | ' + TEN
    assert runs(made(body))[:3] == [("C", 2), ("F", 8), ("G7", 42)]


def test_bars_of_chords_alone_are_whole_bars(made):
    body = '"C" C D E F | "F" "G7" | "Am" | "C" ' + TEN
    assert runs(made(body))[:4] == [("C", 4), ("F", 2), ("G7", 2), ("Am", 4)]


def test_chords_move_with_notes_that_are_transposed(made):
    head = HEAD.replace("K:C", "K:C transpose=-2")
    piece = made('"C7" ' + TEN, head)
    assert piece.harmonies[0].chord == parse_chord("Bb7")
    assert pitches(piece, 1) == [58]
    assert made('"Am7/E" ' + TEN, head).harmonies[0].chord.bass == 2


# -- notes ---------------------------------------------------------------------------------


def test_accidentals_hold_in_their_bar_and_over_a_tie(made):
    body = "^F F f =F | F ^c2- c | c- c c2 | " + TEN
    assert pitches(made(body), 8) == [66, 66, 78, 65, 65, 73, 72, 72]
    assert pitches(made("^F- F f2 | F3 ^G- | G G G2 | " + TEN), 5) == [66, 78, 65, 68, 67]


@pytest.mark.parametrize(
    ("key", "due"),
    [
        ("G", [60, 62, 64, 66, 67, 69, 71]),
        ("Eb", [60, 62, 63, 65, 67, 68, 70]),
        ("Am", [60, 62, 64, 65, 67, 69, 71]),
        ("F# minor", [61, 62, 64, 66, 68, 69, 71]),
        ("DDor", [60, 62, 64, 65, 67, 69, 71]),
        ("A mixolydian", [61, 62, 64, 66, 67, 69, 71]),
        ("HP", [61, 62, 64, 66, 67, 69, 71]),
        ("none", [60, 62, 64, 65, 67, 69, 71]),
        ("D Phr ^f", [60, 62, 63, 66, 67, 69, 70]),
        ("C exp _b ^f", [60, 62, 64, 66, 67, 69, 70]),
        ("C clef=bass octave=-1", [48, 50, 52, 53, 55, 57, 59]),
        ("G treble-8", [48, 50, 52, 54, 55, 57, 59]),
    ],
)
def test_keys(made, key, due):
    piece = made("C D E F | G A B2 | " + TEN, HEAD.replace("K:C", f"K:{key}"))
    assert pitches(piece, 7) == due


def test_fields_within_a_line_hold_from_there_on(made):
    piece = made("C D E F | [K:Eb] E F G A | [M:3/4][L:1/8] E2 F2 G2 | " + "E2 F2 G2 |" * 10)
    assert pitches(piece, 9) == [60, 62, 64, 65, 63, 65, 67, 68, 63]
    assert len(piece.harmonies) == 4 + 4 + 33


@pytest.mark.parametrize(
    ("body", "due"),
    [
        ("C/ D/4 E// F3/2 G", [(0, 240), (240, 120), (360, 120), (480, 720), (1200, 480)]),
        ("(3CDE F2 G", [(0, 320), (320, 320), (640, 320), (960, 960), (1920, 480)]),
        ("(3:2:2CD E F", [(0, 320), (320, 320), (640, 480), (1120, 480)]),
        ("(3 (C D) E F2", [(0, 320), (320, 320), (640, 320), (960, 960)]),
        ("C>D E<F", [(0, 720), (720, 240), (960, 240), (1200, 720)]),
        ("C>>D E<<F", [(0, 840), (840, 120), (960, 120), (1080, 840)]),
        ('C>"G7"D .E2', [(0, 720), (720, 240), (960, 960)]),
        ("{ga}C {/f}D !trill!E ~F", [(0, 480), (480, 480), (960, 480), (1440, 480)]),
        ("[CEG]2 [C2E2]", [(0, 960), (960, 960)]),
        ('["C7"!1!C !3!E]2 D', [(0, 960), (960, 480)]),
        ("(1:2:2CD", [(0, 960), (960, 960)]),
        ("(3:2:1C D2", [(0, 320), (320, 960)]),
        ("C x D z", [(0, 480), (960, 480)]),
    ],
)
def test_lengths(made, body, due):
    found = timed(made(f"C D E F | {body} | {TEN}"), 4 + len(due))[4:]
    assert [(onset - 1920, length) for onset, length in found] == due


def test_bars_of_rest_and_a_pick_up(made):
    assert timed(made("C | Z2 | " + TEN), 2) == [(1440, 480), (1920 + 3840, 480)]


# -- voices and form -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        'V:1\n"C" c d e f | {0}\nV:2\nC,4 | {1}\n',
        '[V:1] "C" c d e f |\n[V:2] C,4 |\n[V:1] {0}\n[V:2] {1}\n',
        '[V:1] "C" c d e f | [V:2] C,4 | [V:1] {0} [V:2] {1}\n',
    ],
)
def test_voices_sound_together_wherever_they_stand(made, body):
    body = body.format("c d e f | " * 9, "C,4 | " * 9)
    piece = made(body)
    assert len(piece.harmonies) == 40
    assert pitches(piece, 5) == [72, 74, 76, 77, 72]
    assert pitches(made(body, melody="2"), 2) == [48, 48]


def test_a_second_line_in_a_bar_sounds_with_the_first(made):
    piece = made("c d e f & C4 | " + "c d e f | " * 9)
    assert len(piece.harmonies) == 40
    assert pitches(piece, 5) == [72, 74, 76, 77, 72]


@pytest.mark.parametrize(
    ("body", "due"),
    [
        ("|: C4 | D4 :| E4 | ", "CDCDE"),
        ("C4 | D4 :: E4 | F4 :| ", "CDCDEFEF"),
        ("C4 | D4 :|: E4 | F4 :| ", "CDCDEFEF"),
        ("|: C4 |1 D4 :|2 E4 | F4 | ", "CDCEF"),
        ("|: C4 | [1 D4 :| [2 E4 || F4 | ", "CDCEF"),
        ("|: C4 |1,2 D4 :|3 E4 || F4 |", "CDCDCEF"),
        ("|:: C4 | D4 ::| E4 |", "CDCDCDE"),
        ("C4|D4::E4|F4:|", "CDCDEFEF"),
        ("|:C4|1D4:|2E4||F4:|", "CDCEFF"),
        ('|: C4 | ["1st" D4 :| ["2nd" E4 || F4 |', "CDCEF"),
    ],
)
def test_the_form_is_played_out(made, body, due):
    names = dict(zip("CDEFG", (60, 62, 64, 65, 67), strict=True))
    piece = made(body + "G4 | " * 10)
    assert pitches(piece, len(due)) == [names[name] for name in due]


@pytest.mark.parametrize(
    ("fine", "back"), [("!fine!", "!D.C.!"), ('"Fine"', '"^D.C. al Fine"'), ("!fine!", "!dacapo!")]
)
def test_a_da_capo_ends_at_the_fine(made, fine, back):
    piece = made(f"C4 | D4 {fine} | " + "E4 | " * 9 + f"F4 {back} | G4 |")
    # It ends with the beat of its last note, which is long.
    assert len(piece.harmonies) == 4 * (12 + 1) + 1


@pytest.mark.parametrize(
    ("said", "body", "due"),
    [
        ("AABB", "P:A\nC4 |\nP:B\nD4 |", "CCDD"),
        ("A2B2", "[P:A] C4 | [P:B] D4 |", "CCDD"),
        ("A(BC)2.B", "[P:A] C4 | [P:B] D4 | [P:C] E4 |", "CDEDED"),
        ("((AB)2C)2", "[P:A] C4 | [P:B] D4 | [P:C] E4 |", "CDCDECDCDE"),
        ("A(A2B2C2B2)2", "[P:A] C4 | [P:B] D4 | [P:C] E4 |", "C" + 2 * "CCDDEEDD"),
        ("ABBA", "P:A\nC4 | D4 :|\nP:B\nE4 ||", "CDCDEECDCD"),
        ("BA", "G4 | [P:A] C4 | [P:B] D4 |", "GDC"),
        # Repeats within a part are meant by the letters too, or else played wherever it stands.
        ("AABB", "[P:A] |: C4 :| [P:B] |: D4 :|", "CCDD"),
        ("ABA", "[P:A] |: C4 :| [P:B] D4 |", "CCDCC"),
        ("A4.B3", "[P:A] |: C4 |1,3 D4 :|2 E4 :|4 F4 || [P:B] G4 |", "CDCECDCFGGG"),
        # What names no part, or none that is there, says nothing.
        ("AABC", "[P:A] C4 | [P:B] D4 |", "CD"),
        ("Verse twice", "[P:A] C4 | [P:B] D4 |", "CD"),
        ("A99999999(B999(A99)99)99", "[P:A] C4 | [P:B] D4 |", "CD"),
    ],
)
def test_parts_are_played_in_the_order_that_is_said(tmp_path, said, body, due):
    (tmp_path / "parts.abc").write_text(HEAD.replace("K:C", f"P:{said}\nK:C") + body)
    [score] = abc.read(tmp_path / "parts.abc")
    names = dict(zip((60, 62, 64, 65, 67), "CDEFG", strict=True))
    assert "".join(names[note.pitch] for note in score.voices[0].notes) == due


def test_all_voices_have_the_same_parts(tmp_path):
    body = "P:A\nV:1\nC4 |\nV:2\nE4 |\nP:B\nV:1\nD4 |\nV:2\nF4 |\n"
    (tmp_path / "parts.abc").write_text(HEAD.replace("K:C", "P:ABA\nK:C") + body)
    [score] = abc.read(tmp_path / "parts.abc")
    assert [[note.pitch for note in v.notes] for v in score.voices] == [[60, 62, 60], [64, 65, 64]]


def test_text_between_tunes_is_no_music(made):
    piece = made(f"{TEN}\n\nAnd a note about it, by C. A. Baker: bad.\n")
    assert len(piece.notes) == 40


@pytest.mark.parametrize(
    ("field", "bpm"),
    [
        ("Q:1/4=96", 96),
        ("Q:3/8=60", 90),
        ('Q:"Allegro" 1/2=80', 160),
        ("Q:100", 100),
        ("Q:1/4=0", 120),
        ('Q:"slow"', 120),
    ],
)
def test_tempi(made, field, bpm):
    assert made(TEN, HEAD.replace("K:C", f"{field}\nK:C")).bpm == bpm


def test_without_a_length_the_metre_says_it(made):
    head = "X:1\nM:6/8\nK:C\n"
    assert timed(made("CDE FGA | " * 12, head), 2) == [(0, 240), (240, 240)]
    assert timed(made("CDEF GABc | " * 16, head.replace("6/8", "2/4")), 2) == [(0, 120), (120, 120)]


def test_what_has_no_tune_says_so(tmp_path):
    (tmp_path / "a.abc").write_text("Dear Sir,\n")
    with pytest.raises(LeftOutError, match="it has no tune"):
        read(tmp_path / "a.abc")
