"""Learning on from one's own jams, and the verdict on what came of it: `improvd train --jams`.

The present model learns on from what the musician played, and along with it from what it plays
itself, so that it forgets nothing else (pseudo-rehearsal, Robins 1995). When to stop is told
by jams that it does not learn from, and whether it is better by others that it has met in no way.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import keras
import numpy as np

from improvd.core.arrays import Float64Array
from improvd.core.music import REST
from improvd.core.network.cell import Weights
from improvd.model import Model
from improvd.training.learn.fit import STEADYING_DROPOUT, Epoch, Fit, fit
from improvd.training.learn.settings import GENERAL_BATCH, GENERAL_TX
from improvd.training.measure import measures
from improvd.training.measure.evaluate import (
    Evaluation,
    TooShortError,
    counted,
    evaluate,
    foresight,
    play_on,
    values_of,
)
from improvd.training.measure.foresight import by_solo
from improvd.training.read import etudes
from improvd.training.read.corpus import NOTHING, REST_BEAT, Piece, beats_of, windows

# Beats with a note or a held one, some six minutes of playing: less says too little, and is
# mostly learned by heart.
FEWEST_BEATS = 600
# Shares of what was played that score and that choose; by whole jams, where there are some.
SCORING, CHOOSING = 0.2, 0.15
FEWEST_JAMS = 5
EPOCHS, PATIENCE = 60, 6
_RATE = 0.001
_DROPOUT = 0.2
# What the model plays itself goes on from so many beats of the musician's.
_HEARD = 8
# Twenty times as many would move the interval by less than its width.
_RESAMPLES = 2000
_SURE = 0.95


@dataclass(frozen=True, slots=True)
class JamParts:
    """Stretches of jams: to learn from, to say when to stop, and to score on."""

    learned: list[Piece]
    choosing: list[Piece]
    scoring: list[Piece]

    def __str__(self) -> str:
        beats = sum(len(piece.harmonies) for piece in self.learned)
        held = sum(len(piece.harmonies) for piece in self.choosing + self.scoring)
        return f"{counted(beats, 'beat')} of yours, {held:,} more held out"


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """The model before and after, by the musician's scoring jams and by how each plays.

    `before` and `after` are bits a beat; `surely` is what of the gain is sure, the lower end of a
    one-sided 95 % interval over resampled stretches (bootstrap, Efron 1979). `played` and `plays`
    are how the two play, and `own` are the measures of the musician.
    """

    before: float
    after: float
    surely: float
    played: Evaluation
    plays: Evaluation
    own: Mapping[str, float]

    @property
    def better(self) -> bool:
        """Whether the new one is to take the place of the other."""
        return self.surely > 0 and not self.worse

    @property
    def worse(self) -> str:
        """In what the new one plays worse than the other, in words; empty if in nothing.

        Worse is what goes away from real solos and from the musician as well.
        """
        if self.plays.stale and not self.played.stale:
            return "goes round in circles or falls silent"
        was, now = self.played, self.plays
        strange = [
            name
            for name in now.outside(now.real)
            if name not in was.outside(was.real)
            and abs(now.played[name] - self.own[name]) > abs(was.played[name] - self.own[name])
        ]
        return f"plays unlike real solos, and unlike you, in {', '.join(strange)}" * bool(strange)

    @property
    def sentence(self) -> str:
        """The verdict, with its reason."""
        figures = (
            f"its perplexity on your held-out jams is {2**self.after:.1f} a beat, "
            f"the present one's {2**self.before:.1f}"
        )
        if self.better:
            return f"The new model is better: {figures}."
        if self.worse:
            return f"The present model stays, since the new one {self.worse}; {figures}."
        return f"The present model stays, since the new one is not surely better: {figures}."


def part(pieces: Sequence[Piece]) -> JamParts:
    """Part what was played by whole jams or, where there are fewer than five, by stretches.

    Which jam falls to which part is drawn by a hash of its name, so that most of those that score
    did so last time, too; one that the present model has learned from before speaks for that one.
    Raises TooShortError, saying how much more is needed, where too little was played.
    """
    played = sum(_beats_played(piece) for piece in pieces)
    if played < FEWEST_BEATS:
        more = -(-(FEWEST_BEATS - played) // 100)
        raise TooShortError(
            f"{counted(played, 'beat')} of your jams have a melody of yours, where {FEWEST_BEATS} "
            f"are needed: play for some {counted(more, 'minute')} more"
        )
    jams = {piece.name for piece in pieces}
    whole = len(jams) >= FEWEST_JAMS
    keys = [piece.name if whole else f"{piece.name} {i}" for i, piece in enumerate(pieces)]
    order = sorted(set(keys), key=lambda key: hashlib.sha256(key.encode()).hexdigest())
    beats = dict.fromkeys(order, 0)
    for key, piece in zip(keys, pieces, strict=True):
        beats[key] += _beats_played(piece)
    reached = dict(zip(order, accumulate([0, *beats.values()]), strict=False))
    parts = JamParts([], [], [])
    for key, piece in zip(keys, pieces, strict=True):
        share = reached[key] / played
        side = (
            parts.scoring
            if share < SCORING
            else parts.choosing
            if share < SCORING + CHOOSING
            else parts.learned
        )
        side.append(piece)
    if not parts.choosing or not parts.learned:
        raise TooShortError(
            "all that was played is one long stretch, of which nothing can be held out: play on "
            "another day, or with rests of two bars and more"
        )
    return parts


def learn_on(
    model: Model,
    parts: JamParts,
    *,
    epochs: int = EPOCHS,
    seed: int = 0,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
) -> Fit:
    """Let the model's cell learn on from the musician's stretches, and rehearse its own playing."""
    n_values = len(model.vocabulary)
    learned = values_of(parts.learned, model.vocabulary)
    x, y = windows(learned, GENERAL_TX, n_values, GENERAL_TX // 2)
    own_x, own_y = windows(rehearsed(model, learned, len(x), seed), GENERAL_TX, n_values)
    return fit(
        np.concatenate([x, own_x]),
        np.concatenate([y, own_y], axis=1),
        n_a=model.weights.n_a,
        epochs=epochs,
        seed=seed,
        held_out=windows(values_of(parts.choosing, model.vocabulary), GENERAL_TX, n_values),
        patience=PATIENCE,
        batch_size=GENERAL_BATCH,
        recurrent_dropout=_DROPOUT if model.temperature else STEADYING_DROPOUT,
        optimizer=keras.optimizers.Adam(_RATE),
        start=model.weights,
        on_epoch=on_epoch,
    )


def rehearsed(
    model: Model, heard: Sequence[Sequence[int]], count: int, seed: int = 0
) -> list[list[int]]:
    """So many books that the model plays itself, each going on from a stretch's first beats."""
    begun = [[NOTHING, *book[:_HEARD]] for book in heard if len(book) >= _HEARD] or [[NOTHING]]
    starts = [begun[i % len(begun)] for i in range(count)]
    played = play_on(model.weights, starts, GENERAL_TX, model.temperature, seed)
    return [list(map(int, book)) for book in played]


