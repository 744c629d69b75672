"""The model of contours: `python -m improvd.training.recipes.contours SOLOS`.

Its 78 values say rhythm and contour, and a realisation chooses the pitches. It has learned from the
teacher's part of the Weimar solos and knows none by heart, so it is sampled. The realisation comes
first: `python -m improvd.training.recipes.realisation SOLOS`.
"""

from pathlib import Path

import click

from improvd.core.network.vocabulary import Vocabulary
from improvd.model import Model
from improvd.training.learn import figures, realising
from improvd.training.learn.fit import Fit
from improvd.training.learn.settings import GENERAL_EPOCHS
from improvd.training.learn.shares import shares_of, tempo_shares_of
from improvd.training.measure.evaluate import values_of
from improvd.training.measure.tell.telling import lines, telling
from improvd.training.recipes import book, card, teacher
from improvd.training.show import terminal

NAME = "contours"
VALUES = 78


def learn(parts: teacher.Split) -> Model:
    """The model that has learned from the teacher's solos, stopped by those of the choice."""
    vocabulary = figures.choose(figures.count_contours(parts.teacher), VALUES)
    with terminal.progress(GENERAL_EPOCHS) as on_epoch:
        fitted = teacher.teach(
            parts.teacher, vocabulary, held_out=parts.selection, on_epoch=on_epoch
        )
    return model_of(fitted, vocabulary, parts)


def model_of(fitted: Fit, vocabulary: Vocabulary, parts: teacher.Split) -> Model:
    """The model of a fit, with the realisation that comes with improvd."""
    books = values_of(parts.teacher, vocabulary)
    return Model(
        fitted.weights,
        vocabulary,
        card.about_contours(NAME, len(parts.teacher), fitted),
        shares_of(books, len(vocabulary)),
        tempo_shares_of(parts.teacher, books, len(vocabulary)),
        realising.load(),
    )


@click.command()
@click.argument("solos", type=click.Path(path_type=Path))
def main(solos: Path) -> None:
    """Learn rhythms and contours from the Weimar SOLOS, write the model, measure it, its card."""
    book.repeatable()
    parts = book.split(solos)
    learned = learn(parts)
    book.ship(NAME, learned, lambda: measured(learned, parts))


def measured(learned: Model, parts: teacher.Split) -> str:
    """The page of the model, measured on the solos for scoring."""
    judged = book.judged(learned, parts, temperature=1.0)
    pages = [
        card.of_contours(learned, parts),
        card.told(lines(telling(learned, parts.scoring)), parts),
        card.measures_of(judged, "Sampled at temperature 1,", parts),
    ]
    return "\n".join(pages)


if __name__ == "__main__":
    main()
