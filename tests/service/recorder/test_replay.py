"""Jams that really took place, in simulated time, told as the player tells them, and replayed."""

import os
import random

import pytest

from improvd import performance, snapshot
from improvd.config import Config
from improvd.core.playing.modes import Turn
from improvd.messages import (
    Again,
    Began,
    Change,
    Cue,
    End,
    Event,
    Gap,
    Heard,
    LiveOrder,
    Locate,
    Mute,
    Panic,
    Reseed,
    Reset,
    Sent,
    Share,
    Tempo,
)
from improvd.model import digest, find, load
from improvd.player import reporter
from improvd.player.reporter import Reporter
from improvd.service.recorder.library import JamError
from improvd.service.recorder.replay import Replay
from improvd.shared import Shared, make

START_NS = 10**12
CHART = "| Dm7 | G7 | Cmaj7 | % |"
MODEL = find("default")


class Played:
    """A jam with a player's loop around it that is late now and then, as a real one is."""

    def __init__(self, seed: int = 0, chart: str | None = CHART, **settings) -> None:
        self.chance = random.Random(seed)
        self.config = Config(**({"tempo": 240, "count_in": 0} | settings))
        self.chart = chart
        self.now = START_NS
        self.memory = make()
        self.shared = Shared(self.memory)
        self.events: list[Event] = []
        self.jam = self._jam()
        self.reporter = Reporter(self.shared, Began(self.config, chart, digest(MODEL), START_NS))

    def _jam(self):
        model, chart = load(MODEL), performance.chart_of(self.chart, self.config)
        who = performance.improviser(self.config, model)
        return performance.jam(self.config, who, model, chart, self.now)

    def turn(self, heard=()) -> None:
        for stamp, message in heard:
            self.jam.hear(stamp, message)
        sent = [(due, self.now, message) for due, message in self.jam.turn(self.now)]
        self.reporter.turned(self.jam, self.now, heard, sent)
        self.events += self.shared.drain()

    def play(self, beats: float) -> "Played":
        """Let time pass, in beats of the first tempo."""
        end = self.now + round(beats * 60e9 / (self.config.tempo or 120))
        while (wake := self.jam.wake()) is not None and wake <= end:
            self.now = max(self.now, wake) + self.chance.choice([0, 10_000, 2_000_000])
            self.turn()
        self.now = max(end, self.now)
        return self

    def hear(self, *message: int) -> "Played":
        self.turn([(self.now, bytes(message))])
        return self

    def obey(self, order: LiveOrder) -> "Played":
        performance.obey(self.jam, self.now, order)
        self.reporter.obeyed(self.jam, self.now, order)
        return self

    def lose(self) -> "Played":
        """The player is killed; a second later another one goes on from the last snapshot."""
        self.now += 10**9
        self.jam = self._jam()
        snapshot.go_on(self.jam, self.now, snapshot.read(self.shared.snapshot))
        state = snapshot.take(self.jam, self.now)
        self.reporter = Reporter(
            self.shared, Began(self.config, self.chart, digest(MODEL), self.now, state)
        )
        return self

    def end(self) -> list[Event]:
        sent = [(self.now, self.now, off) for off in self.jam.silence()]
        self.reporter.ended(self.now, sent)
        self.events += self.shared.drain()
        self.shared.close()
        os.close(self.memory)
        return self.events


def replay(events) -> Replay:
    replay = Replay()
    replay.play(events)
    return replay


def check(events: list[Event]) -> None:
    again = replay(events)
    assert again.parted is None
    assert again.skipped == 0
    assert again.same == sum(isinstance(event, Sent) for event in events) > 4


def checkpoints(events: list[Event]) -> None:
    """What begins at any of them replays by itself."""
    starts = [index for index, event in enumerate(events) if isinstance(event, Began)]
    assert len(starts) > 4
    for start in starts:
        assert replay(events[start:]).parted is None, f"from event {start} on"


def improvise(played: Played, beats: int) -> Played:
    """A musician who plays about half of the time."""
    for _ in range(beats):
        if played.chance.random() < 0.5:
            pitch = played.chance.randrange(50, 80)
            played.play(played.chance.random() / 2).hear(0x90, pitch, 80)
            played.play(played.chance.random() / 2).hear(0x80, pitch, 64)
        else:
            played.play(1)
    return played


@pytest.mark.parametrize("mode", ["follow", "answer", "trade 2", "solo"])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_the_same_calls_give_the_same_bytes(mode, temperature):
    played = improvise(Played(mode=mode, temperature=temperature, seed=3), 32).play(24)
    check(improvise(played, 32).play(24).end())


