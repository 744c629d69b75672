"""One step of the course's LSTM in NumPy, with the weights as Keras stores them.

The law: `Cell` owns the state (a, c) and carries it from step to step for as long as it lives;
only `restore` and `reset` put it anywhere else. A state restored into a cell of the same weights
goes on to the bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from improvd.core.arrays import Float32Array

_HALF = np.float32(0.5)
# As many voices as there can be, each of a model of its own.
_MOST_PREPARED = 16


def _frozen(array: npt.ArrayLike) -> Float32Array:
    """A copy that nobody can write to."""
    copy = np.array(array, dtype=np.float32, order="C")
    copy.flags.writeable = False
    return copy


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """The weights of one LSTM layer and its softmax layer, float32, in Keras's own layout.

    Shapes: `kernel` (n_values, 4 n_a), `recurrent` (n_a, 4 n_a), `bias` (4 n_a,), their columns in
    Keras's order of gates i, f, c, o; `dense_kernel` (n_a, n_values), `dense_bias` (n_values,).
    Arrays are copied and made read-only. Raises ValueError, one sentence naming the array, for a
    shape that does not fit the others or a number that is not finite.
    """

    kernel: Float32Array
    recurrent: Float32Array
    bias: Float32Array
    dense_kernel: Float32Array
    dense_bias: Float32Array

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, _frozen(getattr(self, field.name)))
        if self.dense_kernel.ndim != 2 or 0 in self.dense_kernel.shape:
            raise ValueError(
                f"dense_kernel has shape {self.dense_kernel.shape}, where (n_a, n_values) is due"
            )
        n_a, n_values = self.dense_kernel.shape
        due = {
            "kernel": (n_values, 4 * n_a),
            "recurrent": (n_a, 4 * n_a),
            "bias": (4 * n_a,),
            "dense_kernel": (n_a, n_values),
            "dense_bias": (n_values,),
        }
        for name, shape in due.items():
            array = getattr(self, name)
            if array.shape != shape:
                raise ValueError(
                    f"{name} has shape {array.shape}, where {shape} is due "
                    f"for {n_a} units and {n_values} values"
                )
            if not np.isfinite(array).all():
                raise ValueError(f"{name} holds a number that is not finite (NaN or infinity)")

    @property
    def n_values(self) -> int:
        """How many values the cell reads and predicts."""
        return len(self.dense_bias)

    @property
    def n_a(self) -> int:
        """How many units the cell has."""
        return len(self.dense_kernel)


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What a cell remembers: hidden state `a` and memory `c`, float32 (n_a,), read-only copies."""

    a: Float32Array
    c: Float32Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "a", _frozen(self.a))
        object.__setattr__(self, "c", _frozen(self.c))


@dataclass(frozen=True, slots=True, eq=False)
class _Prepared:
    """Weights as a cell steps by them; read by all cells of the same weights, written by none."""

    no_input: Float32Array
    rows: tuple[Float32Array, ...]
    product: Float32Array


@lru_cache(maxsize=_MOST_PREPARED)
def _prepared(weights: Weights) -> _Prepared:
    """Kept for the next cell of the same weights: for large ones it is a tenth of a second."""
    n_a, n_values = weights.n_a, weights.n_values
    # The three sigmoid gates side by side, i, f, o, then the candidate.
    order = np.r_[0 : 2 * n_a, 3 * n_a : 4 * n_a, 2 * n_a : 3 * n_a]
    scale = np.repeat(np.array([0.5, 0.5, 0.5, 1.0], dtype=np.float32), n_a)
    bias = weights.bias[order] * scale
    product = np.zeros((n_a + 1, 4 * n_a + n_values), dtype=np.float32)
    product[:n_a, : 4 * n_a] = weights.recurrent[:, order] * scale
    product[:n_a, 4 * n_a :] = weights.dense_kernel
    product[n_a, 4 * n_a :] = weights.dense_bias
    # A tuple of rows: picking one makes no new view.
    return _Prepared(bias, tuple(weights.kernel[:, order] * scale + bias), product)


class CellRows:
    """The states of cells of the same weights, and the product that follows from them, a row each.

    `a_one` (count, n_a + 1) is a and a 1, `c` (count, n_a), `out` (count, 4 n_a + n_values) the
    recurrent terms of the next step and the logits; all float32. A single cell has no more than
    vectors: a product of one row is not rounded as one of many is.
    """

    def __init__(self, weights: Weights, count: int | None = None) -> None:
        rows = () if count is None else (count,)
        n_a = weights.n_a
        self._product = _prepared(weights).product
        self.a_one = np.ones((*rows, n_a + 1), dtype=np.float32)
        self.c = np.zeros((*rows, n_a), dtype=np.float32)
        self.out = np.empty((*rows, 4 * n_a + weights.n_values), dtype=np.float32)
        self.a = self.a_one[..., :n_a]
        self.carried = self.out[..., : 4 * n_a]

    def multiply_out(self) -> None:
        """What follows from the states, of all rows."""
        np.dot(self.a_one, self._product, out=self.out)

    def copy(self) -> tuple[Float32Array, ...]:
        """All there is, to be put back."""
        return self.a_one.copy(), self.c.copy(), self.out.copy()

    def put_back(self, before: tuple[Float32Array, ...], at: Sequence[int] | None = None) -> None:
        """These rows, or all, as they were."""
        rows = slice(None) if at is None else list(at)
        for array, was in zip((self.a_one, self.c, self.out), before, strict=True):
            array[rows] = was[rows]


