"""Which control was moved on purpose, while others talk. Pure; time is passed in.

A breath controller sends all the time and a worn knob wavers by one; a preset change is many
messages and one act; a knob in NRPN mode sends four controllers for every step.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from improvd.core.midi.messages import DOWN
from improvd.service.controllers.controls import KNOBS, RELATIVE, controller_of, program_of
from improvd.service.controllers.encoders import recognise

WINDOW_S = 0.4
"""How long what moves is watched before one is chosen."""

# So many values within a second, or throughout a window, are talk.
_TALK_NS, _TALK, _TALK_IN_WINDOW, _THROUGHOUT_NS = 1_000_000_000, 3, 8, 300_000_000
# A press sends a message or two, and bounces.
_PRESS = 4
# Controllers that move at once, so many of them, are a preset that is loaded.
_AT_ONCE_NS, _PRESET = 60_000_000, 3
# A worn knob wavers by so much.
_WAVERING = 2
# An endless knob is to be turned both ways: so many windows are waited for the other one.
_BOTH_WAYS = 5
_BANK_SELECT = {0, 32}
_PARAMETER_NUMBERS, _PARAMETER_STEPS = {98, 99, 100, 101}, {38, 96, 97}
_VALUES_KEPT = 256


@dataclass(slots=True)
class Talk:
    """How each controller went last: its value, and when it last came to others."""

    values: dict[int, int] = field(default_factory=dict)
    changed: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def hear(self, stamp: int, message: bytes) -> None:
        """A message came in at this nanosecond."""
        number, value = controller_of(message)
        if number is not None and self.values.get(number) != value:
            self.values[number] = value
            self.changed[number] = (*self.changed.get(number, ())[1 - _TALK :], stamp)

    def talking(self, now: int) -> dict[int, int]:
        """The controllers that talk now, and when each did last."""
        return {
            number: stamps[-1]
            for number, stamps in self.changed.items()
            if len(stamps) == _TALK and now - stamps[0] <= _TALK_NS
        }


@dataclass(slots=True)
class Motion:
    """What a controller did in the window."""

    before: int | None
    values: list[int] = field(default_factory=list)
    first: int = 0
    last: int = 0

    @property
    def travel(self) -> int:
        """How far it went."""
        return max(self.values) - min(self.values)

    @property
    def talks(self) -> bool:
        """Whether it went on moving throughout the window."""
        throughout = self.last - self.first >= _THROUGHOUT_NS
        return throughout and len(self.values) >= _TALK_IN_WINDOW and self.travel > 0

    @property
    def pressed(self) -> bool:
        """Whether it went down, or sent the one value that it has."""
        before = self.before
        for value in self.values:
            if value >= DOWN and (before is None or before < DOWN or before == value):
                return True
            before = value
        return False


class Learner:
    """Watches for the control that is to give an order.

    Args:
        order: the order's text.
        values: what each controller sent last.
        talking: those that talk, with when each did last; silent for a second, they may be meant.
    """

    def __init__(self, order: str, values: Mapping[int, int], talking: Mapping[int, int]) -> None:
        self.order = order
        self._values = dict(values)
        self._talking = dict(talking)
        self._moved: dict[int, Motion] = {}
        self._program: int | None = None
        self._waited = 0

    @property
    def undecided(self) -> bool:
        """Whether something moved, and another window is to tell more of it."""
        return bool(self._moved)

    def hear(self, stamp: int, message: bytes) -> bool:
        """Take in a message; whether it may be of a control that is meant."""
        program = program_of(message)
        if program is not None:
            self._program = program
            return True
        number, value = controller_of(message)
        if number is None:
            return False
        if number in self._talking:
            if stamp - self._talking[number] <= _TALK_NS:
                self._talking[number] = stamp
                return False
            del self._talking[number]
        moved = self._moved.setdefault(number, Motion(self._values.get(number), first=stamp))
        moved.values = [*moved.values[1 - _VALUES_KEPT :], value]
        moved.last = stamp
        return True

    def choose(self) -> tuple[str, str] | None:
        """The control that was moved and the order that it is to give; None begins a new window."""
        moved, program = self._candidates(), self._program
        if self._awaits_other_way(moved):
            self._waited += 1
            return None
        self._values |= {number: each.values[-1] for number, each in self._moved.items()}
        self._moved, self._program = {}, None
        if self.order in KNOBS:
            return self._knob(moved)
        if program is not None:
            return f"program {program}", self.order
        pressed = [number for number, each in moved.items() if each.pressed and not each.talks]
        pressed.sort(key=lambda number: len(moved[number].values) > _PRESS)
        return (f"cc {pressed[0]}", self.order) if pressed else None

    def _awaits_other_way(self, moved: Mapping[int, Motion]) -> bool:
        """Whether an endless knob was turned one way, and may yet be turned the other."""
        if self.order != RELATIVE or self._waited >= _BOTH_WAYS or not moved:
            return False
        return all(recognise(each.values) is None for each in moved.values())

    def _knob(self, moved: Mapping[int, Motion]) -> tuple[str, str] | None:
        relative = self.order.startswith(RELATIVE)
        turned = [
            number
            for number, each in moved.items()
            if relative or len(each.values) < _TALK or not 0 < each.travel <= _WAVERING
        ]
        if not turned:
            return None
        if not relative:
            return f"cc {max(turned, key=lambda number: moved[number].travel)}", self.order
        number = max(turned, key=lambda number: len(moved[number].values))
        encoding = recognise(moved[number].values)
        known = self.order != RELATIVE or encoding is None
        return f"cc {number}", self.order if known else f"{RELATIVE} {encoding}"

    def _candidates(self) -> dict[int, Motion]:
        """The controllers that may have been moved by hand."""
        numbers = set(self._moved)
        left_out = {number + 32 for number in numbers if number < 32}  # the fine halves of others
        if self._program is not None:
            left_out |= _BANK_SELECT
        if numbers & _PARAMETER_NUMBERS:
            left_out |= _PARAMETER_NUMBERS | _PARAMETER_STEPS
        moved = {number: each for number, each in self._moved.items() if number not in left_out}
        once = [each.first for each in moved.values() if len(each.values) == 1]
        if len(once) >= _PRESET and max(once) - min(once) <= _AT_ONCE_NS:
            return {number: each for number, each in moved.items() if len(each.values) > 1}
        return moved