ORDERS = [
    Tempo(180.0),
    Locate(3),
    Share("solo"),
    Share("trade 1"),
    Cue(Turn.LISTEN),
    Cue(Turn.PLAY),
    Cue(None),
    Mute(on=True),
    Mute(on=False),
    Panic(),
    Reset(),
    Reseed(),
    Again(),
    Change(Config(tempo=240, temperature=0.5, mode="answer"), "| C | F | G | C |"),
    End(),
]


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_orders_are_carried_out_again(order):
    played = improvise(Played(), 17).obey(order)
    check(improvise(played, 32).end())


@pytest.mark.parametrize("seed", range(8))
def test_orders_at_random(seed, monkeypatch):
    monkeypatch.setattr(reporter, "_EVENTS_TO_A_CHECKPOINT", 40)
    played = improvise(Played(seed), 8)
    for _ in range(20):
        improvise(played.obey(played.chance.choice(ORDERS[:-1])), played.chance.randrange(1, 9))
    assert replay(played.end()).parted is None


@pytest.mark.parametrize("seed", range(8))
def test_from_every_checkpoint_on(seed, monkeypatch):
    """A file that begins at any of them replays by itself, also after orders."""
    monkeypatch.setattr(reporter, "_EVENTS_TO_A_CHECKPOINT", 40)
    played = improvise(Played(seed, temperature=0.7), 20)
    for _ in range(4):
        improvise(played.obey(played.chance.choice(ORDERS[:-1])), 10)
    checkpoints(played.end())


def test_a_clock_that_is_followed(monkeypatch):
    """It starts, stops, stands still with the clock running on, continues, and falls silent."""
    monkeypatch.setattr(reporter, "_EVENTS_TO_A_CHECKPOINT", 300)
    played = Played(sync="auto", tempo=120)
    for status in (0xFA, 0xFC, 0xFB):
        played.hear(status)
        for _ in range(24 * 20):
            played.hear(0xF8).play(1 / 24)
    played.play(20)
    events = played.end()
    check(events)
    checkpoints(events)


def test_a_clock_that_is_followed_across_a_loss():
    played = Played(sync="midi", tempo=120).hear(0xFA)
    for number in range(24 * 40):
        played.hear(0xF8).play(1 / 24)
        if number == 24 * 20:
            played.lose()
    check(played.end())


@pytest.mark.parametrize("clock_out", [False, True])
def test_our_own_messages_come_back(monkeypatch, clock_out):
    """On a bus that it hears as well, while a musician plays the same notes."""
    monkeypatch.setattr(reporter, "_EVENTS_TO_A_CHECKPOINT", 11)
    played = Played(clock_out=clock_out, mode="follow")
    while played.now < START_NS + 5 * 10**9:
        wake = played.jam.wake()
        played.now = max(played.now, wake or 0)
        before = len(played.events)
        played.turn()
        back = [event.message for event in played.events[before:] if isinstance(event, Sent)]
        played.now += 5_000_000
        for message in back:
            played.hear(*message)
        if back and played.chance.random() < 0.3:
            played.hear(*back[0])
    events = played.end()
    check(events)
    checkpoints(events)


@pytest.mark.parametrize("played_on", [False, True])
def test_a_clock_that_is_led(played_on, monkeypatch):
    monkeypatch.setattr(reporter, "_EVENTS_TO_A_CHECKPOINT", 100)
    played = improvise(Played(clock_out=True), 24)
    if played_on:
        improvise(played.obey(Locate(2)).obey(Tempo(200.0)), 24)
    events = played.end()
    check(events)
    checkpoints(events)


def test_a_player_that_was_lost_and_replaced():
    check(improvise(improvise(Played(temperature=0.5), 20).lose(), 20).end())


def test_a_gap_is_skipped_up_to_the_next_checkpoint(monkeypatch):
    monkeypatch.setattr(reporter, "_EVENTS_TO_A_CHECKPOINT", 40)
    events = improvise(Played(), 40).end()
    events[30:60] = [Gap(30)]
    again = replay(events)
    assert again.parted is None
    assert again.skipped > 0
    assert again.same > 4


def test_another_note_is_told():
    events = improvise(Played(), 20).end()
    index = [i for i, event in enumerate(events) if isinstance(event, Sent)][15]
    was = events[index]
    other = bytes([was.message[0], was.message[1] ^ 1, was.message[2]])
    events[index] = Sent(was.due_ns, was.sent_ns, other)
    parted = replay(events).parted
    assert f"{other.hex(' ').upper()} was sent, and now {was.message.hex(' ').upper()}" in parted
    assert parted.startswith("bar ")


def test_an_input_left_out_is_noticed():
    events = improvise(Played(mode="answer"), 40).end()
    del events[next(i for i, e in enumerate(events) if isinstance(e, Heard))]
    assert replay(events).parted is not None


def test_another_model_is_one_sentence():
    began = Began(Config(), None, "0" * 64, START_NS)
    with pytest.raises(JamError, match="is not the model that this jam was played with"):
        replay([began])
