"""What is said to an order is what comes of it, wherever the transport stands: on a real jam."""

from typing import get_args

import pytest

from improvd import performance
from improvd.config import Config
from improvd.core.jam import Jam
from improvd.core.playing.modes import Turn
from improvd.core.sync.transport_state import Standing
from improvd.messages import (
    Again,
    Balance,
    Change,
    Cue,
    End,
    Forget,
    LiveOrder,
    Locate,
    Mute,
    Panic,
    Reseed,
    Reset,
    Share,
    Tempo,
)
from improvd.model import find, load
from improvd.orders.asks import OrderError
from improvd.orders.table import CARRIED_OUT

CLOCK, START, CONTINUE, STOP = b"\xf8", b"\xfa", b"\xfb", b"\xfc"
TICK_NS = 20_000_000  # 125 BPM
NOW = 10 * 10**9
STOPPED = "the transport is stopped"
ARMED = "the master has said Start, and no clock has come yet"
RESTING = "the clock fell silent"
# Playing, STOPPED, ARMED, RESTING; a refusal begins with a small letter.
SAID: list[tuple[LiveOrder, tuple[str, str, str, str]]] = [
    (Change(Config(mode="solo", sync="midi"), "| C | F |"), (
        "It changes on the next bar line.",
        f"It changes on the next bar line, once the clock starts ({STOPPED}).",
        "It changes on the next bar line, with the master's first clock (it has said Start).",
        "It changes on the next bar line, when the clock is back (it fell silent).",
    )),
    (Locate(5), (
        "Bar 5 begins now.",
        f"It goes on at bar 5 when the clock continues; a Start begins at bar 1 ({STOPPED}).",
        "Bar 5 begins with the master's first clock (it has said Start).",
        "Bar 5 begins when the clock is back (it fell silent).",
    )),
    (Share("trade 4"), (
        "The mode is trade 4.",
        f"The mode is trade 4. Nothing plays now: {STOPPED}.",
        f"The mode is trade 4. Nothing plays now: {ARMED}.",
        f"The mode is trade 4. Nothing plays now: {RESTING}.",
    )),
    (Cue(Turn.PLAY), (
        "It plays from the next beat on.",
        f"It plays from the next beat on, once the clock starts ({STOPPED}).",
        "It plays from the next beat on, with the master's first clock (it has said Start).",
        "It plays from the next beat on, when the clock is back (it fell silent).",
    )),
    (Cue(Turn.LISTEN), (
        "It listens from the next beat on.",
        f"It listens from the next beat on, once the clock starts ({STOPPED}).",
        "It listens from the next beat on, with the master's first clock (it has said Start).",
        "It listens from the next beat on, when the clock is back (it fell silent).",
    )),
    (Cue(None), (
        "The mode decides whose turn it is again.",
        f"The mode decides whose turn it is again. Nothing plays now: {STOPPED}.",
        f"The mode decides whose turn it is again. Nothing plays now: {ARMED}.",
        f"The mode decides whose turn it is again. Nothing plays now: {RESTING}.",
    )),
    (Mute(on=True), (
        "It plays without a sound.",
        f"It plays without a sound, once the clock starts ({STOPPED}).",
        "It plays without a sound, with the master's first clock (it has said Start).",
        "It plays without a sound, when the clock is back (it fell silent).",
    )),
    (Mute(on=False), (
        "It plays aloud.",
        f"It plays aloud, once the clock starts ({STOPPED}).",
        "It plays aloud, with the master's first clock (it has said Start).",
        "It plays aloud, when the clock is back (it fell silent).",
    )),
    (Panic(), ("Every note, pedal and sound on its channel is closed.",) * 4),
    (Reset(), ("It has forgotten what was played.",) * 4),
    (Forget(), ("It has forgotten what you played this evening.",) * 4),
    (Reseed(), (
        "It has forgotten what was played; there is no phrase of yours to go on from yet.",
    ) * 4),
    (Again(), (
        "This chorus comes again when it is over.",
        f"no chorus is being played that could be repeated ({STOPPED})",
        f"no chorus is being played that could be repeated ({ARMED})",
        f"no chorus is being played that could be repeated ({RESTING})",
    )),
    (End(), (
        "A cadence within two bars, then silence.",
        f"nothing is being played that could end ({STOPPED})",
        f"nothing is being played that could end ({ARMED})",
        f"nothing is being played that could end ({RESTING})",
    )),
    (Balance("mute", ("bass", "drums")), (
        "Without a sound: bass, drums.",
        f"Without a sound: bass, drums, once the clock starts ({STOPPED}).",
        "Without a sound: bass, drums, with the master's first clock (it has said Start).",
        "Without a sound: bass, drums, when the clock is back (it fell silent).",
    )),
]  # fmt: skip
SILENT = (Standing.STOPPED, Standing.ARMED, Standing.RESTING)


