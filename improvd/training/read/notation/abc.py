"""ABC tunes as scores.

The text itself is read: music21 drops the chord names that it does not know, takes a minor's dash
for a flat, and passes over fields that stand within a line.
"""

from pathlib import Path

from improvd.core.harmony.abc.tune import AbcTune, texts
from improvd.core.harmony.meter import ChartError
from improvd.core.harmony.written import form
from improvd.training.read.corpus import DEFAULT_BPM
from improvd.training.read.score import Score, Voice
from improvd.training.read.weimar import LeftOutError


def read(path: Path) -> list[Score]:
    """The scores of a file, one for each tune. Raises LeftOutError where it has none."""
    try:
        return [_score(text.read(), path.stem) for text in texts(path.read_bytes())]
    except ChartError as error:
        raise LeftOutError(str(error)) from None


def _score(tune: AbcTune, stem: str) -> Score:
    """The tune as it is played."""
    bars, order = tune.played()
    played = form.play(bars, order)
    if not played.notes:
        raise LeftOutError("it has no notes")
    if not any(line.key.pitched for line in tune.lines):
        raise LeftOutError("it has drums alone")
    return Score(
        name=tune.title or stem,
        performer=tune.composer,
        voices=tuple(
            Voice(i + 1, line.name, played.notes.get((i, 0), ()))
            for i, line in enumerate(tune.lines)
            if line.key.pitched
        ),
        metres=played.metres,
        chords=played.chords,
        bpm=tune.bpm or DEFAULT_BPM,
    )
