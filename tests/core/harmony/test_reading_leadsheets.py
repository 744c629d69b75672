"""Lead sheets in MusicXML are charts: as improvd writes them, and as other programs do."""

import io
import zipfile
from time import process_time

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from improvd.commands import main
from improvd.config import ConfigError
from improvd.core.harmony.chart import parse_chart
from improvd.core.harmony.form import ChartError
from improvd.core.harmony.leadsheets.reading import chart_text
from improvd.core.harmony.leadsheets.writing import leadsheet
from improvd.options import CHARTS
from improvd.options import chart_text as named
from tests.harness.charts import texts
from tests.harness.musicxml_files import bar, ending, harmony, note, part, repeat, rest, score
from tests.harness.symbols import SYMBOLS


def chart(document: str | bytes, *, dotted: bool = False):
    content = document.encode() if isinstance(document, str) else document
    return parse_chart(chart_text(content), dotted=dotted)


def symbols(document: str | bytes) -> list[str]:
    """The chords of each bar, in words."""
    return [" ".join(c.symbol if c else "N.C." for c in each) for each in chart(document).bars]


def bars(document: str | bytes) -> str:
    """The first chord of each bar."""
    return " ".join(each[0].symbol if each[0] else "-" for each in chart(document).bars)


def refused(document: str | bytes) -> str:
    with pytest.raises(ChartError) as refusal:
        chart(document)
    sentence = str(refusal.value)
    assert "\n" not in sentence
    return sentence


def bare(*chords: str) -> str:
    """A bar that is one rest, as MuseScore writes lead sheets."""
    return "".join(chords) + '<note><rest measure="yes"/><duration>96</duration></note>'


def words(text: str, sound: str = "") -> str:
    return (
        f"<direction><direction-type><words>{text}</words></direction-type>"
        f"{f'<sound {sound}/>' if sound else ''}</direction>"
    )


C, D, E, F, G, A = (bare(harmony(step)) for step in "CDEFGA")

# -- what improvd writes -----------------------------------------------------------------------


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_that_is_written_as_a_lead_sheet_is_read_as_itself(name):
    written = parse_chart(named(name))
    assert chart(leadsheet(written)) == written


@given(texts(), st.sampled_from(["", "key: F#m\n", "style: Slow & <Low>\n", "chords: live\n"]))
def test_whatever_a_chart_says_is_read_again(text, head):
    written = parse_chart(f"swing: {text[1]}\n{head}{text[0]}")
    assert chart(leadsheet(written)) == written


@pytest.mark.parametrize("meter", ["6/8", "9/8", "12/8"])
def test_the_tempo_of_dotted_quarters_is_theirs_again(meter):
    written = parse_chart(f"meter: {meter}\ntempo: 60\n| Dm7 | G7 |", dotted=True)
    document = leadsheet(written, dotted=True)
    assert chart(document, dotted=True) == written
    assert chart(document).tempo == 90


@given(SYMBOLS)
def test_every_chord_symbol_is_the_same_chord_again(symbol):
    written = parse_chart(f"| {symbol} |")
    assert chart(leadsheet(written)).bars == written.bars


# -- what others write -------------------------------------------------------------------------


def test_chords_stand_at_their_place_in_the_bar_however_that_is_said():
    offset = bare(harmony("C"), harmony("F", more="<offset>48</offset>"))
    among = harmony("C") + note(quarters=2) + harmony("F") + rest(2)
    forward = harmony("C") + "<forward><duration>48</duration></forward>" + harmony("F") + rest(2)
    crowded = "".join(harmony(step) for step in "CF")
    backed = bar() + "<backup><duration>96</duration></backup>" + forward
    for written in (offset, among, forward, crowded, backed):
        assert symbols(score(part([written]))) == ["C C F F"]


def test_a_chord_off_the_beat_is_that_of_the_beat_it_is_for():
    pushed = harmony("C") + note(quarters=3.5) + harmony("F") + rest(0.5)
    assert symbols(score(part([pushed, bare()]))) == ["C C C C", "F F F F"]
    both = harmony("C") + note(quarters=3.5) + harmony("D") + rest(0.5)
    assert symbols(score(part([both, E]))) == ["C C C D", "E E E E"]


def test_a_bar_without_a_chord_goes_on_and_no_chord_is_none():
    none = bare("<harmony><root><root-step>C</root-step></root><kind>none</kind></harmony>")
    assert bars(score(part([bare(), C, bare(), none, bare(), G]))) == "- C C - - G"


