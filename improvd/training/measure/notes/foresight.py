"""How well notes are foreseen: what a model expects of a beat, as expectations of single notes.

A cell gives p(v), the probability of each value of the beat to come, having read those before. A
value v strikes notes at ticks t_1 < t_2 < ... To ask for one note after the other, the weights w_v,
p(v) at first, are narrowed by what has been told:

    P(t_j | before)     = sum of w_v over v whose note j is at t_j  /  sum of w_v,
    P(nothing more)     = sum of w_v over v that have no more notes  /  sum of w_v,
    P(pitch | t_j, ...) = sum of w_v e_v(pitch) over v whose note j is at t_j  /  sum of those w_v,

where after an onset only those v are left, and after a pitch w_v becomes w_v e_v(pitch); e_v(pitch)
is what the channel says (`channel.py`), which has learned from every other piece and is asked of
the others, and the other way round. The product over a beat is the probability of its notes.

Perplexity is exp of the mean of -log P over notes. Of onsets every beat counts, also those without
one: it is the time to the next onset that is asked for, on a grid of twelve ticks, in the rhythms
of the nearest values. Pitches are those played, in beats of which some value has the rhythm.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from improvd.core.arrays import Float64Array, Int64Array
from improvd.model import Model
from improvd.training.measure import measures
from improvd.training.measure.evaluate import counted, values_of
from improvd.training.measure.notes.channel import Channel, channel_of, told_beats
from improvd.training.measure.streams import Streams
from improvd.training.read.corpus import NOTHING, Piece, beats_of

# Of MINGUS (Madaghiele, Lisena & Troncy, ISMIR 2021) on the Weimar Jazz Database, as published.
PUBLISHED_PITCH, PUBLISHED_DURATION = 11.01, 4.14
PUBLISHED_CHORD_TONES, PUBLISHED_SCALE_TONES = 0.492, 0.722


@dataclass(slots=True)
class NoteForesight:
    """Nats summed over onsets and pitches, and over how many notes each; tones of the solos.

    `struck` counts the notes played, `chord_tones` and `scale_tones` are shares of them.
    """

    onset_nats: float = 0.0
    onsets: int = 0
    pitch_nats: float = 0.0
    pitches: int = 0
    struck: int = 0
    chord_tones: list[float] = field(default_factory=list)
    scale_tones: list[float] = field(default_factory=list)

    @property
    def onset(self) -> float:
        """Perplexity of when the next note begins."""
        return float(np.exp(self.onset_nats / max(self.onsets, 1)))

    @property
    def pitch(self) -> float:
        """Perplexity of the pitch of a note."""
        return float(np.exp(self.pitch_nats / max(self.pitches, 1)))

    def lines(self) -> list[str]:
        """What people read, beside what was published."""
        told = f"{self.pitches / max(self.struck, 1):.0%} of {counted(self.struck, 'note')}"
        chord, scale = np.median(self.chord_tones), np.median(self.scale_tones)
        real = f"{PUBLISHED_CHORD_TONES:.1%}, {PUBLISHED_SCALE_TONES:.1%}"
        duration = PUBLISHED_DURATION
        return [
            "foresees single notes with a perplexity, beside MINGUS on the Weimar solos, of",
            f"  {self.pitch:.2f} for pitch ({told}); MINGUS {PUBLISHED_PITCH}",
            f"  {self.onset:.2f} for when the next begins; MINGUS, how long one lasts, {duration}",
            f"  chord and scale tones: the corpus {chord:.1%}, {scale:.1%}; real to MINGUS {real}",
        ]


def note_foresight(model: Model, pieces: Sequence[Piece]) -> NoteForesight:
    """How well a model foresees the notes of pieces, each from its beginning."""
    foreseen = NoteForesight()
    books = values_of(pieces, model.vocabulary)
    read = list(zip(pieces, books, strict=True))
    for mine, others in ((read[::2], read[1::2]), (read[1::2], read[::2])):
        channel = channel_of(model)
        for piece, book in others:
            channel.learn(told_beats(piece, book, channel.ticks))
        for piece, book in mine:
            _foresee(model, channel, piece, book, foreseen)
    return foreseen


def _foresee(
    model: Model, channel: Channel, piece: Piece, book: Sequence[int], foreseen: NoteForesight
) -> None:
    """Add what of a piece was foreseen."""
    line = beats_of(piece)
    foreseen.struck += sum(len(beat.notes) for beat in line)
    foreseen.chord_tones.append(measures.chord_tones(line, piece.harmonies))
    foreseen.scale_tones.append(measures.scale_tones(line, piece.harmonies))
    expected = list(_expected(model, book))
    for shares, value in zip(expected, book, strict=True):
        foreseen.onset_nats += _nats_of_onsets(shares, channel.ticks, channel.ticks[value])
        foreseen.onsets += int(model.vocabulary.onsets[value])
    for told in told_beats(piece, book, channel.ticks):
        foreseen.pitch_nats += channel.nats(expected[told.beat], told)
        foreseen.pitches += len(told.notes)


def _expected(model: Model, book: Sequence[int]) -> Iterator[Float64Array]:
    """The probability of each value at each beat, having read those before."""
    stream = Streams(model.weights, 1)
    for x in (NOTHING, *book[:-1]):
        logits = stream.step(np.array([x]))[0].astype(np.float64)
        shares = np.exp(logits - logits.max())
        yield shares / shares.sum()


def _nats_of_onsets(expected: Float64Array, ticks: Int64Array, told: Int64Array) -> float:
    """-log of the probability that notes fall on these ticks and on no other."""
    return -float(np.log(expected[(ticks == told).all(axis=1)].sum()))
