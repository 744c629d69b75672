"""Laws of what channel messages mean: whose they are, and which of them are playing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.hearing.ear import HeardBeat
from improvd.core.hearing.listener import Listener
from improvd.core.timeline import Timeline, ns_per_beat
from improvd.messages import RULES

TIME = Timeline(0, 0, ns_per_beat(120))
MPE_ON, MPE_OFF = ["B0 65 00", "B0 64 06", "B0 06 0F"], ["B0 65 00", "B0 64 06", "B0 06 00"]


def listener(*messages: str, pulse: int = 0) -> Listener:
    made = Listener(RULES)
    hear(made, *messages, pulse=pulse)
    return made


def hear(made: Listener, *messages: str, pulse: int = 0) -> None:
    for message in messages:
        made.hear(pulse, bytes.fromhex(message))


def first_beat(made: Listener) -> HeardBeat:
    return made.close(0, TIME)


def played(*messages: str) -> bool:
    return first_beat(listener(*messages)).played


@pytest.mark.parametrize("number", [120, 123, 124, 125, 126, 127])
def test_notes_off_are_their_channel_s_alone(number):
    made = listener("90 48 50", f"B1 {number:02X} 00")
    assert made.ear.holding
    hear(made, f"B0 {number:02X} 00")
    assert not made.ear.holding


def test_local_control_is_no_note_off():
    assert listener("90 48 50", "B0 7A 00").ear.holding


def test_reset_all_controllers_lets_the_pedals_of_its_channel_go():
    made = listener("B0 40 7F", "B2 40 7F", "90 48 50", "92 4C 50", "80 48 40", "82 4C 40")
    hear(made, "B0 79 00")
    assert first_beat(made).pitches == (72, 76)
    assert made.close(1, TIME).pitches == (76,)


def test_a_half_pressed_pedal_is_up_under_64():
    assert not listener("B0 40 3F", "90 48 50", "80 48 40").ear.holding
    assert listener("B0 40 40", "90 48 50", "80 48 40").ear.holding


def test_channel_10_is_drums():
    assert not played("99 43 50")


@pytest.mark.parametrize(
    "zone",
    [
        MPE_ON,
        ["B0 64 06", "B0 65 00", "B0 06 09"],  # nine members: 2 to 10
        ["BF 65 00", "BF 64 06", "BF 06 06"],  # the upper zone, six members: 10 to 15
        ["BF 65 00", "BF 64 06", "BF 06 0F", "B0 65 00", "B0 64 06", "B0 06 09"],
    ],
)
def test_in_an_mpe_zone_channel_10_is_a_note_s_own(zone):
    assert played(*zone, "99 43 50")


@pytest.mark.parametrize(
    "zone",
    [
        ["B0 65 00", "B0 64 06", "B0 06 08"],  # 2 to 9
        ["BF 65 00", "BF 64 06", "BF 06 05"],  # 11 to 15
        ["B1 65 00", "B1 64 06", "B1 06 0F"],  # no manager channel
        ["B0 65 00", "B0 64 05", "B0 06 0F"],  # another parameter
        [*MPE_ON, *MPE_OFF],
        [
            *MPE_ON,
            "BF 65 00",
            "BF 64 06",
            "BF 06 05",
        ],  # the upper zone took 11 to 15, and 2 to 9 stay
    ],
)
def test_outside_of_it_channel_10_is_drums(zone):
    assert played(*zone, "99 43 50") == (zone[-1] == "BF 06 05" and len(zone) > 3)


def test_a_manager_s_pedal_is_its_zone_s():
    made = listener(*MPE_ON, "B0 40 7F", "93 48 50", "83 48 40")
    assert made.ear.holding
    hear(made, "B0 40 00")
    assert not made.ear.holding
    hear(made, "99 48 50", "B0 7B 00")
    assert not made.ear.holding


def test_a_note_of_channel_10_with_a_bend_of_its_own_is_an_mpe_keyboard_s():
    assert played("E9 00 40", "99 43 50")
    assert played("B9 4A 40", "99 43 50")


def test_a_reset_of_all_bends_makes_no_melody_of_later_drums():
    made = listener("E9 00 40")
    hear(made, "99 43 50", pulse=100)
    assert not first_beat(made).played


def test_notes_dealt_out_to_channels_in_turn_are_an_mpe_keyboard_s():
    assert len(first_beat(dealt(range(5, 12))).melody) == 7
    assert len(first_beat(dealt(range(13, 6, -1))).melody) == 7
    assert len(first_beat(dealt([8, 9, 8, 9, 8])).melody) == 3
    assert len(first_beat(dealt([8, 9])).melody) == 1


def dealt(channels) -> Listener:
    made = Listener(RULES)
    for number, channel in enumerate(channels):
        made.hear(number * 50, bytes((0x90 | channel, 60 + number, 80)))
        made.hear(number * 50 + 20, bytes((0x80 | channel, 60 + number, 64)))
    return made


def test_breath_and_expression_carry_soft_notes():
    for number in ("02", "0B"):
        assert played(f"B0 {number} 40", "90 43 03")
    assert played("90 43 03", "B0 07 40")
    assert not played("B0 07 40", "90 43 03"), "a volume that was set"
    assert not played("90 43 03", "B0 07 07")


MESSAGES = st.lists(
    st.tuples(
        st.integers(0, 60),
        st.sampled_from([0x80, 0x90, 0xB0, 0xE0]),
        st.integers(0, 15),
        st.sampled_from([2, 6, 11, 36, 60, 64, 66, 72, 74, 100, 101, 120, 121, 123, 127]),
        st.integers(0, 127),
    ),
    max_size=80,
)


@given(MESSAGES, MESSAGES)
def test_a_listener_goes_on_from_its_memory_whatever_came(before, after):
    one, other = Listener(RULES), Listener(RULES)
    pulse, beat = 0, 0

    def go(listeners, messages):
        nonlocal pulse, beat
        heard = []
        for gap, kind, channel, data1, data2 in messages:
            pulse += gap
            for each in listeners:
                each.hear(pulse, bytes((kind | channel, data1, data2)))
            if pulse > (beat + 1) * 480:
                heard.append([each.close(beat, TIME) for each in listeners])
                beat += 1
        return heard

    go([one], before)
    other.restore(one.memory())
    assert all(a == b for a, b in go([one, other], after))
    assert one.memory() == other.memory()