@pytest.mark.parametrize(
    ("kind", "degrees", "symbol"),
    [
        ("dominant", [(9, -1, "add"), (13, -1, "add")], "D7(b9,b13)"),
        ("half-diminished", [], "Dm7b5"),
        ("major-minor", [], "DmMaj7"),
        ("dominant", [(5, 1, "alter"), (9, 1, "add")], "D7#5(#9)"),
        ("suspended-fourth", [(7, -1, "add"), (9, 0, "add")], "D9sus4"),
        ("minor-seventh", [(11, 0, "add")], "Dm11"),
        ("dominant-13th", [(11, 1, "alter")], "D13(#11)"),
        ("major", [(3, 0, "subtract")], "D5"),
    ],
)
def test_kinds_and_degrees_are_chords(kind, degrees, symbol):
    assert bars(score(part([bare(harmony("D", kind, degrees))]))) == symbol


def test_a_bass_is_the_chord_s():
    bass = "<bass><bass-step>F</bass-step><bass-alter>1</bass-alter></bass>"
    assert bars(score(part([bare(harmony("D", "dominant", more=bass))]))) == "D7/F#"


def test_repeats_and_endings_are_played_out():
    measures = [
        repeat("forward") + C,
        D,
        ending("1", "start") + E + ending("1", "stop", back=True),
        ending("2", "start") + F + ending("2", "discontinue"),
        G,
    ]
    assert bars(score(part(measures))) == "C D E C D F G"
    assert bars(score(part([C, D + repeat("backward", "3"), E]))) == "C D C D C D E"


@pytest.mark.parametrize(
    ("measures", "played"),
    [
        ([C, D + words("Fine"), E, F + words("D.C. al Fine")], "C D E F C D"),
        ([C, D + words("", 'fine="yes"'), E + words("", 'dacapo="yes"')], "C D E C D"),
        (
            [C, "<direction><direction-type><segno/></direction-type></direction>" + D,
             E + words("To Coda"), F + words("D.S. al Coda"), words("Coda") + G],
            "C D E F D E G",
        ),
        (
            [C, D + "<barline><coda/></barline>", E + words("D.C. al Coda"),
             "<direction><direction-type><coda/></direction-type></direction>" + F],
            "C D E C D F",
        ),
    ],
)  # fmt: skip
def test_signs_are_followed(measures, played):
    assert bars(score(part(measures))) == played


@pytest.mark.parametrize(
    ("transpose", "fifths", "key"),
    [
        ("<diatonic>-1</diatonic><chromatic>-2</chromatic>", 2, "C"),
        ("<diatonic>-5</diatonic><chromatic>-9</chromatic>", 3, "C"),
        (
            "<diatonic>-1</diatonic><chromatic>-2</chromatic><octave-change>-1</octave-change>",
            2,
            "C",
        ),
    ],
)
def test_a_part_for_a_horn_is_a_chart_in_concert_pitch(transpose, fifths, key):
    written = {2: "DGA", 3: "AEF"}[fifths]
    attributes = f"<key><fifths>{fifths}</fifths></key><transpose>{transpose}</transpose>"
    document = score(part([bare(harmony(step)) for step in written], attributes))
    assert bars(document) == {2: "C F G", 3: "C G Ab"}[fifths]
    assert str(chart(document).key) == key


def test_a_horn_beside_a_piano_has_chords_of_its_own():
    horn = part([bare(harmony("D")), bare()], "<transpose><chromatic>-2</chromatic></transpose>")
    piano = part([bar(), bar(harmony("G"))])
    assert bars(score(horn, piano)) == "C G"


@pytest.mark.parametrize(
    ("metre", "written", "played"),
    [
        ((3, 4), harmony("C") + rest(2) + harmony("F") + rest(1), "C C F"),
        ((6, 8), harmony("C") + rest(1.5) + harmony("F") + rest(1.5), "C C C F F F"),
        ((5, 4), harmony("C") + rest(3) + harmony("F") + rest(2), "C C C F F"),
        ((2, 2), harmony("C") + rest(2) + harmony("F") + rest(2), "C C F F"),
        ((7, 8), harmony("C") + rest(2) + harmony("F") + rest(1.5), "C C C C F F F"),
    ],
)
def test_every_metre_has_its_beats(metre, written, played):
    document = score(part([written], metre=metre))
    assert symbols(document) == [played]
    assert chart(document).meter == metre


