"""What a performance is made of: who picks the values, what they mean, and how they are played."""

from dataclasses import dataclass
from enum import StrEnum

from improvd.core.band.lineup import Lineup
from improvd.core.harmony.chart import Chart
from improvd.core.hearing.chords.chord_filter import ChordChanges
from improvd.core.network.policy import Policy
from improvd.core.network.tilt import Tilts
from improvd.core.network.tonight import Tonight
from improvd.core.network.vocabulary import Vocabulary
from improvd.core.playing.line import Style
from improvd.core.playing.modes import Mode
from improvd.core.realising.realiser import Realiser


@dataclass(frozen=True, slots=True)
class Setup:
    """What a performance is made of; another setup can take its place on a bar line.

    improviser: the cell and its state. vocabulary: what its values mean. tilts: what leans its
    picks towards the musician and the tempo. chart: the harmony, looped. mode: who has the floor
    when. style: how the line is played. dotted: a beat is a dotted quarter note. seed: what chose
    the opening; start: the pitch that the line goes on from, None for the register's middle.
    rules: which rules of playing it was made by. lineup: the band beside the soloist, None where
    there is none. changes: how chords follow one another, where those of the musician are heard;
    None goes by the chart alone. tonight: what the musician played this evening, None where nothing
    is to be made of it. realiser: who chooses the pitches of a vocabulary of contours, else None.
    tune: the number of a set's tune that this is, None without a set.
    """

    improviser: Policy
    vocabulary: Vocabulary
    tilts: Tilts
    chart: Chart
    mode: Mode
    style: Style
    dotted: bool = False
    seed: int = 0
    start: int | None = None
    rules: int = 0
    lineup: Lineup | None = None
    changes: ChordChanges | None = None
    tonight: Tonight | None = None
    realiser: Realiser | None = None
    tune: int | None = None

    @property
    def channels(self) -> dict[int, str]:
        """The band's voices by their channels (0 to 15), but for one on the soloist's."""
        voices = {} if self.lineup is None else self.lineup.voices
        own = self.style.channel
        return {style.channel: name for name, style in voices.items() if style.channel != own}


class Entry(StrEnum):
    """Where another tune begins: on the next bar line, or where the form is once round."""

    BAR = "bar"
    CHORUS = "chorus"


@dataclass(frozen=True, slots=True)
class Entrance:
    """How a tune begins: where, and at what tempo (beats a minute), None for the one that is."""

    at: Entry
    bpm: float | None = None


@dataclass(frozen=True, slots=True)
class Takeover:
    """Another setup, and how it begins if it is another tune; else it goes on from where it is."""

    setup: Setup
    entrance: Entrance | None = None