def grown(model: Model, fitted: Fit, parts: JamParts, name: str) -> Model:
    """The model as it is now, with a card that says what it has learned on from."""
    learned = (
        f"{parts}, after {model.card.get('name', 'another model')}; {fitted.kept.number} epochs"
    )
    card = {**model.card, "name": name, "learned on from": learned}
    return replace(model, weights=fitted.weights, card=card)


def judge(before: Model, after: Model, scoring: Sequence[Piece]) -> Comparison:
    """Compare two models of one vocabulary by jams that neither has learned from."""
    books = values_of(scoring, before.vocabulary)
    was, now = (by_solo(books, _foreseer(model.weights)) for model in (before, after))
    ground = etudes.book()
    return Comparison(
        before=was.mean_bits,
        after=now.mean_bits,
        surely=_surely(was.bits - now.bits, was.beats),
        played=evaluate(before, ground, before.temperature),
        plays=evaluate(after, ground, after.temperature),
        own=_measured(scoring, books),
    )


def _measured(pieces: Sequence[Piece], books: Sequence[Sequence[int]]) -> dict[str, float]:
    """The measures of stretches as one solo, with a beat of rest after each."""
    values, line, harmonies = [], [], []
    for piece, book in zip(pieces, books, strict=True):
        values += [*book, REST]
        line += [*beats_of(piece), REST_BEAT]
        harmonies += [*piece.harmonies, piece.harmonies[-1]]
    return measures.measure_solo(values, line, harmonies)


def _beats_played(piece: Piece) -> int:
    """Beats in which a note begins or is held."""
    return sum(beat != REST_BEAT for beat in beats_of(piece))


def _foreseer(weights: Weights) -> Callable[[Sequence[int]], tuple[float, float]]:
    return lambda values: foresight(weights, [values])


def _surely(gains: Float64Array, beats: Float64Array) -> float:
    """The gain in bits a beat that 95 of 100 resamplings of the stretches reach."""
    draw = np.random.default_rng(0)
    chosen = draw.integers(len(gains), size=(_RESAMPLES, len(gains)))
    means = (gains * beats)[chosen].sum(axis=1) / beats[chosen].sum(axis=1)
    return float(np.quantile(means, 1 - _SURE))
