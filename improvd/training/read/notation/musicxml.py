"""MusicXML as scores: what sounds, when, and the chords as they are written.

The file itself is read, as no library leaves it whole: music21 hears cue notes and slashes as
melody, leaves chord symbols untransposed, and makes up the degrees that it does not know.
"""

from pathlib import Path

from improvd.core.harmony.form import ChartError
from improvd.core.harmony.leadsheets.score_file import parts_of, root_of, text_of
from improvd.core.harmony.leadsheets.score_parts import PartReader, tempos, together
from improvd.core.harmony.written import form
from improvd.training.read.corpus import DEFAULT_BPM
from improvd.training.read.score import Score, Voice
from improvd.training.read.weimar import LeftOutError


def read(path: Path) -> list[Score]:
    """The score in a file, compressed or not. Raises LeftOutError, or what XML and zip raise."""
    try:
        root = root_of(path.read_bytes())
        parts = [PartReader(part) for part in parts_of(root)]
    except ChartError as error:
        raise LeftOutError(str(error)) from None
    if not parts:
        raise LeftOutError("it has no parts")
    bars = together([part.bars for part in parts])
    played = form.play(bars)
    names = {
        each.get("id"): text_of(each, "part-name") for each in root.findall("part-list/score-part")
    }
    places = [(i, staff) for i, part in enumerate(parts) for staff in sorted(part.staves)]
    title = text_of(root, "work/work-title") or text_of(root, "movement-title")
    return [
        Score(
            name=(title or path.stem).removesuffix(path.suffix),
            performer=text_of(root, "identification/creator[@type='composer']"),
            voices=tuple(
                Voice(number, names.get(parts[place[0]].identity, ""), played.notes.get(place, ()))
                for number, place in enumerate(places, start=1)
            ),
            metres=played.metres,
            chords=played.chords,
            bpm=next(tempos(root), DEFAULT_BPM),
        )
    ]
