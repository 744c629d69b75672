"""The timeline: a bijection between musical time and machine time, replaced and never mutated.

Musical time is a whole count of pulses, machine time whole monotonic nanoseconds. Whoever compares
with the present asks `when` only: the two directions round differently, and a loop that mixes
them can wait for ever.
"""

from dataclasses import dataclass

from improvd.core.music import PULSES_PER_BEAT

NS_PER_MINUTE = 60_000_000_000


def ns_per_beat(bpm: float) -> int:
    """The length of a beat in nanoseconds at a tempo in beats per minute."""
    return round(NS_PER_MINUTE / bpm)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Pulse `origin_pulse` falls at `origin_ns`, and every beat lasts `beat_ns` nanoseconds."""

    origin_ns: int
    origin_pulse: int
    beat_ns: int

    @property
    def bpm(self) -> float:
        """Tempo in beats per minute."""
        return NS_PER_MINUTE / self.beat_ns

    def when(self, pulse: int) -> int:
        """The first nanosecond at which this pulse has come."""
        return self.origin_ns - (self.origin_pulse - pulse) * self.beat_ns // PULSES_PER_BEAT

    def pulse_at(self, ns: int) -> int:
        """The last pulse that has come by this nanosecond; `pulse_at(when(p)) == p`."""
        return self.origin_pulse + (ns - self.origin_ns) * PULSES_PER_BEAT // self.beat_ns

    def pulses(self, ns: int) -> int:
        """A duration in nanoseconds as whole pulses, rounded up."""
        return -(-ns * PULSES_PER_BEAT // self.beat_ns)

    def at_tempo(self, bpm: float, pulse: int) -> "Timeline":
        """The same time up to a pulse, another tempo from there on."""
        return Timeline(self.when(pulse), pulse, ns_per_beat(bpm))

    def shifted(self, ns: int) -> "Timeline":
        """Everything so many nanoseconds later."""
        return Timeline(self.origin_ns + ns, self.origin_pulse, self.beat_ns)

    def dotted(self) -> "Timeline":
        """The same time counted in beats of a dotted quarter, three quarters being two of them."""
        pulse = self.origin_pulse - self.origin_pulse % 3
        return Timeline(self.when(pulse), pulse * 2 // 3, self.beat_ns * 3 // 2)

    def undotted(self) -> "Timeline":
        """The time of which this is the dotted one, counted in quarters."""
        pulse = self.origin_pulse - self.origin_pulse % 2
        return Timeline(self.when(pulse), pulse * 3 // 2, self.beat_ns * 2 // 3)
