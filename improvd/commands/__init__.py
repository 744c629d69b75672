"""The commands. Each imports only what it runs, so that playing never waits for learning."""
# ruff: noqa: PLC0415 - only what runs is imported

import sys
from collections.abc import Mapping
from importlib import import_module
from io import TextIOWrapper
from keyword import iskeyword
from pathlib import Path
from typing import Any

import click

from improvd import __version__
from improvd.commands.measuring import measure
from improvd.config import ConfigError, describe, load
from improvd.folders import runtime
from improvd.options import GroupedOptions, enough, given_only, refuse, settings
from improvd.service.players.head_start import HeadStart

# Commands that are imported when they are looked at, and where they are.
_ELSEWHERE = {
    "chart": "improvd.charts.commands",
    "charts": "improvd.charts.commands",
    "ctl": "improvd.service.remote.ctl",
    "evaluate": "improvd.training.commands.evaluate",
    "generate": "improvd.training.commands.generate",
    "import": "improvd.training.commands.take_over",
    "jams": "improvd.service.recorder.jams",
    "train": "improvd.training.commands.train",
}
_EPILOG = """\
\b
Examples:
  improvd                              a 12-bar blues in F, on a port of its own
  improvd --port "IAC Bus"             on a port that your DAW knows
  improvd --mode answer --tempo 90 --chart "| Dm7 | G7 | Cmaj7 | % |"
  improvd --chart bossa                one of the charts that `improvd charts` lists
  improvd chart my.chart --scales      what is understood of your own chart
  improvd ports                        what there is to play on
  improvd doctor                       how well this machine keeps time, and what to change
  improvd install-service              have systemd start it and look after it
  improvd jams export 1 last.mid       the jam before this, for your DAW
  improvd ctl tempo +5                 steer it while it plays
  improvd train my-midi-folder         learn from your own music, then play from it
"""


class _Commands(GroupedOptions, click.Group):
    """The commands, most of which are imported only when they are looked at."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run; what a terminal cannot show is replaced, and ends nothing."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")
        with enough():
            return super().main(*args, **extra)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The settings by group, then the commands."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in order."""
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = getattr(import_module(_ELSEWHERE[cmd_name]), name)
        if isinstance(command, click.Group) and cmd_name == "jams":
            command.add_command(measure)  # it needs learning, which the service knows nothing of
        return command


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@settings()
@click.option("--fresh", is_flag=True, help="Begin anew, not where the music was last.")
@click.option("--verbose", is_flag=True, help="Show the values of the model, too.")
@click.version_option(__version__)
@click.pass_context
def main(
    context: click.Context, /, file: Path | None, fresh: bool, verbose: bool, **given: Any
) -> None:
    """Plays with you over MIDI: it keeps time, knows the chords, and answers what you play.

    Without a command it plays until Ctrl-C. Whatever you play into its input becomes the next
    thing it thinks of. Every option can also stand in a configuration file (--config).
    """
    first: HeadStart | None = context.obj
    if context.invoked_subcommand is None:
        play(file, given_only(given), first, fresh=fresh, verbose=verbose)
    elif first is not None:
        first.give_up()


@main.command()
@click.option("--api", default="auto", show_default=True, help=f"{describe('api')}.")
def ports(api: str) -> None:
    """List the MIDI ports that improvd could play on and listen to."""
    from improvd.player.ports.ports import NoMidi, available

    try:
        found = available(api)
    except NoMidi as error:
        raise click.ClickException(str(error)) from None
    for direction, heading in (("out", "To play on (--port)"), ("in", "To listen to (--input)")):
        click.echo(f"{heading}:")
        names = [name for role, name in found if role == direction]
        for name in names or ["none; improvd opens a port of its own"]:
            click.echo(f"  {name}")


