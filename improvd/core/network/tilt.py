"""Tilts: what leans the pick towards the musician and the tempo, in nats on each value's log share.

While somebody plays: respond * log(w(k) / u(k)), k the kind of a value by how many notes it
strikes, u the corpus's share of that kind and w its share in the phrase just heard; and a pull
towards the register they play in. Kinds and not values, because the very values of the musician
would be an echo: over 328 phrases of real solos as near to them in density and rhythm, the answers
have 16 different values in 32 beats where a tilt by value leaves 11.

With nobody playing, at a tempo that somebody asked for: a push towards more notes or fewer, which
grows until so many are played as real solos have at this tempo: what the classes of tempo have in
their middles, and between two of them what lies between. Below the slowest middle soloists play the
same notes a second, so that a ballad's beats are busier than those of a slow swing. A model that
knows its etudes by heart is too sure of itself to be moved by a ratio of shares, and each to its
own degree; what it plays is heard and corrected. One that yields to ratios was measured
beforehand, and its push is a fixed one: corrected from beat to beat, each of its solos would be as
dense as any other, which real ones are not. At the tempo that nobody asked for there is no tilt:
plain argmax.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from improvd.core.music import HOLD, REST
from improvd.core.network.vocabulary import Register, Vocabulary

Nats = npt.NDArray[np.float32]

# Beats of so many notes or more are one kind.
MANY_NOTES = 4
# Beats of prior that a heard phrase has to outweigh.
PRIOR_BEATS = 20.0
# One rare kind must not win everything.
MOST_NATS = 2.0
RAREST_SHARE = 1e-4
# What was played longer ago no longer matters, nor anything after so long a silence.
REMEMBERED_BEATS = 32
FORGET_AFTER_BEATS = 32

# Nats, for each of `respond`, on a beat that goes far towards where the musician is, from far away.
REGISTER_NATS = 2.0
FAR_SEMITONES = 12
FAR_STEPS = 4
# A line that turns round a pitch needs room on both sides of it.
MARGIN = 3

# Beats per minute at which the classes of a model's tempo shares begin, the first at 0.
TEMPO_CLASSES = (90.0, 120.0, 150.0, 180.0, 210.0, 240.0)
# The mean tempo of real solos in each class, on a scale of ratios.
_MIDDLES = (66.0, 108.0, 134.0, 164.0, 195.0, 224.0, 275.0)
_LOG_MIDDLES = np.log(_MIDDLES)
# Nobody plays slower in real solos; what would be due there nobody knows.
_SLOWEST_BPM = 50.0
HOME_BPM = 120.0
# Nats on each note for a beat that has one note too few, and at most.
PUSH_A_BEAT = 0.05
MOST_PUSH = 1.5


def tempo_class(bpm: float) -> int:
    """The row of a model's tempo shares that a tempo belongs to, 0 to 6."""
    return sum(bpm >= start for start in TEMPO_CLASSES)


