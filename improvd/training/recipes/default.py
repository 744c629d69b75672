"""The default model: `python -m improvd.training.recipes.default SOLOS`.

Its values say rhythm and contour, and a realisation chooses the pitches. It has learned from the
teacher's part of the Weimar solos in general, first alone, then beside a reservoir, so that its
argmax plays as often what soloists play as they do. The realisation comes first:
`python -m improvd.training.recipes.realisation SOLOS`.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
import keras
import numpy as np

from improvd.core.arrays import Float32Array, Float64Array
from improvd.core.music import HOLD
from improvd.core.network.cell import Weights
from improvd.core.network.guard import MOST_EMPTY_BEATS
from improvd.core.network.vocabulary import Vocabulary
from improvd.model import Model
from improvd.training.learn import figures, realising
from improvd.training.learn.fit import Fit, fit
from improvd.training.learn.reservoir import Reservoir, as_loud_as_gumbel, rotating
from improvd.training.learn.settings import GENERAL_BATCH, GENERAL_PATIENCE, GENERAL_TX
from improvd.training.learn.shares import shares_of, tempo_shares_of
from improvd.training.measure.evaluate import HEARD, play_on, values_of
from improvd.training.measure.scorecard import (
    notes_by_tempo,
    real_notes_by_tempo,
)
from improvd.training.measure.tell.telling import lines, telling
from improvd.training.read.corpus import NOTHING, windows
from improvd.training.recipes import book, card, teacher
from improvd.training.show import terminal

NAME = "default"
VALUES = 192
UNITS = 96
RESERVOIR = 128
# How many times sharper than their softmax the logits are while the reservoir is beside them.
SHARPNESS = 4.0
EPOCHS = (20, 30)
# How often the shares of what is played are evened, by how much at first, and over how many beats.
EVENINGS, EVENING, EVENED_BEATS = 14, 0.2, 256
# Nats a note, from as sparse as is wanted to as dense.
PUSHES = np.arange(-6, 11) / 50
PUSHED_BEATS = 3 * EVENED_BEATS
# A silence is over before the loop guard would have to end it.
MOST_EMPTY = MOST_EMPTY_BEATS - 2


def learn(parts: teacher.Split) -> Model:
    """The model that has learned from the teacher's solos, stopped by those of the choice."""
    vocabulary = figures.commonest(figures.count_contours(parts.teacher), VALUES)
    n_values = len(vocabulary)
    books, held_out = (
        [without_long_silences(book) for book in values_of(solos, vocabulary)]
        for solos in (parts.teacher, parts.selection)
    )
    alone = taught(books, held_out, n_values, EPOCHS[0])
    heard, _ = windows(books, GENERAL_TX, n_values)
    pairs = as_loud_as_gumbel(rotating(RESERVOIR, n_values), heard)
    start = sharpened(alone.weights, SHARPNESS)
    beside = taught(books, held_out, n_values, EPOCHS[1], start, pairs)
    whole = evened(pairs.beside(sharpened(beside.weights, 1 / SHARPNESS)), books)
    return Model(
        whole,
        vocabulary,
        card.about_default(NAME, len(parts.teacher), alone, beside),
        shares_of(books, n_values),
        tempo_shares_of(parts.teacher, books, n_values),
        realising.load(),
        pushes_of(whole, books, vocabulary),
    )


def without_long_silences(values: Sequence[int]) -> list[int]:
    """The values, of beats in which nothing begins no more than MOST_EMPTY in a row."""
    kept: list[int] = []
    empty = 0
    for value in values:
        empty = empty + 1 if value <= HOLD else 0
        if empty <= MOST_EMPTY:
            kept.append(value)
    return kept


