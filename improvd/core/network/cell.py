"""One step of the course's LSTM in NumPy, with the weights as Keras stores them.

The law: `Cell` owns the state (a, c) and carries it from step to step for as long as it lives;
only `restore` and `reset` put it anywhere else. A state restored into a cell of the same weights
goes on to the bit.
"""

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
        "_a_one",
        "_c",
        "_candidate",
        "_carried",
        "_forget",
        "_gates",
        "_input",
        "_no_input",
        "_output",
        "_probabilities",
        "_product",
        "_product_out",
        "_rows",
        "_sigmoids",
        "logits",
        "n_a",
        "n_values",
    )

    def __init__(self, weights: Weights) -> None:
        n_a, n_values = weights.n_a, weights.n_values
        self.n_a = n_a
        self.n_values = n_values
        prepared = _prepared(weights)
        self._rows, self._no_input = prepared.rows, prepared.no_input
        self._product = prepared.product

        self._a_one = np.ones(n_a + 1, dtype=np.float32)
        self._a = self._a_one[:n_a]
        self._c = np.empty(n_a, dtype=np.float32)
        self._product_out = np.empty(4 * n_a + n_values, dtype=np.float32)
        self._carried = self._product_out[: 4 * n_a]
        self.logits: Float32Array = self._product_out[4 * n_a :]
        """Float32 (n_values,), a view that the next step overwrites: copy what is to be kept.

        They follow from the state alone, so after `restore` they are those of the step that left
        that state. In the zero state, before any step, they are the dense bias and mean nothing.
        """
        self._gates = np.empty(4 * n_a, dtype=np.float32)
        self._sigmoids = self._gates[: 3 * n_a]
        self._input, self._forget, self._output = self._sigmoids.reshape(3, n_a)
        self._candidate = self._gates[3 * n_a :]
        self._probabilities = np.empty(n_values, dtype=np.float32)
        self.reset()

    def step(self, value: int | None) -> None:
        """Read one value, 0 to n_values - 1, and move the state on; `logits` then predict the next.

        None is the zero vector, the course's x0. Raises ValueError for a value that is not one of
        the cell's; the state is then as it was.
        """
        np.add(self._row(value), self._carried, out=self._gates)
        np.tanh(self._gates, out=self._gates)
        np.multiply(self._sigmoids, _HALF, out=self._sigmoids)
        np.add(self._sigmoids, _HALF, out=self._sigmoids)
        np.multiply(self._c, self._forget, out=self._c)
        np.multiply(self._input, self._candidate, out=self._candidate)
        np.add(self._c, self._candidate, out=self._c)
        np.tanh(self._c, out=self._a)
        np.multiply(self._a, self._output, out=self._a)
        self._multiply_out()

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
        self._multiply_out()

    def reset(self) -> None:
        """Back to the zero state, in which every cell begins."""
        self._a.fill(0.0)
        self._c.fill(0.0)
        self._multiply_out()

    def _row(self, value: int | None) -> Float32Array:
        if value is None:
            return self._no_input
        if not 0 <= value < self.n_values:
            raise ValueError(
                f"{value} is not a value of this cell, which has 0 to {self.n_values - 1}"
            )
        return self._rows[value]

    def _multiply_out(self) -> None:
        np.dot(self._a_one, self._product, out=self._product_out)
