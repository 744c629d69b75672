"""What is ordered is checked, carried out or refused, and what plays goes on."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from improvd.config import Config, ConfigError
from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import Turn
from improvd.messages import (
    Change,
    Cue,
    Declined,
    Gap,
    Heard,
    Moved,
    Mute,
    Obeyed,
    Played,
    Ready,
    Share,
    Tempo,
)
from improvd.model import BUILT_IN
from improvd.orders.asks import OrderError
from improvd.orders.table import parse
from tests.harness.control import Stage

READY = Ready("out", "in", 100.0, 4, "Blues in F")
CHART = "title: Two Five\n| Dm7 | G7 | Cmaj7 | % |"


def on(folder: Path, script: Callable[[Stage], Awaitable[None]], config: str = "") -> Stage:
    """Run a script at a dispatcher of its own."""

    async def run() -> Stage:
        stage = Stage(folder, config)
        stage.dispatcher.take(READY)
        try:
            async with asyncio.timeout(30):
                await script(stage)
        finally:
            stage.dispatcher.close()
        return stage

    return asyncio.run(run())


async def order(stage: Stage, text: str) -> str:
    return (await stage.dispatcher.carry_out(parse(text))).text


async def refused(stage: Stage, text: str) -> str:
    """The sentence with which an order is refused, nothing having changed."""
    before = stage.band.perform, stage.dispatcher.status, list(stage.band.told)
    with pytest.raises(OrderError) as refusal:
        await stage.dispatcher.carry_out(parse(text))
    assert (stage.band.perform, stage.dispatcher.status, stage.band.told) == before
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def test_steps_of_the_tempo_go_out_from_what_was_ordered_last(tmp_path):
    async def script(stage: Stage) -> None:
        for text in ("tempo +5", "tempo +5", "tempo -2"):
            await order(stage, text)

    stage = on(tmp_path, script)
    assert stage.band.told == [Tempo(105.0), Tempo(110.0), Tempo(108.0)]
    assert stage.band.perform.config.tempo == 108.0
    assert stage.dispatcher.status.bpm == 108.0


def test_steps_by_a_pedal_go_out_from_what_was_ordered_last_and_wait_for_nobody(tmp_path):
    async def script(stage: Stage) -> None:
        stage.band.answers = False
        for _ in range(3):
            stage.dispatcher.take(cc(22, 127))
            stage.dispatcher.take(cc(22, 0))
        async with asyncio.timeout(0.5):
            await settled(stage.band.told, 3)

    stage = on(tmp_path, script, '[controls]\n"cc 22" = "tempo +5"\n')
    assert stage.band.told == [Tempo(105.0), Tempo(110.0), Tempo(115.0)]


def test_a_step_after_a_clock_has_gone_goes_out_from_its_tempo(tmp_path):
    async def script(stage: Stage) -> None:
        stage.dispatcher.take(Moved(0, "rolling", 97.0))
        stage.dispatcher.take(Moved(0, "alone", 97.0))
        await order(stage, "tempo +5")

    assert on(tmp_path, script, "tempo = 120\n").band.told == [Tempo(102.0)]


def test_a_step_out_of_range_is_refused(tmp_path):
    async def script(stage: Stage) -> None:
        assert await refused(stage, "tempo +301") == "tempo 401: it is a number from 20 to 400"

    on(tmp_path, script)


def test_under_a_clock_the_tempo_is_not_ours_to_order(tmp_path):
    async def script(stage: Stage) -> None:
        stage.band.follow()
        for text in ("tempo 120", "tempo +5"):
            with pytest.raises(OrderError, match=r"clock's: change it there$"):
                await stage.dispatcher.carry_out(parse(text))

    stage = on(tmp_path, script)
    assert stage.band.perform.config.tempo is None
    assert stage.dispatcher.status.bpm == 100.0


def test_mute_alone_is_the_other(tmp_path):
    async def script(stage: Stage) -> None:
        for text in ("mute", "mute", "mute on", "mute"):
            await order(stage, text)

    assert on(tmp_path, script).band.told == [Mute(True), Mute(False), Mute(True), Mute(False)]


def test_a_chart_is_the_next_players_too_with_all_that_was_ordered(tmp_path):
    async def script(stage: Stage) -> None:
        await order(stage, "mode solo")
        assert await order(stage, f"chart {CHART}") == "It changes on the next bar line."
        assert stage.dispatcher.status.title == "Two Five"

    stage = on(tmp_path, script)
    config = Config(mode="solo", chart=CHART)
    assert stage.band.told == [Share("solo"), Change(config, CHART)]
    assert (stage.band.perform.config, stage.band.perform.chart) == (config, CHART)


def test_a_chart_can_be_a_file(tmp_path):
    file = tmp_path / "my.chart"
    file.write_text(CHART)

    async def script(stage: Stage) -> None:
        await order(stage, f"chart {file}")
        assert stage.band.perform.chart == CHART

    on(tmp_path, script)


def test_a_model_is_loaded_before_the_player_hears_of_it(tmp_path):
    model = tmp_path / "mine.safetensors"
    model.write_bytes(BUILT_IN["default"].read_bytes())
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(model.read_bytes()[:-1])

    async def script(stage: Stage) -> None:
        await order(stage, f"model {model}")
        assert str(cut) in await refused(stage, f"model {cut}")
        assert "no model of this name" in await refused(stage, "model nobody")

    stage = on(tmp_path, script)
    assert stage.band.told == [Change(Config(model=str(model)), None)]
    assert stage.dispatcher.status.model == str(model)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("chart | Dm7 | Hx9 |", "bar 2: "),
        ("chart nowhere.chart", "chart nowhere.chart: is neither a file nor chords"),
        ("chart \0", "chart \0: is neither a file nor chords"),
        ("chart /dev/zero", "chart /dev/zero: is neither"),
        ("chart no\nwhere", "chart no where: is neither"),
        ("chart " + "x" * 300, "cannot be read as text"),
        ("chart " + "| C " * 5000, "is longer than any chart"),
        ("model " + "x" * 300, "no model of this name"),
        ("snapshot", "there is nothing to write down before the first beat"),
        ("keep", "kept/improvd.mid: cannot be written (No such file or directory)"),
        ("map status", "a pedal cannot give the order 'status'"),
        ("map dance", "there is no order 'dance'"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(tmp_path, text, sentence):
    async def script(stage: Stage) -> None:
        assert sentence in await refused(stage, text)

    on(tmp_path, script)


def test_keep_says_where(tmp_path):
    (tmp_path / "kept").mkdir()

    async def script(stage: Stage) -> None:
        assert await order(stage, "keep") == f"Kept in {tmp_path}/kept/improvd.mid."

    on(tmp_path, script)


# -- what came of it -------------------------------------------------------------------------


def test_an_answer_is_what_the_player_says_came_of_it(tmp_path):
    async def script(stage: Stage) -> None:
        stage.band.follow(stopped=True)
        assert await order(stage, "turn play") == (
            "It plays from the next beat on, once the clock starts (the transport is stopped)."
        )
        with pytest.raises(OrderError, match="no chorus is being played"):
            await stage.dispatcher.carry_out(parse("again"))

    on(tmp_path, script)


def test_a_player_that_does_not_answer_is_not_waited_for_long_and_a_refusal_told_later(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("improvd.service.dispatching.pending_orders._PATIENCE_S", 0.05)

    async def script(stage: Stage) -> None:
        stage.band.answers = False
        assert await order(stage, "mute on") == "It was passed on, and is not carried out yet."
        assert not stage.dispatcher.status.muted
        assert await order(stage, "mute") == "It was passed on, and is not carried out yet."
        assert stage.band.told == [Mute(True), Mute(False)], "goes out from what was ordered last"
        stage.band.alive = False
        assert (await order(stage, "tempo 90")).startswith("No player plays at the moment")
        stage.dispatcher.take(Obeyed(0, Mute(True), "It plays without a sound."))
        assert stage.dispatcher.status.muted
        stage.dispatcher.take(Declined(0, Tempo(90.0), "the tempo is the MIDI clock's"))
        await asyncio.sleep(0)
        assert stage.band.said == ["The tempo is the MIDI clock's."]

    on(tmp_path, script)


def test_what_came_of_an_order_that_went_missing_is_not_made_up(tmp_path):
    async def script(stage: Stage) -> None:
        stage.band.answers = False
        asked = asyncio.create_task(order(stage, "mute on"))
        await settled(stage.band.told, 1)
        stage.dispatcher.take(Gap(7))
        assert "what came of it is not known" in await asked

    on(tmp_path, script)


def test_settings_add_up_though_none_has_been_carried_out_yet(tmp_path):
    async def script(stage: Stage) -> None:
        stage.band.answers = False
        for number in (1, 2):
            stage.dispatcher.take(cc(number, 127))
        await settled(stage.band.told, 2)

    controls = '[controls]\n"cc 1" = "temperature 0.5"\n"cc 2" = "register 40 60"\n'
    assert on(tmp_path, script, controls).band.told == [
        Change(Config(temperature=0.5), None),
        Change(Config(temperature=0.5, low=40, high=60), None),
    ]


@pytest.mark.parametrize(
    ("text", "values", "answer"),
    [
        ("temperature 0.8", {"temperature": 0.8}, "Temperature 0.8."),
        ("temperature model", {"temperature": None}, "Temperature the model's own."),
        ("seed 9007199254740993", {"seed": 2**53 + 1}, "Seed 9007199254740993."),
        ("respond 0", {"respond": 0.0}, "Respond 0."),
        ("swing 62", {"swing": 62.0}, "Swing 62."),
        ("swing chart", {"swing": None}, "Swing the chart's own."),
        ("register 48 72", {"low": 48, "high": 72}, "Low 48, high 72."),
        ("velocity 80", {"velocity": 80}, "Velocity 80."),
        ("channel 2", {"channel": 2}, "Channel 2."),
        ("notes_per_second 6", {"notes_per_second": 6.0}, "Notes per second 6."),
    ],
)
def test_what_the_configuration_has_an_order_can_change(tmp_path, text, values, answer):
    async def script(stage: Stage) -> None:
        assert await order(stage, text) == f"{answer} It changes on the next bar line."
        assert stage.band.jam.changing

    stage = on(tmp_path, script)
    assert stage.band.told == [Change(Config(**values), None)]
    assert stage.band.perform.config == Config(**values)


def test_a_seed_that_nobody_names_is_drawn_and_told(tmp_path):
    async def script(stage: Stage) -> None:
        for _ in range(2):
            answer = await order(stage, "seed")
            seed = stage.band.perform.config.seed
            assert answer == f"Seed {seed}. It changes on the next bar line."
            assert stage.dispatcher.status.seed == seed

    one, two = on(tmp_path, script).band.told
    assert one.config.seed != two.config.seed


# -- the file read again -----------------------------------------------------------------------


def test_reload_goes_over_to_what_the_file_says_now(tmp_path):
    async def script(stage: Stage) -> None:
        await order(stage, "mode solo")
        stage.file.write_text('tempo = 90\nport = "IAC"\n[controls]\n"cc 1" = "mute"\n')
        assert await order(stage, "reload") == (
            "Read again; changed: tempo, controls. Only after a restart: port."
        )
        stage.dispatcher.take(Heard(0, bytes((0xB0, 1, 127))))
        await asyncio.sleep(0)

    stage = on(tmp_path, script)
    changed = Config(tempo=90.0, mode="solo")
    assert stage.band.told == [Share("solo"), Change(changed, None), Tempo(90.0), Mute(True)]


@pytest.mark.parametrize(
    "text", ["tempo = ", "tempo = 1000", 'chart = "| Hx |"', 'model = "nobody"',
             '[controls]\n"cc 1" = "dance"', '[controls]\n"knob" = "end"']
)  # fmt: skip
def test_a_file_that_cannot_be_is_refused_and_the_old_one_goes_on(tmp_path, text):
    async def script(stage: Stage) -> None:
        stage.file.write_text(text)
        assert await refused(stage, "reload")
        stage.dispatcher.take(Heard(0, bytes((0xB0, 1, 127))))
        await asyncio.sleep(0)
        assert stage.band.told == [Mute(True)], "the old controls"

    on(tmp_path, script, '[controls]\n"cc 1" = "mute"\n')


# -- knobs and pedals --------------------------------------------------------------------------


async def settled(heap: list[Any], count: int) -> None:
    """Until so many have come, a knob's orders being carried out in a task of their own."""
    while len(heap) < count:  # noqa: ASYNC110 - a list tells nobody
        await asyncio.sleep(0)


