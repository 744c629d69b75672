"""The default model: `python -m improvd.training.book [WEIMAR.jsonl.gz]`.

Learns the etude book that lies in the repository by heart, and nothing else, and writes the model
file. Given the Weimar solos too, it prints how the model plays on from those kept for scoring.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from improvd import model
from improvd.core.cell import FloatArray, Weights
from improvd.core.tilt import TEMPO_CLASSES, tempo_class
from improvd.core.vocabulary import Register, Vocabulary
from improvd.training import etudes, measures, streams, teacher, weimar
from improvd.training.corpus import NOTHING, Piece, sing, windows
from improvd.training.fit import STEADYING_DROPOUT, Fit, fit

N_VALUES = 78
TX = 30
EPOCHS = 1000
# Of eight, the one with the fewest faults on the solos kept for selection.
SEED = 4
DEFAULT = Path(model.__file__).parent / "models" / "default.safetensors"
VOCABULARY_FILE = etudes.FOLDER / "vocabulary.json"

HEARD = 30  # beats of a real solo that a model is given before it plays
PLAYED = 512
ALONE = 10_000
OPENING = 1_000
MOST_EMPTY = 8
LONGEST_PHRASE = 14
TRIES = 60


@dataclass(frozen=True, slots=True)
class Score:
    """How a model plays on from real solos by argmax, medians over them, and alone."""

    measured: dict[str, float]
    streams: int
    cycles: int
    copied: float
    quoted: float
    longest_phrase: int
    longest_silence: int
    cycle_alone: int | None

    @property
    def outside(self) -> list[str]:
        """The measures outside the bands of real solos."""
        return measures.outside(self.measured, measures.real_bands())

    @property
    def faults(self) -> int:
        """How much is wrong with it; 0 is what a default model must reach."""
        return (
            len(self.outside)
            + self.cycles
            + (self.cycle_alone is not None)
            + (self.copied > 0.01)
            + max(self.longest_phrase - LONGEST_PHRASE, 0)
            + max(self.longest_silence - MOST_EMPTY, 0)
        )


def by_heart(books: Sequence[Sequence[int]], seed: int, n_values: int = N_VALUES) -> Fit:
    """The course's model, 64 units on windows of 30, having learned these values by heart."""
    x, y = windows(books, TX, n_values)
    # Without it a network this sure of itself is chaotic: rounding alone changes what it plays.
    return fit(
        x,
        y,
        n_a=teacher.UNITS,
        epochs=EPOCHS,
        seed=seed,
        recurrent_dropout=STEADYING_DROPOUT,
    )


def score(
    weights: Weights,
    vocabulary: Vocabulary,
    pieces: Sequence[Piece],
    known: set[measures.Run],
    book: set[measures.Run],
) -> Score:
    """Let a model play on from 30 beats of each piece, on the piece's own chords."""
    register = Register(55, 79)
    pieces = [piece for piece in pieces if len(piece.harmonies) >= 2 * HEARD]
    heard = [[NOTHING, *v[:HEARD]] for v in teacher.values_of(pieces, vocabulary)]
    solos = streams.argmax(weights, heard, PLAYED).tolist()
    measured = []
    for piece, solo in zip(pieces, solos, strict=True):
        length = len(piece.harmonies)
        harmonies = [piece.harmonies[(HEARD + i) % length] for i in range(PLAYED)]
        line = sing(solo, harmonies, vocabulary, piece.start, register)
        measured.append(measures.measure_solo(solo, line, harmonies))
    alone = streams.argmax(weights, [[NOTHING]], ALONE)[0].tolist()
    return Score(
        measured=measures.medians(measured),
        streams=len(solos),
        cycles=sum(measures.cycle(solo) is not None for solo in solos),
        copied=float(np.mean([measures.copied(solo, known) for solo in solos])),
        quoted=float(np.mean([measures.copied(solo, book) for solo in solos])),
        longest_phrase=measures.longest_phrase(alone[:OPENING]),
        longest_silence=measures.longest_silence(alone[:OPENING]),
        cycle_alone=measures.cycle(alone, longest=2 * OPENING),
    )


def shares_of(books: Iterable[Sequence[int]], n_values: int) -> FloatArray:
    """How often each value occurs, (n_values,); none counts for less than one beat."""
    counts = sum(np.bincount(book, minlength=n_values) for book in books)
    counts = np.maximum(counts, 1)
    shares: FloatArray = (counts / counts.sum()).astype(np.float32)
    return shares


