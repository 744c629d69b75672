"""Bass lines of the Weimar Jazz Database: a pitch and a chord for every beat of a solo.

The pitches come from a network that transcribed them, and many are wrong: where players strike the
root on a chord's first beat in 70 to 80 % of cases, half of these do. So who learns from them asks
for lines that have it often enough.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from improvd.core.band.moment import ChordContext, chord_context
from improvd.core.band.walking import Step
from improvd.core.harmony.chart import Chart, chart_of
from improvd.core.harmony.chord import Chord, ChordError, read_chord
from improvd.training.read.weimar import MOST_BEATS_WITHOUT_CHORD

_BEATS_PER_BAR = 4
_FEWEST_CHANGES = 8
SOUND = 0.4
"""Of the chords of a line that can be believed so many begin on their root."""


@dataclass(frozen=True, slots=True)
class BassLine:
    """A bass line of a pitch a beat, over as many chords; it begins with a bar."""

    name: str
    pitches: tuple[int, ...]
    chart: Chart

    def chords(self, beat: int) -> ChordContext:
        """The chords around a beat."""
        return chord_context(self.chart, beat)

    def steps(self) -> Iterator[tuple[Step, int]]:
        """What each pitch but the first two was picked in, and the pitch."""
        for beat in range(2, len(self.pitches)):
            two, one, pitch = self.pitches[beat - 2 : beat + 1]
            way = 0 if one == two else 1 if one > two else 2
            strong = beat % _BEATS_PER_BAR == _BEATS_PER_BAR // 2
            yield Step(one, way, self.chords(beat), strong=strong), pitch

    @property
    def rooted(self) -> float:
        """The share of its chords that begin on their root; 0 where they are too few to say."""
        firsts = [beat for beat in range(1, len(self.pitches)) if self.chords(beat).begins]
        if len(firsts) < _FEWEST_CHANGES:
            return 0.0
        roots = [self.pitches[beat] % 12 == self.chords(beat).now.root for beat in firsts]
        return sum(roots) / len(firsts)


def read(path: Path) -> list[BassLine]:
    """The walking lines in 4/4 of JSON lines as `weimar` reads them, gzipped or plain."""
    with (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8")
    ) as lines:
        found = (_line(json.loads(line)) for line in lines)
        return [line for line in found if line is not None]


def split(lines: Sequence[BassLine]) -> tuple[list[BassLine], list[BassLine]]:
    """Those to learn from, and every seventh to measure by."""
    kept = [line for at, line in enumerate(lines) if at % 7]
    return kept, [line for at, line in enumerate(lines) if at % 7 == 0]


def _line(solo: dict[str, Any]) -> BassLine | None:
    beats = solo["beats"]
    if solo["signature"] != "4/4" or solo["rhythmfeel"] != "SWING" or beats[0][7] is None:
        return None
    if any(b[2] != a[2] % _BEATS_PER_BAR + 1 for a, b in pairwise(beats)):
        return None
    first = next(at for at, beat in enumerate(beats) if beat[2] == 1)
    chords = [_chord(beat[4]) for beat in beats[first:]]
    if sum(chord is None for chord in chords) > MOST_BEATS_WITHOUT_CHORD * len(chords):
        return None
    pitches = tuple(int(beat[7]) for beat in beats[first:])
    line = BassLine(str(solo["id"]), pitches, chart_of(chords))
    return line if line.rooted else None


def _chord(symbol: str | None) -> Chord | None:
    try:
        return read_chord(symbol or "NC")
    except ChordError:
        return None
