"""Laws of recognising our own notes as they come back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.midi.echo import ECHO_NS, EchoFilter

ON, OTHER = b"\x90\x3c\x50", b"\x90\x3c\x51"
MS = 10**6


def after_sending(*messages: bytes) -> EchoFilter:
    echo = EchoFilter()
    for message in messages:
        echo.sent(0, message)
    return echo


def test_one_copy_is_an_echo_and_the_second_is_the_player():
    echo = after_sending(ON)
    assert echo.is_echo(MS, ON)
    assert not echo.is_echo(MS, ON)


def test_only_the_very_message_is_an_echo():
    assert not after_sending(ON).is_echo(MS, OTHER)


def test_a_note_off_may_come_back_as_a_note_on_of_velocity_0():
    assert after_sending(b"\x80\x3c\x40").is_echo(MS, b"\x90\x3c\x00")


@pytest.mark.parametrize(("late", "echo"), [(0, True), (ECHO_NS, True), (ECHO_NS + 1, False)])
def test_an_echo_comes_within_50_ms(late: int, echo: bool):
    assert after_sending(ON).is_echo(late, ON) == echo
    assert ECHO_NS == 50 * MS


@given(st.permutations([ON, ON, OTHER, b"\x80\x3c\x40"]))
def test_every_message_sent_is_dropped_once_in_any_order(back: list[bytes]):
    echo = after_sending(ON, OTHER, ON, b"\x80\x3c\x40")
    assert all(echo.is_echo(MS, message) for message in back)
    assert not any(echo.is_echo(MS, message) for message in back)


def test_of_a_flood_the_latest_are_remembered():
    echo = EchoFilter()
    for pitch in range(128):
        echo.sent(0, bytes((0x90, pitch, 80)))
    known = [pitch for pitch in range(128) if echo.is_echo(1, bytes((0x90, pitch, 80)))]
    assert known == list(range(64, 128))