class Room:
    """A jam in a standing, and its time."""

    def __init__(self, standing: Standing, mode: str = "solo") -> None:
        sync = "internal" if standing is Standing.ALONE else "midi"
        config = Config(mode=mode, count_in=0, tempo=120, sync=sync, band="bass, piano, drums")
        model, chart = load(find(config.model)), performance.chart_of("| C | G |")
        who = performance.improviser(config, model)
        self.jam: Jam = performance.jam(config, who, model, chart, 0)
        self.now = NOW
        self.notes = 0
        self.turn(NOW)
        if standing is Standing.ROLLING or standing is Standing.RESTING:
            self.hear(START)
            self.tick(24 * 8)
        if standing is Standing.RESTING:
            self.turn(self.now + 5 * 10**9)
        if standing is Standing.ARMED:
            self.hear(START)
        assert self.jam.state.standing is standing

    def turn(self, now: int) -> None:
        self.now = now
        self.notes += sum(message[0] & 0xF0 == 0x90 for _, message in self.jam.turn(now))

    def hear(self, message: bytes) -> "Room":
        self.jam.hear(self.now, message)
        self.turn(self.now)
        return self

    def tick(self, count: int) -> "Room":
        for _ in range(count):
            self.hear(CLOCK).turn(self.now + TICK_NS)
        return self

    def order(self, order: LiveOrder) -> str:
        return performance.obey(self.jam, self.now, order)


def test_every_order_that_there_is_is_tried():
    tried = {type(order) for order, _ in SAID} | {Tempo}
    assert tried == set(CARRIED_OUT) == set(get_args(LiveOrder))


@pytest.mark.parametrize("standing", Standing)
@pytest.mark.parametrize(("order", "sentences"), SAID, ids=lambda value: str(value)[:40])
def test_an_order_is_answered_as_the_transport_stands(order, sentences, standing):
    room = Room(standing)
    place = SILENT.index(standing) + 1 if standing in SILENT else 0
    sentence = sentences[place]
    if sentence[0].islower():
        before = room.jam.memory()
        with pytest.raises(OrderError) as refused:
            room.order(order)
        assert str(refused.value) == sentence
        after = room.jam.memory()
        assert (after.transport, after.performer.encore) == (
            before.transport,
            before.performer.encore,
        )
        assert after.performer.soloist.cadence == before.performer.soloist.cadence
    else:
        assert room.order(order) == sentence


@pytest.mark.parametrize("standing", Standing)
def test_a_tempo_is_given_or_refused_and_the_timeline_says_the_same(standing):
    room = Room(standing)
    before = room.jam.state.timeline.bpm
    if standing in (Standing.ROLLING, Standing.RESTING):
        with pytest.raises(OrderError, match="the tempo is the MIDI clock's"):
            room.order(Tempo(90.0))
        assert room.jam.state.timeline.bpm == before
    else:
        said = room.order(Tempo(90.0))
        assert said.startswith("90 beats per minute")
        assert ("until a clock gives another" in said) == (standing in SILENT)
        assert room.jam.state.timeline.bpm == pytest.approx(90)


