"""What is played where a value is meant: the channel between values and the notes of real music.

Few beats are one of the values to the note, so how likely a pitch is where a value is meant, going
on from the pitch before, is learned from other pieces. Where values say pitches: how often which
interval lies between a pitch as played and as the nearest value has it. Where they say contours:
how often a move is of the contour, times its share among the moves of that contour by the
realisation's softmax at its noise; and else how common the move is. The realisation looks at the
way of the note to come: the value's own or, after its last, one as common as among values.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from improvd.core.arrays import Float64Array, Int64Array
from improvd.core.harmony.ladder import Ladder
from improvd.core.harmony.scales import Harmony
from improvd.core.music import TICKS_PER_BEAT
from improvd.core.network.contour import WIDEST, moves_of, way_of
from improvd.core.network.vocabulary import BeatNote, Vocabulary
from improvd.core.realising.melody import Melody
from improvd.core.realising.realiser import NOISE
from improvd.core.realising.templates import END, MOVES, WAYS, Setting, weights_of
from improvd.core.realising.tones import tones_of
from improvd.model import Model
from improvd.training.read.corpus import BEATS_PER_BAR, Piece, beats_of

NO_TICK = -1
_NO_CONTOUR = 99
# Semitones; what lies farther off counts as this.
_FARTHEST = 24


@dataclass(frozen=True, slots=True)
class ToldBeat:
    """A beat of a piece: its place, the value nearest to it, and what was played, and before."""

    piece: Piece
    beat: int
    value: int
    notes: Sequence[BeatNote]
    melody: Melody

    @property
    def harmony(self) -> Harmony:
        """Its own."""
        return self.piece.harmonies[self.beat]

    @property
    def coming(self) -> Harmony:
        """That of the beat after it."""
        return self.piece.harmonies[min(self.beat + 1, len(self.piece.harmonies) - 1)]

    def melodies(self) -> Iterator[tuple[int, BeatNote, Melody]]:
        """Each note, numbered, with the melody before it."""
        melody = self.melody
        for number, note in enumerate(self.notes):
            yield number, note, melody
            melody = melody.with_notes([note], self.harmony, self.beat)


def told_beats(piece: Piece, book: Sequence[int], ticks: Int64Array) -> Iterator[ToldBeat]:
    """The beats of a piece whose value has their rhythm, to the tick."""
    melody = Melody((piece.start,))
    for beat, (played, value) in enumerate(zip(beats_of(piece), book, strict=True)):
        told = [note.tick for note in played.notes]
        if told and told == [tick for tick in ticks[value] if tick != NO_TICK]:
            yield ToldBeat(piece, beat, value, played.notes, melody)
        melody = melody.with_notes(played.notes, piece.harmonies[beat], beat)


class Channel:
    """What is played where a value of pitches is meant; `ticks` (n_values, most + 1)."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        values = range(len(vocabulary))
        ticks = [[note[0] for note in vocabulary.figure(value)] for value in values]
        self.ticks = _table(vocabulary, ticks, NO_TICK)
        moves = [[(step, sharp) for _, step, sharp in vocabulary.steps(v)] for v in values]
        self._moves = tuple(sorted({move for each in moves for move in each}))
        numbers = {move: number for number, move in enumerate(self._moves)}
        self._numbers = _table(vocabulary, [[numbers[m] for m in each] for each in moves], 0)
        self._off = np.full(2 * _FARTHEST + 1, 0.5)

    def learn(self, beats: Iterable[ToldBeat]) -> None:
        """Count how far what was played is from what the nearest value says."""
        for told in beats:
            for number, note, melody in told.melodies():
                said = self._said(told.harmony.ladder, melody.last)
                off = note.pitch - said[self._numbers[told.value, number]]
                self._off[int(np.clip(off, -_FARTHEST, _FARTHEST)) + _FARTHEST] += 1

    def nats(self, expected: Float64Array, told: ToldBeat) -> float:
        """-log of the probability of the pitches of a beat, its onsets being told one by one."""
        weights, nats = expected, 0.0
        for number, note, melody in told.melodies():
            weights = weights * (self.ticks[:, number] == note.tick)
            before = weights.sum()
            weights = weights * self.shares(number, note, melody, told)
            nats -= float(np.log(weights.sum() / before))
        return nats

    def shares(self, number: int, note: BeatNote, melody: Melody, told: ToldBeat) -> Float64Array:
        """e_v(pitch) for each value v."""
        off = note.pitch - self._said(told.harmony.ladder, melody.last)
        shares = self._off / self._off.sum()
        by_move = shares[np.clip(off, -_FARTHEST, _FARTHEST) + _FARTHEST]
        of_value: Float64Array = by_move[self._numbers[:, number]]
        return of_value

    def _said(self, ladder: Ladder, previous: int) -> Int64Array:
        """The pitch that each move leads to from another."""
        return _led_to(self._moves, ladder, previous)


