"""Pieces of music as beats, as values, and as the X and Y that the course trains on.

One law holds it together: `sing` undoes `encode` wherever the vocabulary holds the figures played.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from improvd.core.harmony.scales import Harmony
from improvd.core.music import HOLD, PULSES_PER_BEAT, PULSES_PER_TICK, REST, TICKS_PER_BEAT, Note
from improvd.core.network.vocabulary import BeatNote, Register, Vocabulary
from improvd.core.realising.melody import Melody
from improvd.core.realising.realiser import Realiser, Where
from improvd.core.rhythm import straighten
from improvd.core.voice.phrasing import LAST_LENGTH_BEATS, sounding_length

BEATS_PER_BAR = 4
DEFAULT_BPM = 120.0
# Neither value nor rest: what stands before a piece begins.
NOTHING = -1
# A note that still sounds in the middle of a beat is held there; what ends before is a tail.
HELD_PULSES = PULSES_PER_BEAT // 2
_ANY_OCTAVE = Register(0, 127)


@dataclass(frozen=True, slots=True)
class MelodyBeat:
    """One beat of a melody: its notes, ticks ascending; where there are none, held or rest."""

    notes: tuple[BeatNote, ...] = ()
    held: bool = False


REST_BEAT = MelodyBeat()
HELD_BEAT = MelodyBeat(held=True)


@dataclass(frozen=True, slots=True)
class Piece:
    """A melody over chords.

    `notes` are monophonic, ascending, in pulses from the piece's first beat, which opens a bar of
    four; `harmonies` has one entry a beat and so says how long the piece is; `start` is the pitch
    its first step is counted from.
    """

    name: str
    performer: str
    notes: tuple[Note, ...]
    harmonies: tuple[Harmony, ...]
    bpm: float
    start: int


def is_tempo(bpm: float) -> bool:
    """Whether music can have this tempo: files say 0, and millions too."""
    return 1 <= bpm <= 1000


def beats_of(piece: Piece) -> list[MelodyBeat]:
    """The beats of a piece, one for each of its harmonies.

    Onsets are rounded to the nearest tick, so one in the last 1/24 of a beat opens the next; a
    second note on a tick is left out, and swung pairs are written straight.
    """
    count = len(piece.harmonies)
    struck: list[dict[int, int]] = [{} for _ in range(count)]
    sounding_until = 0
    held = [False] * count
    for note in piece.notes:
        beat, tick = divmod((note.onset + PULSES_PER_TICK // 2) // PULSES_PER_TICK, TICKS_PER_BEAT)
        if 0 <= beat < count:
            struck[beat].setdefault(tick, note.pitch)
        sounding_until = note.onset + note.length
        for later in range(beat + 1, count):
            if sounding_until < later * PULSES_PER_BEAT + HELD_PULSES:
                break
            held[later] = True
    beats = []
    for pitches, sounding in zip(struck, held, strict=True):
        ticks = sorted(pitches)
        notes = zip(straighten(ticks), ticks, strict=True)
        line = tuple(BeatNote(straight, pitches[tick]) for straight, tick in notes)
        beats.append(MelodyBeat(line) if line else HELD_BEAT if sounding else REST_BEAT)
    return beats


def encode(
    beats: Sequence[MelodyBeat], harmonies: Sequence[Harmony], vocabulary: Vocabulary, start: int
) -> list[int]:
    """The value nearest to each beat, every step counted from the pitch really heard before it."""
    values = []
    previous = start
    sounding = False
    for beat, harmony in zip(beats, harmonies, strict=True):
        if beat.notes:
            values.append(vocabulary.encode(beat.notes, harmony.ladder, previous))
            previous = beat.notes[-1].pitch
            sounding = True
        else:
            sounding = sounding and beat.held
            values.append(HOLD if sounding else REST)
    return values


def sing(  # noqa: PLR0913, PLR0917 - on what, from where, in what, by whom
    values: Sequence[int],
    harmonies: Sequence[Harmony],
    vocabulary: Vocabulary,
    start: int,
    register: Register | None = None,
    realiser: Realiser | None = None,
) -> list[MelodyBeat]:
    """The beats that values sound as, going on from the pitch `start`.

    A realiser chooses the pitches of contours, in any octave where there is no register.
    """
    beats = []
    previous = start
    fresh = True
    melody = Melody((start,))
    for number, (value, harmony) in enumerate(zip(values, harmonies, strict=True)):
        if realiser is None:
            notes = vocabulary.decode(value, harmony.ladder, previous, register, fresh=fresh)
        else:
            following = vocabulary.contours(values[number + 1]) if number + 1 < len(values) else ()
            where = Where(
                number,
                number % BEATS_PER_BAR,
                harmony,
                harmonies[min(number + 1, len(harmonies) - 1)],
                following[0][1] if following else None,
            )
            contours = vocabulary.contours(value)
            notes = realiser.realise(contours, melody, where, register or _ANY_OCTAVE)
            melody = melody.with_notes(notes, harmony, number)
        if notes:
            beats.append(MelodyBeat(tuple(notes)))
            previous = notes[-1].pitch
        else:
            beats.append(HELD_BEAT if value == HOLD and not fresh else REST_BEAT)
        fresh = beats[-1] == REST_BEAT
    return beats


def notes_of(beats: Sequence[MelodyBeat]) -> tuple[Note, ...]:
    """The notes of beats, in pulses, with the lengths a soloist gives them."""
    heard = [
        (i * PULSES_PER_BEAT + note.tick * PULSES_PER_TICK, note.pitch)
        for i, beat in enumerate(beats)
        for note in beat.notes
    ]
    ends = [onset for onset, _ in heard[1:]] + [len(beats) * PULSES_PER_BEAT]
    notes = []
    for (onset, pitch), following in zip(heard, ends, strict=True):
        beat = onset // PULSES_PER_BEAT
        last = beat  # the last beat this note sounds in
        while last + 1 < len(beats) and beats[last + 1].held:
            last += 1
        if last > beat:
            end = min(following, round((last + LAST_LENGTH_BEATS) * PULSES_PER_BEAT))
            length = end - onset
        else:
            end = min(following, (beat + 1) * PULSES_PER_BEAT)
            length = sounding_length(end - onset)
        notes.append(Note(onset, length, pitch))
    return tuple(notes)


def windows(
    books: Iterable[Sequence[int]], tx: int, n_values: int, stride: int | None = None
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Windows of tx beats as the course has them: X (m, tx, n_values), Y (tx, m, n_values).

    Both one-hot, Y one beat ahead of X. A book's first x is the zero vector, the course's x0, so
    that its first value is learned too; windows begin every `stride` beats (every tx unless
    told otherwise, so that none overlap), and what lies past a book's end is zero in X and in Y.
    """
    heard: list[list[int]] = []
    due: list[list[int]] = []
    for book in books:
        opened = [NOTHING, *book]
        for start in range(0, max(len(book) - tx, 0) + 1, stride or tx):
            following = list(book[start : start + tx])
            padding = [NOTHING] * (tx - len(following))
            heard.append(opened[start : start + len(following)] + padding)
            due.append(following + padding)
    every = np.arange(n_values)
    x = (np.array(heard)[..., None] == every).astype(np.float32)
    y = (np.array(due)[..., None] == every).astype(np.float32)
    return x, y.swapaxes(0, 1)
