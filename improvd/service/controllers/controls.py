"""Knobs and pedals: which order a controller or program change gives. Pure; time is passed in."""

from collections.abc import Mapping

from improvd.core.midi.messages import (
    CHANNEL_MODE,
    CONTROL_CHANGE,
    PROGRAM_CHANGE,
    channel,
    is_whole,
    kind,
)
from improvd.orders.asks import OrderError, quoted
from improvd.orders.table import row_of
from improvd.service.controllers.encoders import Encoder, Encoding
from improvd.service.controllers.switches import BOUNCE_NS, Switch

SLOWEST, FASTEST = 40, 240
"""The ends of a tempo knob, in beats per minute."""

TEMPO, RELATIVE = "tempo", "tempo relative"
KNOBS = (TEMPO, RELATIVE, *(f"{RELATIVE} {encoding}" for encoding in Encoding))
"""Orders that take their number from how far something is turned."""


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
    row, rest = row_of(order)
    row.read(rest)
    if not row.by_pedal:
        raise OrderError(f"a pedal cannot give the order {quoted(order)}")


def controller_of(message: bytes) -> tuple[int | None, int]:
    """Number (0 to 119) and value of a control change; from 120 on they are channel mode."""
    if is_whole(message) and kind(message) == CONTROL_CHANGE and message[1] < CHANNEL_MODE:
        return message[1], message[2]
    return None, 0


def program_of(message: bytes) -> int | None:
    """The program (1 to 128) of a program change."""
    return message[1] + 1 if is_whole(message) and kind(message) == PROGRAM_CHANGE else None


class Controls:
    """What messages order. A switch gives its order once for each time that it is pressed.

    Args:
        orders: control to order, as in the configuration. Raises OrderError, see `check`.
    """

    def __init__(self, orders: Mapping[str, str]) -> None:
        check(orders)
        self.orders = dict(orders)
        self._switches: dict[tuple[int, int], Switch] = {}  # by channel and number
        self._encoders = {
            control: Encoder(_encoding(order))
            for control, order in orders.items()
            if order.startswith(RELATIVE)
        }
        self._programmed: tuple[int, int] | None = None  # the latest program, and when

    def hear(self, stamp: int, message: bytes) -> list[str]:
        """The orders that a message at this nanosecond gives, hardly ever more than one."""
        program = program_of(message)
        if program is not None:
            return self._change_program(stamp, program)
        number, value = controller_of(message)
        if number is None:
            return []
        control = f"cc {number}"
        order = self.orders.get(control, "")
        if order == TEMPO:
            return [f"tempo {SLOWEST + round(value * (FASTEST - SLOWEST) / 127)}"]
        if control in self._encoders:
            turned = self._encoders[control].turned(value)
            return [f"tempo {turned:+d}"] if turned else []
        switch = self._switches.setdefault((channel(message), number), Switch())
        came_up = switch.settle(stamp)
        return self._ordered(number, came_up) + self._ordered(number, switch.hear(stamp, value))

    def settle(self, now: int) -> list[str]:
        """The orders of what came up a moment ago and did not bounce."""
        given = []
        for (_, number), switch in self._switches.items():
            given += self._ordered(number, switch.settle(now))
        return given

    @property
    def unsettled(self) -> bool:
        """Whether `settle` is to be asked when contacts have settled."""
        return any(switch.held_back is not None for switch in self._switches.values())

    def _change_program(self, stamp: int, program: int) -> list[str]:
        """A program change; several of one act, to several channels, are one."""
        before, self._programmed = self._programmed, (program, stamp)
        if before is not None and before[0] == program and stamp - before[1] < BOUNCE_NS:
            return []
        order = self.orders.get(f"program {program}")
        return [] if order is None else [order]

    def _ordered(self, number: int, went_down: bool | None) -> list[str]:
        """The orders of a switch that went down or came up, or did nothing."""
        if went_down is None:
            return []
        controls = (f"cc {number}", f"cc {number} latching")
        if not went_down:
            controls = (f"cc {number} up", f"cc {number} latching")
        return [self.orders[control] for control in controls if control in self.orders]


def _encoding(order: str) -> Encoding | None:
    """The encoding that an order names, None where it is to be found out."""
    name = order.removeprefix(RELATIVE).strip()
    return Encoding(name) if name else None
