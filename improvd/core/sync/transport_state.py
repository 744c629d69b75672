"""What the transport is told and what it tells: whose time it is, whether it rolls, and where."""

from dataclasses import dataclass
from enum import StrEnum

from improvd.core.sync.clock.recount import RECOUNTED
from improvd.core.sync.follower import FASTEST_BPM, SLOWEST_BPM
from improvd.core.timeline import Timeline


class Sync(StrEnum):
    """Whose time it is."""

    AUTO = "auto"
    """A clock's when there is one, else our own."""
    INTERNAL = "internal"
    MIDI = "midi"
    """A clock's, and silence without one."""


class Standing(StrEnum):
    """Where the transport stands, see the table in `transport`."""

    ALONE = "alone"
    STOPPED = "stopped"
    ARMED = "armed"
    ROLLING = "rolling"
    RESTING = "resting"


@dataclass(frozen=True, slots=True)
class TransportState:
    """What the performer needs to know.

    `timeline` maps song pulses to nanoseconds; where `rolling` is False it means nothing. `jumps`
    grows when the song position is set anew, starts included; while it stays, musical time goes on
    without a break, except that it moves with the clock when that changes its tempo at once.
    """

    standing: Standing
    timeline: Timeline
    jumps: int = 0

    @property
    def rolling(self) -> bool:
        """Whether music is to be played."""
        return self.standing in (Standing.ALONE, Standing.ROLLING)


@dataclass(frozen=True, slots=True)
class Following:
    """How a clock is followed.

    `start_on_clock`: a clock without Start is enough to play; `freewheel_beats`: how long a clock
    may be silent while rolling; `resting_ns`: how long after that, or after a Stop, `sync` auto
    waits for a clock before it plays alone; `clock_ns`: added to the clock's time, negative if it
    comes late. `rules` are those of playing: a recording of before is played again as it was
    followed then, ticks miscounted after a jump of the tempo included (before 4).
    """

    sync: Sync = Sync.AUTO
    start_on_clock: bool = False
    freewheel_beats: float = 4.0
    resting_ns: int = 10_000_000_000
    clock_ns: int = 0
    slowest: float = SLOWEST_BPM
    fastest: float = FASTEST_BPM
    rules: int = RECOUNTED
