"""Knobs and pedals for tests: their messages, and the ways in which endless knobs count."""

MS = 10**6
ENCODED = {
    "twos complement": lambda step: step % 128,
    "binary offset": lambda step: 64 + step,
    "signed bit": lambda step: step if step >= 0 else 64 - step,
}


def cc(number: int, value: int, channel: int = 0) -> bytes:
    return bytes((0xB0 | channel, number, value))
