"""How a model plays, by measure: it goes on from real music, and what it plays is laid beside it.

Nothing here needs TensorFlow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from improvd.core.arrays import Float64Array, Int64Array
from improvd.core.network.cell import Cell, Weights
from improvd.core.network.improviser import Improviser
from improvd.core.network.tilt import HOME_BPM
from improvd.core.network.vocabulary import Register, Vocabulary
from improvd.model import Model
from improvd.training.measure import measures
from improvd.training.measure.streams import Streams
from improvd.training.read.corpus import NOTHING, MelodyBeat, Piece, beats_of, encode, sing

HEARD = 30
PLAYED = 512
# Shorter pieces have no 64 beats to count different values in.
LONG_ENOUGH = HEARD + 64
# What is added by more starts than these no longer moves a median.
MOST_STREAMS = 200
GUARDED_BEATS = 10_000
REGISTER = Register(55, 79)


class TooShortError(ValueError):
    """Music that is too short to be measured with; one sentence."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What was measured.

    `played` has each measure's median over streams of 512 beats, each begun on 30 beats of a piece
    and played on its chords; `own` and `real` are the bands (10th, 50th and 90th percentile) of
    the pieces themselves from their 31st beat on, None where none is long enough, and of real jazz
    solos. `copied` is the share of 8-value runs that stand in the corpus, `guarded` in how many of
    10,000 beats alone the loop guard stepped in, `again` the share of 8-value runs there that were
    heard within the last five minutes; `shares` (n_values,) is how often each value was played;
    `bits` a beat and `top` (share of beats guessed) say how well the model foresees the pieces.
    """

    played: Mapping[str, float]
    own: measures.Bands | None
    real: measures.Bands
    streams: int
    cycles: int
    copied: float
    guarded: int
    again: float
    shares: Float64Array
    bits: float
    top: float
    temperature: float

    @property
    def stale(self) -> bool:
        """Whether it goes round in circles or falls silent when it plays on by itself."""
        silent = self.played["empty beats"] > 0.6
        return silent or self.cycles > 0 or self.guarded > GUARDED_BEATS // 100

    def outside(self, bands: measures.Bands) -> list[str]:
        """The measures outside these bands."""
        return measures.outside(self.played, bands)


def evaluate(
    model: Model,
    pieces: Sequence[Piece],
    temperature: float = 0.0,
    seed: int = 0,
    *,
    learned: Sequence[Piece] = (),
) -> Evaluation:
    """Measure a model on these pieces, which it may have `learned` along with others.

    Copies are looked for in all of them. Raises TooShortError where none is long enough to begin.
    """
    books = values_of(pieces, model.vocabulary)
    starts = [i for i, book in enumerate(books) if len(book) > HEARD]
    if not starts:
        raise TooShortError(f"there is no piece here of more than {HEARD} beats to begin on")
    starts = starts[:: -(-len(starts) // MOST_STREAMS)]
    heard = [[NOTHING, *books[i][:HEARD]] for i in starts]
    played = play_on(model.weights, heard, PLAYED, temperature, seed)
    streams = played.tolist()
    solos = [_measured(values, pieces[i], model) for i, values in zip(starts, streams, strict=True)]
    own = [_of_the_piece(pieces[i], books[i]) for i in starts if len(books[i]) >= LONG_ENOUGH]
    known = measures.all_runs(books + values_of(learned, model.vocabulary))
    [alone] = play_on(model.weights, [[NOTHING]], GUARDED_BEATS, temperature, seed).tolist()
    surprise, top = foresight(model.weights, books)
    return Evaluation(
        played=measures.medians(solos),
        own=measures.bands_of(own) if own else None,
        real=measures.real_bands(),
        streams=len(streams),
        cycles=sum(measures.cycle(values) is not None for values in streams),
        copied=float(np.mean([measures.copied(values, known) for values in streams])),
        guarded=guarded(model.weights, GUARDED_BEATS, temperature, seed),
        again=measures.heard_again(alone, HOME_BPM),
        shares=np.bincount(played.ravel(), minlength=len(model.vocabulary)) / played.size,
        bits=surprise,
        top=top,
        temperature=temperature,
    )


def card(model: Model) -> list[tuple[str, str]]:
    """The entries of a model's card, its name first: a file keeps them in no order."""
    return sorted(model.card.items(), key=lambda entry: (entry[0] != "name", entry[0]))