_MOMENTS = count(step=10**8)


def cc(number: int, value: int) -> Heard:
    """A controller's message, each a tenth of a second after the one before."""
    return Heard(next(_MOMENTS), bytes((0xB0, number, value)))


def test_a_pedal_gives_its_order(tmp_path):
    async def script(stage: Stage) -> None:
        for value in (127, 0):
            stage.dispatcher.take(cc(64, value))
        await settled(stage.band.told, 2)

    stage = on(tmp_path, script, '[controls]\n"cc 64" = "turn play"\n"cc 64 up" = "turn auto"\n')
    assert stage.band.told == [Cue(Turn.PLAY), Cue(None)]


def test_a_knob_turned_fast_orders_what_it_came_to(tmp_path):
    async def script(stage: Stage) -> None:
        for value in range(128):
            stage.dispatcher.take(cc(20, value))
        await settled(stage.band.told, 1)

    assert on(tmp_path, script, '[controls]\n"cc 20" = "tempo"\n').band.told == [Tempo(240.0)]


def test_a_flood_of_orders_is_bounded(tmp_path):
    async def script(stage: Stage) -> None:
        for value in range(10_000):
            stage.dispatcher.take(cc(20, 127 if value % 2 else 0))
        await settled(stage.band.told, 16)
        await asyncio.sleep(0)

    assert len(on(tmp_path, script, '[controls]\n"cc 20" = "mute"\n').band.told) == 16


