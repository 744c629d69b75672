"""A solo as a file: MIDI, written music, or a picture."""

from collections.abc import Sequence
from importlib import import_module
from math import ceil
from pathlib import Path

from improvd import performance
from improvd.config import Config
from improvd.core.harmony.chart import Chart
from improvd.core.playing.beat import Beat
from improvd.model import Model
from improvd.take import Take
from improvd.training.generate import line_of
from improvd.training.read import corpus

SUFFIXES = (".mid", ".musicxml", ".png")
BARS_IN_A_ROW = 6


def save(
    path: Path, config: Config, model: Model, chart: Chart, solo: tuple[Take, Sequence[Beat]]
) -> None:
    """Write a solo as its name's ending says: MIDI, MusicXML, or a picture. Raises OSError."""
    take, played = solo
    suffix = path.suffix.lower()
    if suffix == ".mid":
        take.save(path)
        return
    line = line_of(model.vocabulary, played)
    if suffix == ".png":
        pictures = import_module("improvd.training.show.pictures")
        chords = [beat.chord for beat in played]
        roll = pictures.piano_roll(
            corpus.notes_of(line), chords, ceil(chart.beats_per_bar), bars_in_a_row=BARS_IN_A_ROW
        )
        pictures.save(roll, path)
    else:
        import_module("improvd.training.show.sheet").write(
            path,
            line,
            chart,
            bpm=performance.tempo(config, chart),
            dotted=config.beat != "quarter",
        )
