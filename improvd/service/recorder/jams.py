"""`improvd jams`: what was played, listed, looked at and exported."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from improvd import folders, performance
from improvd.config import ConfigError, load
from improvd.core.harmony.chart import Chart, ChartError
from improvd.model import ModelError
from improvd.options import given_only, refuse, settings
from improvd.service.recorder import library, recording, summary
from improvd.service.recorder.library import JamError
from improvd.service.recorder.recording import Recording
from improvd.service.recorder.replay import Replay
from improvd.service.terminal import console
from improvd.sheets import files
from improvd.take import Take

_FILE = click.Path(path_type=Path, dir_okay=False)
_PARTED = 1
_WHICH = click.argument("which", metavar="N")
_MINUS = click.option(
    "--minus",
    metavar="VOICE",
    multiple=True,
    help="Leave a voice out: soloist, musician, or one of the band's.",
)


@click.group()
def jams() -> None:
    """What was played: every jam is recorded.

    N counts from 1, the newest; the name of a jam will do, too, or a file.
    """


@jams.command("list")
@settings("name")
def list_(file: Path | None, name: str | None) -> None:
    """List the jams, the newest first."""
    with _told_in_a_sentence():
        place = folder(file, name)
        paths = library.jams(place)
        click.echo(summary.HEADING if paths else f"No jam was played yet: none is in {place}.")
        for number, path in enumerate(paths, 1):
            try:
                click.echo(summary.line(number, Recording(path).summary()))
            except JamError as error:
                click.echo(f"{number:>3}  {error}")


@jams.command()
@_WHICH
@click.option("--beats", is_flag=True, help="Show every beat, as it was shown when it was played.")
@click.option("--verbose", is_flag=True, help="Show the values of the model, too.")
@settings("name")
def show(which: str, beats: bool, verbose: bool, file: Path | None, name: str | None) -> None:
    """Tell how a jam went."""
    with _told_in_a_sentence():
        found = Recording(library.find(folder(file, name), which))
        for line in summary.story(found):
            click.echo(line)
        if beats:
            columns = console.width()
            click.echo(f"\n{console.heading(columns, verbose=verbose)}")
            for beat in recording.take(found.events()).beats:
                click.echo(console.beat_line(beat, columns, verbose=verbose))


@jams.command()
@_WHICH
@click.argument("output", metavar="OUT.mid", type=_FILE)
@_MINUS
@settings("name")
def export(
    which: str, output: Path, minus: Sequence[str], file: Path | None, name: str | None
) -> None:
    """Write a jam as a file: every voice that played, you among them, a track or a part each.

    OUT.mid is for a DAW, with tempo and chords; OUT.musicxml is written music, OUT.png a picture.
    """
    if output.suffix.lower() not in files.SUFFIXES:
        refuse(f"{output}: a jam is written as {', '.join(files.SUFFIXES)}")
    with _told_in_a_sentence():
        found = Recording(library.find(folder(file, name), which))
        take = recording.take(found.events())
        if absent := [each for each in minus if each not in take.names]:
            refuse(f"--minus {absent[0]}: there is none; who played is {', '.join(take.names)}")
        began = found.summary().began
        chart = performance.chart_of(began.chart, began.config) if began else None
        _save(take.without(minus) if minus else take, output, chart)
        click.echo(f"{found.path.stem} is in {output}.")


@jams.command()
@_WHICH
@click.option("-o", "--output", metavar="OUT.mid", type=_FILE, help="Write what came out.")
@settings("name")
def replay(which: str, output: Path | None, file: Path | None, name: str | None) -> None:
    """Play a jam again, in no time, and compare every byte: it is to be the same.

    What was heard, ordered and done when is taken from the recording; what is played is not.
    """
    with _told_in_a_sentence():
        found = Recording(library.find(folder(file, name), which))
        again = Replay(found.opened.rules)
        again.play(found.events())
        if output and again.take:
            _save(again.take, output)
        if again.skipped:
            click.echo(f"{again.skipped} messages after a gap could not be compared.")
        if again.parted:
            click.echo(f"{found.path.stem}: {again.same} messages are the same; {again.parted}.")
            sys.exit(_PARTED)
        click.echo(f"{found.path.stem}: all {again.same} messages are the same, to the byte.")


def _save(take: Take, output: Path, chart: Chart | None = None) -> None:
    try:
        files.save(take, output, chart)
    except ModuleNotFoundError as error:
        refuse(
            f"{output}: a picture needs {error.name}, which comes with what learning needs: in "
            "improvd's folder, `.venv/bin/python -m pip install '.[train]'`"
        )
    except OSError as error:
        refuse(f"{output}: cannot be written ({error.strerror})")


def folder(file: Path | None, name: str | None) -> Path:
    """The folder of an instance's jams."""
    return folders.state() / load(file, given_only({"name": name})).name / "jams"


@contextmanager
def _told_in_a_sentence() -> Iterator[None]:
    """Whatever cannot be ends in one sentence and exit status 2."""
    try:
        yield
    except (ChartError, ConfigError, JamError, ModelError) as error:
        refuse(error)
