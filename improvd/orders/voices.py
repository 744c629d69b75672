"""Orders to voices by their names, and how they are read. Pure."""

import re

from improvd.config.voices import BAND, FIRST, OF_SOLOIST
from improvd.messages import Balance, Cue, Share
from improvd.orders.asks import (
    OWN,
    Adjust,
    AdjustSoloist,
    OrderError,
    checked,
    mode,
    number,
    quoted,
    register,
    turn,
)

HOW_HEARD = ("mute", "solo", "aloud")
"""How voices can be heard, as an order writes it."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,15}")
_OF_BAND = {
    "bass": ("level", "channel", "register"),
    "piano": ("level", "channel", "register"),
    "drums": ("level", "channel"),
}
# What takes no number, or more than one.
_IN_WORDS = ("model", "sample", "step", "expression")
# Ports are opened at the start, and a register is one setting.
_NOT_SET = ("port", "low", "high", "mode", "velocity")
_SET = ("mode", "turn", "register", "level", *(key for key in OF_SOLOIST if key not in _NOT_SET))


def voice(rest: str) -> Adjust | AdjustSoloist | Share | Cue:
    """One setting of a voice, or the mode or turn of a soloist."""
    name, what, value = (*rest.split(None, 2), "", "", "")[:3]
    if not _NAME.fullmatch(name):
        raise OrderError(f"voice {quoted(name)} is not the name of a voice, such as tenor or bass")
    known = _OF_BAND[name] if name in BAND else _SET
    if what not in known:
        raise OrderError(f"voice {name} {quoted(what)} is none of {', '.join(known)}")
    if not value:
        raise OrderError(f"voice {name} {what} needs a value")
    if name in BAND:
        return _of_band(name, what, value)
    if what == "mode":
        return Share(mode(value).mode, name)
    if what == "turn":
        return Cue(turn(value).turn, name)
    if what == "register":
        return AdjustSoloist(name, register(value).values)
    key = "velocity" if what == "level" else what
    return AdjustSoloist(name, ((key, _value(key, value)),))


def _value(key: str, text: str) -> object:
    if text == OWN.get(key):
        return None
    return checked(key, text) if key in _IN_WORDS else number(key, text)


def _of_band(name: str, what: str, value: str) -> Adjust:
    if what == "register":
        return register(value, name)
    key = f"{name}_{what}"
    return Adjust(((key, number(key, value)),))


def band(rest: str) -> Adjust | Balance:
    """Who is in the band; or a way of hearing some voices, and which."""
    how, _, names = rest.partition(" ")
    if how not in HOW_HEARD:
        return Adjust((("band", checked("band", rest)),))
    voices = tuple(name for name in re.split(r"[,\s]+", names) if name)
    if how != "aloud" and not voices:
        raise OrderError(
            f"band {how} needs a voice: {', '.join((FIRST, *BAND))} or one of your own"
        )
    return Balance(how, voices)
