"""How the twelve pitch classes stand to a harmony."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from improvd.core.arrays import Int64Array
from improvd.core.harmony.scales import Harmony

ROOT, GUIDE, CHORD, SCALE, OUTSIDE = range(5)
ROLES = 5
# Minor, major, suspended; with which fifth and seventh.
QUALITIES = 10


@dataclass(frozen=True, slots=True, eq=False)
class Tones:
    """A chord as a soloist looks at it: its root, its kind, and what each pitch class is to it.

    `quality` is 0 to 9. `roles` (12,): the root, a guide tone (third or seventh), another chord
    tone, another tone of the scale in context, or outside. `scales` (12,): 1 for a tone of the
    scale in context, and 2 more for one of the scale of the chord itself.
    """

    root: int
    quality: int
    roles: Int64Array
    scales: Int64Array


def tones_of(harmony: Harmony) -> Tones:
    """The tones of a harmony; those of the last some thousand are kept."""
    chord = harmony.chord
    return _tones(chord.root, chord.tones, chord.scale, harmony.ladder.pitch_classes)


@lru_cache(maxsize=4096)
def _tones(
    root: int, tones: tuple[int, ...], scale: tuple[int, ...], ladder: tuple[int, ...]
) -> Tones:
    guides = (tones[1], tones[-1]) if len(tones) >= 4 else ()
    ranked = ((root,), guides, tones, ladder, range(12))
    return Tones(
        root,
        _quality((tone - root) % 12 for tone in tones),
        np.array([next(i for i, its in enumerate(ranked) if pc in its) for pc in range(12)]),
        np.array([(pc in ladder) + 2 * (pc in scale) for pc in range(12)]),
    )


def _quality(above: Iterable[int]) -> int:
    """The kind of a chord by its tones above the root."""
    tones = {*above}
    seventh = 10 in tones
    if 3 in tones and 4 not in tones:
        if 6 in tones and 7 not in tones:
            return 0 if seventh else 1  # half-diminished, diminished
        return 2 if seventh else 3  # minor seventh; sixth or major seventh
    if 4 in tones:
        if seventh:
            altered = 8 in tones or (6 in tones and 7 not in tones)
            return 5 if altered else 4
        return 6 if 11 in tones else 7  # major seventh, sixth
    return 8 if seventh else 9  # suspended
