"""A written solo: one voice in whole bars, chords as their names say, the same bytes every time."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from music21 import converter, harmony, stream

from improvd.core.harmony.chart import parse_chart
from improvd.core.harmony.chord import parse_chord
from improvd.core.harmony.leadsheets.kinds import Degree, chord_of
from improvd.core.harmony.leadsheets.reading import chart_text
from improvd.core.network.vocabulary import BeatNote
from improvd.training.read.corpus import HELD_BEAT, REST_BEAT, MelodyBeat
from improvd.training.read.notation import read
from improvd.training.show import sheet
from tests.harness.symbols import SYMBOLS

CHART = parse_chart("| Dm7 | G7b9 | Cmaj7#11 | A7#9b13 | Dm7b5/Ab | Eb6 | F+7 | Bdim7 |")
BEATS = len(CHART)


def beat(*notes: tuple[int, int]) -> MelodyBeat:
    return MelodyBeat(tuple(BeatNote(tick, pitch) for tick, pitch in notes))


# Off-beats, triplets, a note held over a bar line, and an empty bar.
LINE = [
    beat((6, 65)),
    beat((0, 66), (4, 67), (8, 65)),
    REST_BEAT,
    beat((9, 70)),
    HELD_BEAT,
    REST_BEAT,
    beat((0, 61), (6, 60)),
    *[REST_BEAT] * 9,
    *[beat((0, 72), (3, 71), (6, 70), (9, 69))] * 16,
]


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "solo.musicxml"
    sheet.write(path, LINE, CHART, bpm=100)
    return path


def test_every_bar_is_full_and_has_one_voice(written):
    [part] = converter.parse(written).parts
    bars = list(part.getElementsByClass(stream.Measure))
    assert len(bars) == 8
    for bar in bars:
        assert not bar.voices
        lasting = [e.quarterLength for e in bar.notesAndRests if not isinstance(e, harmony.Harmony)]
        assert sum(lasting) == 4
    assert [rest.quarterLength for rest in bars[2].notesAndRests[1:]] == [4.0], "one rest a bar"


def test_the_notes_come_back_where_they_were(written):
    [score] = read(written)
    [voice] = score.voices
    due = [
        (place * 480 + note.tick * 40, note.pitch)
        for place, music in enumerate(LINE)
        for note in music.notes
    ]
    assert [(note.onset, note.pitch) for note in voice.notes] == due
    held = next(note for note in voice.notes if note.pitch == 70)
    assert held.length == 120 + 480


def test_chords_come_back_as_they_were(written):
    [score] = read(written)
    due = [CHART.at(beat).chord for beat in range(0, BEATS, 4)]
    for (_, chord), expected in zip(score.chords, due, strict=True):
        assert chord is not None
        assert (chord.root, set(chord.tones), chord.bass) == (
            expected.root,
            set(expected.tones),
            expected.bass,
        )
    assert [pulse for pulse, _ in score.chords] == [bar * 4 * 480 for bar in range(8)]


def test_parts_have_names_that_stay(written):
    assert '<score-part id="P1">' in written.read_text()


@pytest.mark.parametrize(
    ("meter", "dotted", "quarters"),
    [
        ("7/8", False, 3.5),
        ("5/8", False, 2.5),
        ("6/8", False, 3),
        ("6/8", True, 3),
        ("5/4", False, 5),
    ],
)
def test_a_sheet_is_in_the_meter_of_its_chart(tmp_path, meter, dotted, quarters):
    chart = parse_chart(f"meter: {meter}\n| Dm7 G7 | Cmaj7 | N.C. | A7 |", dotted=dotted)
    path = tmp_path / "solo.musicxml"
    line = [beat((0, 60), (6, 62)), REST_BEAT] * (len(chart) // 2) + [REST_BEAT] * (len(chart) % 2)
    sheet.write(path, line, chart, bpm=100, dotted=dotted)
    [part] = converter.parse(path).parts
    bars = list(part.getElementsByClass(stream.Measure))
    assert bars[0].timeSignature.ratioString == meter
    assert [bar.offset for bar in bars] == [number * quarters for number in range(4)]
    for bar in bars:
        lasting = [e.quarterLength for e in bar.notesAndRests if not isinstance(e, harmony.Harmony)]
        assert sum(lasting) == quarters
    symbols = [
        [(each.offset, each.figure) for each in bar.getElementsByClass(harmony.Harmony)]
        for bar in bars
    ]
    assert [bar[0][1] for bar in symbols] == ["Dm7", "Cmaj7", "N.C.", "A7"]
    assert 0 < symbols[0][1][0] < quarters


def test_a_sheet_goes_by_the_meters_of_its_chart_for_as_long_as_it_goes_round(tmp_path):
    chart = parse_chart("| C7 | 3/4 F7 | 2/4 G7 |")
    path = tmp_path / "solo.musicxml"
    sheet.write(path, [beat((0, 60)), *[REST_BEAT] * 17], chart, bpm=100)
    [part] = converter.parse(path).parts
    bars = list(part.getElementsByClass(stream.Measure))
    assert [bar.offset for bar in bars] == [0, 4, 7, 9, 13, 16]
    assert parse_chart(chart_text(path.read_bytes())).bars == chart.bars * 2


def test_every_kind_of_chord_is_written_with_its_own_degrees(tmp_path):
    """Straight from the file: what a library makes of it is a reader's matter."""
    names = "C7alt C7b5 C7sus2 Cmaj7sus4 CmMaj7 Cdim(maj7) C(#11) C7(no5) C5 D/C Bb13(#11) Cm7b5"
    chart = parse_chart("".join(f"| {name} " for name in names.split()) + "|")
    path = tmp_path / "solo.musicxml"
    sheet.write(path, [REST_BEAT] * len(chart), chart, bpm=100)
    assert chords_in(path) == [bar[0] for bar in chart.bars]


