"""How chords follow one another: `python -m improvd.training.recipes.chords SOLOS`.

SOLOS are the Weimar Jazz Database's, as JSON lines with a chord in every beat; every seventh is
left out. Written are counts alone, for `improvd.core.hearing.chords.chord_filter`.
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np

from improvd.core.harmony.chord import Chord, ChordError, read_chord
from improvd.core.hearing.chords.chord_filter import KINDS, state_of
from improvd.models import chords as shipped
from improvd.training.read.weimar import MOST_BEATS_WITHOUT_CHORD

_BEATS_PER_BAR = 4
Progression = list[tuple[Chord, int]]
"""A chord and its place in the bar (0 is the first) for every beat."""


def progressions(path: Path) -> Iterator[Progression]:
    """The chords of the solos in 4/4, beat by beat, gaps filled with the chord before."""
    with (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8")
    ) as lines:
        for line in lines:
            solo = json.loads(line)
            chords = [_chord(beat[4]) for beat in solo["beats"]]
            gaps = sum(chord is None for chord in chords)
            if solo["signature"] != "4/4" or gaps > MOST_BEATS_WITHOUT_CHORD * len(chords):
                continue
            last = next(chord for chord in chords if chord is not None)
            filled = [last := chord or last for chord in chords]
            yield [
                (c, min(beat[2], _BEATS_PER_BAR) - 1)
                for c, beat in zip(filled, solo["beats"], strict=True)
            ]


def split(every: list[Progression]) -> tuple[list[Progression], list[Progression]]:
    """Those to learn from, and every seventh to measure by."""
    return [p for at, p in enumerate(every) if at % 7], every[::7]


def count(learned: list[Progression]) -> shipped.Counts:
    """How often which kind follows which, by the step of the root; and where chords change."""
    kinds = len(KINDS)
    moves = np.zeros((kinds, 12, kinds), dtype=int)
    changes = np.zeros((_BEATS_PER_BAR, 2), dtype=int)
    played = np.ones(kinds, dtype=int)
    for progression in learned:
        states = [divmod(state_of(chord), kinds) for chord, _ in progression]
        for (root, kind), (to, following), (_, place) in zip(
            states, states[1:], progression[1:], strict=False
        ):
            moved = (root, kind) != (to, following)
            changes[place] += (moved, 1)
            moves[kind, (to - root) % 12, following] += moved
        for _, kind in states:
            played[kind] += 1
    share = ((changes[:, 0] + 1) / (changes[:, 1] + 2)).round(4)
    return shipped.Counts(moves.ravel().tolist(), share.tolist(), played.tolist())


def _chord(symbol: str | None) -> Chord | None:
    try:
        return read_chord(symbol or "NC")
    except ChordError:
        return None


@click.command()
@click.argument("solos", type=click.Path(path_type=Path))
def main(solos: Path) -> None:
    """Count the chord changes of the Weimar SOLOS, and write them down."""
    learned, _ = split(list(progressions(solos)))
    shipped.write(count(learned))
    click.echo(f"{shipped.FILE}: counts of {len(learned)} solos.")


if __name__ == "__main__":
    main()