@main.command()
@settings("port", "input", "api", "model")
def doctor(file: Path | None, **given: Any) -> None:
    r"""Measure this machine, in half a minute, and say what to change.

    \b
    one step of the model          how long it thinks; it has 20 ms before each beat
    waking up late                 how late a note leaves because the system was busy
    a note out and back in         what the MIDI system adds: half of it each way
    a MIDI clock coming in         start your DAW's clock first; how even it arrives
    real-time rights               what improvd asks for, and whether it may have it

    p50 is what half of the measures stay under, p99 what 99 of 100 do. From 5 ms on, people begin
    to hear that two players are not together. Leave the machine as it is when you play: with the
    same programs open.
    """
    from improvd.model import ModelError
    from improvd.player.doctor import TOTAL, examine, report
    from improvd.player.ports.ports import PortError

    try:
        config = load(file, given_only(given))
        with click.progressbar(length=TOTAL, label="Measuring", file=sys.stderr) as bar:
            findings = examine(config, bar.update)
    except (ConfigError, ModelError, PortError) as error:
        refuse(error)
    for line in report(findings):
        click.echo(line)


@main.command("install-service")
@click.option("--user", "own", is_flag=True, help="For you, from login on; the default.")
@click.option("--system", "instance", metavar="NAME", help="For the machine, from boot on.")
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path),
    help="TOML file of settings to begin with; it is copied.",
)
@click.option("--learn", is_flag=True, help="Let it learn on from your jams every night, too.")
@click.option("--dry-run", is_flag=True, help="Show what would be done.")
def install_service(
    own: bool, instance: str | None, file: Path | None, learn: bool, dry_run: bool
) -> None:
    """Have systemd, or launchd on a Mac, start improvd, and start it again if it fails.

    With --learn systemd also runs `improvd train --jams` at night, when nobody else needs the
    machine.
    """
    from improvd.service import install, launchd, learning_timer
    from improvd.system import STARTS_SERVICES

    if own and instance is not None:
        refuse("--user and --system are two services: choose one")
    how: Any = launchd if STARTS_SERVICES == "launchd" else install
    if learn and how is launchd:
        refuse("--learn: launchd is not asked for that; have cron run `improvd train --jams`")
    program = install.this_program()
    try:
        service = how.wanted(instance)
        text = how.unit_text(service, program)
        if learn:
            learning_timer.check(service)
        if dry_run:
            learning = learning_timer.intention(service, program) if learn else []
            click.echo("\n".join([*how.intention(service, text), *learning]))
            return
        how.check(service)
        how.write(service, text, file)
        if learn:
            learning_timer.write(service, program)
        how.start(service)
        if learn:
            learning_timer.start(service)
    except (ConfigError, install.InstallError) as error:
        refuse(error)
    except install.ManagerError as error:
        click.echo(f"improvd: {error}", err=True)
        sys.exit(1)
    explained = learning_timer.explanation(service) if learn else []
    click.echo("\n".join([*how.explanation(service), *explained]))


@main.command()
@settings("name")
def silence(file: Path | None, **given: Any) -> None:
    """Close the notes that an improvd which is gone left sounding. Does no harm if there are none.

    The next start does the same; this is for when there is to be none.
    """
    from improvd.service import daemon

    try:
        closed = daemon.silence(load(file, given_only(given)).name)
    except ValueError as error:
        refuse(error)
    click.echo(f"Closed {len(closed)} notes." if closed else "Nothing was left sounding.")


def play(
    file: Path | None,
    overrides: Mapping[str, Any],
    first: HeadStart | None,
    *,
    fresh: bool,
    verbose: bool,
) -> None:
    """Play until told to stop; bad input ends with one sentence and exit status 2.

    `first` is the player that is on its way, if there is one.
    """
    try:
        first = first or HeadStart(runtime())
        try:
            _serve(file, overrides, first, fresh=fresh, verbose=verbose)
        finally:
            first.give_up()
    except ValueError as error:
        refuse(error)


def _serve(
    file: Path | None,
    overrides: Mapping[str, Any],
    first: HeadStart,
    *,
    fresh: bool,
    verbose: bool,
) -> None:
    """Play until told to stop, the first player being on its way."""
    from improvd.service import daemon
    from improvd.service.notify import watched
    from improvd.service.players.supervisor import PlayerLostError
    from improvd.service.status.settings import Source
    from improvd.service.terminal.foreground import Foreground

    source = Source(file, overrides)
    written = source.read()
    dotted = written.config.beat != "quarter"
    foreground = Foreground(
        Path.cwd(),
        attended=not watched(),
        dotted=dotted,
        voices=written.config.band_channels,
        verbose=verbose,
    )
    try:
        daemon.run(source, written, first, foreground, fresh=fresh)
    except PlayerLostError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
