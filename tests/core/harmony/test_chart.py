"""A chart says for every beat what it sounds over, and refuses what it cannot read by bar."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.harmony.chart import BLUES_IN_F, ChartError, chart_of, parse_chart
from improvd.core.harmony.chart_text import page, transposed
from improvd.core.harmony.chord import parse_chord
from improvd.core.harmony.scales import harmonize

CHARTS = sorted((Path(__file__).parents[3] / "improvd" / "charts").glob("*.chart"))
SYMBOLS = st.sampled_from(["Cmaj7", "Dm7", "G7", "F#m7b5", "Bb13", "N.C.", "E7alt", "A-7/D"])


def written(chart):
    """The bars as text, a symbol a beat."""
    return [" ".join(chord.symbol if chord else "NC" for chord in bar) for bar in chart.bars]


def bars(text):
    return written(parse_chart(text))


def letters(text):
    """The form as one word, for charts of one triad a bar."""
    return "".join(bar[0] for bar in bars(text))


# How a bar is shared out


@pytest.mark.parametrize(
    ("text", "beats"),
    [
        ("| C |", "C C C C"),
        ("| C F |", "C C F F"),
        ("| C F G |", "C C F G"),
        ("| C F G A |", "C F G A"),
        ("| C / F G |", "C C F G"),
        ("| C . G . |", "C C G G"),
        ("| C, G |", "C C G G"),
        ("| C % |", "C C C C"),
        ("| Gm % % C |", "Gm Gm Gm C"),
        ("| C /E F /A |", "C C/E F F/A"),
        ("| D7 G-7|", "D7 D7 G-7 G-7"),
        ("| B♭△7 Eø |", "Bbmaj7 Bbmaj7 Em7b5 Em7b5"),
        ("| C F / / |", "C F F F"),
        ("| N.C. C |", "NC NC C C"),
        ("| nc / C / |", "NC NC C C"),
        ("meter: 3/4\n| C F |", "C C F"),
        ("meter: 5/4\n| C F |", "C C C F F"),
        ("meter: 2/2\n| C F |", "C C F F"),
        ("meter: 6/8\n| C F |", "C C C F F F"),
        ("meter: 6/8\n| C / F |", "C C C C F F"),
        ("meter: 6/8\n| C F G A |", "C C F F G A"),
        ("meter: 6/8\n| C / / F / / |", "C C C F F F"),
        ("meter: 12/8\n| C F G A |", "C C C F F F G G G A A A"),
        ("meter: 1/4\n| C |", "C"),
    ],
)
def test_a_bar_is_shared_out_over_its_beats(text, beats):
    assert bars(text) == [beats]


def test_a_slash_at_the_start_goes_on_with_the_bar_before():
    assert bars("| C F | / / G / |") == ["C C F F", "F F G G"]


@given(st.lists(SYMBOLS, min_size=1, max_size=7), st.integers(1, 7))
def test_a_bar_keeps_its_chords_in_order_and_fills_its_beats(symbols, beats):
    symbols = ["C", *symbols[: beats - 1]]
    (bar,) = parse_chart(f"meter: {beats}/4\n| {' '.join(symbols)} |").bars
    assert len(bar) == beats
    names = [chord.symbol if chord else "N.C." for chord in bar]
    shares = [beats // len(symbols) + (i < beats % len(symbols)) for i in range(len(symbols))]
    assert names == [name for name, n in zip(symbols, shares, strict=True) for _ in range(n)]


# The form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("| C | D | E |", "CDE"),
        ("C | D | E", "CDE"),
        ("| C | D |\n| E |\n\n| F", "CDEF"),
        ("| C |\r\n| D |\r\n", "CD"),
        ("\ufeff| C | D ||", "CD"),
        ("| C | % | % | D | % |", "CCCDD"),
        ("| C | D || E |\n# | F |\n| G |", "CDEG"),
        ("|: C | D :| E |", "CDCDE"),
        ("||: C | D :|| E |", "CDCDE"),
        ("|: C | D :|x3 E |", "CDCDCDE"),
        ("| C | D :|", "CDCD"),
        ("| A |: C :| D :|", "ACCDD"),
        ("|: C :||: D :|", "CCDD"),
        ("|: C :| |: D :|", "CCDD"),
        ("|: C :|\n|: D :|x2\n| E", "CCDDE"),
        ("|: A | B |1 C :|2 D | E |", "ABCABDE"),
        ("|: A | B |1. C :|2. D | E |", "ABCABDE"),
        ("|: A |1 C :|x3 D |", "ACACAD"),
        ("| A :|x12 |", "A" * 12),
        ("|: A |1 B | C :|2 D |: E :|", "ABCADEE"),
        ("|: A | B |1 C :|2 D :|3 E |", "ABCABDABE"),
        ("|: A | B |1,2 C :|3 D |", "ABCABCABD"),
        ("|: A |1-3 C :|4 D | E |", "ACACACADE"),
        ("|: A | [1. C :| [2. D ||", "ACAD"),
        ("|: A |1.C :|2.D |", "ACAD"),
        ("|: A |1 C :|2 D :| E |", "ACADE"),
        ("|: A |1 C :|2 % |", "ACAA"),
        ("|: A | B :| x3", "ABABAB"),
        ("|: A | B :| (x3) C |", "ABABABC"),
        ("|: A | B :|3x\n| C |", "ABABABC"),
        ("| A | B | x3\n| C | D | (2x)", "ABABABCDCD"),
        ("| A x3 | B (2x) | C |", "AAABBC"),
        ("A | B\nC | D\r\nE | F |", "ABCDEF"),
        ("| A | B :: C | D :|", "ABABCDCD"),
        ("[| A | B |]", "AB"),
        ("[: A | B :]", "ABAB"),
        ("\uff5cA\uff5cB\u00a6 C", "ABC"),
        ("\ufeff\ufeff| A |\t\u00a0B |", "AB"),
        ("| A | B # the end |\n; | C |\n// | D |\n| E |", "ABE"),
        ("| A | ./. | 𝄎 | B |", "AAAB"),
    ],
)
def test_a_form_is_played_out(text, form):
    assert letters(text) == form


@given(st.lists(SYMBOLS, max_size=12), st.integers(-1000, 1000))
def test_the_form_loops_both_ways(symbols, beat):
    chart = parse_chart("| " + " | ".join(["Cm", *symbols]) + " |")
    assert len(chart) == len(chart.harmonies) == 4 * (1 + len(symbols))
    assert chart.at(beat) == chart.at(beat + len(chart)) == chart.harmonies[beat % len(chart)]


@given(st.lists(SYMBOLS, min_size=1, max_size=40), st.integers(1, 7))
def test_a_chart_of_chords_holds_them_beat_by_beat(symbols, beats_per_bar):
    chords = [None if s == "N.C." else parse_chord(s) for s in [*symbols, "C"]]
    chart = chart_of(chords, beats_per_bar, "Any")
    assert [chord for bar in chart.bars for chord in bar] == chords
    assert all(len(bar) == beats_per_bar for bar in chart.bars[:-1])
    assert chart.harmonies == harmonize(chords)
    assert (chart.title, chart.beats_per_bar, chart.tempo, chart.swing) == (
        "Any",
        beats_per_bar,
        None,
        None,
    )


# Headers


def test_headers_set_title_meter_tempo_and_swing():
    text = "\n# a waltz\nTitle: One: two\nmeter: 3/4\n\ntempo: 132.5\nswing: 60\n| C |"
    chart = parse_chart(text)
    assert (chart.title, chart.beats_per_bar, chart.tempo, chart.swing) == (
        "One: two",
        3,
        132.5,
        60,
    )


@pytest.mark.parametrize(
    ("header", "value"),
    [
        *(
            ("tempo: ♩=120", (None, 120)),
            ("tempo: 120 bpm", (None, 120)),
            ("BPM = 120", (None, 120)),
        ),
        *(("time: 3/4", (3, None)), ("meter: C", (4, None)), ("Metre: cut", (4, None))),
        *(("key: Eb", (4, None)), ("composer: Some One", (4, None)), ("style: swing", (4, None))),
    ],
)
def test_headers_as_others_write_them(header, value):
    chart = parse_chart(f"title: T\n{header}\n| C |")
    assert (chart.beats_per_bar, chart.tempo) == (value[0] or 4, value[1])


@pytest.mark.parametrize(
    "text",
    [
        *("A\n| C | D |\nB\n| E |", "[A] | C | D |\n[B]\n| E |", "A:\n| C | D |\nB: | E |"),
        *("title: T\nA:\n| C | D |\n\n(B)\n| E |\n", "(A) | C | D |\r\nB\r\n| E |\r\nC\r\n"),
    ],
)
def test_the_name_of_a_section_is_no_bar(text):
    chart = parse_chart(text)
    assert "".join(written(chart)[bar][0] for bar in range(3)) == "CDE"
    assert chart.sections == ((0, "A"), (2, "B"))
    assert chart.looped(5).sections == ((0, "A"), (2, "B"), (3, "A"))


def test_small_letters_are_minor_beside_capitals():
    assert parse_chart("| d | G7 | c | am |").bars == parse_chart("| Dm | G7 | Cm | Am |").bars
    assert parse_chart("| cm7 | fmaj7 |").bars == parse_chart("| Cm7 | Fmaj7 |").bars
    assert parse_chart("| H7 | Em | Bb |").bars == parse_chart("| B7 | Em | Bb |").bars


def test_a_chart_keeps_its_meter():
    meters = [parse_chart(f"meter: {meter}\n| C |").meter for meter in ("7/8", "6/8", "2/2")]
    assert meters == [(7, 8), (6, 8), (2, 2)]


def test_a_chart_without_headers_is_in_four_and_sets_nothing():
    chart = parse_chart("| C |")
    assert (chart.title, chart.beats_per_bar, chart.tempo, chart.swing) == ("", 4, None, None)


# Refusals


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no chord"),
        ("title: Nothing\n", "no chord"),
        ("| N.C. | % |", "no chord"),
        ("| C | Hx7 |", "bar 2: cannot read the chord 'Hx7'; near it are"),
        ("|: C | D :|\n| Ebfoo |", "bar 3: cannot read the chord 'Ebfoo'; near it are Eb"),
        ("| C | D E F G A |", "bar 2: it has 5 chords, but the meter has 4 beats"),
        ("| C / / |", "bar 1: it has 3 beats written with /, but the meter has 4"),
        ("| / / / / |", "bar 1: / has no chord before it"),
        ("| % | C |", "bar 1: % has no bar before it"),
        ("| % C |", "bar 1: % has no chord before it to go on with"),
        ("| C |  | D |", "bar 2: it is empty"),
        ("|: C | D", "the |: before bar 1 is never closed"),
        ("|: C |: D :|", "the |: before bar 1 is not closed"),
        ("| C |1 D | E |", "first ending is never closed"),
        ("| C |2 D |", "bar 2: a second ending comes right after :|"),
        (":| C |", "the :| before bar 1 has no bars to repeat"),
        ("| C :|x0 D |", "cannot read the chord 'x0'"),
        ("| C % | %% |", "bar 2: %% is no chord; write %"),
        ("| C | - |", "bar 2: - is no chord; write /"),
        ("| C | D 3/4 |", "bar 2: 3/4 is no chord; a bar that changes the meter begins with it"),
        ("| C | 7/8 D |", "bar 2: the meter changes from 4/4 to 7/8, and can only between"),
        ("meter: 6/8\n| C | 3/4 D |", "bar 2: the meter changes from 6/8 to 3/4, and can only"),
        ("| C F | 3/4 % |", "bar 2: % repeats a bar of another meter"),
        ("| C | 3/5 D |", "bar 2: meter '3/5' is not one such"),
        ("| C | D.C. al Fine |", "its D.C. or D.S. al Fine has no Fine"),
        ("| C x99 " * 60 + "|", "it has more than 5000 bars"),
        ("\n".join(["|: C | D :|x99"] * 30), "it has 5940 bars as it is played, more than 5000"),
        ("| C | D.S. |", "its D.S. has no segno before it"),
        ("| C | D D.S. | Segno E |", "its D.S. has no segno before it"),
        ("Coda | C | D | D.C. al Coda |", "its D.C. or D.S. al Coda has no coda after it"),
        ("| C D.C. | D | D.C. |", "it has more than one D.C. or D.S."),
        ("| D.C. | C |", "D.C. stands before all bars"),
        ("| C | D al Fine |", "bar 2: al is no chord; signs are D.C. or D.S., alone or al Fine"),
        ("{ C | D }", "{ is no chord; bars stand between |"),
        ("{soc}\n[Dm7]la la [G7]la\n", "line 1: '{soc}' has no bar lines"),
        ("Dm7 G7 C6 C6\nDm7 G7 C6 C6", "line 1: 'Dm7 G7 C6 C6' has no bar lines"),
        ("A Tune\n\n| C |", "line 1: 'A Tune' has no bar lines"),
        ("title: T\n| C |\n| Ebfoo |", "line 3, bar 2: cannot read the chord 'Ebfoo'"),
        ("| C |\nmeter: 3/4\n| D |", "line 2: meter: 3/4 stands below a bar"),
        ("| C :|2 D |", "bar 2: there is no first ending before :|2"),
        ("irealb://Tune=Some%20One==", "the iReal Pro link holds no tune"),
        ("| dm7 | g7 | cmaj7 |", "bar 2: g7 may be G7 or Gm7"),
        ("| H7 | E | B |", "bar 3: B beside an H: write Bb for B flat"),
        ("meter: 4\n| C |", "meter '4' is not one such as 4/4"),
        ("meter: 0/4\n| C |", "meter '0/4' is not one such as 4/4"),
        ("meter: 4/3\n| C |", "meter '4/3' is not one such as 4/4"),
        ("tempo: fast\n| C |", "tempo 'fast' is not a number from 20 to 400"),
        ("tempo: nan\n| C |", "tempo 'nan' is not a number"),
        ("tempo: 500\n| C |", "tempo '500' is not a number"),
        ("swing: 80\n| C |", "swing '80' is not a number from 50 to 75"),
        ("mood: C\n| C |", "no header 'mood': title, meter, tempo, swing"),
    ],
)
def test_what_cannot_be_read_is_named(text, words):
    with pytest.raises(ChartError) as refusal:
        parse_chart(text)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


@given(st.text(alphabet="|:12x%/ \nCDFm7b.#Nte", max_size=40))
def test_any_text_is_a_chart_or_a_chart_error(text):
    try:
        chart = parse_chart(text)
    except ChartError:
        return
    assert all(len(bar) == chart.beats_per_bar for bar in chart.bars)
    assert len(chart) == len(chart.bars) * chart.beats_per_bar > 0


_WORDS = [
    "|",
    "|",
    "|",
    "|",
    "|:",
    ":|",
    ":|2",
    ":|x3",
    "|1",
    "|1,2",
    "||",
    "C",
    "Dm7",
    "G7/B",
    "%",
    "/",
    "N.C.",
    "/E",
    "x2",
    ",",
    "3/4",
    "4/4",
    "(2/4)",
    "7/8",
    "12/8",
    "D.C.",
    "D.S.",
    "D.C._al_Fine",
    "D.S._al_Coda",
    "To_Coda",
    "Coda",
    "Segno",
    "Fine",
    "𝄋",
    "𝄌",
]
_LINES = st.lists(st.sampled_from(_WORDS), max_size=14).map(" ".join)


@given(st.lists(_LINES | st.sampled_from(["A", "[Coda]", "Verse:", "", "# no"]), max_size=5))
def test_whatever_is_said_of_the_order_is_a_chart_that_its_page_says_again_or_a_sentence(lines):
    text = "\n".join(lines).replace("_", " ")
    try:
        chart = parse_chart(text)
    except ChartError as error:
        said = str(error)
    else:
        said = chart.title
        assert parse_chart("\n".join(page(chart, 80))) == chart
    assert "\n" not in said


# The charts that come with it


@pytest.mark.parametrize("path", CHARTS, ids=lambda path: path.stem)
def test_the_charts_that_come_along_are_whole(path):
    text = path.read_text(encoding="utf-8")
    chart = parse_chart(text)
    assert text.startswith("# ")
    assert chart.title
    assert chart.tempo
    assert chart.swing
    expected = {"live": 4, "blues-in-three": 24, "two-five-one": 24, "two-five-one-minor": 24}
    expected |= dict.fromkeys(("blues-in-bb", "blues-in-c", "blues-in-f"), 12)
    expected |= dict.fromkeys(("minor-blues", "minor-blues-in-g"), 12)
    expected |= dict.fromkeys(("ballad", "bossa-in-d-minor", "modal-in-d", "rhythm-changes"), 32)
    expected |= dict.fromkeys(("two-feel-in-f", "waltz-in-f"), 32)
    assert len(chart.bars) == expected.get(path.stem, 16)


# Signs


@pytest.mark.parametrize(
    ("text", "played"),
    [
        ("| C | D | E | D.C.", "C D E C D E"),
        ("| C | D Fine | E | F D.C. al Fine |", "C D E F C D"),
        ("| C | D (Fine) | E | F | [d.c. al fine]", "C D E F C D"),
        ("| C | Segno D | E | F D.S. |", "C D E F D E F"),
        ("| C | D Fine | 𝄋 E | F | G D.S. al Fine", "C D E F G E F G"),
        ("| C | D To Coda | E | F | D.C. al Coda\nCoda | G | A |", "C D E F C D G A"),
        ("| C | 𝄋 D | E 𝄌 | F | D.S. al Coda\n[Coda]\n| G | A |", "C D E F D E G A"),
        ("| C | D to coda | E | Da Capo al Coda | Coda G |", "C D E C D G"),
        ("|: C | D :| E Fine | F | D.C. al Fine", "C D C D E F C D E"),
        ("|: C |1 D :|2 E Fine | F | D.C. al Fine", "C D C E F C E"),
        ("|: C |1 D :|2 E To Coda | F |\nDal Segno al Coda\nCoda:\n| G |", None),
        ("| C | D | E |\nD.C.\n", "C D E C D E"),
        ("| C | D Fine | E |", "C D E"),
        ("[Coda]\n| C | D |", "C D"),
    ],
)
def test_signs_are_followed(text, played):
    if played is None:
        with pytest.raises(ChartError, match="has no segno"):
            parse_chart(text)
        return
    found = parse_chart(text)
    assert " ".join(bar[0].symbol for bar in found.bars) == played
    assert parse_chart("\n".join(page(found, 80))) == found


def test_a_section_is_named_where_it_is_first_played():
    chart = parse_chart("A\n|: C :|\n[B]\n| D Fine | D.C. al Fine\nCoda\n")
    assert chart.sections == ((0, "A"), (2, "B"))


# A meter that changes


MIXED = "| C | F | 3/4 G | % | 4/4 Am D7 |\n|: (2/4) C :| 3/4 | F |"


def test_the_meter_may_change_between_bars():
    chart = parse_chart(MIXED)
    assert [len(bar) for bar in chart.bars] == [4, 4, 3, 3, 4, 2, 2, 3]
    assert chart.starts == (0, 4, 8, 11, 14, 18, 20, 22)
    assert (len(chart), chart.meter, chart.meter_at(2), chart.meter_at(5)) == (
        *(25, (4, 4), (3, 4), (2, 4)),
    )
    assert parse_chart("\n".join(page(chart, 80))) == chart
    assert chart.looped(3).starts == (0, 4, 8)
    assert chart.looped(2).starts == ()
    assert parse_chart("| 3/4 C | F |").meter == (3, 4)
    twelve = parse_chart("meter: 12/8\n| C F G Am | 9/8 C | 6/8 F |", dotted=True)
    assert (twelve.starts, twelve.meter_at(1)) == ((0, 4, 7), (9, 8))


@pytest.mark.parametrize("text", [MIXED, "| C | F |", "meter: 7/8\n| C | F | G |"])
def test_every_beat_has_its_place_and_every_bar_its_line(text):
    chart = parse_chart(text)
    before = chart.place(-9)
    for beat in range(-8, 80):
        place = chart.place(beat)
        assert chart.bar_line(place.bar) + place.beat == beat
        assert 0 <= place.beat < place.beats
        assert (place.bar, place.beat) > (before.bar, before.beat)
        assert place.bar - before.bar == (place.beat < 1)
        before = place


def test_a_beat_counts_as_if_all_bars_were_as_long():
    chart = parse_chart(MIXED)
    assert [chart.counted(beat) for beat in (0, 5, 8, 11, 18, 19)] == [0, 5, 8, 12, 20, 22]
    assert chart.sounds(8)
    assert not parse_chart("| C | 3/4 F N.C. |").sounds(6)


def test_a_comma_alone_is_no_chord():
    assert symbols_of(parse_chart("| C , F , |")) == "C C F F"
    with pytest.raises(ChartError, match="it is empty"):
        parse_chart("| C | , | F |")


def test_there_are_charts():
    assert len(CHARTS) == 22


def test_the_default_is_the_blues_in_f_of_the_charts():
    on_file = next(path for path in CHARTS if path.stem == "blues-in-f")
    default, filed = parse_chart(BLUES_IN_F), parse_chart(on_file.read_text(encoding="utf-8"))
    assert (default.title, default.bars, default.harmonies) == (
        filed.title,
        filed.bars,
        filed.harmonies,
    )
    assert (default.tempo, default.swing) == (None, None)


def test_a_bar_may_end_between_two_beats():
    """7/8: bar lines at 0, 3.5, 7 quarters; each beat sounds over what it falls on."""
    chart = parse_chart("meter: 7/8\n| C F | G |")
    assert (chart.beats_per_bar, len(chart)) == (3.5, 7)
    assert [chart.at(beat).chord.symbol for beat in range(8)] == [*"CCFFGGG", "C"]
    odd = parse_chart("meter: 5/8\n| C / F / / |")
    assert (odd.beats_per_bar, len(odd)) == (2.5, 5)
    assert [odd.at(beat).chord.symbol for beat in range(5)] == ["C", "F", "F", "C", "F"]


def test_half_a_bar_of_six_eighths_is_half_a_bar_in_quarters_too():
    """A beat sounds over the chord that it begins with; a sheet has it where it stands."""
    chart = parse_chart("meter: 6/8\n| C F | G |")
    assert (chart.beats_per_bar, symbols_of(chart)) == (3, "C C F G G G")
    with pytest.raises(ChartError, match="2 beats written with /"):
        parse_chart("meter: 6/8\n| C / |")


def test_a_beat_may_be_a_dotted_quarter():
    chart = parse_chart("meter: 6/8\n| C F | G |", dotted=True)
    assert (chart.beats_per_bar, symbols_of(chart)) == (2, "C F G G")
    eighths = parse_chart("meter: 6/8\n| C / / F / / | G |", dotted=True)
    assert eighths.bars == chart.bars
    with pytest.raises(ChartError, match="meter 4/4 has no whole number of dotted quarters"):
        parse_chart("| C |", dotted=True)


@pytest.mark.parametrize(("bars", "expected"), [(1, "C C C C"), (3, "C C C C F F F F C C C C")])
def test_a_loop_may_be_shorter_or_longer_than_the_chart(bars, expected):
    assert symbols_of(parse_chart("| C | F |").looped(bars)) == expected


def symbols_of(chart):
    return " ".join(harmony.chord.symbol for harmony in chart.harmonies)


def test_a_style_is_kept_in_the_writer_s_words():
    chart = parse_chart("style: Medium Swing\n| C7 |")
    assert chart.style == "Medium Swing"
    assert parse_chart("\n".join(page(chart, 80))).style == "Medium Swing"
    assert chart.looped(3).style == "Medium Swing"


def test_a_beat_without_a_chord_of_its_own_is_known():
    chart = parse_chart("| C7 N.C. | F7 |")
    assert [chart.sounds(beat) for beat in range(10)] == [True] * 2 + [False] * 2 + [True] * 6
    sevens = parse_chart("meter: 7/8\n| C7 | N.C. |")
    assert [sevens.sounds(beat) for beat in range(7)] == [True] * 4 + [False] * 3


@pytest.mark.parametrize("path", CHARTS, ids=lambda path: path.stem)
@pytest.mark.parametrize("semitones", [-11, -3, 5, 11])
def test_a_transposed_chart_is_the_same_so_far_away_and_comes_back(path, semitones):
    chart = parse_chart(path.read_text(encoding="utf-8"))
    moved = parse_chart(transposed(chart, semitones))
    for one, other in zip(chart.harmonies, moved.harmonies, strict=True):
        assert other.chord.root == (one.chord.root + semitones) % 12
        assert other.chord.bass == (one.chord.bass + semitones) % 12
        assert {(t + semitones) % 12 for t in one.chord.tones} == set(other.chord.tones)
    assert (moved.title, moved.meter, moved.sections) == (chart.title, chart.meter, chart.sections)
    back = parse_chart(transposed(moved, -semitones))
    assert back.bars == chart.bars
    assert back.harmonies == chart.harmonies


@pytest.mark.parametrize("control", ["\x1b[2J", "\x9b2J", "\x07", "\x00", "\x7f"])
def test_no_title_and_no_section_has_a_terminal_do_anything(control):
    chart = parse_chart(f"title: A {control} tune\n[B{control}]\n| C | F |")
    shown = chart.title + "".join(name for _, name in chart.sections)
    assert shown.isprintable()
    assert len(chart) == 8
