"""Song position as masters send it: in sixteenths of six clocks each, or, wrongly, in clocks.

Ardour 7.3 was heard to send 192 where 32 was due. How far the number moved while so many clocks
went by tells which it is. A jump can look like either by chance, so a master that was taken for
one is taken for the other only after several tell, and can be judged anew as often as it changes.
"""

CLOCKS_PER_SIXTEENTH = 6
# Over fewer clocks the two are not told apart for certain.
_TELLING_CLOCKS = 24
# So many more positions must speak for the other unit than for this one.
_JUDGES = 2


class SongPosition:
    """Reads a master's song positions, and learns what it counts them in."""

    def __init__(self) -> None:
        self.clocks_per_unit = CLOCKS_PER_SIXTEENTH
        self._value = 0  # the latest as it was sent
        self._clocks = 0  # and where we were then, in clocks
        self._doubts = 0  # positions that spoke for the other unit, less those for this one

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
        self._doubts = 0

    def start(self) -> None:
        """Start was sent, which says position 0."""
        self._value = self._clocks = 0

    def read(self, value: int, here: int) -> int:
        """The position in clocks that was sent as `value` when we were at the clock `here`."""
        elapsed, moved = here - self._clocks, value - self._value
        if elapsed >= _TELLING_CLOCKS:
            other = 1 if self.clocks_per_unit != 1 else CLOCKS_PER_SIXTEENTH
            if abs(moved - elapsed / self.clocks_per_unit) <= 1:
                self._doubts = 0
            elif abs(moved - elapsed / other) <= 1:
                self._doubts += 1
        if self._doubts >= _JUDGES:
            self.clocks_per_unit, self._doubts = other, 0
        self._value, self._clocks = value, value * self.clocks_per_unit
        return self._clocks
