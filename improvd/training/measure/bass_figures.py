"""Nineteen figures of a bass line, and the bands in which bassists' own lie.

The bands are the 10th, 50th and 90th percentile over lines of the Weimar Jazz Database that begin
four in ten of their chords on the root or more. Their pitches were transcribed by a network, so
what its errors make too small or too large counts on one side only: more roots and chord tones than
it heard, and fewer repeats and leaps, are no fault.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from improvd.core.band.moment import ChordContext

BANDS = Path(__file__).parent / "bass_bands.json"
"""Where the bands are kept."""
_PERCENTILES = (10, 50, 90)
FROM_BELOW = frozenset(("root", "chord tones", "scale tones"))
FROM_ABOVE = frozenset(("repeats", "leaps"))

Band = tuple[float, float, float]


def figures(pitches: Sequence[int], chords: Sequence[ChordContext]) -> dict[str, float]:
    """The figures of a line of a pitch a beat; NaN where the chords never change.

    Moves are shares of all moves, tones of all beats, and what stands on a chord's first beat or
    approaches it shares of all changes. `turns` are moves against the one before, `runs` the mean
    number of moves one way, `move` the mean one in semitones.
    """
    line = np.asarray(pitches)
    moves = np.diff(line)
    far = np.abs(moves)
    firsts = [at for at in range(1, len(line)) if chords[at].begins]
    above = np.array([(line[at] - chords[at].now.root) % 12 for at in firsts])
    to = [at for at in firsts if chords[at].now.root != chords[at - 1].now.root]
    before = np.array([(line[at - 1] - chords[at].now.root + 6) % 12 - 6 for at in to])
    ways = np.sign(moves)
    low, high = np.percentile(line, (5, 95))
    return {
        "repeats": _share(far == 0),
        "semitones": _share(far == 1),
        "whole tones": _share(far == 2),
        "thirds": _share((far == 3) | (far == 4)),
        "fourths and fifths": _share((far >= 5) & (far <= 7)),
        "leaps": _share(far > 7),
        "root": _share(above == 0),
        "fifth": _share(above == 7),
        "third": _share((above == 3) | (above == 4)),
        "approach by a semitone": _share(np.abs(before) == 1),
        "approach by a tone": _share(np.abs(before) == 2),
        "approach by a fourth": _share(np.isin(before, (-5, 5))),
        "chord tones": _share([p % 12 in c.now.tones for p, c in zip(line, chords, strict=True)]),
        "scale tones": _share([p % 12 in c.now.scale for p, c in zip(line, chords, strict=True)]),
        "turns": _share(ways[1:] * ways[:-1] < 0),
        "runs": len(moves) / (1 + int(np.sum(ways[1:] != ways[:-1]))),
        "lowest": float(low),
        "highest": float(high),
        "move": float(far.mean()),
    }


def _share(of: npt.ArrayLike) -> float:
    found = np.asarray(of, dtype=float)
    return float(found.mean()) if found.size else float("nan")


def bands_of(lines: Iterable[Mapping[str, float]]) -> dict[str, Band]:
    """The bands of the figures of many lines."""
    every = list(lines)
    found: dict[str, Band] = {}
    for name in every[0]:
        low, middle, high = np.nanpercentile([line[name] for line in every], _PERCENTILES)
        found[name] = round(float(low), 3), round(float(middle), 3), round(float(high), 3)
    return found


def known_bands() -> dict[str, Band]:
    """The bands of bassists' lines."""
    bands: dict[str, Band] = json.loads(BANDS.read_text(encoding="utf-8"))
    return bands


def inside(found: Mapping[str, float], bands: Mapping[str, Band]) -> dict[str, bool]:
    """Which figures lie in their bands; those that are NaN are left out."""
    within = {}
    for name, (low, _, high) in bands.items():
        value = found[name]
        if np.isnan(value):
            continue
        enough, not_too_much = value >= low or name in FROM_ABOVE, value <= high
        within[name] = enough and (not_too_much or name in FROM_BELOW)
    return within
