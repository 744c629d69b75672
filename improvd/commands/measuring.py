"""`improvd jams measure`: what each voice of a recorded jam played, figure by figure.

It stands above both rooms that it needs: the service knows jams, and learning knows measures.
"""
# ruff: noqa: PLC0415 - only what runs is imported

from pathlib import Path
from typing import TYPE_CHECKING

import click

from improvd.options import refuse, settings

if TYPE_CHECKING:  # a command that is only looked at needs none of it
    from improvd.messages import Began
    from improvd.take import Take


def _feel(began: "Began", take: "Take") -> str:
    """The feel in which a jam was played, once round its chart."""
    from improvd.core.band.feels import feel_of
    from improvd.performance import chart_of

    if began.config.feel != "auto":
        return began.config.feel
    chart = chart_of(began.chart, began.config)
    return feel_of(chart, take.tempo, len(chart))


@click.command()
@click.argument("which", metavar="N")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.html",
    help="Write it as a page, too, with a picture of the music.",
)
@settings("name")
def measure(which: str, report: Path | None, file: Path | None, name: str | None) -> None:
    """Measure what each voice played in a jam: bands are those of real musicians."""
    from improvd.service.recorder import jams, library, recording
    from improvd.service.recorder.recording import Recording
    from improvd.training.show import terminal

    with terminal.told_in_a_sentence(report):
        from improvd.training.measure.voices import figures, music

        try:
            found = Recording(library.find(jams.folder(file, name), which))
            began = found.summary().began
            take = recording.take(found.events())
            played = music.of_take(take, _feel(began, take) if began else "")
        except ValueError as error:
            refuse(error)
        terminal.show_voices(found.path.stem, played, figures.by_voice(played), report)
