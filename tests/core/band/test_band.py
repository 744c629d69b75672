"""The band as a whole: feels, endings, breaks, loudness, and going on from a memory."""

import pytest

from improvd.core.band.feels import FEELS, feel_of
from improvd.core.band.lineup import BASS, DRUMS, PIANO, Lineup
from improvd.core.harmony.chart import BLUES_IN_F, parse_chart
from improvd.models import bass
from improvd.options import CHARTS
from tests.harness.band import VOICES, Rehearsal, rehearse


@pytest.mark.parametrize(
    ("head", "bpm", "feel"),
    [
        ("", 140, "swing"),
        ("style: Medium Up Swing", 200, "swing"),
        ("style: Jazz Waltz\nmeter: 3/4", 140, "waltz"),
        ("meter: 3/4", 140, "waltz"),
        ("style: Bossa Nova", 130, "bossa"),
        ("style: Latin", 130, "bossa"),
        ("style: Slow Ballad", 60, "ballad"),
        ("", 60, "ballad"),
        ("style: Even 8ths", 120, "straight"),
        ("swing: 50", 120, "straight"),
        ("style: nobody's", 120, "swing"),
        ("", 90, "two-feel"),
    ],
)
def test_a_feel_is_read_from_style_meter_and_tempo(head: str, bpm: float, feel: str):
    assert feel_of(parse_chart(f"{head}\n| C7 | F7 |"), bpm, beat=99) == feel


def test_a_swing_begins_in_two_and_walks_from_the_second_chorus_on():
    chart = parse_chart(BLUES_IN_F)
    assert feel_of(chart, 140, 47) == "two-feel"
    assert feel_of(chart, 140, 48) == "swing"


def test_an_ending_is_everybody_s_and_what_leads_to_it_is_filled():
    rehearsal = Rehearsal(parse_chart("| C7 | F7 | C7 | G7 |")).play(range(41), cadence=40)
    last = rehearsal.beats[-1]
    assert [note.pitch % 12 for note in last[BASS]] == [
        5 if 40 % 16 == 4 else 7 if 40 % 16 == 12 else 0
    ]
    assert len(last[PIANO]) >= 2
    assert {note.pitch for note in last[DRUMS]} == {36, 49}
    assert all(note.onset == 40 * 480 for notes in last.values() for note in notes)
    assert last[BASS][0].length == 960


def test_where_the_chart_says_no_chord_the_band_breaks():
    rehearsal = rehearse("| C7 | N.C. | C7 | F7 N.C. |", 32)
    for beat in (4, 5, 6, 7, 14, 15, 20):
        assert not any(rehearsal.beats[beat].values())
    assert rehearsal.beats[8][DRUMS]


def test_it_follows_the_musician_s_loudness_over_two_bars():
    def loudness(velocity: int | None) -> float:
        rehearsal = Rehearsal(parse_chart(BLUES_IN_F)).play(range(16), velocity=velocity)
        rehearsal.beats.clear()
        notes = rehearsal.play(range(16, 48), velocity=velocity).notes(BASS)
        return sum(note.velocity for note in notes) / len(notes)

    assert loudness(110) > loudness(None) + 8
    assert loudness(45) < loudness(None) - 8


def test_another_band_goes_on_from_a_memory():
    ahead = rehearse(BLUES_IN_F, 101)
    rehearsal = rehearse(BLUES_IN_F, 101)
    successor = Rehearsal(rehearsal.chart)
    successor.band.restore(rehearsal.band.memory())
    assert successor.play(range(101, 240)).beats == ahead.play(range(101, 240)).beats[101:]


@pytest.mark.parametrize("feel", FEELS)
@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_that_comes_along_is_played_once_through_in_every_feel(name: str, feel: str):
    chart = parse_chart(CHARTS[name].read_text("utf-8"))
    rehearsal = Rehearsal(chart, chart.tempo, Lineup(VOICES, feel, table=bass.load()))
    rehearsal.play(range(len(chart)))
    roots = [
        (note.pitch - chart.at(beat).chord.bass) % 12 == 0
        for beat, notes in enumerate(rehearsal.beats)
        for note in notes[BASS][:1]
        if beat == 0 or chart.at(beat).chord != chart.at(beat - 1).chord
    ]
    assert sum(roots) >= 0.6 * len(roots) > 0
    for voice, style in VOICES.items():
        notes = rehearsal.notes(voice)
        assert len(notes) >= len(chart.bars) / 2
        assert all(style.register.low <= note.pitch <= style.register.high for note in notes)


def test_the_charts_that_come_along_are_of_every_feel_and_say_key_and_tempo():
    charts = [parse_chart(path.read_text("utf-8")) for path in CHARTS.values()]
    assert all(chart.tempo and (chart.key or chart.live) for chart in charts)
    assert {feel_of(chart, chart.tempo, len(chart)) for chart in charts} == {*FEELS}
    assert len({chart.bars for chart in charts}) == len({chart.title for chart in charts}) > 12
