"""The moment: all that a voice of the band may know when it plans a beat."""

from collections.abc import Sequence
from dataclasses import dataclass

from improvd.core.harmony.chart import Chart
from improvd.core.harmony.chord import Chord
from improvd.core.music import PULSES_PER_BEAT
from improvd.core.timeline import Timeline

# So many beats ahead a voice looks for the next chord.
AHEAD = 5

SoundingNote = tuple[int, int, int]
"""A note of whoever has the melody: pulse of its beginning and end, and pitch."""


@dataclass(frozen=True, slots=True)
class ChordContext:
    """The chords around a beat, seen from it.

    `now` is its own chord and `then` that of the beat after it; `begins` says that another chord
    was before. `left` beats (1 to 5) are left of it, this one among them, and `next` is the chord
    after that, or its own where none comes so soon. `sounds` is False where the chart says N.C.
    """

    now: Chord
    then: Chord
    begins: bool
    left: int
    next: Chord
    sounds: bool = True


@dataclass(frozen=True, slots=True)
class Moment:
    """What a beat is played in.

    `beat` counts from the first of the piece, `place` from the first of its bar; a bar has
    `beats` of them, whole ones. `share` is the long share of a swung pair. `melody` are the notes
    that sound in this beat or will. `busy` (0 to 1) is how much of the last bar others filled,
    `filled` (0 to 1) how much of it the musician did, `comped` whether the musician has been
    comping, `under` the lowest pitch that the musician's left hand leaves to others, `lift` how
    much louder than its level a voice is to play (velocity) and `heat` (0 to 1) how near to a
    climax the music is. `fill` says that this bar ends a part of the form. `rules` are those of
    what is played.
    """

    beat: int
    bar: int
    place: int
    beats: int
    feel: str
    timeline: Timeline
    share: float
    chords: ChordContext
    seed: int = 0
    melody: Sequence[SoundingNote] = ()
    busy: float = 0.0
    filled: float = 0.0
    comped: bool = False
    under: int | None = None
    lift: int = 0
    heat: float = 0.0
    fill: bool = False
    rules: int = 0

    @property
    def start(self) -> int:
        """The pulse at which the beat begins."""
        return self.beat * PULSES_PER_BEAT

    @property
    def off_beat(self) -> int:
        """The pulse of its second half, as it swings."""
        return self.start + round(self.share * PULSES_PER_BEAT)

    @property
    def last(self) -> bool:
        """Whether it is the last of its bar."""
        return self.place == self.beats - 1


def chord_context(chart: Chart, beat: int) -> ChordContext:
    """The chords of a chart around a beat."""
    now = chart.at(beat).chord
    left = next(
        (far for far in range(1, AHEAD) if not same(chart.at(beat + far).chord, now)), AHEAD
    )
    return ChordContext(
        now=now,
        then=chart.at(beat + 1).chord,
        begins=not same(chart.at(beat - 1).chord, now),
        left=left,
        next=chart.at(beat + left).chord,
        sounds=chart.sounds(beat),
    )


def same(one: Chord, other: Chord) -> bool:
    """Whether two chords are played as one: the same bass and tones."""
    return one.bass == other.bass and one.root == other.root and one.tones == other.tones
