"""Many solos at once: the cell's step over a batch, argmax or sampled.

For measuring and composing; what is played goes through `improvd.core.network.cell`, one beat at a
time.
"""

from collections.abc import Sequence

import numpy as np

from improvd.core.arrays import Float32Array, Int64Array
from improvd.core.music import HOLD, REST
from improvd.core.network.cell import Weights


class Streams:
    """So many cells of the same weights, each in its own state, stepped together."""

    def __init__(self, weights: Weights, count: int) -> None:
        self._weights = weights
        self._rows = np.vstack([weights.kernel, np.zeros(4 * weights.n_a, np.float32)])
        self._a = np.zeros((count, weights.n_a), np.float32)
        self._c = np.zeros_like(self._a)

    def step(self, values: Int64Array) -> Float32Array:
        """Read a value in each stream, -1 for none; the logits of the next, (count, n_values)."""
        w = self._weights
        gates = self._rows[values] + self._a @ w.recurrent + w.bias
        i, f, g, o = np.split(gates, 4, axis=1)
        self._c = _sigmoid(f) * self._c + _sigmoid(i) * np.tanh(g)
        self._a = _sigmoid(o) * np.tanh(self._c)
        logits: Float32Array = self._a @ w.dense_kernel + w.dense_bias
        return logits


def argmax(weights: Weights, heard: Sequence[Sequence[int]], beats: int) -> Int64Array:
    """How each of these goes on by argmax, shape (len(heard), beats).

    All of `heard` have one length; -1 stands for no input, as at the very beginning.
    """
    listened = np.array(heard, dtype=np.int64)
    streams = Streams(weights, len(listened))
    played = np.empty((len(listened), beats), dtype=np.int64)
    for values in listened.T:
        logits = streams.step(values)
    for beat in range(beats):
        played[:, beat] = logits.argmax(axis=1)
        logits = streams.step(played[:, beat])
    return played


def sample(  # noqa: PLR0913 - each is one rule of composing, and all are by name
    weights: Weights,
    count: int,
    beats: int,
    draw: np.random.Generator,
    *,
    most_empty: int,
    longest_phrase: int,
    opening: int,
    reluctance: float,
) -> Int64Array:
    """Solos drawn beat by beat from the beginning, shape (count, beats).

    Each opens with so many beats of notes, is empty for at most so many beats in a row and rests
    after so many. `reluctance` to rest, in nats, is taken from what the cell expects of rests.
    """
    streams = Streams(weights, count)
    played = np.empty((count, beats), dtype=np.int64)
    empty = np.zeros(count, dtype=np.int64)
    phrase = np.zeros(count, dtype=np.int64)
    logits = streams.step(np.full(count, -1))
    for beat in range(beats):
        scores = logits + draw.gumbel(size=logits.shape)
        scores[:, REST] -= reluctance
        scores[(empty >= most_empty) | (beat < opening), : HOLD + 1] = -np.inf
        scores[phrase >= longest_phrase, REST + 1 :] = -np.inf
        values = scores.argmax(axis=1)
        played[:, beat] = values
        empty = np.where(values <= HOLD, empty + 1, 0)
        phrase = np.where(values == REST, 0, phrase + 1)
        logits = streams.step(values)
    return played


def _sigmoid(x: Float32Array) -> Float32Array:
    half = np.float32(0.5)
    sigmoid: Float32Array = half * np.tanh(half * x) + half
    return sigmoid
