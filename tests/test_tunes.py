"""Another tune begins at its first bar, on the bar line that was asked for, in its own tempo."""

import msgspec
import pytest
from msgspec.structs import replace

from improvd.messages import Change, End, Share
from tests.harness.notes import still_sounding
from tests.harness.woken import CONFIG, SECOND, WALTZ, WokenJam


@pytest.mark.parametrize(("begins", "at"), [("bar", 12), ("chorus", 20)])
def test_a_tune_begins_where_it_was_asked_for_at_bar_1_in_its_own_meter_and_tempo(begins, at):
    player = WokenJam().play(6 * SECOND)  # two seconds of count-in, and eight beats
    said = player.tune(begins)
    assert (
        said
        == f"Three begins {'after this chorus' if begins == 'chorus' else 'on the next bar line'}."
    )
    player.play(30 * SECOND)
    first = next(index for index, place in enumerate(player.places()) if place[0] == 2)
    assert first == at
    assert player.places()[first : first + 4] == [(2, 1, 1), (2, 1, 2), (2, 1, 3), (2, 2, 1)]
    told = [beat for beat in player.beats if beat.number >= 0]
    starts = [beat.start_ns for beat in told[first : first + 3]]
    assert starts == [2 * SECOND + at * SECOND // 2 + n * 60 * SECOND // 180 for n in range(3)]
    assert [beat.chord for beat in told[first : first + 9 : 3]] == ["Am7", "Dm7", "E7"]
    assert still_sounding([message for _, message in player.sent] + player.jam.silence()) == set()


def test_between_two_tunes_nothing_hangs_and_the_band_comes_along():
    player = WokenJam(config=replace(CONFIG, band="bass, piano, drums")).play(6 * SECOND)
    player.tune()
    player.play(12 * SECOND - SECOND // 50)
    before = len(player.sent)
    player.play(14 * SECOND)
    channels = {message[0] & 15 for _, message in player.sent[before:] if message[0] >> 4 == 9}
    assert channels >= {1, 2, 9}
    assert not player.jam.changing


def test_what_is_ordered_while_a_tune_is_waited_for_comes_with_it():
    player = WokenJam().play(6 * SECOND)
    player.tune()
    said = player.tune(begins="", velocity=40)
    player.obey(Share("solo"))
    assert said == "It changes with the tune that comes."
    player.play(11 * SECOND)
    assert {place[0] for place in player.places()} == {1}
    player.play(13 * SECOND)
    assert (player.jam.setup.first.style.velocity, player.jam.setup.tune) == (40, 2)
    assert type(player.jam.setup.first.mode).__name__ == "Solo"


def test_the_last_of_two_that_were_asked_for_is_played():
    player = WokenJam().play(6 * SECOND)
    player.tune()
    player.tune(chart="| Gm7 | C7 |", bpm=None)
    player.play(13 * SECOND)
    assert player.beats[-1].chord == "Gm7"
    assert player.jam.state.timeline.bpm == 120


def test_after_the_end_another_tune_does_not_wait_for_a_chorus_of_silence():
    player = WokenJam().play(3 * SECOND)
    player.obey(End())
    player.play(7 * SECOND)
    player.tune()
    player.play(9 * SECOND)
    assert player.places()[-1][0] == 2
    assert player.beats[-1].turn == "play"


def test_in_the_count_in_it_is_the_tune_that_the_first_bar_is_of():
    player = WokenJam()
    player.tune()
    player.play(4 * SECOND)
    assert player.places()[0] == (2, 1, 1)


@pytest.mark.parametrize("mode", ["follow", "trade 4", "answer"])
def test_a_successor_goes_on_in_the_right_tune(mode):
    config = replace(CONFIG, mode=mode)
    waiting = WokenJam(config=config).play(6 * SECOND)
    waiting.tune()
    waiting.play(8 * SECOND + SECOND // 4).lose().play(11 * SECOND)
    assert (2, 1, 1) in waiting.places()[:18]  # on the next bar line, as its chart is there now
    begun, lost = WokenJam(config=config).play(6 * SECOND), WokenJam(config=config).play(6 * SECOND)
    for player in (begun, lost):
        player.tune()
        player.play(20 * SECOND)
    lost.lose()
    assert begun.play(30 * SECOND).beats == lost.play(30 * SECOND).beats


def test_after_a_long_loss_the_tune_is_not_begun_in_the_past():
    player = WokenJam().play(6 * SECOND)
    player.tune()
    player.lose()
    player.now = 10 * SECOND + SECOND // 5
    player.jam.resume(player.now)
    player.play(12 * SECOND)
    first = next(beat for beat in player.beats if beat.tune == 2 and beat.number == 0)
    assert first.start_ns == 10 * SECOND + SECOND // 2


def test_under_a_clock_the_tempo_stays_the_clock_s_and_the_tune_begins_on_its_beat():
    player = WokenJam(config=replace(CONFIG, sync="midi", count_in=0, band="off"))
    tick = 20_833_333
    player.jam.hear(0, b"\xfa")
    for clock in range(24 * 30):
        player.play(clock * tick)
        if clock == 24 * 9:
            player.tune()
        player.jam.hear(clock * tick, b"\xf8")
    first = player.places().index((2, 1, 1))
    assert first == 20
    starts = [beat.start_ns for beat in player.beats]
    assert abs(starts[first] - 20 * 24 * tick) < 2_000_000
    assert abs(starts[first + 3] - 23 * 24 * tick) < 2_000_000


def test_those_who_follow_our_clock_are_told_that_the_song_begins_again():
    player = WokenJam(config=replace(CONFIG, clock_out=True, band="off")).play(6 * SECOND)
    player.tune()
    player.play(11 * SECOND)
    before = len(player.sent)
    player.play(13 * SECOND)
    said = [message for _, message in player.sent[before:] if message[0] in (0xF2, 0xFA, 0xFB)]
    assert said
    assert said[0] in (b"\xfa", b"\xf2\x00\x00")


def test_a_change_of_before_is_read_as_one_that_begins_nothing():
    old = msgspec.msgpack.decode(msgspec.msgpack.encode(Change(CONFIG, WALTZ)))
    del old["begins"], old["bpm"], old["config"]["set"], old["config"]["tune"]
    read = msgspec.convert(old, Change)
    assert read == Change(replace(CONFIG, set=None), WALTZ)
