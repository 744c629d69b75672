"""One step of the cell, paced as a daemon steps it: NumPy here, Keras `model.predict` beside it.

    .venv/bin/python bench/stepping.py [STEPS]

The two are interleaved, a pause of 20 ms before each step, so that both meet the same machine with
caches gone cold. Needs the learning environment (`make test` makes it).
"""

import os
import statistics
import sys
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from improvd.core.network.cell import Cell
from improvd.model import find, load
from improvd.training.learn.djmodel import layers_of

_PAUSE_S = 0.02


def naive_step(n_values: int, n_a: int, weights: object) -> Callable[[int], None]:
    """The daemon that everybody writes first: a Keras model of one step, `predict` each beat."""
    lstm_cell, densor = layers_of(weights)
    x0 = keras.Input((1, n_values))
    a0, c0 = keras.Input((n_a,)), keras.Input((n_a,))
    _, a, c = lstm_cell(x0, initial_state=[a0, c0])
    model = keras.Model([x0, a0, c0], [densor(a), a, c])
    state = [np.zeros((1, n_a)), np.zeros((1, n_a))]

    def step(value: int) -> None:
        x = np.zeros((1, 1, n_values))
        x[0, 0, value] = 1
        _, state[0], state[1] = model.predict([x, *state], verbose=0)

    return step


def timed(step: Callable[[int], None], value: int) -> float:
    time.sleep(_PAUSE_S)
    start = time.perf_counter()
    step(value)
    return time.perf_counter() - start


def main(steps: int) -> None:
    weights = load(find("default")).weights
    cell = Cell(weights)
    contestants = {
        "NumPy cell": cell.step,
        "Keras model.predict": naive_step(weights.n_values, weights.n_a, weights),
    }
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(steps + 5):
        for name, step in contestants.items():
            took = timed(step, number % weights.n_values)
            if number >= 5:  # the first steps build Keras's graph
                times[name].append(took)
    print(f"{'':22}{'p50 us':>10}{'p99 us':>10}")
    for name, samples in times.items():
        p99 = statistics.quantiles(samples, n=100)[98]
        print(f"{name:22}{statistics.median(samples) * 1e6:10.1f}{p99 * 1e6:10.1f}")
    ours, naive = (statistics.median(samples) for samples in times.values())
    print(f"ratio of medians: {naive / ours:.0f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
