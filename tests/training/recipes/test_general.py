"""The general models, as they lie in the repository: for drawing lots, not for argmax."""

import numpy as np
import pytest

from improvd.model import find, load
from improvd.training.measure import measures
from improvd.training.measure.evaluate import play_on
from improvd.training.read.corpus import NOTHING


@pytest.mark.parametrize(("name", "values"), [("general", 78), ("wide", 256)])
def test_it_is_the_courses_cell_on_so_many_values(name, values):
    model = load(find(name))
    assert len(model.vocabulary) == values
    assert model.weights.n_a == 64
    assert model.card["name"] == name
    assert "Weimar Jazz Database" in model.card["attribution"]


@pytest.mark.parametrize("name", ["general", "wide"])
def test_by_argmax_it_falls_silent_and_sampled_it_plays_on(name):
    general = load(find(name))
    [argmax] = play_on(general.weights, [[NOTHING]], 512).tolist()
    assert measures.longest_silence(argmax) > 256
    sampled = play_on(general.weights, [[NOTHING]] * 8, 512, temperature=1.0)
    assert not any(measures.cycle(values) for values in sampled.tolist())
    empty = (general.vocabulary.onsets[sampled] == 0).mean(axis=1)
    assert np.all((empty > 0.05) & (empty < 0.5))