def test_a_pedal_whose_order_cannot_be_is_told_to_the_person(tmp_path):
    async def script(stage: Stage) -> None:
        stage.dispatcher.take(cc(20, 127))
        await settled(stage.band.said, 1)

    stage = on(tmp_path, script, '[controls]\n"cc 20" = "keep"\n')
    assert stage.band.said[0].startswith("keep: ")


def test_a_control_that_orders_what_there_is_not_is_refused_at_the_start(tmp_path):
    with pytest.raises(ConfigError, match='controls: "cc 1" = "dance": there is no order'):
        on(tmp_path, lambda _: asyncio.sleep(0), '[controls]\n"cc 1" = "dance"\n')


def test_a_knob_is_mapped_by_turning_it(tmp_path):
    async def script(stage: Stage) -> None:
        mapped = asyncio.create_task(order(stage, "map tempo"))
        await asyncio.sleep(0)
        stage.dispatcher.take(Heard(0, bytes((0x90, 60, 80))))
        stage.dispatcher.take(cc(20, 10))
        assert await mapped == f'"cc 20" orders "tempo" from now on; kept in {stage.file}.'
        stage.dispatcher.take(cc(20, 127))
        await settled(stage.band.told, 1)

    stage = on(tmp_path, script, "# mine\n")
    assert stage.band.told == [Tempo(240.0)]
    assert stage.file.read_text() == '# mine\n\n[controls]\n"cc 20" = "tempo"\n'


