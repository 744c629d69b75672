"""A chart whose meter changes: bar lines, turns, the band and the end go by its own bars."""

import pytest
from msgspec.structs import replace

from improvd.core.playing.modes import Turn
from improvd.messages import End, Locate
from tests.harness.woken import CONFIG, SECOND, WokenJam

FOUR_AND_THREE = "swing: 60\nstyle: swing\n| C7 | F7 | 3/4 G7 | Am7 | 2/4 D7 | 4/4 G7 |"
LENGTHS = [4, 4, 3, 3, 2, 4]
PLACES = [(bar, beat) for bar, beats in enumerate(LENGTHS, 1) for beat in range(1, beats + 1)]
ALONE = replace(CONFIG, set=None, tempo=240, count_in=1)
BEAT = SECOND // 4


def played(beats: int, **config) -> WokenJam:
    return WokenJam(FOUR_AND_THREE, replace(ALONE, **config)).play((4 + beats) * BEAT - BEAT // 2)


def test_beats_are_told_with_their_bars_from_chorus_to_chorus():
    jam = played(60)
    found = [(bar, beat) for _, bar, beat in jam.places()]
    second = [(bar + 6, beat) for bar, beat in PLACES]
    assert found[:40] == PLACES + second
    assert [b.beats_per_bar for b in jam.beats if b.number in (0, 9, 14, 19)] == [4, 3, 2, 4]
    assert [b.chord for b in jam.beats if b.number in (8, 11, 14, 16)] == ["G7", "Am7", "D7", "G7"]


def test_turns_of_two_bars_change_on_its_bar_lines():
    jam = played(40, mode="trade 2", band="off")
    turns = {(beat.bar - 1) // 2 % 2: beat.turn for beat in jam.beats if beat.number >= 0}
    assert turns == {0: Turn.LISTEN, 1: Turn.PLAY}
    for beat in jam.beats:
        own = beat.number >= 0 and (beat.bar - 1) // 2 % 2 == 1
        assert beat.turn == (Turn.PLAY if own else Turn.LISTEN)


@pytest.mark.parametrize(
    ("at", "cadence"), [(5.2, 8), (7.2, 11), (9.2, 14), (12.2, 16), (14.2, 16)]
)
def test_the_last_note_falls_on_a_bar_line_within_two_bars(at, cadence):
    jam = played(0)
    jam.play(round((4 + at) * BEAT))
    jam.obey(End())
    jam.play(40 * BEAT)
    last = max(beat.number for beat in jam.beats if beat.turn is Turn.PLAY)
    assert last == cadence


@pytest.mark.parametrize(
    "feel", ["auto", "swing", "two-feel", "ballad", "bossa", "waltz", "straight"]
)
def test_the_band_plays_it_in_every_feel_with_the_root_where_a_bar_begins(feel):
    jam = played(40, band="bass, piano, drums", feel=feel, mode="solo")
    ons = [(at, m) for at, m in jam.sent if m[0] >> 4 == 9 and m[2]]
    assert {m[0] & 15 for _, m in ons} == {0, 1, 2, 9}
    roots = {0: 0, 4: 5, 8: 7, 11: 9, 14: 2, 16: 7}
    for beat, root in roots.items():
        begins = (4 + beat) * BEAT
        low = [m[1] % 12 for at, m in ons if m[0] & 15 == 1 and abs(at - begins) < BEAT // 3]
        assert low[:1] in ([root], []) or feel in ("bossa", "straight")


def test_another_bar_is_where_its_own_meter_has_it():
    jam = played(6)
    jam.obey(Locate(5))
    jam.play(jam.now + 2 * BEAT)
    assert (None, 5, 1) in jam.places()
    assert jam.beats[-1].chord in ("D7", "G7")


def test_another_goes_on_in_it_to_the_byte():
    config = {"band": "bass, piano, drums", "mode": "trade 2"}
    whole, lost = played(15, **config), played(15, **config)
    lost.lose()
    until = 60 * BEAT
    assert whole.play(until).beats == lost.play(until).beats
    assert whole.sent == lost.sent


def test_a_tune_begins_after_a_chorus_of_odd_length():
    jam = WokenJam(FOUR_AND_THREE, replace(CONFIG, tempo=240)).play(10 * BEAT)
    jam.tune()
    jam.play(40 * BEAT)
    assert jam.places().index((2, 1, 1)) == 20
