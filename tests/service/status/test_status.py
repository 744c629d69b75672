"""The status is built from reports alone."""

import msgspec
import pytest

from improvd.config import Config
from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import Turn
from improvd.messages import (
    Declined,
    Gap,
    Heard,
    Left,
    Moved,
    Mute,
    Notice,
    Obeyed,
    Panic,
    Played,
    Ready,
    Sent,
    Tempo,
)
from improvd.service.status.status import SaidNotice, Status, opening

BEAT = Beat(17, 5, 2, "Bb7", Turn.PLAY, 13, True, 43, (60, 62), 123)
READY = Ready("improvd:out", "improvd-01:in", 96.0, 4, "Blues in F")


@pytest.fixture
def fresh() -> Status:
    return opening(Config(mode="trade 4"), 1000.0)


def test_it_begins_with_what_is_to_be_played(fresh):
    assert (fresh.name, fresh.mode, fresh.model) == ("improvd", "trade 4", "default")
    assert (fresh.beat, fresh.since) == (0, 1000.0)


def test_a_beat_tells_where_the_music_is(fresh):
    now = fresh.after(READY, 1001.0).after(Played(BEAT), 1002.0)
    assert (now.plays_on, now.title, now.bpm) == ("improvd:out", "Blues in F", 96.0)
    assert (now.bar, now.beat, now.chord, now.turn, now.heard) == (5, 2, "Bb7", Turn.PLAY, True)
    assert now.beats == 1


def test_notes_are_counted_and_offs_are_not(fresh):
    sent = [b"\x90\x40\x50", b"\x80\x40\x40", b"\xf8", b"\x9f\x41\x50"]
    for message in sent:
        fresh = fresh.after(Sent(0, 0, message), 0.0)
    assert fresh.notes == 2


def test_the_transport_and_its_tempo_are_the_players_word(fresh):
    now = fresh.after(READY, 0.0).after(Moved(5, "rolling", 132.5), 0.0)
    assert (now.standing, now.bpm) == ("rolling", 132.5)


def test_only_the_last_notices_are_kept_with_their_times(fresh):
    for number in range(9):
        fresh = fresh.after(Notice(str(number)), float(number))
    assert fresh.notices == tuple(SaidNotice(float(number), str(number)) for number in range(4, 9))


def test_gaps_are_counted_with_what_is_lost_in_them(fresh):
    now = fresh.after(Gap(10), 0.0).after(Gap(5), 0.0)
    assert (now.gaps, now.lost) == (2, 15)


def test_a_player_that_follows_a_lost_one_is_a_restart(fresh):
    now = fresh.after(READY, 0.0).after(READY, 0.0)
    assert (now.restarts, now.reconnects) == (1, 0)


def test_a_player_that_follows_one_without_midi_is_a_reconnection(fresh):
    now = fresh.after(READY, 0.0).after(Left(0, midi_lost=True), 0.0).after(READY, 0.0)
    assert (now.restarts, now.reconnects) == (0, 1)
    assert now.after(READY, 0.0).restarts == 1


def test_an_order_counts_when_it_has_been_carried_out(fresh):
    now = fresh.after(READY, 0.0)
    assert now.after(Obeyed(0, Mute(True)), 0.0).muted
    assert now.after(Obeyed(0, Tempo(50.0)), 0.0).bpm == 50.0
    assert now.after(Obeyed(0, Panic()), 0.0) == now
    assert now.after(Declined(0, Tempo(50.0), "it is the clock's"), 0.0) == now


def test_it_goes_through_json_and_back(fresh):
    now = fresh.after(READY, 0.0).after(Played(BEAT), 0.0).after(Notice("x"), 1.0)
    assert msgspec.json.decode(msgspec.json.encode(now), type=Status) == now


def test_what_came_in_changes_nothing(fresh):
    assert fresh.after(Heard(0, b"\xf8"), 0.0) is fresh
