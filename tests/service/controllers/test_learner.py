"""Laws of mapping: the control that was moved on purpose is taken, whatever else talks."""

import asyncio
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.config import load
from improvd.service.controllers.controls import Controls
from improvd.service.controllers.learner import Learner, Talk
from improvd.service.controllers.pedals import Pedals
from tests.harness.controllers import ENCODED, MS, cc

Messages = list[tuple[int, bytes]]
"""Each after its milliseconds."""


def breath(first: int, last: int) -> Messages:
    """A wind player, all the time."""
    return [(at, cc(2, 70 + at // 10 % 9)) for at in range(first, last, 10)]


def worn(first: int, last: int) -> Messages:
    """A knob that nobody touches and that wavers by one."""
    return [(at, cc(30, 126 + at // 50 % 2)) for at in range(first, last, 50)]


def press(at: int, number: int = 64) -> Messages:
    return [(at, cc(number, 127)), (at + 150, cc(number, 0))]


def turn(at: int, number: int = 20) -> Messages:
    return [(at + 3 * value, cc(number, value)) for value in range(0, 100, 4)]


def learned(order: str, *messages: Messages, asked_at: int = 0) -> str | None:
    """What is mapped by what comes after it was asked for, window by window."""
    talk, learner, began, chosen = Talk(), None, None, None
    for at, message in sorted(chain.from_iterable(messages)):
        if at < asked_at:
            talk.hear(at * MS, message)
            continue
        if learner is None:
            learner = Learner(order, talk.values, talk.talking(asked_at * MS))
        if began is not None and at - began > 400:
            chosen, began = learner.choose(), None
            if chosen:
                break
        if learner.hear(at * MS, message) and began is None:
            began = at
    while chosen is None and learner is not None:
        chosen = learner.choose()
        if not learner.undecided:
            break
    return None if chosen is None else f"{chosen[0]} = {chosen[1]}"


@pytest.mark.parametrize("talk", [breath, worn])
@pytest.mark.parametrize("asked_at", [0, 1000])
def test_a_pedal_is_mapped_while_another_control_talks(talk, asked_at):
    heard = learned("keep", talk(0, 4000), press(2000), asked_at=asked_at)
    assert heard == "cc 64 = keep"


@pytest.mark.parametrize("talk", [breath, worn])
def test_what_talks_is_not_mapped_when_nothing_else_moves(talk):
    assert learned("keep", talk(0, 4000), asked_at=1000) is None


def test_a_knob_is_mapped_while_another_wavers():
    for asked_at in (0, 1000):
        assert learned("tempo", worn(0, 4000), turn(2000), asked_at=asked_at) == "cc 20 = tempo"
    assert learned("tempo", worn(0, 4000), asked_at=1000) is None


def test_a_knob_that_was_tried_before_it_was_asked_for_is_mapped_all_the_same():
    assert learned("tempo", turn(0), turn(2000), asked_at=400) == "cc 20 = tempo"


def test_a_control_that_says_the_same_again_and_again_does_not_talk():
    for order, value in (("tempo", 100), ("keep", 127)):
        again = [(at, cc(20, value)) for at in range(0, 4000, 50)]
        assert learned(order, again, asked_at=1000) == f"cc 20 = {order}"


def test_a_pedal_with_a_way_to_go_is_mapped():
    sweep = [(at * 10, cc(4, at * 8)) for at in range(16)]
    assert learned("keep", sweep) == "cc 4 = keep"


def test_a_bouncing_pedal_is_mapped():
    assert learned("keep", [(at, cc(64, 127 * (at % 2))) for at in range(1, 6)]) == "cc 64 = keep"


def test_a_button_that_says_nothing_when_let_go_is_mapped():
    earlier = [(0, cc(80, 127))]
    assert learned("keep", earlier, [(2000, cc(80, 127))], asked_at=1000) == "cc 80 = keep"


@given(st.builds(cc, st.integers(0, 119), st.integers(0, 127), st.integers(0, 15)))
def test_what_a_message_is_mapped_to_is_what_the_same_message_then_orders(message):
    mapped = learned("keep", [(0, message)])
    parameter = message[1] in {98, 99, 100, 101}  # which an NRPN or RPN is, and not its value
    assert (mapped is not None) == (message[2] >= 64 and not parameter)
    if mapped is not None:
        control = mapped.removesuffix(" = keep")
        assert load(None, {"controls": {control: "keep"}}).controls == {control: "keep"}
        assert Controls({control: "keep"}).hear(0, message) == ["keep"]


@given(st.integers(0, 127), st.integers(0, 15))
def test_a_program_is_mapped_and_orders_just_that(number, channel):
    message = bytes((0xC0 | channel, number))
    assert learned("keep", [(0, message)]) == f"program {number + 1} = keep"
    assert Controls({f"program {number + 1}": "keep"}).hear(0, message) == ["keep"]


def test_channel_mode_messages_and_programs_for_knobs_are_not_mapped():
    assert learned("keep", [(0, cc(123, 127))]) is None
    assert learned("tempo", [(0, bytes((0xC0, 4)))]) is None
    assert learned("tempo", [(0, cc(20, 3))]) == "cc 20 = tempo"


PRESET = [(0, cc(0, 1)), (0, cc(32, 2)), (1, bytes((0xC0, 4)))]
SOUND = [(2, cc(7, 100)), (3, cc(10, 64)), (4, cc(91, 80)), (5, cc(93, 90))]


def test_a_preset_change_is_one_act_and_its_program_is_what_was_meant():
    assert learned("keep", PRESET, SOUND) == "program 5 = keep"


def test_a_preset_change_is_no_turn_of_a_knob():
    assert learned("tempo", PRESET, SOUND) is None
    assert learned("tempo", PRESET, SOUND, turn(1000)) == "cc 20 = tempo"


def test_the_settings_of_a_sound_are_no_press():
    assert learned("keep", SOUND) is None
    assert learned("keep", SOUND, press(1000)) == "cc 64 = keep"


def test_of_a_knob_that_sends_parameters_the_one_with_the_value_is_mapped():
    knob = [
        (at * 20 + part, cc(number, value))
        for at in range(30)
        for part, (number, value) in enumerate([(99, 1), (98, 8), (6, 30 + at), (38, at * 4)])
    ]
    assert learned("tempo", knob) == "cc 6 = tempo"


def test_of_a_fine_controller_the_coarse_half_is_mapped():
    knob = [
        (at * 20 + part, cc(number, value))
        for at in range(20)
        for part, (number, value) in enumerate([(16, 20 + at), (48, at * 50 % 128)])
    ]
    assert learned("tempo", knob) == "cc 16 = tempo"


@pytest.mark.parametrize("encoding", ENCODED)
def test_an_endless_knob_s_encoding_is_written_down(encoding):
    turned = [
        (at * 20, cc(21, ENCODED[encoding](step))) for at, step in enumerate((1, 1, 2, -1, -1))
    ]
    assert learned("tempo relative", turned) == f"cc 21 = tempo relative {encoding}"


def test_an_endless_knob_turned_one_way_only_is_found_out_later():
    assert learned("tempo relative", [(0, cc(21, 1)), (20, cc(21, 2))]) == "cc 21 = tempo relative"


def test_an_endless_knob_is_waited_for_to_be_turned_the_other_way():
    turned = [(at * 50, cc(21, 1)) for at in range(12)] + [(1200, cc(21, 65)), (1250, cc(21, 65))]
    assert learned("tempo relative", turned) == "cc 21 = tempo relative signed bit"


def test_a_pedal_let_go_within_a_bounce_gives_its_order_in_time():
    asked: list[str] = []

    async def ask(order: str) -> None:
        await asyncio.sleep(0)
        asked.append(order)

    async def script() -> None:
        pedals = Pedals({"cc 64": "turn play", "cc 64 up": "turn auto"}, ask)
        for at, value in ((0, 127), (10, 0), (20, 127), (30, 0)):
            pedals.hear(at * MS, cc(64, value))
        await asyncio.sleep(0.2)
        pedals.close()

    asyncio.run(script())
    assert asked == ["turn play", "turn auto"]
