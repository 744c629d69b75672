"""What a person sees in the terminal: one line a beat, and a sentence where one is due."""

from improvd.core.music import HOLD, REST, pitch_name
from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import Turn
from improvd.messages import Ready

_NAMES = {REST: "rest", HOLD: "hold"}

HEADING = "bar.beat  chord     turn     value  notes"


def opening(ready: Ready, take: str | None, *, attended: bool) -> list[str]:
    """The first lines: where it plays and what, and to who watches, how to read what follows."""
    if ready.no_midi is not None:
        why = ready.no_midi[0].upper() + ready.no_midi[1:]
        lines = [f"{why}; playing into {take} instead." if take else f"{why}; looking out for it."]
    else:
        lines = [f"Playing on {ready.plays_on}, listening on {ready.hears_on}."]
    what = f"{ready.title or 'your chart'}, {ready.bpm:g} BPM."
    return [*lines, f"{what} Ctrl-C ends.", "", HEADING] if attended else [*lines, what]


def beat_line(beat: Beat) -> str:
    """One beat: where, over which chord, whose turn, what was played and what was heard."""
    turn = "improvd" if beat.turn is Turn.PLAY else "you"
    value = "-" if beat.value is None else _NAMES.get(beat.value, str(beat.value))
    notes = " ".join(map(pitch_name, beat.pitches))
    line = (
        f"{beat.bar:5}.{beat.beat_in_bar:<2}  {beat.chord:<8}  {turn:<7}  {value:>5}  {notes:<20}"
    )
    if beat.heard and beat.x is not None:
        line += f"  heard you: x = {_NAMES.get(beat.x, str(beat.x))}"
    return line.rstrip()
