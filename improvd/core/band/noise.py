"""Noise without a generator: a hash of what it is for, so that the same beat always has the same.

No state has to be kept, restored or replayed, and no voice's noise depends on another's.
"""

import hashlib
import math
from collections.abc import Sequence

_BYTES = 8
_SIZE = float(1 << 8 * _BYTES)


def uniform(seed: int, voice: str, beat: int, choice: int = 0) -> float:
    """A number in (0, 1) that depends on these four alone."""
    of = f"{seed},{voice},{beat},{choice}".encode()
    digest = hashlib.blake2b(of, digest_size=_BYTES).digest()
    return (int.from_bytes(digest, "big") + 0.5) / _SIZE


def gumbel(seed: int, voice: str, beat: int, choice: int) -> float:
    """Gumbel noise: the choice with the largest log p + gumbel is a sample of p (Gumbel 1954)."""
    return -math.log(-math.log(uniform(seed, voice, beat, choice)))


def draw(weights: Sequence[float], seed: int, voice: str, beat: int) -> int:
    """The index of one of these weights, each as often as it weighs; one at least is above 0."""
    left = uniform(seed, voice, beat) * math.fsum(weights)
    for index, weight in enumerate(weights):
        left -= weight
        if left < 0:
            return index
    return len(weights) - 1
