"""The drums: time, fills where a part of the form ends, and the count-in."""

from dataclasses import replace

import pytest

from improvd.core.band import drums
from improvd.core.band.lineup import DRUMS
from improvd.core.music import PULSES_PER_BEAT
from tests.harness.band import TRIO, rehearse

EIGHT = "| C7 | % | % | % | F7 | % | C7 | G7 |"
SWING = replace(TRIO, feel="swing")


def test_hi_hat_on_two_and_four_and_the_ride_on_every_beat():
    rehearsal = rehearse(EIGHT, 24, lineup=SWING)
    for beat, played in enumerate(rehearsal.beats):
        on_beat = {note.pitch for note in played[DRUMS] if note.onset == beat * PULSES_PER_BEAT}
        assert drums.RIDE in on_beat
        assert (drums.PEDAL in on_beat) == bool(beat % 2)


def test_a_fill_of_triplets_ends_eight_bars():
    rehearsal = rehearse(EIGHT, 64, lineup=SWING)
    for beat, played in enumerate(rehearsal.beats):
        pitches = {note.pitch for note in played[DRUMS]}
        assert (drums.RIDE not in pitches) == (beat in (30, 31, 62, 63))
    fill = [
        note.onset - 30 * 480 for note in rehearsal.beats[30][DRUMS] + rehearsal.beats[31][DRUMS]
    ]
    assert {onset % 160 for onset in fill} == {0}


def test_the_swing_is_the_share_that_all_have():
    rehearsal = rehearse(EIGHT, 8, lineup=SWING, share=0.62)
    off = {note.onset % 480 for note in rehearsal.notes(DRUMS)} - {0}
    assert off == {round(0.62 * 480)}


def test_the_count_in_is_on_the_sticks_in_twos_and_then_on_every_beat():
    rehearsal = rehearse(EIGHT, 0).play(range(-8, 0))
    struck = [{n.pitch for n in beat[DRUMS]} for beat in rehearsal.beats]
    assert struck == [{37}, set(), {37}, set(), {37}, {37}, {37}, {37}]
    assert all(not beat["bass"] and not beat["piano"] for beat in rehearsal.beats)


@pytest.mark.parametrize("feel", ["swing", "two-feel", "ballad", "bossa", "waltz", "straight"])
@pytest.mark.parametrize("meter", ["4/4", "3/4", "5/4", "7/8", "6/8", "2/4", "1/4"])
def test_every_feel_goes_on_in_every_meter(feel: str, meter: str):
    rehearsal = rehearse(f"meter: {meter}\n| C7 | F7 |", 60, lineup=replace(TRIO, feel=feel))
    for beat, played in enumerate(rehearsal.beats):
        for notes in played.values():
            assert all(beat * 480 <= note.onset < (beat + 1) * 480 for note in notes)
            assert all(1 <= note.velocity <= 127 and note.length > 0 for note in notes)
    assert any(played[DRUMS] for played in rehearsal.beats)


def test_they_fill_more_where_the_music_is_hot():
    def fills(own: int, velocity: int) -> int:
        quiet = rehearse("| C7 | % | % | % | F7 | % | C7 | G7 |", 0, lineup=SWING)
        quiet.play(range(256), own=lambda _: own, velocity=velocity)
        return sum(drums.RIDE not in {n.pitch for n in beat[DRUMS]} for beat in quiet.beats)

    assert fills(4, 120) > fills(0, 50)