def kinds_of(onsets: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The kind of each value: rest 0, hold 1, one note 2, two 3, three 4, four or more 5."""
    kinds = np.minimum(onsets, MANY_NOTES) + HOLD
    kinds[REST] = REST
    return kinds


def notes_due(by_class: Sequence[float], bpm: float) -> float:
    """Notes a beat that are due at a tempo, by those of each class of tempo, slow to fast."""
    slower = max(_MIDDLES[0] / max(bpm, _SLOWEST_BPM), 1.0)
    return slower * float(np.interp(np.log(bpm), _LOG_MIDDLES, by_class))


@dataclass(frozen=True, slots=True)
class TiltsMemory:
    """What was heard and played: the phrase and its pitches, oldest first; silence; the push.

    `silence` is in beats since the phrase, `push` in nats a note.
    """

    heard: tuple[int, ...]
    pitches: tuple[int, ...]
    silence: int
    push: float


class Tilts:
    """Remembers the phrase just heard and leans towards it; with nobody there, to the tempo.

    Args:
        vocabulary: what the values mean.
        shares: the corpus's share of each value, float32 (n_values,).
        tempo_shares: the same for each tempo class, (7, n_values), or None if it is not known.
        respond: how strongly to lean towards what was heard; 0 never does.
        register: where the line can go.
        unasked: the tempo in beats a minute that nobody asked for, or None if somebody did.
        by_class: whether the notes due are the same within a class, as before rules 4.
        pushes: how many notes a beat are played at how many nats a note, (2, k), both ascending: so
            much is pushed, and no more; None where it is not known, and has to be found out.
    """

    def __init__(  # noqa: PLR0913 - what leans, each by name
        self,
        vocabulary: Vocabulary,
        shares: Nats,
        tempo_shares: Nats | None,
        respond: float,
        register: Register,
        *,
        unasked: float | None = None,
        by_class: bool = False,
        pushes: Nats | None = None,
    ) -> None:
        self._onsets = vocabulary.onsets
        self._far = np.clip(vocabulary.rises / FAR_STEPS, -1.0, 1.0).astype(np.float32)
        self._kinds = kinds_of(self._onsets)
        usual = np.bincount(self._kinds, weights=shares)
        self._usual = usual / usual.sum()
        self._densities = _densities(tempo_shares, self._onsets)
        self._respond = respond
        self._register = register
        self._unasked = unasked
        self._by_class = by_class
        self._pushes = pushes
        self._heard: deque[int] = deque(maxlen=REMEMBERED_BEATS)
        self._pitches: deque[int] = deque(maxlen=REMEMBERED_BEATS)
        self._silence = 0
        self._push = 0.0

    def hear(self, value: int | None, pitch: int) -> None:
        """One more beat: the musician's value and last pitch; None if they did not play in it."""
        if value is None:
            self._silence += 1
            if self._silence > FORGET_AFTER_BEATS:
                self._heard.clear()
                self._pitches.clear()
        else:
            if self._heard:
                # Rests inside a phrase are part of it; those before and after are waiting.
                self._heard.extend([REST] * self._silence)
            self._silence = 0
            self._heard.append(value)
            self._pitches.append(pitch)

    def played(self, value: int, bpm: float) -> None:
        """One more beat of improvd's own."""
        due = self._notes_due(bpm)
        if due is None:
            self._push = 0.0
        elif self._pushes is None:
            missing = due - float(self._onsets[value])
            self._push = min(max(self._push + PUSH_A_BEAT * missing, -MOST_PUSH), MOST_PUSH)

    @property
    def phrase(self) -> tuple[int, ...]:
        """The values of the phrase just heard, oldest first."""
        return tuple(self._heard)

    def memory(self) -> TiltsMemory:
        """What others go on from."""
        return TiltsMemory(self.phrase, tuple(self._pitches), self._silence, self._push)

    def restore(self, memory: TiltsMemory) -> None:
        """Go on from there; nothing is known of a phrase with values that this model has not."""
        known = all(value < len(self._kinds) for value in memory.heard)
        self._heard = deque(memory.heard if known else (), REMEMBERED_BEATS)
        self._pitches = deque(memory.pitches if known else (), REMEMBERED_BEATS)
        self._silence, self._push = memory.silence, memory.push

    def at(self, bpm: float, pitch: int) -> tuple[Nats, ...]:
        """The tilts of the beat to come, each of shape (n_values,); none when nothing leans.

        `pitch` is the one that the line goes on from.
        """
        if self._answering:
            return self._towards_musician(), self._towards_register(pitch)
        due = self._notes_due(bpm)
        if due is None:
            return ()
        push = self._push if self._pushes is None else np.interp(due, *self._pushes)
        return (np.float32(push) * self._onsets.astype(np.float32),)

    @property
    def _answering(self) -> bool:
        return bool(self._heard) and self._respond > 0.0

    def _notes_due(self, bpm: float) -> float | None:
        """Notes a beat to be reached; None with somebody there, or at a tempo nobody asked for."""
        # A clock that says 120 is followed at 119.98 or 120.02.
        bpm = round(bpm)
        if self._answering or self._densities is None or bpm == self._unasked:
            return None
        if self._by_class:
            return self._densities[tempo_class(bpm)]
        return notes_due(self._densities, bpm)

    def _towards_musician(self) -> Nats:
        counts = np.bincount(self._kinds[list(self._heard)], minlength=len(self._usual))
        heard = (counts + PRIOR_BEATS * self._usual) / (len(self._heard) + PRIOR_BEATS)
        return np.float32(self._respond) * _log_ratio(heard, self._usual)[self._kinds]

    def _towards_register(self, pitch: int) -> Nats:
        low, high = self._register.low + MARGIN, self._register.high - MARGIN
        there = min(max(sum(self._pitches) / len(self._pitches), low), high)
        pull = min(max((there - pitch) / FAR_SEMITONES, -1.0), 1.0)
        return np.float32(self._respond * REGISTER_NATS * pull) * self._far


def _densities(
    tempo_shares: Nats | None, onsets: npt.NDArray[np.int64]
) -> tuple[float, ...] | None:
    """Notes a beat at each class of tempo; None for a model without our classes."""
    if tempo_shares is None or len(tempo_shares) != len(TEMPO_CLASSES) + 1:
        return None
    return tuple((tempo_shares @ onsets / tempo_shares.sum(axis=1)).tolist())


def _log_ratio(shares: npt.ArrayLike, against: npt.ArrayLike) -> Nats:
    ratio = np.maximum(shares, RAREST_SHARE) / np.maximum(against, RAREST_SHARE)
    return np.clip(np.log(ratio), -MOST_NATS, MOST_NATS).astype(np.float32)
