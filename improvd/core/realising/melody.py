"""The melody so far, as far as it decides which pitches come next."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from improvd.core.harmony.scales import Harmony
from improvd.core.music import TICKS_PER_BEAT
from improvd.core.network.vocabulary import BeatNote
from improvd.core.realising.tones import OUTSIDE, Tones, tones_of

REMEMBERED = 64
# Ticks. A line that has not begun yet, or has been silent for long.
LONG_AGO = -1_000_000


@dataclass(frozen=True, slots=True)
class Melody:
    """The latest pitches, oldest first, one at least; and what the last was to its chord.

    `root` and `quality` are its chord's, `role` its own there; `onset` is in ticks of the piece.
    """

    pitches: tuple[int, ...]
    root: int = 0
    quality: int = 0
    role: int = OUTSIDE
    onset: int = LONG_AGO

    @property
    def last(self) -> int:
        """The pitch that the line goes on from."""
        return self.pitches[-1]

    def with_note(self, pitch: int, tones: Tones, onset: int) -> "Melody":
        """The melody with one more note, at this tick, over these tones."""
        pitches = (*self.pitches, pitch)[-REMEMBERED:]
        return Melody(pitches, tones.root, tones.quality, int(tones.roles[pitch % 12]), onset)

    def with_notes(self, notes: Iterable[BeatNote], harmony: Harmony, beat: int) -> "Melody":
        """The melody with the notes of a beat."""
        melody, tones = self, tones_of(harmony)
        for note in notes:
            melody = melody.with_note(note.pitch, tones, beat * TICKS_PER_BEAT + note.tick)
        return melody

    def going_on_from(self, pitch: int) -> "Melody":
        """The same where this is the last pitch; else somebody else's has come in between."""
        if pitch == self.pitches[-1]:
            return self
        return replace(self, pitches=(*self.pitches, pitch)[-REMEMBERED:])
