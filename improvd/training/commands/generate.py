"""`improvd generate`: a solo, without waiting for it."""
# ruff: noqa: PLC0415 - only what runs is imported

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Any

import click

from improvd import model as models
from improvd.config import GROUPS, load
from improvd.core.band.lineup import SOLOIST, VOICES
from improvd.options import chart_text, given_only, refuse, settings
from improvd.training.commands.arguments import FILE

_SHAPING = (
    *("model", "chart", "tempo", "temperature", "sample", "seed", "opening", "low", "high"),
    *("velocity", "notes_per_second", "swing", "count_in", *GROUPS["Band"]),
)


@click.command()
@settings(*_SHAPING)
@click.option(
    "-o",
    "--output",
    type=FILE,
    default="solo.mid",
    show_default=True,
    help="File to write: .mid, .musicxml, or .png for a picture.",
)
@click.option("--bars", type=click.IntRange(1, 10_000), default=24, show_default=True)
@click.option("--beats", type=click.IntRange(1, 40_000), help="Beats, instead of bars.")
@click.option("--keras", is_flag=True, help="Let Keras step the model: slow, and the same.")
@click.option(
    "--minus",
    multiple=True,
    type=click.Choice([SOLOIST, *VOICES]),
    help="Leave a voice out, such as the soloist, to play along: after a count-in, then.",
)
def generate(  # noqa: PLR0913, PLR0917 - one for each option
    file: Path | None,
    output: Path,
    bars: int,
    beats: int | None,
    keras: bool,
    minus: Sequence[str],
    **given: Any,
) -> None:
    """Write a solo to a file: what improvd plays when nobody else does, to the note.

    Without --seed it is that of seed 0: the same command writes the same file. With --band each
    voice has a track or a part of its own.
    """
    from improvd.performance import chart_of, heard_before
    from improvd.training import generate as generating
    from improvd.training.show import solo as solo_file
    from improvd.training.show import terminal

    if output.suffix.lower() not in solo_file.SUFFIXES:
        refuse(f"{output}: a solo is written as {', '.join(solo_file.SUFFIXES)}")
    with terminal.told_in_a_sentence(output):
        given = given_only(given)
        # Who plays along is counted in; else it begins with its first note.
        given |= {} if minus or "count_in" in given else {"count_in": 0}
        config = load(file, given)
        chart = chart_of(chart_text(config.chart), config)
        model = models.load(models.find(config.model))
        playing = (SOLOIST, *config.band_voices)
        if absent := [name for name in minus if name not in playing]:
            refuse(f"--minus {absent[0]}: there is none; what plays is {', '.join(playing)}")
        if set(playing) <= set(minus):
            refuse("--minus: nobody is left to play; with --band there are more voices")
        count = beats or round(chart.bar_line(bars))
        counted = ceil(config.count_in * chart.beats_per_bar)
        if keras:
            with terminal.quiet():
                heard = heard_before(config, model, chart)
                steps = generating.steps_for(model, count + 1)
                values = generating.keras_values(model, steps, heard)
            solo = generating.recite(config, model, chart, values, counted + count)
        else:
            solo = generating.solo(config, model, chart, counted + count)
        solo_file.save(output, config, model, chart, solo, minus)
    voices = [name for name in playing if name not in minus]
    notes = sum(len(beat.pitches) for beat in solo[1])
    who = ", ".join(voices) if len(playing) > 1 else f"{notes} notes"
    what = f"{count} beats, {who}, {chart.title or 'on your chart'}, seed {config.seed or 0}"
    click.echo(f"{output}: {what}.")
