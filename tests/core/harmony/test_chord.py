"""One reader for the chord symbols of every program, and one spelling that it reads again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.harmony.chord import (
    Chord,
    ChordError,
    parse_chord,
    read_chord,
    spelled,
)
from improvd.core.harmony.leadsheets.kinds import KINDS, Degree, chord_of, written
from improvd.core.harmony.spellings import plain

# Ways of writing that mean the same as a plain one.
ALIKE = {
    "Cm7b5": ["Ch7", "Ch", "C0", "C07", "CØ7", "C∅", "Cø", "Chdim7", "Chalf-dim7", "Cmi7b5"],
    "Cdim7": ["Dbb°7", "Cº7", "C7o", "C7dim", "Cdim.", "CDIM7", "Co", "C diminished", "C˚"],
    "Cmaj7": ["C∆7", "C△", "CΔ", "CMA7", "CMAJ7", "Cma7", "C7M", "Ct7", "Cj7", "C^", "C Maj7"],
    "Cmaj9": ["C△9", "CM9", "C7M9", "C^9", "CMa9", "Cmaj7(9)", "Cmaj7/9"],
    "Cm7": [
        "C\u22127",
        "C\u20137",
        "CMI7",
        "CMin7",
        "CMIN7",
        "Cmi7",
        "c7",
        "cm7",
        "C min7",
        "C7b3",
    ],
    "Cm": ["c", "cm", "C-", "CMI", "Cminor"],
    "CmMaj7": ["Cm/maj7", "C-^7", "C-△7", "CmM7", "Cm#7", "Cm(M7)", "CmiMA7", "Cm7M"],
    "CmMaj7(11)": ["CmM11", "C-^11"],
    "Cm(add9)": ["Cmadd9", "Cm2", "C-(9)", "Cm/9", "Cm add9"],
    "Cm(add11)": ["Cmadd4", "Cm(11)"],
    "Cm(b13)": ["C-b6", "Cm(b6)", "Cmaddb6"],
    "Cadd9": ["C2", "C(2)", "C(9)", "C/9", "C(add 9)", "Cadd2"],
    "C6(9)": ["C69", "C6/9", "C6add9", "C(6/9)"],
    "Csus4": ["Csus", "C4", "Csuspended", "C(sus4)", "CSUS"],
    "C7sus4": ["C7sus", "Csus7", "C7(4)", "C4/7", "C7/4", "Cm7sus4", "Csus add b7"],
    "C7sus4(b9)": ["C7b9sus", "C7susb9", "Csus7b9"],
    "Csus4(9)": ["Csus2sus4", "Csus24", "C4add9"],
    "C7sus4(add3)": ["C7susadd3", "C7add3sus"],
    "C+": ["Caug", "C(#5)", "C+5", "Caugmented", "C(5+)"],
    "C7#5": ["C7+", "C+7", "Caug7", "C7(#5)", "C7(5+)", "C7aug", "C7+5"],
    "C(b5)": ["C-5", "C5b", "C(5b)", "C(-5)"],
    "C7(b9,13)": ["C7(b9 13)", "C7b9(13)", "C13b9", "C7(b9;13)", "C7(9-,13)"],
    "C7alt": ["Calt", "C7(alt)", "C7altered"],
    "C7(13)": ["C67", "C76", "C13", "C7add6", "C7/13"],
    "C5": ["C(no3)", "Cno3", "C omit3", "C5th"],
    "C9": ["C7/9", "C7(9)", "C9th", "C7add9"],
    "B7": ["H7", "Ces7"],
    "Eb7": ["Es7", "D#7", "E♭7", "Fbb7", "F𝄫7"],
    "F#m": ["fis", "fism", "F♯m", "Fismin", "E##m", "E𝄪m"],
    "Bb(b5)": ["Bbb5", "A#(b5)"],
    "Eb(b9)": ["Ebb9", "Es(b9)"],
    "A7": ["Bbb7", "G##7"],
    "C/E": ["C / E", "C/e", "C/Fb"],
    "C/Bb": ["C/bb", "C/A#"],
    "Am/G": ["a/g", "A-/G"],
    "C7(9,#11,13)": ["D/C7"],
    "Cdim7(no5)": ["Co omit5", "Co7no5", "Cdim(no5)"],
}
SAME = [(one, other) for one, others in ALIKE.items() for other in others]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_programs_write_is_what_they_mean(one, other):
    assert parse_chord(other) == parse_chord(one)


def heard(chord):
    """Tones above the root."""
    return [(tone - chord.root) % 12 for tone in chord.tones]


@pytest.mark.parametrize(
    ("harte", "means"),
    [
        ("C:maj", "C"),
        ("C:min", "Cm"),
        ("Bb:min7", "Bbm7"),
        ("F#:hdim7", "F#m7b5"),
        ("C:minmaj7", "CmMaj7"),
        ("C:7(#9)", "C7#9"),
        ("C:sus4(b7,9)", "C9sus4"),
        ("C:maj(9)", "Cadd9"),
        ("C:maj6", "C6"),
        ("C:aug", "C+"),
        ("C:1", "C5"),
        ("C:maj7(*5)", "Cmaj7(no5)"),
        ("C:maj/3", "C/E"),
        ("A:min/b3", "Am/C"),
        ("C:7/b7", "C7/Bb"),
        ("E:7/5", "E7/B"),
        ("C:maj/2", "C/D"),
    ],
)
def test_the_shorthand_of_data_sets_is_read_and_kept_as_charts_write_it(harte, means):
    chord = parse_chord(harte)
    assert chord == parse_chord(means)
    assert ":" not in chord.symbol


@pytest.mark.parametrize(
    ("yamaha", "means"), [("C1+5", "C5"), ("Eb1+8", "Eb5"), ("F#1+2+5", "F#sus2")]
)
def test_yamaha_s_chords_without_a_third_are_read(yamaha, means):
    assert parse_chord(yamaha) == parse_chord(means)


@pytest.mark.parametrize(
    ("symbol", "tones"),
    [
        *(("C(no3)", [0, 7]), ("C7omit3", [0, 7, 10]), ("C7no5", [0, 4, 10])),
        *(("Cdim(maj7)", [0, 3, 6, 11]), ("C6sus4", [0, 5, 7, 9]), ("C6b5", [0, 4, 6, 9])),
    ],
)
def test_what_is_left_out_or_has_no_row_is_heard_as_written(symbol, tones):
    chord = parse_chord(symbol)
    assert heard(chord) == tones
    assert {*chord.tones} <= {*chord.scale}


@pytest.mark.parametrize(
    ("symbol", "left"),
    [
        ("C7(#9)no3", "C5(#9)b7"),
        ("C7#9no3", "C7(no3)(#9)"),
        ("C13no7", "C(13)"),
        ("C7(b13)no6", "C7(b13)"),
        ("C7(#5)no13", "C7#5"),
        ("C11no3", "C7sus4"),
        ("C5(11)", "Csus4"),
        ("C(b5)(add4)no3", "Csus4b5"),
    ],
)
def test_what_is_left_out_takes_nothing_else_with_it(symbol, left):
    assert parse_chord(symbol) == parse_chord(left)


@pytest.mark.parametrize("symbol", ["C(no3)", "C7no3", "Cmaj9omit3"])
def test_a_third_left_out_is_not_improvised(symbol):
    assert not {3, 4} & {*parse_chord(symbol).scale}


def test_an_accidental_is_the_root_s_or_the_tension_s():
    assert [parse_chord(s).root for s in ("C#11", "C(#11)", "Cb9", "C(b9)", "C#5")] == [
        1,
        0,
        11,
        0,
        1,
    ]
    assert parse_chord("C(#11)").scale == (0, 2, 4, 6, 7, 9, 11)
    assert [parse_chord(s).root for s in ("Bbb5", "Bbb7", "Abb13", "F##11", "Esus4")] == [
        10,
        9,
        8,
        6,
        4,
    ]


@pytest.mark.parametrize(
    "text",
    ["N.C.", "NC", "n.c.", "N/C", "N.C", " nc ", "No Chord", "no chord", "N", "N.C.\x00", "tacet"],
)
def test_no_chord_has_many_spellings_and_is_no_error(text):
    assert read_chord(text) is None
    with pytest.raises(ChordError):
        parse_chord(text)


@pytest.mark.parametrize("text", [" Dm7", "Dm7\0", "Dm7\r\n", "\ufeffDm7", "D m7", "D\u00a0m7"])
def test_what_files_leave_around_a_symbol_is_no_matter(text):
    assert read_chord(text) == parse_chord("Dm7")
    assert parse_chord(text).symbol == "Dm7"


@pytest.mark.parametrize(
    ("symbol", "ascii_text"),
    [
        ("B♭Δ7", "Bbmaj7"),
        ("Eø", "Em7b5"),
        ("E°7", "Edim7"),
        ("F♯\u22127", "F#-7"),
        ("C△9", "Cmaj9"),
        ("C⁶", "C6"),
    ],
)
def test_a_symbol_is_kept_as_text_that_every_file_and_terminal_takes(symbol, ascii_text):
    chord = parse_chord(symbol)
    assert chord.symbol == ascii_text
    assert parse_chord(chord.symbol) == chord


@pytest.mark.parametrize(
    "symbol",
    [
        *("", " ", "Cfoo", "C7x", "CC", "C7,", "C()", "C((b9))", "C7(b9", "C7/", "C77", "C8", "K7"),
        *("%", "/", "C7#13", "C/E/G", "Cm7alt", "C5b9", "C#b", "Cbbb", "Cmaj7alt", "Cdimsus4"),
        *(
            "C\u0667",
            "C" + "7" * 5000,
            "C/D7/G",
            "Intro",
            "Verse",
            "Bridge",
            "Coda",
            "D.C.",
            "Solo",
        ),
        *("C13(b9,b11)", "A1", "Bass", "Drums", "C5m", "Cødim"),
    ],
)
def test_what_is_no_chord_is_refused_with_symbols_that_are(symbol):
    with pytest.raises(ChordError) as refusal:
        parse_chord(symbol)
    message = str(refusal.value)
    assert repr(symbol)[1:-1][:20] in message
    assert len(message) < 120
    near = message.rpartition(" are ")[2].split(", ")
    assert len(near) == 3
    assert all(isinstance(parse_chord(name), Chord) for name in near)


def test_near_symbols_keep_the_root_that_was_meant():
    with pytest.raises(ChordError, match="near it are Dm7"):
        parse_chord("Dm7x")
    with pytest.raises(ChordError, match="near it are Bbmaj7"):
        parse_chord("Bbmajj7")


@given(st.text(alphabet="ABCDEFGHabgb#m-+o79136/()susaltj ,^dixø°△nt.", max_size=12))
def test_any_text_is_a_chord_or_a_chord_error(text):
    try:
        chord = parse_chord(text)
    except ChordError:
        return
    assert chord.symbol == plain(text)
    assert chord.symbol.isascii()
    assert {*chord.tones, *chord.scale, chord.root, chord.bass} <= set(range(12))


# One spelling

ROOTS = ["C", "F#", "Bb", "Bbb", "C##", "Es", "fis", "a", "h", "E", "Ab", "B♭"]
QUALITIES = ["", "m", "-", "maj", "M", "△", "dim", "°", "ø", "h", "aug", "+", "sus", "sus2", "alt"]
NUMBERS = ["", "5", "6", "7", "9", "11", "13", "69", "2", "4", "maj7", "M7", "7M"]
CHANGES = [
    "b5",
    "(#5)",
    "b9",
    "(#9)",
    "(#11)",
    "b13",
    "(9,13)",
    "add9",
    "sus",
    "no3",
    "(no5)",
    "(b6)",
]
BASSES = ["", "", "/E", "/Bb", "/D", "/f#", "/H", "/C", "/Ab", "/F##", "/D7"]


@st.composite
def chords(draw):
    """Chords of symbols made at random of what programs write."""
    changes = draw(st.lists(st.sampled_from(CHANGES), max_size=3))
    parts = [draw(st.sampled_from(words)) for words in (ROOTS, QUALITIES, NUMBERS)]
    symbol = "".join([*parts, *changes, draw(st.sampled_from(BASSES))])
    try:
        return parse_chord(symbol)
    except ChordError:
        return parse_chord("".join(parts[:1]))


@given(chords())
def test_the_one_spelling_of_a_chord_is_read_as_that_chord(chord):
    assert parse_chord(spelled(chord)) == chord
    assert spelled(parse_chord(spelled(chord))) == spelled(chord)
    assert spelled(chord).isascii()
    assert " " not in spelled(chord)


@given(chords())
def test_musicxml_says_a_chord_so_that_it_is_read_again(chord):
    said = written(chord)
    assert said.kind in KINDS
    assert chord_of(said.root, said.kind, said.degrees, said.bass, said.text) == chord


@given(chords())
def test_a_scale_holds_tones_tensions_and_bass(chord):
    assert {*chord.tones, *chord.tensions, chord.bass} <= {*chord.scale}


@pytest.mark.parametrize(("one", "other"), SAME)
def test_equal_chords_have_one_spelling(one, other):
    names = [spelled(parse_chord(symbol)) for symbol in (one, other)]
    assert parse_chord(names[0]) == parse_chord(names[1])
    if names[0].split("/")[1:] == names[1].split("/")[1:] and names[0][:2] == names[1][:2]:
        assert names[0] == names[1]


# MusicXML


@pytest.mark.parametrize(
    ("kind", "degrees", "symbol"),
    [
        ("major", [(11, 1)], "C(#11)"),
        ("major", [(9, -1)], "C(b9)"),
        ("major", [(5, -1, "alter")], "C(b5)"),
        ("major", [(5, 1, "alter")], "C+"),
        ("major", [(5, 0, "subtract"), (5, 1)], "C+"),
        ("major", [(6,), (9,)], "C69"),
        ("major", [(3, 0, "subtract")], "C5"),
        ("dominant-13th", [(3, 0, "subtract"), (4,)], "C13sus4"),
        ("dominant", [(4,), (3, 0, "subtract")], "C7sus4"),
        ("dominant", [(5, -1), (5, 1), (9, -1), (9, 1)], "C7b5#5b9#9"),
        ("dominant", [(9, -1), (13, -1)], "C7b9b13"),
        ("dominant-ninth", [(9, -1, "alter")], "C7b9"),
        ("dominant", [(5, 0, "subtract")], "C7(no5)"),
        ("suspended-fourth", [(7, 0)], "C7sus4"),
        ("suspended-fourth", [(7, -1), (9,), (13,)], "C13sus4(9)"),
        ("suspended-fourth", [(9, -1), (7,)], "C7sus4(b9)"),
        ("minor", [(7, 1)], "CmMaj7"),
        ("minor", [(6,)], "Cm6"),
        ("minor", [(5, -1, "alter")], "Cmb5"),
        ("augmented", [(7,)], "C7#5"),
        ("diminished", [(7, 1)], "CdimMaj7"),
        ("diminished", [(7, 0)], "Cm7b5"),
        ("major-minor", [(5, -1, "alter")], "CdimMaj7"),
        ("major-seventh", [(7, -1, "alter")], "C7"),
        ("minor-seventh", [(11,)], "Cm11"),
        ("half-diminished", [], "Cm7b5"),
        ("pedal", [], "C5"),
        ("Tristan", [], "Cm7b5"),
    ],
)
def test_degrees_change_a_kind_and_never_the_root(kind, degrees, symbol):
    chord = chord_of("C", kind, [Degree(*degree) for degree in degrees])
    assert chord == parse_chord(symbol)


@pytest.mark.parametrize(
    ("kind", "symbol"), [("other", "Cm7b5"), ("", "Cm7b5"), ("strange", "Cm7b5")]
)
def test_a_kind_without_a_name_is_what_its_text_says(kind, symbol):
    assert chord_of("C", kind, [Degree(5, -1)], text="ø7") == parse_chord(symbol)


def test_a_kind_that_says_nothing_is_a_triad_and_none_is_no_chord():
    assert chord_of("Db", "", bass="F") == parse_chord("Db/F")
    assert chord_of("C", "none") is None
    with pytest.raises(ChordError, match=r"Cxyz.*other"):
        chord_of("C", "other", text="xyz")
    with pytest.raises(ChordError, match="degree 13 altered by 1"):
        chord_of("C", "dominant", [Degree(13, 1)])


# Slash chords

# What C, Cmaj7, C7, Cm and Cm7 are improvised with over each bass, from the bass a semitone above
# C up; None where the bass is a tone of the chord and the scale that of the chord alone.
HALF_WHOLE = (0, 1, 3, 4, 6, 7, 9, 10)
MAJOR, LYDIAN, MIXOLYDIAN = (0, 2, 4, 5, 7, 9, 11), (0, 2, 4, 6, 7, 9, 11), (0, 2, 4, 5, 7, 9, 10)
LYDIAN_DOMINANT, MIXOLYDIAN_B6 = (0, 2, 4, 6, 7, 9, 10), (0, 2, 4, 5, 7, 8, 10)
DORIAN, AEOLIAN, PHRYGIAN = (0, 2, 3, 5, 7, 9, 10), (0, 2, 3, 5, 7, 8, 10), (0, 1, 3, 5, 7, 8, 10)
MELODIC_MINOR, HARMONIC_MAJOR = (0, 2, 3, 5, 7, 9, 11), (0, 2, 4, 5, 7, 8, 11)
TABLE = {
    "": [
        HALF_WHOLE,
        LYDIAN,
        HALF_WHOLE,
        None,
        MAJOR,
        LYDIAN,
        None,
        MIXOLYDIAN_B6,
        MAJOR,
        MIXOLYDIAN,
        LYDIAN,
    ],
    "maj7": [
        (0, 1, 4, 5, 7, 9, 11),
        LYDIAN,
        (0, 3, 4, 5, 7, 9, 11),
        None,
        MAJOR,
        LYDIAN,
        None,
        HARMONIC_MAJOR,
        MAJOR,
        (0, 2, 4, 5, 7, 9, 10, 11),
        None,
    ],
    "7": [
        HALF_WHOLE,
        MIXOLYDIAN,
        HALF_WHOLE,
        None,
        MIXOLYDIAN,
        LYDIAN_DOMINANT,
        None,
        MIXOLYDIAN_B6,
        MIXOLYDIAN,
        None,
        (0, 2, 4, 5, 7, 9, 10, 11),
    ],
    "m": [
        PHRYGIAN,
        DORIAN,
        None,
        (0, 2, 3, 4, 5, 7, 9, 10),
        DORIAN,
        (0, 2, 3, 6, 7, 9, 10),
        None,
        AEOLIAN,
        DORIAN,
        DORIAN,
        MELODIC_MINOR,
    ],
    "m7": [
        PHRYGIAN,
        DORIAN,
        None,
        (0, 2, 3, 4, 5, 7, 9, 10),
        DORIAN,
        (0, 2, 3, 6, 7, 9, 10),
        None,
        AEOLIAN,
        DORIAN,
        None,
        (0, 2, 3, 5, 7, 9, 10, 11),
    ],
}
BASS_NAMES = ["Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]
OVER = [
    (q, bass, due) for q, row in TABLE.items() for bass, due in zip(BASS_NAMES, row, strict=True)
]


@pytest.mark.parametrize(("quality", "bass", "due"), OVER)
@pytest.mark.parametrize("root", ["C", "F#", "Bb"])
def test_the_bass_of_a_slash_chord_belongs_to_it(root, quality, bass, due):
    up = parse_chord(root).root
    name = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]
    below = name[(parse_chord(bass).root + up) % 12]
    alone, chord = parse_chord(root + quality), parse_chord(f"{root}{quality}/{below}")
    if due is None:
        assert (chord.tones, chord.scale, chord.over_bass) == (alone.tones, alone.scale, False)
    else:
        assert sorted((tone - up) % 12 for tone in chord.scale) == sorted(due)
        assert chord.over_bass
    assert chord.root == up
    assert chord.tones[:3] == alone.tones[:3]
    assert chord.bass in chord.tones


@pytest.mark.parametrize(
    ("slash", "same"),
    [
        *(("C/Bb", "C7"), ("D/C", "D7"), ("Cm/B", "CmMaj7"), ("Am/G", "Am7"), ("C6/Bb", "C13")),
        *(("F/G", "G9sus4"), ("Bb/C", "C9sus4"), ("Dm7/G", "G9sus4"), ("Am7/D", "D13sus4")),
        *(("Fmaj7/G", "G13sus4"), ("C/A", "Am7b13"), ("Cm/Ab", "Abmaj7#11"), ("B/C", "Cdim7")),
        *(("C+/F", "FmMaj7"), ("C+/A", "AmMaj7"), ("Db/C", "Cm7b9"), ("Cm7b5/F", "F7sus4(b9)")),
        *(("Cdim7/B", "B7#9"), ("C/Eb", "Eb13b9"), ("C5/Bb", "C7(no3)"), ("Cm6/F", "F9#11")),
    ],
)
def test_slash_chords_have_the_scale_of_the_chord_that_they_are(slash, same):
    assert {*parse_chord(slash).scale} == {*parse_chord(same).scale}


def test_what_is_written_above_a_bass_stays():
    chord = parse_chord("F#(b9)/B")
    assert (chord.root, chord.bass, chord.tensions) == (6, 11, (7,))
    assert {6, 10, 1, 7, 11} <= {*chord.scale}
