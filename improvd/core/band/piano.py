"""The piano: comps by patterns of a bar, in voicings that move little and leave the melody room.

A pattern is chosen at a bar's beginning, by hash, among those that strike about as often as the
tempo and the others leave room for. What is struck off the beat has the next beat's chord.
"""

from dataclasses import dataclass

from improvd.core.band import feels
from improvd.core.band.lineup import PIANO, VoiceStyle
from improvd.core.band.moment import Moment
from improvd.core.band.noise import draw, uniform
from improvd.core.band.voicings import Voicing, next_voicing, without_clashes
from improvd.core.harmony.chord import Chord
from improvd.core.music import PULSES_PER_BEAT, Note

Hits = tuple[int, ...]
"""A bar's hits in half-beats from its beginning: even ones on the beat."""

# Weights as hits a bar go in pianists' comping: 0 .06, 1 .17, 2 .37, 3 .27, 4 .11 of bars.
_SWING: tuple[tuple[float, Hits], ...] = (
    (6, ()), (4, (5,)), (4, (7,)), (4, (3,)), (5, (0,)),
    (13, (3, 7)), (8, (0, 3)), (5, (1, 4)), (5, (3, 5)), (6, (2, 6)),
    (6, (0, 3, 7)), (6, (1, 4, 7)), (5, (0, 3, 6)), (5, (3, 5, 7)), (5, (1, 4, 6)),
    (4, (0, 3, 5, 7)), (4, (1, 3, 5, 7)), (3, (0, 2, 5, 7)),
)  # fmt: skip
_QUIET: tuple[tuple[float, Hits], ...] = (
    (2, ()), (6, (0,)), (5, (0, 4)), (3, (3,)), (3, (0, 3)), (2, (1, 4)), (1, (0, 4, 7)),
)  # fmt: skip
_BOSSA: tuple[tuple[float, Hits], ...] = (
    (5, (0, 3, 6)), (4, (2, 5)), (3, (0, 3, 7)), (3, (1, 4, 7)), (3, (0, 3)), (2, (3, 6)),
    (1, (0, 3, 5, 7)),
)  # fmt: skip
_WALTZ: tuple[tuple[float, Hits], ...] = (
    (3, ()), (3, (0,)), (4, (2, 4)), (4, (3,)), (3, (2,)), (3, (0, 3)), (2, (1, 4)), (1, (0, 3, 5)),
)  # fmt: skip
_PATTERNS = {feels.BALLAD: _QUIET, feels.BOSSA: _BOSSA, feels.WALTZ: _WALTZ}

# Hits a bar that are aimed at: fewer in fast tempi, and where others play much.
_AIM, _PER_BPM, _FROM_BPM = 2.7, 0.004, 120.0
_ROOM, _CROWD = 1.15, 0.55
# What the musician fills counts for more, from rules 4 on: half as many are left under a full bar.
_MUSICIAN_S = 0.3
_SPREAD = 1.0
_FEWEST, _MOST = 0.8, 2.9
_FOUR = 4
# Shares of a note's way to the next hit, and how long it may be in beats.
_HELD, _LONGEST = 0.9, 1.75
_STABBED = 0.4
_STABS = {True: 0.65, False: 0.3}  # of hits off and on the beat
_OFF_BEAT_LOUDER = 3
_TOP_LOUDER = 4
_WAVER = 6
_FEWEST_VOICES = 2
HELD = PULSES_PER_BEAT // 2
"""A note of the melody that is held for so many pulses is not clashed with."""


@dataclass(frozen=True, slots=True)
class PianoMemory:
    """What a piano goes on from: the hits of a bar, by number, and the last voicing."""

    bar: int | None = None
    hits: Hits = ()
    voicing: Voicing | None = None


