"""A reservoir: units of an LSTM that nothing is learned of, so that its argmax plays what it draws.

The argmax of a network that has learned in general is the same beat again and again, in the end a
rest for ever; only drawn from its softmax it plays like a soloist. So units stand beside those that
learn which go round by themselves, in pairs, each at a pace of its own, and which every figure
played pushes on (a fixed recurrent network that is only read from, an echo state network: Jaeger
2001). What they add to the logits is as large as the noise that turns an argmax into a draw
(Gumbel 1954), but it is the cell's own state: it follows from what was heard and played, to the
last bit, and nobody throws dice. Neither does it grow a small difference: pushed by the same
figures, two that go round differently come together, so that rounding does not matter.

The units that learn do it beside these, by the usual loss, with the logits sharpened: the expected
softmax is then that of the soloists, and being sharp it is nearly its argmax.
"""

from dataclasses import dataclass

import numpy as np

from improvd.core.arrays import Float32Array
from improvd.core.music import HOLD
from improvd.core.network.cell import Weights

# How far a pair is drawn out as it goes round: over 1, or it would come to rest.
GAIN = 2.0
# The standard deviation of what a figure pushes a unit by; a rest and a hold push nothing.
PUSH = 0.3
_BIAS = 0.1
# Of a gate that is always open, or always closed.
_OPEN = 20.0
# The standard deviation of Gumbel noise.
GUMBEL = np.pi / np.sqrt(6)


@dataclass(frozen=True, slots=True, eq=False)
class Reservoir:
    """Pairs of units that go round.

    `push` (n_values, units), `turn` (units, units), `bias` (units,), all of the candidate gate,
    the others being open or closed for good; `readout` (units, n_values) to the logits.
    """

    push: Float32Array
    turn: Float32Array
    bias: Float32Array
    readout: Float32Array

    @property
    def units(self) -> int:
        """How many units there are."""
        return len(self.bias)

    def logits(self, X: Float32Array) -> Float32Array:  # noqa: N803 - the course's name
        """What is added to the logits of windows X (m, Tx, n_values), of the same shape."""
        a = np.zeros((len(X), self.units), dtype=np.float32)
        added = np.empty_like(X)
        for beat, x in enumerate(X.swapaxes(0, 1)):
            a = np.tanh(np.tanh(x @ self.push + a @ self.turn + self.bias))
            added[:, beat] = a @ self.readout
        return added

    def louder(self, factor: float) -> "Reservoir":
        """The same, adding so many times as much."""
        readout = (self.readout * factor).astype(np.float32)
        return Reservoir(self.push, self.turn, self.bias, readout)

    def beside(self, weights: Weights) -> Weights:
        """One LSTM of both, the units that have learned first."""
        shut, units = np.zeros((weights.n_a, self.units), dtype=np.float32), self.units
        closed = np.zeros((weights.n_values, units), dtype=np.float32)
        still = np.zeros((units, weights.n_a), dtype=np.float32)
        none = np.zeros((units, units), dtype=np.float32)
        always, never = np.full(units, _OPEN, np.float32), np.full(units, -_OPEN, np.float32)
        gates = range(4)
        # Keras's order: input, forget, candidate, output.
        pushes = (closed, closed, self.push, closed)
        turns = (none, none, self.turn, none)
        biases = (always, never, self.bias, always)
        kernels = np.split(weights.kernel, 4, axis=1)
        recurrents = np.split(weights.recurrent, 4, axis=1)
        own_biases = np.split(weights.bias, 4)
        return Weights(
            np.hstack([half for g in gates for half in (kernels[g], pushes[g])]),
            np.hstack(
                [
                    half
                    for g in gates
                    for half in (np.vstack([recurrents[g], still]), np.vstack([shut, turns[g]]))
                ]
            ),
            np.hstack([half for g in gates for half in (own_biases[g], biases[g])]),
            np.vstack([weights.dense_kernel, self.readout]),
            weights.dense_bias,
        )


def rotating(units: int, n_values: int, seed: int = 0) -> Reservoir:
    """So many units, an even number, in pairs whose paces are spread over half a turn a beat."""
    draw = np.random.default_rng(seed)
    pairs = units // 2
    push = PUSH * draw.normal(size=(n_values, units))
    push[: HOLD + 1] = 0.0
    turn = np.zeros((units, units))
    paces = draw.permutation(np.pi * (np.arange(pairs) + draw.random(pairs)) / pairs)
    for pair, (pace, way) in enumerate(zip(paces, draw.choice((-1, 1), pairs), strict=True)):
        cos, sin = np.cos(pace), way * np.sin(pace)
        turn[2 * pair : 2 * pair + 2, 2 * pair : 2 * pair + 2] = ((cos, sin), (-sin, cos))
    bias = _BIAS * draw.normal(size=units)
    readout = draw.normal(size=(units, n_values)) / np.sqrt(units)
    return Reservoir(*(each.astype(np.float32) for each in (push, GAIN * turn, bias, readout)))


def as_loud_as_gumbel(reservoir: Reservoir, X: Float32Array) -> Reservoir:  # noqa: N803 - as there
    """The same, adding Gumbel's standard deviation to the logits of windows X."""
    return reservoir.louder(GUMBEL / float(reservoir.logits(X).std()))
