"""The company that the soloist has: who plays, who is heard, in which feel. From reports; pure."""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from improvd.config import Config
from improvd.config.voices import soloists
from improvd.core.playing.beat import Beat
from improvd.messages import (
    Balance,
    Began,
    Change,
    LiveOrder,
    Moved,
    Mute,
    Obeyed,
    Played,
    Ready,
    Report,
    Tempo,
)

if TYPE_CHECKING:  # it brings NumPy, which a service that only starts a player does without
    from improvd.core.harmony.chart import Chart

_OWN_FEEL = "auto"


class VoiceStanding(msgspec.Struct, frozen=True):
    """A voice: its name, whether it is heard, its level (velocity) and its channel (1 to 16)."""

    name: str
    aloud: bool
    level: int
    channel: int


@dataclass(frozen=True, slots=True)
class Company:
    """What was told of the band so far. `beat` is None before the first.

    `muted` says that nobody is heard. What is `coming` takes the place of what plays on the next
    bar line, or with the tune's first bar.
    """

    config: Config
    chart: str | None = None
    silent: frozenset[str] = field(default_factory=frozenset)
    bpm: float = 0.0
    beat: int | None = None
    coming: Change | None = None
    muted: bool = False

    def after(self, report: Report) -> "Company":
        """What is known once this report has come."""
        match report:
            case Began(config=config, chart=chart, snapshot=snapshot):
                now = self if snapshot is None else self._as_in(snapshot)
                return replace(now, config=config, chart=chart, coming=None)
            case Obeyed(order=order):
                return replace(self, **self._obeyed(order))
            case Moved(bpm=bpm) | Ready(bpm=bpm):
                return replace(self, bpm=bpm)
            case Played(beat=beat):
                now = self._took_over if self._begins_with(beat) else self
                return replace(now, beat=beat.number)
        return self

    def _obeyed(self, order: LiveOrder) -> dict[str, Any]:
        """What an order that was carried out has changed."""
        match order:
            case Change():
                # A tune that is waited for is waited for still, whatever is changed of it.
                begins = order.begins or (self.coming.begins if self.coming else "")
                return {"coming": msgspec.structs.replace(order, begins=begins)}
            case Mute(on=on):
                return {"muted": on}
            case Balance():
                return {"silent": order.after(self.silent, self._names)}
            case Tempo(bpm=bpm):
                return {"bpm": bpm}
        return {}

    def _as_in(self, data: bytes) -> "Company":
        """Who is heard as when this snapshot was taken, from which another service goes on."""
        from improvd import snapshot  # noqa: PLC0415 - NumPy, only when it is needed

        try:
            performer = snapshot.read(data).memory.performer
        except snapshot.SnapshotError:
            return self
        return replace(self, silent=frozenset(performer.silent), muted=performer.muted)

    def _begins_with(self, beat: Beat) -> bool:
        """Whether what is coming is played from this beat on."""
        if self.coming is None or beat.beat_in_bar != 1:
            return False
        return not self.coming.begins or (beat.bar == 1 and beat.tune == self.coming.config.tune)

    @property
    def _took_over(self) -> "Company":
        """With what was coming, if anything."""
        if self.coming is None:
            return self
        config, chart = self.coming.config, self.coming.chart
        return replace(self, config=config, chart=chart, coming=None)

    @property
    def voices(self) -> tuple[VoiceStanding, ...]:
        """All voices, the soloists first; none where the first soloist is alone."""
        if len(self._names) == 1:
            return ()
        config = self.config
        settings = {
            **{name: (own.velocity, own.channel) for name, own in soloists(config).items()},
            **{
                name: (getattr(config, f"{name}_level"), getattr(config, f"{name}_channel"))
                for name in config.band_voices
            },
        }
        return tuple(
            VoiceStanding(name, name not in self.silent, *settings[name]) for name in self._names
        )

    @property
    def feel(self) -> str:
        """The feel of the latest beat; empty without a band, and before it plays."""
        if not self.config.band_voices or self.beat is None or not self.bpm:
            return ""
        if self.config.feel != _OWN_FEEL:
            return self.config.feel
        from improvd.core.band.feels import feel_of  # noqa: PLC0415 - only when it is needed

        chart = _chart(self.chart, self.config.beat, self.config.loop_bars)
        return feel_of(chart, self.bpm, max(self.beat, 0))

    @property
    def sentence(self) -> str:
        """Who plays, in a line; empty without a band."""
        said = [voice.name + ("" if voice.aloud else " (silent)") for voice in self.voices]
        feel = f"; {self.feel}" if self.feel else ""
        return f"Band: {', '.join(said)}{feel}." if said else ""

    @property
    def _names(self) -> tuple[str, ...]:
        return *soloists(self.config), *self.config.band_voices


@lru_cache(maxsize=2)
def _chart(text: str | None, beat: str, loop_bars: int | None) -> "Chart":
    """As `performance.chart_of` has it, without all else that a performance needs."""
    from improvd.core.harmony.chart import BLUES_IN_F, parse_chart  # noqa: PLC0415 - NumPy, too

    chart = parse_chart(BLUES_IN_F if text is None else text, dotted=beat != "quarter")
    return chart.looped(loop_bars) if loop_bars else chart
