"""The etude books that models know by heart: composed, learned and measured.

    python -m improvd.training.recipes.book compose SOLOS    a new book, its model, its card
    python -m improvd.training.recipes.book train            the models again, from their books
    python -m improvd.training.recipes.book score SOLOS      the same, measured, and their cards

SOLOS are the Weimar Jazz Database's, as JSON lines. The same solos, machine and versions give the
same books and the same models, to the byte.
"""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import click
import numpy as np
from tqdm import tqdm

from improvd import model
from improvd.core.arrays import Float32Array
from improvd.core.network.tilt import TEMPO_CLASSES
from improvd.core.network.vocabulary import Vocabulary
from improvd.options import refuse
from improvd.training.learn import figures
from improvd.training.learn.fit import STEADYING_DROPOUT, Epoch, fit
from improvd.training.learn.settings import BY_HEART_EPOCHS, GENERAL_EPOCHS, TX
from improvd.training.learn.shares import shares_of, tempo_shares_of
from improvd.training.measure import measures
from improvd.training.measure.evaluate import values_of
from improvd.training.measure.scorecard import (
    Scorecard,
    bands_of,
    notes_by_tempo,
    real_notes_by_tempo,
    score,
)
from improvd.training.read import etudes, weimar
from improvd.training.read.corpus import Piece, windows
from improvd.training.recipes import card, teacher
from improvd.training.recipes.etude_plans import ETUDE_PLANS
from improvd.training.show import terminal

# So many books are composed, and learned from so many first weights; the best of all is kept.
BOOKS = 2
STARTS = 3
MODELS = Path(model.__file__).parent / "models"
_ABOUT = (
    "figures: what values 2, 3, ... are; shares: how often each value is played in real solos, "
    "overall and by tempo (classes end at the tempi given); seed: of the first weights"
)


@dataclass(frozen=True, slots=True)
class Edition:
    """A book as it lies in the repository: its folder, and the model that knows it.

    `called` is what the model's own card says its name is.
    """

    name: str
    folder: Path
    n_values: int
    called: str

    @property
    def model_file(self) -> Path:
        """Where the model lies; its page lies beside it."""
        return MODELS / f"{self.name}.safetensors"


# The course's was the default once, and stays the same file, by which its recordings know it.
COURSE = Edition("course", etudes.FOLDER, 78, called="default")
EDITIONS = {edition.name: edition for edition in (COURSE,)}


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """Etudes, the vocabulary they are written in, and what else a model of them needs.

    `shares` (n_values,) and `tempo_shares` (classes, n_values) are how often real solos play each
    value; `seed` is that of the first weights from which the book is learned best.
    """

    etudes: list[Piece]
    vocabulary: Vocabulary
    shares: Float32Array
    tempo_shares: Float32Array
    seed: int

    @property
    def values(self) -> list[list[int]]:
        """The values of each etude."""
        return values_of(self.etudes, self.vocabulary)


def read_book(folder: Path) -> Book:
    """The book in a folder."""
    kept = json.loads((folder / "vocabulary.json").read_text())
    return Book(
        etudes=etudes.book(folder),
        vocabulary=Vocabulary(kept["figures"]),
        shares=np.array(kept["shares"], dtype=np.float32),
        tempo_shares=np.array(kept["tempo_shares"], dtype=np.float32),
        seed=kept["seed"],
    )


def write_book(folder: Path, book: Book) -> None:
    """Lay a book down in a folder, in place of the one that is there."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.mid"):
        old.unlink()
    for etude in book.etudes:
        etudes.write(folder / f"{etude.name}.mid", etude)
    kept = {
        "about": _ABOUT,
        "seed": book.seed,
        "tempo_classes": TEMPO_CLASSES,
        "figures": book.vocabulary.figures,
        "shares": [round(float(share), 6) for share in book.shares],
        "tempo_shares": [[round(float(share), 6) for share in row] for row in book.tempo_shares],
    }
    (folder / "vocabulary.json").write_text(json.dumps(kept, separators=(",", ":")) + "\n")


def learn(name: str, book: Book, on_epoch: Callable[[Epoch], None] = lambda _: None) -> model.Model:
    """The model that knows a book by heart: 64 units on windows of 30 beats, the course's way."""
    x, y = windows(book.values, TX, len(book.vocabulary))
    fitted = fit(
        x,
        y,
        n_a=teacher.UNITS,
        epochs=BY_HEART_EPOCHS,
        seed=book.seed,
        # Without it a network this sure of itself is chaotic: rounding changes what it plays.
        recurrent_dropout=STEADYING_DROPOUT,
        on_epoch=on_epoch,
    )
    told = card.about_book(name, fitted, x.shape)
    return model.Model(fitted.weights, book.vocabulary, told, book.shares, book.tempo_shares)


def compose(name: str, n_values: int, parts: teacher.Split) -> Book:
    """A new book: vocabulary, teacher, etudes and first weights, chosen without the scoring solos.

    Shows bars, as it takes minutes.
    """
    click.echo(f"{name}: choosing {n_values} values")
    vocabulary = figures.choose(figures.count_figures(parts.teacher), n_values)
    solos = values_of(parts.teacher, vocabulary)
    with terminal.progress(GENERAL_EPOCHS) as on_epoch:
        taught = teacher.teach(
            parts.teacher, vocabulary, held_out=parts.selection, on_epoch=on_epoch
        )
    style = teacher.EtudeStyle(
        bands=bands_of(parts.teacher + parts.selection, vocabulary),
        shares=shares_of(solos, n_values),
        tempo_shares=tempo_shares_of(parts.teacher, solos, n_values),
        known=measures.all_runs(solos),
    )
    real = real_notes_by_tempo(parts.teacher)
    tried: list[tuple[tuple[int, float], Book]] = []
    trials = product(range(BOOKS), range(STARTS))
    for trial, seed in tqdm(list(trials), desc="Composing", unit="model", disable=None):
        if seed == 0:
            written = teacher.compose(taught.weights, vocabulary, ETUDE_PLANS, style, trial)
        book = Book(written, vocabulary, style.shares, style.tempo_shares, seed)
        learned = learn(name, book)
        judged = _measured(learned, book, parts.selection, style.bands, parts.teacher)
        far = teacher.distance(judged.measured, style.bands, aims={})
        far += sum((notes / real[bpm] - 1) ** 2 for bpm, notes in notes_by_tempo(learned).items())
        tried.append(((judged.faults, far), book))
        tqdm.write(f"book {trial}, start {seed}: {judged.faults} faults, {far:.2f} from the middle")
    return min(tried, key=lambda each: each[0])[1]