def test_another_map_takes_the_place_of_the_one_before(tmp_path):
    async def script(stage: Stage) -> None:
        first = asyncio.create_task(order(stage, "map tempo"))
        await asyncio.sleep(0)
        second = asyncio.create_task(order(stage, "map end"))
        await asyncio.sleep(0)
        with pytest.raises(OrderError, match="another order is being mapped instead"):
            await first
        stage.dispatcher.take(cc(64, 127))
        assert (await second).startswith('"cc 64" orders "end"')
        assert stage.band.told == [], "the press that mapped it orders nothing"

    on(tmp_path, script)


def test_a_map_that_was_given_up_maps_nothing(tmp_path):
    async def script(stage: Stage) -> None:
        mapped = asyncio.create_task(order(stage, "map end"))
        await asyncio.sleep(0)
        mapped.cancel()
        await asyncio.gather(mapped, return_exceptions=True)
        stage.dispatcher.take(cc(64, 127))
        await asyncio.sleep(0)

    assert on(tmp_path, script, "# mine\n").file.read_text() == "# mine\n"


def test_a_knob_is_not_waited_for_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr("improvd.service.controllers.pedals.LEARNING_S", 0.01)

    async def script(stage: Stage) -> None:
        with pytest.raises(OrderError, match="no knob or pedal moved within"):
            await order(stage, "map end")

    on(tmp_path, script)


