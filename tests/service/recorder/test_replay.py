"""Jams that really took place, in the player's loop under virtual time, and were replayed."""

import random

import numpy as np
import pytest
from msgspec.structs import replace

from improvd import models, performance, snapshot
from improvd.config import Config
from improvd.core.jam import Jam
from improvd.core.network.contour import ANY
from improvd.core.network.vocabulary import Vocabulary
from improvd.core.playing.modes import Turn
from improvd.core.realising.templates import SIZE
from improvd.messages import (
    RULES,
    Again,
    Balance,
    Began,
    Change,
    Cue,
    Declined,
    End,
    Event,
    Forget,
    Gap,
    Heard,
    LiveOrder,
    Locate,
    Mute,
    Obeyed,
    Panic,
    Played,
    Reseed,
    Reset,
    Sent,
    Share,
    Tempo,
)
from improvd.model import Model, digest, even_shares, find, load, save
from improvd.models import tables
from improvd.player import reporter
from improvd.service.recorder import recording
from improvd.service.recorder.library import JamError
from improvd.service.recorder.replay import Replay
from tests.harness.drawn import drawn_weights
from tests.harness.virtual import Playing

START_NS = 10**12
CHART = "| Dm7 | G7 | Cmaj7 | % |"
WAYS = (-ANY, 0, ANY)


class RecordedJam:
    """A jam in the player's loop, which is late now and then, as a real one is."""

    def __init__(
        self, seed: int = 0, chart: str | None = CHART, *, rules: int = RULES, **settings
    ) -> None:
        self.chance = random.Random(seed)
        self.rules = rules
        self.config = Config(**({"tempo": 240, "count_in": 0} | settings))
        self.chart = chart
        self.now = START_NS
        self.events: list[Event] = []
        self.playing = self._begin(self._jam(), None)

    def _jam(self) -> Jam:
        model, chart = load(find(self.config.model)), performance.chart_of(self.chart, self.config)
        who = performance.improviser(self.config, model)
        return performance.jam(self.config, who, model, chart, self.now, rules=self.rules)

    def _begin(self, jam: Jam, state: bytes | None) -> Playing:
        played_with = digest(find(self.config.model))
        of = tables.digests(), reporter.other_models(self.config)
        began = Began(self.config, self.chart, played_with, self.now, state, *of)
        playing = Playing(jam, self.now, began=began, late=self._late)
        playing.witness.save(jam, self.now)
        return playing

    def _late(self) -> int:
        return self.chance.choice([0, 10_000, 2_000_000])

    def play(self, beats: float) -> "RecordedJam":
        """Let time pass, in beats of the first tempo."""
        self.now += round(beats * 60e9 / (self.config.tempo or 120))
        return self

    def hear(self, *message: int) -> "RecordedJam":
        self.playing.hear(self.now, bytes(message))
        return self

    def obey(self, order: LiveOrder) -> "RecordedJam":
        self.playing.order(self.now, order)
        return self

    def lose(self) -> "RecordedJam":
        """The player is killed; a second later another one goes on from the last snapshot."""
        self.playing.kill(self.now)
        self.events += self.playing.play(self.now + 1).events
        left = snapshot.read(self.playing.shared.snapshot)
        self.playing.close()
        self.now += 10**9
        jam = self._jam()
        snapshot.go_on(jam, self.now, left)
        self.playing = self._begin(jam, snapshot.take(jam, self.now))
        return self

    def end(self) -> list[Event]:
        self.events += self.playing.play(self.now).events
        self.playing.close()
        return self.events


def replay(events, rules: int = RULES) -> Replay:
    replay = Replay(rules)
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


def improvise(played: RecordedJam, beats: int) -> RecordedJam:
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
    played = improvise(RecordedJam(mode=mode, temperature=temperature, seed=3), 32).play(24)
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
    Forget(),
    Again(),
    Change(Config(tempo=240, temperature=0.5, mode="answer"), "| C | F | G | C |"),
    Balance("mute", ("soloist",)),
    End(),
]
BAND = {"band": "bass, piano, drums"}
BAND_ORDERS = [
    *ORDERS,
    Balance("solo", ("bass",)),
    Balance("mute", ("piano", "drums")),
    Balance("aloud", ()),
    Change(Config(tempo=240, feel="bossa", bass_channel=5, **BAND), "| C | F | G | C |"),
    Change(Config(tempo=240, band="drums"), CHART),
    Change(Config(tempo=240), CHART),
]


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_orders_are_carried_out_again(order):
    played = improvise(RecordedJam(), 17).obey(order)
    check(improvise(played, 32).end())


