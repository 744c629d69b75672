"""The piano: where it strikes, what it holds, and the room that it leaves."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.band.lineup import PIANO, Lineup, VoiceStyle
from improvd.core.band.voicings import clashes, distance, next_voicing, voicings
from improvd.core.harmony.chart import BLUES_IN_F, parse_chart
from improvd.core.harmony.chord import parse_chord
from improvd.core.hearing.ear import HeardBeat
from improvd.core.music import PULSES_PER_BEAT
from improvd.core.network.vocabulary import Register
from improvd.messages import RULES
from improvd.options import CHARTS
from improvd.training.measure import comping
from tests.harness.band import TRIO, Rehearsal, rehearse
from tests.harness.symbols import SYMBOLS

REGISTER = Register(50, 69)
SWING = replace(TRIO, feel="swing")


@given(SYMBOLS)
def test_every_chord_has_a_voicing_of_its_own_tones(symbol: str):
    chord = parse_chord(symbol)
    for register in (REGISTER, Register(50, 62), Register(0, 12), Register(115, 127)):
        for voicing in voicings(chord, register):
            assert voicing
            assert list(voicing) == sorted(set(voicing))
            assert all(pitch in register for pitch in voicing)
            assert {p % 12 for p in voicing} <= {*chord.tones, *chord.scale}


def test_rootless_forms_alternate_through_a_cadence():
    dm7 = next_voicing(parse_chord("Dm7"), None, REGISTER)
    g7 = next_voicing(parse_chord("G7"), dm7, REGISTER)
    cmaj7 = next_voicing(parse_chord("Cmaj7"), g7, REGISTER)
    assert [p % 12 for p in dm7] in ([5, 9, 0, 4], [0, 4, 5, 9])
    assert distance(dm7, g7) <= 6
    assert distance(g7, cmaj7) <= 10
    assert 7 not in {p % 12 for p in g7}


def _measured(name: str, seed: int, bpm: float = 140.0) -> comping.Comping:
    chart = parse_chart(CHARTS[name].read_text())
    lineup = replace(TRIO, feel="swing", seed=seed)
    beats = 4 * len(chart) // 4 * 4
    # A line that holds every third scale note for a beat, as soloists do at the ends of phrases.
    held = {
        beat: (
            beat * PULSES_PER_BEAT,
            (beat + 1) * PULSES_PER_BEAT,
            60 + chart.at(beat).ladder.pitch_classes[beat % 5],
        )
        for beat in range(0, beats + 1, 3)
    }
    rehearsal = Rehearsal(chart, bpm, lineup)
    rehearsal.play(
        range(beats), melody=lambda beat: [held[beat]] if beat in held else [], own=lambda _: 1
    )
    return comping.measure(rehearsal.notes(PIANO), chart, beats // 4, list(held.values()))


@pytest.mark.parametrize("name", ["blues-in-f", "rhythm-changes", "two-five-one", "minor-blues"])
@pytest.mark.parametrize("seed", [0, 1])
def test_it_comps_as_pianists_do(name: str, seed: int):
    found = _measured(name, seed)
    assert found.clashes == 0
    assert found.guide_tones >= 0.88
    assert 1.9 <= found.hits_a_bar <= 2.8
    assert 0.41 <= found.off_beat <= 0.79
    assert (found.lowest, found.highest) >= (50, 0)
    assert found.highest <= 69


def test_it_thins_out_in_fast_tempi_and_under_a_busy_line():
    def hits(bpm: float, own: int) -> float:
        rehearsal = Rehearsal(parse_chart(BLUES_IN_F), bpm, SWING)
        rehearsal.play(range(480), own=lambda _: own)
        return comping.measure(rehearsal.notes(PIANO), rehearsal.chart, 120).hits_a_bar

    assert hits(140, 0) > hits(140, 2) + 0.5
    assert hits(140, 0) > hits(300, 0) + 0.3


@pytest.mark.parametrize("seed", range(3))
def test_it_strikes_half_as_often_under_a_line_of_the_musician_s(seed: int):
    eighths = HeardBeat(((0.0, 72), (6.0, 74)), held=False, pitches=(72, 74))
    nothing = HeardBeat((), held=False, pitches=())

    def hits(heard: HeardBeat, rules: int) -> float:
        lineup = replace(SWING, seed=seed, rules=rules)
        rehearsal = Rehearsal(parse_chart(BLUES_IN_F), 120, lineup)
        rehearsal.play(range(480), heard=lambda _: heard)
        return comping.measure(rehearsal.notes(PIANO), rehearsal.chart, 120).hits_a_bar

    assert 0.4 < hits(eighths, RULES) / hits(nothing, RULES) < 0.6
    assert hits(eighths, 3) / hits(nothing, 3) > 0.6, "as older recordings have it"


def test_it_lays_out_while_the_musician_comps_and_a_bar_longer():
    chord = HeardBeat(
        (), held=False, pitches=(52, 58, 62), chords=((0.0, 52), (0.0, 58), (0.0, 62))
    )
    nothing = HeardBeat((), held=False, pitches=())
    rehearsal = Rehearsal(parse_chart(BLUES_IN_F), lineup=SWING)
    rehearsal.play(range(64), heard=lambda beat: chord if 15 <= beat < 32 else nothing)
    struck = {note.onset // PULSES_PER_BEAT for note in rehearsal.notes(PIANO)}
    assert struck & set(range(16))
    assert not struck & set(range(16, 36))
    assert struck & set(range(40, 64))


def test_off_the_beat_it_has_the_chord_of_the_next():
    rehearsal = rehearse("| Cmaj7 Gb7 |", 400, lineup=SWING)
    anticipated = [n for n in rehearsal.notes(PIANO) if n.onset % 960 > 480]
    # The chord changes on one and three: what is struck after two or four is the other's already.
    for note in anticipated:
        coming = rehearsal.chart.at(-(-note.onset // 480)).chord
        assert note.pitch % 12 in {*coming.tones, *coming.scale}
    assert anticipated


@given(st.integers(40, 80), st.integers(40, 80))
def test_what_clashes_is_a_semitone_or_a_minor_ninth(one: int, other: int):
    assert clashes(one, other) == (abs(one - other) in (1, 13, 25, 37))


def test_a_register_of_an_octave_is_enough_for_every_chord():
    lineup = Lineup({PIANO: VoiceStyle(2, 64, Register(60, 72))}, feel="swing")
    rehearsal = rehearse("| Cmaj7 | F#7alt | Bb13 | Edim7 | G5 | C/D |", 200, lineup=lineup)
    assert all(60 <= note.pitch <= 72 for note in rehearsal.notes(PIANO))
    assert rehearsal.notes(PIANO)