def test_the_status_says_how_it_stands(tmp_path):
    async def script(stage: Stage) -> None:
        stage.dispatcher.take(Moved(0, "rolling", 132.0))
        answer = await stage.dispatcher.carry_out(parse("status"))
        assert answer.status == stage.dispatcher.status
        assert answer.status is not None
        assert (answer.status.up, answer.status.standing, answer.status.bpm) == (
            True, "rolling", 132.0
        )  # fmt: skip
        stage.band.alive = False
        assert (
            await stage.dispatcher.carry_out(parse("status"))
        ).text == "No player at the moment."

    on(tmp_path, script)


def test_stop_is_passed_on(tmp_path):
    async def script(stage: Stage) -> None:
        assert await order(stage, "stop") == "Bye."

    assert on(tmp_path, script).band.stopped


def test_a_model_is_tried_before_it_takes_over_whichever_way_it_is_asked_for(tmp_path):
    async def script(stage: Stage) -> None:
        await order(stage, "model general")
        await order(stage, "temperature 0.5")
        stage.file.write_text('model = "wide"')
        await stage.dispatcher.reload()
        stage.file.write_text('model = "wide"\nmode = "solo"')
        await stage.dispatcher.reload()

    assert on(tmp_path, script).band.tried == ["general", "wide"]


# -- the set -----------------------------------------------------------------------------------

_SET = "blues-in-f, key Bb, tempo 150\nwaltz, feel straight, 2 choruses\nbossa, 1 chorus\n"


def with_set(folder: Path, script: Callable[[Stage], Awaitable[None]], config: str = "") -> Stage:
    (folder / "gig").write_text(_SET)
    return on(folder, script, f'set = "gig"\n{config}')


def beat(number: int, tune: int, per_bar: int = 4) -> Played:
    place = number // per_bar + 1, number % per_bar + 1
    played = (number, *place, "C", Turn.PLAY, None, False, None, (), 0, per_bar, (), tune)
    return Played(Beat(*played))


def test_a_set_begins_with_its_first_tune_and_goes_on_with_the_next(tmp_path):
    async def script(stage: Stage) -> None:
        band, dispatcher = stage.band, stage.dispatcher
        config = band.perform.config
        assert (config.tune, config.chart, config.tempo, config.feel) == (
            *(1, "blues-in-f", 150, "auto"),
        )
        assert "| Bb7" in band.perform.chart
        dispatcher.take(beat(0, 1))
        assert await order(stage, "tune NEXT") == "Waltz in A Minor begins after this chorus."
        now = dispatcher.status
        assert (now.title, now.coming, now.tune, now.tunes) == (
            *("Blues in F", "Waltz in A Minor", 1, 3),
        )
        assert [line[:5] for line in (await order(stage, "set")).splitlines()] == [
            *(">  1 ", "+  2 ", "   3 "),
        ]
        dispatcher.take(beat(1, 1))
        dispatcher.take(beat(0, 2, 3))
        now = dispatcher.status
        assert (now.title, now.coming, now.tune) == ("Waltz in A Minor", "", 2)
        assert band.said == ["Tune 2 of 3: Waltz in A Minor."]

    [change] = with_set(tmp_path, script).band.told
    assert (change.begins, change.bpm) == ("chorus", 150)
    assert (change.config.tune, change.config.tempo, change.config.feel) == (2, None, "straight")


