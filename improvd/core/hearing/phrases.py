"""The musician's phrases: when the latest began, and what silence ends one of theirs."""

from collections import deque
from collections.abc import Iterable

from improvd.core.hearing.windows import LONGEST_WAIT_BEATS, wait_before_answer
from improvd.core.music import PULSES_PER_BEAT

# Enough gaps to know a musician's habit, few enough to follow a change of it.
_GAPS_KEPT = 32


class Phrases:
    """Follows a melody, onset by onset; times in pulses.

    `start` is the first onset of the latest phrase, `last_onset` its last one, None if nothing was
    played yet; `last_end` is when all sound ended last.
    """

    def __init__(self) -> None:
        self.start = 0
        self.last_onset: int | None = None
        self.last_end: int | None = None
        self._gaps: deque[float] = deque(maxlen=_GAPS_KEPT)

    def follow(self, onset: int) -> None:
        """A melody note was struck."""
        if self.last_onset is None:
            self.start = onset
        else:
            gap = (onset - self.last_onset) / PULSES_PER_BEAT
            if gap > self.patience:
                self.start = onset
            if gap <= LONGEST_WAIT_BEATS:  # a longer one is waiting, and no habit
                self._gaps.append(gap)
        self.last_onset = onset

    @property
    def gaps(self) -> tuple[float, ...]:
        """The latest gaps between onsets, in beats."""
        return tuple(self._gaps)

    @property
    def patience(self) -> float:
        """Beats of silence that end this musician's phrases."""
        return wait_before_answer(self._gaps)

    @property
    def beats(self) -> float:
        """How long the latest phrase lasted, from its first onset to its last."""
        return 0.0 if self.last_onset is None else (self.last_onset - self.start) / PULSES_PER_BEAT

    def silence(self, pulse: int) -> float | None:
        """Beats since all sound ended, where it has; None if they never played."""
        if self.last_onset is None:
            return None
        last = self.last_onset if self.last_end is None else max(self.last_onset, self.last_end)
        return max(pulse - last, 0) / PULSES_PER_BEAT

    def jump(self, moved: int) -> None:
        """All of it is so many pulses later."""
        self.start += moved
        self.last_onset = _later(self.last_onset, moved)
        self.last_end = _later(self.last_end, moved)

    def restore(
        self, gaps: Iterable[float], start: int, last_onset: int | None, last_end: int | None
    ) -> None:
        """Go on from there."""
        self._gaps.extend(gaps)
        self.start, self.last_onset, self.last_end = start, last_onset, last_end


def _later(pulse: int | None, moved: int) -> int | None:
    return None if pulse is None else pulse + moved
