"""A student's own Keras layers as a model that improvd plays.

The network is taken over, weight for weight, whether its values are improvd's, one a beat, or the
course's single notes, of which as many are stepped as fill a beat (`model_of`). Or a network of
single notes is made to play, what it plays is read as notes, gathered into beats, and learned by
heart by a new cell of its size (`model_from_keras`): its music, not its weights.
"""
# ruff: noqa: N803 - the course's names

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from improvd.core.course.speaker import Speaker
from improvd.core.course.tokens import TokenVocabulary
from improvd.core.harmony.chart import chart_of
from improvd.core.harmony.chart_text import page
from improvd.core.music import PULSES_PER_BEAT
from improvd.core.network.cell import Cell, Weights
from improvd.core.network.vocabulary import Register, Vocabulary
from improvd.model import Model, even_shares
from improvd.training.learn.djmodel import weights_of
from improvd.training.learn.figures import choose, count_figures
from improvd.training.learn.fit import STEADYING_DROPOUT, fit
from improvd.training.learn.grammar import Token, notes_of, parse_token
from improvd.training.learn.settings import BY_HEART_EPOCHS, TX
from improvd.training.learn.shares import shares_of
from improvd.training.read.corpus import BEATS_PER_BAR, Piece, beats_of, encode, windows
from improvd.training.recipes.etude_plans import ETUDE_PLANS

# A student's network plays a solo on each of the etudes' charts, in this range.
BEATS = 120
REGISTER = Register(50, 84)
_HEARD_BEATS = 64
# No longer than any chart may be, in whatever chords.
_MOST_BARS = 512
_PAGE_WIDTH = 100
_ONLY_RESTS = "the network plays nothing but rests: train it for longer"


def model_from_keras(
    LSTM_cell: keras.layers.LSTM,
    densor: keras.layers.Dense,
    indices_values: Mapping[int, Any],
    *,
    epochs: int = BY_HEART_EPOCHS,
    seed: int = 0,
) -> Model:
    """The model of a student's trained layers and of what their values mean.

    Values of improvd's ("rest", "hold" and figures, as `Vocabulary.indices_values` gives them) are
    taken with the weights as they are, rest and hold moved to the front. The course's tokens
    ("C,0.250,<P4,m-2>") are played, read and learned by heart, which takes seconds; epochs and seed
    are for that.

    Raises ValueError, one sentence, for layers that are not the course's, values that are neither
    of these, or as many as the layers do not have.
    """
    weights = weights_of(LSTM_cell, densor)
    values = _in_order(weights, indices_values)
    if "rest" in values and "hold" in values:
        return _taken_over(weights, values)
    tokens = [parse_token(str(value)) for value in values]
    return _learned_by_heart(weights, tokens, epochs, seed)


def model_of(
    LSTM_cell: keras.layers.LSTM, densor: keras.layers.Dense, indices_values: Mapping[int, Any]
) -> Model:
    """The model that steps a student's own weights, whichever of the two their values are.

    Raises ValueError as `model_from_keras` does, and for a network that plays nothing but rests.
    """
    weights = weights_of(LSTM_cell, densor)
    values = _in_order(weights, indices_values)
    if "rest" in values and "hold" in values:
        return _taken_over(weights, values)
    vocabulary = TokenVocabulary([str(value) for value in values])
    if not _sounds(weights, vocabulary):
        raise ValueError(_ONLY_RESTS)
    card = {
        "name": "student",
        "about": f"A student's own network of {weights.n_a} units, as it was trained in Keras: "
        f"{len(values)} values, each a note of the course's grammar that lasts its own time.",
    }
    return Model(weights, vocabulary, card, even_shares(len(values)))


