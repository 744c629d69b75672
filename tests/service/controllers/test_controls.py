"""Laws of knobs and pedals: pure, so every message can be tried."""

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from improvd.config import load
from improvd.messages import Tempo
from improvd.service.controllers.controls import (
    FASTEST,
    KNOBS,
    SLOWEST,
    Controls,
    check_order,
    control_of,
)
from improvd.service.orders.orders import Nudge, OrderError, parse

DATA = st.integers(0, 127)
NUMBERS = st.integers(0, 119)
CHANNELS = st.integers(0, 15)
PLAIN = ["turn play", "turn listen", "keep", "again", "end", "panic", "mute"]
PLAIN_ORDERS = st.sampled_from(PLAIN)
ORDERS = st.sampled_from([*PLAIN, *KNOBS])
ANY_MESSAGE = st.binary(max_size=4)


def cc(number: int, value: int, channel: int = 0) -> bytes:
    return bytes((0xB0 | channel, number, value))


def test_a_pedal_orders_when_it_goes_down_and_another_thing_when_it_comes_up():
    controls = Controls({"cc 64": "turn play", "cc 64 up": "turn auto"})
    given = [controls.hear(cc(64, value)) for value in (10, 80, 127, 90, 63, 0, 127)]
    assert given == [None, "turn play", None, None, "turn auto", None, "turn play"]


@given(NUMBERS, st.lists(DATA))
def test_a_pedal_orders_once_for_each_time_it_goes_down(number, values):
    controls = Controls({f"cc {number}": "keep"})
    ordered = [controls.hear(cc(number, value)) for value in values].count("keep")
    down = [value >= 64 for value in [0, *values]]
    assert ordered == sum(not a and b for a, b in pairwise(down))


@given(NUMBERS, DATA, CHANNELS)
def test_a_tempo_knob_goes_over_its_whole_range_on_any_channel(number, value, channel):
    order = Controls({f"cc {number}": "tempo"}).hear(cc(number, value, channel))
    assert order is not None
    bpm = parse(order).bpm
    assert parse(order) == Tempo(bpm)
    assert abs(bpm - (SLOWEST + value / 127 * (FASTEST - SLOWEST))) <= 0.5
    assert (value == 0) == (bpm == SLOWEST)


@given(NUMBERS, DATA)
def test_an_endless_knob_steps_the_tempo_either_way(number, value):
    order = Controls({f"cc {number}": "tempo relative"}).hear(cc(number, value))
    if value == 0:
        assert order is None
    else:
        assert parse(order) == Nudge(value if value < 64 else value - 128)


@given(DATA, CHANNELS)
def test_programs_count_from_one(number, channel):
    controls = Controls({f"program {number + 1}": "mode trade 4"})
    assert controls.hear(bytes((0xC0 | channel, number))) == "mode trade 4"
    assert controls.hear(bytes((0xC0 | channel, (number + 1) % 128))) is None


@given(st.dictionaries(NUMBERS.map("cc {}".format), ORDERS), st.lists(ANY_MESSAGE))
def test_whatever_comes_in_gives_an_order_or_nothing(orders, messages):
    controls = Controls(orders)
    for message in messages:
        order = controls.hear(message)
        if order is not None:
            parse(order)


def mapped(message: bytes, order: str, control: str) -> str | None:
    """What a message orders once it has been mapped to an order, as this control."""
    assert control_of(message, order) == control
    assert load(None, {"controls": {control: order}}).controls == {control: order}
    return Controls({control: order}).hear(message)


@given(NUMBERS, st.integers(64, 127), CHANNELS, PLAIN_ORDERS)
def test_a_pedal_going_down_is_mapped_and_orders_just_that(number, value, channel, order):
    assert mapped(cc(number, value, channel), order, f"cc {number}") == order


@given(DATA, CHANNELS, PLAIN_ORDERS)
def test_a_program_is_mapped_and_orders_just_that(number, channel, order):
    message = bytes((0xC0 | channel, number))
    assert mapped(message, order, f"program {number + 1}") == order


@given(NUMBERS, DATA, CHANNELS, st.sampled_from(KNOBS))
def test_a_knob_is_mapped_wherever_it_stands_and_turns_the_tempo(number, value, channel, order):
    given = mapped(cc(number, value, channel), order, f"cc {number}")
    stands_still = order == "tempo relative" and value == 0
    kind = Tempo if order == "tempo" else Nudge
    assert given is None if stands_still else isinstance(parse(given), kind)


@given(NUMBERS, st.integers(0, 63), CHANNELS, PLAIN_ORDERS)
def test_a_pedal_coming_up_is_not_mapped(number, value, channel, order):
    assert control_of(cc(number, value, channel), order) is None


@given(st.sampled_from([0x80, 0x90, 0xB0, 0xC0, 0xE0, 0xF0]), st.lists(DATA, max_size=4), ORDERS)
def test_what_is_no_control_is_not_mapped(status, data, order):
    assume(not (status == 0xB0 and len(data) == 2 and data[0] < 120))
    assume(not (status == 0xC0 and len(data) == 1))
    assert control_of(bytes((status, *data)), order) is None


def test_what_has_no_value_or_a_meaning_of_its_own_is_not_mapped():
    assert control_of(bytes((0xC0, 4)), "tempo") is None
    assert control_of(cc(123, 127), "keep") is None


@pytest.mark.parametrize(
    ("controls", "sentence"),
    [
        ({"cc 1": "dance"}, '"cc 1" = "dance": there is no order \'dance\''),
        ({"cc 1": "status"}, '"cc 1" = "status": \'status\' is nothing for a pedal'),
        ({"cc 1": "map end"}, '"cc 1" = "map end": \'map end\' is nothing for a pedal'),
        ({"cc 1": "tempo 500"}, '"cc 1" = "tempo 500": tempo 500: it is a number'),
        ({"cc 1 up": "tempo"}, '"cc 1 up" = "tempo": only a "cc" without "up" has a value'),
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
