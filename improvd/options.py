"""What the commands share: the settings as options, and bad input told in one sentence."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import click

from improvd import songbook
from improvd.config import GROUPS, OPTIONS, ConfigError, describe, limits, value_type
from improvd.core.harmony.chart import ChartError, parse_chart

_BAD_INPUT = 2
_BEYOND_SHOWING = 10_000
# As much of a chart as a sentence about it quotes.
_SHOWN = 200
Command = Callable[..., Any]


def settings(*keys: str) -> Callable[[Command], Command]:
    """One option for each of these keys of the configuration, all of them if none is named."""

    def add(command: Command) -> Command:
        for key in reversed(keys or OPTIONS):
            command = _option(key)(command)
        return click.option(
            "--config",
            "file",
            type=click.Path(path_type=Path),
            help="TOML file with these settings.",
        )(command)

    return add


class GroupedOptions(click.Command):
    """A command whose settings are shown in the groups of the configuration."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the settings by group, and what else there is after them."""
        records = {
            param.name: record
            for param in self.get_params(ctx)
            if (record := param.get_help_record(ctx)) is not None
        }
        for group, keys in GROUPS.items():
            with formatter.section(group):
                formatter.write_dl([records.pop(key) for key in keys if key in records])
        with formatter.section("Options"):
            formatter.write_dl(list(records.values()))


def _option(key: str) -> Callable[[Command], Command]:
    name = f"--{key.replace('_', '-')}"
    if value_type(key) is bool:
        name = f"{name}/--no-{name[2:]}"
    return click.option(
        name,
        type=value_type(key),
        default=None,
        metavar=_metavar(key),
        help=f"{describe(key)[0].upper()}{describe(key)[1:]}.",
    )


def _metavar(key: str) -> str | None:
    """What stands for the value: its limits, where it is a number that has any worth knowing."""
    if value_type(key) is str or (within := limits(key)) is None:
        return None
    low, high = within
    return f"{low:g}..{high:g}" if high < _BEYOND_SHOWING else "N"


def given_only(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given; the file, or the default, has the others."""
    return {key: value for key, value in options.items() if value is not None}


def chart_text(chart: str | None) -> str | None:
    """The chart itself, where a file or one that comes with improvd is named. Raises ConfigError.

    What a file holds is read once, so that a mistake names it.
    """
    if chart is None:
        return None
    named = "|" not in chart
    text = songbook.text(chart) if named else chart
    if len(text.encode(errors="replace")) > songbook.LONGEST:
        raise ConfigError(
            f"chart {chart[:_SHOWN]}: is longer than any chart ({songbook.LONGEST} bytes); "
            "is it another kind of file?"
        )
    if named:
        try:
            parse_chart(text)
        except ChartError as error:
            raise ConfigError(f"chart {chart[:_SHOWN]}: {error}") from None
    return text


def refuse(error: Exception | str) -> NoReturn:
    """Say what is wrong with what was given, and leave with exit status 2."""
    click.echo(f"improvd: {error}", err=True)
    sys.exit(_BAD_INPUT)
