"""Learning the etude book: one fused sequence pass beside the course's graph of Tx steps.

    .venv/bin/python -m bench.learning [EPOCHS]

Both begin with the same weights, learn the same windows in the same order with the same optimizer,
and say what loss they reach. The turns alternate, so that both meet the same machine. Needs the
learning environment (`make test` makes it).
"""
# ruff: noqa: N803, N806 - the course's names

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from improvd.core.arrays import Float64Array

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from improvd.core.network.cell import Weights
from improvd.model import find, load
from improvd.training.learn.djmodel import course_optimizer, djmodel, layers_of, zero_initializers
from improvd.training.learn.fit import fit
from improvd.training.measure.evaluate import values_of
from improvd.training.read import etudes
from improvd.training.read.corpus import windows

TX = 30
TURNS = 2


@dataclass
class Times:
    """Seconds until the first epoch is over, seconds of every other, and the loss at the end."""

    first: list[float] = field(default_factory=list)
    later: list[float] = field(default_factory=list)
    loss: float = 0.0

    def since(self, started: float) -> Callable[[float], None]:
        """What is to be called with the loss after each epoch."""
        last = started

        def after(loss: float) -> None:
            nonlocal last
            now = time.perf_counter()
            (self.first if last == started else self.later).append(now - last)
            last, self.loss = now, loss

        return after


def untrained(n_values: int, n_a: int) -> Weights:
    """What Keras begins with."""
    keras.utils.set_random_seed(0)
    network = keras.Sequential([keras.Input((None, n_values)), keras.layers.LSTM(n_a)])
    densor = keras.layers.Dense(n_values)
    densor.build((None, n_a))
    return Weights(*network.get_weights(), *densor.get_weights())


def learn_unrolled(
    X: Float64Array, Y: Float64Array, start: Weights, epochs: int, times: Times
) -> None:
    after = times.since(time.perf_counter())
    m, Tx, n_values = X.shape
    model = djmodel(Tx, start.n_a, n_values, *layers_of(start))
    model.compile(optimizer=course_optimizer(), loss=["categorical_crossentropy"] * Tx)
    _, a0, c0 = zero_initializers(n_values, start.n_a, m)
    told = keras.callbacks.LambdaCallback(on_epoch_end=lambda _, logs: after(logs["loss"]))
    model.fit([X, a0, c0], list(Y), m, epochs, verbose=0, shuffle=False, callbacks=[told])


def learn_fused(
    X: Float64Array, Y: Float64Array, start: Weights, epochs: int, times: Times
) -> None:
    after = times.since(time.perf_counter())
    fit(X, Y, start.n_a, epochs, start=start, on_epoch=lambda epoch: after(epoch.loss.total))


def rows(epochs: int) -> Iterator[str]:
    """What came out, as lines."""
    vocabulary = load(find("default")).vocabulary
    books = [book[:120] for book in values_of(etudes.book()[:15], vocabulary)]
    X, Y = windows(books, TX, len(vocabulary))
    start = untrained(X.shape[2], 64)
    ways = {"djmodel, unrolled": learn_unrolled, "one sequence pass": learn_fused}
    every = {name: Times() for name in ways}
    for _ in range(TURNS):
        for name, learn in ways.items():
            learn(X, Y, start, epochs, every[name])
    yield f"X {X.shape}, 64 units, {epochs} epochs, {TURNS} turns each"
    yield f"{'':20}{'first epoch s':>14}{'a later one ms':>16}{'loss at the end':>17}"
    for name, times in every.items():
        first, later = min(times.first), statistics.median(times.later)
        yield f"{name:20}{first:14.2f}{later * 1000:16.1f}{times.loss:17.3f}"
    unrolled, fused = every.values()
    ratio = statistics.median(unrolled.later) / statistics.median(fused.later)
    whole = (sum(unrolled.first) + sum(unrolled.later)) / (sum(fused.first) + sum(fused.later))
    yield f"an epoch {ratio:.1f} times as fast, the whole run {whole:.1f} times"


def main(epochs: int) -> None:
    for row in rows(epochs):
        print(row)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
