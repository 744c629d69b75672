"""From a configuration to a jam: what is put together."""

import pytest

from improvd import performance
from improvd.config import load
from improvd.model import find
from improvd.model import load as load_model
from improvd.training.generate import solo

MODEL = load_model(find("general"))


def values(**settings: object) -> list[int | None]:
    config = load(None, {"count_in": 0, **settings})
    _, played = solo(config, MODEL, performance.chart_of(None), 64)
    return [beat.value for beat in played]


def test_a_model_is_sampled_as_it_was_made_for_unless_somebody_says_otherwise():
    assert values() == values(temperature=1.0)
    assert values() != values(temperature=0.5)
    assert len(set(values(temperature=0.0))) < len(set(values())) / 2  # it falls silent


@pytest.mark.parametrize("seed", [1, 2])
def test_the_seed_decides_what_is_sampled(seed):
    assert values(seed=seed) == values(seed=seed)
    assert values(seed=seed) != values()
