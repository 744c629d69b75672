"""The general model, as it lies in the repository: it is for drawing lots, not for argmax."""

import numpy as np

from improvd.model import find, load
from improvd.training import measures
from improvd.training.corpus import NOTHING
from improvd.training.evaluate import play_on

GENERAL = load(find("general"))


def test_it_speaks_the_values_of_the_courses_model():
    assert len(GENERAL.vocabulary) == 78
    assert GENERAL.weights.n_a == 64
    assert "Weimar Jazz Database" in GENERAL.card["attribution"]


def test_by_argmax_it_falls_silent_and_sampled_it_plays_on():
    [argmax] = play_on(GENERAL.weights, [[NOTHING]], 512).tolist()
    assert measures.longest_silence(argmax) > 256
    sampled = play_on(GENERAL.weights, [[NOTHING]] * 8, 512, temperature=1.0)
    assert not any(measures.cycle(values) for values in sampled.tolist())
    empty = (GENERAL.vocabulary.onsets[sampled] == 0).mean(axis=1)
    assert np.all((empty > 0.05) & (empty < 0.5))
