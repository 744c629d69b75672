"""Tilts: what leans the pick towards the player and the tempo, in nats on each value's log share.

pick = argmax of log p(v) + respond * log(w(k) / u(k)) + log(t(v) / h(v)): k is the kind of value v,
by how many notes it strikes, u the corpus's share of that kind and w its share in the phrase just
heard; t and h are the value's own shares at this tempo and at the one the etudes are at home in.
With nobody playing, at home, there is no tilt: plain argmax.

Kinds and not values, because the very values of the player would be an echo: over 328 phrases of
real solos as near to them in density and rhythm, the answers have 16 different values where a tilt
by value leaves 11.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from improvd.core.music import HOLD, REST

Nats = npt.NDArray[np.float32]

# Beats of so many notes or more are one kind.
MANY_NOTES = 4

# Beats of prior that a heard phrase has to outweigh.
PRIOR_BEATS = 20.0
# One rare kind or value must not win everything.
MOST_NATS = 2.0
RAREST_SHARE = 1e-4
# What was played longer ago no longer matters, nor anything after so long a silence.
REMEMBERED_BEATS = 32
FORGET_AFTER_BEATS = 32

# Beats per minute at which the classes of a model's tempo shares begin, the first at 0.
TEMPO_CLASSES = (90.0, 120.0, 150.0, 180.0, 210.0, 240.0)
HOME_BPM = 120.0


def tempo_class(bpm: float) -> int:
    """The row of a model's tempo shares that a tempo belongs to, 0 to 6."""
    return sum(bpm >= start for start in TEMPO_CLASSES)


def tempo_tilt(tempo_shares: Nats | None, bpm: float) -> Nats | None:
    """The tilt of a tempo, shape (n_values,); None at home or for a model without our classes."""
    if tempo_shares is None or len(tempo_shares) != len(TEMPO_CLASSES) + 1:
        return None
    if tempo_class(bpm) == tempo_class(HOME_BPM):
        return None
    return _log_ratio(tempo_shares[tempo_class(bpm)], tempo_shares[tempo_class(HOME_BPM)])


@dataclass(frozen=True, slots=True)
class TiltsMemory:
    """The values of the phrase just heard, oldest first, and the beats of silence since."""

    heard: tuple[int, ...]
    silence: int


def kinds_of(onsets: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The kind of each value: rest 0, hold 1, one note 2, two 3, three 4, four or more 5."""
    kinds = np.minimum(onsets, MANY_NOTES) + HOLD
    kinds[REST] = REST
    return kinds


class Tilts:
    """Remembers the values of the phrase just heard, and leans towards them and the tempo.

    Args:
        onsets: how many notes each value strikes, (n_values,).
        shares: the corpus's share of each value, float32 (n_values,).
        tempo_shares: the same for each tempo class, (7, n_values), or None if it is not known.
        respond: how strongly to lean towards what was heard; 0 never does.
    """

    def __init__(
        self,
        onsets: npt.NDArray[np.int64],
        shares: Nats,
        tempo_shares: Nats | None,
        respond: float,
    ) -> None:
        self._kinds = kinds_of(onsets)
        usual = np.bincount(self._kinds, weights=shares)
        self._usual = usual / usual.sum()
        self._tempo_shares = tempo_shares
        self._respond = respond
        self._heard: deque[int] = deque(maxlen=REMEMBERED_BEATS)
        self._silence = 0

    def hear(self, value: int | None) -> None:
        """One more beat: the player's value, or None if they did not play in it."""
        if value is None:
            self._silence += 1
            if self._silence > FORGET_AFTER_BEATS:
                self._heard.clear()
        else:
            if self._heard:
                # Rests inside a phrase are part of it; those before and after are waiting.
                self._heard.extend([REST] * self._silence)
            self._silence = 0
            self._heard.append(value)

    @property
    def phrase(self) -> tuple[int, ...]:
        """The values of the phrase just heard, oldest first."""
        return tuple(self._heard)

    def memory(self) -> TiltsMemory:
        """What others go on from."""
        return TiltsMemory(self.phrase, self._silence)

    def restore(self, memory: TiltsMemory) -> None:
        """Go on from there; values that this model does not have are left out."""
        self._heard.extend(value for value in memory.heard if value < len(self._kinds))
        self._silence = memory.silence

    def at(self, bpm: float) -> tuple[Nats, ...]:
        """The tilts of the beat to come, each of shape (n_values,); none when nothing leans."""
        tilts = (self._towards_player(), tempo_tilt(self._tempo_shares, bpm))
        return tuple(tilt for tilt in tilts if tilt is not None)

    def _towards_player(self) -> Nats | None:
        if not self._heard or self._respond == 0.0:
            return None
        counts = np.bincount(self._kinds[list(self._heard)], minlength=len(self._usual))
        heard = (counts + PRIOR_BEATS * self._usual) / (len(self._heard) + PRIOR_BEATS)
        return np.float32(self._respond) * _log_ratio(heard, self._usual)[self._kinds]


def _log_ratio(shares: npt.ArrayLike, against: npt.ArrayLike) -> Nats:
    ratio = np.maximum(shares, RAREST_SHARE) / np.maximum(against, RAREST_SHARE)
    return np.clip(np.log(ratio), -MOST_NATS, MOST_NATS).astype(np.float32)
