"""The vocabulary: one beat of music as one of n values, and the value nearest to a heard beat.

Value 0 is a rest, value 1 holds the sounding note, every other value is a figure: notes placed in
the beat by tick and in the melody by steps on the ladder of the beat's chord-scale. A vocabulary is
data: it is built from a corpus, travels in the model file and is known by its hash.
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

FIRST_FIGURE = 2

# (tick 0 to 11, steps from the previous note's rung, 1 for a semitone above the rung reached)
FigureNote = tuple[int, int, int]
Figure = tuple[FigureNote, ...]
# What the course calls a value: "rest", "hold" or a figure.
Value = str | Figure

# The price of hearing one note as another, and of missing or adding one. A plain price per
# semitone repeats notes far too often: the square root lets a leap stay a leap.
PRICE_PER_TICK = 0.4
PRICE_PER_ROOT_SEMITONE = 0.3
PRICE_OF_WRONG_DIRECTION = 0.25
PRICE_OF_A_NOTE = 2.0

_MOST_STEPS = 24


@dataclass(frozen=True, slots=True)
class BeatNote:
    """A note inside a beat: tick 0 to 11, pitch 0 to 127, and its most pulses, if it says so."""

    tick: int
    pitch: int
    length: int | None = None


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
        self._neighbours = _Neighbours(self.figures)

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
        sums = (sum(step for _, step, _ in figure) for figure in self.figures)
        return np.array([0, 0, *sums], dtype=np.int64)

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

        In a register, a first note after a rest (`fresh`) is moved by octaves, where nobody hears
        a leap; inside a phrase a step that would leave the register is mirrored instead.
        """
        notes = []
        rung = ladder.rung(previous)
        for tick, step, chromatic in self.figure(value):
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
        return FIRST_FIGURE + self._neighbours.nearest(notes, ladder, previous)

    def distance(
        self, notes: Sequence[BeatNote], ladder: Ladder, previous: int
    ) -> npt.NDArray[np.float64]:
        """What it costs to hear these notes as each figure, shape (n_values - 2,)."""
        return self._neighbours.distances(notes, ladder, previous)


class _Neighbours:
    """All figures as arrays, so that a heard beat is compared with every one at once."""

    def __init__(self, figures: tuple[Figure, ...]) -> None:
        count = len(figures)
        longest = max(map(len, figures))
        self._lengths = np.array([len(figure) for figure in figures], dtype=np.int64)
        self._ticks = np.zeros((count, longest))
        self._rungs = np.zeros((count, longest), dtype=np.int64)
        self._chromatic = np.zeros((count, longest), dtype=np.int64)
        for i, figure in enumerate(figures):
            rung = 0
            for j, (tick, step, chromatic) in enumerate(figure):
                rung += step
                self._ticks[i, j] = tick
                self._rungs[i, j] = rung
                self._chromatic[i, j] = chromatic
        self._rows = np.arange(count)
        self._insertions = PRICE_OF_A_NOTE * np.arange(longest + 1)

    def nearest(self, notes: Sequence[BeatNote], ladder: Ladder, previous: int) -> int:
        return int(self.distances(notes, ladder, previous).argmin())

    def distances(
        self, notes: Sequence[BeatNote], ladder: Ladder, previous: int
    ) -> npt.NDArray[np.float64]:
        """Edit distance of the heard notes to every figure, shape (figures,)."""
        rungs = np.clip(self._rungs + ladder.rung(previous), 0, len(ladder.rungs) - 1)
        pitches = ladder.rungs[rungs] + self._chromatic  # (figures, longest)
        directions = np.sign(np.diff(pitches, axis=1, prepend=previous))
        # row[f, j]: the least cost of the notes so far against the first j notes of figure f
        row = np.tile(self._insertions, (len(pitches), 1))
        before = previous
        for count, note in enumerate(notes, start=1):
            direction = (note.pitch > before) - (note.pitch < before)
            before = note.pitch
            match = PRICE_PER_TICK * np.abs(self._ticks - note.tick)
            match += PRICE_PER_ROOT_SEMITONE * np.sqrt(np.abs(pitches - note.pitch))
            match += PRICE_OF_WRONG_DIRECTION * (directions * direction < 0)
            step = row + PRICE_OF_A_NOTE
            step[:, 0] = PRICE_OF_A_NOTE * count
            np.minimum(step[:, 1:], row[:, :-1] + match, out=step[:, 1:])
            # insertions run along the figure: a running minimum does them in one go
            row = np.minimum.accumulate(step - self._insertions, axis=1) + self._insertions
        distances: npt.NDArray[np.float64] = row[self._rows, self._lengths]
        return distances


def _checked(figure: Sequence[Sequence[int]]) -> Figure:
    """The figure as tuples. Raises ValueError for what no beat can hold."""
    if not isinstance(figure, Sequence) or isinstance(figure, str) or not figure:
        raise ValueError(f"a figure is a list of notes, not {figure!r}")
    last = -1
    notes = []
    for note in figure:
        if (
            not isinstance(note, Sequence)
            or len(note) != 3
            or not all(type(number) is int for number in note)
        ):
            raise ValueError(f"a figure's note is [tick, step, chromatic], not {note!r}")
        tick, step, chromatic = note
        if not last < tick < TICKS_PER_BEAT:
            raise ValueError(f"the ticks of a figure ascend from 0 to 11, unlike {figure!r}")
        if abs(step) > _MOST_STEPS or chromatic not in (0, 1):
            raise ValueError(f"a figure's note is out of range: {note!r}")
        last = tick
        notes.append((tick, step, chromatic))
    return tuple(notes)
