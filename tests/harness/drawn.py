"""What is drawn at random for tests: by hypothesis, and weights by NumPy."""

import numpy as np
from hypothesis import strategies as st

from improvd.config import Config
from improvd.core.harmony.ladder import ladder
from improvd.core.network.cell import Weights
from improvd.core.network.vocabulary import BeatNote, Figure, Register, Vocabulary

PITCHES = st.integers(0, 127)
LADDERS = st.frozensets(st.integers(0, 11), min_size=1).map(ladder)
TICKS = st.frozensets(st.integers(0, 11), min_size=1).map(sorted)
MODES = st.sampled_from(["follow", "answer", "solo", "trade"]) | st.integers(1, 99).map(
    "trade {}".format
)
CONFIGS = st.builds(
    Config,
    port=st.text(min_size=1),
    input=st.none() | st.text(min_size=1),
    channel=st.integers(1, 16),
    tempo=st.none() | st.floats(20, 400),
    chart=st.none() | st.text(),
    mode=MODES,
    temperature=st.floats(0, 5),
    seed=st.integers(0, 2**63 - 1),
    low=st.integers(0, 60),
    high=st.integers(72, 127),
    swing=st.none() | st.floats(50, 75),
    count_in=st.integers(0, 8),
)


@st.composite
def figures(draw: st.DrawFn) -> Figure:
    return tuple(
        (tick, draw(st.integers(-24, 24)), draw(st.integers(0, 1))) for tick in draw(TICKS)
    )


@st.composite
def beats(draw: st.DrawFn) -> list[BeatNote]:
    return [BeatNote(tick, draw(PITCHES)) for tick in draw(TICKS)]


@st.composite
def registers(draw: st.DrawFn) -> Register:
    low = draw(st.integers(0, 115))
    return Register(low, draw(st.integers(low + 12, 127)))


VOCABULARIES = st.lists(figures(), min_size=1, max_size=20, unique=True).map(Vocabulary)


def drawn_weights(seed: int = 4, n_values: int = 78, n_a: int = 64) -> Weights:
    """Random weights whose argmax-fed cell wanders for long before it comes round."""
    draw = np.random.default_rng(seed)
    return Weights(
        2 * draw.normal(size=(n_values, 4 * n_a)),
        0.5 * draw.normal(size=(n_a, 4 * n_a)) / np.sqrt(n_a),
        draw.normal(size=4 * n_a),
        3 * draw.normal(size=(n_a, n_values)),
        np.zeros(n_values),
    )