def tempo_shares_of(
    pieces: Sequence[Piece], books: Sequence[Sequence[int]], n_values: int
) -> FloatArray:
    """The shares of values in each class of tempo, (classes, n_values)."""
    classes = [tempo_class(piece.bpm) for piece in pieces]
    rows = [
        shares_of([b for b, its in zip(books, classes, strict=True) if its == c], n_values)
        for c in range(len(TEMPO_CLASSES) + 1)
    ]
    return np.array(rows)


def write_book(
    book: Sequence[Piece], vocabulary: Vocabulary, shares: FloatArray, tempo_shares: FloatArray
) -> None:
    """Lay the book down in place of the one that is there: etudes, vocabulary, shares."""
    etudes.FOLDER.mkdir(exist_ok=True)
    for old in etudes.FOLDER.glob("*.mid"):
        old.unlink()
    for etude in book:
        etudes.write(etudes.FOLDER / f"{etude.name}.mid", etude)
    kept = {
        "about": "figures: what values 2, 3, ... are; shares: how often each value is played in "
        "real solos, overall and by tempo (classes end at the tempi given)",
        "tempo_classes": TEMPO_CLASSES,
        "figures": vocabulary.figures,
        "shares": [round(float(share), 6) for share in shares],
        "tempo_shares": [[round(float(share), 6) for share in row] for row in tempo_shares],
    }
    VOCABULARY_FILE.write_text(json.dumps(kept, separators=(",", ":")) + "\n")


def learn_book(seed: int, folder: Path = etudes.FOLDER) -> tuple[model.Model, Fit]:
    """The model that knows the etudes of a folder by heart, with the folder's vocabulary."""
    kept = json.loads((folder / VOCABULARY_FILE.name).read_text())
    vocabulary = Vocabulary(kept["figures"])
    fitted = by_heart(teacher.values_of(etudes.book(folder), vocabulary), seed, len(vocabulary))
    card = {
        "name": "default",
        "about": "The course's LSTM (64 units, 60 windows of 30 beats, 78 values), which knows "
        "improvd's own etude book by heart; played by argmax.",
        "loss": f"{fitted.kept.loss.nats:.3f} nats a beat after {EPOCHS} epochs",
        "attribution": "The etudes were composed by a model that learned from the Weimar Jazz "
        "Database (ODbL 1.0; Pfleiderer et al., Inside the Jazzomat, 2017).",
    }
    shares = np.array(kept["shares"], dtype=np.float32)
    tempo_shares = np.array(kept["tempo_shares"], dtype=np.float32)
    return model.Model(fitted.weights, vocabulary, card, shares, tempo_shares), fitted


def table(score: Score) -> str:
    """The measures of a model beside the bands of real solos, as Markdown."""
    bands = measures.real_bands()
    rows = ["| measure | real p10 | real p50 | real p90 | this model |", "|---|---|---|---|---|"]
    for name, (low, middle, high) in bands.items():
        value = f"{score.measured[name]:.3g}"
        shown = f"**{value}**" if name in score.outside else value
        rows.append(f"| {name} | {low:.3g} | {middle:.3g} | {high:.3g} | {shown} |")
    return "\n".join(rows)


def scored(learned: model.Model, solos: Path) -> Score:
    """How a model plays on from the real solos that nothing else was chosen by."""
    pieces, _ = weimar.read(solos)
    known = measures.all_runs(teacher.values_of(pieces, learned.vocabulary))
    book = measures.all_runs(teacher.values_of(etudes.book(), learned.vocabulary))
    scoring = teacher.split(pieces).scoring
    return score(learned.weights, learned.vocabulary, scoring, known, book)


@click.command()
@click.argument("solos", required=False, type=click.Path(exists=True, path_type=Path))
def main(solos: Path | None) -> None:
    """Learn the etude book by heart, write the default model, and measure it on SOLOS."""
    learned, fitted = learn_book(SEED)
    model.save(DEFAULT, learned)
    click.echo(f"{DEFAULT}: {fitted.kept.loss.nats:.3f} nats a beat")
    if solos is not None:
        result = scored(learned, solos)
        click.echo(table(result))
        click.echo(
            f"cycles {result.cycles} of {result.streams}, alone {result.cycle_alone}; runs of 8 "
            f"found in real solos {result.copied:.2%}, in the book {result.quoted:.2%}; longest "
            f"phrase {result.longest_phrase} and silence {result.longest_silence} of {OPENING}"
        )


if __name__ == "__main__":
    main()
