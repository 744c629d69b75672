"""Who plays in the band, and how each is set: channel, register, level."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from improvd.core.band.walking import BassTable
from improvd.core.network.vocabulary import Register

SOLOIST = "soloist"
"""The voice beside the band's, that the model plays."""

BASS, PIANO, DRUMS = "bass", "piano", "drums"
VOICES = (BASS, PIANO, DRUMS)
"""The voices of a band, in the order in which they are written."""


@dataclass(frozen=True, slots=True)
class VoiceStyle:
    """How a voice is set: `channel` 0 to 15, `level` the velocity of its plain notes (1 to 127).

    Drums have no register: their pitches are instruments.
    """

    channel: int
    level: int
    register: Register


@dataclass(frozen=True, slots=True)
class Lineup:
    """A band: its voices, the feel it plays in, the seed of its noise, what the bass has learned.

    `feel` is a name of `feels.FEELS`, or None for the chart's own. `rules` are those of what is
    played.
    """

    voices: Mapping[str, VoiceStyle]
    feel: str | None = None
    seed: int = 0
    table: BassTable = field(default_factory=lambda: BassTable({}))
    rules: int = 0
