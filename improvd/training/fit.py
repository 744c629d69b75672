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

from improvd.core.cell import FloatArray, Weights
from improvd.training.djmodel import course_optimizer

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
    X: FloatArray,
    Y: FloatArray,
    n_a: int,
    epochs: int,
    seed: int = 0,
    *,
    held_out: tuple[FloatArray, FloatArray] | None = None,
    patience: int | None = None,
    batch_size: int | None = None,
    optimizer: keras.optimizers.Optimizer | None = None,
    start: Weights | None = None,
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
        optimizer: a new Keras optimizer; None is Adam at 0.01 / (1 + 0.01 t), the course's.
        start: weights to go on from, instead of random ones.
        on_epoch: called after each epoch, to show progress.

    Raises:
        ValueError: for arrays that do not fit together, no epochs, or patience with nothing held
            out.
    """
    learned = _Windows(X, Y)
    measured = None if held_out is None else _Windows(*held_out)
    if epochs < 1:
        raise ValueError(f"epochs is {epochs}, where at least 1 is due")
    if patience is not None and measured is None:
        raise ValueError("patience needs held-out windows to be patient with")
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    draw = np.random.default_rng(seed)
    learner = _Learner(n_a, X.shape[2], start, optimizer or course_optimizer())

    curve: list[Epoch] = []
    result: Fit | None = None
    try:
        for number in range(1, epochs + 1):
            loss = learner.learn(learned.batches(batch_size, draw))
            epoch = Epoch(number, loss, measured and learner.measure(measured.batches()))
            curve.append(epoch)
            if result is None or _is_better(epoch, result.kept):
                kept, weights = epoch, learner.weights
            result = Fit(weights, kept, tuple(curve))
            on_epoch(epoch)
            if number - kept.number == patience:
                break
    except KeyboardInterrupt:
        if result is None:
            raise
    return result
