"""iReal Pro: links, shuffled music, and what is played of what is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.harmony.chart import Chart, parse_chart
from improvd.core.harmony.form import ChartError
from improvd.core.harmony.ireal.links import is_link, tunes, unshuffled
from improvd.core.harmony.ireal.tune import chart_text
from tests.harness.ireal import link, old_link, tune


def played(music: str, **how) -> list[str]:
    """The chords of each bar, in order, as they are played."""
    return bars(parse_chart(chart_text(link(tune(music, **how)))))


def bars(chart: Chart) -> list[str]:
    return [
        " ".join(dict.fromkeys("N.C." if c is None else c.symbol for c in bar))
        for bar in chart.bars
    ]


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=300))
def test_what_is_shuffled_twice_is_as_it_was(music: str):
    assert unshuffled(unshuffled(music)) == music


def test_a_block_of_fifty_is_mirrored_but_for_its_middle():
    block = "".join(chr(48 + at) for at in range(50))
    shuffled = unshuffled(block + "xy")
    assert shuffled[:5] == block[:44:-1]
    assert shuffled[5:10] == block[5:10]
    assert shuffled[10:24] == block[39:25:-1]
    assert shuffled[24:26] == block[24:26]
    assert unshuffled(block + "x") == block + "x"


def test_a_tune_has_its_title_style_meter_tempo_and_sections():
    text = chart_text(
        link(tune("*A[T34C^7  |A-7  ]*B[D-7  |G7  Z", title="My Waltz", style="Waltz", tempo=150))
    )
    chart = parse_chart(text)
    assert (chart.title, chart.style, chart.meter, chart.tempo) == (
        "My Waltz",
        "Waltz",
        (3, 4),
        150,
    )
    assert chart.sections == ((0, "A"), (2, "B"))
    assert bars(chart) == ["Cmaj7", "Am7", "Dm7", "G7"]


def test_an_older_link_is_not_shuffled():
    chart = parse_chart(chart_text(old_link("T44*A{C^7   |A-7   |D-9   |G7#5   }")))
    assert chart.style == "Bossa Nova"
    assert bars(chart) == ["Cmaj7", "Am7", "Dm9", "G7#5"] * 2


def test_short_forms_in_shuffled_music_are_written_out():
    assert played("[T44C7   Kcl LZF7   Kcl Z") == ["C7", "C7", "F7", "F7"]
    assert played("[T44C7XyQ|F7XyQZ") == ["C7", "F7"]


@pytest.mark.parametrize(
    ("music", "expected"),
    [
        ("{C7   |F7   }G7   Z", ["C7", "F7", "C7", "F7", "G7"]),
        ("{C7   |N1F7   }|N2G7   |C6   Z", ["C6", "F7", "C6", "G7", "C6"]),
        ("[C7   ]{F7   |N1G7   }            |N2A7   ]", ["C7", "F7", "G7", "F7", "A7"]),
        ("{C7   |N1F7   |N2G7   |N3A7   }", ["C7", "F7", "C7", "G7", "C7", "A7"]),
        ("{<3x>C7   |F7   }", ["C7", "F7"] * 3),
        ("[C7   |F7   |G7   <D.C. al Fine>]", ["C7", "F7", "G7", "C7", "F7", "G7"]),
        ("[C7   |F7   <Fine>|G7   |A7   <D.C. al Fine>Z", ["C7", "F7", "G7", "A7", "C7", "F7"]),
        (
            "[C7   |SF7   |G7   Q|A7   <D.S. al Coda>][QD7   |E7   Z",
            ["C7", "F7", "G7", "A7", "F7", "G7", "D7", "E7"],
        ),
        ("[C7   |F7   Q|G7   Z[QA7   Z", ["C7", "F7", "G7"]),
        ("{C7   |N1F7   }|N2G7   |A7   <D.C. al 2nd End.>]", None),
    ],
)
def test_repeats_endings_signs_and_codas_are_played_out(music: str, expected: list[str] | None):
    found = played(f"T44{music}")
    if expected is None:
        assert found == ["C7", "F7", "C7", "G7", "A7", "C7", "G7", "A7"]
    else:
        assert [name.replace("C6", "C7") for name in found] == [
            e.replace("C6", "C7") for e in expected
        ]


@pytest.mark.parametrize(
    ("music", "words"),
    [
        ("C7 F7 ", ["C7", "C7", "F7", "F7"]),
        ("C7,F7,G7 ", ["C7", "F7", "G7", "G7"]),
        ("C7   ", ["C7"] * 4),
        ("C7", ["C7"] * 4),
        ("C7F7", ["C7", "C7", "F7", "F7"]),
        ("C7,p,p,F7", ["C7", "C7", "C7", "F7"]),
        ("C7 W/E ", ["C7", "C7", "C7/E", "C7/E"]),
        ("sC7,lF7,n ", ["C7", "F7", "N.C.", "N.C."]),
        ("C7(D-7)   ", ["C7"] * 4),
        ("C-7b5 Ch7 ", ["Cm7b5"] * 4),
        ("C^7#11 Co7 ", ["Cmaj7(#11)", "Cmaj7(#11)", "Cdim7", "Cdim7"]),
    ],
)
def test_cells_are_beats_where_there_are_as_many(music: str, words: list[str]):
    chart = parse_chart(chart_text(link(tune(f"[T44A-7   |{music}Z"))))
    assert ["N.C." if c is None else c.symbol for c in chart.bars[1]] == words


def test_bars_are_repeated_by_their_signs():
    assert played("[T44C7   | x  |F7   |G7   | r|   |A7   Z") == [
        *("C7", "C7", "F7", "G7", "F7", "G7", "A7"),
    ]


def test_of_a_list_a_tune_is_named_by_number_or_title():
    listed = link(
        tune("[T44C7   Z", title="First"), tune("[T44F7   Z", title="The Second"), name="Mine"
    )
    assert [each.title for each in tunes(listed)] == ["First", "The Second"]
    assert "title: The Second" in chart_text(listed, "2")
    assert "title: The Second" in chart_text(listed, "second")
    with pytest.raises(
        ChartError, match="holds 2 tunes; name one after a #: 1 First, 2 The Second"
    ):
        chart_text(listed)
    with pytest.raises(ChartError, match="no tune '3'"):
        chart_text(listed, "3")


def test_a_page_that_was_exported_holds_a_link():
    page = f'<html><a href="{link(tune("[T44C7   Z"))}">Ours</a></html>'
    assert is_link(page)
    assert bars(parse_chart(chart_text(page))) == ["C7"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("irealb://", "there is no irealb"),
        ("irealb://abc", "holds no tune"),
        (link(tune("[T44   Z")), "it has no chords"),
        (link(tune("[T44C7   |T78F7  Z")), "the meter changes from 4/4 to 7/8, and can only"),
        (link(tune("[T44C7   |" + "F7   |" * 1000 + "Z")), "it has 1001 bars, more than any"),
        (link(tune("[T44C7#9#9#2   Z")), "bar 1: cannot read the chord"),
        (link(tune("N2n")), "its endings leave nothing to play"),
        (link(tune("[T44x   Z")), "there are none before it"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(text: str, sentence: str):
    with pytest.raises(ChartError, match=sentence) as refused:
        parse_chart(chart_text(text))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("music", "expected"),
    [
        ("[T44C7   |T34F7  |G7  |T44C7   Z", "C7 3/4:F7 G7 4/4:C7"),
        ("[T34C7  |T24F7 |T34G7  Z", "C7 2/4:F7 3/4:G7"),
        ("*A{T44C7   }*B[T34F7  |G7  <D.C. al Fine>]", "C7 C7 3/4:F7 G7 4/4:C7 3/4:F7 G7"),
        ("[T44C7   |T54F7    |T44 x  Z", "C7 5/4:F7 4/4:F7"),
        ("{T44C7   |T24N1F7 }|N2G7 |T44A7   Z", "C7 2/4:F7 4/4:C7 2/4:G7 4/4:A7"),
    ],
)
def test_the_meter_may_change_within_a_tune(music: str, expected: str):
    chart = parse_chart(chart_text(link(tune(music))))
    before, said = chart.meter, []
    for bar, name in enumerate(bars(chart)):
        count, unit = chart.meter_at(bar)
        said.append(name if (count, unit) == before else f"{count}/{unit}:{name}")
        before = count, unit
    assert " ".join(said) == expected


def test_a_bar_of_nothing_but_room_goes_on_and_room_between_rows_is_none():
    assert played("[T44C7   |    |F7 G7 |    |A7   ]            [D7   Z") == [
        *("C7", "C7", "F7 G7", "G7", "A7", "D7"),
    ]
    assert played("[T44C7   |(F7) |D7   Z") == ["C7", "C7", "D7"]


@pytest.mark.parametrize("said", ["3x", "x3", "(3x)", "Play 3 times", "3 X"])
def test_a_text_says_how_often(said: str):
    assert played(f"T44{{<{said}>C7   |F7   }}") == ["C7", "F7"] * 3


@given(st.text("[]{}|ZT434ABCN12SQ<>Fine.xrnp ,sl^-7#b/D.C. al Coda*W()", max_size=120))
def test_whatever_is_written_ends_in_a_chart_or_a_sentence(music: str):
    text = link(tune(music))
    try:
        chart = parse_chart(chart_text(text))
    except ChartError as error:
        said = str(error)
    else:
        said = chart.title
    assert said
    assert "\n" not in said
