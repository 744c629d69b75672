"""What is asked for by a line of text, and how its arguments are read. Pure."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from improvd.config import ConfigError, load, value_type
from improvd.core.playing.modes import Turn
from improvd.messages import (
    Again,
    Balance,
    Cue,
    End,
    Forget,
    Locate,
    Mute,
    Panic,
    Reseed,
    Reset,
    Share,
    Tempo,
)

_NUMBER = re.compile(r"[+-]?[0-9]{1,4}(\.[0-9]{1,6})?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,20}")
_FARTHEST = 11
_BAR = re.compile(r"[1-9][0-9]{0,4}")
_TURNS: Mapping[str, Turn | None] = {"play": Turn.PLAY, "listen": Turn.LISTEN, "auto": None}
# The most of somebody's text that a sentence about it quotes.
_QUOTED = 40

OWN: Mapping[str, str] = {"swing": "chart", "temperature": "model"}
"""Whose value a key of the configuration has where it is not set, as an order writes it."""

LEARNING_S = 30.0
"""How long `map` waits for a knob or pedal."""


class OrderError(ValueError):
    """An order that cannot be carried out; one sentence."""


class Nudge(msgspec.Struct, frozen=True):
    """This many beats a minute faster; negative: slower."""

    bpm: float


class Toggle(msgspec.Struct, frozen=True):
    """Mute if it is aloud, and the other way round."""


class Tune(msgspec.Struct, frozen=True):
    """Another chart: chords between bar lines, or the name of a file."""

    chart: str


class Segue(msgspec.Struct, frozen=True):
    """Another tune of the set: next, previous, a number or words of its name."""

    to: str
    at_once: bool = False


class Transpose(msgspec.Struct, frozen=True):
    """The chart that is played, so many semitones higher; negative: lower."""

    semitones: int


class Swap(msgspec.Struct, frozen=True):
    """Another model: the name of a built-in one, or a file."""

    model: str


class Adjust(msgspec.Struct, frozen=True):
    """Other values for these keys of the configuration; None leaves a choice to the chart."""

    values: tuple[tuple[str, Any], ...]


class AdjustSoloist(msgspec.Struct, frozen=True):
    """Other values for these keys of one soloist."""

    voice: str
    values: tuple[tuple[str, Any], ...]


class Map(msgspec.Struct, frozen=True):
    """The next knob or pedal that moves gives this order from now on."""

    order: str


class Errand(StrEnum):
    """What the service does itself, without the player."""

    STATUS = "status"
    WATCH = "watch"
    SET = "set"
    KEEP = "keep"
    SNAPSHOT = "snapshot"
    RELOAD = "reload"
    STOP = "stop"


Direct = (
    Tempo | Locate | Share | Cue | Mute | Panic | Reset | Reseed | Again | End | Balance | Forget
)
"""What goes to the player as it is."""

ForPlayer = Direct | Nudge | Toggle | Tune | Segue | Transpose | Swap | Adjust | AdjustSoloist
"""What becomes an order to the player."""

Ask = ForPlayer | Map | Errand

Read = Callable[[str], Ask]
"""Reads what follows an order's word. Raises OrderError, one sentence."""


def quoted(text: str) -> str:
    """Somebody's text in a sentence, shortened."""
    return repr(text if len(text) <= _QUOTED else f"{text[:_QUOTED]}...")


def written(value: str | float) -> str:
    """A value of the configuration in a sentence."""
    if isinstance(value, str):
        return quoted(value)
    return str(value) if isinstance(value, int) else f"{value:g}"


def checked(key: str, value: Any) -> Any:
    """The value of a key of the configuration. Raises OrderError where it is not allowed."""
    try:
        return getattr(load(None, {key: value}), key)
    except ConfigError as error:
        raise OrderError(f"{key} {written(value)}: {str(error).rpartition(': ')[2]}") from None


def plain(ask: Ask) -> Read:
    """Reads an order that stands alone."""
    return lambda _: ask


def tempo(rest: str) -> Tempo | Nudge:
    """Beats per minute, or with a sign a step."""
    if not _NUMBER.fullmatch(rest):
        raise OrderError(f"tempo {quoted(rest)} is neither beats per minute nor a step like +5")
    if rest[0] in "+-":
        return Nudge(float(rest))
    return Tempo(checked("tempo", float(rest)))


def transpose(rest: str) -> Transpose:
    """Semitones up, or with a sign down."""
    if not _WHOLE.fullmatch(rest) or abs(int(rest)) > _FARTHEST:
        raise OrderError(
            f"transpose {quoted(rest)} is no whole number from -11 to 11, in semitones"
        )
    return Transpose(int(rest))


def bar(rest: str) -> Locate:
    """A bar of the song, from 1."""
    if not _BAR.fullmatch(rest):
        raise OrderError(f"bar {quoted(rest)} is not a bar of the song, which count from 1")
    return Locate(int(rest))


def turn(rest: str) -> Cue:
    """Whose turn it is."""
    if rest not in _TURNS:
        raise OrderError(f"turn {quoted(rest)} is not one of {', '.join(_TURNS)}")
    return Cue(_TURNS[rest])


def mode(rest: str) -> Share:
    """A mode as the configuration writes it."""
    return Share(checked("mode", rest))


def mute(rest: str) -> Mute | Toggle:
    """On or off; nothing for the other of the two."""
    if not rest:
        return Toggle()
    if rest not in ("on", "off"):
        raise OrderError(f"mute {quoted(rest)} is neither on nor off")
    return Mute(rest == "on")


def segue(rest: str) -> Segue:
    """Which tune; the last word may be now."""
    to, _, last = rest.rpartition(" ")
    return Segue(to.strip(), at_once=True) if to and last.lower() == "now" else Segue(rest)


def setting(key: str) -> Read:
    """Reads the number of one key of the configuration."""
    own = OWN.get(key)
    return lambda rest: Adjust(((key, None if rest == own else number(key, rest)),))


def seed(rest: str) -> Adjust:
    """A whole number; nothing for one that is drawn."""
    return Adjust((("seed", number("seed", rest) if rest else None),))


def register(rest: str, voice: str = "") -> Adjust:
    """The lowest and the highest pitch, of the soloist or of a voice of the band."""
    pitches = rest.split()
    if len(pitches) != 2:
        raise OrderError(f"register {quoted(rest)} is not a lowest and a highest pitch")
    keys = (f"{voice}_low", f"{voice}_high") if voice else ("low", "high")
    values = tuple((key, _read(key, pitch)) for key, pitch in zip(keys, pitches, strict=True))
    try:  # together: what is too high for a lowest pitch depends on the highest
        load(None, dict(values))
    except ConfigError as error:
        raise OrderError(f"register {quoted(rest)}: {str(error).removeprefix('--')}") from None
    return Adjust(values)


def feel(rest: str) -> Adjust:
    """How the band plays."""
    return Adjust((("feel", checked("feel", rest)),))


def number(key: str, text: str) -> Any:
    """The value of a key that is a number. Raises OrderError where it is not allowed."""
    return checked(key, _read(key, text))


def _read(key: str, text: str) -> int | float:
    """The number that a text is, a whole one where the key wants that."""
    whole = value_type(key) is int
    if not (_WHOLE if whole else _NUMBER).fullmatch(text):
        kind = "a whole number" if whole else "a number"
        raise OrderError(f"{key} {quoted(text)} is not {kind}")
    return int(text) if whole else float(text)
