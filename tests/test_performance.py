"""From a configuration to a jam: what is put together."""

from itertools import pairwise
from statistics import median

import numpy as np
import pytest
from msgspec.structs import replace

from improvd import performance
from improvd.config import load
from improvd.core.midi.messages import note_off, note_on, strikes
from improvd.core.music import REST
from improvd.core.network.cell import Cell
from improvd.messages import Change
from improvd.model import Model, find
from improvd.model import load as load_model
from improvd.options import CHARTS
from improvd.training.generate import rehearse, solo

MODEL = load_model(find("general"))


def values(**settings: object) -> list[int | None]:
    config = load(None, {"count_in": 0, **settings})
    _, played = solo(config, MODEL, performance.chart_of(None), 64)
    return [beat.value for beat in played]


def test_a_model_is_sampled_as_it_was_made_for_unless_somebody_says_otherwise():
    assert values() == values(temperature=1.0)
    assert values() != values(temperature=0.5)
    assert len(set(values(temperature=0.0))) < len(set(values())) / 2  # it falls silent


@pytest.mark.parametrize("seed", [1, 2])
def test_the_seed_decides_what_is_sampled(seed):
    assert values(seed=seed) == values(seed=seed)
    assert values(seed=seed) != values()


# -- another solo each night ---------------------------------------------------------------

DEFAULT = load_model(find("default"))
# Its phrases are so short that it never runs out of breath: every beat is its argmax.
COURSE = load_model(find("course"))
BEATS = 32


def alone(
    chart: str | None = None, model: Model = DEFAULT, **settings: object
) -> tuple[int | None, ...]:
    """What a model plays by itself, by argmax."""
    config = load(None, {"count_in": 0, **settings})
    _, played = solo(config, model, performance.chart_of(chart), BEATS)
    return tuple(beat.value for beat in played)


def test_twenty_seeds_are_twenty_solos():
    solos = [alone(seed=seed) for seed in range(20)]
    assert len(set(solos)) == 20
    assert solos[7] == alone(seed=7)


def test_each_chart_has_a_solo_of_its_own():
    assert len({alone(path.read_text(), seed=7) for path in CHARTS.values()}) == len(CHARTS) > 1


def test_without_an_opening_it_is_the_argmax_from_the_zero_state():
    cell = Cell(COURSE.weights)
    x, values = None, []
    for _ in range(BEATS):
        cell.step(x)
        x = int(cell.logits.argmax())
        values.append(x)
    assert (
        alone(model=COURSE, opening=0, seed=1)
        == alone(model=COURSE, opening=0, seed=2)
        == tuple(values)
    )


def test_after_its_opening_it_is_the_argmax_too():
    config = load(None, {"seed": 5})
    heard = performance.heard_before(config, COURSE, performance.chart_of(None))
    cell = Cell(COURSE.weights)
    for x in (None, *heard):
        cell.step(x)
    values = []
    for _ in range(BEATS):
        values.append(int(cell.logits.argmax()))
        cell.step(values[-1])
    assert alone(model=COURSE, seed=5) == tuple(values)


def test_another_seed_while_it_plays_is_another_solo_and_another_chart_is_not():
    """The state is carried over to another chart; whoever asks for another seed wants another."""
    chart = "| F7 | Bb7 |"
    config = load(None, {"count_in": 0, "seed": 1, "model": "course"})
    solos = []
    for change in (
        Change(config, chart),
        Change(replace(config, velocity=80), chart),
        Change(config, "| C | G7 |"),
        Change(replace(config, seed=2), chart),
    ):
        who = performance.improviser(config, COURSE)
        jam = performance.offline(config, who, COURSE, performance.chart_of(chart))
        rehearse(jam, 10)
        performance.obey(jam, jam.wake(), change)
        solos.append([beat.value for beat in rehearse(jam, BEATS)[1]])
    assert solos[0] == solos[1] == solos[2] != solos[3]
    # It begins as any solo of that seed does, on the bar line.
    assert tuple(solos[3][2:]) == alone(chart, COURSE, seed=2)[: BEATS - 2]


