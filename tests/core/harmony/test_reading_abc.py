"""Tunes in ABC are charts: their chord symbols, played out as the standard says."""

from contextlib import suppress
from time import process_time

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from improvd.commands import main
from improvd.core.harmony.abc.reading import chart_text
from improvd.core.harmony.chart import Chart, parse_chart
from improvd.core.harmony.form import ChartError

HEAD = "X:1\nT:Made\nM:4/4\nL:1/4\nQ:1/4=132\nR:waltz\nK:Gm\n"


def chart(body: str, head: str = HEAD) -> Chart:
    return parse_chart(chart_text((head + body).encode()))


def bars(body: str, head: str = HEAD) -> str:
    return " ".join(bar[0].symbol if bar[0] else "-" for bar in chart(body, head).bars)


def test_a_tune_has_its_title_tempo_key_style_and_chords():
    read = chart('"Gm7"G2 "C7"c2|"Fmaj7"A4|]\n')
    assert (read.title, read.tempo, str(read.key), read.style) == ("Made", 132, "Gm", "waltz")
    assert [" ".join(c.symbol for c in bar) for bar in read.bars] == [
        *("Gm7 Gm7 C7 C7", "Fmaj7 Fmaj7 Fmaj7 Fmaj7"),
    ]


@pytest.mark.parametrize(
    ("body", "played"),
    [
        ('|:"C"c4|1 "F"f4:|2 "G"g4|]', "C F C G"),
        ('"C"c4|"F"f4 "^Fine"|"G"g4 !D.C.!|', "C F G C F"),
        ('"C"c4|"F"f4 !fine!|"G"g4 !D.C.!|', "C F G C F"),
        ('"C"c4|z4|"N.C."z4|"F"f4|', "C C - F"),
        ('"C"c4::"F"f4:|', "C C F F"),
        ('"^slowly""C"c4|"_words"f4|', "C C"),
        ('"C"c3 "G/B"g|', "C"),
    ],
)
def test_repeats_signs_and_words_are_what_they_are(body, played):
    assert bars(body) == played


def test_parts_are_played_in_their_order_and_named():
    read = chart('P:A\n"C"c4|\nP:B\n"F"f4|\n', HEAD.replace("K:", "P:ABA\nK:"))
    assert [bar[0].symbol for bar in read.bars] == ["C", "F", "C"]
    assert read.sections == ((0, "A"), (1, "B"), (2, "A"))


def test_a_horn_s_chords_are_in_concert_pitch():
    head = HEAD.replace("K:Gm", "K:D transpose=-2")
    assert bars('"D"d4|"A7"a4|', head) == "C G7"
    assert str(chart('"D"d4|', head).key) == "C"


@pytest.mark.parametrize(
    ("said", "played"),
    [
        ("sound=_B", "C"),
        ("sound=A", "B"),
        ("sound=c_B", "C"),
        ("shift=CD", "E"),
        ("shift=DC", "C"),
        ("sound=c", "D"),
    ],
)
def test_what_c_sounds_as_moves_the_chords(said, played):
    assert bars('"D"d4|', HEAD.replace("K:Gm", f"K:D {said}")) == played


@pytest.mark.parametrize(
    ("metre", "body", "meter", "first"),
    [
        ("3/4", '"C"c2 "F"f|', (3, 4), "C C F"),
        ("6/8", '"C"c3/2"F"f3/2|', (6, 8), "C C C F F F"),
        ("C|", '"C"c2"F"f2|', (2, 2), "C C F F"),
        ("C", '"C"c2"F"f2|', (4, 4), "C C F F"),
    ],
)
def test_every_metre_has_its_beats(metre, body, meter, first):
    read = chart(body, HEAD.replace("M:4/4", f"M:{metre}"))
    assert read.meter == meter
    assert " ".join(c.symbol for c in read.bars[0]) == first


def test_a_metre_may_change_and_a_pick_up_is_left_out():
    read = chart('d|"C"c4|[M:3/4]"F"f3|"G"g3|')
    assert [len(bar) for bar in read.bars] == [4, 3, 3]


def test_of_a_book_a_tune_is_named(tmp_path):
    book = HEAD + '"C"c4|\n\n' + HEAD.replace("X:1", "X:2").replace("Made", "Other") + '"F"f4|\n'
    (tmp_path / "book.abc").write_text(book)
    shown = CliRunner().invoke(main, ["chart", f"{tmp_path / 'book.abc'}#other"])
    assert "1 | F |" in shown.output
    said = CliRunner().invoke(main, ["chart", str(tmp_path / "book.abc")])
    assert said.exit_code == 2
    assert "book.abc: it holds 2 tunes; name one after a #: 1 Made, 2 Other" in said.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it has no tune"),
        ("nothing", "it has no tune"),
        (HEAD, "Made: it has no chord symbols"),
        (HEAD + "c4|d4|", "Made: it has no chord symbols"),
        (HEAD + '"C7add8"c4|', "in bar 1 that improvd cannot read, 'C7add8'"),
        (HEAD + '"C"c4|' * 3001, "Made: it has 3001 measures"),
        (HEAD + '"C"c4|[M:7/8]"F"f7/2|', "the meter changes from 4/4 to 7/8, and can only"),
        (HEAD + '"C"c4|' + "Z999|" * 99, "it has more than 20000 bars"),
        (HEAD + '"C"c4|' * 40_000, "Made: it is longer than any tune (200000 characters)"),
        (HEAD.replace("M:4/4", "M:4/3") + '"C"c4|', "meter '4/3' is not one"),
        (HEAD.replace("M:4/4", "M:" + "9" * 5000 + "/4") + '"C"c4|', "it cannot be read as abc ("),
    ],
)
def test_what_is_no_chart_is_one_sentence_within_a_second(text, said):
    begun = process_time()
    with pytest.raises(ChartError) as refused:
        chart_text(text.encode())
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert process_time() - begun < 1


@given(
    st.text('"CFGm7|:[]1234abcdefgzZ-()<>!DS.&X\nKMPLVQ=/%', max_size=120) | st.binary(max_size=60)
)
def test_whatever_stands_in_a_tune_is_a_chart_or_one_sentence(text):
    content = text if isinstance(text, bytes) else (HEAD + text).encode()
    with suppress(ChartError):
        assert parse_chart(chart_text(content)).bars
