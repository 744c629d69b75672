"""Tonight: what the musician has played this evening, mixed into the pick for as long as it lasts.

A cache of what followed what (after Kuhn & De Mori 1990): a value that the musician has played
after the one that was just fed leans the pick by strength log(1 + how often) nats, and so does,
half as far, its rhythm after that rhythm; all of it no further than `MOST_NATS`. Bounded: the
latest beats count, and the oldest go.
"""

from collections import deque
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from improvd.core.network.vocabulary import Vocabulary

Nats = npt.NDArray[np.float32]

REMEMBERED_BEATS = 1024
MOST_NATS = 2.0
RHYTHM_SHARE = 0.5
# What is kept where the musician did not play: nothing follows anything there.
_SILENCE = -1


class Tonight:
    """Remembers, leans and forgets. Constant time a beat; never blocks."""

    def __init__(self, vocabulary: Vocabulary, strength: float) -> None:
        self._strength = strength
        ticks = [tuple(note[0] for note in vocabulary.figure(v)) for v in range(len(vocabulary))]
        # rest and hold strike nothing, and are two rhythms
        rhythms = {rhythm: index for index, rhythm in enumerate(dict.fromkeys([0, 1, *ticks[2:]]))}
        self._rhythm_of = np.array([rhythms[each] for each in [0, 1, *ticks[2:]]])
        self._heard: deque[int] = deque()
        self._follow: dict[int, dict[int, int]] = {}
        self._rhythms = np.zeros((len(rhythms), len(rhythms)), dtype=np.int64)

    def hear(self, value: int | None) -> None:
        """One more beat: the musician's value; None if they did not play in it."""
        if value is None and (not self._heard or self._heard[-1] == _SILENCE):
            return
        if len(self._heard) == REMEMBERED_BEATS:
            self._count(self._heard.popleft(), self._heard[0], -1)
        now = _SILENCE if value is None else value
        if self._heard:
            self._count(self._heard[-1], now, 1)
        self._heard.append(now)

    def after(self, x: int | None) -> tuple[Nats, ...]:
        """What leans the pick after x, shape (n_values,); nothing where nothing is remembered."""
        if x is None or self._strength == 0.0 or not self._heard:
            return ()
        nats = RHYTHM_SHARE * np.log1p(self._rhythms[self._rhythm_of[x]])[self._rhythm_of]
        for value, count in self._follow.get(x, {}).items():
            nats[value] += np.log1p(count)
        nats *= min(self._strength, MOST_NATS / max(nats.max(), 1e-9))
        return (nats.astype(np.float32),)

    def forget(self) -> None:
        """The evening begins anew."""
        self._heard.clear()
        self._follow.clear()
        self._rhythms.fill(0)

    @property
    def memory(self) -> tuple[int, ...]:
        """What another one goes on from: the beats heard, oldest first."""
        return tuple(self._heard)

    def restore(self, memory: Iterable[int]) -> None:
        """Go on from there; what is no value of this vocabulary is left out."""
        self.forget()
        for value in memory:
            self.hear(value if 0 <= value < len(self._rhythm_of) else None)

    def _count(self, value: int, following: int, more: int) -> None:
        if _SILENCE in {value, following}:
            return
        counts = self._follow.setdefault(value, {})
        counts[following] = counts.get(following, 0) + more
        if counts[following] == 0:
            del counts[following]
        self._rhythms[self._rhythm_of[value], self._rhythm_of[following]] += more
