"""Which name a pitch has on paper: the one that is nearest to the root of its chord in fifths."""

from typing import NamedTuple

_LETTERS = "FCGDAEB"
_FIFTHS = {letter: number - 1 for number, letter in enumerate(_LETTERS)}
# The twelve names go from a minor second to an augmented fourth above the root, in fifths; none of
# them has two accidentals.
_BELOW, _OTHERS = 5, 11
_FLATTEST, _SHARPEST = -8, 12


class Spelled(NamedTuple):
    """A pitch by its letter, how many semitones that is altered, and its octave."""

    step: str
    alter: int
    octave: int


def spelled(pitch: int, root: str = "C", *, flat_five: bool = False) -> Spelled:
    """A MIDI pitch as it is written over a chord with this root, such as "Bb".

    `flat_five`: the chord has a diminished fifth, and no augmented fourth.
    """
    centre = _FIFTHS[root[0]] + 7 * (root.count("#") - root.count("b"))
    lowest = min(max(centre - _BELOW - flat_five, _FLATTEST), _SHARPEST - _OTHERS)
    fifths = lowest + (7 * pitch - lowest) % 12
    alter, place = divmod(fifths + 1, 7)
    return Spelled(_LETTERS[place], alter, (pitch - alter) // 12 - 1)
