"""Whether a player's heart still beats, as the service sees it from outside."""

from collections.abc import Callable

# The player's loop goes round every 200 ms; one that is silent for so long will not come back.
STALE_NS = 1_000_000_000
# Nor will one that is stopped or sleeps for so long: its timer would have woken it. One that is
# ready to run, or waits for a disk, may only be waiting for its turn on a busy machine.
_ASLEEP_NS = 500_000_000
# Ports are open within half a second, or a MIDI system hangs.
_OPENING_NS = 15_000_000_000


class Heart:
    """The heart of whichever player plays. Times are monotonic ns."""

    def __init__(self, now: int) -> None:
        self._ordered = self._looked = self._patient_until = now

    def ordered(self, now: int) -> None:
        """A player has just been told to play."""
        self._ordered = now

    def age(self, now: int) -> int:
        """How long ago that was, ns."""
        return now - self._ordered

    def stopped(self, now: int, beat: int | None, asleep: Callable[[], bool]) -> bool:
        """Whether it has stopped, or has not begun to beat for too long. Asked again and again.

        Args:
            now: the time.
            beat: when the heart last beat; None before the player plays.
            asleep: whether all of the player is stopped or sleeps; only asked where it matters.
        """
        if now - self._looked > STALE_NS // 2:
            # We stood still ourselves; the player, which may have too, gets time to recover.
            self._patient_until = now + STALE_NS
        self._looked = now
        if now <= self._patient_until:
            return False
        if beat is None:
            return self.age(now) > _OPENING_NS
        return now - beat > STALE_NS or (now - beat > _ASLEEP_NS and asleep())
