"""The pieces of a recorded jam: stretches of the musician's line, each beat as it was to the cell.

What was played is heard again by the ears that heard it live, so that comping and drones are no
melody. A piece is a stretch between silences, from the bar line before its first note on.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median

from improvd import folders, records
from improvd.core.grid import Grid, RulerBeat
from improvd.core.harmony.chord import Chord, ChordError, parse_chord
from improvd.core.harmony.scales import Harmony, harmonize
from improvd.core.hearing.listener import Listener
from improvd.core.hearing.windows import early_window
from improvd.core.midi.messages import Stamped
from improvd.core.music import PULSES_PER_BEAT
from improvd.core.network.tilt import HOME_BPM
from improvd.core.network.vocabulary import BeatNote
from improvd.core.rhythm import quantise
from improvd.core.timeline import NS_PER_MINUTE, Timeline, ns_per_beat
from improvd.messages import RULES
from improvd.training.read.corpus import (
    BEATS_PER_BAR,
    HELD_BEAT,
    REST_BEAT,
    MelodyBeat,
    Piece,
    notes_of,
)
from improvd.training.read.jams.told import told
from improvd.training.read.weimar import LeftOutError

SUFFIX = ".jam"
# The performer of every piece: whoever played with improvd.
MUSICIAN = "the musician"
# After two bars of silence somebody else had the floor, or nobody.
SILENCE_BEATS = 8
# What is shorter says nothing of how its player goes on.
SHORTEST_BEATS = 8
# Thirty times what a jam's file grows to before it goes on in another.
_LARGEST = 1 << 30


def read(path: Path, together: bool = False) -> list[Piece]:
    """The pieces of a recorded jam, none where the musician played no melody.

    `together` has improvd's own line where the musician was silent. A file that was cut short or
    damaged is read as far as it goes. Raises LeftOutError for what is no recording.
    """
    data = folders.read(path, _LARGEST)
    found = [each for each in records.read(data) if not isinstance(each, records.Damage)]
    if not any(isinstance(each, records.Opened) for each in found):
        raise LeftOutError("it is not a recorded jam, or damaged from the beginning on")
    tells = told(each for each in found if not isinstance(each, records.Opened | records.Closed))
    if not tells.beats:
        return []
    grid = Grid(tells.beats, ns_per_beat(tells.config.tempo or HOME_BPM), BEATS_PER_BAR)
    line = _line(grid, tells.theirs)
    if together:
        own = _line(grid, tells.ours)
        line = [mine if each == REST_BEAT else each for each, mine in zip(line, own, strict=True)]
    chords = [_chord(place.chord) for place in grid.places]
    if not any(chords):
        return []
    harmonies = harmonize(chords, cyclic=False)
    stretches = _stretches(line, grid.places)
    return [_piece(path.stem, grid, line, harmonies, stretch) for stretch in stretches]


def _line(grid: Grid, messages: Sequence[Stamped]) -> list[MelodyBeat]:
    """What somebody's messages are to the ear, beat by beat."""
    listener = Listener(RULES)
    first = grid.starts[0] - early_window(grid.last_ns)
    coming = iter(sorted((m for m in messages if m[0] >= first), key=lambda message: message[0]))
    ahead = next(coming, None)
    line: list[MelodyBeat] = []
    for beat, (start, end) in enumerate(pairwise([*grid.starts, grid.starts[-1] + grid.last_ns])):
        length = end - start
        closes = end - early_window(length)
        while ahead is not None and ahead[0] < closes:
            listener.hear(grid.tick(ahead[0]), ahead[1])
            ahead = next(coming, None)
        heard = listener.close(beat, Timeline(start, beat * PULSES_PER_BEAT, length))
        ticks = quantise([onset for onset, _ in heard.melody], NS_PER_MINUTE / length)
        pitches = (pitch for _, pitch in heard.melody)
        notes = tuple(BeatNote(tick, pitch) for tick, pitch in zip(ticks, pitches, strict=False))
        line.append(MelodyBeat(notes) if notes else HELD_BEAT if heard.held else REST_BEAT)
    return line


def _chord(symbol: str | None) -> Chord | None:
    """The chord of a symbol, as far as it can be read."""
    try:
        return None if symbol is None else parse_chord(symbol)
    except ChordError:
        return None


def _stretches(line: Sequence[MelodyBeat], places: Sequence[RulerBeat]) -> Iterator[range]:
    """The beats between long silences, each stretch from a bar line to its last sound."""
    bars = [beat for beat, place in enumerate(places) if place.starts_bar]
    struck = [beat for beat, each in enumerate(line) if each.notes]
    firsts = [b for a, b in pairwise([-SILENCE_BEATS - 1, *struck]) if b - a > SILENCE_BEATS]
    for first, following in pairwise([*firsts, len(line)]):
        inside = [beat for beat in struck if first <= beat < following]
        last = inside[-1] + 1
        while last < following and line[last].held:
            last += 1
        start = bars[max(bisect_left(bars, first + 1) - 1, 0)] if bars else first
        if last - start >= SHORTEST_BEATS:
            yield range(start, last)


def _piece(
    jam: str, grid: Grid, line: Sequence[MelodyBeat], harmonies: Sequence[Harmony], beats: range
) -> Piece:
    played = line[beats.start : beats.stop]
    starts = [*grid.starts, grid.starts[-1] + grid.last_ns][beats.start : beats.stop + 1]
    return Piece(
        name=jam,
        performer=MUSICIAN,
        notes=notes_of(played),
        harmonies=tuple(harmonies[beats.start : beats.stop]),
        bpm=NS_PER_MINUTE / median(b - a for a, b in pairwise(starts)),
        start=next(note.pitch for each in played for note in each.notes),
    )
