"""Offline solos: as many notes as real solos have at their tempo."""

import numpy as np
import pytest

from improvd import performance
from improvd.config import Config
from improvd.core.network.tilt import tempo_class
from improvd.model import find, load
from improvd.training.generate import solo

DEFAULT = load(find("default"))


@pytest.mark.parametrize("bpm", [60, 120, 200, 300])
def test_a_solo_has_the_notes_of_its_tempo(bpm):
    shares = DEFAULT.tempo_shares[tempo_class(bpm)]
    due = float(shares @ DEFAULT.vocabulary.onsets / shares.sum())
    config = Config(tempo=bpm, count_in=0)
    _, played = solo(config, DEFAULT, performance.chart_of(None), 512)
    notes = np.mean([len(beat.pitches) for beat in played])
    assert notes == pytest.approx(due, rel=0.1)
