"""Learning from a person's own music: the run behind `improvd train`.

A small corpus is learned by heart, the course's way, and played by argmax; from a larger one a
model generalises, stopped by what it loses on pieces held out.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import keras
import tensorflow as tf

from improvd import __version__
from improvd.core.arrays import Float32Array
from improvd.core.network.vocabulary import Vocabulary
from improvd.model import Model
from improvd.training.learn.figures import choose, count_figures
from improvd.training.learn.fit import Epoch, Fit, fit
from improvd.training.learn.settings import (
    BY_HEART_EPOCHS,
    GENERAL_BATCH,
    GENERAL_EPOCHS,
    GENERAL_PATIENCE,
    GENERAL_TX,
    TX,
)
from improvd.training.learn.shares import every_tempo_heard, shares_of, tempo_shares_of
from improvd.training.measure.evaluate import (
    PLAYED,
    Evaluation,
    TooShortError,
    bits,
    counted,
    evaluate,
    values_of,
)
from improvd.training.measure.relate import relate
from improvd.training.read.corpus import Piece, windows

HELD_OUT = 0.1
# So many times the windows of the course are still learned by heart.
BY_HEART = 2


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to learn; None leaves a choice to the size of the corpus.

    `windows` is how many of `tx` beats are due at least when learning by heart, and the measure
    of what a small corpus is; `hold_out` 0 learns by heart whatever the size. `vocabulary` None
    chooses the `values` that serve the corpus best; `realisation` chooses the pitches of one of
    contours.
    """

    values: int = 78
    units: int = 64
    windows: int = 60
    tx: int | None = None
    epochs: int | None = None
    seed: int = 0
    hold_out: float | None = None
    vocabulary: Vocabulary | None = None
    realisation: Float32Array | None = None


@dataclass(frozen=True, slots=True)
class Lesson:
    """A corpus made ready: books of values to learn from, those held out, and both as pieces.

    `learned` and `measured` are the X and Y of the two; nothing is held out of a corpus that is
    learned by heart.
    """

    vocabulary: Vocabulary
    pieces: list[Piece]
    held_out: list[Piece]
    learned: tuple[Float32Array, Float32Array]
    measured: tuple[Float32Array, Float32Array] | None
    epochs: int

    def __str__(self) -> str:
        m, tx, n_values = self.learned[0].shape
        beats = counted(sum(len(piece.harmonies) for piece in self.pieces), "beat")
        held = f", {counted(len(self.held_out), 'piece')} held out" if self.held_out else ""
        way = "by heart" if self.by_heart else "in general"
        return (
            f"{counted(len(self.pieces), 'piece')} of {beats} {way}: "
            f"{counted(m, 'window')} of {tx} beats, {n_values} values{held}"
        )

    @property
    def by_heart(self) -> bool:
        """Whether all of it is learned until it is known."""
        return self.measured is None


