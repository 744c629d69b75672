"""Training in one sequence pass: djmodel's weights, loss and gradients without its Tx steps.

A Keras LSTM over a whole sequence, begun in the zero state, is djmodel's cell with [a, c] carried;
what takes the graph of layers seconds to build and long to run takes milliseconds an epoch. The
same seed gives the same weights on the same machine.
"""
# ruff: noqa: N803, N806 - the course's names

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields

import keras
import numpy as np
import tensorflow as tf

from improvd.core.arrays import Float32Array
from improvd.core.network.cell import Weights
from improvd.training.learn.djmodel import course_optimizer

# For a cell that learns by heart and is fed its own argmax. Measured on the etude book: without it
# the cell is chaotic (a difference grows e-fold every 17 beats, so that two ways of rounding part
# after some 400); with it, for three seeds of three, differences die out, single and double
# precision agree over 10,000 beats, and the book is learned as well.
STEADYING_DROPOUT = 0.01

# Windows measured at once: a bound on memory, without effect on the figures.
_MEASURED_AT_ONCE = 2048


@dataclass(frozen=True, slots=True)
class Loss:
    """Cross-entropy: summed over the Tx beats of a window, as in the course, and nats a beat.

    Both are means over all windows; a row of zeros in Y is no beat to predict and counts nowhere.
    """

    total: float
    nats: float


@dataclass(frozen=True, slots=True)
class Epoch:
    """What an epoch measured: its own windows while learning them, then those held out."""

    number: int
    loss: Loss
    held_out: Loss | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """What training gave: weights, the epoch they were kept after, and every epoch there was.

    Kept is the epoch with the least held-out loss or, with nothing held out to choose by, the last.
    """

    weights: Weights
    kept: Epoch
    curve: tuple[Epoch, ...]


def fit(  # noqa: PLR0913 - all that is not the course's is by name, with a default
    X: Float32Array,
    Y: Float32Array,
    n_a: int,
    epochs: int,
    seed: int = 0,
    *,
    held_out: tuple[Float32Array, Float32Array] | None = None,
    patience: int | None = None,
    batch_size: int | None = None,
    recurrent_dropout: float = 0.0,
    optimizer: keras.optimizers.Optimizer | None = None,
    start: Weights | None = None,
    beside: Callable[[Float32Array], Float32Array] | None = None,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
) -> Fit:
    """Learn what djmodel learns, with the course's settings unless told otherwise.

    Ctrl-C drops the epoch under way and gives what there is; before the first epoch is over it is
    a KeyboardInterrupt as usual. Sets the seeds of Python, NumPy and TensorFlow for the whole
    process, and makes TensorFlow's operations deterministic.

    Args:
        X: one-hot (m, Tx, n_values); a row of zeros is no input, as the course begins.
        Y: one-hot (Ty, m, n_values), Ty = Tx; a row of zeros is nothing to predict.
        n_a: units of the cell.
        epochs: passes over all windows, at least 1.
        seed: of the first weights and of the order of batches.
        held_out: another X and Y, measured after each epoch and never learned.
        patience: stop after so many epochs without a new least held-out loss.
        batch_size: windows an update; None is all at once.
        recurrent_dropout: share of the carried a that each window goes without while learning;
            see STEADYING_DROPOUT. Epochs' own losses are measured with it, held-out ones without.
        optimizer: a new Keras optimizer; None is Adam at 0.01 / (1 + 0.01 t), the course's.
        start: weights to go on from, instead of random ones.
        beside: of windows (b, Tx, n_values), logits that are added to the network's own, and that
            nothing is learned of.
        on_epoch: called after each epoch, to show progress.

    Raises:
        ValueError: for arrays or weights that do not fit together, no epochs, or patience with
            nothing held out.
    """
    learned = _Windows(X, Y, beside)
    measured = None if held_out is None else _Windows(*held_out, beside)
    if patience is not None and measured is None:
        raise ValueError("patience needs held-out windows to be patient with")
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    draw = np.random.default_rng(seed)
    learner = _Learner(n_a, X.shape[2], start, optimizer, recurrent_dropout)

    curve: list[Epoch] = []
    kept: tuple[Epoch, Weights] | None = None
    try:
        for number in range(1, epochs + 1):
            loss = learner.learn(learned.batches(batch_size, draw))
            held_out_loss = learner.measure(measured.batches()) if measured else None
            epoch = Epoch(number, loss, held_out_loss)
            curve.append(epoch)
            if kept is None or _is_better(epoch, kept[0]):
                kept = epoch, learner.weights()
            on_epoch(epoch)
            if number - kept[0].number == patience:
                break
    except KeyboardInterrupt:
        if kept is None:
            raise
    if kept is None:
        raise ValueError(f"epochs is {epochs}, where at least 1 is due")
    epoch, weights = kept
    return Fit(weights, epoch, tuple(curve))


def measure(weights: Weights, X: Float32Array, Y: Float32Array) -> Loss:
    """The loss of these weights on windows X and Y, as `fit` takes them.

    Raises ValueError for arrays that do not fit together.
    """
    windows = _Windows(X, Y)
    return _Learner(weights.n_a, weights.n_values, weights).measure(windows.batches())


