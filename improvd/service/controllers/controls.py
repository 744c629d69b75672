"""Knobs and pedals: which order a controller or program change gives. Pure."""

from collections.abc import Mapping

from improvd.core.midi.messages import (
    CHANNEL_MODE,
    CONTROL_CHANGE,
    PROGRAM_CHANGE,
    is_whole,
    kind,
)
from improvd.service.orders.orders import Errand, Map, OrderError, parse, quoted

SLOWEST, FASTEST = 40, 240
"""The ends of a tempo knob, in beats per minute."""

KNOBS = ("tempo", "tempo relative")
"""Orders that take their number from how far something is turned."""

# A pedal or button is down from the middle of its way on, as General MIDI has it.
_DOWN = 64


def check(controls: Mapping[str, str]) -> None:
    """Raises OrderError, one sentence, for an order that no knob or pedal can give."""
    for control, order in controls.items():
        try:
            check_order(order)
        except OrderError as error:
            raise OrderError(f'"{control}" = "{order}": {error}') from None
        if order in KNOBS and not control.removeprefix("cc ").isdigit():
            raise OrderError(f'"{control}" = "{order}": only a "cc" without "up" has a value')


def check_order(order: str) -> None:
    """Raises OrderError, one sentence, for an order that no knob or pedal can give."""
    if order in KNOBS:
        return
    if isinstance(ask := parse(order), Map) or ask in (Errand.STATUS, Errand.WATCH):
        raise OrderError(f"{quoted(order)} is nothing for a pedal")


def control_of(message: bytes, order: str) -> str | None:
    """The control that this message would be for an order, None if it is none going down."""
    if is_whole(message) and kind(message) == PROGRAM_CHANGE:
        return None if order in KNOBS else f"program {message[1] + 1}"
    number, value = _controller(message)
    if number is None or (order not in KNOBS and value < _DOWN):
        return None
    return f"cc {number}"


class Controls:
    """What messages order. A button gives its order once, when it goes down or comes up.

    Args:
        orders: control to order, as in the configuration. Raises OrderError, see `check`.
    """

    def __init__(self, orders: Mapping[str, str]) -> None:
        check(orders)
        self.orders = dict(orders)
        self._values: dict[int, int] = {}

    def hear(self, message: bytes) -> str | None:
        """The order that a message gives, if it gives one."""
        if is_whole(message) and kind(message) == PROGRAM_CHANGE:
            return self.orders.get(f"program {message[1] + 1}")
        number, value = _controller(message)
        if number is None:
            return None
        before = self._values.get(number, 0)
        self._values[number] = value
        order = self.orders.get(f"cc {number}")
        if order in KNOBS:
            return _turned(order, value)
        if before < _DOWN <= value:
            return order
        return self.orders.get(f"cc {number} up") if before >= _DOWN > value else None


def _turned(order: str, value: int) -> str | None:
    """What a knob for the tempo orders at this value."""
    if order == "tempo":
        return f"tempo {SLOWEST + round(value * (FASTEST - SLOWEST) / 127)}"
    # Endless knobs send how far they were turned, as seven bits with a sign.
    return f"tempo {value if value < 64 else value - 128:+d}" if value else None


def _controller(message: bytes) -> tuple[int | None, int]:
    """Number (0 to 119) and value of a control change; 120 and up are channel mode messages."""
    if is_whole(message) and kind(message) == CONTROL_CHANGE and message[1] < CHANNEL_MODE:
        return message[1], message[2]
    return None, 0