@pytest.mark.parametrize("seed", range(8))
def test_orders_at_random(seed, monkeypatch):
    monkeypatch.setattr(reporter, "_EVENTS_TO_A_CHECKPOINT", 40)
    played = improvise(RecordedJam(seed), 8)
    for _ in range(20):
        improvise(played.obey(played.chance.choice(ORDERS[:-1])), played.chance.randrange(1, 9))
    assert replay(played.end()).parted is None


@pytest.mark.parametrize("seed", range(8))
def test_from_every_checkpoint_on(seed, monkeypatch):
    """A file that begins at any of them replays by itself, also after orders."""
    monkeypatch.setattr(reporter, "_EVENTS_TO_A_CHECKPOINT", 40)
    played = improvise(RecordedJam(seed, temperature=0.7), 20)
    for _ in range(4):
        improvise(played.obey(played.chance.choice(ORDERS[:-1])), 10)
    checkpoints(played.end())


def test_a_clock_that_is_followed(monkeypatch):
    """It starts, stops, stands still with the clock running on, continues, and falls silent."""
    monkeypatch.setattr(reporter, "_EVENTS_TO_A_CHECKPOINT", 300)
    played = RecordedJam(sync="auto", tempo=120)
    for status in (0xFA, 0xFC, 0xFB):
        played.hear(status)
        for _ in range(24 * 20):
            played.hear(0xF8).play(1 / 24)
    played.play(20)
    events = played.end()
    check(events)
    checkpoints(events)


def test_a_clock_that_is_followed_across_a_loss():
    played = RecordedJam(sync="midi", tempo=120).hear(0xFA)
    for number in range(24 * 40):
        played.hear(0xF8).play(1 / 24)
        if number == 24 * 20:
            played.lose()
    check(played.end())


@pytest.mark.parametrize("clock_out", [False, True])
def test_our_own_messages_come_back(monkeypatch, clock_out):
    """On a bus that it hears as well, while a musician plays the same notes."""
    monkeypatch.setattr(reporter, "_EVENTS_TO_A_CHECKPOINT", 11)
    played = RecordedJam(clock_out=clock_out, mode="follow").play(20)
    playing = played.playing

    def come_back(message: bytes) -> None:
        back = playing.time.now() + 5_000_000
        playing.hear(back, message)
        if played.chance.random() < 0.3:
            playing.hear(back, message)

    playing.ports.on_send = come_back
    events = played.end()
    check(events)
    checkpoints(events)


@pytest.mark.parametrize("played_on", [False, True])
def test_a_clock_that_is_led(played_on, monkeypatch):
    monkeypatch.setattr(reporter, "_EVENTS_TO_A_CHECKPOINT", 100)
    played = improvise(RecordedJam(clock_out=True), 24)
    if played_on:
        improvise(played.obey(Locate(2)).obey(Tempo(200.0)), 24)
    events = played.end()
    check(events)
    checkpoints(events)


@pytest.mark.parametrize("order", [Tempo(90.0), Again(), End()], ids=str)
def test_an_order_that_was_refused_then_is_refused_now(order):
    """Under a master that has said Stop; older recordings say that it was obeyed."""
    played = RecordedJam(sync="midi", tempo=120).hear(0xFA)
    for _ in range(24 * 9):
        played.hear(0xF8).play(1 / 24)
    played.hear(0xFC).play(1).obey(order).play(1).hear(0xFB)
    for _ in range(24 * 9):
        played.hear(0xF8).play(1 / 24)
    events = played.end()
    (declined,) = (event for event in events if isinstance(event, Declined))
    check(events)
    index = events.index(declined)
    check([*events[:index], Obeyed(declined.now_ns, order), *events[index + 1 :]])


def test_a_player_that_was_lost_and_replaced():
    check(improvise(improvise(RecordedJam(temperature=0.5), 20).lose(), 20).end())


def test_a_gap_is_skipped_up_to_the_next_checkpoint(monkeypatch):
    monkeypatch.setattr(reporter, "_EVENTS_TO_A_CHECKPOINT", 40)
    events = improvise(RecordedJam(), 40).end()
    events[30:60] = [Gap(30)]
    again = replay(events)
    assert again.parted is None
    assert again.skipped > 0
    assert again.same > 4


def test_a_recording_that_is_cut_anywhere_is_the_same_up_to_there():
    """As a kill leaves it, in the middle of a turn too."""
    events = improvise(RecordedJam(), 12).end()
    for cut in range(1, len(events)):
        again = replay(events[:cut])
        assert again.parted is None, f"cut after {events[cut - 1]}"
        # What closes a jam is compared as a whole, and not counted where that is cut.
        assert sum(isinstance(event, Sent) for event in events[:cut]) - again.same <= 1


