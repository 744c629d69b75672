"""The bass: its values, the rules that hold whatever was learned, and the patterns of the feels."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.band.lineup import BASS, Lineup, VoiceStyle
from improvd.core.band.moment import chord_context
from improvd.core.band.walking import BassTable, Step, pitch_of, value_of
from improvd.core.harmony.chart import BLUES_IN_F, parse_chart
from improvd.core.hearing.ear import HeardBeat
from improvd.core.hearing.listener import NOTHING_HEARD
from improvd.core.music import PULSES_PER_BEAT
from improvd.core.network.vocabulary import Register
from improvd.options import CHARTS
from improvd.training.measure import bass_figures
from tests.harness.band import TRIO, Rehearsal, rehearse

BLUES = parse_chart(BLUES_IN_F)
# The first chorus is in two; here all is walked.
WALKING = replace(TRIO, feel="swing")


@given(st.integers(24, 60), st.integers(-12, 12), st.integers(0, 11))
def test_a_value_is_exact_for_moves_up_to_an_octave(before: int, move: int, root: int):
    value = value_of(before, before + move, root)
    assert 0 <= value < 36
    assert pitch_of(value, before, root) == before + move


def _walked(beats: int, seed: int = 0, **how) -> list[int]:
    lineup = replace(TRIO, feel="swing", seed=seed)
    return [note.pitch for note in _on_beats(rehearse(BLUES_IN_F, beats, lineup=lineup, **how))]


def _on_beats(rehearsal: Rehearsal):
    return [note for note in rehearsal.notes(BASS) if note.onset % PULSES_PER_BEAT == 0]


def test_four_chords_in_five_begin_on_their_root():
    pitches = _walked(48 * 20)
    firsts = [beat for beat in range(48 * 20) if chord_context(BLUES, beat).begins]
    rooted = [pitches[beat] % 12 == BLUES.at(beat).chord.bass for beat in firsts]
    assert sum(rooted) / len(rooted) >= 0.8


@pytest.mark.parametrize("chart", ["| Dm7 |", "| C7 | F7 |", BLUES_IN_F])
@pytest.mark.parametrize("feel", ["swing", "two-feel", "ballad", "bossa", "straight", "waltz"])
def test_no_pitch_comes_three_times_in_a_row_and_the_register_holds(chart: str, feel: str):
    rehearsal = rehearse(chart, 400, lineup=replace(TRIO, feel=feel))
    pitches = [note.pitch for note in rehearsal.notes(BASS)]
    assert all(31 <= pitch <= 52 for pitch in pitches)
    assert not any(a == b == c for a, b, c in zip(pitches, pitches[1:], pitches[2:], strict=False))


def test_twenty_choruses_are_twenty_lines():
    pitches = _walked(48 * 20)
    choruses = {tuple(pitches[start : start + 48]) for start in range(0, len(pitches), 48)}
    assert len(choruses) == 20


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_its_figures_lie_in_the_bands_of_bassists(seed: int):
    bands = bass_figures.known_bands()
    assert len(bands) == 19
    fits = []
    for name in ("blues-in-f", "rhythm-changes", "two-five-one", "minor-blues"):
        chart = parse_chart(CHARTS[name].read_text())
        rehearsal = Rehearsal(chart, lineup=replace(TRIO, feel="swing", seed=seed))
        beats = 4 * len(chart)
        pitches = [note.pitch for note in _on_beats(rehearsal.play(range(beats)))]
        found = bass_figures.figures(pitches, [chord_context(chart, beat) for beat in range(beats)])
        fits += bass_figures.inside(found, bands).values()
    assert sum(fits) / len(fits) >= 0.85


def test_a_seed_is_a_line():
    assert _walked(96, seed=1) == _walked(96, seed=1)
    assert _walked(96, seed=1) != _walked(96, seed=2)


def test_without_a_table_the_rules_walk():
    rehearsal = Rehearsal(BLUES, lineup=replace(WALKING, table=BassTable({}))).play(range(96))
    pitches = [note.pitch for note in _on_beats(rehearsal)]
    assert len(pitches) == 96
    assert max(abs(a - b) for a, b in pairwise(pitches)) <= 12


def test_a_slash_chord_begins_on_its_bass():
    rehearsal = rehearse("| C/E | F |", 4 * 80, lineup=WALKING)
    over = [note.pitch % 12 for note in _on_beats(rehearsal) if note.onset % 3840 == 0]
    assert over.count(4) / len(over) >= 0.8


def test_it_stays_below_the_left_hand_and_keeps_an_octave():
    hand = HeardBeat((), held=False, pitches=(43, 50), chords=((0.0, 50),), bass=((0.0, 43),))
    rehearsal = Rehearsal(BLUES, lineup=WALKING).play(range(64), heard=lambda _: hand)
    assert max(note.pitch for note in rehearsal.notes(BASS)) <= 43
    rehearsal.beats.clear()
    rehearsal.play(range(64, 264), heard=lambda _: NOTHING_HEARD)
    assert max(note.pitch for note in rehearsal.notes(BASS)) > 43


def test_a_register_that_has_become_another_is_gone_to():
    rehearsal = Rehearsal(BLUES, lineup=WALKING).play(range(16))
    rehearsal.lineup = Lineup({BASS: VoiceStyle(1, 85, Register(60, 80))}, feel="swing")
    rehearsal.beats.clear()
    rehearsal.play(range(16, 64))
    assert all(60 <= note.pitch <= 80 for note in rehearsal.notes(BASS))


def test_bossa_has_root_and_fifth_where_they_belong():
    rehearsal = rehearse("style: bossa\n| Cmaj7 | % | % | % |", 64)
    first_bar = {note.onset // 240 % 8 for note in rehearsal.notes(BASS)}
    assert first_bar <= {0, 2, 3, 4, 6, 7}
    on_one = [note.pitch % 12 for note in rehearsal.notes(BASS) if note.onset % 1920 == 0]
    assert set(on_one) == {0}


def test_in_two_it_strikes_on_one_and_three_and_each_new_chord():
    rehearsal = rehearse("| Cmaj7 A7 | Dm7 G7 |", 32)
    for beat in range(0, 8, 2):
        assert any(note.onset == beat * PULSES_PER_BEAT for note in rehearsal.notes(BASS))
    walked = rehearse("| Cmaj7 A7 | Dm7 G7 |", 32).notes(BASS)
    assert len([n for n in walked if n.onset < 8 * PULSES_PER_BEAT]) < 8


def test_a_table_backs_off_to_what_it_knows():
    table = BassTable({"0": [1, 3, 7, 1], "9 2": [1, 1, 2, 1]})
    chords = chord_context(BLUES, 1)
    log_p = table.log_p(Step(36, 1, chords))
    assert log_p[1] > log_p[7] > log_p[5]
    assert sum(2 ** (each / 16) for each in log_p) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(("low", "least"), [(45, 1.0), (41, 0.75), (38, 0.7)])
def test_it_goes_under_the_musician_s_left_hand_where_there_is_room(low: int, least: float):
    """From G1 to G2 are twelve notes; a lower hand leaves less, and a root may lie over it."""
    hand = HeardBeat((), held=False, pitches=(low,), bass=((0.0, low),))
    rehearsal = Rehearsal(parse_chart(BLUES_IN_F), lineup=replace(TRIO, feel="swing"))
    rehearsal.play(range(240), heard=lambda _: hand)
    pitches = [note.pitch for note in rehearsal.notes(BASS)][8:]
    assert sum(pitch < low for pitch in pitches) >= least * len(pitches)