def table(measured: Evaluation) -> list[str]:
    """What was measured as lines of text; a star marks what lies outside a band."""
    bands = {"corpus": measured.own or {}, "real solos": measured.real}
    lines = [f"{'':30}{'model':>8}" + "".join(f"{name + ' p10..p90':>24}" for name in bands)]
    for name, value in measured.played.items():
        cells = [_cell(value, its.get(name)) for its in bands.values()]
        lines.append(f"{name:30}{value:8.2f}" + "".join(f"{cell:>24}" for cell in cells))
    how = f"sampled at temperature {measured.temperature:g}" if measured.temperature else "argmax"
    solos = counted(measured.streams, "solo")
    lines += [
        "",
        f"{solos} of {PLAYED} beats, {how}: {measured.cycles} with a cycle",
        f"{measured.copied:.2%} of 8-beat runs copied from the corpus",
        f"alone for {GUARDED_BEATS:,} beats: the loop guard stepped in {measured.guarded} times",
        f"{measured.again:.2%} of 8-beat runs there heard within the last five minutes",
        f"foresees the corpus at {measured.bits:.2f} bits a beat, {measured.top:.1%} guessed",
    ]
    return lines


def _cell(value: float, band: tuple[float, float, float] | None) -> str:
    if band is None:
        return "-"
    return f"{band[0]:.2f} .. {band[2]:.2f} {' ' if band[0] <= value <= band[2] else '*'}"


def counted(count: int, noun: str) -> str:
    """So many of something, as people write it."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def bits(nats: float) -> float:
    """A loss in bits, as people compare them."""
    return nats / float(np.log(2))


def values_of(pieces: Sequence[Piece], vocabulary: Vocabulary) -> list[list[int]]:
    """The values of each piece."""
    return [encode(beats_of(p), p.harmonies, vocabulary, p.start) for p in pieces]


def play_on(
    weights: Weights,
    heard: Sequence[Sequence[int]],
    beats: int,
    temperature: float = 0.0,
    seed: int = 0,
) -> Int64Array:
    """How a model goes on from each of these, all of one length; (len(heard), beats)."""
    listened = np.array(heard, dtype=np.int64)
    draw = np.random.default_rng(seed)
    streams = Streams(weights, len(listened))
    for values in listened.T:
        logits = streams.step(values)
    played = np.empty((len(listened), beats), dtype=np.int64)
    for beat in range(beats):
        # The largest of logits with Gumbel noise is a draw from their softmax.
        noise = draw.gumbel(size=logits.shape) if temperature else 0.0
        played[:, beat] = (logits + temperature * noise).argmax(axis=1)
        logits = streams.step(played[:, beat])
    return played


def foresight(weights: Weights, books: Sequence[Sequence[int]]) -> tuple[float, float]:
    """Bits a beat, and the share of beats whose value was the likeliest, over all books."""
    longest = max(map(len, books))
    due = np.array([[*book, *[NOTHING] * (longest - len(book))] for book in books])
    streams = Streams(weights, len(books))
    x = np.full(len(books), NOTHING)
    nats, right = 0.0, 0
    for values in due.T:
        logits = streams.step(x).astype(np.float64)
        going = np.flatnonzero(values != NOTHING)
        chosen = logits[going, values[going]]
        top = logits.max(axis=1)[going]
        spread = np.log(np.exp(logits[going] - top[:, None]).sum(axis=1)) + top
        nats += float((spread - chosen).sum())
        right += int((chosen == top).sum())
        x = values
    beats = sum(map(len, books))
    return bits(nats / beats), right / beats


def guarded(weights: Weights, beats: int, temperature: float = 0.0, seed: int = 0) -> int:
    """In how many beats, alone from its beginning, the loop guard changes what is played."""
    cell = Cell(weights)
    improviser = Improviser(cell, temperature=temperature, seed=seed)
    value: int | None = None
    changed = 0
    for _ in range(beats):
        improviser.step(value)
        value = improviser.pick()
        improviser.emit(value)
        changed += temperature == 0.0 and value != int(cell.logits.argmax())
    return changed


def _measured(values: Sequence[int], piece: Piece, model: Model) -> dict[str, float]:
    """The measures of values played on a piece's chords, from its 31st beat round and round."""
    count = len(piece.harmonies)
    harmonies = [piece.harmonies[(HEARD + beat) % count] for beat in range(len(values))]
    line = sing(values, harmonies, model.vocabulary, piece.start, REGISTER, model.realiser())
    return measures.measure_solo(values, line, harmonies)


def _of_the_piece(piece: Piece, values: Sequence[int]) -> dict[str, float]:
    line: list[MelodyBeat] = beats_of(piece)
    return measures.measure_solo(values[HEARD:], line[HEARD:], piece.harmonies[HEARD:])
