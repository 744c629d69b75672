"""The teacher: a cell that has learned from real solos composes etudes, and the best are kept.

Three sets of solos, parted by performer and title, are kept apart: the teacher learns from the
first, what there is to choose is chosen by the second, and the third is for measuring alone: no
vocabulary, band, recipe or seed has seen it.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import keras
import numpy as np

from improvd.core.arrays import Float32Array
from improvd.core.network.cell import Weights
from improvd.core.network.tilt import tempo_class
from improvd.core.network.vocabulary import Register, Vocabulary
from improvd.core.realising.realiser import Realiser
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


ETUDE_REGISTER = Register(50, 84)

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


@dataclass(frozen=True, slots=True)
class Rules:
    """How etudes are composed.

    `beats` of each; `opening` beats that have notes; `most_empty` beats in a row without; a phrase
    rests after `longest_phrase` beats; `reluctance` to rest, in nats; of so many `candidates` the
    best is taken, measured by `aims` where there are any and by real solos' medians elsewhere.
    """

    beats: int = 120
    opening: int = 4
    most_empty: int = 3
    # A phrase ends before a player would have to be made to end it.
    longest_phrase: int = 7
    # Argmax rests more than the book that it knows.
    reluctance: float = 0.25
    candidates: int = 60
    aims: Mapping[str, float] = field(default_factory=lambda: AIMS)


COURSE = Rules()
# As soloists rest: in phrases as long as anybody has breath for.
NATURAL = Rules(
    beats=240, opening=1, most_empty=8, longest_phrase=24, reluctance=0.0, candidates=20, aims={}
)

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
    real solos, of which no etude may quote more than a share of `most_copied`; `realisation`
    chooses the pitches of contours.
    """

    bands: measures.Bands
    shares: Float32Array
    tempo_shares: Float32Array
    known: Collection[measures.Run]
    most_copied: float = 0.0
    realisation: Float32Array | None = None


def compose(  # noqa: PLR0913, PLR0917 - who composes what, and how
    teacher: Weights,
    vocabulary: Vocabulary,
    subjects: Sequence[EtudePlan],
    style: EtudeStyle,
    seed: int,
    rules: Rules = COURSE,
) -> list[Piece]:
    """One etude for each subject: of many candidates, the one that measures most like music.

    Raises ValueError where every candidate for a subject quotes a real solo.
    """
    drawn = streams.sample(
        teacher,
        rules.candidates * len(subjects),
        rules.beats,
        np.random.default_rng(seed),
        opening=rules.opening,
        reluctance=rules.reluctance,
        most_empty=rules.most_empty,
        longest_phrase=rules.longest_phrase,
    )
    everyday = float(style.shares @ vocabulary.onsets)
    tempo_notes = style.tempo_shares @ vocabulary.onsets
    book = []
    for candidates, subject in zip(
        drawn.reshape(len(subjects), rules.candidates, rules.beats).tolist(), subjects, strict=True
    ):
        denser = DENSER * (float(tempo_notes[tempo_class(subject.bpm)]) - everyday)
        usual = style.bands["notes per beat"][1]
        aims = {**rules.aims, "notes per beat": rules.aims.get("notes per beat", usual) + denser}
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
    harmonies = subject.harmonies(len(candidates[0]))
    best: tuple[float, Piece] | None = None
    for number, values in enumerate(candidates):
        singer = None if style.realisation is None else Realiser(style.realisation, number)
        beats = sing(values, harmonies, vocabulary, START, ETUDE_REGISTER, singer)
        # Figures may sound alike on a chord, and a fold is none: what counts is what is read back.
        heard = encode(beats, harmonies, vocabulary, START)
        if measures.copied(heard, style.known) > style.most_copied:
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
