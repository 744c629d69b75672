"""Wind controllers: a note begun with the faintest breath is played, a brushed key is not.

A soft note-on counts as played where breath on its channel says so: CC 2 or 11, or channel
pressure, that moves, at 8 or more as the note begins or while its key is down, within a beat of it.
A resting expression pedal does not move, so the keys of a keyboard that are brushed stay unheard.
Some send breath as CC 7; that is mostly a volume, set ahead of notes, and carries none after it.
"""

from dataclasses import dataclass, field

from improvd.core.hearing.windows import FAINTEST_VELOCITY
from improvd.core.music import PULSES_PER_BEAT


@dataclass(slots=True)
class Breath:
    """Breath by channel as (pulse, value), and when each soft key that is down was struck."""

    blown: dict[int, tuple[int, int]] = field(default_factory=dict)
    soft: dict[int, int] = field(default_factory=dict)  # channel * 128 + pitch: pulse

    def copy(self) -> "Breath":
        """Another that knows the same."""
        return Breath(dict(self.blown), dict(self.soft))

    def blow(self, pulse: int, channel: int, value: int, *, ahead: bool) -> list[tuple[int, int]]:
        """Breath moves; the soft notes of its channel that are played now, as (pulse, pitch).

        `ahead`: it carries those to come as well.
        """
        if ahead:
            self.blown[channel] = pulse, value
        if value < FAINTEST_VELOCITY:
            return []
        keys = [key for key in self.soft if key >> 7 == channel]
        begun = [(self.soft.pop(key), key & 0x7F) for key in keys]
        return [note for note in begun if pulse - note[0] <= PULSES_PER_BEAT]

    def carries(self, pulse: int, channel: int) -> bool:
        """Whether a soft note-on on this channel is played as it is struck."""
        blown, value = self.blown.get(channel, (pulse, 0))
        return value >= FAINTEST_VELOCITY and pulse - blown <= PULSES_PER_BEAT

    def brush(self, pulse: int, channel: int, pitch: int) -> None:
        """A soft note-on without breath: it may come yet."""
        self.soft[channel << 7 | pitch] = pulse

    def lift(self, channel: int, pitch: int) -> bool:
        """Whether the key that comes up was a brushed one."""
        return self.soft.pop(channel << 7 | pitch, None) is not None

    def jump(self, moved: int) -> None:
        """All of it is so many pulses later."""
        self.soft = {key: pulse + moved for key, pulse in self.soft.items()}
        self.blown = {of: (pulse + moved, value) for of, (pulse, value) in self.blown.items()}
