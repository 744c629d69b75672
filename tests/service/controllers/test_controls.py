"""Laws of knobs and pedals: pure, so every message can be tried."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.messages import Tempo
from improvd.orders.asks import Nudge, OrderError
from improvd.orders.table import parse
from improvd.service.controllers.controls import (
    FASTEST,
    KNOBS,
    SLOWEST,
    Controls,
    check_order,
)
from tests.harness.controllers import ENCODED, MS, cc

DATA = st.integers(0, 127)
NUMBERS = st.integers(0, 119)
CHANNELS = st.integers(0, 15)
PLAIN = ["turn play", "turn listen", "keep", "again", "end", "panic", "mute"]
PLAIN_ORDERS = st.sampled_from(PLAIN)
ORDERS = st.sampled_from([*PLAIN, *KNOBS])
ANY_MESSAGE = st.binary(max_size=4)


def said_by(orders: dict[str, str], *messages: tuple[int, bytes]) -> list[str]:
    """What these messages order, each after its milliseconds, and what has settled a second on."""
    controls, now, said = Controls(orders), 0, []
    for now, message in messages:
        said += controls.hear(now * MS, message)
    return said + controls.settle((now + 1000) * MS)


def slowly(*values: int, number: int = 64, apart: int = 200) -> list[tuple[int, bytes]]:
    return [(at * apart, cc(number, value)) for at, value in enumerate(values)]


def test_a_pedal_orders_when_it_goes_down_and_another_thing_when_it_comes_up():
    controls = Controls({"cc 64": "turn play", "cc 64 up": "turn auto"})
    moves = slowly(10, 80, 127, 90, 30, 0, 127)
    said = [controls.hear(at * MS, message) for at, message in moves]
    assert said == [[], ["turn play"], [], [], ["turn auto"], [], ["turn play"]]


PEDAL = {"cc 64": "keep", "cc 64 up": "turn auto"}


@pytest.mark.parametrize(
    "press", [(127,), (127, 0, 127), (64, 127, 30, 127), (127, 0, 127, 0, 127)]
)
@pytest.mark.parametrize("release", [(0,), (0, 127, 0), (0, 127, 0, 127, 0)])
def test_a_switch_that_bounces_is_pressed_once_and_let_go_once(press, release):
    messages = [(at * 6, cc(64, value)) for at, value in enumerate(press)]
    messages += [(1000 + at * 6, cc(64, value)) for at, value in enumerate(release)]
    assert said_by(PEDAL, *messages) == ["keep", "turn auto"]


def test_a_tap_is_let_go_too():
    assert said_by(PEDAL, (0, cc(64, 127)), (20, cc(64, 0))) == ["keep", "turn auto"]
    controls = Controls(PEDAL)
    controls.hear(0, cc(64, 127))
    assert controls.hear(20 * MS, cc(64, 0)) == []
    assert controls.unsettled
    assert controls.settle(59 * MS) == []
    assert controls.settle(60 * MS) == ["turn auto"]
    assert not controls.unsettled


def test_two_taps_are_two():
    taps = [(0, cc(64, 127)), (30, cc(64, 0)), (150, cc(64, 127)), (180, cc(64, 0))]
    assert said_by(PEDAL, *taps) == ["keep", "turn auto"] * 2


def test_a_half_pressed_pedal_that_wavers_is_pressed_once():
    assert said_by(PEDAL, *slowly(60, 63, 64, 63, 65, 63, 64, 62, 66)) == ["keep"]


@pytest.mark.parametrize("value", [64, 100, 127])
def test_a_button_that_says_nothing_when_let_go_orders_each_time(value):
    assert said_by({"cc 80": "keep"}, *slowly(value, value, value, number=80)) == ["keep"] * 3


def test_a_button_that_repeats_itself_within_a_bounce_orders_once():
    assert said_by({"cc 80": "keep"}, *slowly(127, 127, 127, number=80, apart=15)) == ["keep"]


def test_a_latching_pedal_orders_at_every_press():
    presses = slowly(127, 0, 127, 0, apart=2000)
    assert said_by({"cc 64": "again"}, *presses) == ["again"] * 2
    assert said_by({"cc 64 latching": "again"}, *presses) == ["again"] * 4


def test_the_pedals_of_two_channels_are_two():
    both = [(0, cc(64, 127, 0)), (500, cc(64, 127, 1)), (900, cc(64, 0, 1)), (1500, cc(64, 127, 1))]
    assert said_by({"cc 64": "keep"}, *both) == ["keep"] * 3


@given(NUMBERS, st.lists(st.tuples(st.integers(0, 400), DATA)))
def test_presses_are_a_bounce_apart(number, moves):
    controls, now, pressed = Controls({f"cc {number}": "keep"}), 0, []
    for gap, value in moves:
        now += gap
        if controls.hear(now * MS, cc(number, value)):
            pressed.append(now)
            assert value >= 64
    assert all(b - a >= 60 for a, b in pairwise(pressed))


@given(NUMBERS, DATA, CHANNELS)
def test_a_tempo_knob_goes_over_its_whole_range_on_any_channel(number, value, channel):
    [order] = Controls({f"cc {number}": "tempo"}).hear(0, cc(number, value, channel))
    bpm = parse(order).bpm
    assert parse(order) == Tempo(bpm)
    assert abs(bpm - (SLOWEST + value / 127 * (FASTEST - SLOWEST))) <= 0.5
    assert (value == 0) == (bpm == SLOWEST)


STEPS = st.lists(st.integers(-31, 31).filter(bool), max_size=20)


@given(st.sampled_from([*ENCODED]), NUMBERS, STEPS)
def test_an_endless_knob_of_a_known_encoding_steps_the_tempo_either_way(encoding, number, steps):
    controls = Controls({f"cc {number}": f"tempo relative {encoding}"})
    for step in steps:
        [order] = controls.hear(0, cc(number, ENCODED[encoding](step)))
        assert parse(order) == Nudge(step)


@pytest.mark.parametrize("encoding", ENCODED)
def test_an_endless_knob_s_encoding_is_found_out(encoding):
    turns = (1, 1, -1, -1, 2, -3, 1)
    controls = Controls({"cc 21": "tempo relative"})
    said = [controls.hear(0, cc(21, ENCODED[encoding](step)))[0] for step in turns]
    assert said == [f"tempo {step:+d}" for step in turns]


def test_an_endless_knob_at_rest_orders_nothing():
    controls = Controls({"cc 21": "tempo relative"})
    assert controls.hear(0, cc(21, 0)) == controls.hear(0, cc(21, 64)) == []


@given(DATA, CHANNELS)
def test_programs_count_from_one(number, channel):
    controls = Controls({f"program {number + 1}": "mode trade 4"})
    assert controls.hear(0, bytes((0xC0 | channel, number))) == ["mode trade 4"]
    assert controls.hear(0, bytes((0xC0 | channel, (number + 1) % 128))) == []


def test_a_program_for_several_channels_is_one_act():
    change = [(channel, bytes((0xC0 | channel, 2))) for channel in range(16)]
    later = [(500 + at, message) for at, message in change]
    assert said_by({"program 3": "again"}, *change, *later) == ["again"] * 2


@given(st.dictionaries(NUMBERS.map("cc {}".format), ORDERS), st.lists(ANY_MESSAGE))
def test_whatever_comes_in_gives_an_order_or_nothing(orders, messages):
    controls = Controls(orders)
    for message in messages:
        for order in controls.hear(0, message):
            parse(order)


@pytest.mark.parametrize(
    ("controls", "sentence"),
    [
        ({"cc 1": "dance"}, '"cc 1" = "dance": there is no order \'dance\''),
        ({"cc 1": "status"}, '"cc 1" = "status": a pedal cannot give the order \'status\''),
        ({"cc 1": "map end"}, '"cc 1" = "map end": a pedal cannot give the order \'map end\''),
        ({"cc 1": "tempo 500"}, '"cc 1" = "tempo 500": tempo 500: it is a number'),
        ({"cc 1 up": "tempo"}, '"cc 1 up" = "tempo": only a "cc" without "up" has a value'),
        ({"cc 1 latching": "tempo"}, '"cc 1 latching" = "tempo": only a "cc" without "up"'),
        ({"program 1": "tempo"}, '"program 1" = "tempo": only a "cc" without "up" has a value'),
    ],
)
def test_what_no_knob_can_order_is_refused_in_a_sentence(controls, sentence):
    with pytest.raises(OrderError) as refused:
        Controls(controls)
    assert str(refused.value).startswith(sentence)


def test_knobs_take_what_needs_a_value_and_pedals_what_does_not():
    for order in (*KNOBS, "tempo +5", "chart | C |", "stop"):
        check_order(order)
