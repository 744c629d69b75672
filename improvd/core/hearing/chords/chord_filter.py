"""The chord filter: which chord the musician's hands play, by what is struck and what came before.

A belief over twelve roots and twelve kinds of chord. What is struck together weighs each by naive
Bayes over pitch classes and the bass; from beat to beat it moves by counts of chord changes
(a hidden Markov model). Everything is a fixed number, or learned counts.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from improvd.core.harmony.chord import Chord, parse_chord
from improvd.core.harmony.ladder import ladder
from improvd.core.harmony.scales import Harmony
from improvd.core.music import PITCH_CLASS_NAMES

KINDS = (
    *("maj7", "6", "7", "m7", "m6", "mMaj7", "m7b5", "dim7", "+7", "7sus4", "7b9", "maj7#11"),
)  # fmt: skip
"""The kinds of chord that are told apart, as symbols write them."""

STATES = 12 * len(KINDS)
Belief = npt.NDArray[np.float64]
"""How likely each state is, shape (144,): root * 12 + kind."""

# How often a hit holds a tone of each role: as pianists voice chords.
_THIRD, _SEVENTH, _FIFTH, _ROOT, _TENSION, _SCALE, _OTHER = 0.93, 0.90, 0.62, 0.55, 0.30, 0.10, 0.03
_MARK, _SIXTH_S_FIFTH = 0.75, 0.75
_TENSIONS: Mapping[str, tuple[int, ...]] = {
    "maj7": (2, 9), "6": (2, 11), "7": (2, 9), "m7": (2, 5), "m6": (2, 11), "mMaj7": (2, 9),
    "m7b5": (5, 2), "dim7": (2, 11), "+7": (2, 6), "7sus4": (2, 9), "7b9": (1, 8, 3),
    "maj7#11": (2, 6),
}  # fmt: skip
_MARKS = {"7b9": 1, "maj7#11": 6}
# What a bass plays under a chord: its root mostly, then fifth, third, seventh, scale, anything.
_BASS = (0.60, 0.10, 0.07, 0.05, 0.03, 0.02)
# A lowest note under this is a bass.
_BASS_BELOW = 48
# So much of the belief is given back to how often chords come at all; nothing is ever impossible.
_LEAK = 0.004
_TEMPER = 0.5
# A chart is believed where it changes, and then hardly: so that who leaves it is followed.
_AT_A_CHANGE, _STEADY = 0.6, 0.02


class ChordChanges:
    """How chords follow one another, learned: counts by kind, step of the root, and kind.

    Args:
        moves: how often which kind follows which at which step, shape (12, 12, 12).
        changing: of each beat of a bar of four, in what share of cases its chord is a new one.
        kinds: how often each kind is played, shape (12,).
    """

    def __init__(
        self, moves: Sequence[float], changing: Sequence[float], kinds: Sequence[float]
    ) -> None:
        count = len(KINDS)
        table = np.asarray(moves, dtype=np.float64).reshape(count, 12, count) + 0.02
        table[range(count), 0, range(count)] = 1e-6  # that is no change
        table /= table.sum(axis=(1, 2), keepdims=True)
        steps = (np.arange(12)[None, :] - np.arange(12)[:, None]) % 12
        # [root, kind, root, kind] from [kind, step, kind]
        moved = table[:, steps, :].transpose(1, 0, 2, 3)
        self._moves = np.ascontiguousarray(moved.reshape(STATES, STATES))
        self._back = np.ascontiguousarray(self._moves.T)
        self._products = np.empty_like(self._moves)  # so that no beat asks the system for memory
        self._changing = tuple(changing)
        share = np.asarray(kinds, dtype=np.float64) ** _TEMPER
        self.usual: Belief = np.tile(share / share.sum() / 12, 12)
        """The belief of who has heard nothing."""

    def predict(
        self, belief: Belief, place: int, expected: int | None = None, *, new: bool = False
    ) -> Belief:
        """The belief a beat later, on the beat `place` (0 is the first) of its bar.

        `expected` is the state that the chart has there, `new` whether the chart changes to it.
        """
        change = self._change_on(place)
        moved = self._summed(self._moves, belief)
        after = (1 - _LEAK) * ((1 - change) * belief + change * moved) + _LEAK * self.usual
        if expected is not None:
            weight = _AT_A_CHANGE if new else _STEADY
            after *= 1 - weight
            after[expected] += weight
        result: Belief = after / after.sum()
        return result

    def before(self, likelihood: Belief, place: int) -> Belief:
        """How well each state goes with what is struck on the next beat, at `place` of its bar."""
        change = self._change_on(place)
        moved = self._summed(self._back, likelihood)
        by_chance = _LEAK * (self.usual * likelihood).sum()
        earlier = (1 - _LEAK) * ((1 - change) * likelihood + change * moved) + by_chance
        result: Belief = earlier / earlier.max()
        return result

    def _summed(self, table: npt.NDArray[np.float64], weights: Belief) -> Belief:
        # Summed by NumPy itself: a product of matrices may differ in its last bits.
        result: Belief = np.multiply(weights[:, None], table, out=self._products).sum(axis=0)
        return result

    def _change_on(self, place: int) -> float:
        return self._changing[min(place, len(self._changing) - 1)]


def struck(belief: Belief, pitches: Collection[int], bass: int | None = None) -> Belief:
    """The belief once these pitches were struck together; `bass` is one that lies under them."""
    log_p = tones_log_p(pitches)
    low = bass_of(pitches, bass)
    if low is not None:
        log_p = log_p + bass_log_p(low)
    weighed = belief * np.exp(log_p - log_p.max())
    result: Belief = weighed / weighed.sum()
    return result


def bass_of(pitches: Collection[int], bass: int | None) -> int | None:
    """The bass of a hit: the one that was heard under it, or its lowest note if that is low."""
    return min(pitches) if bass is None and min(pitches) < _BASS_BELOW else bass


def tones_log_p(pitches: Collection[int]) -> npt.NDArray[np.float64]:
    """Log p of what was struck together in each state, by its pitch classes."""
    there = np.zeros(12, dtype=bool)
    there[[pitch % 12 for pitch in pitches]] = True
    struck_log_p, missed_log_p, _ = _likelihoods()
    log_p: npt.NDArray[np.float64] = struck_log_p[:, there].sum(axis=1)
    log_p += missed_log_p[:, ~there].sum(axis=1)
    return log_p


def bass_log_p(pitch: int) -> npt.NDArray[np.float64]:
    """Log p of a bass note in each state."""
    result: npt.NDArray[np.float64] = _likelihoods()[2][:, pitch % 12]
    return result


@lru_cache(maxsize=1024)
def state_of(chord: Chord) -> int:
    """The state that is nearest to a chord: by its tones first, then by its scale."""
    return chord.root * len(KINDS) + _kind_of(chord)


@cache
def harmony_of(state: int) -> Harmony:
    """The chord of a state, with its scale."""
    root, kind = divmod(state, len(KINDS))
    chord = parse_chord(PITCH_CLASS_NAMES[root] + KINDS[kind])
    return Harmony(chord, ladder(chord.scale))


def agrees(state: int, chord: Chord) -> bool:
    """Whether a chord says all that a state does: its root, and its third, fifth and seventh."""
    heard = harmony_of(state).chord
    return heard.root == chord.root and set(heard.tones) <= {*chord.tones, *chord.tensions}


def _kind_of(chord: Chord) -> int:
    tones, scale = _above(chord, chord.tones), _above(chord, chord.scale)

    def unlike(kind: int) -> tuple[int, int]:
        other = harmony_of(kind).chord
        return 4 * len(tones ^ set(other.tones)) + len(scale ^ set(other.scale)), kind

    return min(range(len(KINDS)), key=unlike)


def _above(chord: Chord, tones: Collection[int]) -> set[int]:
    return {(tone - chord.root) % 12 for tone in tones}


@cache
def _likelihoods() -> tuple[npt.NDArray[np.float64], ...]:
    """Log p of each pitch class struck, not struck, and as the bass, shape (144, 12) each."""
    hit, bass = np.full((len(KINDS), 12), _OTHER), np.full((len(KINDS), 12), _BASS[-1])
    for row, kind in enumerate(KINDS):
        chord = harmony_of(row).chord
        tones, scale = chord.tones, list(chord.scale)
        hit[row, scale], bass[row, scale] = _SCALE, _BASS[-2]
        hit[row, list(_TENSIONS[kind])] = _TENSION
        hit[row, list(tones)] = _ROOT, _THIRD, _FIFTH, _SEVENTH
        bass[row, list(tones)] = _BASS[0], _BASS[2], _BASS[1], _BASS[3]
        if kind in ("m7b5", "dim7", "+7"):
            hit[row, tones[2]] = _THIRD
        if kind in ("6", "m6"):
            hit[row, tones[2]] = _SIXTH_S_FIFTH
        if kind in _MARKS:
            hit[row, _MARKS[kind]] = _MARK
    bass /= bass.sum(axis=1, keepdims=True)
    rolled = [
        np.concatenate([np.roll(table, root, axis=1) for root in range(12)])
        for table in (np.log(hit), np.log(1 - hit), np.log(bass))
    ]
    return tuple(rolled)