def test_another_note_is_told():
    events = improvise(RecordedJam(), 20).end()
    index = [i for i, event in enumerate(events) if isinstance(event, Sent)][15]
    was = events[index]
    other = bytes([was.message[0], was.message[1] ^ 1, was.message[2]])
    events[index] = Sent(was.due_ns, was.sent_ns, other)
    parted = replay(events).parted
    assert f"{other.hex(' ').upper()} was sent, and now {was.message.hex(' ').upper()}" in parted
    assert parted.startswith("bar ")


def test_an_input_left_out_is_noticed():
    events = improvise(RecordedJam(mode="answer"), 40).end()
    del events[next(i for i, e in enumerate(events) if isinstance(e, Heard))]
    assert replay(events).parted is not None


def test_another_model_is_one_sentence():
    began = Began(Config(), None, "0" * 64, START_NS)
    with pytest.raises(JamError, match="is not the model that this jam was played with"):
        replay([began])


@pytest.mark.parametrize(
    ("name", "how"), [("bass", "begins"), ("bass", "comes in"), ("chords", "begins")]
)
def test_another_table_of_the_band_is_one_sentence(name, how):
    band = "bass, piano, drums"
    if how == "begins":
        events = improvise(RecordedJam(band=band), 8).end()
    else:
        played = improvise(RecordedJam(), 8)
        played.obey(Change(replace(played.config, band=band), CHART)).play(8)
        events = played.end()
    index = next(i for i, event in enumerate(events) if isinstance(event, Began))
    began = events[index]
    assert set(began.tables) == {"bass", "chords"}
    events[index] = replace(began, tables={**began.tables, name: "0" * 64})
    with pytest.raises(JamError, match=f"{name}.json: is not the table .* begins with 0000"):
        replay(events)


def test_a_table_that_is_not_played_by_may_be_another():
    events = improvise(RecordedJam(), 8).end()
    index = next(i for i, event in enumerate(events) if isinstance(event, Began))
    events[index] = replace(events[index], tables={"bass": "0" * 64, "chords": "1" * 64})
    assert replay(events).parted is None


def test_what_was_recorded_without_the_names_of_tables_is_replayed():
    events = improvise(RecordedJam(band="bass"), 8).end()
    index = next(i for i, event in enumerate(events) if isinstance(event, Began))
    events[index] = replace(events[index], tables={})
    assert replay(events).parted is None


def test_what_was_recorded_before_there_were_openings_began_from_the_zero_state():
    """And another seed did not begin another solo then."""
    played = improvise(RecordedJam(rules=0), 12)
    played.obey(Change(replace(played.config, seed=4, velocity=70), CHART)).play(24)
    events = played.end()
    [first, *_] = [event.beat for event in events if isinstance(event, Played)]
    assert first.x is None
    assert replay(events, rules=0).parted is None
    assert replay(events).parted is not None


# -- with more soloists --------------------------------------------------------------------------

VOICES = {
    "mode": "trade 1",
    "voice": (
        {"name": "tenor", "channel": 5, "low": 48, "high": 72},
        {"name": "reed", "channel": 6, "model": "contours", "temperature": 1.0},
    ),
}
VOICE_ORDERS: list[LiveOrder] = [
    *(Share("solo", "tenor"), Share("follow"), Cue(Turn.PLAY, "reed"), Cue(Turn.LISTEN)),
    *(Balance("solo", ("reed",)), Reseed(), Forget(), Again(), End(), Locate(9)),
    Change(Config(tempo=240, mode="solo", voice=VOICES["voice"][:1]), CHART),
    Change(Config(tempo=240, mode="trade 2", voice=VOICES["voice"], band="bass"), "| C | F |"),
]


def test_soloists_that_trade_play_the_same_bytes():
    played = improvise(RecordedJam(**VOICES, **BAND), 48).play(48)
    events = improvise(played, 16).end()
    check(events)
    heard = {event.message[0] & 0x0F for event in events if isinstance(event, Sent)}
    assert heard == {0, 1, 2, 4, 5, 9}


@pytest.mark.parametrize("seed", range(2))
def test_orders_at_random_with_more_soloists(seed, monkeypatch):
    monkeypatch.setattr(reporter, "_EVENTS_TO_A_CHECKPOINT", 120)
    played = improvise(RecordedJam(seed, **VOICES), 8)
    for order in played.chance.sample(VOICE_ORDERS, len(VOICE_ORDERS)):
        improvise(played.obey(order), played.chance.randrange(1, 9))
    assert replay(played.end()).parted is None


def test_soloists_that_were_lost_and_replaced():
    check(improvise(improvise(RecordedJam(**VOICES), 24).lose(), 24).lose().play(16).end())


