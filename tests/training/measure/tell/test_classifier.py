"""The classifier finds what differs, by name, and nothing where nothing does."""

import numpy as np
import pytest

from improvd.training.measure.tell.classifier import GROUPS, Sample, tell


def drawn(seed: int, lower: float = 0.0, count: int = 120) -> Sample:
    """Excerpts of noise, in which the rhythm is lower by so much."""
    draw = np.random.default_rng(seed)
    features = {
        (group, f"{group} {n}"): draw.normal(size=count) for group in GROUPS for n in (1, 2)
    }
    features["rhythm", "rhythm 1"] -= lower
    features["harmony", "harmony 2"][::3] = np.nan
    return Sample(features, tuple(f"tune {i % 25}" for i in range(count)))


def test_where_nothing_differs_it_guesses_and_each_time_the_same():
    told = tell(drawn(1), drawn(2))
    assert 0.35 < told.auc < 0.65
    assert told.low < told.auc < told.high
    assert tell(drawn(1), drawn(2)) == told


def test_what_differs_is_told_and_named():
    told = tell(drawn(1), drawn(2, lower=2.0))
    assert told.auc > 0.85
    assert told.low > 0.8
    assert told.groups["rhythm"] > 0.85
    assert max(area for group, area in told.groups.items() if group != "rhythm") < 0.65
    first = told.telltales[0]
    assert first.feature == ("rhythm", "rhythm 1")
    assert first.auc < 0.15  # the less of it, the surer
    assert first.theirs == pytest.approx(first.real - 2, abs=0.3)