def _measured(
    learned: model.Model,
    book: Book,
    solos: Sequence[Piece],
    bands: measures.Bands,
    others: Sequence[Piece],
) -> Scorecard:
    """How a model plays on from these solos; copies are looked for in all solos."""
    known = measures.all_runs(values_of([*solos, *others], learned.vocabulary))
    return score(learned, solos, bands, known=known, book=measures.all_runs(book.values))


def repeatable() -> None:
    """Make TensorFlow add up on one thread, so that any number of cores gives the same bytes.

    To be called before TensorFlow is first used.
    """
    os.environ["TF_NUM_INTRAOP_THREADS"] = "1"


def split(solos: Path) -> teacher.Split:
    """The Weimar solos in their three parts; without them a sentence, and the end."""
    if not solos.is_file():
        refuse(f"{solos}: no such file; give the Weimar Jazz Database's solos as JSON lines")
    try:
        pieces, left_out = weimar.read(solos)
    except (OSError, ValueError) as error:
        refuse(error)
    if not pieces:
        why = "; ".join(left_out.values()) or "it is empty"
        refuse(f"{solos}: holds no solo that can be learned from ({why})")
    return teacher.split(pieces)


def judged(learned: model.Model, parts: teacher.Split, temperature: float = 0.0) -> Scorecard:
    """A model that has learned in general, measured on the solos for scoring, beside the others."""
    others = parts.teacher + parts.selection
    every = values_of([*others, *parts.scoring], learned.vocabulary)
    return score(
        learned,
        parts.scoring,
        bands_of(others, learned.vocabulary),
        known=measures.all_runs(every),
        temperature=temperature,
    )


def ship(name: str, learned: model.Model, page: Callable[[], str]) -> None:
    """Put a model among those that come with improvd, and then its page, which takes measuring."""
    path = MODELS / f"{name}.safetensors"
    model.save(path, learned)
    click.echo(f"{path}: {learned.card['loss']}")
    written = page()
    path.with_suffix(".md").write_text(written)
    click.echo(written)


def _train(edition: Edition, folder: Path = MODELS) -> tuple[model.Model, Book]:
    """Learn the book of an edition by heart and write its model into a folder."""
    book = read_book(edition.folder)
    with terminal.progress(BY_HEART_EPOCHS) as on_epoch:
        learned = learn(edition.called, book, on_epoch)
    path = folder / edition.model_file.name
    model.save(path, learned)
    click.echo(f"{path}: {learned.card['loss']}")
    return learned, book


def _score(edition: Edition, learned: model.Model, book: Book, parts: teacher.Split) -> None:
    """Measure a model on the solos for scoring and write its card."""
    others = parts.teacher + parts.selection
    bands = bands_of(others, book.vocabulary)
    measured = _measured(learned, book, parts.scoring, bands, others)
    count = sum(len(values) // TX for values in book.values)
    page = [
        card.of_book(edition.name, learned, count, edition.folder.name, parts),
        card.measures_of(measured, "Argmax", parts),
        card.tempi(notes_by_tempo(learned), real_notes_by_tempo(others)),
    ]
    edition.model_file.with_suffix(".md").write_text("\n".join(page))
    click.echo("\n".join(page[1:]))


_SOLOS = click.argument("solos", type=click.Path(path_type=Path))
_NAMES = click.argument("names", nargs=-1, type=click.Choice(list(EDITIONS)))


@click.group()
def main() -> None:
    """Compose, learn and measure improvd's own etude books; all of them unless some are named."""
    repeatable()


@main.command("compose")
@_SOLOS
@_NAMES
def compose_command(solos: Path, names: Sequence[str]) -> None:
    """Compose new books from the Weimar SOLOS, learn them, measure the models, write the cards."""
    parts = split(solos)
    for edition in (EDITIONS[name] for name in names or EDITIONS):
        written = compose(edition.called, edition.n_values, parts)
        write_book(edition.folder, written)
        if edition.folder == etudes.FOLDER:
            bands = bands_of(parts.teacher + parts.selection, written.vocabulary)
            measures.keep_bands(bands)
        _score(edition, *_train(edition), parts)


@main.command("train")
@_NAMES
@click.option(
    "--to",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=MODELS,
    help="Folder to write them into, instead of over those that come with improvd.",
)
def train_command(names: Sequence[str], folder: Path) -> None:
    """Learn the books that are there by heart again, and write their models."""
    for name in names or EDITIONS:
        _train(EDITIONS[name], folder)


@main.command("score")
@_SOLOS
@_NAMES
def score_command(solos: Path, names: Sequence[str]) -> None:
    """Measure the models that are there on the Weimar SOLOS, and write their cards."""
    parts = split(solos)
    for edition in (EDITIONS[name] for name in names or EDITIONS):
        _score(edition, model.load(edition.model_file), read_book(edition.folder), parts)


if __name__ == "__main__":
    main()
