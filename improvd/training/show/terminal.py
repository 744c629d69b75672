"""What people see while improvd reads and learns: bars, what was left out and why, no noise."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from tqdm import tqdm

from improvd.config import ConfigError
from improvd.core.harmony.chart import ChartError
from improvd.model import Model, ModelError
from improvd.options import refuse
from improvd.training.measure.evaluate import TooShortError, bits, counted
from improvd.training.read.corpus import Piece
from improvd.training.read.sources import read_all
from improvd.training.read.weimar import LeftOutError

if TYPE_CHECKING:  # the first imports TensorFlow, the others are seldom needed
    from improvd.training.learn.fit import Epoch
    from improvd.training.measure.voices.figures import Figures
    from improvd.training.measure.voices.music import BandMusic

# Of what is left out for one reason so many are named.
_MOST_NAMED = 4
_STOPPED = 130  # what a shell says of a program that Ctrl-C ended


def read(sources: Iterable[str | Path], melody: str | None, jobs: int) -> list[Piece]:
    """Read with a progress bar, and say what was read and what was left out, and why."""
    reading = read_all(sources, jobs, melody=melody, show=True)
    reasons: dict[str, list[str]] = {}
    for name, reason in reading.left_out.items():
        reasons.setdefault(reason, []).append(name)
    beats = sum(len(piece.harmonies) for piece in reading.pieces)
    click.echo(f"Read {counted(len(reading.pieces), 'piece')}, {counted(beats, 'beat')}.")
    if reasons:
        click.echo(f"Left out {len(reading.left_out)}:")
    for reason, names in reasons.items():
        click.echo(f"  {_some(names)}: {reason}")
    return reading.pieces


def _some(names: Sequence[str]) -> str:
    """A few of these names, a file's own only before the first of its parts."""
    file = names[0].rpartition(": ")[0]
    shown = [names[0], *(name.removeprefix(f"{file}: ") for name in names[1:_MOST_NAMED])]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


@contextmanager
def progress(epochs: int) -> Iterator[Callable[["Epoch"], None]]:
    """A bar over epochs; gives what is to be called after each."""
    with tqdm(total=epochs, desc="Learning", unit="epoch", leave=False, disable=None) as bar:

        def show(epoch: "Epoch") -> None:
            losses = f"loss {bits(epoch.loss.nats):.2f}"
            if epoch.held_out is not None:
                losses += f", held out {bits(epoch.held_out.nats):.2f}"
            bar.set_postfix_str(losses + " bits a beat", refresh=False)
            bar.update()

        yield show


def told_apart(model: Model, pieces: Sequence[Piece]) -> list[str]:
    """How well a classifier tells a model from these pieces, with a bar: it takes minutes."""
    from improvd.training.measure.tell import players, telling  # noqa: PLC0415 - scikit-learn

    with tqdm(total=1 + len(players.PLAYERS), desc="Telling", leave=False, disable=None) as bar:

        def show(player: str) -> None:
            bar.set_postfix_str(player, refresh=False)
            bar.update()

        return ["", *telling.lines(telling.telling(model, pieces, show))]


def of_voices(
    name: str, model: Model, temperature: float, seed: int, report: Path | None
) -> list[str]:
    """How a model and the band beside it play by themselves, voice by voice, with a bar."""
    from improvd.training.measure.voices import figures, played  # noqa: PLC0415 - seldom needed
    from improvd.training.show import voices  # noqa: PLC0415 - matplotlib

    count = len(played.SWING_CHARTS) * len(played.SEEDS)
    every, shown = [], None
    with tqdm(total=count, desc="Playing", leave=False, disable=None) as bar:
        for where, music in played.played(model, temperature, seed):
            bar.set_postfix_str(where, refresh=False)
            every.append(figures.by_voice(music))
            shown = shown or music
            bar.update()
    found = figures.medians(every)
    shares = {voice: figures.share_inside(every, voice) for voice in found}
    charts = ", ".join(played.SWING_CHARTS)
    about = f"Medians over {count} times 64 bars, three seeds of each of {charts}"
    if report is not None and shown is not None:
        voices.write(report, f"{name} and its band", f"{about}.", shown, found)
    return ["", f"{about}:", *voices.lines(found, shares)]


def show_voices(name: str, music: "BandMusic", found: "Figures", report: Path | None) -> None:
    """Show the figures of what was played, and write a page of them where that is asked for."""
    from improvd.training.show import voices  # noqa: PLC0415 - matplotlib

    heard = f"{counted(music.bars, 'bar')} of {music.feel} at {music.bpm:.0f} BPM"
    click.echo(f"{name}: {heard}; a star marks what lies outside its band.")
    for line in voices.lines(found):
        click.echo(line)
    if report is not None:
        voices.write(report, name, f"{heard}.", music, found)
        click.echo(f"\n{report} is written.")


@contextmanager
def told_in_a_sentence(output: Path | None = None) -> Iterator[None]:
    """Bad input, and a file that cannot be written, end in one sentence and no traceback."""
    try:
        folder = None if output is None else output.absolute().parent
        if folder is not None and not os.access(folder, os.W_OK):
            refuse(f"{output}: there is no folder {folder} that can be written to")
        yield
    except (ChartError, ConfigError, LeftOutError, ModelError, TooShortError) as error:
        refuse(error)
    except ModuleNotFoundError as error:
        refuse(
            f"{error.name} is missing: learning needs more than playing; in improvd's folder, "
            "`.venv/bin/python -m pip install '.[train]'` installs it"
        )
    except OSError as error:
        refuse(f"{error.filename or output}: {error.strerror or error}")
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
        sys.exit(_STOPPED)


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing is written to stderr while TensorFlow is imported: it greets everybody, at length."""
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
