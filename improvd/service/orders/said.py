"""What is said to a person whose order goes to the player: one sentence."""

from collections.abc import Callable, Mapping
from typing import Any

from improvd.core.playing.modes import Turn
from improvd.messages import (
    Again,
    Change,
    Cue,
    End,
    LiveOrder,
    Locate,
    Mute,
    Panic,
    Reseed,
    Reset,
    Share,
    Tempo,
)

_TURNS = {
    Turn.PLAY: "It plays from the next beat on.",
    Turn.LISTEN: "It listens from the next beat on.",
    None: "Turns are the mode's again.",
}
_SENTENCES: Mapping[type[LiveOrder], Callable[[Any], str]] = {
    Change: lambda _: "It changes on the next bar line.",
    Tempo: lambda order: f"{order.bpm:g} beats per minute.",
    Locate: lambda order: f"Bar {order.bar} begins now.",
    Share: lambda order: f"The mode is {order.mode}.",
    Cue: lambda order: _TURNS[order.turn],
    Mute: lambda order: "It plays without a sound." if order.on else "It plays aloud.",
    Panic: lambda _: "Every note, pedal and sound on its channel is closed.",
    Reset: lambda _: "It has forgotten what was played.",
    Reseed: lambda _: "It goes on from your last phrase alone.",
    Again: lambda _: "This chorus comes again when it is over.",
    End: lambda _: "A cadence within two bars, then silence.",
}


def said(order: LiveOrder) -> str:
    """The sentence for an order that was passed on."""
    return _SENTENCES[type(order)](order)
