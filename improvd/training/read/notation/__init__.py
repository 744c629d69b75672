"""Written music as scores: MusicXML and ABC from their own text, Humdrum and MEI by music21."""

from importlib import import_module
from pathlib import Path

from improvd.training.read.notation import abc, musicxml
from improvd.training.read.score import Score

MUSICXML = (".musicxml", ".xml", ".mxl")
ABC = (".abc",)
BY_MUSIC21 = (".krn", ".mei")
SUFFIXES = (*MUSICXML, *ABC, *BY_MUSIC21)


def read(path: Path) -> list[Score]:
    """The scores in a file, several where it is a book of tunes.

    Raises LeftOutError, or what a parser raises for damaged files.
    """
    name = path.name.lower()
    if name.endswith(MUSICXML):
        return musicxml.read(path)
    if name.endswith(ABC):
        return abc.read(path)
    # Slow to import, and seldom needed.
    scores: list[Score] = import_module(f"{__name__}.through_music21").read(path)
    return scores
