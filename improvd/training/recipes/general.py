"""The general models: `python -m improvd.training.recipes.general SOLOS [NAME]`.

`general` has the default model's vocabulary, `wide` one of 256 values. Either has learned from all
the Weimar solos and knows none by heart, so it is sampled, not argmaxed. How well it foresees is
measured on solos held out, by a model of the same recipe that never saw them; what ships has
learned from them too, for as many epochs.
"""

from dataclasses import replace
from pathlib import Path

import click

from improvd.core.network.cell import Weights
from improvd.core.network.vocabulary import Vocabulary
from improvd.model import Model
from improvd.training.learn import figures
from improvd.training.learn.settings import GENERAL_EPOCHS
from improvd.training.learn.shares import shares_of, tempo_shares_of
from improvd.training.measure import foresight, measures
from improvd.training.measure.evaluate import values_of
from improvd.training.measure.scorecard import Scorecard, bands_of, score
from improvd.training.read import etudes
from improvd.training.recipes import book, card, teacher
from improvd.training.show import terminal

# Values of each, None for those of the default model.
SIZES = {"general": None, "wide": 256}


def learn(
    parts: teacher.Split, vocabulary: Vocabulary, name: str = "general"
) -> tuple[Model, Weights]:
    """The model that has learned from all solos, and the weights that have not seen all.

    The latter learned from the teacher's solos, stopped by those of the choice; what ships learned
    as many epochs.
    """
    every = [*parts.teacher, *parts.selection, *parts.scoring]
    with terminal.progress(GENERAL_EPOCHS) as on_epoch:
        taught = teacher.teach(
            parts.teacher, vocabulary, held_out=parts.selection, on_epoch=on_epoch
        )
    epochs = taught.kept.number
    with terminal.progress(epochs) as on_epoch:
        whole = teacher.teach(every, vocabulary, epochs=epochs, on_epoch=on_epoch)
    books = values_of(every, vocabulary)
    shares = shares_of(books, len(vocabulary))
    tempo_shares = tempo_shares_of(every, books, len(vocabulary))
    told = card.about_general(name, len(every), whole)
    return Model(whole.weights, vocabulary, told, shares, tempo_shares), taught.weights


def measure(
    held_out: Model, parts: teacher.Split, course: book.Book
) -> tuple[dict[str, foresight.Foreseen], Scorecard]:
    """How well a model that has not seen the scoring solos foresees them, and plays, sampled."""
    learned, chosen_by, scored = (
        values_of(solos, course.vocabulary)
        for solos in (parts.teacher, parts.selection, parts.scoring)
    )
    shares = shares_of(learned, len(course.vocabulary))
    sampled = score(
        held_out,
        parts.scoring,
        bands_of([*parts.teacher, *parts.selection], course.vocabulary),
        known=measures.all_runs([*learned, *chosen_by, *scored]),
        book=measures.all_runs(course.values),
        temperature=1.0,
    )
    return foresight.compare(held_out.weights, learned, shares, chosen_by, scored), sampled


@click.command()
@click.argument("solos", type=click.Path(path_type=Path))
@click.argument("name", type=click.Choice(list(SIZES)), default="general")
def main(solos: Path, name: str) -> None:
    """Learn from the Weimar SOLOS in general, write the model NAME, measure it, write its card."""
    book.repeatable()
    parts = book.split(solos)
    course = book.read_book(etudes.FOLDER)
    size = SIZES[name]
    if size is not None:
        counts = figures.count_figures(parts.teacher)
        course = replace(course, vocabulary=figures.choose(counts, size))
    learned, unseeing = learn(parts, course.vocabulary, name)

    def page() -> str:
        measured = measure(replace(learned, weights=unseeing), parts, course)
        return card.of_general(learned, *measured, parts)

    book.ship(name, learned, page)


if __name__ == "__main__":
    main()
