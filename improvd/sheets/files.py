"""A take as a file, as its name's ending says: MIDI, written music, or a picture."""

from math import ceil
from pathlib import Path

from improvd import folders
from improvd.core.harmony.chart import Chart
from improvd.sheets import layout, musicxml
from improvd.sheets.part import parts_of
from improvd.take import Take

SUFFIXES = (".mid", ".musicxml", ".png")
_BARS_IN_A_ROW = 6


def save(take: Take, path: Path, chart: Chart | None = None) -> None:
    """Write a take whole or not at all; a sheet has the title and the key of the chart.

    Raises OSError, and ModuleNotFoundError where a picture is wanted and matplotlib is absent.
    """
    match path.suffix.lower():
        case ".musicxml":
            title, key = ("", None) if chart is None else (chart.title, chart.key)
            text = musicxml.document(layout.of_take(take, title, key))
            with folders.whole(path) as written:
                written.write(text.encode())
        case ".png":
            _draw(take, path)
        case _:
            take.save(path)


def _draw(take: Take, path: Path) -> None:
    from improvd.sheets import roll  # noqa: PLC0415 - matplotlib is for who has it

    music = take.counted_in()
    places = music.grid().places
    chords = [place.chord or "" for place in places] or [""]
    beats = ceil(places[0].beats_per_bar) if places else 4
    parts = [part for part in parts_of(music) if part.notes]
    lines = [number for number, place in enumerate(places) if place.starts_bar]
    drawn = roll.piano_roll(parts, chords, beats, _BARS_IN_A_ROW, bar_lines=lines)
    roll.save(drawn, path)