class Cell:
    """The stepping cell. Neither `step` nor `probabilities` blocks or allocates an array.

    With z = x kernel + a recurrent + bias, split into i, f, g, o as Keras does:
    c = sigmoid(f) c + sigmoid(i) tanh(g), a = sigmoid(o) tanh(c), logits = a dense_kernel + bias
    (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000).

    NumPy calls cost more than arithmetic at this size, so everything that can be is worked into
    the weights once: the bias lives in the input's rows (x is one-hot, so a product is a look-up),
    sigmoid(z) = (1 + tanh(z / 2)) / 2 puts all four gates through one tanh, and one product with
    (a, 1) gives the logits and the recurrent term of the *next* step together, so that when the
    next value is known half of its step is done.
    """

    __slots__ = (
        "_a",
        "_c",
        "_candidate",
        "_carried",
        "_forget",
        "_gates",
        "_input",
        "_no_input",
        "_output",
        "_probabilities",
        "_rows",
        "_sigmoids",
        "_states",
        "logits",
        "n_a",
        "n_values",
        "weights",
    )

    def __init__(self, weights: Weights) -> None:
        n_a, n_values = weights.n_a, weights.n_values
        self.weights = weights
        self.n_a = n_a
        self.n_values = n_values
        prepared = _prepared(weights)
        self._rows, self._no_input = prepared.rows, prepared.no_input
        self._gates = np.empty(4 * n_a, dtype=np.float32)
        self._sigmoids = self._gates[: 3 * n_a]
        self._input, self._forget, self._output = self._sigmoids.reshape(3, n_a)
        self._candidate = self._gates[3 * n_a :]
        self._probabilities = np.empty(n_values, dtype=np.float32)
        self._live_in(CellRows(weights), ())
        self.reset()

    def sit(self, states: CellRows, at: int) -> None:
        """Have the state in a row of these from now on.

        Whatever this cell does then, what follows from the states is one product for all rows.
        """
        states.a[at], states.c[at] = self._a, self._c
        self._live_in(states, (at,))

    def _live_in(self, states: CellRows, at: tuple[int, ...]) -> None:
        self._states = states
        self._a, self._c = states.a[at], states.c[at]
        self._carried = states.carried[at]
        self.logits: Float32Array = states.out[at][4 * self.n_a :]
        """Float32 (n_values,), a view that the next step overwrites: copy what is to be kept.

        They follow from the state alone, so after `restore` they are those of the step that left
        that state. In the zero state, before any step, they are the dense bias and mean nothing.
        """

    def step(self, value: int | None) -> None:
        """Read one value, 0 to n_values - 1, and move the state on; `logits` then predict the next.

        None is the zero vector, the course's x0. Raises ValueError for a value that is not one of
        the cell's; the state is then as it was.
        """
        np.add(self.row(value), self._carried, out=self._gates)
        np.tanh(self._gates, out=self._gates)
        np.multiply(self._sigmoids, _HALF, out=self._sigmoids)
        np.add(self._sigmoids, _HALF, out=self._sigmoids)
        np.multiply(self._c, self._forget, out=self._c)
        np.multiply(self._input, self._candidate, out=self._candidate)
        np.add(self._c, self._candidate, out=self._c)
        np.tanh(self._c, out=self._a)
        np.multiply(self._a, self._output, out=self._a)
        self._states.multiply_out()

    def probabilities(self) -> Float32Array:
        """Softmax of the logits, float32 (n_values,), in a buffer that the next call overwrites."""
        np.subtract(self.logits, self.logits.max(), out=self._probabilities)
        np.exp(self._probabilities, out=self._probabilities)
        np.divide(self._probabilities, self._probabilities.sum(), out=self._probabilities)
        return self._probabilities

    def state(self) -> State:
        """Copies of a and c, which `restore` takes back."""
        return State(self._a, self._c)

    def restore(self, state: State) -> None:
        """Go on from this state: what follows is the same to the bit as where it was taken.

        Raises ValueError for another number of units or a number that is not finite; the cell's
        own state is then as it was.
        """
        for name, array in (("a", state.a), ("c", state.c)):
            if array.shape != (self.n_a,):
                raise ValueError(f"{name} has shape {array.shape}, where ({self.n_a},) is due")
            if not np.isfinite(array).all():
                raise ValueError(f"{name} holds a number that is not finite (NaN or infinity)")
        self._a[:] = state.a
        self._c[:] = state.c
        self._states.multiply_out()

    def reset(self) -> None:
        """Back to the zero state, in which every cell begins."""
        self._a.fill(0.0)
        self._c.fill(0.0)
        self._states.multiply_out()

    def row(self, value: int | None) -> Float32Array:
        """What a value adds to the gates, the bias with it. Raises ValueError as `step` does."""
        if value is None:
            return self._no_input
        if not 0 <= value < self.n_values:
            raise ValueError(
                f"{value} is not a value of this cell, which has 0 to {self.n_values - 1}"
            )
        return self._rows[value]
