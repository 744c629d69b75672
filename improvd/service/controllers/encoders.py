"""Endless knobs: how far one was turned, in the three ways in which that is sent. Pure.

A click to the right and one to the left are 1 and 127 (two's complement), 65 and 63 (binary
offset), or 1 and 65 (signed bit).
"""

from collections.abc import Iterable
from enum import StrEnum


class Encoding(StrEnum):
    """A way of sending steps, as it stands after "tempo relative" in a configuration."""

    TWOS_COMPLEMENT = "twos complement"
    BINARY_OFFSET = "binary offset"
    SIGNED_BIT = "signed bit"


def steps(value: int, encoding: Encoding) -> int:
    """The steps that a value (0 to 127) stands for, negative to the left."""
    match encoding:
        case Encoding.TWOS_COMPLEMENT:
            return value if value < 64 else value - 128
        case Encoding.BINARY_OFFSET:
            return value - 64
        case Encoding.SIGNED_BIT:
            return value if value < 64 else 64 - value


def recognise(values: Iterable[int]) -> Encoding | None:
    """The encoding that these values tell, None where they fit more than one.

    Nobody turns more than 31 steps from one message to the next.
    """
    heard = set(values)
    if heard & set(range(33, 64)):
        return Encoding.BINARY_OFFSET
    if heard & set(range(96, 128)):
        return Encoding.TWOS_COMPLEMENT
    both = heard & set(range(1, 33)) and heard & set(range(65, 96))
    return Encoding.SIGNED_BIT if both else None


class Encoder:
    """An endless knob whose encoding is found out by what it sends."""

    def __init__(self, encoding: Encoding | None = None) -> None:
        self._encoding = encoding
        self._heard: set[int] = set()

    def turned(self, value: int) -> int:
        """The steps that it was turned by. Until it is known, 65 to 95 are steps to the right."""
        if self._encoding is None:
            self._heard.add(value)
            self._encoding = recognise(self._heard)
        likely = Encoding.TWOS_COMPLEMENT if value < 64 else Encoding.BINARY_OFFSET
        return steps(value, self._encoding or likely)
