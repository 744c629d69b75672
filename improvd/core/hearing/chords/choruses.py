"""Choruses: what was struck in the choruses before, where no chart tells the form.

Nobody says how long the form is. For each length that forms have, a belief is kept that takes it
for granted: what was struck so many bars ago counts again now. Each length weighs as its belief has
foretold what was struck since, beside the belief that nothing is repeated.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from improvd.core.hearing.chords import grips
from improvd.core.hearing.chords.chord_filter import STATES, Belief, ChordChanges
from improvd.core.hearing.chords.grips import Hit

_FORMS = (4, 8, 12, 16, 24, 32)  # bars
_BEATS_KEPT, _HITS_KEPT = 256, 4
# Log weights of each length at first, and of anything at the least; what one hit wins or loses.
_AT_FIRST, _LEAST = -2.0, -4.0
_MOST_WON, _MOST_LOST = 2.0, 6.0
_NEVER_UNDER = 1e-9
# A chord that another chorus does not have there is not impossible.
_UNLIKE = 0.02
# So many beats of the chorus before say what is about to come.
_AHEAD = 3


@dataclass(frozen=True, slots=True)
class Choruses:
    """The hits of each beat, the latest beat last, and what each length of the form makes of them.

    `beliefs` has one for each length that the music has outlasted, the shortest first, shape
    (144 x lengths,). `weights` are log weights, of no repetition first, then of each length.
    """

    hits: tuple[tuple[Hit, ...], ...] = ()
    beliefs: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    weights: tuple[float, ...] = (0.0, *(_AT_FIRST,) * len(_FORMS))

    def struck(self, hit: Hit, plain: Belief) -> "Choruses":
        """A hit counts for the latest beat; `plain` is the belief of no repetition before it.

        Lengths that foretold it better than that belief gain weight, the others lose.
        """
        likelihood = grips.likelihood(hit)
        expected = np.log((plain * likelihood).sum() + _NEVER_UNDER)
        weights, beliefs = list(self.weights), []
        for at, belief in enumerate(self._each(), start=1):
            weighed = belief * likelihood
            won = np.log(weighed.sum() + _NEVER_UNDER) - expected
            weights[at] += float(min(max(won, -_MOST_LOST), _MOST_WON))
            beliefs.append(weighed / weighed.sum())
        best = max(weights)
        latest = self.hits[-1] if self.hits else ()
        return replace(
            self,
            hits=(*self.hits[:-1], (*latest, hit)[-_HITS_KEPT:]),
            beliefs=np.concatenate(beliefs) if beliefs else self.beliefs,
            weights=tuple(max(weight - best, _LEAST) for weight in weights),
        )

    def later(
        self, changes: ChordChanges, plain: Belief, place: int, beats_per_bar: float
    ) -> "Choruses":
        """A beat later, at `place` (0 is the first) of its bar; `plain` is for that beat already.

        A length begins with what is believed without it.
        """
        hits = (*self.hits, ())[-_BEATS_KEPT:]
        known, beliefs = list(self._each()), []
        for at, beats in enumerate(_lengths(beats_per_bar, len(hits))):
            believed = changes.predict(known[at], place) if at < len(known) else plain
            weighed = believed * _again(hits, beats, 0)
            beliefs.append(weighed / weighed.sum())
        return replace(
            self, hits=hits, beliefs=np.concatenate(beliefs) if beliefs else self.beliefs
        )

    def joined(
        self, changes: ChordChanges, plain: Belief, place: int, beats_per_bar: float
    ) -> Belief:
        """What is believed of the latest beat, by all lengths and none, each by its weight."""
        lengths = _lengths(beats_per_bar, len(self.hits))
        if not self.beliefs.size or not lengths:
            return plain
        weights = np.exp(self.weights)
        best = int(np.argmax(self.weights[1 : 1 + len(lengths)]))
        joined: Belief = weights[0] * plain
        for at, (belief, beats) in enumerate(zip(self._each(), lengths, strict=False)):
            foreseen = belief
            if at == best:
                foreseen = belief * self._to_come(changes, beats, place, beats_per_bar)
                foreseen /= foreseen.sum()
            joined += weights[1 + at] * foreseen
        return joined

    def _to_come(
        self, changes: ChordChanges, beats: int, place: int, beats_per_bar: float
    ) -> Belief:
        """How well each state goes with what came next in the choruses before."""
        beyond: Belief = np.ones(STATES)
        for ahead in range(_AHEAD, 0, -1):
            then = int((place + ahead) % beats_per_bar)
            beyond = changes.before(beyond * _again(self.hits, beats, ahead), then)
        return beyond

    def _each(self) -> Iterator[Belief]:
        for start in range(0, self.beliefs.size, STATES):
            yield self.beliefs[start : start + STATES]


def _lengths(beats_per_bar: float, heard: int) -> list[int]:
    """The lengths of forms, in beats, that so many beats outlast."""
    lengths = (round(bars * beats_per_bar) for bars in _FORMS)
    return [beats for beats in lengths if beats < heard]


def _again(hits: tuple[tuple[Hit, ...], ...], beats: int, ahead: int) -> Belief:
    """What the choruses before say of the latest beat, or of one ahead, each of so many beats."""
    said: Belief = np.ones(STATES)
    for back in range(len(hits) - 1 + ahead - beats, -1, -beats):
        for hit in hits[back]:
            said = said * _echo(hit)
    return said


@lru_cache(maxsize=2048)
def _echo(hit: Hit) -> Belief:
    """What a hit of another chorus says, shape (144,), the best having 1."""
    result: Belief = (grips.likelihood(hit) + _UNLIKE) / (1 + _UNLIKE)
    return result
