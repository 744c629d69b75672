"""A vocabulary of tokens: values that last their own time, and beats that are filled with them.

What is fed, picked and recorded a beat is one number, as with any model: 0 where nothing begins and
nothing sounds, 1 where a note sounds on, and else the *fill* of the beat: at which of its 24ths the
first token begins, and the tokens that begin in it. Nothing but the number is needed to read it.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from improvd.core.course.token import REST_KIND, Token, is_kind, parse_token, pitch_of
from improvd.core.harmony.ladder import Ladder
from improvd.core.harmony.scales import Harmony
from improvd.core.music import HOLD, PULSES_PER_BEAT, PULSES_PER_TICK, TICKS_PER_BEAT
from improvd.core.network.vocabulary import (
    FIRST_FIGURE,
    BeatNote,
    Figure,
    Register,
    Value,
    Vocabulary,
)

PARTS_PER_BEAT = 24
# In place of where the first token begins: all of it was heard within this one beat.
_HEARD = PARTS_PER_BEAT
_LARGEST = 1 << 63
# What is heard is the token that differs least: quarters of length, semitones, another kind.
_PRICE_OF_LENGTH, _PRICE_OF_A_SEMITONE, _PRICE_OF_KIND = 8.0, 0.5, 1.0


@dataclass(frozen=True, slots=True)
class Fill:
    """What begins in a beat: tokens by index, the first at the 24th `start` of the beat.

    `start` is None for what was heard, which lasts this beat and no longer.
    """

    start: int | None
    tokens: tuple[int, ...]


class TokenVocabulary(Vocabulary):
    """The course's values. Immutable.

    Args:
        texts: each value as the course writes it, in the order of the network's values.

    Raises:
        ValueError: for no values, and for one that is no token.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        if not texts:
            raise ValueError("a vocabulary needs at least one value")
        self.texts = tuple(texts)
        self.tokens: tuple[Token, ...] = tuple(map(parse_token, texts))
        self.figures = ()
        self._base = len(texts) + 1
        self.most = _most(self._base)
        """So many tokens a beat holds at most."""

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def indices_values(self) -> dict[int, Value]:
        """Index to value, as the course names it."""
        return dict(enumerate(self.texts))

    @cached_property
    def onsets(self) -> npt.NDArray[np.int64]:
        """None: how many notes a beat has is not a matter of one value."""
        return np.zeros(0, dtype=np.int64)

    @cached_property
    def id(self) -> str:
        """The hash a model file must match."""
        return sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """The values as compact JSON, the form that is hashed and saved."""
        return json.dumps(self.texts, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "TokenVocabulary":
        """The vocabulary of a JSON list of tokens. Raises ValueError for anything else."""
        try:
            texts: Any = json.loads(text)
        except (ValueError, RecursionError):
            raise ValueError("the tokens are not JSON") from None
        if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
            raise ValueError("the tokens are not a list of texts")
        return cls(texts)

    # -- a beat as a number ----------------------------------------------------------------

    def number(self, fill: Fill) -> int:
        """The value of a beat so filled, with one token or more and at most `most`."""
        number = 0
        for index in reversed(fill.tokens):
            number = number * self._base + index + 1
        start = _HEARD if fill.start is None else fill.start
        return FIRST_FIGURE + number * (PARTS_PER_BEAT + 1) + start

    def fill(self, value: int) -> Fill:
        """What a value of 2 or more says. No tokens for rest and hold."""
        if value < FIRST_FIGURE:
            return Fill(0, ())
        number, start = divmod(value - FIRST_FIGURE, PARTS_PER_BEAT + 1)
        tokens = []
        while number:
            number, digit = divmod(number, self._base)
            tokens.append(digit - 1)
        return Fill(None if start == _HEARD else start, tuple(tokens))

    def starts(self, value: int) -> list[tuple[int, Token]]:
        """The tokens of a beat, each with the pulse in the beat at which it begins."""
        fill = self.fill(value)
        pulse, placed = (fill.start or 0) * PULSES_PER_BEAT // PARTS_PER_BEAT, []
        for index in fill.tokens:
            placed.append((pulse, self.tokens[index]))
            pulse += self.tokens[index].length
        return placed

    def beats(self, tokens: Iterable[int]) -> Iterator[int]:
        """The values of the beats that these tokens fill one after the other."""
        start, filled = 0, list[int]()
        pulse = 0
        for token in tokens:
            filled.append(token)
            pulse += self.tokens[token].length
            if pulse < PULSES_PER_BEAT and len(filled) < self.most:
                continue
            yield self.number(Fill(start * PARTS_PER_BEAT // PULSES_PER_BEAT, tuple(filled)))
            pulse = max(pulse - PULSES_PER_BEAT, 0)
            while pulse >= PULSES_PER_BEAT:
                yield HOLD
                pulse -= PULSES_PER_BEAT
            start, filled = pulse, []

    # -- a beat as music -------------------------------------------------------------------

    def figure(self, value: int) -> Figure:
        """The ticks of a beat's notes; how far they step is a matter of the harmony."""
        return tuple((tick, 0, 0) for tick, _ in self._struck(value))

    def speak(
        self, value: int, harmony: Harmony, previous: int, register: Register, *, fresh: bool
    ) -> list[BeatNote]:
        """The notes of a beat on its harmony, each lasting as long as its token at most."""
        del fresh
        notes = []
        for tick, token in self._struck(value):
            pitch = register.fold(pitch_of(token, harmony, previous, register.middle))
            notes.append(BeatNote(tick, pitch, token.length))
            previous = pitch
        return notes

    def decode(
        self,
        value: int,
        ladder: Ladder,
        previous: int,
        register: Register | None = None,
        *,
        fresh: bool = False,
    ) -> list[BeatNote]:
        """Nothing: a token needs to know the chord, see `speak`."""
        del value, ladder, previous, register, fresh
        return []

    def understand(self, notes: Sequence[BeatNote], harmony: Harmony, previous: int) -> int:
        """The value of what was heard in a beat: the tokens nearest to its notes."""
        tokens: list[int] = []
        if notes[0].tick and (rest := self._nearest_rest(notes[0].tick)) is not None:
            tokens.append(rest)
        ends = [*(note.tick for note in notes[1:]), TICKS_PER_BEAT]
        for note, end in zip(notes, ends, strict=True):
            length = (end - note.tick) * PULSES_PER_TICK
            tokens.append(self._nearest(note.pitch, length, harmony, previous))
            previous = note.pitch
        return self.number(Fill(None, tuple(tokens[: self.most])))

    @cached_property
    def rest_of_a_beat(self) -> int | None:
        """The token that says a beat of rest best, if any is a rest."""
        return self._nearest_rest(TICKS_PER_BEAT)

    def _struck(self, value: int) -> list[tuple[int, Token]]:
        """The tokens of a beat that are notes, each with its tick; two never on one."""
        struck: list[tuple[int, Token]] = []
        for pulse, token in self.starts(value):
            tick = pulse // PULSES_PER_TICK
            sounds = token.kind != REST_KIND and tick < TICKS_PER_BEAT
            if sounds and (not struck or tick > struck[-1][0]):
                struck.append((tick, token))
        return struck

    def _nearest_rest(self, ticks: int) -> int | None:
        rests = [i for i, token in enumerate(self.tokens) if token.kind == REST_KIND]
        length = ticks * PULSES_PER_TICK
        return min(rests, key=lambda i: abs(self.tokens[i].length - length), default=None)

    def _nearest(self, pitch: int, length: int, harmony: Harmony, previous: int) -> int:
        """The token that differs least from a note; one of any kind but a rest."""

        def price(index: int) -> float:
            token = self.tokens[index]
            if token.kind == REST_KIND:
                return float("inf")
            low, high = token.window or (-12, 12)
            wide = abs(pitch - previous - (low + high) / 2)
            long = abs(token.length - length) / PULSES_PER_BEAT
            kind = not is_kind(token.kind, pitch, harmony)
            return _PRICE_OF_A_SEMITONE * wide + _PRICE_OF_LENGTH * long + _PRICE_OF_KIND * kind

        return min(range(len(self.tokens)), key=price)


def _most(base: int) -> int:
    """How many digits of this base a recorded number holds, beside where they begin."""
    most = 1
    while FIRST_FIGURE + (base ** (most + 1)) * (PARTS_PER_BEAT + 1) < _LARGEST:
        most += 1
    return most
