"""Modes: whose turn a beat is, and whether the musician is heard in it.

A mode is a frozen value; what it has to remember is the `Floor` it returned for the beat before.
"""
# ruff: noqa: ARG002 - every mode is told what only some of them decide by

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil
from typing import Protocol

SHORTEST_ANSWER_BARS = 2
LONGEST_ANSWER_BARS = 8
_DEFAULT_TRADE_BARS = 4
# The musician's place where bars are traded.
_YOURS = 0


class Turn(StrEnum):
    """Whose turn a beat is."""

    PLAY = "play"
    LISTEN = "listen"


@dataclass(frozen=True, slots=True)
class Situation:
    """What a mode may know when the value of a beat is picked.

    `played`: the musician struck a note in the beat just closed. `quiet`: beats since their last
    sound, None if they never played. `patience`: beats of silence that end their phrases.
    `phrase`: beats their latest phrase lasted. Beats are counted as if every bar had as many as the
    first, and so the next one comes a `step` later, which is not 1 where the meter changed.
    """

    beat: float
    beats_per_bar: float
    played: bool = False
    quiet: float | None = None
    patience: float = 0.0
    phrase: float = 0.0
    step: float = 1.0


@dataclass(frozen=True, slots=True)
class Floor:
    """Who has the floor in a beat, and up to which beat if that is settled."""

    turn: Turn
    until: float | None = None


class Mode(Protocol):
    """A way of sharing the floor."""

    def floor(self, now: Situation, before: Floor) -> Floor:
        """Who has the floor in beat `now.beat`, `before` being that of the beat before."""

    def hears(self, beat: float, beats_per_bar: float) -> bool:
        """Whether what the musician did in a beat becomes the next x."""

    def ducks(self) -> bool:
        """Whether improvd makes room while the musician sounds."""

    def trades_with(self, other: "Mode") -> bool:
        """Whether a soloist of another mode takes turns with one of this."""


@dataclass(frozen=True, slots=True)
class Follow:
    """It plays, and what you play steers it."""

    def floor(self, now: Situation, before: Floor) -> Floor:
        """Always improvd's."""
        return Floor(Turn.PLAY)

    def hears(self, beat: float, beats_per_bar: float) -> bool:
        """Always."""
        return True

    def ducks(self) -> bool:
        """Two lines at once clash in a fifth of their beats: it makes room."""
        return True

    def trades_with(self, other: Mode) -> bool:
        """Whoever else plays, it plays too."""
        return False


@dataclass(frozen=True, slots=True)
class Solo:
    """It plays and does not listen."""

    def floor(self, now: Situation, before: Floor) -> Floor:
        """Always improvd's."""
        return Floor(Turn.PLAY)

    def hears(self, beat: float, beats_per_bar: float) -> bool:
        """Never."""
        return False

    def ducks(self) -> bool:
        """It does not know that anybody plays."""
        return False

    def trades_with(self, other: Mode) -> bool:
        """It does not know that anybody plays."""
        return False


@dataclass(frozen=True, slots=True)
class Trade:
    """So many bars yours, so many its own, the count-in and the first ones yours.

    Soloists that trade as many bars take them in turn: you first, then each in its `place`, of so
    many `places` in all.
    """

    bars: int = 4
    place: int = 1
    places: int = 2

    def floor(self, now: Situation, before: Floor) -> Floor:
        """By the bar count alone."""
        own = self._whose(now.beat, now.beats_per_bar) == self.place
        return Floor(Turn.PLAY if own else Turn.LISTEN)

    def hears(self, beat: float, beats_per_bar: float) -> bool:
        """In your bars, and a beat of tail and of pick-up around them: phrases cross bar lines."""
        return any(
            self._whose(near, beats_per_bar) == _YOURS for near in (beat - 1, beat, beat + 1)
        )

    def ducks(self) -> bool:
        """The bars are its own."""
        return False

    def trades_with(self, other: Mode) -> bool:
        """Those that trade as many bars."""
        return isinstance(other, Trade) and other.bars == self.bars

    def _whose(self, beat: float, beats_per_bar: float) -> int:
        """The place of whoever has the bars of a beat."""
        return int(beat // (beats_per_bar * self.bars) % self.places) if beat >= 0 else _YOURS


@dataclass(frozen=True, slots=True)
class Answer:
    """It listens while you play and answers when you pause, about as long as you played."""

    def floor(self, now: Situation, before: Floor) -> Floor:
        """Yours until a phrase of yours has ended; then its own, to a bar line or your return."""
        if now.played:
            return Floor(Turn.LISTEN)
        if before.turn is Turn.PLAY and before.until is not None:
            # The phrase was answered: the same silence is not answered again.
            return before if now.beat < before.until else Floor(Turn.LISTEN, until=now.beat)
        answered = before.until is not None
        if answered or now.quiet is None or now.quiet < now.patience:
            return before
        bars = min(
            max(ceil(now.phrase / now.beats_per_bar), SHORTEST_ANSWER_BARS), LONGEST_ANSWER_BARS
        )
        bar_line = -(-now.beat // now.beats_per_bar) * now.beats_per_bar
        return Floor(Turn.PLAY, until=bar_line + bars * now.beats_per_bar)

    def hears(self, beat: float, beats_per_bar: float) -> bool:
        """Always."""
        return True

    def ducks(self) -> bool:
        """It falls silent instead."""
        return False

    def trades_with(self, other: Mode) -> bool:
        """It answers the musician alone."""
        return False


MODES: Mapping[str, Callable[[int], Mode]] = {
    "follow": lambda _: Follow(),
    "answer": lambda _: Answer(),
    "trade": Trade,
    "solo": lambda _: Solo(),
}


def mode_of(written: str) -> Mode:
    """The mode that is written so in a configuration, such as "solo" or "trade 4"."""
    name, _, bars = written.partition(" ")
    return MODES[name](int(bars or _DEFAULT_TRADE_BARS))


def in_rounds(modes: Sequence[Mode]) -> list[Mode]:
    """The modes of soloists that play together: those that trade as many bars have their places.

    The musician comes first in every round, then they do, in the order given.
    """
    return [
        replace(mode, place=_partners(mode, modes[:index]) + 1, places=_partners(mode, modes) + 1)
        if isinstance(mode, Trade)
        else mode
        for index, mode in enumerate(modes)
    ]


def _partners(mode: Mode, among: Sequence[Mode]) -> int:
    return sum(mode.trades_with(other) for other in among)
