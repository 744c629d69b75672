"""How loud real soloists play which notes: `python -m improvd.training.recipes.loudness SOLOS`.

Reads the loudness of every note of the Weimar Jazz Database's solos (decibels of the soloist's own
signal, from its JSON lines) and prints the numbers of `improvd/core/voice/phrasing.py`: what a
note's height and length add, and for each place in the phrase's contour how far notes stray from
that. What is further than `QUIETEST` below its solo's median is left out: there the measure of it
lost the soloist, with notes down to -50 dB.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np

from improvd.core.arrays import Float64Array
from improvd.core.voice.phrasing import USUAL_BEATS, Place, place_of

QUIETEST, FEWEST_NOTES = -20.0, 100
SHARES = np.linspace(0.5, 99.5, 12)
LONGEST_BEATS = 2.0


class Loudness(NamedTuple):
    """A note: where in its phrase, octaves above the solo's median, beats to the next, decibels."""

    place: Place
    octaves: float
    beats: float
    decibels: float


def notes_of(solo: dict[str, Any]) -> list[Loudness]:
    """The notes of a solo whose loudness is known, decibels from their median."""
    notes = [note for note in solo["notes"] if note[9] is not None]
    if len(notes) < FEWEST_NOTES:
        return []
    middle, usual = np.median([[note[2], note[9]] for note in notes], axis=0)
    period = 60.0 / float(solo["avgtempo"])
    heard = []
    for before, note, after in zip([None, *notes], notes, [*notes[1:], None], strict=False):
        begins = before is None or before[7] != note[7]
        ends = after is None or after[7] != note[7]
        place = place_of(
            note[2], None if begins else before[2], None if ends else after[2], ends=ends
        )
        beats = LONGEST_BEATS if after is None else (after[0] - note[0]) / period
        decibels = note[9] - usual
        if decibels >= QUIETEST:
            octaves = (note[2] - middle) / 12
            heard.append(Loudness(place, octaves, min(beats, LONGEST_BEATS), decibels))
    return heard


def fit(heard: Sequence[Loudness]) -> tuple[float, float, dict[Place, Float64Array]]:
    """Decibels an octave, decibels a beat, and at each place the levels of what remains."""
    place, octaves, beats, decibels = (np.array(column) for column in zip(*heard, strict=True))
    places = np.array([place == each for each in Place], dtype=float)
    design = np.column_stack([*places, octaves, beats])
    weights = np.linalg.lstsq(design, decibels, rcond=None)[0]
    octave, beat = float(weights[-2]), float(weights[-1])
    left = decibels - octave * octaves - beat * (beats - USUAL_BEATS)
    return octave, beat, {each: np.percentile(left[place == each], SHARES) for each in Place}


def solos_in(path: Path) -> Iterator[dict[str, Any]]:
    """The solos of JSON lines, gzipped or plain."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        yield from map(json.loads, lines)


@click.command()
@click.argument("solos", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def main(solos: Path) -> None:
    """Learn from the solos, and print what was learned."""
    every = [notes_of(solo) for solo in solos_in(solos)]
    octave, beat, levels = fit([note for notes in every for note in notes])
    click.echo(f"OCTAVE_DB, BEAT_DB = {octave:.1f}, {beat:.1f}")
    for place, its in levels.items():
        click.echo(f"    Place.{place.name}: ({', '.join(f'{level:.1f}' for level in its)}),")
    spreads = [[note.decibels for note in notes] for notes in every if notes]
    sd = np.median([np.std(each) for each in spreads])
    span = np.median([np.subtract(*np.percentile(each, [95, 5])) for each in spreads])
    click.echo(f"{len(spreads)} solos: standard deviation {sd:.1f} dB, p5 to p95 {span:.1f} dB")


if __name__ == "__main__":
    main()