def test_another_model_of_one_of_several_is_one_sentence():
    events = improvise(RecordedJam(**VOICES), 4).end()
    torn = [
        replace(event, models={"contours": "f" * 64}) if isinstance(event, Began) else event
        for event in events
    ]
    with pytest.raises(JamError, match="is not the model that this jam was played with"):
        Replay().play(torn)


# -- with a band -----------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["follow", "trade 2", "solo"])
def test_a_band_plays_the_same_bytes(mode):
    played = improvise(RecordedJam(mode=mode, chart=None, count_in=2, **BAND), 64).play(64)
    events = improvise(played, 16).end()
    check(events)
    heard = {event.message[0] & 0x0F for event in events if isinstance(event, Sent)}
    assert heard == {0, 1, 2, 9}


@pytest.mark.parametrize("order", BAND_ORDERS, ids=str)
def test_orders_are_carried_out_again_with_a_band(order):
    played = improvise(RecordedJam(**BAND), 17).obey(order)
    check(improvise(played, 32).end())


@pytest.mark.parametrize("seed", range(8))
def test_orders_at_random_with_a_band(seed, monkeypatch):
    monkeypatch.setattr(reporter, "_EVENTS_TO_A_CHECKPOINT", 120)
    played = improvise(RecordedJam(seed, **BAND), 8)
    for _ in range(20):
        order = played.chance.choice([o for o in BAND_ORDERS if not isinstance(o, End)])
        improvise(played.obey(order), played.chance.randrange(1, 9))
    events = played.end()
    assert replay(events).parted is None
    sounding = set()
    for event in events:
        if isinstance(event, Sent) and event.message[0] & 0xF0 in (0x80, 0x90):
            key = event.message[0] & 0x0F, event.message[1]
            (sounding.add if event.message[0] & 0xF0 == 0x90 else sounding.discard)(key)
    assert not sounding


def test_a_band_that_was_lost_and_replaced():
    check(improvise(improvise(RecordedJam(**BAND), 24).lose(), 24).lose().play(16).end())


def test_a_band_follows_a_clock():
    played = RecordedJam(sync="midi", **BAND)
    played.hear(0xFA)
    for tick in range(24 * 24):
        played.hear(0xF8).play(1 / 24)
        if tick == 300:
            played.hear(0xFC).hear(0xF2, 8, 0).hear(0xFB)
    check(played.play(2).end())


def test_a_take_of_a_recorded_band_has_a_part_for_each_voice():
    events = improvise(RecordedJam(chart=None, feel="swing", **BAND), 24).end()
    parts = dict(recording.take(events).by_voice())
    assert list(parts) == ["soloist", "bass", "piano", "drums"]
    assert {message[0] & 0x0F for _, message in parts["bass"]} == {1}
    last = recording.take(events).last_bars(2)
    assert 0 < len(dict(last.by_voice())["bass"]) < len(parts["bass"])


# -- a model that leaves the pitches open ----------------------------------------------------


@pytest.fixture
def of_contours(tmp_path) -> str:
    """A model whose values say only rhythm and contour."""
    figures = [[[tick, way] for tick in ticks] for ticks in ((0,), (0, 6), (6, 9)) for way in WAYS]
    vocabulary = Vocabulary([*figures, [[0, ANY], [4, -ANY], [8, 0]]])
    count = len(vocabulary)
    realisation = np.random.default_rng(5).normal(size=SIZE).astype(np.float32)
    weights = drawn_weights(n_values=count, n_a=16)
    path = tmp_path / "contours.safetensors"
    save(path, Model(weights, vocabulary, {}, even_shares(count), realisation=realisation))
    return str(path)


def pitches(events: list[Event]) -> list[int]:
    return [event.message[1] for event in events if isinstance(event, Sent)]


def test_pitches_that_are_chosen_as_they_are_played_are_the_same_again(of_contours):
    played = improvise(RecordedJam(model=of_contours, seed=3), 32).lose().play(24)
    events = played.obey(Again()).play(60).end()
    check(events)
    other = improvise(RecordedJam(model=of_contours, seed=4), 32).lose().play(24)
    assert pitches(other.obey(Again()).play(60).end()) != pitches(events)


def test_a_model_that_has_another_name_since_is_known_by_what_it_is(monkeypatch):
    events = improvise(RecordedJam(model="general", temperature=0.0), 16).end()
    renamed = {"general": find("default"), "older": find("general")}
    monkeypatch.setattr(models, "BUILT_IN", renamed)
    check(events)


def test_what_the_former_default_played_is_played_again_by_course(monkeypatch):
    former, another = find("course"), find("general")
    monkeypatch.setattr(models, "BUILT_IN", {"default": former})
    events = improvise(RecordedJam(model="default", seed=5), 16).end()
    monkeypatch.setattr(models, "BUILT_IN", {"default": another, "course": former})
    check(events)