def chords_in(path):
    """The chords of a MusicXML file by its own elements."""
    found = []
    for element in ET.parse(path).iter("harmony"):  # noqa: S314 - written just now
        names = [
            (element.findtext(f"{what}/{what}-step", ""), element.findtext(f"{what}/{what}-alter"))
            for what in ("root", "bass")
        ]
        root, bass = (
            step + {1: "#", -1: "b", 0: ""}[int(alter or 0)] if step else ""
            for step, alter in names
        )
        degrees = [
            Degree(
                int(each.findtext("degree-value")),
                int(each.findtext("degree-alter")),
                each.findtext("degree-type"),
            )
            for each in element.iter("degree")
        ]
        found.append(chord_of(root, element.findtext("kind"), degrees, bass))
    return found


@settings(max_examples=40, deadline=None)
@given(
    symbols=st.lists(SYMBOLS, min_size=4, max_size=4),
    meter=st.sampled_from(["4/4", "3/4", "5/4", "2/2", "5/8", "6/8", "7/8", "9/8", "12/8"]),
    bpm=st.integers(20, 400),
)
def test_what_is_written_is_read_again(tmp_path_factory, symbols, meter, bpm):
    path = tmp_path_factory.getbasetemp() / "round.musicxml"
    chart = parse_chart(f"meter: {meter}\n| {' | '.join(symbols)} |")
    line = [beat((0, 60 + number), (6, 50)) for number in range(len(chart))]
    sheet.write(path, line, chart, bpm=bpm)
    [score] = read(path)
    bar = round(480 * 4 * chart.meter[0] / chart.meter[1])
    found = dict(score.chords)
    chord = None
    for number, symbol in enumerate(symbols):
        chord = found.get(number * bar, chord)
        assert chord == parse_chord(symbol)
    assert score.metres == ((0, bar),)
    assert score.bpm == bpm
    assert [note.onset for note in score.voices[0].notes] == [
        place * 240 for place in range(2 * len(chart))
    ]


@pytest.mark.parametrize(
    ("key", "fifths", "signs"),
    [("Bb", -2, [None, None, "natural", None]), ("D", 2, ["flat", "flat", "natural", "natural"])],
)
def test_a_sheet_has_the_signature_of_its_key_and_says_only_what_it_does_not(
    tmp_path, key, fifths, signs
):
    chart = parse_chart(f"key: {key}\n| Bbmaj7 |")
    path = tmp_path / "solo.musicxml"
    sheet.write(path, [beat((0, pitch)) for pitch in (70, 63, 64, 65)], chart, bpm=100)
    root = ET.parse(path).getroot()  # noqa: S314 - written just now
    assert root.findtext(".//key/fifths") == str(fifths)
    assert [note.findtext("accidental") for note in root.iter("note")] == signs
    [part] = converter.parse(path).parts
    pitches = [n.pitch.midi for n in part.recurse().notes if "Harmony" not in n.classes]
    assert pitches == [70, 63, 64, 65]
