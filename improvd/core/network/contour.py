"""Contour: what a value says of a note's pitch where its figure leaves the choice of it open.

A note is at the pitch before it again (0), or higher or lower: by one or two semitones (1), by a
third (2), by a fourth, tritone or fifth (3), by more (4), or by any of these (`ANY`). Negative is
down.
"""

ANY = 5
# The widest move, an octave; and the least and the widest of each size.
WIDEST = 12
_SIZES = ((0, 0), (1, 2), (3, 4), (5, 7), (8, WIDEST), (1, WIDEST))
# So many rungs of a ladder stand for a size where there is nobody to choose.
_RUNGS = (0, 1, 2, 4, 6, 1)


def size_of(move: int) -> int:
    """The size of a move in semitones, 0 to 4."""
    return sum(abs(move) >= least for least, _ in _SIZES[1:ANY])


def way_of(move: int) -> int:
    """-1 for down, 0 for the same pitch, 1 for up."""
    return (move > 0) - (move < 0)


def contour_of(move: int) -> int:
    """The contour of a move in semitones, its size with its way."""
    return way_of(move) * size_of(move)


def any_of(move: int) -> int:
    """The contour of a move of which only the way is told."""
    return way_of(move) * ANY


def rungs_of(contour: int) -> int:
    """The steps on a ladder that stand for a contour."""
    return way_of(contour) * _RUNGS[abs(contour)]


def moves_of(contour: int) -> tuple[int, int]:
    """The lowest and the highest move in semitones that have this contour."""
    least, widest = _SIZES[abs(contour)]
    return (least, widest) if contour >= 0 else (-widest, -least)
