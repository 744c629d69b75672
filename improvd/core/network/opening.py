"""The opening: what a cell has heard before its first beat, so that each solo is another one.

From the zero state argmax knows a single solo. So the cell first makes up some bars for itself,
drawn from its own softmax, and those are what it goes on from: the course's a0, c0 and x0. The lot
that draws them decides which solo it becomes; everything after them is argmax again.
"""

import random
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from improvd.core.harmony.chart import Chart
from improvd.core.music import REST
from improvd.core.network.cell import Cell, Weights
from improvd.core.network.vocabulary import Register, Vocabulary

# Two for each of as many voices as there can be.
_KEPT = 32


def lot(seed: int, chart: Chart) -> str:
    """What an opening is drawn by: the seed, and the chords of the chart, whatever its title."""
    chords = " ".join(harmony.chord.symbol for harmony in chart.harmonies)
    return f"{seed} {chart.beats_per_bar:g} {chords}"


@lru_cache(maxsize=_KEPT)
def drawn(weights: Weights, lot: str, beats: int) -> tuple[int, ...]:
    """So many values that a cell of these weights plays from its zero state.

    Each is drawn from the softmax: the argmax of the logits with Gumbel noise (Gumbel 1954) that
    depends on the lot alone. The last two of every voice are kept, since the next change of a
    setting asks again.
    """
    cell, draw = Cell(weights), random.Random(lot)  # noqa: S311 - music, not secrets
    values: list[int] = []
    x: int | None = None
    for _ in range(beats):
        cell.step(x)
        x = int((cell.logits + _gumbel(draw, cell.n_values)).argmax())
        values.append(x)
    return tuple(values)


def last_pitch(
    values: Sequence[int], vocabulary: Vocabulary, chart: Chart, register: Register
) -> int:
    """Where a line is that has sung these values over the bars of the chart before its first."""
    pitch, fresh = register.middle, True
    for beat, value in enumerate(values, start=-len(values)):
        notes = vocabulary.decode(value, chart.at(beat).ladder, pitch, register, fresh=fresh)
        pitch, fresh = notes[-1].pitch if notes else pitch, value == REST
    return pitch


def _gumbel(draw: random.Random, count: int) -> npt.NDArray[np.float64]:
    lots = np.array([draw.random() for _ in range(count)])
    noise: npt.NDArray[np.float64] = -np.log(-np.log(np.maximum(lots, np.finfo(np.float64).tiny)))
    return noise
