"""Real rhythms and contours whose pitches are chosen anew keep both."""

from itertools import pairwise

import numpy as np

from improvd.core.network.contour import any_of, contour_of, way_of
from improvd.core.realising.templates import SIZE
from improvd.training.measure.evaluate import REGISTER
from improvd.training.measure.tell import players
from improvd.training.read import etudes
from improvd.training.recipes.realisation import realised

PIECES = etudes.book()[:2]


def moves(line):
    pitches = [note.pitch for beat in line for note in beat.notes]
    return [after - before for before, after in pairwise(pitches)]


def test_a_piece_realised_has_its_rhythm_and_nearly_always_its_contour():
    for contour in (contour_of, any_of):
        lines = realised(np.zeros(SIZE, dtype=np.float32), PIECES, contour)
        for line, real in zip(lines, players.real(PIECES), strict=True):
            ticks = [[[n.tick for n in beat.notes] for beat in its] for its in (line, real)]
            assert ticks[0] == ticks[1]
            assert [beat.held for beat in line] == [beat.held for beat in real]
            assert all(n.pitch in REGISTER for beat in line for n in beat.notes)
            ways = zip(moves(line), moves(real), strict=True)
            # A line turns where the register ends.
            assert np.mean([way_of(a) == way_of(b) for a, b in ways]) > 0.8
