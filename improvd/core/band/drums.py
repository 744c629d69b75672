"""The drums: the patterns of a feel, and fills at the ends of parts of the form.

Pitches are those of General MIDI's percussion map.
"""

from collections.abc import Callable, Iterator, Mapping

from improvd.core.band import feels
from improvd.core.band.lineup import DRUMS, VoiceStyle
from improvd.core.band.moment import Moment
from improvd.core.band.noise import draw, uniform
from improvd.core.music import PULSES_PER_BEAT, Note

KICK, STICK, SNARE, HAT, PEDAL, LOW_TOM, MID_TOM, HIGH_TOM, CRASH, RIDE = (
    36, 37, 38, 42, 44, 45, 47, 48, 49, 51,
)  # fmt: skip

Hit = tuple[int, int, int]
"""Half-beat from the bar's beginning, instrument, and how much louder than plain (velocity)."""

_LENGTH = PULSES_PER_BEAT // 10
_GHOST, _FEATHER = -34, -44
_GHOSTS, _BUSY_GHOSTS = 0.10, 0.28
# A ride by weight, of four beats each.
_RIDES: tuple[tuple[float, tuple[int, ...]], ...] = (
    (0.38, (0, 2, 3, 4, 6, 7)),
    (0.33, (0, 2, 4, 5, 6)),
    (0.29, (0, 1, 2, 4, 6)),
)
_RIDES_IN_THREE: tuple[tuple[float, tuple[int, ...]], ...] = (
    (0.5, (0, 2, 3, 4)),
    (0.3, (0, 1, 2, 4)),
    (0.2, (0, 2, 4)),
)
_RIDES_IN_TWO: tuple[tuple[float, tuple[int, ...]], ...] = (
    (0.4, (0, 2, 4, 6)),
    (0.35, (0, 2, 3, 4, 6)),
    (0.25, (0, 2, 4, 6, 7)),
)
# A clave of two bars on the rim, over straight eighths.
_BOSSA_STICK = ((0, 3, 6), (2, 5))
_BOSSA_KICK = (0, 3, 4, 7)
_STRAIGHT_KICK, _STRAIGHT_SNARE = (0, 3, 4), (2, 6)
_TRIPLETS = (0, PULSES_PER_BEAT // 3, 2 * PULSES_PER_BEAT // 3)
_FILL_BEATS = 2
_FILLS: tuple[tuple[float, tuple[tuple[int, ...], tuple[int, ...]]], ...] = (
    (3.0, ((SNARE, SNARE, HIGH_TOM), (MID_TOM, MID_TOM, LOW_TOM))),
    (2.0, ((SNARE, 0, SNARE), (SNARE, SNARE, KICK))),
    (2.0, ((0, SNARE, SNARE), (HIGH_TOM, MID_TOM, LOW_TOM))),
    (2.0, ((SNARE, HIGH_TOM, 0), (SNARE, LOW_TOM, 0))),
)
_COUNT_LOUDER = 10
# How much louder than a feathered one a ballad's kick is: by rules 3, and from 4 on.
_KICK_BEFORE, _KICK = 20, 32


class Drums:
    """A kit. It keeps nothing in mind: what it plays depends on the bar and the beat alone."""

    def play(self, moment: Moment, part: VoiceStyle) -> list[Note]:
        """The notes of a beat."""
        if _is_fill(moment):
            return list(self._fill(moment, part))
        hits = _HITS[moment.feel](moment)
        level = part.level + moment.lift
        loudest: dict[tuple[int, int], int] = {}
        for half, instrument, louder in hits:
            if half // 2 == moment.place:
                key = half, instrument
                loudest[key] = max(louder, loudest.get(key, louder))
        notes = [
            self._note(moment, instrument, level + louder, off=bool(half % 2))
            for (half, instrument), louder in loudest.items()
        ]
        if moment.place == 0 and _after_fill(moment):
            notes.append(self._note(moment, CRASH, level - 8, off=False))
        return notes

    def count(self, moment: Moment, part: VoiceStyle, bars_left: int) -> list[Note]:
        """A beat of the count-in, on the sticks: in twos, the last bar on every beat."""
        if bars_left > 1 and moment.place % 2:
            return []
        return [self._note(moment, STICK, part.level + _COUNT_LOUDER, off=False)]

    def close(self, moment: Moment, part: VoiceStyle, beats: float) -> list[Note]:
        """The last beat of a piece: a cymbal that rings, and a kick."""
        del beats
        level = part.level + moment.lift
        return [
            self._note(moment, KICK, level, off=False),
            self._note(moment, CRASH, level, off=False),
        ]

    def _fill(self, moment: Moment, part: VoiceStyle) -> Iterator[Note]:
        """Triplets over the last two beats of a part of the form."""
        of = _FILLS[draw([weight for weight, _ in _FILLS], moment.seed, "fill", moment.bar)][1]
        beat = of[moment.place - (moment.beats - _FILL_BEATS)]
        for at, instrument in zip(_TRIPLETS, beat, strict=True):
            if instrument:
                level = part.level + moment.lift + round(6 * moment.heat)
                yield Note(moment.start + at, _LENGTH, instrument, _velocity(level))
        yield self._note(moment, PEDAL, part.level - 8, off=False)

    def _note(self, moment: Moment, instrument: int, level: int, *, off: bool) -> Note:
        onset = moment.off_beat if off else moment.start
        waver = round((uniform(moment.seed, DRUMS, onset, instrument) - 0.5) * 8)
        return Note(onset, _LENGTH, instrument, _velocity(level + waver))


def _velocity(level: int) -> int:
    return min(max(level, 1), 127)


def _is_fill(moment: Moment) -> bool:
    """Whether this beat is filled; a bar of fewer than three beats has no room."""
    return moment.fill and moment.beats > _FILL_BEATS and moment.place >= moment.beats - _FILL_BEATS


def _after_fill(moment: Moment) -> bool:
    """Whether a cymbal crashes on a first beat: where the music is hot."""
    return moment.heat > 0.6 and moment.bar % 8 == 0


def _ride(moment: Moment, rides: tuple[tuple[float, tuple[int, ...]], ...]) -> Iterator[Hit]:
    """The ride of a bar, four beats (or three) after another."""
    size = 3 if rides is _RIDES_IN_THREE else 4
    for start in range(0, moment.beats, size):
        of = rides[draw([w for w, _ in rides], moment.seed, DRUMS, 16 * moment.bar + start)][1]
        for half in of:
            strong = 3 if half in (2, 6) else 0
            yield 2 * start + half, RIDE, strong - 6 * (half % 2)


def _hat(moment: Moment) -> Iterator[Hit]:
    for place in range(1, moment.beats, 2):
        yield 2 * place, PEDAL, -6


def _comments(moment: Moment) -> Iterator[Hit]:
    """Ghost notes of the snare, now and then; more where the music is hot."""
    often = _GHOSTS + (_BUSY_GHOSTS - _GHOSTS) * moment.heat
    for half in range(2 * moment.beats):
        chance = uniform(moment.seed, "ghost", 64 * moment.bar + half)
        if half % 2 and chance < often:
            yield half, SNARE, _GHOST + round(16 * moment.heat)
        elif not half % 2 and chance < often / 4:
            yield half, KICK, -14


def _swing(moment: Moment) -> Iterator[Hit]:
    yield from _ride(moment, _RIDES_IN_THREE if moment.beats % 3 == 0 else _RIDES)
    yield from _hat(moment)
    for place in range(moment.beats):
        yield 2 * place, KICK, _FEATHER
    yield from _comments(moment)


def _in_two(moment: Moment) -> Iterator[Hit]:
    yield from _ride(moment, _RIDES_IN_TWO)
    yield from _hat(moment)
    for place in range(0, moment.beats, 2):
        yield 2 * place, KICK, _FEATHER + 6
    yield from _comments(moment)


def _ballad(moment: Moment) -> Iterator[Hit]:
    """Few strokes, and those are to be heard under a line that plays out."""
    for half, instrument, louder in (*_ride(moment, _RIDES_IN_TWO), *_hat(moment)):
        yield half, instrument, louder + 12
    yield 0, KICK, _FEATHER + (_KICK_BEFORE if moment.rules < 4 else _KICK)


def _waltz(moment: Moment) -> Iterator[Hit]:
    yield from _ride(moment, _RIDES_IN_THREE)
    yield 2, PEDAL, -6
    yield 0, KICK, -18
    yield from _comments(moment)


def _bossa(moment: Moment) -> Iterator[Hit]:
    for half in range(2 * moment.beats):
        yield half, HAT, -10 - 8 * (half % 2)
    stick = _BOSSA_STICK[moment.bar % 2]
    for start in range(0, moment.beats, 4):
        for half in stick:
            yield 2 * start + half, STICK, -4
        for half in _BOSSA_KICK:
            yield 2 * start + half, KICK, -20 + 4 * (half in (0, 4))


def _straight(moment: Moment) -> Iterator[Hit]:
    for half in range(2 * moment.beats):
        yield half, RIDE, -4 - 8 * (half % 2)
    for start in range(0, moment.beats, 4):
        for half in _STRAIGHT_KICK:
            yield 2 * start + half, KICK, -8
        for half in _STRAIGHT_SNARE:
            yield 2 * start + half, SNARE, -8


_HITS: Mapping[str, Callable[[Moment], Iterator[Hit]]] = {
    feels.SWING: _swing,
    feels.TWO_FEEL: _in_two,
    feels.BALLAD: _ballad,
    feels.WALTZ: _waltz,
    feels.BOSSA: _bossa,
    feels.STRAIGHT: _straight,
}
