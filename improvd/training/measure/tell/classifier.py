"""The classifier: how well excerpts of two kinds are told apart, and by what.

Gradient-boosted trees on the features of excerpts, cross-validated: excerpts over one tune are all
learned from or all judged, never both. The area under the ROC curve is the chance that, of a real
excerpt and one of ours, the latter is taken for ours: 0.5 is guessing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

from improvd.core.arrays import Float64Array, Int64Array
from improvd.training.measure.tell import features_in_time, features_of_pitch
from improvd.training.measure.tell.excerpt import Excerpt

GROUPS: Mapping[str, Callable[[Excerpt], dict[str, float]]] = {
    "density": features_in_time.density,
    "rhythm": features_in_time.rhythm,
    "phrases": features_in_time.phrases,
    "intervals": features_of_pitch.intervals,
    "harmony": features_of_pitch.harmony,
    "repetition": features_of_pitch.repetition,
}
FOLDS = 5
# Each time with other folds; the mean is what is told. Groups alone are told once.
TIMES = 2
_DRAWS = 300
_PERCENTILES = (2.5, 97.5)
_NAMED = 6

Feature = tuple[str, str]
"""Its group and its name."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Excerpts as rows of features, (excerpts, features), and the tune that each is over."""

    features: Mapping[Feature, Float64Array]
    tunes: tuple[str, ...]

    def rows(self, group: str | None = None) -> Float64Array:
        """The features of a group, or all of them, (excerpts, features)."""
        return np.column_stack(
            [row for (its, _), row in self.features.items() if group in (None, its)]
        )


@dataclass(frozen=True, slots=True)
class Telltale:
    """A feature that tells by itself: how well, and its mean in real solos and in the others."""

    feature: Feature
    auc: float
    real: float
    theirs: float


@dataclass(frozen=True, slots=True)
class Told:
    """How well excerpts are told from real solos: the area under the curve, 0.5 for guessing.

    `low` to `high` is its 95 % interval over tunes; `groups` the area by each group of features
    alone; `telltales` the features that tell most by themselves.
    """

    excerpts: int
    auc: float
    low: float
    high: float
    groups: Mapping[str, float]
    telltales: Sequence[Telltale]


def sample(excerpts: Iterable[tuple[str, Excerpt]]) -> Sample:
    """The features of excerpts, each given with its tune."""
    tunes, rows = [], []
    for tune, excerpt in excerpts:
        tunes.append(tune)
        rows.append(
            {
                (group, name): value
                for group, take in GROUPS.items()
                for name, value in take(excerpt).items()
            }
        )
    names = rows[0] if rows else {}
    columns = {name: np.array([row[name] for row in rows], dtype=np.float64) for name in names}
    return Sample(columns, tuple(tunes))


def tell(real: Sample, theirs: Sample) -> Told:
    """How well these are told from real ones. The same samples give the same figures."""
    kinds, tunes = _kinds(real, theirs), np.array([*real.tunes, *theirs.tunes])
    guesses = _guesses(real, theirs, times=TIMES)
    low, high = _interval(kinds, guesses.mean(axis=0), tunes)
    return Told(
        excerpts=len(theirs.tunes),
        auc=_area(kinds, guesses),
        low=low,
        high=high,
        groups={group: _area(kinds, _guesses(real, theirs, group)) for group in GROUPS},
        telltales=_telltales(real, theirs),
    )


def _kinds(real: Sample, theirs: Sample) -> Int64Array:
    """0 for each real excerpt, 1 for each of the others."""
    return np.repeat([0, 1], [len(real.tunes), len(theirs.tunes)])


def _guesses(
    real: Sample, theirs: Sample, group: str | None = None, times: int = 1
) -> Float64Array:
    """How sure the classifier is that each excerpt is no real one, (times, excerpts)."""
    features, kinds = np.vstack([real.rows(group), theirs.rows(group)]), _kinds(real, theirs)
    tunes = [*real.tunes, *theirs.tunes]
    guesses = np.zeros((times, len(kinds)))
    for time, guess in enumerate(guesses):
        folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=time)
        for learned, judged in folds.split(features, kinds, tunes):
            trees = HistGradientBoostingClassifier(
                max_iter=150,
                learning_rate=0.06,
                max_leaf_nodes=12,
                min_samples_leaf=15,
                l2_regularization=1.0,
                random_state=0,
            )
            trees.fit(features[learned], kinds[learned])
            guess[judged] = trees.predict_proba(features[judged])[:, 1]
    return guesses


def _area(kinds: Int64Array, guesses: Float64Array) -> float:
    return float(np.mean([roc_auc_score(kinds, guess) for guess in guesses]))


def _interval(kinds: Int64Array, guess: Float64Array, tunes: np.ndarray) -> tuple[float, float]:
    """The 95 % interval of the area, tunes being drawn with replacement (the bootstrap)."""
    draw = np.random.default_rng(0)
    places = [np.flatnonzero(tunes == tune) for tune in np.unique(tunes)]
    areas = []
    for _ in range(_DRAWS):
        drawn = np.concatenate([places[i] for i in draw.integers(len(places), size=len(places))])
        if 0 < kinds[drawn].mean() < 1:
            areas.append(roc_auc_score(kinds[drawn], guess[drawn]))
    low, high = np.percentile(areas, _PERCENTILES)
    return float(low), float(high)


def _telltales(real: Sample, theirs: Sample) -> list[Telltale]:
    """The features that tell most by themselves, one after another."""
    told = []
    for feature, ours in theirs.features.items():
        known, known_ours = (row[~np.isnan(row)] for row in (real.features[feature], ours))
        if len(known) and len(known_ours):
            kinds = np.repeat([0, 1], [len(known), len(known_ours)])
            area = roc_auc_score(kinds, np.r_[known, known_ours])
            means = float(known.mean()), float(known_ours.mean())
            told.append(Telltale(feature, float(area), *means))
    return sorted(told, key=lambda each: -abs(each.auc - 0.5))[:_NAMED]