class Piano:
    """Chords of four voices or fewer, struck together."""

    def __init__(self) -> None:
        self.memory = PianoMemory()

    def play(self, moment: Moment, part: VoiceStyle) -> list[Note]:
        """The notes of a beat."""
        if self.memory.bar != moment.bar:
            hits = () if moment.comped else _chosen(moment)
            self.memory = PianoMemory(moment.bar, hits, self.memory.voicing)
        if moment.comped:
            return []
        return [
            note
            for off in (0, 1)
            if 2 * moment.place + off in self.memory.hits
            for note in self._hit(moment, part, bool(off))
        ]

    def close(self, moment: Moment, part: VoiceStyle, beats: float) -> list[Note]:
        """The last chord of a piece."""
        if moment.comped:
            return []
        length = round(beats * PULSES_PER_BEAT)
        return self._struck(moment, part, moment.chords.now, moment.start, length)

    def _hit(self, moment: Moment, part: VoiceStyle, off: bool) -> list[Note]:
        onset = moment.off_beat if off else moment.start
        chord = moment.chords.then if off else moment.chords.now
        stabs = uniform(moment.seed, "stab", 2 * moment.beat + off) < _STABS[off]
        share = _STABBED if stabs else _HELD
        length = round(share * min(self._to_next(moment, off), _LONGEST) * PULSES_PER_BEAT)
        if stabs:
            length = min(length, round(_STABBED * PULSES_PER_BEAT))
        return self._struck(moment, part, chord, onset, length, louder=_OFF_BEAT_LOUDER * off)

    def _to_next(self, moment: Moment, off: bool) -> float:
        """Beats from a hit to the next one of its bar, or to the bar's end."""
        at = 2 * moment.place + off
        after = [hit for hit in self.memory.hits if hit > at]
        return (min(after, default=2 * moment.beats) - at) / 2

    def _struck(  # noqa: PLR0913, PLR0917 - each is one circumstance of a chord
        self,
        moment: Moment,
        part: VoiceStyle,
        chord: Chord,
        onset: int,
        length: int,
        louder: int = 0,
    ) -> list[Note]:
        """A chord, less what would clash with the melody; nothing where too little is left."""
        voicing = next_voicing(chord, self.memory.voicing, part.register)
        self.memory = PianoMemory(self.memory.bar, self.memory.hits, voicing)
        held = [
            pitch
            for start, end, pitch in moment.melody
            if start <= onset < end and end - start >= HELD
        ]
        left = without_clashes(voicing, held)
        if len(left) < min(_FEWEST_VOICES, len(voicing)):
            return []
        waver = round((uniform(moment.seed, "touch", onset) - 0.5) * _WAVER)
        level = part.level + moment.lift + louder + waver
        top = left[-1]
        return [
            Note(onset, length, pitch, min(max(level + _TOP_LOUDER * (pitch == top), 1), 127))
            for pitch in left
        ]


def _chosen(moment: Moment) -> Hits:
    """The hits of a bar: a pattern for every four beats, and what fits of one for the rest."""
    patterns = _PATTERNS.get(moment.feel, _SWING)
    if moment.feel == feels.TWO_FEEL and moment.bar % 2 == 0:
        patterns = _QUIET
    weights = [
        weight * 2.0 ** -(((len(hits) - _aim(moment)) / _SPREAD) ** 2) for weight, hits in patterns
    ]
    hits: list[int] = []
    for start in range(0, moment.beats, _FOUR):
        of = patterns[draw(weights, moment.seed, PIANO, 16 * moment.bar + start // _FOUR)][1]
        hits += [2 * start + hit for hit in of if start + hit // 2 < moment.beats]
    return tuple(hits)


def _aim(moment: Moment) -> float:
    """How many hits a bar is to have."""
    aim = _AIM - _PER_BPM * (moment.timeline.bpm - _FROM_BPM)
    crowd = _CROWD * moment.busy
    if moment.rules >= 4:
        crowd += _MUSICIAN_S * moment.filled
    return min(max(aim, _FEWEST), _MOST) * (_ROOM - crowd + 0.2 * moment.heat)
