"""The vocabulary: one beat of music as one of n values, and the value nearest to a heard beat.

Value 0 is a rest, value 1 holds the sounding note, every other value is a figure: notes placed in
the beat by tick and in the melody by steps on the ladder of the beat's chord-scale; or, in a
vocabulary of contours, by whether and how far they are above or below the note before, the pitches
being chosen when they are played. A vocabulary is data: it is built from a corpus, travels in the
model file and is known by its hash.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from improvd.core.harmony.ladder import Ladder
from improvd.core.harmony.scales import Harmony
from improvd.core.music import TICKS_PER_BEAT
from improvd.core.network.contour import ANY, rungs_of
from improvd.core.network.neighbours import BeatNote, ContourNeighbours, StepNeighbours

__all__ = ["FIRST_FIGURE", "BeatNote", "Figure", "Register", "Vocabulary"]

FIRST_FIGURE = 2

# (tick 0 to 11, steps from the previous note's rung, 1 for a semitone above the rung reached)
StepNote = tuple[int, int, int]
# (tick 0 to 11, contour)
ContourNote = tuple[int, int]
Figure = tuple[StepNote | ContourNote, ...]
# What the course calls a value: "rest", "hold" or a figure.
Value = str | Figure

_MOST_STEPS = 24


@dataclass(frozen=True, slots=True)
class Register:
    """The range a line is kept in, both pitches included.

    Raises ValueError for a range under an octave, which could not hold every pitch class.
    """

    low: int
    high: int

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high <= 127 or self.high - self.low < 12:
            raise ValueError(
                f"a register runs over at least an octave within 0 to 127, "
                f"not from {self.low} to {self.high}"
            )

    def fold(self, pitch: int) -> int:
        """The pitch moved by whole octaves into the register."""
        if pitch < self.low:
            return pitch + 12 * -(-(self.low - pitch) // 12)
        if pitch > self.high:
            return pitch - 12 * -(-(pitch - self.high) // 12)
        return pitch

    def __contains__(self, pitch: int) -> bool:
        return self.low <= pitch <= self.high

    @property
    def middle(self) -> int:
        """Where a line starts that has no previous pitch."""
        return (self.low + self.high) // 2


class Vocabulary:
    """An ordered set of values. Immutable.

    Args:
        figures: the figures of values 2, 3, ..., at least one; ticks ascend within a figure.

    Raises:
        ValueError: for no figures, and for one that is empty, repeated or out of range.
    """

    def __init__(self, figures: Iterable[Sequence[Sequence[int]]]) -> None:
        self.figures: tuple[Figure, ...] = tuple(_checked(figure) for figure in figures)
        if not self.figures:
            raise ValueError("a vocabulary needs at least one figure")
        if len(set(self.figures)) != len(self.figures):
            raise ValueError("a vocabulary holds each figure once")
        self.has_contours = all(len(note) == 2 for figure in self.figures for note in figure)
        """Whether figures say only the contour, and somebody is to choose the pitches."""
        if not self.has_contours and any(len(n) == 2 for figure in self.figures for n in figure):
            raise ValueError("the figures of a vocabulary are all of steps or all of contours")
        self._in_steps = tuple(tuple(map(_in_steps, figure)) for figure in self.figures)
        self._neighbours = (
            ContourNeighbours([tuple(map(_in_contour, figure)) for figure in self.figures])
            if self.has_contours
            else StepNeighbours(self._in_steps)
        )

    def __len__(self) -> int:
        return FIRST_FIGURE + len(self.figures)

    def figure(self, value: int) -> Figure:
        """The notes of a value; none for rest and hold."""
        return self.figures[value - FIRST_FIGURE] if value >= FIRST_FIGURE else ()

    @cached_property
    def indices_values(self) -> dict[int, Value]:
        """Index to value, as the course names it."""
        return dict(enumerate(("rest", "hold", *self.figures)))

    @cached_property
    def values_indices(self) -> dict[Value, int]:
        """Value to index, as the course names it."""
        return {value: index for index, value in self.indices_values.items()}

    @cached_property
    def onsets(self) -> npt.NDArray[np.int64]:
        """How many notes each value strikes, shape (n_values,)."""
        return np.array([0, 0, *map(len, self.figures)], dtype=np.int64)

    @cached_property
    def rises(self) -> npt.NDArray[np.int64]:
        """How many rungs each value's last note is above the pitch before it, (n_values,)."""
        sums = (sum(step for _, step, _ in figure) for figure in self._in_steps)
        return np.array([0, 0, *sums], dtype=np.int64)

    def steps(self, value: int) -> tuple[StepNote, ...]:
        """The notes of a value in steps, some of which stand for the size of a contour."""
        return self._in_steps[value - FIRST_FIGURE] if value >= FIRST_FIGURE else ()

    def contours(self, value: int) -> tuple[ContourNote, ...]:
        """The notes of a value as contours, in a vocabulary of contours."""
        return tuple(map(_in_contour, self.figure(value)))

    @cached_property
    def id(self) -> str:
        """The hash a model file must match: SHA-256 of the canonical JSON."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """The figures as compact JSON, the form that is hashed and saved."""
        return json.dumps(self.figures, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Vocabulary":
        """The vocabulary of a JSON list of figures.

        Raises ValueError with one sentence for anything else.
        """
        try:
            figures = json.loads(text)
        except (ValueError, RecursionError):
            raise ValueError("the vocabulary is not JSON") from None
        if not isinstance(figures, list):
            raise ValueError("the vocabulary is not a list of figures")  # noqa: TRY004 - what a file says
        return cls(figures)

    def speak(
        self, value: int, harmony: Harmony, previous: int, register: Register, *, fresh: bool
    ) -> list[BeatNote]:
        """The notes of a value on a harmony, as `decode` has them on its ladder."""
        return self.decode(value, harmony.ladder, previous, register, fresh=fresh)

    def understand(self, notes: Sequence[BeatNote], harmony: Harmony, previous: int) -> int:
        """The value of notes that were heard on a harmony, as `encode` has it on its ladder."""
        return self.encode(notes, harmony.ladder, previous)

    def decode(
        self,
        value: int,
        ladder: Ladder,
        previous: int,
        register: Register | None = None,
        *,
        fresh: bool = False,
    ) -> list[BeatNote]:
        """The notes of a value on a ladder, going on from the previous pitch.

        Of a contour, where nobody chooses the pitches, some steps on the ladder stand for its size.
        In a register, a first note after a rest (`fresh`) is moved by octaves, where nobody hears
        a leap; inside a phrase a step that would leave the register is mirrored instead.
        """
        notes = []
        rung = ladder.rung(previous)
        for tick, step, chromatic in self.steps(value):
            target = rung + step
            pitch = ladder.pitch(target, chromatic)
            if register is not None and pitch not in register:
                mirrored = ladder.pitch(rung - step, chromatic)
                pitch = register.fold(pitch) if fresh or mirrored not in register else mirrored
                target = ladder.rung(pitch - chromatic)
            notes.append(BeatNote(tick, pitch))
            rung = target
            fresh = False
        return notes

    def encode(self, notes: Sequence[BeatNote], ladder: Ladder, previous: int) -> int:
        """The value whose notes are nearest to these (one or more, ticks ascending).

        A figure of the vocabulary inverts exactly: its own notes cost nothing. Of equally near
        values the lower index wins.
        """
        return FIRST_FIGURE + int(self.distance(notes, ladder, previous).argmin())

    def distance(
        self, notes: Sequence[BeatNote], ladder: Ladder, previous: int
    ) -> npt.NDArray[np.float64]:
        """What it costs to hear these notes as each figure, shape (n_values - 2,)."""
        return self._neighbours.distances(notes, ladder, previous)


def _checked(figure: Sequence[Sequence[int]]) -> Figure:
    """The figure as tuples. Raises ValueError for what no beat can hold."""
    if not isinstance(figure, Sequence) or isinstance(figure, str) or not figure:
        raise ValueError(f"a figure is a list of notes, not {figure!r}")
    last = -1
    notes: list[StepNote | ContourNote] = []
    for note in figure:
        if (
            not isinstance(note, Sequence)
            or len(note) not in (2, 3)
            or not all(type(number) is int for number in note)
        ):
            raise ValueError(
                f"a figure's note is [tick, step, chromatic] or [tick, contour], not {note!r}"
            )
        tick, move, *chromatic = note
        if not last < tick < TICKS_PER_BEAT:
            raise ValueError(f"the ticks of a figure ascend from 0 to 11, unlike {figure!r}")
        most = _MOST_STEPS if chromatic else ANY
        if abs(move) > most or chromatic not in ([], [0], [1]):
            raise ValueError(f"a figure's note is out of range: {note!r}")
        last = tick
        notes.append((tick, move, chromatic[0]) if chromatic else (tick, move))
    return tuple(notes)


def _in_steps(note: StepNote | ContourNote) -> StepNote:
    """A note in steps on a ladder."""
    return note if len(note) == 3 else (note[0], rungs_of(note[1]), 0)


def _in_contour(note: StepNote | ContourNote) -> ContourNote:
    """A note of a contour."""
    return note[0], note[1]
