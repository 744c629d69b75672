"""A solo as a file: MIDI, written music, or a picture, with the voices of the band."""

from collections.abc import Collection, Sequence
from importlib import import_module
from math import ceil
from pathlib import Path

from improvd import performance
from improvd.config import Config
from improvd.core.band.lineup import SOLOIST
from improvd.core.harmony.chart import Chart
from improvd.core.playing.beat import Beat
from improvd.model import Model
from improvd.sheets.part import VoicePart, parts_of
from improvd.take import Take
from improvd.training.generate import line_of
from improvd.training.read import corpus

SUFFIXES = (".mid", ".musicxml", ".png")
BARS_IN_A_ROW = 6


def save(  # noqa: PLR0913, PLR0917 - what was played, by what, and what of it is wanted
    path: Path,
    config: Config,
    model: Model,
    chart: Chart,
    solo: tuple[Take, Sequence[Beat]],
    minus: Collection[str] = (),
) -> None:
    """Write a solo as its name's ending says: MIDI, MusicXML, or a picture. Raises OSError.

    The voices of `minus` are left out. What counts in is heard, and not written down.
    """
    take, played = solo
    take = take.without(minus) if minus else take
    suffix = path.suffix.lower()
    if suffix == ".mid":
        take.save(path)
        return
    played = [beat for beat in played if beat.bar > 0]
    line = None if SOLOIST in minus else line_of(model.vocabulary, played)
    _, *band = parts_of(take.counted_in())
    if suffix == ".png":
        roll = import_module("improvd.sheets.roll")
        parts = [] if line is None else [VoicePart("improvd", tuple(corpus.notes_of(line)))]
        chords = [beat.chord for beat in played]
        lines = [number for number, beat in enumerate(played) if beat.beat_in_bar == 1]
        drawn = roll.piano_roll(
            [*parts, *band],
            chords,
            ceil(chart.beats_per_bar),
            bars_in_a_row=BARS_IN_A_ROW,
            bar_lines=lines,
        )
        roll.save(drawn, path)
    else:
        import_module("improvd.training.show.sheet").write(
            path,
            line,
            chart,
            bpm=performance.tempo(config, chart),
            dotted=config.beat != "quarter",
            band=band,
            beats=len(played),
        )
