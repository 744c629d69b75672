"""Our own line coming back late, transposed or otherwise changed: a musician of nobody's.

A cable that goes round through a transposer, a DAW that monitors our track, a synth that sends on
what it gets. What comes back as it was within 50 ms is an echo (`improvd.core.midi.echo`). The rest
is told from a musician by evidence: notes of ours in a row that come back by one interval and one
delay. A note that moved counts 1; 2 where the delay is the last one's to 5 ms, as no hand has it;
4 where it is ours to the byte, or our pitch within 12 ms, as a synth on the same cable sends it
back with a velocity or on a channel of its own. With 8 it is a copy, from then on and as long as
our notes come back. A musician's own notes in between are heard.

The evidence is the soloist's line: a band's chords and roots are what a musician strikes in unison
with it. Once a copy is found, what comes back of the band by that interval and delay is one too.
"""

from dataclasses import dataclass, field, replace

from improvd.core.midi.messages import NOTE_OFF, NOTE_ON, channel, kind, strikes

_ENOUGH = 8
# What is known stays known while one note in a few is lost.
_MOST, _MISSED = 16, 4
# Four buffers of 2,048 samples are 170 ms, and a synth may take as long again.
LATEST_NS = 400_000_000
_STEADY_NS = 5_000_000
# Nobody strikes the note that we strike this soon, twice in a row.
_AT_ONCE_NS = 12_000_000
# A DAW hands MIDI on by the buffer: so much a delay may waver.
_WAVERING_NS = 45_000_000
_KEPT = 64

SentNote = tuple[int, int, int, int]
"""When a note-on left (ns), its status byte, pitch and velocity."""


@dataclass(slots=True)
class Copies:
    """Watches what is sent and what comes in. Bounded; never blocks.

    `interval` (semitones) and `late` (ns) are those by which the latest notes heard differ from
    ours, of which `pitch` came back last; `evidence` is how much speaks for their being copies;
    `out` are our latest note-ons, not yet come back; `down` the notes of a copy, as channel * 128 +
    pitch, whose offs are to come. `band` are the latest note-ons of the band.
    """

    interval: int = 0
    late: int = 0
    pitch: int = 0
    evidence: int = 0
    out: list[SentNote] = field(default_factory=list)
    down: list[int] = field(default_factory=list)
    band: list[SentNote] = field(default_factory=list)

    @property
    def found(self) -> bool:
        """Whether what comes in is a copy of what goes out."""
        return self.evidence >= _ENOUGH

    def copy(self) -> "Copies":
        """Another that has watched the same."""
        return replace(self, out=[*self.out], down=[*self.down], band=[*self.band])

    def strike(self, stamp: int, message: bytes, *, band: bool = False) -> None:
        """A message left at this nanosecond, the soloist's or one of the band's."""
        if not strikes(message):
            return
        note = (stamp, message[0], message[1], message[2])
        if band:
            self.band = [*self.band[1 - _KEPT :], note]
        else:
            self.out = [*self.out[1 - _KEPT :], note]

    def is_copy(self, stamp: int, message: bytes) -> bool:
        """Whether a message that came in is a note of a copy that was found, or its end."""
        if kind(message) not in (NOTE_OFF, NOTE_ON):
            return False
        key = channel(message) << 7 | message[1]
        if not strikes(message):
            if key in self.down:
                self.down.remove(key)
                return True
            return False
        self._forget(stamp)
        if self._goes_on(stamp, message) or (self.found and self._is_band_s(stamp, message)):
            if self.found:
                self.down = [*self.down[1 - _KEPT :], key]
            return self.found
        if not self.found and self.out:
            self._begin(stamp, message)
        return False

    def _forget(self, stamp: int) -> None:
        """Notes that have not come back in time speak against a copy."""
        out = [note for note in self.out if stamp - note[0] <= LATEST_NS]
        missed = len(self.out) - len(out)
        self.out, self.evidence = out, max(self.evidence - _MISSED * missed, 0)

    def _goes_on(self, stamp: int, message: bytes) -> bool:
        """Whether this is our next note by the interval and the delay of those before."""
        if not self.evidence:
            return False
        for note in self.out:
            late = stamp - note[0]
            if message[1] - note[2] == self.interval and abs(late - self.late) <= _WAVERING_NS:
                self.evidence = min(self.evidence + self._worth(note, late, message), _MOST)
                self.late, self.pitch = late, note[2]
                self.out.remove(note)
                return True
        return False

    def _is_band_s(self, stamp: int, message: bytes) -> bool:
        """Whether this is a note of the band by the interval and the delay that are known."""
        for note in self.band:
            late = stamp - note[0] - self.late
            if message[1] - note[2] == self.interval and abs(late) <= _WAVERING_NS:
                self.band.remove(note)
                return True
        return False

    def _worth(self, note: SentNote, late: int, message: bytes) -> int:
        """How much a note that came back says; one that stands still says nothing."""
        if _is_ours(note, late, message):
            return 4
        if note[2] == self.pitch:
            return 0
        return 2 if abs(late - self.late) <= _STEADY_NS else 1

    def _begin(self, stamp: int, message: bytes) -> None:
        """Take this for the first of a copy: of the same note if it is out, else of the oldest."""
        ours = (note for note in self.out if _is_ours(note, stamp - note[0], message))
        same = next(ours, None)
        note = self.out[0] if same is None else same
        self.out.remove(note)
        self.interval, self.late, self.pitch = message[1] - note[2], stamp - note[0], note[2]
        self.evidence = 1 if same is None else 4


def _is_ours(note: SentNote, late: int, message: bytes) -> bool:
    """Whether a note-on is one of ours to the byte, or its pitch as soon as no hand has it."""
    return message == bytes(note[1:]) or (message[1] == note[2] and 0 <= late <= _AT_ONCE_NS)
