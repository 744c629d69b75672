"""What the commands share: the settings as options, and bad input told in one sentence."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

import click

from improvd.config import (
    GROUPS,
    OPTIONS,
    WEB,
    WHERE_ALONE,
    ConfigError,
    describe,
    limits,
    value_type,
)
from improvd.system.portable import scarcity

_BAD_INPUT = 2
# A thousand bars, and well within one packet to the player.
_LONGEST_CHART = 16_000
# iReal Pro's own lists have some 1,500 tunes in 800 kB.
_LONGEST_LIST = 1 << 23
_BEYOND_SHOWING = 10_000
# As much of a chart as a sentence about it quotes.
_SHOWN = 200
_ABC = ".abc"
_LEAD_SHEETS = (".musicxml", ".xml", ".mxl")
# As much of a file as says what it is.
_HEAD = 4096
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
CHARTS: Mapping[str, Path] = MappingProxyType(
    dict(sorted((path.stem, path) for path in (Path(__file__).parent / "charts").glob("*.chart")))
)
"""The charts that come with improvd, name to file."""
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
    if key == "web":
        return _web_option
    name = f"--{key.replace('_', '-')}"
    if value_type(key) is bool:
        name = f"{name}/--no-{name[2:]}"
    alone: dict[str, Any] = (
        {"is_flag": False, "flag_value": WHERE_ALONE[key]} if key in WHERE_ALONE else {}
    )
    return click.option(
        name,
        type=value_type(key),
        default=None,
        metavar=_metavar(key),
        **alone,
        help=f"{describe(key)[0].upper()}{describe(key)[1:]}.",
    )


def _web_option(command: Command) -> Command:
    """Whether, and where, the live page is served: `--web`, `--web ADDRESS`, `--no-web`."""

    def off(context: click.Context, _: click.Parameter, given: bool) -> None:
        if given:
            context.params["web"] = "off"

    without = click.option(
        "--no-web", is_flag=True, expose_value=False, callback=off, help="Serves no live page."
    )
    described = describe("web")
    at = click.option(
        "--web",
        is_flag=False,
        flag_value=WEB,
        default=None,
        metavar="[ADDRESS]",
        help=f"{described[0].upper()}{described[1:]}.",
    )
    return at(without(command))


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
    named = "|" not in chart and "://" not in chart
    text, which = _read(chart) if named else (chart, "")
    if not named and "|" not in chart:
        text, _, which = chart.partition("#")
    if "://" in text:
        text = _of_link(chart, text, which)
    if len(text.encode(errors="replace")) > _LONGEST_CHART:
        raise ConfigError(
            f"chart {chart[:_SHOWN]}: is longer than any chart ({_LONGEST_CHART} bytes); "
            "is it another kind of file?"
        )
    if named:
        _check(chart, text)
    return text


def _of_link(name: str, text: str, which: str) -> str:
    """The chart of a tune that a link of iReal Pro holds; other text as it is."""
    # What reads it is for who has such a link.
    from improvd.core.harmony.form import ChartError  # noqa: PLC0415 - only when it is needed
    from improvd.core.harmony.ireal import links, tune  # noqa: PLC0415 - only when it is needed

    if not links.is_link(text):
        return text
    try:
        return tune.chart_text(text, which or None)
    except ChartError as error:
        raise ConfigError(f"chart {name[:_SHOWN]}: {error}") from None


def _check(name: str, text: str) -> None:
    """Raises ConfigError for a file that holds no chart."""
    # It brings NumPy, which who names no file does not wait for.
    from improvd.core.harmony.chart import ChartError, parse_chart  # noqa: PLC0415 - only when it is needed

    try:
        parse_chart(text)
    except ChartError as error:
        raise ConfigError(f"chart {name[:_SHOWN]}: {error}") from None


def _read(name: str) -> tuple[str, str]:
    """The text of a chart by its name or its file, and what it names after a # in a list of tunes.

    Of what is longer than any list only as much as shows that.
    """
    whole, of, number = CHARTS.get(name) or Path(name), *name.rpartition("#")[::2]
    try:
        for path, which in ((whole, ""), (Path(of), number)):
            if path.is_file():
                with path.open("rb") as file:
                    data = file.read(_LONGEST_LIST + 1)
                if path.suffix.lower() in _LEAD_SHEETS or _looks_like_a_sheet(data):
                    return _of_sheet(name, data), which
                if path.suffix.lower() == _ABC:
                    return _of_abc(name, data, which), ""
                return _decoded(data), which
    except ConfigError:
        raise
    except (OSError, ValueError) as error:
        raise ConfigError(f"chart {name[:_SHOWN]}: cannot be read as text ({error})") from None
    raise ConfigError(
        f"chart {name[:_SHOWN]}: is neither a file nor chords between bar lines, "
        f'such as "| Dm7 | G7 | Cmaj7 | % |"; charts that come with improvd are: '
        f"{', '.join(CHARTS)}"
    )


def _looks_like_a_sheet(data: bytes) -> bool:
    """Whether it is MusicXML, compressed or not, whatever its name."""
    head = data[:_HEAD].replace(b"\0", b"")
    return head.startswith(b"PK\3\4") or b"<score-partwise" in head or b"<score-timewise" in head


def _of_sheet(name: str, data: bytes) -> str:
    """The chart of a lead sheet in MusicXML."""
    # What reads it is for who has such a file.
    from improvd.core.harmony.form import ChartError  # noqa: PLC0415 - only when it is needed
    from improvd.core.harmony.leadsheets import reading  # noqa: PLC0415 - only when it is needed

    try:
        return reading.chart_text(data)
    except ChartError as error:
        raise ConfigError(f"chart {name[:_SHOWN]}: {error}") from None


def _decoded(data: bytes) -> str:
    """UTF-8, or UTF-16 with its mark, as Windows programs save it, or else Windows-1252."""
    if data.startswith(_UTF_16):
        return data[: len(data) // 2 * 2].decode("utf-16")
    if b"\0" in data or data.startswith(b"%PDF"):
        raise ValueError("it is another kind of file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")


def _of_abc(name: str, data: bytes, which: str) -> str:
    """The chart of a tune in ABC."""
    # What reads it is for who has such a file.
    from improvd.core.harmony.abc import reading  # noqa: PLC0415 - only when it is needed
    from improvd.core.harmony.form import ChartError  # noqa: PLC0415 - only when it is needed

    try:
        return reading.chart_text(data, which or None)
    except ChartError as error:
        raise ConfigError(f"chart {name[:_SHOWN]}: {error}") from None


@contextmanager
def enough() -> Iterator[None]:
    """What the system has too little of is one sentence, and exit status 1."""
    try:
        yield
    except (OSError, ImportError, MemoryError) as error:
        if (lacking := scarcity(error)) is None:
            raise
        click.echo(f"improvd: {lacking}", err=True)
        sys.exit(1)


def refuse(error: Exception | str) -> NoReturn:
    """Say what is wrong with what was given, and leave with exit status 2."""
    click.echo(f"improvd: {error}", err=True)
    sys.exit(_BAD_INPUT)
