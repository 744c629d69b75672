"""The commands. Each imports only what it runs, so that playing never waits for learning."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from improvd import __version__
from improvd.config import Config, ConfigError, describe, load, value_type

_BAD_INPUT = 2
_EPILOG = """\
\b
Examples:
  improvd                              a 12-bar blues in F, on a port of its own
  improvd --port "IAC Bus"             on a port that your DAW knows
  improvd --mode answer --tempo 90 --chart "| Dm7 | G7 | Cmaj7 | % |"
  improvd ports                        what there is to play on
"""


def settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """One option for every key of the configuration."""
    for key in reversed(Config.__struct_fields__):
        option = click.option(
            f"--{key.replace('_', '-')}", type=value_type(key), help=f"{describe(key)}."
        )
        command = option(command)
    return click.option(
        "--config", "file", type=click.Path(path_type=Path), help="TOML file with these settings."
    )(command)


@click.group(
    invoke_without_command=True,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@settings
@click.version_option(__version__)
@click.pass_context
def main(context: click.Context, /, file: Path | None, **given: Any) -> None:
    """Plays with you over MIDI: it keeps time, knows the chords, and answers what you play.

    Without a command it plays until Ctrl-C. Whatever you play into its input becomes the next
    thing it thinks of. Every option can also stand in a configuration file (--config).
    """
    if context.invoked_subcommand is not None:
        return
    overrides = {key: value for key, value in given.items() if value is not None}
    play(file, overrides)


@main.command()
@click.option("--api", default="auto", show_default=True, help=f"{describe('api')}.")
def ports(api: str) -> None:
    """List the MIDI ports that improvd could play on and listen to."""
    from improvd.player.ports import NoMidi, available  # noqa: PLC0415

    try:
        found = available(api)
    except NoMidi as error:
        raise click.ClickException(str(error)) from None
    for direction, heading in (("out", "To play on (--port)"), ("in", "To listen to (--input)")):
        click.echo(f"{heading}:")
        names = [name for role, name in found if role == direction]
        for name in names or ["none; improvd opens a port of its own"]:
            click.echo(f"  {name}")


def play(file: Path | None, overrides: Mapping[str, Any]) -> None:
    """Play in the foreground; bad input ends with one sentence and exit status 2."""
    from improvd.service import foreground  # noqa: PLC0415 - only what runs is imported
    from improvd.service.supervisor import PlayerLostError, PlayerRefusedError  # noqa: PLC0415

    try:
        config = load(file, overrides)
        foreground.run(config, _chart_text(config.chart), Path.cwd())
    except (ConfigError, PlayerRefusedError) as error:
        _refuse(error)
    except PlayerLostError as error:
        click.echo(str(error), err=True)
        sys.exit(1)


def _chart_text(chart: str | None) -> str | None:
    """The chart itself where a file is named."""
    if chart is None or "|" in chart:
        return chart
    try:
        return Path(chart).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"--chart {chart}: is neither a file nor chords between bar lines, "
            'such as "| Dm7 | G7 | Cmaj7 | % |"'
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--chart {chart}: cannot be read as text ({error})") from None


def _refuse(error: Exception) -> None:
    click.echo(f"improvd: {error}", err=True)
    sys.exit(_BAD_INPUT)


if __name__ == "__main__":
    main()
