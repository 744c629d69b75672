"""The teacher: a cell that has learned from real solos composes etudes, and the best are kept.

Three sets of solos, parted by performer and title, are kept apart: the teacher learns from the
first, what there is to choose is chosen by the second, and the third is for measuring alone: no
vocabulary, band, recipe or seed has seen it.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from improvd.core.arrays import Float32Array
from improvd.core.network.cell import Weights
from improvd.core.network.tilt import tempo_class
from improvd.core.network.vocabulary import Register, Vocabulary
from improvd.training.learn.fit import Epoch, Fit, fit
from improvd.training.learn.settings import (
    GENERAL_BATCH,
    GENERAL_EPOCHS,
    GENERAL_PATIENCE,
    GENERAL_TX,
)
from improvd.training.measure import measures, streams
from improvd.training.measure.evaluate import values_of
from improvd.training.read.corpus import Piece, encode, notes_of, sing, windows
from improvd.training.read.etudes import START
from improvd.training.recipes.etude_plans import EtudePlan

UNITS = 64
# Of 0, 0.2 and 0.3 what foresees solos held out best.
DROPOUT = 0.2

ETUDE_BEATS = 120
# Rules of composing. A phrase ends before a player would have to be made to end it.
OPENING = 4
MOST_EMPTY = 3
LONGEST_PHRASE = 7
# Argmax rests more than the book that it knows.
RELUCTANCE = 0.25
ETUDE_REGISTER = Register(50, 84)
CANDIDATES = 60

# Learned by heart and argmaxed, a book comes out plainer than it is: its etudes aim beyond.
AIMS = {
    "H1": 2.1,
    "H4": 2.98,
    "mean interval": 2.75,
    "repeated notes": 0.03,
    "notes per beat": 1.65,
    "empty beats": 0.19,
    "scale tones": 0.76,
    "distinct values in 64 beats": 33.0,
    "median phrase": 7.0,
    "leaps": 0.04,
}
# Slow etudes are denser than fast ones, so that a tempo's tilt has something to lean towards: by
# this share of what real solos differ in notes per beat. With more of it (tried: drawing etudes
# with the values of their tempo) the argmax does not find out of the few dense etudes any more.
DENSER = 0.5
# Bands of nothing or next to it, and of how long a solo is.
NOT_FOR_ETUDES = ("holds after rests", "duplicate bars", "range")

# Of a hundred parts, by hash, those that score, and up to where they choose; the rest teach.
_SCORING, _SELECTION = 14, 34


@dataclass(frozen=True, slots=True)
class Split:
    """Solos to learn from, to choose by, and to score on; whole pieces by performer and title."""

    teacher: list[Piece]
    selection: list[Piece]
    scoring: list[Piece]


def split(pieces: Sequence[Piece]) -> Split:
    """Part the pieces by a hash of performer and title: takes of one piece stay together."""
    parts = Split([], [], [])
    for piece in pieces:
        key = f"{piece.performer}/{piece.name}".encode()
        percent = int(hashlib.sha256(key).hexdigest(), 16) % 100
        part = (
            parts.scoring
            if percent < _SCORING
            else parts.selection
            if percent < _SELECTION
            else parts.teacher
        )
        part.append(piece)
    return parts


def teach(  # noqa: PLR0913 - what to learn, how long and what to show, all by name but the first
    solos: Sequence[Piece],
    vocabulary: Vocabulary,
    *,
    held_out: Sequence[Piece] | None = None,
    epochs: int = GENERAL_EPOCHS,
    seed: int = 0,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
) -> Fit:
    """A cell that has learned these solos in general, stopped early by those held out, if any."""
    rate = keras.optimizers.schedules.InverseTimeDecay(0.004, decay_steps=1, decay_rate=0.0005)
    n_values = len(vocabulary)
    measured = windows(values_of(held_out, vocabulary), GENERAL_TX, n_values) if held_out else None
    return fit(
        *windows(values_of(solos, vocabulary), GENERAL_TX, n_values, GENERAL_TX // 2),
        n_a=UNITS,
        epochs=epochs,
        seed=seed,
        held_out=measured,
        patience=GENERAL_PATIENCE if measured else None,
        batch_size=GENERAL_BATCH,
        recurrent_dropout=DROPOUT,
        optimizer=keras.optimizers.Adam(rate),
        on_epoch=on_epoch,
    )


@dataclass(frozen=True, slots=True, eq=False)
class EtudeStyle:
    """What etudes are to be like: `bands` of real solos, shares of values overall and by tempo.

    `shares` (n_values,), `tempo_shares` (classes, n_values); `known` are the runs of values of
    real solos, which no etude may quote.
    """

    bands: measures.Bands
    shares: Float32Array
    tempo_shares: Float32Array
    known: Collection[measures.Run]


def compose(
    teacher: Weights,
    vocabulary: Vocabulary,
    subjects: Sequence[EtudePlan],
    style: EtudeStyle,
    seed: int,
) -> list[Piece]:
    """One etude for each subject: of many candidates, the one that measures most like music.

    Raises ValueError where every candidate for a subject quotes a real solo.
    """
    drawn = streams.sample(
        teacher,
        CANDIDATES * len(subjects),
        ETUDE_BEATS,
        np.random.default_rng(seed),
        opening=OPENING,
        reluctance=RELUCTANCE,
        most_empty=MOST_EMPTY,
        longest_phrase=LONGEST_PHRASE,
    )
    everyday = float(style.shares @ vocabulary.onsets)
    tempo_notes = style.tempo_shares @ vocabulary.onsets
    book = []
    for candidates, subject in zip(
        drawn.reshape(len(subjects), CANDIDATES, ETUDE_BEATS).tolist(), subjects, strict=True
    ):
        denser = DENSER * (float(tempo_notes[tempo_class(subject.bpm)]) - everyday)
        aims = {**AIMS, "notes per beat": AIMS["notes per beat"] + denser}
        book.append(_best(candidates, subject, vocabulary, style, aims))
    return book


def _best(
    candidates: Sequence[Sequence[int]],
    subject: EtudePlan,
    vocabulary: Vocabulary,
    style: EtudeStyle,
    aims: Mapping[str, float],
) -> Piece:
    """The candidate nearest to the aims, of those that are their own notes and nobody else's."""
    harmonies = subject.harmonies(ETUDE_BEATS)
    best: tuple[float, Piece] | None = None
    for values in candidates:
        beats = sing(values, harmonies, vocabulary, START, ETUDE_REGISTER)
        # Figures may sound alike on a chord, and a fold is none: what counts is what is read back.
        heard = encode(beats, harmonies, vocabulary, START)
        if measures.copied(heard, style.known):
            continue
        far = distance(measures.measure_solo(heard, beats, harmonies), style.bands, aims)
        if best is None or far < best[0]:
            piece = Piece(subject.name, "improvd", notes_of(beats), harmonies, subject.bpm, START)
            best = far, piece
    if best is None:
        raise ValueError(f"{subject.name}: every candidate quotes a real solo")
    return best[1]


def distance(
    measured: Mapping[str, float], bands: measures.Bands, aims: Mapping[str, float]
) -> float:
    """How far a solo is from the aims, or the medians where there is none, in widths of bands."""
    return sum(
        ((measured[name] - aims.get(name, middle)) / (high - low)) ** 2
        for name, (low, middle, high) in bands.items()
        if name not in NOT_FOR_ETUDES
    )