def taught(  # noqa: PLR0913, PLR0917 - both kinds of books, and what is new the second time
    books: Sequence[Sequence[int]],
    held_out: Sequence[Sequence[int]],
    n_values: int,
    epochs: int,
    start: Weights | None = None,
    pairs: Reservoir | None = None,
) -> Fit:
    """A cell that has learned these books in general, beside a reservoir if there is one."""
    rate = 0.004 if start is None else 0.002
    schedule = keras.optimizers.schedules.InverseTimeDecay(rate, decay_steps=1, decay_rate=0.0005)
    with terminal.progress(epochs) as on_epoch:
        return fit(
            *windows(books, GENERAL_TX, n_values, GENERAL_TX // 2),
            n_a=UNITS,
            epochs=epochs,
            held_out=windows(held_out, GENERAL_TX, n_values),
            patience=GENERAL_PATIENCE,
            batch_size=GENERAL_BATCH,
            recurrent_dropout=teacher.DROPOUT,
            optimizer=keras.optimizers.Adam(schedule),
            start=start,
            beside=None if pairs is None else pairs.louder(SHARPNESS).logits,
            on_epoch=on_epoch,
        )


def sharpened(weights: Weights, factor: float) -> Weights:
    """Weights whose logits are so many times as large."""
    kernel, bias = weights.dense_kernel * factor, weights.dense_bias * factor
    return replace(weights, dense_kernel=kernel, dense_bias=bias)


def evened(weights: Weights, books: Sequence[Sequence[int]]) -> Weights:
    """The same with other dense biases, by which argmax plays each value as often as the books do.

    A network that goes on from what it played itself strays from what it learned: a rest too many
    brings on the next. So it goes on from the beginnings of the books, and what came too often is
    made a little less likely, again and again.
    """
    heard = beginnings(books)
    due = np.log(shares_of([book[HEARD:] for book in books], weights.n_values))
    for time in range(EVENINGS):
        played = np.log(shares_of(play_on(weights, heard, EVENED_BEATS), weights.n_values))
        weights = leaned(weights, EVENING * 0.9**time * np.clip(due - played, -1.0, 1.0))
    return weights


def pushes_of(
    weights: Weights, books: Sequence[Sequence[int]], vocabulary: Vocabulary
) -> Float32Array:
    """How many notes a beat are played at each of PUSHES, (2, pushes), both rows ascending.

    Dense beats bring on dense ones, so what counts is what is played in the long run. A push that
    brings no more notes than a smaller one is left out.
    """
    heard, onsets = beginnings(books), vocabulary.onsets
    played = [play_on(leaned(weights, push * onsets), heard, PUSHED_BEATS) for push in PUSHES]
    notes = np.array([onsets[each[:, EVENED_BEATS:]].mean() for each in played])
    ascends = notes > np.maximum.accumulate([-1.0, *notes[:-1]])
    return np.array([notes[ascends], PUSHES[ascends]], dtype=np.float32)


def beginnings(books: Sequence[Sequence[int]]) -> list[list[int]]:
    """The first beats of each book that goes on for as long."""
    return [[NOTHING, *book[:HEARD]] for book in books if len(book) >= 2 * HEARD]


def leaned(weights: Weights, nats: Float32Array | Float64Array) -> Weights:
    """Weights whose logits are so many nats higher, (n_values,)."""
    return replace(weights, dense_bias=(weights.dense_bias + nats).astype(np.float32))


@click.command()
@click.argument("solos", type=click.Path(path_type=Path))
def main(solos: Path) -> None:
    """Learn from the Weimar SOLOS what improvd plays by default, write the model and its card."""
    book.repeatable()
    parts = book.split(solos)
    learned = learn(parts)
    book.ship(NAME, learned, lambda: measured(learned, parts))


def measured(learned: Model, parts: teacher.Split) -> str:
    """The page of the model, measured on the solos for scoring."""
    others = parts.teacher + parts.selection
    return "\n".join(
        [
            card.of_default(learned, RESERVOIR, parts),
            card.told(lines(telling(learned, parts.scoring)), parts),
            card.measures_of(book.judged(learned, parts), "Argmax", parts),
            card.tempi(notes_by_tempo(learned), real_notes_by_tempo(others)),
        ]
    )


if __name__ == "__main__":
    main()
