"""What `improvd train --jams` does, and what it says about it."""

from collections.abc import Sequence
from pathlib import Path

import click

from improvd import folders
from improvd.config import Config
from improvd.core.course.tokens import TokenVocabulary
from improvd.model import Model, ModelError, find, load, take_place
from improvd.training.measure.evaluate import TooShortError
from improvd.training.read.corpus import Piece
from improvd.training.show import terminal

# What learns on where the configuration names a model whose likeliest beats are played: of those
# that are sampled the one that is told from real solos least.
SAMPLED = "contours"
_FILE = "mine.safetensors"


def recorded(config: Config) -> Path:
    """The folder of an instance's jams."""
    return folders.state() / config.name / "jams"


def place(config: Config, output: Path | None) -> Path:
    """Where the model is or is to be: as given, or else beside the jams. Raises OSError."""
    if output is not None:
        return output
    home = folders.state() / config.name
    folders.make_private(home)
    return home / _FILE


def present(config: Config, place: Path, *, named: bool) -> Model:
    """The model that learns on, as a person is told.

    One that a person `named`; or that of last time; or the configuration's if it is one that is
    sampled, as one that plays its likeliest beats is spoilt by learning on. Raises ModelError.
    """
    if not named and place.is_file():
        model = load(place)
        click.echo(f"{place} learns on.")
    else:
        model, name, why = load(find(config.model)), config.model, ""
        if not named and not model.temperature:
            model, why = (
                load(find(SAMPLED)),
                f": {name} plays its likeliest beats, and would not then",
            )
            name = SAMPLED
        click.echo(f"The model {name} learns on{why}.")
    if isinstance(model.vocabulary, TokenVocabulary):
        raise ModelError(f"{config.model}: speaks single notes, and jams are learned in beats")
    return model


def learn_on(
    present: Model, pieces: Sequence[Piece], place: Path, epochs: int | None, seed: int
) -> bool:
    """Learn on, judge, and write the model if it is better; whether it is. Imports TensorFlow.

    Raises ModelError where it cannot be written.
    """
    with terminal.quiet():
        from improvd.training import own_jams  # noqa: PLC0415 - takes seconds
    try:
        parts = own_jams.part(pieces)
    except TooShortError as error:
        click.echo(f"Too little to learn from: {error}.")
        return False
    epochs = epochs or own_jams.EPOCHS
    click.echo(f"Learning from {parts}; Ctrl-C keeps the best so far.")
    with terminal.progress(epochs) as on_epoch:
        fitted = own_jams.learn_on(present, parts, epochs=epochs, seed=seed, on_epoch=on_epoch)
    model = own_jams.grown(present, fitted, parts, place.stem)
    verdict = own_jams.judge(present, model, parts.scoring)
    click.echo(verdict.sentence)
    if verdict.better:
        former = take_place(place, model)
        click.echo(f"{place} is written." + (f" {former} is the one before." if former else ""))
        click.echo(
            f"Jam with it:  improvd --model {place}\n"
            f"While it plays:  improvd ctl model {place.absolute()}\n"
            "or, where that is its model already:  improvd ctl reload"
        )
    return verdict.better
