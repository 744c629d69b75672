"""`improvd ctl`: orders to an improvd that plays."""

import json
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import msgspec

from improvd import folders
from improvd.config import Config, ConfigError, describe
from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import Turn
from improvd.folders import FolderError
from improvd.options import chart_text, refuse
from improvd.orders.asks import LEARNING_S
from improvd.orders.row import Row
from improvd.orders.table import ROWS
from improvd.service.remote.address import known_address, socket_path
from improvd.service.remote.client import PATIENCE_S, AbsentError, Client, RefusedError
from improvd.service.status.status import Status
from improvd.service.terminal import console
from improvd.service.terminal.screen import Screen

# Where systemd has the sockets of the instances that it starts from boot on.
_OF_THE_MACHINE = Path("/run/improvd")
# What takes longer than any other order: somebody has to find a knob, or a model is loaded and
# tried by a player that does not play.
_TAKES_S = {"map": LEARNING_S * 2, "model": 30.0, "reload": 30.0}
# What terminals do: the other screen, without a cursor, and back; to the first place; clear what is
# behind on a line, and what is below.
_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
_HOME, _TO_END, _BELOW = "\x1b[H", "\x1b[K", "\x1b[J"
_EPILOG = """\
\b
Examples:
  improvd ctl status                   what it plays, where it is, whose turn
  improvd ctl tempo +5                 a little faster
  improvd ctl chart "| Dm7 | G7 |"     other chords from the next bar line on
  improvd ctl tune next                the next tune of the set, when this chorus is over
  improvd ctl map turn play            then press a pedal: it is "your turn" from now on
  improvd ctl keep                     that was good: the last 8 bars as a .mid file

docs/CONTROL.md says how a script gives the same orders, and a knob or a pedal.
"""


@click.group(epilog=_EPILOG)
@click.option("--name", default=Config().name, show_default=True, help=f"{describe('name')}.")
@click.pass_context
def ctl(context: click.Context, name: str) -> None:
    """Steer an improvd that plays, in another terminal or under systemd."""
    context.obj = name


@ctl.command(help=f"Say {ROWS['status'].help}.")
@click.option("--json", "as_json", is_flag=True, help="As it comes over the socket.")
@click.pass_obj
def status(name: str, as_json: bool) -> None:
    """Print the status."""
    answer = _ask(name, "status")["status"]
    if as_json:
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    for line in block(msgspec.convert(answer, Status)):
        click.echo(line)


@ctl.command(help=f"Show {ROWS['watch'].help}, until Ctrl-C.")
@click.option("--verbose", is_flag=True, help="Show the values of the model, too.")
@click.pass_obj
def watch(name: str, verbose: bool) -> None:
    """Show beats and notices as they come: on a screen in its place, piped a line each."""
    with _connected(name) as client, suppress(KeyboardInterrupt):
        if sys.stdout.isatty():
            with _connected(name) as asking:
                _on_a_screen(client, asking, verbose=verbose)
            return
        click.echo(console.heading(console.width(), verbose=verbose))
        for news in client.watch():
            if "beat" in news:
                beat = msgspec.convert(news["beat"], Beat)
                click.echo(console.beat_line(beat, console.width(), verbose=verbose))
            elif "notice" in news:
                click.echo(news["notice"])
        click.echo("improvd has ended.")


def _on_a_screen(client: Client, asking: Client, *, verbose: bool) -> None:
    """Draw what is told over what was drawn before; the terminal is left as it was.

    What is played is asked for with every bar.
    """
    now = _status(asking)
    drawn = Screen(_title(now), now.standing, now.bpm, verbose=verbose)
    drawn.accompany(company(now) if now.voices else "")
    click.echo(_ENTER, nl=False)
    try:
        _draw(drawn)
        for news in client.watch():
            if "beat" in news:
                beat = msgspec.convert(news["beat"], Beat)
                drawn.beat(beat)
                if beat.beat_in_bar == 1:
                    with suppress(AbsentError):  # it ends just now
                        now = _status(asking)
                        drawn.entitle(_title(now))
                        drawn.accompany(company(now) if now.voices else "")
            elif "notice" in news:
                drawn.notice(news["notice"])
            elif "moved" in news:
                drawn.moved(**news["moved"])
            _draw(drawn)
    finally:
        click.echo(_LEAVE, nl=False)
    click.echo("improvd has ended.")


def _status(asking: Client) -> Status:
    return msgspec.convert(asking.ask("status")["status"], Status)


def _title(now: Status) -> str:
    return f"{_tune(now)}{now.title or 'your chart'}, {now.mode}, {now.model}"


def _draw(drawn: Screen) -> None:
    size = shutil.get_terminal_size()
    lines = (
        "".join(click.style(span.text, fg=span.colour, bold=span.bold or None) for span in line)
        for line in drawn.lines(size.columns, size.lines - 1)
    )
    click.echo(_HOME + f"{_TO_END}\n".join(lines) + f"{_TO_END}\n{_BELOW}", nl=False)


