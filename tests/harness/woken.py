"""A jam that is woken whenever it asks for it, and what came of it, in no time."""

from typing import Any

from msgspec.structs import replace

from improvd import performance, snapshot
from improvd.config import Config
from improvd.core.jam import Jam
from improvd.core.playing.beat import Beat
from improvd.messages import Change, LiveOrder
from improvd.model import find, load

SECOND = 10**9
CONFIG = Config(tempo=120, count_in=1, sync="internal", seed=3, set="gig", band="bass, drums")
"""At two beats a second, after two seconds of count-in, in the first tune of a set."""
FIVE_BARS = "| C7 | F7 | C7 | G7 | C7 |"
WALTZ = "title: Three\nmeter: 3/4\n| Am7 | Dm7 | E7 |"


class WokenJam:
    """A performance of the configuration, which `tune` and `obey` change."""

    def __init__(self, chart: str = FIVE_BARS, config: Config = CONFIG) -> None:
        self.config, self.text = config, chart
        self.model = load(find(config.model))
        self.jam = self._jam()
        self.beats: list[Beat] = []
        self.sent: list[tuple[int, bytes]] = []
        self.now = 0

    def _jam(self) -> Jam:
        who = performance.improviser(self.config, self.model)
        chart = performance.chart_of(self.text, self.config)
        return performance.jam(self.config, who, self.model, chart, 0)

    def play(self, until: int) -> "WokenJam":
        while (wake := self.jam.wake()) is not None and wake <= until:
            self.now = max(wake, self.now)
            self.sent += self.jam.turn(self.now)
            self.beats += self.jam.beats
            self.jam.beats.clear()
        self.now = until
        return self

    def obey(self, order: LiveOrder) -> str:
        return performance.obey(self.jam, self.now, order)

    def tune(
        self, begins: str = "chorus", chart: str = WALTZ, bpm: float | None = 180, **config: Any
    ) -> str:
        """Order the second tune of the set, or what else is to be changed."""
        self.config = replace(self.config, tune=2, **config)
        self.text = chart
        return self.obey(Change(self.config, chart, begins, bpm))

    def lose(self) -> "WokenJam":
        """Another player goes on from what this one saved."""
        saved = snapshot.take(self.jam, self.now)
        self.jam = self._jam()
        self.jam.restore(snapshot.read(saved).memory)
        return self

    def places(self) -> list[tuple[int | None, int, int]]:
        """Tune, bar and beat of every beat after the count-in."""
        return [(beat.tune, beat.bar, beat.beat_in_bar) for beat in self.beats if beat.number >= 0]
