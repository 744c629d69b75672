"""What chord symbols mean: the rows of chord tones and scales, and which of them a chord takes.

A chord takes the first row of QUALITIES that holds every tone its symbol states, and whose scale
holds every tension it names. What no row holds takes the place of its degree in the row most like.

Slash chords. A bass that is one of the tones written above it is an inversion and changes nothing.
Any other bass belongs to the chord: it is one more tension of it, or the sixth or seventh that it
lacks, and the scale holds it. Scales below are those of C over each bass; they are named from the
note after which the chord sounds.

    bass  C                        Cmaj7             C7                Cm, Cm7
    Db    C half-whole (C7b9)      b9 for 9          C half-whole      C phrygian (Dbmaj9#11)
    D     C lydian (D9sus)         C lydian (D13sus) C mixolydian      C dorian (Dsusb9)
    Eb    C half-whole (Eb13b9)    #9 for 9          C half-whole      inversion
    E     inversion                inversion         inversion         E added
    F     C major (Fmaj9)          C major (Fmaj9)   C mixolydian      C dorian (F9sus)
    F#    C lydian                 C lydian          C lydian dominant C dorian #4
    G     inversion                inversion         inversion         inversion
    Ab    C mixolydian b6 (Abmaj7#5) b13 for 13      C mixolydian b6   C aeolian (Abmaj7)
    A     C major (Am7)            C major (Am9)     C mixolydian      C dorian (Am7b5)
    Bb    C mixolydian (C7)        Bb added          inversion         C dorian (Cm7)
    B     C lydian (B phrygian)    inversion         B added           C melodic minor; Cm7: B added

C/Bb is C7, and D/C the same a tone up: C lydian. An augmented triad over a bass a semitone above
one of its tones is that bass's minor chord with a major seventh, in melodic minor. Everything else
goes by the rule above the table.
"""

from collections.abc import Iterable
from typing import NamedTuple

_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_LYDIAN = (0, 2, 4, 6, 7, 9, 11)
_MIXOLYDIAN = (0, 2, 4, 5, 7, 9, 10)
_AEOLIAN = (0, 2, 3, 5, 7, 8, 10)
_PHRYGIAN = (0, 1, 3, 5, 7, 8, 10)
_MELODIC_MINOR = (0, 2, 3, 5, 7, 9, 11)
_ALTERED = (0, 1, 3, 4, 6, 8, 10)
_WHOLE_TONE = (0, 2, 4, 6, 8, 10)


class Quality(NamedTuple):
    """Chord tones and chord-scale, in semitones above the root."""

    tones: tuple[int, ...]
    scale: tuple[int, ...]


# In order of preference: an earlier row is taken wherever it holds what the symbol writes.
QUALITIES: dict[str, Quality] = {
    "power": Quality((0, 7), (0, 2, 5, 7, 10)),  # no third of its own to clash with the musician's
    "maj": Quality((0, 4, 7, 11), _MAJOR),
    "lyd": Quality((0, 4, 7, 11), _LYDIAN),
    "maj6": Quality((0, 4, 7, 9), _MAJOR),
    "majb5": Quality((0, 4, 6, 11), _LYDIAN),
    "dom": Quality((0, 4, 7, 10), _MIXOLYDIAN),
    "dom#11": Quality((0, 4, 7, 10), (0, 2, 4, 6, 7, 9, 10)),
    "domb13": Quality((0, 4, 7, 10), (0, 2, 4, 5, 7, 8, 10)),
    "domb9": Quality((0, 4, 7, 10), (0, 1, 4, 5, 7, 8, 10)),
    "dom13b9": Quality((0, 4, 7, 10), (0, 1, 3, 4, 6, 7, 9, 10)),
    "dom#9b13": Quality((0, 4, 7, 10), (0, 1, 3, 4, 7, 8, 10)),
    "domb5": Quality((0, 4, 6, 10), _WHOLE_TONE),
    "altb5": Quality((0, 4, 6, 10), _ALTERED),
    "aug": Quality((0, 4, 8, 10), _WHOLE_TONE),
    "alt": Quality((0, 4, 8, 10), _ALTERED),
    "augmaj7": Quality((0, 4, 8, 11), (0, 2, 4, 6, 8, 9, 11)),
    "sus": Quality((0, 5, 7, 10), _MIXOLYDIAN),
    "susb9": Quality((0, 5, 7, 10), _PHRYGIAN),
    "majsus": Quality((0, 5, 7, 11), _MAJOR),
    "sus2": Quality((0, 2, 7, 10), _MIXOLYDIAN),
    "min": Quality((0, 3, 7, 10), (0, 2, 3, 5, 7, 9, 10)),
    "minb13": Quality((0, 3, 7, 10), _AEOLIAN),
    "minb9": Quality((0, 3, 7, 10), _PHRYGIAN),
    "min#5": Quality((0, 3, 8, 10), _AEOLIAN),
    "min6": Quality((0, 3, 7, 9), _MELODIC_MINOR),
    "minmaj7": Quality((0, 3, 7, 11), _MELODIC_MINOR),
    "hdim": Quality((0, 3, 6, 10), (0, 1, 3, 5, 6, 8, 10)),
    "dim": Quality((0, 3, 6, 9), (0, 2, 3, 5, 6, 8, 9, 11)),
    "dimmaj7": Quality((0, 3, 6, 11), (0, 2, 3, 5, 6, 8, 9, 11)),
}

