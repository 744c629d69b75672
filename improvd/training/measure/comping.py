"""How a piano comps: how often it strikes, what its voicings hold, and whether they clash."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from improvd.core.band.moment import SoundingNote
from improvd.core.band.piano import HELD
from improvd.core.band.voicings import clashes
from improvd.core.harmony.chart import Chart
from improvd.core.midi.messages import Stamped, strikes
from improvd.core.music import PULSES_PER_BEAT, Note


@dataclass(frozen=True, slots=True)
class Comping:
    """Hits a bar; the shares of hits off the beat and of those with third and seventh (or sixth).

    `clashes` are hits with a voice a semitone or a minor ninth from a note of the melody that is
    held for half a beat or more; `lowest` and `highest` are pitches.
    """

    hits_a_bar: float
    off_beat: float
    guide_tones: float
    clashes: int
    lowest: int
    highest: int


def measure(
    notes: Iterable[Note], chart: Chart, bars: int, melody: Sequence[SoundingNote] = ()
) -> Comping:
    """The figures of chords played over so many bars of a chart; what is off the beat anticipates.

    Raises ValueError where there are none.
    """
    ordered = sorted(notes, key=lambda note: (note.onset, note.pitch))
    hits = [(at, [n.pitch for n in chord]) for at, chord in groupby(ordered, lambda n: n.onset)]
    if not hits:
        raise ValueError("nothing was comped")
    held = [note for note in melody if note[1] - note[0] >= HELD]
    pitches = [pitch for _, chord in hits for pitch in chord]
    return Comping(
        hits_a_bar=len(hits) / bars,
        off_beat=sum(at % PULSES_PER_BEAT > 0 for at, _ in hits) / len(hits),
        guide_tones=sum(_has_guide_tones(at, chord, chart) for at, chord in hits) / len(hits),
        clashes=sum(_clashes(at, chord, held) for at, chord in hits),
        lowest=min(pitches),
        highest=max(pitches),
    )


def notes_of(messages: Iterable[Stamped], beat_ns: int) -> list[Note]:
    """The notes of messages that begin with the first beat at 0, each beat lasting `beat_ns`."""
    begun: dict[int, tuple[int, int]] = {}
    notes: list[Note] = []
    for ns, message in messages:
        pulse, pitch = round(ns * PULSES_PER_BEAT / beat_ns), message[1]
        if strikes(message):
            begun[pitch] = pulse, message[2]
        elif pitch in begun:
            onset, velocity = begun.pop(pitch)
            notes.append(Note(onset, pulse - onset, pitch, velocity))
    return notes


def _has_guide_tones(at: int, pitches: Sequence[int], chart: Chart) -> bool:
    chord = chart.at(-(-at // PULSES_PER_BEAT)).chord
    return set(chord.tones[1:4:2]) <= {pitch % 12 for pitch in pitches}


def _clashes(at: int, pitches: Sequence[int], melody: Sequence[SoundingNote]) -> bool:
    sounding = [pitch for start, end, pitch in melody if start <= at < end]
    return any(clashes(pitch, other) for pitch in pitches for other in sounding)