def sequence_model(n_a: int, n_values: int, recurrent_dropout: float = 0.0) -> keras.Model:
    """One LSTM layer over windows (m, Tx, n_values), and one Dense layer giving their logits."""
    X = keras.Input((None, n_values), name="X")
    LSTM_cell = keras.layers.LSTM(
        n_a, return_sequences=True, recurrent_dropout=recurrent_dropout, name="LSTM_cell"
    )
    densor = keras.layers.Dense(n_values, name="densor")
    return keras.Model(X, densor(LSTM_cell(X)), name="sequence_model")


def _is_better(epoch: Epoch, kept: Epoch) -> bool:
    if epoch.held_out is None or kept.held_out is None:
        return True  # nothing to choose by: the later one
    return epoch.held_out.nats < kept.held_out.nats


_Batch = tuple[Float32Array, ...]  # X, Y and what is added to the logits, if any: (b, Tx, n_values)


@dataclass(frozen=True, slots=True, eq=False)
class _Windows:
    """X and Y that fit together. Raises ValueError, one sentence, where they do not."""

    X: Float32Array
    Y: Float32Array
    beside: Callable[[Float32Array], Float32Array] | None = None

    def __post_init__(self) -> None:
        if self.X.ndim != 3 or 0 in self.X.shape:
            raise ValueError(f"X has shape {self.X.shape}, where (m, Tx, n_values) is due")
        m, Tx, n_values = self.X.shape
        if self.Y.shape != (Tx, m, n_values):
            raise ValueError(f"Y has shape {self.Y.shape}, where {(Tx, m, n_values)} is due")
        if not self.Y.any():
            raise ValueError("Y has nothing to predict: all its rows are zeros")

    def batches(
        self, size: int | None = _MEASURED_AT_ONCE, draw: np.random.Generator | None = None
    ) -> Iterator[_Batch]:
        """Batches of `size` windows, None for all at once, in the order drawn, if any."""
        m = len(self.X)
        order = np.arange(m) if draw is None else draw.permutation(m)
        for batch in np.split(order, range(size or m, m, size or m)):
            x = self.X[batch]
            y = self.Y[:, batch].swapaxes(0, 1)
            yield (x, y, self.beside(x)) if self.beside else (x, y)


class _Learner:
    """A network that learns: its two passes over a batch, compiled."""

    def __init__(
        self,
        n_a: int,
        n_values: int,
        start: Weights | None = None,
        optimizer: keras.optimizers.Optimizer | None = None,
        recurrent_dropout: float = 0.0,
    ) -> None:
        self._network = sequence_model(n_a, n_values, recurrent_dropout)
        if start is not None:
            if (start.n_a, start.n_values) != (n_a, n_values):
                raise ValueError(
                    f"the weights to start from have {start.n_a} units and {start.n_values} "
                    f"values, where {n_a} and {n_values} are due"
                )
            self._network.set_weights([getattr(start, field.name) for field in fields(start)])
        self._optimizer = optimizer or course_optimizer()
        self._optimizer.build(self._network.trainable_variables)
        self._compiled_update = tf.function(self._update, reduce_retracing=True)
        self._compiled_loss = tf.function(self._measured_loss, reduce_retracing=True)

    def weights(self) -> Weights:
        """A copy of the weights as they are now."""
        return Weights(*self._network.get_weights())

    def learn(self, batches: Iterator[_Batch]) -> Loss:
        """Update the weights batch by batch; the loss of each is that before its update."""
        return _mean_loss(self._compiled_update, batches)

    def measure(self, batches: Iterator[_Batch]) -> Loss:
        """The loss of all batches with the weights as they are."""
        return _mean_loss(self._compiled_loss, batches)

    def _update(self, x: tf.Tensor, y: tf.Tensor, *added: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            summed = self._summed_loss(x, y, *added, training=True)
            # What the course minimises: a sum over beats, a mean over windows.
            loss = summed / tf.cast(tf.shape(x)[0], tf.float32)
        variables = self._network.trainable_variables
        gradients = tape.gradient(loss, variables)
        self._optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return summed

    def _measured_loss(self, x: tf.Tensor, y: tf.Tensor, *added: tf.Tensor) -> tf.Tensor:
        return self._summed_loss(x, y, *added, training=False)

    def _summed_loss(
        self, x: tf.Tensor, y: tf.Tensor, *added: tf.Tensor, training: bool
    ) -> tf.Tensor:
        # Spelt out: TensorFlow's fused cross-entropy (not in its deterministic mode) has a gradient
        # that takes every row of y to sum to one, and so learns from rows of zeros too.
        logits = sum(added, start=self._network(x, training=training))
        return -tf.reduce_sum(y * tf.nn.log_softmax(logits))


def _mean_loss(summed_loss: Callable[..., tf.Tensor], batches: Iterator[_Batch]) -> Loss:
    summed, windows, beats = 0.0, 0, 0.0
    for x, y, *added in batches:
        summed += float(summed_loss(*map(tf.constant, (x, y, *added))))
        windows += len(x)
        beats += float(y.sum())
    return Loss(total=summed / windows, nats=summed / beats)