def prepare(pieces: Sequence[Piece], recipe: Recipe) -> Lesson:
    """Choose the vocabulary and the way of learning, and write the pieces as windows.

    Raises TooShortError where there is nothing to learn from.
    """
    if not pieces:
        raise TooShortError("there is nothing to learn from: no piece could be read")
    vocabulary = recipe.vocabulary or choose(count_figures(pieces), recipe.values)
    books = values_of(pieces, vocabulary)
    tx = recipe.tx or TX
    held_out = recipe.hold_out
    if held_out is None:
        small = _count(books, tx, tx) <= BY_HEART * recipe.windows
        held_out = 0.0 if small else HELD_OUT
    held = _held_out(pieces, held_out)
    if not held:
        learned = windows(books, tx, len(vocabulary), _stride(books, tx, recipe.windows))
        return Lesson(vocabulary, list(pieces), [], learned, None, recipe.epochs or BY_HEART_EPOCHS)
    tx = recipe.tx or GENERAL_TX
    kept = [i for i in range(len(pieces)) if i not in held]
    learned = windows([books[i] for i in kept], tx, len(vocabulary), max(tx // 2, 1))
    measured = windows([books[i] for i in held], tx, len(vocabulary))
    epochs = recipe.epochs or GENERAL_EPOCHS
    of_each = [pieces[i] for i in kept], [pieces[i] for i in held]
    return Lesson(vocabulary, *of_each, learned, measured, epochs)


def learn(
    lesson: Lesson, recipe: Recipe, on_epoch: Callable[[Epoch], None] = lambda _: None
) -> Fit:
    """Learn a lesson; Ctrl-C ends it with the best so far. The same seed gives the same weights."""
    if lesson.by_heart:
        return fit(
            *lesson.learned,
            n_a=recipe.units,
            epochs=lesson.epochs,
            seed=recipe.seed,
            on_epoch=on_epoch,
        )
    schedule = keras.optimizers.schedules.InverseTimeDecay(0.004, 1, 0.0005)
    return fit(
        *lesson.learned,
        n_a=recipe.units,
        epochs=lesson.epochs,
        seed=recipe.seed,
        held_out=lesson.measured,
        patience=GENERAL_PATIENCE,
        batch_size=GENERAL_BATCH,
        optimizer=keras.optimizers.Adam(schedule),
        on_epoch=on_epoch,
    )


def model_of(lesson: Lesson, fitted: Fit, recipe: Recipe, name: str) -> Model:
    """The model of a fit, with a card that says what it learned from, how, and how well."""
    every = lesson.pieces + lesson.held_out
    books = values_of(every, lesson.vocabulary)
    n_values = len(lesson.vocabulary)
    card = {
        "name": name,
        "learned": str(lesson),
        "cell": f"{recipe.units} units, seed {recipe.seed}",
        "loss": _losses(fitted),
        "made by": f"improvd {__version__}, Keras {keras.__version__}, TensorFlow {tf.__version__}",
    }
    by_tempo = tempo_shares_of(every, books, n_values) if every_tempo_heard(every) else None
    shares = shares_of(books, n_values)
    return Model(fitted.weights, lesson.vocabulary, card, shares, by_tempo, recipe.realisation)


def evaluated(model: Model, lesson: Lesson) -> tuple[Model, Evaluation]:
    """Measure how the model plays, and write that on its card.

    Where its argmax goes stale it is one that generalises, and is measured drawing lots.
    """
    pieces = lesson.held_out or lesson.pieces
    learned = lesson.pieces if lesson.held_out else ()
    measured = evaluate(model, pieces, learned=learned)
    if measured.stale:
        model = replace(model, card={**model.card, "temperature": "1"})
        measured = evaluate(model, pieces, temperature=model.temperature, learned=learned)
    lots = "at temperature 1, as by argmax it goes stale" if measured.temperature else "by argmax"
    playing = {
        "plays": f"{lots}; in {counted(measured.streams, 'solo')} of {PLAYED} beats "
        f"{counted(measured.cycles, 'cycle')}, "
        f"{measured.copied:.1%} of 8-beat runs quoted from its corpus",
        "unlike real solos in": ", ".join(measured.outside(measured.real)) or "nothing measured",
    }
    related = relate(model, pieces, temperature=measured.temperature)
    if related is not None:
        playing["answers"] = related.sentence
    if measured.own is not None:
        own = measured.outside(measured.own)
        playing["unlike its corpus in"] = ", ".join(own) or "nothing measured"
    return replace(model, card={**model.card, **playing}), measured


def _losses(fitted: Fit) -> str:
    kept = fitted.kept
    losses = f"{bits(kept.loss.nats):.2f} bits a beat after {kept.number} epochs"
    return losses if kept.held_out is None else f"{losses}, held out {bits(kept.held_out.nats):.2f}"


def _count(books: Sequence[Sequence[int]], tx: int, stride: int) -> int:
    return sum(max(len(book) - tx, 0) // stride + 1 for book in books)


def _stride(books: Sequence[Sequence[int]], tx: int, due: int) -> int:
    """The widest stride that gives as many windows as are due, one beat at least."""
    return next((s for s in range(tx, 1, -1) if _count(books, tx, s) >= due), 1)


def _held_out(pieces: Sequence[Piece], share: float) -> list[int]:
    """Indices of the pieces held out, drawn by a hash of performer and title.

    All takes of a piece are on one side; unless the share is 0 or there is but one piece, both
    sides have some.
    """
    keys = [
        hashlib.sha256(f"{piece.performer}/{piece.name}".encode()).hexdigest() for piece in pieces
    ]
    order = sorted(set(keys))
    count = min(max(round(share * len(order)), 1), len(order) - 1) if share else 0
    drawn = set(order[:count])
    return [i for i, key in enumerate(keys) if key in drawn]
