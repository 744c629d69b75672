"""One beat of a performance, as it is told to whoever watches."""

from dataclasses import dataclass

from improvd.core.playing.modes import Turn


@dataclass(frozen=True, slots=True)
class Beat:
    """What became of one beat: x and value are vocabulary indices, pitches those planned.

    It is the first soloist's, but for `turn`, which is to play where any of them has the floor. `x`
    is what the cell was fed to pick this beat, None for the zero vector; `value` is None while it
    listens. `heard`: x came from the musician. `start_ns`: when the beat falls. `beats_per_bar` is
    that of its bar, None in recordings that did not say yet. `yours` are the pitches that the
    musician struck in the beat before, when x was played: the melody in order, or else the chord
    from below; none in recordings that did not say yet. `tune` is the number of the set's tune that
    is played, None without a set. `others` are the soloists beside the first who have the floor,
    and the pitches of each.
    """

    number: int
    bar: int
    beat_in_bar: int
    chord: str
    turn: Turn
    x: int | None
    heard: bool
    value: int | None
    pitches: tuple[int, ...]
    start_ns: int
    beats_per_bar: float | None = None
    yours: tuple[int, ...] = ()
    tune: int | None = None
    others: tuple[tuple[str, tuple[int, ...]], ...] = ()
