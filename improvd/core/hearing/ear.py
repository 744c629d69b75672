"""The ear: what the musician does, read as the content of whole beats.

Time is in pulses throughout, so that what was heard stays in its beat when the tempo moves.
"""

from collections import deque
from dataclasses import dataclass

from improvd.core.hearing.windows import (
    FAINTEST_VELOCITY,
    LONGEST_WAIT_BEATS,
    melody_of_chord,
    wait_before_answer,
)
from improvd.core.music import PULSES_PER_BEAT, PULSES_PER_TICK

# Enough gaps to know a musician's habit, few enough to follow a change of it.
_GAPS_KEPT = 32
# Nobody's hands play more in a beat; the rest of a flood is not music.
_MOST_ONSETS = 256


@dataclass(frozen=True, slots=True)
class HeardBeat:
    """One beat of the musician: melody onsets as (ticks into the beat, pitch), and what is held.

    Ticks are fractional and ascend; a little below 0 is an onset just ahead of the beat.
    `pitches` are those struck in the beat or down at its end: what a line of ours could clash with.
    """

    melody: tuple[tuple[float, int], ...]
    held: bool
    pitches: tuple[int, ...]

    @property
    def played(self) -> bool:
        """Whether a melody note was struck: only onsets count as played."""
        return bool(self.melody)

    @property
    def sounded(self) -> bool:
        """Whether anything of the musician sounded, chords included."""
        return bool(self.pitches)


@dataclass(frozen=True, slots=True)
class EarMemory:
    """What an ear has heard and not yet given back, and knows of a musician; times in pulses."""

    onsets: tuple[tuple[int, int], ...]
    keys: tuple[tuple[int, int, int], ...]  # channel, pitch, onset
    melody_keys: tuple[int, ...]
    gaps: tuple[float, ...]
    phrase_start: int
    last_onset: int | None
    last_end: int | None


class Ear:
    """Collects note messages and gives them back by the beat. Never blocks; memory is bounded."""

    def __init__(self) -> None:
        self._onsets: deque[tuple[int, int]] = deque(maxlen=_MOST_ONSETS)
        self._keys: dict[tuple[int, int], int] = {}  # (channel, pitch) -> onset
        self._melody_keys: set[int] = set()
        self._gaps: deque[float] = deque(maxlen=_GAPS_KEPT)
        self._phrase_start = 0
        self._last_onset: int | None = None
        self._last_end: int | None = None

    def note_on(self, pulse: int, channel: int, pitch: int, velocity: int) -> None:
        """A key went down. Brushed keys (velocity under 8) are not heard."""
        if velocity < FAINTEST_VELOCITY:
            return
        self._onsets.append((pulse, pitch))
        self._keys[channel, pitch] = pulse

    def note_off(self, pulse: int, channel: int, pitch: int) -> None:
        """A key went up."""
        if self._keys.pop((channel, pitch), None) is not None and not self.holding:
            self._last_end = pulse

    def all_off(self, pulse: int) -> None:
        """Nothing is held any more, their side says (CC 120 or 123, or a lost port)."""
        if self.holding:
            self._last_end = pulse
        self._keys.clear()

    def jump(self, moved: int, since: int) -> None:
        """All that was heard is so many pulses later; onsets before `since` are forgotten."""
        onsets = [(pulse + moved, pitch) for pulse, pitch in self._onsets]
        self._onsets.clear()
        self._onsets.extend(onset for onset in onsets if onset[0] >= since)
        self._keys = {key: pulse + moved for key, pulse in self._keys.items()}
        self._phrase_start += moved
        self._last_onset = _later(self._last_onset, moved)
        self._last_end = _later(self._last_end, moved)

    def memory(self) -> EarMemory:
        """What another ear goes on from."""
        return EarMemory(
            onsets=tuple(self._onsets),
            keys=tuple((*key, onset) for key, onset in self._keys.items()),
            melody_keys=tuple(sorted(self._melody_keys)),
            gaps=tuple(self._gaps),
            phrase_start=self._phrase_start,
            last_onset=self._last_onset,
            last_end=self._last_end,
        )

    def restore(self, memory: EarMemory) -> None:
        """Go on from there."""
        self._onsets.extend(memory.onsets)
        self._keys = {(channel, pitch): onset for channel, pitch, onset in memory.keys}
        self._melody_keys = set(memory.melody_keys)
        self._gaps.extend(memory.gaps)
        self._phrase_start = memory.phrase_start
        self._last_onset, self._last_end = memory.last_onset, memory.last_end

    @property
    def holding(self) -> bool:
        """Whether any key is down."""
        return bool(self._keys)

    def close(self, beat: int, early: int, chord: int) -> HeardBeat:
        """All onsets before the end of a beat, `early` pulses ahead of the next.

        Args:
            beat: the beat that ends.
            early: pulses before a beat that belong to it already.
            chord: pulses within which onsets are one chord.
        """
        start, end = beat * PULSES_PER_BEAT, (beat + 1) * PULSES_PER_BEAT - early
        struck = []
        while self._onsets and self._onsets[0][0] < end:
            struck.append(self._onsets.popleft())
        melody = [
            (max(onset - start, -early) / PULSES_PER_TICK, pitch)
            for onset, pitch in self._melody(struck, chord)
        ]
        down = {pitch for _, pitch in self._keys}
        self._melody_keys &= down
        pitches = tuple(sorted(down | {pitch for _, pitch in struck}))
        return HeardBeat(tuple(melody), bool(self._melody_keys), pitches)

    def _melody(self, struck: list[tuple[int, int]], chord: int) -> list[tuple[int, int]]:
        """The skyline: the top line of the groups of onsets, accompaniment left out."""
        line = []
        for group in _groups(struck, chord):
            pitch = melody_of_chord([pitch for _, pitch in group])
            if pitch is not None:
                line.append((group[0][0], pitch))
                self._melody_keys.add(pitch)
                self._follow_phrase(group[0][0])
        return line

    def _follow_phrase(self, onset: int) -> None:
        if self._last_onset is None:
            self._phrase_start = onset
        else:
            gap = (onset - self._last_onset) / PULSES_PER_BEAT
            if gap > self.patience:
                self._phrase_start = onset
            if gap <= LONGEST_WAIT_BEATS:  # a longer one is waiting, and no habit
                self._gaps.append(gap)
        self._last_onset = onset

    @property
    def patience(self) -> float:
        """Beats of silence that end this musician's phrases."""
        return wait_before_answer(self._gaps)

    def quiet(self, pulse: int) -> float | None:
        """Beats since their last sound, 0 while a key is down; None if they never played."""
        if self._last_onset is None:
            return None
        if self.holding:
            return 0.0
        last = self._last_onset if self._last_end is None else max(self._last_onset, self._last_end)
        return max(pulse - last, 0) / PULSES_PER_BEAT

    @property
    def phrase_beats(self) -> float:
        """How long the musician's latest phrase lasted, from its first onset to its last."""
        if self._last_onset is None:
            return 0.0
        return (self._last_onset - self._phrase_start) / PULSES_PER_BEAT


def _later(pulse: int | None, moved: int) -> int | None:
    return None if pulse is None else pulse + moved


def _groups(struck: list[tuple[int, int]], chord: int) -> list[list[tuple[int, int]]]:
    """Onsets gathered into chords, by their distance from each chord's first."""
    groups: list[list[tuple[int, int]]] = []
    for onset in struck:
        if groups and onset[0] - groups[-1][0][0] <= chord:
            groups[-1].append(onset)
        else:
            groups.append([onset])
    return groups