def test_a_pick_up_is_left_out_and_two_short_bars_make_one():
    measures = [
        harmony("G") + rest(1),
        repeat("forward") + C,
        harmony("D") + rest(3) + repeat("backward"),
        rest(1),
        E,
    ]
    assert bars(score(part(measures))) == "C D C D E"
    assert (
        symbols(score(part([harmony("A") + rest(3), harmony("B") + rest(1), C])))[-1] == "C C C C"
    )


CHANGED = "<attributes><time><beats>3</beats><beat-type>{}</beat-type></time></attributes>"


def test_a_metre_may_change():
    three = CHANGED.format(4) + harmony("E") + rest(3)
    read = chart(score(part([C, D, three, harmony("F") + rest(2) + harmony("G") + rest(1)])))
    assert [len(bar) for bar in read.bars] == [4, 4, 3, 3]
    assert read.bars[3][2].symbol == "G"
    mixed = parse_chart("| C | F | 3/4 G | % | 4/4 Am D7 |\n|: 2/4 C :|3/4 | F |")
    assert chart(leadsheet(mixed)) == mixed


def test_a_metre_that_no_beat_fits_is_told_with_its_bar_and_what_can_be_done():
    said = refused(score(part([C, D, CHANGED.format(8) + harmony("E") + rest(1.5)])))
    assert said.startswith("bar 3: the meter changes from 4/4 to 3/8, and can only between ")
    assert "in a set" in said


def test_title_tempo_swing_style_key_and_sections_are_kept():
    mark = (
        "<direction><direction-type><metronome><beat-unit>quarter</beat-unit><beat-unit-dot/>"
        "<per-minute>80</per-minute></metronome></direction-type></direction>"
    )
    swing = "<direction><direction-type><words>Medium Swing</words></direction-type><sound><swing>"
    swing += "<first>2</first><second>1</second></swing></sound></direction>"
    letter = "<direction><direction-type><rehearsal>{}</rehearsal></direction-type></direction>"
    read = chart(
        score(
            part(
                [mark + swing + letter.format("A") + C, D, letter.format("B | b]") + E],
                "<key><fifths>-3</fifths><mode>minor</mode></key>",
            )
        )
    )
    assert (read.title, read.tempo, read.style, str(read.key)) == (
        "Made",
        120,
        "Medium Swing",
        "Cm",
    )
    assert round(read.swing or 0, 1) == 66.7
    assert read.sections == ((0, "A"), (2, "B / b)"))


def test_a_first_chord_on_the_relative_minor_says_which_of_two_keys_it_is():
    signature = "<key><fifths>-2</fifths></key>"
    assert str(chart(score(part([bare(harmony("G", "minor-seventh"))], signature))).key) == "Gm"
    assert str(chart(score(part([bare(harmony("Bb"))], signature))).key) == "Bb"


def test_bars_written_before_parts_are_read_alike():
    timewise = (
        "<score-timewise><part-list/><measure><part id='P'>"
        "<attributes><divisions>24</divisions></attributes>"
        f"{C}</part></measure><measure><part id='P'>{D}</part></measure></score-timewise>"
    )
    assert bars(timewise) == "C D"


# -- files, and what is none ---------------------------------------------------------------------


def packed(**files: str | bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), text)
    return content.getvalue()


def container(path: str) -> str:
    return f'<container><rootfiles><rootfile full-path="{path}"/></rootfiles></container>'


SCORE = score(part([C, D]))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_encoding_and_a_packed_file_are_read(encoding, tmp_path):
    document = SCORE.replace("UTF-8", encoding.upper().removesuffix("-SIG")).encode(encoding)
    for name in ("a.xml", "a.musicxml", "a"):
        (tmp_path / name).write_bytes(document)
        assert "1 | C | D |" in (named(str(tmp_path / name)) or "")
    content = packed(META_INF__container_xml=container("a.xml"), a_xml=document)
    (tmp_path / "a.mxl").write_bytes(content.replace(b"META.INF", b"META-INF"))
    result = CliRunner().invoke(main, ["chart", str(tmp_path / "a.mxl")])
    assert "1 | C | D |" in result.output