def test_only_what_begins_a_phrase_is_drawn_where_that_is_wished():
    drawn = alone(model=COURSE, seed=5, temperature=1.0, sample="phrases")
    assert drawn == alone(model=COURSE, seed=5, temperature=1.0, sample="phrases")
    assert drawn != alone(model=COURSE, seed=5, temperature=1.0) != alone(model=COURSE, seed=5)
    heard = performance.heard_before(load(None, {"seed": 5}), COURSE, performance.chart_of(None))
    cell = Cell(COURSE.weights)
    for x in (None, *heard):
        cell.step(x)
    others = 0
    for x, value in pairwise((heard[-1], *drawn)):
        if x != REST:
            assert value == cell.logits.argmax()
        others += value != cell.logits.argmax()
        cell.step(value)
    assert others > 0


# -- how it is played ----------------------------------------------------------------------


def struck_after(velocity: int | None, **settings: object) -> list[bytes]:
    """What it sends over 64 beats to somebody who plays so loud in every other bar."""
    config = load(None, {"count_in": 0, "seed": 5, "mode": "trade 1", **settings})
    chart = performance.chart_of(None)
    jam = performance.offline(config, performance.improviser(config, DEFAULT), DEFAULT, chart)
    when = jam.performer.timeline.when
    heard = [
        (when(480 * beat + at), message)
        for bar in range(0, 64, 8)
        for beat in range(bar, bar + 4)
        for at, message in ((0, note_on(0, 70, velocity or 1)), (400, note_off(0, 70)))
        if velocity is not None
    ]
    take, _ = rehearse(jam, 64, heard)
    return [message for _, message in take.messages]


def middle(messages: list[bytes]) -> float:
    return median(message[2] for message in messages if strikes(message))


def test_it_plays_as_loud_as_the_musician_of_late():
    alone, soft, loud = (struck_after(velocity) for velocity in (None, 40, 110))
    assert middle(alone) == pytest.approx(90, abs=8)
    assert middle(soft) < 65 < middle(alone) < middle(loud)


def test_who_does_not_listen_does_not_follow():
    assert struck_after(30, mode="solo") == struck_after(110, mode="solo")


@pytest.mark.parametrize(("expression", "controller"), [("breath", 2), ("expression", 11)])
def test_a_controller_says_how_loud_each_note_is_if_wanted(expression, controller):
    plain, told = struck_after(80), struck_after(80, expression=expression)
    assert [message for message in told if message[0] != 0xB0] == plain
    for before, message in pairwise([b"", *told]):
        if strikes(message):
            assert before == bytes((0xB0, controller, message[2]))


def test_its_dynamics_are_as_wide_as_those_of_soloists():
    """Theirs: standard deviation 4.3 dB, p5 to p95 13.9 dB, by `recipes.loudness`."""
    config = load(None, {"count_in": 0, "seed": 5})
    take, _ = solo(config, DEFAULT, performance.chart_of(None), 512)
    decibels = 40 * np.log10([message[2] for _, message in take.messages if strikes(message)])
    assert 3.8 < np.std(decibels) < 5.0
    assert 12 < np.subtract(*np.percentile(decibels, [95, 5])) < 17


# -- it learns tonight ---------------------------------------------------------------------


def followed(tonight: float, seed: int) -> int:
    """How many of its own beats, of 112, are of those that the musician plays again and again."""
    config = load(None, {"count_in": 0, "seed": seed, "mode": "trade 2", "tonight": tonight})
    chart = performance.chart_of("| C | % |")
    jam = performance.offline(config, performance.improviser(config, DEFAULT), DEFAULT, chart)
    when = jam.performer.timeline.when
    lick = ((0, 72), (240, 74), (480, 76), (960, 79), (1200, 77), (1440, 76), (1680, 74))
    heard = []
    for start in (480 * bar for beat in range(0, 256, 16) for bar in (beat, beat + 4)):
        for at, pitch in lick:
            heard.append((when(start + at), note_on(0, pitch, 80)))
            heard.append((when(start + at + 200), note_off(0, pitch)))
    _, beats = rehearse(jam, 256, sorted(heard))
    theirs = {beat.x for beat in beats if beat.heard and beat.x != REST}
    own = [beat.value for beat in beats if beat.value is not None]
    assert len(own) > 100
    return sum(value in theirs for value in own)


def test_what_is_played_again_and_again_comes_back_the_same_evening():
    without, learned = (sum(followed(far, seed) for seed in range(4)) for far in (0.0, 0.5))
    assert learned > 1.4 * without