@lru_cache(maxsize=1 << 14)
def _led_to(moves: tuple[tuple[int, int], ...], ladder: Ladder, previous: int) -> Int64Array:
    rung = ladder.rung(previous)
    return np.array([ladder.pitch(rung + step, sharp) for step, sharp in moves], dtype=np.int64)


class ContourChannel(Channel):
    """The same where the realisation chooses among the moves of a contour."""

    def __init__(
        self, vocabulary: Vocabulary, realisation: Float64Array, shares: Float64Array
    ) -> None:
        super().__init__(vocabulary)
        self._realisation = realisation
        contours = [[c for _, c in vocabulary.contours(v)] for v in range(len(vocabulary))]
        self._contours = _table(vocabulary, contours, _NO_CONTOUR)
        ways = [way_of(each[0]) + 1 if each else END for each in contours]
        self._opens = np.bincount(ways, weights=shares, minlength=WAYS) / shares.sum()
        self._common = np.full(2 * _FARTHEST + 1, 0.5)
        self._right, self._wrong = 1.0, 1.0

    def learn(self, beats: Iterable[ToldBeat]) -> None:
        """Count how often a move is of the contour that the nearest value says, and all moves."""
        for told in beats:
            for number, note, melody in told.melodies():
                move = note.pitch - melody.last
                low, high = moves_of(int(self._contours[told.value, number]))
                self._right += low <= move <= high
                self._wrong += not low <= move <= high
                self._common[int(np.clip(move, -_FARTHEST, _FARTHEST)) + _FARTHEST] += 1

    def shares(self, number: int, note: BeatNote, melody: Melody, told: ToldBeat) -> Float64Array:
        """e_v(pitch) for each value v."""
        move = note.pitch - melody.last
        common = self._common[int(np.clip(move, -_FARTHEST, _FARTHEST)) + _FARTHEST]
        right = self._right / (self._right + self._wrong)
        shares = np.full(len(self._contours), (1 - right) * common / self._common.sum())
        if abs(move) > WIDEST:
            return shares
        within = self._softened(note, melody, told, last=False)
        at_end = self._softened(note, melody, told, last=True)
        here, following = self._contours[:, number], self._contours[:, number + 1]
        for contour in np.unique(here[here != _NO_CONTOUR]):
            low, high = moves_of(int(contour))
            if not low <= move <= high:
                continue
            inside = slice(low + WIDEST, high + WIDEST + 1)
            by_way = within[:, move + WIDEST] / within[:, inside].sum(axis=1)
            ending = self._opens @ (at_end[:, move + WIDEST] / at_end[:, inside].sum(axis=1))
            shares[(here == contour) & (following == _NO_CONTOUR)] += right * ending
            for way in range(END):
                goes_on = (following != _NO_CONTOUR) & (np.sign(following) + 1 == way)
                shares[(here == contour) & goes_on] += right * by_way[way]
        return shares

    def _softened(
        self, note: BeatNote, melody: Melody, told: ToldBeat, *, last: bool
    ) -> Float64Array:
        """Exponentials of the realisation's scores: of each move, for each way of the next note."""
        tones = tones_of(told.harmony)
        coming = tones_of(told.coming) if last else tones
        onset = told.beat * TICKS_PER_BEAT + note.tick
        rows = []
        for then in range(WAYS):
            place = Setting(tones, coming, told.beat % BEATS_PER_BAR, note.tick, onset, then)
            scores = self._realisation[weights_of(melody, place)].sum(axis=0) / NOISE
            rows.append(np.exp(scores - scores.max()))
        return np.array(rows).reshape(WAYS, len(MOVES))


def channel_of(model: Model) -> Channel:
    """The channel of a model's values, which has learned nothing yet."""
    if model.realisation is None:
        return Channel(model.vocabulary)
    realisation, shares = (each.astype(np.float64) for each in (model.realisation, model.shares))
    return ContourChannel(model.vocabulary, realisation, shares)


def _table(vocabulary: Vocabulary, rows: Sequence[Sequence[int]], empty: int) -> Int64Array:
    """Numbers of each value's notes, one column more than the longest has; (n_values, most + 1)."""
    table = np.full((len(vocabulary), int(vocabulary.onsets.max()) + 1), empty, dtype=np.int64)
    for value, row in enumerate(rows):
        table[value, : len(row)] = row
    return table
