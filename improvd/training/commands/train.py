"""`improvd train`: learn from music, or from one's own jams."""
# ruff: noqa: PLC0415 - only what runs is imported

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from improvd import model as models
from improvd.config import load
from improvd.options import given_only, refuse, settings
from improvd.training.commands.arguments import FILE, JOBS, MELODY, SOURCES

# What a script is told if no new model was written, though nothing was wrong.
_STAYS = 1
_NOTHING_GIVEN = """\
train needs music to learn from: files or folders of MIDI, MusicXML or ABC, JSON lines of the
Weimar Jazz Database, or corpus:NAME from music21's corpus. For example:

  improvd train my-midi-folder
  improvd train corpus:joplin
  improvd train {etudes}   (its own etudes)"""


@click.command()
@SOURCES
@click.option(
    "-o",
    "--output",
    type=FILE,
    default="my.safetensors",
    show_default=True,
    help="Model file to write; a page about it goes beside it. With --jams and without -o it is "
    "mine.safetensors beside the jams.",
)
@click.option(
    "--values",
    type=click.IntRange(3, 4096),
    default=78,
    show_default=True,
    help="Different beats it knows, at most.",
)
@click.option(
    "--units",
    type=click.IntRange(1, 2048),
    default=64,
    show_default=True,
    help="Units of the LSTM.",
)
@click.option(
    "--windows",
    type=click.IntRange(1),
    default=60,
    show_default=True,
    help="Windows to learn by heart; music of more than twice as many is learned in general.",
)
@click.option(
    "--tx", type=click.IntRange(2), show_default="30 by heart, else 96", help="Beats in a window."
)
@click.option(
    "--epochs",
    type=click.IntRange(1),
    show_default="1000 by heart, else at most 60",
    help="Times to go through all windows.",
)
@click.option(
    "--hold-out",
    type=click.FloatRange(0, 0.9),
    show_default="0 by heart, else 0.1",
    help="Share of the pieces that decides when to stop; 0 learns any amount by heart.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=0,
    show_default=True,
    help="The same seed gives the same weights.",
)
@click.option("--vocabulary", metavar="MODEL", help="Take over the values of this model.")
@click.option(
    "--jams",
    is_flag=True,
    help="Let a model learn on from your recorded jams, and take its place if it is better then.",
)
@click.option("--together", is_flag=True, help="Of jams, learn what improvd played in them, too.")
@settings("model", "name")
@MELODY
@JOBS
@click.pass_context
def train(  # noqa: PLR0913, PLR0917 - one for each option
    context: click.Context,
    /,
    sources: Sequence[str],
    output: Path,
    melody: str | None,
    jobs: int,
    vocabulary: str | None,
    jams: bool,
    together: bool,
    file: Path | None,
    **how: Any,
) -> None:
    """Learn from your own music; writes a model and a page about it.

    PATH is a file or folder of MIDI, MusicXML or ABC, of recorded jams, Weimar Jazz Database JSON
    lines, or corpus:NAME from music21's corpus. Ctrl-C ends it with the best so far.

    With --jams a model that is there learns on from what you have played with improvd (or from the
    PATHs given). Some of your jams are held out, and by those, and by how it plays, it is judged:
    only if it is better it takes the place of OUTPUT, whose former file is kept beside it. The exit
    status is 1 if the present model stays.
    """
    from improvd.training.read import etudes
    from improvd.training.read.sources import TOGETHER
    from improvd.training.show import terminal

    melody = TOGETHER if together else melody
    instance = {key: how.pop(key) for key in ("model", "name")}
    if jams:
        _check_alone(
            context, "--jams", "values", "units", "windows", "tx", "hold_out", "vocabulary"
        )
        given = context.get_parameter_source("output") is not ParameterSource.DEFAULT
        _learn_on(
            file, given_only(instance), sources, output if given else None, (melody, jobs), how
        )
        return
    if (model := instance["model"]) is not None:
        refuse(f"--model {model}: is what learns on from jams; say --jams, or --vocabulary {model}")
    if not sources:
        refuse(_NOTHING_GIVEN.format(etudes=etudes.FOLDER))
    with terminal.told_in_a_sentence(output):
        chosen = models.load(models.find(vocabulary)) if vocabulary else None
        pieces = terminal.read(sources, melody, jobs)
        with terminal.quiet():
            from improvd.training.show import report
            from improvd.training.train import Recipe, evaluated, learn, model_of, prepare

        if chosen is not None:
            how |= {"vocabulary": chosen.vocabulary, "realisation": chosen.realisation}
        recipe = Recipe(**how)
        if chosen is None:
            click.echo(f"Choosing the {recipe.values} different beats it is to know.")
        lesson = prepare(pieces, recipe)
        click.echo(f"Learning {lesson}; Ctrl-C keeps the best so far.")
        started = time.monotonic()
        with terminal.progress(lesson.epochs) as on_epoch:
            fitted = learn(lesson, recipe, on_epoch)
        learned = model_of(lesson, fitted, recipe, output.stem)
        models.save(output, learned)
        seconds = round(time.monotonic() - started)
        click.echo(f"Learned in {seconds} s, {learned.card['loss']}; {output} is written.")
        learned, measured = evaluated(learned, lesson)
        models.save(output, learned)
        page = output.with_suffix(".html")
        report.write(page, learned, fitted, pieces, measured)
    click.echo(f"It plays {learned.card['plays']}.")
    click.echo(f"\n  {output}  the model\n  {page}  what it learned, on one page\n")
    click.echo(f"Jam with it:  improvd --model {output}")


def _learn_on(  # noqa: PLR0913, PLR0917 - whose jams, and how they are read and learned
    file: Path | None,
    instance: Mapping[str, Any],
    sources: Sequence[str],
    output: Path | None,
    reading: tuple[str | None, int],
    how: Mapping[str, Any],
) -> None:
    """Let a model learn on from jams; exit status 1 where it stays as it is."""
    from improvd.training import from_jams
    from improvd.training.show import terminal

    with terminal.told_in_a_sentence(output):
        config = load(file, instance)
        place = from_jams.place(config, output)
        present = from_jams.present(config, place, named="model" in instance)
        pieces = terminal.read(sources or [from_jams.recorded(config)], *reading)
        better = from_jams.learn_on(present, pieces, place, how["epochs"], how["seed"])
    if not better:
        sys.exit(_STAYS)


def _check_alone(context: click.Context, option: str, *others: str) -> None:
    """Refuse options that mean nothing beside this one."""
    for other in others:
        if context.get_parameter_source(other) is not ParameterSource.DEFAULT:
            refuse(f"--{other.replace('_', '-')}: says nothing with {option}; leave it out")
