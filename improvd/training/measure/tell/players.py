"""Who is told from real solos: the model, in each way that it plays, and what it is measured by.

All play on the chords of the same solos from the same beat on, so that only the music tells.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from improvd.config import Config
from improvd.core.harmony.chart import chart_of
from improvd.model import Model
from improvd.training import generate
from improvd.training.measure.evaluate import HEARD, REGISTER, play_on
from improvd.training.measure.relate import FASTEST, SLOWEST
from improvd.training.measure.tell import excerpt
from improvd.training.read.corpus import NOTHING, MelodyBeat, Piece, beats_of, encode, sing

Line = list[MelodyBeat]
Lines = list[Line]

# A solo of the database stops on its last note: what is told begins with whole bars.
BEGIN = HEARD + 2
SEED = 78


def long_enough(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces with an excerpt in them."""
    return [piece for piece in pieces if len(piece.harmonies) >= BEGIN + excerpt.BEATS]


def real(pieces: Sequence[Piece]) -> Lines:
    """What the soloists played."""
    return [beats_of(piece)[BEGIN:] for piece in pieces]


def going_on(model: Model, pieces: Sequence[Piece]) -> Lines:
    """How the model goes on from each solo's first beats, by argmax or as its card has it."""
    books = [encode(beats_of(p), p.harmonies, model.vocabulary, p.start) for p in pieces]
    heard = [[NOTHING, *book[:HEARD]] for book in books]
    longest = max(len(piece.harmonies) for piece in pieces) - HEARD
    played = play_on(model.weights, heard, longest, model.temperature, SEED).tolist()
    return [_sung(model, piece, values) for piece, values in zip(pieces, played, strict=True)]


def _sung(model: Model, piece: Piece, values: Sequence[int]) -> Line:
    """Values on a piece's chords from the beat after those that are heard."""
    harmonies = piece.harmonies[HEARD:]
    start = REGISTER.fold(piece.start)
    line = sing(
        values[: len(harmonies)], harmonies, model.vocabulary, start, REGISTER, model.realiser(SEED)
    )
    return line[BEGIN - HEARD :]


def alone(model: Model, pieces: Sequence[Piece]) -> Lines:
    """What the daemon plays with nobody there, on each piece's chords and at its tempo."""
    lines = []
    for number, piece in enumerate(pieces):
        tempo = min(max(piece.bpm, SLOWEST), FASTEST)
        config = Config(tempo=tempo, count_in=0, mode="solo", seed=SEED + number)
        chart = chart_of([harmony.chord for harmony in piece.harmonies])
        _, played = generate.solo(config, model, chart, len(piece.harmonies))
        lines.append(generate.line_of(model.vocabulary, played)[BEGIN:])
    return lines


def through_its_values(model: Model, pieces: Sequence[Piece]) -> Lines:
    """The real solos, heard as the model's values and sung again: what the values lose."""
    lines = []
    for piece in pieces:
        values = encode(beats_of(piece), piece.harmonies, model.vocabulary, piece.start)
        line = sing(
            values, piece.harmonies, model.vocabulary, piece.start, REGISTER, model.realiser(SEED)
        )
        lines.append(line[BEGIN:])
    return lines


def shuffled(model: Model, pieces: Sequence[Piece]) -> Lines:
    """The values of the real solos in another order."""
    draw = np.random.default_rng(SEED)
    books = [encode(beats_of(p), p.harmonies, model.vocabulary, p.start) for p in pieces]
    return [
        _sung(model, piece, draw.permutation(book[HEARD:]).tolist())
        for piece, book in zip(pieces, books, strict=True)
    ]


def dice(model: Model, pieces: Sequence[Piece]) -> Lines:
    """Values drawn by how often they occur."""
    draw = np.random.default_rng(SEED)
    shares = model.shares.astype(np.float64) / model.shares.sum(dtype=np.float64)
    return [
        _sung(model, piece, draw.choice(len(shares), len(piece.harmonies), p=shares).tolist())
        for piece in pieces
    ]


PLAYERS: Mapping[str, Callable[[Model, Sequence[Piece]], Lines]] = {
    "it, going on from a real solo": going_on,
    "it, as the daemon plays alone": alone,
    "real solos through its values": through_its_values,
    "their beats shuffled": shuffled,
    "dice": dice,
}
