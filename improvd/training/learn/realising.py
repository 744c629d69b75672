"""Learning a realisation: which moves soloists make, by what stands around them.

A conditional log-linear model: of the moves that go the way the soloist went, the one that they
took is to be the likeliest. The loss is convex, so that there is one best realisation, whatever
the machine; L-BFGS finds it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import safetensors.numpy
from scipy.optimize import minimize

from improvd.core.arrays import Float32Array, Float64Array, Int64Array
from improvd.core.music import TICKS_PER_BEAT
from improvd.core.network.contour import WIDEST, any_of, moves_of, way_of
from improvd.core.realising.melody import Melody
from improvd.core.realising.templates import END, SIZE, Setting, weights_of
from improvd.core.realising.tones import tones_of
from improvd.training.read.corpus import BEATS_PER_BAR, Piece, beats_of

# Of 1, 3, 8 and 20 what foresees solos held out best.
PENALTY = 8.0
ITERATIONS = 60
# The realisation that comes with improvd.
FILE = Path(__file__).parents[1] / "realisation" / "weights.safetensors"
_TENSOR = "realisation"


def load(file: Path = FILE) -> Float32Array:
    """The weights in a file, (templates.SIZE,)."""
    weights: Float32Array = safetensors.numpy.load_file(file)[_TENSOR]
    return weights


def save(weights: Float32Array, file: Path = FILE) -> None:
    """Write the weights; the same weights give the same bytes."""
    file.write_bytes(safetensors.numpy.save({_TENSOR: weights}))


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """Moves that soloists chose among others.

    `speaking` (moves, templates) are the weights that speak for each; `counts` (choices,) says how
    many moves there were to choose from, one choice after another, `taken` which one it was.
    """

    speaking: npt.NDArray[np.int32]
    counts: Int64Array
    taken: Int64Array


def choices(pieces: Sequence[Piece]) -> Choices:
    """Every note of the pieces as a choice among the moves that go its way."""
    speaking, counts, taken = [], [], []
    for piece in pieces:
        for melody, setting, move in _notes(piece):
            low, high = moves_of(any_of(move))
            if low <= move <= high and low < high:
                speaking.append(weights_of(melody, setting)[:, low + WIDEST : high + WIDEST + 1])
                counts.append(high - low + 1)
                taken.append(move - low)
    weights = np.concatenate(speaking, axis=1, dtype=np.int32).T
    return Choices(np.ascontiguousarray(weights), np.array(counts), np.array(taken))


def _notes(piece: Piece) -> list[tuple[Melody, Setting, int]]:
    """Each note but the first: the melody before it, where it falls, and the move to it."""
    tones = [tones_of(harmony) for harmony in piece.harmonies]
    played = [(i, n) for i, beat in enumerate(beats_of(piece)) for n in beat.notes]
    notes: list[tuple[Melody, Setting, int]] = []
    melody: Melody | None = None
    for place, (beat, note) in enumerate(played):
        onset = beat * TICKS_PER_BEAT + note.tick
        if melody is None:
            melody = Melody((note.pitch,))
        else:
            after, following = played[place + 1] if place + 1 < len(played) else (beat + 2, note)
            then = way_of(following.pitch - note.pitch) + 1 if after - beat <= 1 else END
            coming = tones[beat if after == beat else min(beat + 1, len(tones) - 1)]
            setting = Setting(tones[beat], coming, beat % BEATS_PER_BAR, note.tick, onset, then)
            notes.append((melody, setting, note.pitch - melody.last))
        melody = melody.with_note(note.pitch, tones[beat], onset)
    return notes


def fit(learned: Choices, penalty: float = PENALTY, iterations: int = ITERATIONS) -> Float32Array:
    """The weights that make these choices likeliest, less `penalty` halves of their squares.

    Shape (templates.SIZE,).
    """
    starts = _starts(learned)
    taken = starts + learned.taken
    flat, templates = learned.speaking.ravel(), learned.speaking.shape[1]

    def loss(weights: Float64Array) -> tuple[float, Float64Array]:
        shares, nats = _shares(learned, weights)
        shares[taken] -= 1.0
        gradient = np.bincount(flat, np.repeat(shares, templates), SIZE) + penalty * weights
        return float(nats.sum() + penalty / 2 * (weights @ weights)), gradient

    found = minimize(
        loss, np.zeros(SIZE), jac=True, method="L-BFGS-B", options={"maxiter": iterations}
    )
    weights: Float32Array = found.x.astype(np.float32)
    return weights


def surprise(weights: Float32Array, chosen: Choices) -> float:
    """How well these choices are foreseen, in nats a choice."""
    return float(_shares(chosen, weights.astype(np.float64))[1].mean())


def _starts(chosen: Choices) -> Int64Array:
    """Where the moves of each choice begin."""
    starts: Int64Array = np.cumsum(chosen.counts) - chosen.counts
    return starts


def _shares(chosen: Choices, weights: Float64Array) -> tuple[Float64Array, Float64Array]:
    """How likely each move is among those of its choice, and the surprise at each one taken."""
    starts = _starts(chosen)
    scores = weights[chosen.speaking].sum(axis=1)
    scores -= np.repeat(np.maximum.reduceat(scores, starts), chosen.counts)
    heights = np.exp(scores)
    totals = np.add.reduceat(heights, starts)
    shares: Float64Array = heights / np.repeat(totals, chosen.counts)
    return shares, np.log(totals) - scores[starts + chosen.taken]
