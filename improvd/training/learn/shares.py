"""How often each value occurs in what was learned from, in all of it and by tempo."""

from collections.abc import Iterable, Sequence

import numpy as np

from improvd.core.arrays import Float32Array
from improvd.core.network.tilt import TEMPO_CLASSES, tempo_class
from improvd.training.read.corpus import Piece


def shares_of(books: Iterable[Sequence[int]], n_values: int) -> Float32Array:
    """How often each value occurs, (n_values,); none counts for less than one beat."""
    nothing = np.zeros(n_values, dtype=np.int64)
    counts = sum((np.bincount(book, minlength=n_values) for book in books), start=nothing)
    counts = np.maximum(counts, 1)
    shares: Float32Array = (counts / counts.sum()).astype(np.float32)
    return shares


def tempo_shares_of(
    pieces: Sequence[Piece], books: Sequence[Sequence[int]], n_values: int
) -> Float32Array:
    """The shares of values in each class of tempo, (classes, n_values).

    A class in which nothing was heard has even shares; see `every_tempo_heard`.
    """
    classes = [tempo_class(piece.bpm) for piece in pieces]
    rows = [
        shares_of([b for b, its in zip(books, classes, strict=True) if its == c], n_values)
        for c in range(len(TEMPO_CLASSES) + 1)
    ]
    return np.array(rows)


def every_tempo_heard(pieces: Iterable[Piece]) -> bool:
    """Whether each class of tempo was heard: only then do shares by tempo say anything."""
    return len({tempo_class(piece.bpm) for piece in pieces}) > len(TEMPO_CLASSES)