ENDLESS = "<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'>{}]>".format(
    "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(12))
)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("", "damaged, or no score"),
        ("<score-partwise>", "damaged, or no score"),
        ("<html/>", "it is XML, and no score"),
        ("<score-partwise/>", "no chord symbols"),
        (score(part([bar(), bar()])), "no chord symbols"),
        (SCORE[:-40], "damaged, or no score"),
        (b"PK\3\4 and nothing more", "damaged, or no score"),
        (packed(a_xml=b" " * (1 << 23) + b"  "), "larger than the 8388608 bytes"),
        (packed(a_txt="no"), "it holds no score"),
        (ENDLESS + SCORE.partition("?>")[2], "it declares entities"),
        (f'<?xml version="1.0" encoding="UTF-16"?>{ENDLESS}<score-partwise/>'.encode("utf-16"),
         "it declares entities"),
        ("<!DOCTYPE a [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><score-partwise>&a;</score-partwise>",
         "it declares entities"),
        (SCORE.replace("<divisions>24<", "<divisions>1e999999999<"), "is no number"),
        (SCORE.replace("<divisions>24<", "<divisions>1/0<"), "is no number"),
        (score(part([C] * 3001)), "it has 3001 measures"),
        (score(part([C] * 999 + [D + repeat("backward")])), "more than 999 bars"),
        (score(part([C + repeat("backward", "9" * 15)] * 999)), "more than 999 bars"),
        (score(part([bare(harmony("C", "quartal"))])), "chord in bar 1 that improvd cannot read"),
        (SCORE.replace("<beats>4<", "<beats>100<"), "meter '100/4' is not one such as"),
        (SCORE.replace("<beat-type>4<", "<beat-type>3<"), "meter '4/3' is not one such as"),
        ("<score-partwise>" + "<a>" * 100_000, "damaged, or no score"),
    ],
)  # fmt: skip
def test_what_is_no_lead_sheet_is_one_sentence_within_a_second(document, said):
    begun = process_time()
    assert said in refused(document)
    assert process_time() - begun < 1


def test_a_sentence_names_the_file(tmp_path):
    path = tmp_path / "tune.mxl"
    path.write_bytes(b"PK\3\4")
    with pytest.raises(ConfigError, match=r"chart .*tune\.mxl: it is damaged, or no score"):
        named(str(path))


_TAGS = st.sampled_from(
    [
        "measure",
        "part",
        "attributes",
        "divisions",
        "time",
        "beats",
        "beat-type",
        "key",
        "fifths",
        "transpose",
        "chromatic",
        "harmony",
        "root",
        "root-step",
        "root-alter",
        "kind",
        "degree",
        "degree-value",
        "degree-alter",
        "degree-type",
        "bass",
        "offset",
        "note",
        "duration",
        "rest",
        "barline",
        "repeat",
        "ending",
        "direction",
        "direction-type",
        "words",
        "segno",
        "coda",
        "sound",
        "swing",
        "first",
        "second",
        "rehearsal",
        "metronome",
        "beat-unit",
        "per-minute",
        "forward",
        "backup",
    ]
)
_SAID = st.sampled_from(
    ["", "C", "0", "-1", "4", "96", "1e9", "x", "3+2", "dominant", "D.S. al Coda", "9" * 40, "1/3"]
)
_ATTRIBUTES = st.sampled_from(
    ["", ' direction="backward" times="9999999999"', ' number="1, 2-99" type="start"',
     ' dacapo="yes"', ' type="stop"', ' text="7#9"', ' name="improvd-swing"']
)  # fmt: skip
_ELEMENTS = st.recursive(
    st.builds(lambda tag, more, text: f"<{tag}{more}>{text}</{tag}>", _TAGS, _ATTRIBUTES, _SAID),
    lambda inner: st.builds(
        lambda tag, more, inside: f"<{tag}{more}>{''.join(inside)}</{tag}>",
        _TAGS,
        _ATTRIBUTES,
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)
_DRAWN = st.lists(
    st.lists(_ELEMENTS | st.just(C) | st.just(G), max_size=4).map("".join), max_size=6
)


@given(_DRAWN.map(lambda measures: score(part(measures)).encode()) | st.binary(max_size=60))
def test_whatever_stands_in_a_score_is_a_chart_or_one_sentence(content):
    try:
        text = chart_text(content)
    except ChartError as error:
        text = None
        said = str(error)
    assert parse_chart(text).bars if text else "\n" not in said


@given(st.data())
def test_a_score_with_bytes_that_are_not_its_own_is_a_chart_or_one_sentence(data):
    content = bytearray(SCORE.encode() if data.draw(st.booleans()) else packed(a_xml=SCORE))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        chart_text(bytes(content))
    except ChartError as error:
        said = str(error)
        assert "\n" not in said
