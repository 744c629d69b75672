"""The teacher: a cell that has learned from real solos composes etudes, and the best are kept.

Three sets of solos, parted by performer and title, are kept apart: the teacher learns from the
first, models are chosen on the second, and what is reported is measured on the third.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from improvd.core.cell import FloatArray, Weights
from improvd.core.vocabulary import Register, Vocabulary
from improvd.training import measures, streams
from improvd.training.corpus import Piece, beats_of, encode, notes_of, sing, windows
from improvd.training.etudes import START
from improvd.training.fit import Epoch, Fit, fit
from improvd.training.subjects import Subject

UNITS = 64
EPOCHS = 60
PATIENCE = 4
BATCH = 32
CHUNK = 96

ETUDE_BEATS = 120
# Rules of composing. A phrase ends before a player would have to be made to end it.
MOST_EMPTY = 3
LONGEST_PHRASE = 7
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
# Bands of nothing or next to it, and of how long a solo is.
NOT_FOR_ETUDES = ("holds after rests", "duplicate bars", "range")

# (percent of solos, in the order of Split)
_TEACHER, _SELECTION = 68, 84


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
            parts.teacher
            if percent < _TEACHER
            else parts.selection
            if percent < _SELECTION
            else parts.scoring
        )
        part.append(piece)
    return parts


def values_of(pieces: Sequence[Piece], vocabulary: Vocabulary) -> list[list[int]]:
    """The values of each piece."""
    return [encode(beats_of(p), p.harmonies, vocabulary, p.start) for p in pieces]


def teach(
    parts: Split, vocabulary: Vocabulary, on_epoch: Callable[[Epoch], None] = lambda _: None
) -> Fit:
    """A cell that has learned the teacher's solos, stopped early by those for selection."""
    learned = _chunks(parts.teacher, vocabulary, CHUNK // 2)
    held_out = _chunks(parts.selection, vocabulary, CHUNK)
    rate = keras.optimizers.schedules.InverseTimeDecay(0.004, decay_steps=1, decay_rate=0.0005)
    optimizer = keras.optimizers.Adam(rate)
    return fit(
        *learned,
        n_a=UNITS,
        epochs=EPOCHS,
        held_out=held_out,
        patience=PATIENCE,
        batch_size=BATCH,
        optimizer=optimizer,
        on_epoch=on_epoch,
    )


def _chunks(
    pieces: Sequence[Piece], vocabulary: Vocabulary, stride: int
) -> tuple[FloatArray, FloatArray]:
    return windows(values_of(pieces, vocabulary), CHUNK, len(vocabulary), stride)


def compose(
    teacher: Weights,
    vocabulary: Vocabulary,
    subjects: Sequence[Subject],
    known: Collection[measures.Run],
    seed: int,
) -> list[Piece]:
    """One etude for each subject: of many candidates, the one that measures most like music.

    `known` are the runs of values of real solos: what quotes them is passed over.
    """
    draw = np.random.default_rng(seed)
    drawn = streams.sample(
        teacher,
        CANDIDATES * len(subjects),
        ETUDE_BEATS,
        draw,
        most_empty=MOST_EMPTY,
        longest_phrase=LONGEST_PHRASE,
    )
    shares = drawn.reshape(len(subjects), CANDIDATES, ETUDE_BEATS).tolist()
    return [
        _best(values, subject, vocabulary, known)
        for values, subject in zip(shares, subjects, strict=True)
    ]


def _best(
    candidates: Sequence[Sequence[int]],
    subject: Subject,
    vocabulary: Vocabulary,
    known: Collection[measures.Run],
) -> Piece:
    """The candidate nearest to the aims, of those that are their own notes and nobody else's."""
    harmonies = subject.harmonies(ETUDE_BEATS)
    best: tuple[float, Piece] | None = None
    for values in candidates:
        beats = sing(values, harmonies, vocabulary, START, ETUDE_REGISTER)
        # Figures may sound alike on a chord, and a fold is none: what counts is what is read back.
        heard = encode(beats, harmonies, vocabulary, START)
        if measures.copied(heard, known):
            continue
        far = _distance(measures.measure_solo(heard, beats, harmonies))
        if best is None or far < best[0]:
            piece = Piece(subject.name, "improvd", notes_of(beats), harmonies, subject.bpm, START)
            best = far, piece
    if best is None:
        raise ValueError(f"{subject.name}: every candidate quotes a real solo")
    return best[1]


def _distance(measured: Mapping[str, float]) -> float:
    """How far a solo is from the aims, in widths of the bands of real solos."""
    bands = measures.real_bands()
    return sum(
        ((measured[name] - AIMS.get(name, middle)) / (high - low)) ** 2
        for name, (low, middle, high) in bands.items()
        if name not in NOT_FOR_ETUDES
    )
