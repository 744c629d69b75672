"""What each beat sounds over: its chord, and the scale that the chords around it ask for.

Context chooses among scales; it never contradicts a tension that a symbol writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from improvd.core.harmony.chord import Chord
from improvd.core.harmony.chord_tones import QUALITIES, above
from improvd.core.harmony.ladder import Ladder, ladder

# Mixolydian with the flat third and the sharp fourth: soloists play them on a blues' I7 alone.
BLUES_TONIC = (0, 2, 3, 4, 5, 6, 7, 9, 10)


@dataclass(frozen=True, slots=True)
class Harmony:
    """What one beat sounds over: a chord, and the ladder of its scale in context."""

    chord: Chord
    ladder: Ladder


def harmonize(chords: Sequence[Chord | None], *, cyclic: bool = True) -> tuple[Harmony, ...]:
    """The harmony of each beat from its chord, in the context of the whole form.

    None (N.C.) lets the chord before it go on; at the start it takes the next one. The scale
    depends on the next chord of another root or other tones (after the last comes the first where
    `cyclic`), and never contradicts a tension the symbol writes:

    - A chord over a bass that is none of its tones has the scale of that bass (`qualities`).
    - A blues tonic is a plain dominant on which the form begins, where no dominant of the form
      resolves to a major chord (but on that root or its fourth). It takes the ladder BLUES_TONIC
      wherever it comes back.
    - A dominant going up a fourth to a minor or half-diminished chord takes flat 9 and flat 13.
    - A minor seventh is a iii, and takes aeolian, a major third above a tonic: a blues tonic, or
      a major chord to which its dominant resolves somewhere in the form. It is no iii as the ii
      of a ii-V, unless that dominant goes on up a fourth to a minor chord.

    Raises ValueError where no beat has a chord.
    """
    heard = _without_gaps(chords)
    changes: list[Chord] = []
    change_of: list[int] = []
    for chord in heard:
        if not changes or _kind(chord) != _kind(changes[-1]):
            changes.append(chord)
        change_of.append(len(changes) - 1)
    after = _after(changes, cyclic=cyclic)
    tonics = {
        changes[j].root for i, j in enumerate(after) if _resolves_to_major(changes[i], changes[j])
    }
    blues = _blues_tonic(changes, tonics)
    harmonies = []
    for chord, i in zip(heard, change_of, strict=True):
        then, beyond = changes[after[i]], changes[after[after[i]]]
        scale = chord.scale
        quality = "" if chord.over_bass else chord.quality
        if quality == "dom" and chord.root == blues:
            scale = above(chord.root, BLUES_TONIC)
        elif quality == "dom" and _leads(chord, then) and _is_minor(then):
            scale = above(chord.root, QUALITIES["domb9"].scale)
        elif quality == "min" and (chord.root - 4) % 12 in tonics | {blues}:
            two_five = _leads(chord, then) and _is_dominant(then)
            if not two_five or (_leads(then, beyond) and _is_minor(beyond)):
                scale = above(chord.root, QUALITIES["minb13"].scale)
        written_fits = set(chord.tensions) <= set(scale)
        harmonies.append(Harmony(chord, ladder(scale if written_fits else chord.scale)))
    return tuple(harmonies)


def _without_gaps(chords: Sequence[Chord | None]) -> list[Chord]:
    last = next((chord for chord in chords if chord is not None), None)
    if last is None and chords:
        raise ValueError("there is no chord here, only N.C.: one beat at least must have one")
    heard = []
    for chord in chords:
        last = chord or last
        heard += [last] if last else []
    return heard


def _kind(chord: Chord) -> tuple[int, tuple[int, ...]]:
    return chord.root, chord.tones


def _after(changes: list[Chord], *, cyclic: bool) -> list[int]:
    """For each change the index of the one after it; a last one that ends all leads to itself."""
    last = len(changes) - 1
    after = [min(i + 1, last) for i in range(len(changes))]
    if cyclic and len(changes) > 1:
        after[-1] = 0 if _kind(changes[0]) != _kind(changes[-1]) else 1
    return after


def _leads(chord: Chord, then: Chord) -> bool:
    return then.root == (chord.root + 5) % 12


def _is_minor(chord: Chord) -> bool:
    return chord.quality.startswith("min") or chord.quality == "hdim"


def _is_dominant(chord: Chord) -> bool:
    return {4, 10} <= {(tone - chord.root) % 12 for tone in chord.tones}


def _resolves_to_major(chord: Chord, then: Chord) -> bool:
    is_major = then.quality in ("maj", "maj6", "lyd")
    return is_major and _is_dominant(chord) and _leads(chord, then)


def _blues_tonic(changes: list[Chord], tonics: set[int]) -> int | None:
    """The root of the blues tonic, None where the form is none."""
    if not changes or changes[0].quality != "dom" or changes[0].over_bass:
        return None
    root = changes[0].root
    return root if tonics <= {root, (root + 5) % 12} else None
