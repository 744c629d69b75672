"""The realiser: chooses the pitches of a beat, note by note, as soloists choose them.

Each note is the likeliest move of its contour, by a score of learned weights and a noise that is a
hash of seed, beat and note: so moves come as often as soloists make them (the largest of scores
with Gumbel noise is a draw from their softmax), and the same solo has the same pitches every time,
live and offline. A beat takes a few hundredths of a millisecond; nothing blocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from improvd.core.arrays import Float32Array, Float64Array
from improvd.core.harmony.scales import Harmony
from improvd.core.music import TICKS_PER_BEAT
from improvd.core.network.contour import WIDEST, moves_of, way_of
from improvd.core.network.vocabulary import BeatNote, Register
from improvd.core.realising.melody import Melody
from improvd.core.realising.templates import END, MOVES, SIZE, Setting, weights_of
from improvd.core.realising.tones import tones_of

# Nats of noise. At 1 moves would be drawn as learned, but a line that has once gone astray is one
# that no weight was learned from; a little less keeps it where soloists are.
NOISE = 0.9
_MASK = (1 << 64) - 1
_LOTS = 4096


Contours = Sequence[tuple[int, int]]
"""The notes of a beat as tick and contour."""


@dataclass(frozen=True, slots=True)
class Where:
    """The beat to be realised, counted from the piece's first; its place in the bar and harmony.

    `coming` is the harmony of the beat after it, and `then` the contour of that beat's first note,
    None where it has none.
    """

    beat: int
    in_bar: int
    harmony: Harmony
    coming: Harmony
    then: int | None = None


class Realiser:
    """Realises contours in a register. Immutable: the melody so far is passed in.

    Args:
        weights: float32 (templates.SIZE,), learned from real solos.
        seed: of the noise. The same seed, melody and contours give the same pitches.
    """

    def __init__(self, weights: Float32Array, seed: int = 0) -> None:
        if weights.shape != (SIZE,):
            raise ValueError(f"a realisation has {SIZE} weights, not {weights.shape}")
        self._weights = weights.astype(np.float64)
        self._noise = _gumbel()
        self._seed = seed

    def realise(
        self, contours: Contours, melody: Melody, where: Where, register: Register
    ) -> list[BeatNote]:
        """The notes of a beat, going on from the melody."""
        tones, coming = tones_of(where.harmony), tones_of(where.coming)
        notes = []
        for place, (tick, contour) in enumerate(contours):
            last = place == len(contours) - 1
            following = where.then if last else contours[place + 1][1]
            setting = Setting(
                tones=tones,
                coming=coming if last else tones,
                in_bar=where.in_bar,
                tick=tick,
                onset=where.beat * TICKS_PER_BEAT + tick,
                then=END if following is None else way_of(following) + 1,
            )
            pitch = self._chosen(contour, melody, setting, register)
            melody = melody.with_note(pitch, tones, setting.onset)
            notes.append(BeatNote(tick, pitch))
        return notes

    def _chosen(self, contour: int, melody: Melody, setting: Setting, register: Register) -> int:
        """The pitch with the best score among those that the contour and the register leave."""
        previous = melody.last
        low, high = _inside(moves_of(contour), previous, register)
        if low == high:
            return register.fold(previous + low)
        scores = self._weights[weights_of(melody, setting)].sum(axis=0)
        lot = _mixed(self._seed ^ _mixed(setting.onset & _MASK)) % (len(self._noise) - len(MOVES))
        scores += self._noise[lot : lot + len(MOVES)]
        best = int(scores[low + WIDEST : high + WIDEST + 1].argmax())
        return register.fold(previous + low + best)


def _inside(moves: tuple[int, int], previous: int, register: Register) -> tuple[int, int]:
    """The lowest and highest of these moves that stay in the register.

    Where it ends a line turns round; where it was left, by whomever, any of them will do.
    """
    for low, high in (moves, (-moves[1], -moves[0])):
        least, most = max(low, register.low - previous), min(high, register.high - previous)
        if least <= most:
            return least, most
    return moves


@cache
def _gumbel() -> Float64Array:
    """Noise to be taken from anywhere on: the quantiles of the Gumbel distribution, shuffled."""
    order = np.argsort([_mixed(i) for i in range(_LOTS)])
    noise: Float64Array = -np.log(-np.log((order + 0.5) / _LOTS)) * NOISE
    return noise


def _mixed(number: int) -> int:
    """A hash of 64 bits: the finaliser of SplitMix64 (Steele, Lea & Flood 2014)."""
    number = (number + 0x9E3779B97F4A7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)
