"""A part: what one voice played, as it sounded, and as it is written down."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from improvd.core.midi.messages import NOTE_OFF, NOTE_ON, channel, kind, strikes
from improvd.core.music import PULSES_PER_BEAT, PULSES_PER_TICK, TICKS_PER_BEAT, Note
from improvd.core.rhythm import FAST_BPM, quantise
from improvd.take import Take

# What is struck within so many pulses of each other is one chord, and what is struck so shortly
# before a beat belongs to it.
_TOGETHER, _EARLY = 30, 48
# A note that ends so many ticks before the next one is written up to that.
_LEGATO = 4
_HALF, _THIRD, _QUARTER = 6, 4, 3


@dataclass(frozen=True, slots=True)
class VoicePart:
    """A voice's name, and its notes in pulses from the first beat, ascending by onset."""

    name: str
    notes: tuple[Note, ...]


class NotatedNote(NamedTuple):
    """A note or chord as it is written: onset and length in ticks, pitches ascending."""

    onset: int
    length: int
    pitches: tuple[int, ...]


def parts_of(take: Take) -> list[VoicePart]:
    """The parts of a take, called as its tracks are; a voice that is silent has no notes."""
    grid = take.grid()
    found = []
    for name, messages in take.tracks():
        begun: dict[tuple[int, int], tuple[int, int]] = {}
        notes = []
        for ns, message in messages:
            if len(message) != 3 or kind(message) not in (NOTE_ON, NOTE_OFF):
                continue
            key, pulse = (channel(message), message[1]), grid.tick(ns)
            if key in begun:
                onset, velocity = begun.pop(key)
                notes.append(Note(onset, max(pulse - onset, 1), key[1], velocity))
            if strikes(message):
                begun[key] = pulse, message[2]
        notes += [
            Note(onset, max(grid.end - onset, 1), pitch, velocity)
            for (_, pitch), (onset, velocity) in begun.items()
        ]
        found.append(
            VoicePart(name, tuple(sorted(notes, key=lambda note: (note.onset, note.pitch))))
        )
    return found


def written(notes: Sequence[Note], *, struck: bool = False) -> list[NotatedNote]:
    """Notes as they are written in one voice: swung pairs straight, none over the next.

    What sounds on under a later note is written up to that one. `struck`: what has no length, as
    drums, lasts to the next stroke or the end of its beat.
    """
    chords = [(at, chord) for at, chord in _placed(_chords(notes)) if chord]
    following = [*(at for at, _ in chords[1:]), None]
    found = []
    for (at, chord), after in zip(chords, following, strict=False):  # silence has no last
        beat_end = (at // TICKS_PER_BEAT + 1) * TICKS_PER_BEAT
        ends = max(note.onset + note.length for note in chord) / PULSES_PER_TICK
        end = beat_end if struck else _written_end(at, ends, after)
        length = (end if after is None else min(end, after)) - at
        found.append(NotatedNote(at, length, tuple(sorted({note.pitch for note in chord}))))
    return found


def _chords(notes: Iterable[Note]) -> list[list[Note]]:
    chords: list[list[Note]] = []
    for note in sorted(notes, key=lambda note: note.onset):
        if chords and note.onset - chords[-1][0].onset <= _TOGETHER:
            chords[-1].append(note)
        else:
            chords.append([note])
    return chords


def _placed(chords: Iterable[list[Note]]) -> list[tuple[int, list[Note]]]:
    """Each chord at its tick; what has no place of its own in a full beat joins the last."""
    beats: dict[int, list[list[Note]]] = {}
    for chord in chords:
        beats.setdefault((chord[0].onset + _EARLY) // PULSES_PER_BEAT, []).append(chord)
    placed = []
    for beat, its in beats.items():
        onsets = [(c[0].onset - beat * PULSES_PER_BEAT) / PULSES_PER_TICK for c in its]
        # Shapes of the beat, whatever the tempo: a sheet is to be read.
        ticks = quantise(onsets, FAST_BPM + 1)
        placed += [(beat * TICKS_PER_BEAT + t, c) for t, c in zip(ticks, its, strict=False)]
        for chord in its[len(ticks) :]:
            placed[-1][1].extend(chord)
    return placed


def _written_end(at: int, ends: float, after: int | None) -> int:
    """The tick at which a note is written to end that sounds up to `ends`."""
    if after is not None and ends >= after - _LEGATO:
        return after
    unit = _THIRD if at % _HALF in (2, 4) else _QUARTER if at % _HALF else _HALF
    return at + max(round((ends - at) / unit), 1) * unit
