"""What a person sees in the terminal: one line a beat, and a sentence where one is due."""

import shutil
from collections.abc import Sequence

from improvd.core.music import HOLD, REST, pitch_name
from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import Turn
from improvd.messages import Ready

_NAMES = {REST: "rest", HOLD: "hold"}
_YOUR_TURN, _COUNT_IN = "your turn", "count-in"
_NOT_OURS = (_YOUR_TURN, _COUNT_IN)
# Columns: with fewer than these, whose turn it is has none of its own; the least that a line has
# room in; what improvd's notes have at the most; what the values take.
_ROOMY, _LEAST, _NOTES, _VALUES = 60, 40, 20, 16


def width() -> int:
    """The columns of the terminal, as they are now; 80 where it is none."""
    return shutil.get_terminal_size().columns


def opening(ready: Ready, take: str | None, *, attended: bool) -> list[str]:
    """The first lines: where it plays, and what."""
    if ready.no_midi is not None:
        why = ready.no_midi[0].upper() + ready.no_midi[1:]
        lines = [f"{why}; playing into {take} instead." if take else f"{why}; looking out for it."]
    else:
        lines = [f"Playing on {ready.plays_on}, listening on {ready.hears_on}."]
        lines += [ready.why] if ready.why else []
    seed = "" if ready.seed is None else f", seed {ready.seed}"
    what = f"{ready.title or 'your chart'}, {ready.bpm:g} BPM{seed}."
    return [*lines, f"{what} Ctrl-C ends.", ""] if attended else [*lines, what]


def heading(columns: int, *, verbose: bool = False) -> str:
    """What stands in the columns of a beat's line."""
    room = _room(columns, verbose=verbose)
    place = "bar.beat" if room >= _ROOMY else "bar"
    line = _upto_you(place, "chord", "turn", "improvd", room) + "you"
    return _with_values(line, "value", "x", room) if verbose else line


def beat_line(beat: Beat, columns: int, *, verbose: bool = False) -> str:
    """One beat: where, over which chord, whose turn, what is played and what was just heard.

    Args:
        beat: the beat.
        columns: as wide as it may be; fewer than 40 (56 for a verbose one) are not to be had.
        verbose: whether to add the values, the beat's own and the x that led to it.
    """
    room = _room(columns, verbose=verbose)
    bar = _bar(beat, 5 if room >= _ROOMY else 3)
    turn, played = _turn(beat), _fitting(_played(beat), _share(room))
    line = _upto_you(f"{bar}.{beat.beat_in_bar}", beat.chord, turn, played, room)
    line = (line + _fitting(_yours(beat), room - len(line))).rstrip()
    return _with_values(line, _value(beat.value), _value(beat.x), room) if verbose else line


def _bar(beat: Beat, columns: int) -> str:
    """The number of a bar, and before it that of the set's tune, if there is one."""
    if beat.tune is None:
        return f"{beat.bar:{columns}}"
    tune = f"{beat.tune}:"
    return tune + f"{beat.bar:{max(columns - len(tune), 0)}}"


def _room(columns: int, *, verbose: bool) -> int:
    """The columns of a line without its values."""
    return max(_LEAST, columns - _VALUES * verbose)


def _share(room: int) -> int:
    """The columns of improvd's notes: half of what is left, up to what they ever take."""
    return min(_NOTES, (room - (33 if room >= _ROOMY else 15)) // 2)


def _upto_you(place: str, chord: str, turn: str, played: str, room: int) -> str:
    """A line, up to where the musician's notes begin."""
    if room >= _ROOMY:
        return f"{place:<8}  {chord:<8}  {turn:<9}  {played:<{_share(room)}}  "
    whose = turn if turn in _NOT_OURS else played
    return f"{place:<5} {chord:<7} {whose:<{_share(room)}} "


def _with_values(line: str, value: str, x: str, room: int) -> str:
    return f"{line:<{room}}{value:>8}{x:>8}"


def _played(beat: Beat) -> list[str]:
    if beat.turn is Turn.LISTEN:
        return []
    if (other := _other(beat)) is not None:
        return _notes(other[1])
    return _notes(beat.pitches) or [_NAMES.get(beat.value or REST, "")]


def _yours(beat: Beat) -> list[str]:
    return _notes(beat.yours) or (["hold"] if beat.heard and beat.x == HOLD else [])


def _turn(beat: Beat) -> str:
    if beat.turn is Turn.PLAY:
        other = _other(beat)
        return "improvd" if other is None else other[0][: len(_YOUR_TURN)]
    return _YOUR_TURN if beat.bar > 0 else _COUNT_IN


def _other(beat: Beat) -> tuple[str, tuple[int, ...]] | None:
    """Who has the floor where the first soloist has not, and what they play."""
    listens = beat.value is None and not beat.pitches
    return beat.others[0] if listens and beat.others else None


def _value(value: int | None) -> str:
    return "-" if value is None else _NAMES.get(value, str(value))


def _notes(pitches: Sequence[int]) -> list[str]:
    return [pitch_name(pitch) for pitch in pitches]


def _fitting(words: list[str], columns: int) -> str:
    """As many words as fit, and how many more there are."""
    shown = " ".join(words)
    count = len(words)
    while len(shown) > columns and count > 0:
        count -= 1
        shown = " ".join([*words[:count], f"+{len(words) - count}"])
    return shown
