"""What several commands are given."""

from pathlib import Path

import click

SOURCES = click.argument("sources", metavar="PATH...", nargs=-1)
MELODY = click.option(
    "--melody", metavar="TRACK", help="Track that has the melody: its number, or words of its name."
)
JOBS = click.option(
    "--jobs", type=int, default=-1, show_default="all cores", help="Processes that read."
)
FILE = click.Path(path_type=Path, dir_okay=False)