def company(now: Status) -> str:
    """Who plays, how loud, and in which feel."""
    voices = [f"{v.name} {v.level}{'' if v.aloud else ' (silent)'}" for v in now.voices]
    return f"band: {', '.join(voices)}" + (f"; {now.feel}" if now.feel else "")


def block(now: Status) -> list[str]:
    """The status as a person reads it, a few lines."""
    ports = f"plays on {now.plays_on}, listens on {now.hears_on}"
    turn = "improvd's turn" if now.turn is Turn.PLAY else "your turn"
    place = f"bar {now.bar}.{now.beat}, {now.chord}, {turn}" if now.bar > 0 else "counting in"
    losses = f"{now.restarts} restarts of the player, {now.reconnects} returns of the MIDI system"
    return [
        f"{now.name}: {ports if now.up and now.plays_on else now.no_midi or 'no player just now'}",
        f"{_tune(now)}{now.title or 'your chart'}: {place}",
        *([f"after this chorus: {now.coming}"] if now.coming else []),
        f"{round(now.bpm, 2):g} BPM, transport {now.standing}, mode {now.mode}, model {now.model}"
        + (f", seed {now.seed}" if now.seed is not None else "")
        + (", muted" if now.muted else ""),
        *([company(now)] if now.voices else []),
        f"since {_clock(now.since)}: {now.beats} beats, {now.notes} notes",
        f"{losses}, {now.lost} reports lost",
        *(f"{_clock(said.at)}  {said.text}" for said in now.notices),
    ]


def _tune(now: Status) -> str:
    return f"tune {now.tune} of {now.tunes}, " if now.tune is not None else ""


def _clock(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def _connected(name: str) -> Client:
    """A connection to the instance of a person, or else of the machine.

    A person's may have been started where the runtime folder is another one, as by cron.
    """
    try:
        own = socket_path(folders.runtime(), name)
    except FolderError as error:
        refuse(error)
    try:
        return Client(own, name)
    except AbsentError as error:
        others = (
            known_address(folders.state(), name),
            socket_path(_OF_THE_MACHINE / name, name),
        )
        for other in filter(None, others):
            with suppress(AbsentError):
                return Client(other, name)
        refuse(error)


def _ask(name: str, order: str, patience_s: float = PATIENCE_S) -> dict[str, Any]:
    try:
        with _connected(name) as client:
            answer = client.ask(order, patience_s)
            if order == "stop":
                client.wait()
            return answer
    except (AbsentError, RefusedError) as error:
        refuse(error)


def _here(word: str, rest: str) -> str:
    """What is meant from this folder: the text of a chart's file, the whole path of a model's.

    Raises ConfigError for a chart that cannot be read.
    """
    files = (Path(rest), Path(rest.rpartition("#")[0]))  # a list of tunes, and which one of it
    if word == "chart" and "|" not in rest and any(map(_is_file, files)):
        return chart_text(rest) or rest
    if word == "model" and _is_file(Path(rest)):
        return str(Path(rest).resolve())
    return rest


def _is_file(path: Path) -> bool:
    with suppress(OSError):  # of a name longer than any file's
        return path.is_file()
    return False


def _command(name: str, row: Row) -> click.Command:
    """The command that gives one order and prints what is said to it."""

    @click.pass_obj
    def give(instance: str, rest: tuple[str, ...] = ()) -> None:
        try:
            order = " ".join((name, _here(name, " ".join(rest)))).strip()
        except ConfigError as error:
            refuse(error)
        if name == "map":
            endless = "relative" in order
            move = "Turn the knob, both ways." if endless else "Turn the knob or press the pedal."
            click.echo(move, err=True)
        click.echo(_ask(instance, order, _TAKES_S.get(name, PATIENCE_S))["text"])

    takes = click.Argument(["rest"], nargs=-1, required=not row.optional, metavar=row.takes.upper())
    limits = f"{row.takes.upper()} is {row.limits}. " if row.takes else ""
    return click.Command(
        name,
        callback=give,
        params=[takes] if row.takes else [],
        help=f"{row.help[0].upper()}{row.help[1:]}.\n\n{limits}{row.more}",
        short_help=row.help,
        epilog=f"Example: improvd ctl {_quoted(row.example)}",
        # "-5" is a step of the tempo.
        context_settings={"ignore_unknown_options": True},
    )


def _quoted(example: str) -> str:
    """An example as a shell takes it."""
    word, _, rest = example.partition(" ")
    return f'{word} "{rest}"' if "|" in rest else example


for _name, _row in ROWS.items():
    if _name not in ctl.commands:
        ctl.add_command(_command(_name, _row))