def test_asked_for_twice_it_is_the_one_after(tmp_path):
    async def script(stage: Stage) -> None:
        await order(stage, "tune next")
        await order(stage, "tune next now")

    stage = with_set(tmp_path, script)
    assert [(told.config.tune, told.begins) for told in stage.band.told] == [
        *((2, "chorus"), (3, "bar")),
    ]


def test_a_tempo_that_was_ordered_is_the_tune_s_and_a_written_one_is_every_tune_s(tmp_path):
    async def script(stage: Stage) -> None:
        await order(stage, "tempo 99")
        await order(stage, "tune bossa")

    assert with_set(tmp_path, script).band.told[-1].bpm == 124
    assert with_set(tmp_path, script, "tempo = 90").band.told[-1].bpm == 90


def test_after_its_choruses_a_tune_gives_way_by_itself_and_the_set_ends(tmp_path):
    async def script(stage: Stage) -> None:
        dispatcher = stage.dispatcher
        dispatcher.take(beat(500, 1))
        await order(stage, "tune 2")
        for number in (0, 47, 48, 49, 50):  # sixteen bars of three
            dispatcher.take(beat(number, 2, 3))
            await asyncio.sleep(0)
        for number in (0, 59, 60, 61):  # sixteen of four
            dispatcher.take(beat(number, 3))
            await asyncio.sleep(0)
        assert dispatcher.status.tune == 3

    told = with_set(tmp_path, script).band.told
    assert [type(each).__name__ for each in told] == ["Change", "Change", "End"]
    assert told[1].config.tune == 3


def test_a_tune_that_cannot_be_had_is_told(tmp_path):
    async def script(stage: Stage) -> None:
        assert "there is no set" in await refused(stage, "tune next")
        assert "there is no set" in await refused(stage, "set")

    on(tmp_path, script)

    async def other(stage: Stage) -> None:
        said = await refused(stage, "tune 4")
        assert said.startswith("the set has no tune '4'; next, previous, or one of: 1 Blues in F")

    with_set(tmp_path, other)


def test_a_set_that_is_read_again_is_gone_on_with(tmp_path):
    async def script(stage: Stage) -> None:
        (tmp_path / "gig").write_text("modal\nballad\n")
        assert await stage.dispatcher.reload() == "Read again; changed: set."
        assert not stage.band.told
        assert "Ballad in Eb" in await order(stage, "tune next")
        (tmp_path / "gig").write_text("modal, tempo x\n")
        with pytest.raises(ConfigError, match="gig: line 1: tempo 'x'"):
            await stage.dispatcher.reload()

    with_set(tmp_path, script)


def test_soloists_are_read_again_ordered_by_name_and_refused_while_the_old_go_on(tmp_path):
    tenor = '[[voice]]\nname = "tenor"\nchannel = 5\n'

    async def script(stage: Stage) -> None:
        file = stage.file
        file.write_text(tenor)
        assert await order(stage, "reload") == "Read again; changed: voice."
        assert await order(stage, "voice tenor level 60") == (
            "Tenor: velocity 60. It changes on the next bar line."
        )
        stage.band.jam.turn(stage.band.jam.performer.timeline.when(480 * 100))  # the bar line
        assert await order(stage, "voice tenor mode solo") == "The mode of the tenor is solo."
        assert "there is no soloist 'alto'" in await refused(stage, "voice alto level 60")
        assert "there is no soloist 'alto'" in await refused(stage, "voice alto turn play")
        assert "is the soloist's" in await refused(stage, "voice tenor channel 1")
        assert "tenor: channel = 5 is" in await refused(stage, "channel 5")
        assert "no model of this name" in await refused(stage, "voice tenor model coltrane")
        [entry] = stage.band.perform.config.voice
        assert entry == {"name": "tenor", "channel": 5, "velocity": 60, "mode": "solo"}
        for bad in (tenor + tenor, tenor + "low = 78\n", tenor + 'model = "coltrane"\n'):
            file.write_text(bad)
            assert "[[voice]] " in await refused(stage, "reload")
        assert [entry] == list(stage.band.perform.config.voice)
        file.write_text(tenor + 'port = "its own"\n')
        assert "Only after a restart: port." in await order(stage, "reload")

    on(tmp_path, script)
