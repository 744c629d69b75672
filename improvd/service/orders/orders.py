"""What a person can order: one line of text, the same over the socket, by MIDI and in `ctl`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from improvd.config import ConfigError, load
from improvd.core.playing.modes import Turn
from improvd.messages import Again, Cue, End, Locate, Mute, Panic, Reseed, Reset, Share, Tempo

_NUMBER = re.compile(r"[+-]?[0-9]{1,4}(\.[0-9]{1,6})?")
_BAR = re.compile(r"[1-9][0-9]{0,4}")
_TURNS: Mapping[str, Turn | None] = {"play": Turn.PLAY, "listen": Turn.LISTEN, "auto": None}
# As much of somebody's text as a sentence about it quotes.
_QUOTED = 40

LEARNING_S = 30.0
"""How long a knob that is to be mapped is waited for."""


class OrderError(ValueError):
    """An order that cannot be carried out; one sentence."""


@dataclass(frozen=True, slots=True)
class Nudge:
    """So many beats a minute faster; negative: slower."""

    bpm: float


@dataclass(frozen=True, slots=True)
class Toggle:
    """Mute if it is aloud, and the other way round."""


@dataclass(frozen=True, slots=True)
class Tune:
    """Another chart: chords between bar lines, or the name of a file."""

    chart: str


@dataclass(frozen=True, slots=True)
class Swap:
    """Another model: the name of a built-in one, or a file."""

    model: str


@dataclass(frozen=True, slots=True)
class Map:
    """The next knob or pedal that moves gives this order from now on."""

    order: str


class Errand(StrEnum):
    """What the service does itself, without the player."""

    STATUS = "status"
    WATCH = "watch"
    KEEP = "keep"
    SNAPSHOT = "snapshot"
    RELOAD = "reload"
    STOP = "stop"


Direct = Tempo | Locate | Share | Cue | Mute | Panic | Reset | Reseed | Again | End
"""What goes to the player as it is."""

Ask = Direct | Nudge | Toggle | Tune | Swap | Map | Errand


@dataclass(frozen=True, slots=True)
class Word:
    """The first word of an order. `takes` is what comes after it, in words; empty for nothing."""

    takes: str
    example: str
    meaning: str
    read: Callable[[str], Ask]
    optional: bool = False


def parse(text: str) -> Ask:
    """What is ordered. Raises OrderError, one sentence, for what is no order."""
    name, rest = (*text.split(None, 1), "", "")[:2]
    word = WORDS.get(name)
    if word is None:
        raise OrderError(f"there is no order {quoted(name)}; there are {', '.join(WORDS)}")
    rest = rest.strip()
    if rest and not word.takes:
        raise OrderError(f"{name} stands alone, without {quoted(rest)}")
    if not rest and word.takes and not word.optional:
        raise OrderError(f"{name} needs {word.takes}, such as: {word.example}")
    return word.read(rest)


def quoted(text: str) -> str:
    """Somebody's text in a sentence, shortened."""
    return repr(text if len(text) <= _QUOTED else f"{text[:_QUOTED]}...")


def checked(key: str, value: Any) -> Any:
    """The value of a key of the configuration. Raises OrderError where it is not allowed."""
    try:
        return getattr(load(None, {key: value}), key)
    except ConfigError as error:
        shown = quoted(value) if isinstance(value, str) else f"{value:g}"
        raise OrderError(f"{key} {shown}: {str(error).rpartition(': ')[2]}") from None


def _tempo(rest: str) -> Tempo | Nudge:
    if not _NUMBER.fullmatch(rest):
        raise OrderError(f"tempo {quoted(rest)} is neither beats per minute nor a step like +5")
    if rest[0] in "+-":
        return Nudge(float(rest))
    return Tempo(checked("tempo", float(rest)))


def _bar(rest: str) -> Locate:
    if not _BAR.fullmatch(rest):
        raise OrderError(f"bar {quoted(rest)} is not a bar of the song, which count from 1")
    return Locate(int(rest))


def _turn(rest: str) -> Cue:
    if rest not in _TURNS:
        raise OrderError(f"turn {quoted(rest)} is not one of {', '.join(_TURNS)}")
    return Cue(_TURNS[rest])


def _mute(rest: str) -> Mute | Toggle:
    if not rest:
        return Toggle()
    if rest not in ("on", "off"):
        raise OrderError(f"mute {quoted(rest)} is neither on nor off")
    return Mute(rest == "on")


def _plain(ask: Ask) -> Callable[[str], Ask]:
    return lambda _: ask


WORDS: Mapping[str, Word] = MappingProxyType(
    {
        "status": Word("", "status", "what it plays, where it is, who has the turn",
                       _plain(Errand.STATUS)),
        "watch": Word("", "watch", "every beat and notice from now on, a line each",
                      _plain(Errand.WATCH)),
        "tempo": Word("beats per minute", "tempo 120", "this tempo at once; +5 and -5 are steps",
                      _tempo),
        "bar": Word("a number", "bar 1", "this bar of the song begins now", _bar),
        "turn": Word("play, listen or auto", "turn play",
                     "your turn is over, or begins, at the next beat; auto: as the mode has it",
                     _turn),
        "mode": Word("a mode", "mode trade 4", "how turns are taken: follow, answer, trade N, solo",
                     lambda rest: Share(checked("mode", rest))),
        "chart": Word("chords or a file", "chart | Dm7 | G7 | Cmaj7 | % |",
                      "other chords from the next bar line on", Tune),
        "model": Word("a name or a file", "model default",
                      "plays what another model learned, from the next bar line on", Swap),
        "mute": Word("on or off", "mute on", "plays without a sound, or aloud; alone: the other",
                     _mute, optional=True),
        "again": Word("", "again", "repeats this chorus, note for note, when it is over",
                      _plain(Again())),
        "end": Word("", "end", "a cadence within two bars, then silence; twice: at once",
                    _plain(End())),
        "keep": Word("", "keep", "the last 8 bars as a .mid file", _plain(Errand.KEEP)),
        "reset": Word("", "reset", "forgets what was played, as before the first beat",
                      _plain(Reset())),
        "reseed": Word("", "reseed", "forgets all but your last phrase, and goes on from that",
                       _plain(Reseed())),
        "panic": Word("", "panic", "closes every note, pedal and sound on its channel",
                      _plain(Panic())),
        "snapshot": Word("", "snapshot", "writes down now where it is, to go on from",
                         _plain(Errand.SNAPSHOT)),
        "map": Word("an order", "map tempo", "the next knob or pedal that moves gives this order",
                    Map),
        "reload": Word("", "reload", "reads the configuration file again", _plain(Errand.RELOAD)),
        "stop": Word("", "stop", "closes what sounds and ends improvd", _plain(Errand.STOP)),
    }
)  # fmt: skip
"""The orders, each with what it takes, an example and what it does."""
