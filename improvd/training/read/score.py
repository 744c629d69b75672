"""From a score of any kind to what is learned from it: a melody, and a chord for every beat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from improvd.core.harmony.chord import Chord
from improvd.core.harmony.scales import harmonize
from improvd.core.music import PULSES_PER_BEAT, PULSES_PER_TICK, Note
from improvd.training.read import heard_chords
from improvd.training.read.corpus import Piece
from improvd.training.read.weimar import LeftOutError

FEWEST_BEATS = 31
# After four bars of nothing another solo begins: learned as one, they would teach silence.
LONGEST_REST = 16
# Longer than this nobody holds a note: it was never let go, and what follows is no part of it.
LONGEST_NOTE = 64

_FEWEST_NOTES = 16
_SHARE_OF_THE_BUSIEST = 0.25
_MONOPHONIC = 0.8
_MELODIC = ("melody", "lead", "solo", "vocal", "voice")


@dataclass(frozen=True, slots=True)
class Voice:
    """A track or part: the number and name people know it by, and its notes, which may overlap."""

    number: int
    name: str
    notes: tuple[Note, ...]

    def __str__(self) -> str:
        return f"{self.number} {self.name}".rstrip()


@dataclass(frozen=True, slots=True)
class Score:
    """What a file says, in pulses from its beginning (a beat is a quarter note in any metre).

    `voices` are the pitched ones. `metres` are (where it begins, pulses in a bar), `chords` those
    written, (from where on, the chord or None for N.C.); both ascend, and chords may be none.
    """

    name: str
    performer: str
    voices: tuple[Voice, ...]
    metres: tuple[tuple[int, int], ...]
    chords: tuple[tuple[int, Chord | None], ...]
    bpm: float


def pieces_of(score: Score, melody: str | None = None) -> list[Piece]:
    """The melodies of a score, parted where it rests for more than four bars.

    Each begins with the bar of its first note and ends with the beat of its last. `melody` is the
    number of a voice or words of its name. Raises LeftOutError where there is nothing to learn.
    """
    sounding = [voice for voice in score.voices if voice.notes]
    if not sounding:
        raise LeftOutError("it has no notes")
    voice = _named(sounding, melody) if melody else _most_melodic(sounding)
    line = top_line(voice.notes)
    tops = {(note.onset, note.pitch) for note in line}
    others = [
        n for v in sounding for n in v.notes if v is not voice or (n.onset, n.pitch) not in tops
    ]
    solos = _parted(line)
    pieces = [_piece(score, solo, others) for solo in solos]
    pieces = [piece for piece in pieces if len(piece.harmonies) >= FEWEST_BEATS]
    if not pieces:
        longest = max(_beat(score, solo, solo[-1].onset) for solo in solos) + 1
        raise LeftOutError(
            f"it has {longest} beats of melody ({voice}), where {FEWEST_BEATS} are due"
        )
    return pieces


def top_line(notes: Sequence[Note]) -> tuple[Note, ...]:
    """The notes above which nothing sounds, one at a time.

    Legato is no chord: a higher note that ends before the next one is half over does not hide it.
    """
    line: list[Note] = []
    sounding: list[Note] = []
    tick = -1
    for note in sorted(notes, key=lambda note: (_tick(note), -note.pitch)):
        sounding = [other for other in sounding if other.onset + other.length > note.onset]
        middle = note.onset + note.length // 2
        hidden = any(s.pitch >= note.pitch and s.onset + s.length >= middle for s in sounding)
        if not hidden and _tick(note) != tick:
            line.append(note)
            tick = _tick(note)
        sounding.append(note)
    longest = LONGEST_NOTE * PULSES_PER_BEAT
    ends = [note.onset for note in line[1:]] + [line[-1].onset + line[-1].length]
    return tuple(
        Note(note.onset, min(note.length, end - note.onset, longest), note.pitch, note.velocity)
        for note, end in zip(line, ends, strict=True)
    )


def _tick(note: Note) -> int:
    return (note.onset + PULSES_PER_TICK // 2) // PULSES_PER_TICK


def _named(voices: Sequence[Voice], melody: str) -> Voice:
    """The voice of this number; else the one of this name, or whose name has these words in it.

    A number is a number first: track 3 goes before one that is called "Piano 3".
    """
    wanted = melody.casefold().split()
    as_named: tuple[Callable[[Voice], bool], ...] = (
        lambda voice: melody.strip() == str(voice.number),
        lambda voice: wanted == voice.name.casefold().split(),
        lambda voice: set(wanted) <= set(voice.name.casefold().split()),
        lambda voice: all(word in voice.name.casefold() for word in wanted),
    )
    for fits in as_named:
        for voice in voices:
            if fits(voice):
                return voice
    there = ", ".join(map(str, voices))
    raise LeftOutError(f"it has no track {melody!r}; its tracks are {there}")


def _most_melodic(voices: Sequence[Voice]) -> Voice:
    """The highest of the voices with enough notes that play one note at a time.

    Those that call themselves melody, solo or the like go first; where none is monophonic it is
    the one that comes nearest, whose top line is then taken.
    """
    enough = max(_FEWEST_NOTES, _SHARE_OF_THE_BUSIEST * max(len(voice.notes) for voice in voices))
    pool = [voice for voice in voices if len(voice.notes) >= enough] or list(voices)
    pool = [v for v in pool if any(word in v.name.casefold() for word in _MELODIC)] or pool
    alone = [len(top_line(voice.notes)) / len(voice.notes) for voice in pool]
    due = min(_MONOPHONIC, max(alone))
    single = [voice for voice, share in zip(pool, alone, strict=True) if share >= due]
    return max(single, key=lambda voice: fmean(note.pitch for note in voice.notes))


def _parted(line: Sequence[Note]) -> list[Sequence[Note]]:
    cuts = [
        i
        for i, (note, then) in enumerate(pairwise(line), start=1)
        if then.onset - note.onset - note.length > LONGEST_REST * PULSES_PER_BEAT
    ]
    return [line[a:b] for a, b in pairwise([0, *cuts, len(line)])]


def _piece(score: Score, solo: Sequence[Note], others: Sequence[Note]) -> Piece:
    origin, bar = _bar(score, solo[0].onset)
    count = _beat(score, solo, solo[-1].onset) + 1
    end = origin + count * PULSES_PER_BEAT
    around = [n for n in others if n.onset < end and n.onset + n.length > origin]
    if score.chords:
        harmony = _written(score.chords, origin, count)
    elif around:
        span = 2 if bar % (2 * PULSES_PER_BEAT) == 0 else max(bar // PULSES_PER_BEAT, 1)
        harmony = list(heard_chords.heard(_from(around, origin), count, span))
    else:
        harmony = [heard_chords.tonic(solo)] * count
    return Piece(
        name=score.name,
        performer=score.performer,
        notes=tuple(_from(solo, origin)),
        harmonies=harmonize(harmony, cyclic=False),
        bpm=score.bpm,
        start=solo[0].pitch,
    )


def _bar(score: Score, pulse: int) -> tuple[int, int]:
    """Where the bar of this pulse begins, and how long it is.

    One short bar at the beginning, with a metre of its own, is a pick-up to the next one.
    """
    metres = score.metres
    if len(metres) > 1 and metres[1][0] - metres[0][0] == metres[0][1] < metres[1][1]:
        metres = metres[1:]
    begins, bar = metres[0]
    for change in metres:
        if change[0] <= pulse:
            begins, bar = change
    return begins + (pulse - begins) // bar * bar, bar


def _beat(score: Score, solo: Sequence[Note], pulse: int) -> int:
    """The beat of this pulse, counted from the bar the solo begins in, and rounded to a tick."""
    origin, _ = _bar(score, solo[0].onset)
    return (pulse - origin + PULSES_PER_TICK // 2) // PULSES_PER_BEAT


def _from(notes: Sequence[Note], origin: int) -> list[Note]:
    return [Note(n.onset - origin, n.length, n.pitch, n.velocity) for n in notes]


def _written(
    changes: Sequence[tuple[int, Chord | None]], origin: int, count: int
) -> list[Chord | None]:
    """The chord of each beat; a change is heard from the beat nearest to it."""
    at = {round((pulse - origin) / PULSES_PER_BEAT): chord for pulse, chord in changes}
    chord = next((at[beat] for beat in sorted(at, reverse=True) if beat <= 0), None)
    harmony = []
    for beat in range(count):
        chord = at.get(beat, chord)
        harmony.append(chord)
    if not any(harmony):
        raise LeftOutError("it has no chord where its melody is, only N.C.")
    return harmony
