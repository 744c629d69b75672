"""How a sentence on an order goes on where nothing plays now. Pure."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from improvd.core.sync.transport_state import Standing

if TYPE_CHECKING:  # the service reads this room too, and has no use for what plays
    from improvd.core.jam import Jam

_ONCE: Mapping[Standing, str] = {
    Standing.STOPPED: "once the clock starts (the transport is stopped)",
    Standing.ARMED: "with the master's first clock (it has said Start)",
    Standing.RESTING: "when the clock is back (it fell silent)",
}
_WHY_SILENT: Mapping[Standing, str] = {
    Standing.STOPPED: "the transport is stopped",
    Standing.ARMED: "the master has said Start, and no clock has come yet",
    Standing.RESTING: "the clock fell silent",
}
_WHERE: Mapping[Standing, str] = {
    Standing.STOPPED: "It goes on at bar {bar} when the clock continues; a Start begins at bar 1 "
    "(the transport is stopped).",
    Standing.ARMED: "Bar {bar} begins with the master's first clock (it has said Start).",
    Standing.RESTING: "Bar {bar} begins when the clock is back (it fell silent).",
}


def once(jam: "Jam") -> str:
    """When what was ordered will be heard, where nothing plays now."""
    return "" if jam.state.rolling else f", {_ONCE[jam.state.standing]}"


def but(jam: "Jam") -> str:
    """Why nothing plays, in brackets."""
    return "" if jam.state.rolling else f" ({_WHY_SILENT[jam.state.standing]})"


def silent(jam: "Jam") -> str:
    """A second sentence, where nothing plays now."""
    return "" if jam.state.rolling else f" Nothing plays now: {_WHY_SILENT[jam.state.standing]}."


def where(jam: "Jam", bar: int) -> str:
    """When a bar that was ordered will begin."""
    return _WHERE.get(jam.state.standing, "Bar {bar} begins now.").format(bar=bar)
