"""The realisation that is shipped: `python -m improvd.training.recipes.realisation SOLOS`.

It learns from the teacher's part of the Weimar solos which moves soloists make, and writes the
weights and a card. Models of contours take them in when they are made.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import click
import numpy as np

from improvd.core.arrays import Float32Array
from improvd.core.network.contour import any_of, contour_of
from improvd.core.network.vocabulary import Vocabulary
from improvd.core.realising.realiser import Realiser
from improvd.training.learn import realising
from improvd.training.measure.evaluate import REGISTER
from improvd.training.measure.tell import players
from improvd.training.measure.tell.classifier import Told, tell
from improvd.training.measure.tell.telling import sample_of
from improvd.training.read.corpus import Piece, beats_of, sing
from improvd.training.recipes import book, card, teacher

_CARD = """\
# The realisation

{size:,} weights of a conditional log-linear model: by which of the moves of a contour a line of
improvd's own goes on (`improvd/core/realising`). They were learned from {learned} solos of the
{weimar}, no note of which is in them. `python -m improvd.training.recipes.realisation SOLOS` makes
them again; the loss is convex, so that figures may differ in the last digits by processor.

Measured on {scoring} solos, whole pieces by performer and title, that nothing was learned from or
chosen by. Told which way a note goes, it foresees the move at {nats:.3f} nats; a guess among the
twelve semitones of an octave has {even:.3f}. Real rhythms and contours, their pitches chosen anew,
are told from the real solos as follows (`improvd evaluate --tell` says how; 0.5 is guessing).

| the contours of the real solos | AUC | 95 % | intervals | harmony | repetition |
|---|---|---|---|---|---|
"""
_ROW = "| {} | {:.2f} | {:.2f} to {:.2f} | {:.2f} | {:.2f} | {:.2f} |\n"


def learn(parts: teacher.Split) -> Float32Array:
    """The weights learned from the teacher's solos."""
    return realising.fit(realising.choices(parts.teacher))


def realised(
    weights: Float32Array, pieces: Sequence[Piece], contour: Callable[[int], int]
) -> players.Lines:
    """The rhythms and contours of the pieces, their pitches chosen anew in improvd's register."""
    lines = []
    for number, piece in enumerate(pieces):
        line = beats_of(piece)
        figures, previous = [], piece.start
        for beat in line:
            figure = []
            for note in beat.notes:
                figure.append((note.tick, contour(note.pitch - previous)))
                previous = note.pitch
            figures.append(tuple(figure))
        every = Vocabulary(sorted({figure for figure in figures if figure}))
        values = [every.values_indices[figure] if figure else 0 for figure in figures]
        start, singer = REGISTER.fold(piece.start), Realiser(weights, number)
        sung = sing(values, piece.harmonies, every, start, REGISTER, singer)
        kept = [type(new)(new.notes, held=old.held) for new, old in zip(sung, line, strict=True)]
        lines.append(kept[players.BEGIN :])
    return lines


def measure(weights: Float32Array, solos: Sequence[Piece]) -> dict[str, Told]:
    """How well real solos whose pitches were chosen anew are told from what they were."""
    pieces = players.long_enough(solos)
    real = sample_of(pieces, players.real(pieces))
    kinds = {"with their sizes": contour_of, "only which way they go": any_of}
    return {
        name: tell(real, sample_of(pieces, realised(weights, pieces, contour)))
        for name, contour in kinds.items()
    }


def page(weights: Float32Array, parts: teacher.Split) -> str:
    """The card of the weights, as Markdown."""
    scored = realising.choices(parts.scoring)
    text = _CARD.format(
        size=len(weights),
        learned=len(parts.teacher),
        weimar=card.WEIMAR,
        scoring=len(parts.scoring),
        nats=realising.surprise(weights, scored),
        even=float(np.log(scored.counts).mean()),
    )
    for name, told in measure(weights, parts.scoring).items():
        groups = (told.groups[group] for group in ("intervals", "harmony", "repetition"))
        text += _ROW.format(name, told.auc, told.low, told.high, *groups)
    return text


@click.command()
@click.argument("solos", type=click.Path(path_type=Path))
def main(solos: Path) -> None:
    """Learn a realisation from the Weimar SOLOS, write it, measure it, write its card."""
    parts = book.split(solos)
    weights = learn(parts)
    realising.save(weights)
    written = page(weights, parts)
    realising.FILE.with_name("README.md").write_text(written)
    click.echo(written)


if __name__ == "__main__":
    main()
