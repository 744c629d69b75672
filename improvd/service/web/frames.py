"""What a page and the service say to each other over the WebSocket: JSON, one object a frame.

Moments are milliseconds of the service's monotonic clock, with fractions; the page learns what that
clock says by asking now and then. Nothing here does anything.
"""

import time
from typing import Annotated, Any

import msgspec
from msgspec import Meta

LARGEST_FRAME = 1 << 15
_LONGEST_CHART = 16_000
_NS_PER_MS = 1e6

Number = Annotated[int, Meta(ge=0, le=2**31)]


# -- from a page -------------------------------------------------------------------------------


class AskClock(msgspec.Struct, frozen=True, tag="clock", tag_field="t"):
    """What does your clock say? `at` is what the page's own says, and comes back."""

    at: float


class Strike(msgspec.Struct, frozen=True, tag="play", tag_field="t"):
    """A message of a key or pedal that moved at `at`: three bytes, a channel message's."""

    at: float
    m: tuple[
        Annotated[int, Meta(ge=0x80, le=0xEF)],
        Annotated[int, Meta(ge=0, le=127)],
        Annotated[int, Meta(ge=0, le=127)],
    ]


class Ordered(msgspec.Struct, frozen=True, tag="order", tag_field="t"):
    """An order, as to `improvd ctl`."""

    id: Number
    text: Annotated[str, Meta(max_length=_LONGEST_CHART)]


class AskChart(msgspec.Struct, frozen=True, tag="check", tag_field="t"):
    """Can this chart be played? It is being typed."""

    id: Number
    text: Annotated[str, Meta(max_length=_LONGEST_CHART)]


Frame = AskClock | Strike | Ordered | AskChart

_decoder: msgspec.json.Decoder[Frame] = msgspec.json.Decoder(Frame)
_encoder = msgspec.json.Encoder()


def read(text: str | bytes) -> Frame | None:
    """The frame that came in; None for what is none."""
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


# -- to a page ---------------------------------------------------------------------------------


def say(kind: str, **content: Any) -> str:
    """A frame for pages."""
    return _encoder.encode({"t": kind, **content}).decode()


def ms(ns: int) -> float:
    """A moment as pages are told it."""
    return round(ns / _NS_PER_MS, 3)


def ns(moment: float) -> int:
    """A moment that a page tells; of what is no number, now."""
    try:
        return round(moment * _NS_PER_MS)
    except (ValueError, OverflowError):
        return time.monotonic_ns()