@pytest.mark.parametrize(
    ("standing", "coming"),
    [
        (Standing.ALONE, []),
        (Standing.STOPPED, [START]),
        (Standing.STOPPED, [CONTINUE]),
        (Standing.ARMED, []),
        (Standing.ROLLING, []),
        (Standing.RESTING, []),
    ],
)
def test_it_plays_when_the_answer_says_so_and_not_before(standing, coming):
    room = Room(standing)
    room.order(Cue(Turn.LISTEN))
    room.order(Cue(Turn.PLAY))
    room.notes = 0
    if standing in SILENT:
        # A Start without a clock is waited for by the transport; nothing sounds meanwhile.
        room.turn(room.now + 500_000_000)
        assert room.notes == 0
    for message in coming:
        room.hear(message)
    room.tick(24 * 12)
    assert room.notes > 0


def test_in_a_count_in_it_is_the_first_beat_that_is_meant():
    config = Config(mode="solo", count_in=2, tempo=120, sync="internal")
    model, chart = load(find(config.model)), performance.chart_of("| C |")
    jam = performance.jam(config, performance.improviser(config, model), model, chart, 0)
    jam.turn(0)
    said = performance.obey(jam, 0, Cue(Turn.PLAY))
    assert said == "It plays from the first beat on, after the count-in."
    jam.turn(5 * 10**9)
    assert performance.obey(jam, 5 * 10**9, Cue(Turn.PLAY)) == "It plays from the next beat on."


def test_who_is_muted_is_told_so():
    room = Room(Standing.ALONE)
    room.order(Mute(on=True))
    assert room.order(Cue(Turn.PLAY)) == "It plays from the next beat on. It is muted."
    room.order(Mute(on=False))
    assert room.order(Cue(Turn.PLAY)) == "It plays from the next beat on."


def test_the_second_end_is_silence_at_once():
    room = Room(Standing.ALONE)
    assert room.order(End()) == "A cadence within two bars, then silence."
    assert room.order(End()) == "Silence at once."


def test_a_phrase_of_the_musician_is_gone_on_from():
    room = Room(Standing.ALONE, "follow")
    for _ in range(4):
        room.hear(b"\x90\x40\x50").turn(room.now + 200_000_000)
        room.hear(b"\x80\x40\x40").turn(room.now + 300_000_000)
    assert room.order(Reseed()) == "It goes on from your last phrase alone."


def test_voices_are_muted_had_alone_and_had_back():
    room = Room(Standing.ALONE)
    assert room.order(Balance("mute", ("bass",))) == "Without a sound: bass."
    assert room.order(Balance("mute", ("drums",))) == "Without a sound: bass, drums."
    assert room.order(Balance("aloud", ("bass",))) == "Without a sound: drums."
    assert room.order(Balance("solo", ("piano",))) == "Without a sound: soloist, bass, drums."
    assert room.order(Balance("aloud", ())) == "All voices are aloud."


def test_a_voice_that_does_not_play_cannot_be_heard():
    room = Room(Standing.ALONE)
    room.order(Change(Config(band="bass"), "| C |"))
    room.turn(room.now + 4 * 10**9)
    with pytest.raises(OrderError, match="no piano in the band: there is soloist, bass"):
        room.order(Balance("mute", ("piano",)))


def test_one_soloist_of_several_has_a_mode_and_a_turn_of_its_own():
    room = Room(Standing.ALONE)
    room.order(Change(Config(voice=({"name": "tenor", "channel": 5},)), "| C |"))
    room.turn(room.now + 4 * 10**9)
    assert room.order(Share("solo", "tenor")) == "The mode of the tenor is solo."
    assert room.order(Cue(Turn.PLAY, "tenor")) == "The tenor plays from the next beat on."
    for order in (Share("solo", "alto"), Cue(Turn.PLAY, "alto")):
        with pytest.raises(OrderError, match="no soloist 'alto': there is soloist, tenor"):
            room.order(order)
