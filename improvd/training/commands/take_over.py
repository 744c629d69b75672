"""`improvd import`: a network of one's own, from Keras."""
# ruff: noqa: PLC0415 - only what runs is imported

from pathlib import Path

import click

from improvd import folders
from improvd import model as models
from improvd.options import refuse
from improvd.training.commands.arguments import FILE


@click.command("import")
@click.argument("network", metavar="MODEL.keras", type=FILE)
@click.option(
    "--values",
    type=FILE,
    required=True,
    metavar="FILE.json",
    help="What each of its values means: the course's indices_values.",
)
@click.option(
    "-o",
    "--output",
    type=FILE,
    default="mine.safetensors",
    show_default=True,
    help="Model file to write.",
)
@click.option(
    "--harmony",
    type=FILE,
    metavar="MUSIC",
    help="Write the chords of this music, such as the course's MIDI file, as a chart beside it.",
)
@click.option("--by-heart", is_flag=True, help="Have a new cell learn its solos, beat by beat.")
def import_(
    network: Path, values: Path, output: Path, harmony: Path | None, by_heart: bool
) -> None:
    """Take over a network of your own, trained in Keras as in the course.

    MODEL.keras is djmodel as it was saved, or any other network with one LSTM and one Dense layer.
    Its own weights are stepped; where the values are single notes, as many as fill a beat.
    """
    from improvd.training.show import terminal

    with terminal.told_in_a_sentence(output):
        with terminal.quiet():
            from improvd.training import keras_file, student
            from improvd.training.read import sources
        try:
            click.echo(f"Reading {network} and {values}.")
            layers, meanings = keras_file.read_network(network), keras_file.read_values(values)
            click.echo(f"Found {layers[0].name}, {layers[0].units} units, and {layers[1].name}.")
            if by_heart:
                click.echo("Letting it play, and learning by heart what it plays.")
            take_over = student.model_from_keras if by_heart else student.model_of
            model = take_over(*layers, meanings)
            on = None if harmony is None else student.harmony_of(sources.read(harmony)[0])
        except ValueError as error:
            refuse(error)
        models.save(output, model)
        chart = ""
        if on is not None:
            beside = output.with_suffix(".chart")
            with folders.whole(beside) as written:
                written.write(on.encode())
            chart = f" --chart {beside}"
    click.echo(f"{output} is written. {model.card['about']}")
    click.echo(f"Jam with it:  improvd --model {output}{chart}")
