"""Song position as masters send it: in sixteenths of six clocks each, or, wrongly, in clocks.

Ardour 7.3 was heard to send 192 where 32 was due. How far the number moved while so many clocks
went by tells which it is.
"""

CLOCKS_PER_SIXTEENTH = 6
# Over fewer clocks the two are not told apart for certain.
_TELLING_CLOCKS = 24


class SongPosition:
    """Reads a master's song positions, and learns what it counts them in."""

    def __init__(self) -> None:
        self.clocks_per_unit = CLOCKS_PER_SIXTEENTH
        self._value = 0  # the latest as it was sent
        self._clocks = 0  # and where we were then, in clocks

    @property
    def in_clocks(self) -> bool:
        """Whether this master counts in clocks."""
        return self.clocks_per_unit == 1

    def memory(self) -> tuple[int, int, int]:
        """Clocks to the unit, the latest value as it was sent, and the clock that it meant."""
        return self.clocks_per_unit, self._value, self._clocks

    def restore(self, memory: tuple[int, int, int]) -> None:
        """Go on from there."""
        self.clocks_per_unit, self._value, self._clocks = memory

    def start(self) -> None:
        """Start was sent, which says position 0."""
        self._value = self._clocks = 0

    def read(self, value: int, here: int) -> int:
        """The position in clocks that was sent as `value` when we were at the clock `here`."""
        elapsed = here - self._clocks
        for unit in (CLOCKS_PER_SIXTEENTH, 1):
            if elapsed >= _TELLING_CLOCKS and abs(value - self._value - elapsed / unit) <= 1:
                self.clocks_per_unit = unit
        self._value, self._clocks = value, value * self.clocks_per_unit
        return self._clocks
