"""What a performance is made of: who plays, by what, on which chart."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from improvd.core.band.lineup import Lineup
from improvd.core.harmony.chart import Chart
from improvd.core.hearing.chords.chord_filter import ChordChanges
from improvd.core.network.policy import Policy
from improvd.core.network.tilt import Tilts
from improvd.core.network.tonight import Tonight
from improvd.core.network.vocabulary import Vocabulary
from improvd.core.playing.entrance import Entrance
from improvd.core.playing.modes import Mode, in_rounds
from improvd.core.realising.realiser import Realiser
from improvd.core.voice.line import Style


@dataclass(frozen=True, slots=True)
class SoloistSetup:
    """What one soloist is made of.

    improviser: the cell and its state. vocabulary: what its values mean. tilts: what leans its
    picks towards the musician and the tempo. mode: when it has the floor. style: how its line is
    played. seed: what chose the opening; start: the pitch that the line goes on from, None for the
    register's middle. tonight: what the musician played this evening, None where nothing is to be
    made of it. realiser: who chooses the pitches of a vocabulary of contours, else None.
    """

    improviser: Policy
    vocabulary: Vocabulary
    tilts: Tilts
    mode: Mode
    style: Style
    seed: int = 0
    start: int | None = None
    tonight: Tonight | None = None
    realiser: Realiser | None = None


@dataclass(frozen=True, slots=True)
class Setup:
    """What a performance is made of; another setup can take its place on a bar line.

    soloists: by name, in the order in which they take turns; there is at least one. chart: the
    harmony, looped. dotted: a beat is a dotted quarter note. rules: which rules of playing it was
    made by. lineup: the band beside them, None where there is none. changes: how chords follow one
    another, where those of the musician are heard; None goes by the chart alone. tune: the number
    of a set's tune that this is, None without a set.
    """

    soloists: Mapping[str, SoloistSetup]
    chart: Chart
    dotted: bool = False
    rules: int = 0
    lineup: Lineup | None = None
    changes: ChordChanges | None = None
    tune: int | None = None

    def __post_init__(self) -> None:
        modes = in_rounds([each.mode for each in self.soloists.values()])
        seated = {
            name: replace(each, mode=mode)
            for (name, each), mode in zip(self.soloists.items(), modes, strict=True)
        }
        object.__setattr__(self, "soloists", seated)

    def sharing(self, mode: Mode, names: frozenset[str]) -> "Setup":
        """The same, these soloists sharing the floor by another mode."""
        shared = {
            name: replace(each, mode=mode) if name in names else each
            for name, each in self.soloists.items()
        }
        return replace(self, soloists=shared)

    @property
    def first(self) -> SoloistSetup:
        """The first of the soloists: their swing is everybody's, and their beats are told."""
        return next(iter(self.soloists.values()))

    @property
    def voices(self) -> Mapping[str, int]:
        """The channel (0 to 15) of every voice by its name: the soloists, then the band."""
        soloists = {name: each.style.channel for name, each in self.soloists.items()}
        band = {} if self.lineup is None else self.lineup.voices
        return soloists | {name: style.channel for name, style in band.items()}

    @property
    def channels(self) -> dict[int, str]:
        """The voices by their channels (0 to 15), but for those on the first soloist's."""
        own = self.first.style.channel
        return {channel: name for name, channel in self.voices.items() if channel != own}


@dataclass(frozen=True, slots=True)
class Takeover:
    """Another setup, and how it begins if it is another tune; else it goes on from where it is."""

    setup: Setup
    entrance: Entrance | None = None