def harmony_of(piece: Piece) -> str:
    """The chords of a piece as the text of a chart, four beats to the bar, of the piece's shape.

    Chords after the last whole bar, and after 512 bars, are left out. Raises ValueError for a piece
    of less than a bar.
    """
    bars = min(len(piece.harmonies) // BEATS_PER_BAR, _MOST_BARS)
    if bars == 0:
        raise ValueError(f"{piece.name}: is shorter than a bar, and no harmony to play on")
    chords = [harmony.chord for harmony in piece.harmonies[: bars * BEATS_PER_BAR]]
    return "\n".join(page(chart_of(chords, BEATS_PER_BAR, piece.name), _PAGE_WIDTH)) + "\n"


def _sounds(weights: Weights, vocabulary: TokenVocabulary) -> bool:
    """Whether it strikes a note within some bars of its first beat."""
    speaker = Speaker(Cell(weights), vocabulary)
    value: int | None = None
    for _ in range(_HEARD_BEATS):
        speaker.step(value)
        value = speaker.pick()
        if vocabulary.figure(value):
            return True
    return False


def _in_order(weights: Weights, indices_values: Mapping[int, Any]) -> list[Any]:
    """What the values mean, by index. Raises ValueError where there is not one for each."""
    if not isinstance(indices_values, Mapping) or set(map(type, indices_values)) == {str}:
        raise ValueError(
            "indices_values is to be a dictionary of values by whole numbers: JSON makes strings "
            "of them, and values_indices is the other way round"
        )
    if set(indices_values) != set(range(weights.n_values)):
        raise ValueError(
            f"indices_values has {len(indices_values)} entries, where one each is due "
            f"for the values 0 to {weights.n_values - 1} of the layers"
        )
    return [indices_values[index] for index in range(weights.n_values)]


def _taken_over(weights: Weights, values: Sequence[Any]) -> Model:
    """The same network, its rows and columns put in the order of improvd's values."""
    front = [values.index("rest"), values.index("hold")]
    order = front + [index for index in range(len(values)) if index not in front]
    vocabulary = Vocabulary(values[index] for index in order[2:])
    ordered = Weights(
        weights.kernel[order],
        weights.recurrent,
        weights.bias,
        weights.dense_kernel[:, order],
        weights.dense_bias[order],
    )
    card = {"name": "student", "about": "A student's own network, as it was trained in Keras."}
    return Model(ordered, vocabulary, card, even_shares(len(values)))


def _learned_by_heart(weights: Weights, tokens: Sequence[Token], epochs: int, seed: int) -> Model:
    """A new cell that knows by heart what a network of single notes plays."""
    pieces = solos(weights, tokens)
    counts = count_figures(pieces)
    if not counts:
        raise ValueError(_ONLY_RESTS)
    vocabulary = choose(counts, weights.n_values)
    books = [encode(beats_of(p), p.harmonies, vocabulary, p.start) for p in pieces]
    n_values = len(vocabulary)
    fitted = fit(
        *windows(books, TX, n_values),
        n_a=weights.n_a,
        epochs=epochs,
        seed=seed,
        recurrent_dropout=STEADYING_DROPOUT,
    )
    card = {
        "name": "student",
        "about": f"A cell of {weights.n_a} units that knows by heart {len(pieces)} solos of "
        f"{BEATS} beats, which a student's network of single notes played.",
        "loss": f"{fitted.kept.loss.nats:.3f} nats a beat after {fitted.kept.number} epochs",
    }
    return Model(fitted.weights, vocabulary, card, shares_of(books, n_values))


def solos(weights: Weights, tokens: Sequence[Token]) -> list[Piece]:
    """What a network of single notes plays on the etudes' charts, by argmax.

    Each solo begins with another of the notes that it finds likeliest to begin with.
    """
    cell = Cell(weights)
    cell.step(None)
    likeliest = [int(value) for value in np.argsort(-cell.logits, kind="stable")]
    firsts = [value for value in likeliest if tokens[value].kind != "R"]
    pieces = []
    for first, subject in zip(firsts, ETUDE_PLANS, strict=False):
        harmonies = subject.harmonies(BEATS)
        played = _play(cell, tokens, first)
        notes = notes_of(played, harmonies, REGISTER.middle, REGISTER)
        pieces.append(
            Piece(subject.name, "student", notes, harmonies, subject.bpm, REGISTER.middle)
        )
    return pieces


def _play(cell: Cell, tokens: Sequence[Token], first: int) -> Iterator[Token]:
    """The tokens of one solo, the network fed its own argmax until the time is filled."""
    cell.reset()
    cell.step(None)
    left = BEATS * PULSES_PER_BEAT
    value = first
    while left > 0:
        yield tokens[value]
        left -= tokens[value].length
        cell.step(value)
        value = int(cell.logits.argmax())