_SAME_DEGREE = ({1, 2, 3}, {5, 6}, {8, 9})
_THIRDS, _FIFTHS = {3, 4}, {6, 7, 8}
_MAJOR_TRIAD = frozenset((0, 4, 7))
_AUGMENTED = frozenset((0, 4, 8))
# The row whose scale a chord takes over a bass, where it is not the first that holds the bass.
_OVER_BASS: dict[tuple[frozenset[int], int], str] = {
    (_MAJOR_TRIAD, 1): "dom13b9",
    (_MAJOR_TRIAD, 2): "lyd",
    (_MAJOR_TRIAD, 11): "lyd",
    (_MAJOR_TRIAD | {9}, 1): "dom13b9",
    (_MAJOR_TRIAD | {9}, 2): "lyd",
    (_MAJOR_TRIAD | {9}, 3): "dom13b9",
    (_MAJOR_TRIAD | {11}, 2): "lyd",
    (_MAJOR_TRIAD | {10}, 1): "dom13b9",
    (frozenset((0, 3, 7)), 9): "min",
    (_AUGMENTED, 5): "domb13",
    (_AUGMENTED, 9): "augmaj7",
    (_AUGMENTED | {10}, 5): "domb13",
}


def meaning(stated: frozenset[int], tensions: frozenset[int]) -> tuple[str, Quality]:
    """The name of the row a chord takes, and its own tones and scale, in semitones from the root.

    `stated` are the tones its symbol writes, `tensions` what it names above them.
    """
    fitting = [name for name, row in QUALITIES.items() if stated <= {*row.tones}]
    holding = [name for name in fitting if tensions <= {*QUALITIES[name].scale}]
    name = next(iter(holding or fitting), None) or max(
        QUALITIES, key=lambda name: len(stated & {*QUALITIES[name].tones})
    )
    tones = QUALITIES[name].tones if fitting else tuple(sorted(stated))
    scale = with_tones(QUALITIES[name].scale, stated | tensions, stated)
    if name != "power" and not stated & {2, 5, *_THIRDS}:  # a chord whose third is left out
        tones = tuple(tone for tone in tones if tone not in _THIRDS)
        scale = tuple(tone for tone in scale if tone not in _THIRDS - tensions)
    return name, Quality(tones, scale)


def meaning_over(
    stated: frozenset[int], tensions: frozenset[int], bass: int
) -> tuple[str, Quality]:
    """The same for a chord over a bass that is none of its tones; the bass is the last tone."""
    exception = _OVER_BASS.get((stated, bass))
    third = bass in _THIRDS and not stated & {2, 5, *_THIRDS}
    sixth = bass == 9 and bool(stated & _THIRDS) and not stated & {10, 11}
    seventh = bass in (10, 11) and not stated & {10, 11} and not {3, 6, 9} <= stated
    if exception:
        name, own = exception, QUALITIES[exception]
    elif seventh:  # over which a sixth is a thirteenth
        name, own = meaning(stated - {9} | {bass}, tensions | (stated & {9}))
    elif sixth or third:
        name, own = meaning(stated | {bass}, tensions)
    else:
        name, own = meaning(stated, tensions | {bass})
    held = {*own.tones} >= stated | {bass}
    tones = own.tones if held else (*sorted(stated), bass)
    return name, Quality(tones, with_tones(own.scale, stated | tensions | {bass}, stated))


def with_tones(
    scale: Iterable[int], wanted: frozenset[int], tones: frozenset[int]
) -> tuple[int, ...]:
    """A scale with what is wanted in it, in place of the other forms of its degree.

    The tones of the chord keep their places.
    """
    held = {*scale}
    for missing in wanted - held:
        for degree in _SAME_DEGREE:
            if missing in degree:
                held -= degree - wanted - tones
        held.add(missing)
    return tuple(sorted(held))


def above(root: int, semitones: Iterable[int]) -> tuple[int, ...]:
    """Pitch classes of these semitones above a root."""
    return tuple((root + semitone) % 12 for semitone in semitones)
