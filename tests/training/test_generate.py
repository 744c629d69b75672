"""Offline solos: as many notes as real solos have at their tempo."""

import numpy as np
import pytest

from improvd import performance
from improvd.config import Config
from improvd.core.network.tilt import tempo_class
from improvd.model import find, load
from improvd.training.generate import solo

COURSE = load(find("course"))


@pytest.mark.parametrize("bpm", [60, 120, 200, 300])
def test_a_solo_has_the_notes_of_its_tempo(bpm):
    shares = COURSE.tempo_shares[tempo_class(bpm)]
    due = float(shares @ COURSE.vocabulary.onsets / shares.sum())
    config = Config(tempo=bpm, count_in=0)
    _, played = solo(config, COURSE, performance.chart_of(None), 512)
    notes = np.mean([len(beat.pitches) for beat in played])
    assert notes == pytest.approx(due, rel=0.1)


def test_the_default_plays_denser_at_slow_tempi_and_each_solo_to_a_degree_of_its_own():
    default, chart = load(find("default")), performance.chart_of(None)

    def notes(bpm, seed):
        config = Config(tempo=bpm, count_in=0, seed=seed)
        return np.mean([len(beat.pitches) for beat in solo(config, default, chart, 384)[1]])

    slow, fast = ([notes(bpm, seed) for seed in (0, 1)] for bpm in (60, 300))
    assert np.mean(slow) > 1.5 * np.mean(fast)
    assert slow[0] != slow[1]
