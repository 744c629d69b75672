"""A lead sheet is MusicXML that another program reads as the same bars and chords."""

import pytest
from music21 import converter, harmony, meter, stream, tempo

from improvd.core.harmony.chart import BLUES_IN_F, parse_chart
from improvd.core.harmony.leadsheets.writing import leadsheet


def parts(text, *, dotted=False):
    document = leadsheet(parse_chart(text, dotted=dotted), dotted=dotted)
    score = converter.parseData(document, format="musicxml")
    return score, list(score.parts[0].getElementsByClass(stream.Measure))


def symbols(bar):
    return [(each.offset, each.figure) for each in bar.getElementsByClass(harmony.Harmony)]


def test_the_bars_and_chords_of_the_blues_are_read_again():
    score, bars = parts("tempo: 132\n" + BLUES_IN_F)
    assert score.metadata.title == "Blues in F"
    assert len(bars) == 12
    assert [bar.duration.quarterLength for bar in bars] == [4] * 12
    assert symbols(bars[0]) == [(0, "F7")]
    assert symbols(bars[1]) == [(0, "B-7")]
    assert symbols(bars[3]) == [(0, "Cm7"), (2, "F7")]
    [mark] = score.recurse().getElementsByClass(tempo.MetronomeMark)
    assert mark.number == 132


@pytest.mark.parametrize(
    ("metre", "dotted", "quarters", "second"),
    [
        ("7/8", False, 3.5, 2),
        ("6/8", True, 3, 1.5),
        ("6/8", False, 3, 1.5),
        ("3/4", False, 3, 2),
        ("12/8", True, 6, 3),
    ],
)
def test_every_meter_is_written_as_it_is(metre, dotted, quarters, second):
    score, bars = parts(f"meter: {metre}\ntempo: 90\n| Dm7 G7 | N.C. | Cmaj7/E |", dotted=dotted)
    [signature] = score.recurse().getElementsByClass(meter.TimeSignature)
    assert signature.ratioString == metre
    assert [bar.offset for bar in bars] == [0, quarters, 2 * quarters]
    assert symbols(bars[0]) == [(0, "Dm7"), (second, "G7")]
    assert isinstance(bars[1].getElementsByClass(harmony.Harmony)[0], harmony.NoChord)
    assert symbols(bars[2]) == [(0, "Cmaj7/E")]
    [mark] = score.recurse().getElementsByClass(tempo.MetronomeMark)
    assert mark.getQuarterBPM() == 90 * (1.5 if dotted else 1)


def test_names_are_text_and_no_markup():
    score, _ = parts('title: <Us> & "them"\n[A & B]\n| C(#11) |')
    assert score.metadata.title == '<Us> & "them"'
