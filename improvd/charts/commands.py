"""`improvd chart` and `improvd charts`: what is understood of a chart, before anybody plays it."""

import shutil
from pathlib import Path
from typing import Any

import click

from improvd import performance
from improvd.config import Config, ConfigError, load
from improvd.core.band.feels import feel_of
from improvd.core.harmony.chart import ChartError, parse_chart
from improvd.core.harmony.chart_text import page
from improvd.core.harmony.leadsheets.writing import leadsheet
from improvd.options import CHARTS, chart_text, given_only, refuse, settings

_ENDINGS = (".musicxml", ".xml")


@click.command()
@click.argument("chart", required=False)
@click.option("--scales", is_flag=True, help="With the notes each chord is improvised with.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write a lead sheet (.musicxml) that notation programs open.",
)
@settings("beat", "loop_bars")
def chart(
    chart: str | None, scales: bool, output: Path | None, file: Path | None, **given: Any
) -> None:
    """Show a chart as it will be played: its bars in order, four to a line.

    CHART is a file, chords between bar lines, or a name that `improvd charts` lists; without it,
    the configuration's chart. What is printed is a chart itself.
    """
    if output and output.suffix.lower() not in _ENDINGS:
        refuse(f"{output}: a lead sheet is written as {' or '.join(_ENDINGS)}")
    try:
        config = load(file, given_only({**given, "chart": chart}))
        shown = performance.chart_of(chart_text(config.chart), config)
    except (ConfigError, ChartError) as error:
        refuse(error)
    if output is None:
        width = shutil.get_terminal_size().columns
        click.echo("\n".join(page(shown, width, scales=scales)))
        return
    try:
        text = leadsheet(shown, dotted=config.beat != "quarter")
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        refuse(f"{output}: cannot be written ({error.strerror})")
    click.echo(f"{output}: {len(shown.bars)} bars, {shown.title or 'your chart'}.")


@click.command()
def charts() -> None:
    """List the charts that come with improvd, for --chart and `improvd ctl chart`."""
    width = max(map(len, CHARTS))
    for name in CHARTS:
        known = parse_chart(chart_text(name) or "")
        meter = f"{known.meter[0]}/{known.meter[1]}"
        bpm = performance.tempo(Config(), known)
        feel = feel_of(known, bpm, len(known))
        click.echo(
            f"{name:{width}}  {known.title}, {len(known.bars)} bars of {meter}, {feel} at {bpm:g}"
        )
