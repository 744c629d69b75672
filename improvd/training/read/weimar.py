"""The Weimar Jazz Database's solos, read as pieces; a reason for every one left out.

They come as JSON lines, or in the SQLite file that the database is published as. Each line holds a
solo: `beats` as [onset s, bar, beat, period, chord, form, chorus, bass] and
`notes` as [onset s, duration s, pitch, bar, beat, division, tatum, phrase, phrase begin, dB].
Notes are placed where the transcribers heard them, tatum by tatum: players lie some 20 ms behind
the beat, which rounding their onsets would read as another rhythm.

The SQLite file has tables solo_info, beats and melody
(https://jazzomat.hfm-weimar.de/dbformat/dbformat.html); a beat has a chord there where it changes.
"""

import gzip
import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from improvd.core.harmony.chord import Chord, ChordError, read_chord
from improvd.core.harmony.scales import harmonize
from improvd.core.music import PULSES_PER_BEAT, PULSES_PER_TICK, TICKS_PER_BEAT, Note
from improvd.training.read.corpus import BEATS_PER_BAR, DEFAULT_BPM, Piece, is_tempo

# Without chords in so many of its beats a solo says little about harmony.
MOST_BEATS_WITHOUT_CHORD = 0.3
FEWEST_BEATS = 32
DATABASE = (".db", ".sqlite", ".sqlite3")
# Of bad lines in one file.
_MOST_NAMED = 3

_SOLOS = "SELECT melid, performer, title, avgtempo, signature FROM solo_info ORDER BY melid"
_BEATS = "SELECT onset, bar, beat, chord FROM beats WHERE melid = ? ORDER BY onset"
_NOTES = """
    SELECT onset, duration, pitch, bar, beat, division, tatum
    FROM melody WHERE melid = ? ORDER BY onset, eventid
"""


class LeftOutError(ValueError):
    """A solo that cannot be learned from; one sentence says why."""


def read(path: Path) -> tuple[list[Piece], dict[str, str]]:
    """The pieces of JSON lines (gzipped or plain) or of the database, and why others were left out.

    A line that is no solo is named beside the solos of the others. Raises ValueError, naming the
    file, for what is no such file.
    """
    pieces: list[Piece] = []
    left_out: dict[str, str] = {}
    bad_lines: list[str] = []
    stored = path.suffix.lower() in DATABASE
    for solo in _stored(path) if stored else _until_damage(_solos(path, bad_lines), bad_lines):
        try:
            pieces.append(piece_of(solo))
        except LeftOutError as reason:
            left_out[_name(solo)] = str(reason)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            left_out[_name(solo)] = f"it is damaged ({type(error).__name__}: {error})"
    if bad_lines:
        more = len(bad_lines) - _MOST_NAMED
        left_out[""] = ", ".join(bad_lines[:_MOST_NAMED]) + (f" and {more} more" * (more > 0))
    return pieces, left_out


def _name(solo: dict[str, Any]) -> str:
    return str(solo.get("id") or solo.get("title") or "a solo without a name")


def piece_of(solo: dict[str, Any]) -> Piece:
    """One solo as a piece that begins with the bar of its first note.

    Raises LeftOutError where it is not in four throughout, too short, or has too few chords or
    one that nobody can read.
    """
    if solo["signature"] != "4/4":
        raise LeftOutError(f"it is in {solo['signature'] or 'no metre'}, not in 4/4")
    beats = solo["beats"]
    counted = [beat[2] for beat in beats]
    if any(b != a % BEATS_PER_BAR + 1 for a, b in pairwise(counted)):
        raise LeftOutError("its bars are not all of four beats")
    index = {(bar, beat): i for i, (_, bar, beat, *_) in enumerate(beats)}
    places = [(index[n[3], n[4]], n) for n in solo["notes"] if (n[3], n[4]) in index]
    # Where the first bar is not whole the piece begins with the next one.
    first = places[0][0] - (counted[places[0][0]] - 1) if places else 0
    first += BEATS_PER_BAR * (first < 0)
    placed = [(place - first, note) for place, note in places if place >= first]
    length = placed[-1][0] + 1 if placed else 0
    if length < FEWEST_BEATS:
        raise LeftOutError(f"it is shorter than {FEWEST_BEATS} beats")
    return Piece(
        name=str(solo.get("title") or ""),
        performer=str(solo.get("performer") or ""),
        notes=_notes(placed, _periods(beats[first:])),
        harmonies=harmonize(_chords(beats[first : first + length]), cyclic=False),
        bpm=_bpm(solo.get("avgtempo")),
        start=int(placed[0][1][2]),
    )


def _solos(path: Path, bad_lines: list[str]) -> Iterator[dict[str, Any]]:
    """The solos of the lines; what is wrong with others is added to `bad_lines`."""
    with (
        gzip.open(path, "rt", encoding="utf-8-sig")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8-sig")
    ) as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                solo = json.loads(line)
            except (ValueError, RecursionError):
                bad_lines.append(f"line {number} is not JSON")
                continue
            if isinstance(solo, dict) and {"signature", "beats", "notes"} <= set(solo):
                yield solo
            else:
                bad_lines.append(f"line {number} is no solo with beats and notes")


def _until_damage(
    solos: Iterator[dict[str, Any]], bad_lines: list[str]
) -> Iterator[dict[str, Any]]:
    """The solos before the file breaks off; one that breaks off before the first raises that."""
    read = False
    try:
        for solo in solos:
            read = True
            yield solo
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        if not read:
            raise
        bad_lines.append(f"what follows cannot be read ({error})")


def _bpm(said: object) -> float:
    """The tempo, or the usual one where there is none."""
    try:
        bpm = float(said)  # type: ignore[arg-type]  # whatever it is
    except (TypeError, ValueError):
        return DEFAULT_BPM
    return bpm if is_tempo(bpm) else DEFAULT_BPM


def _stored(path: Path) -> Iterator[dict[str, Any]]:
    """The solos of the database, as a line of JSON has them."""
    path.open("rb").close()  # the system's own words where it cannot be opened
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as tables:
            for melid, performer, title, tempo, signature in tables.execute(_SOLOS).fetchall():
                marked = tables.execute(_BEATS, (melid,)).fetchall()
                chords = accumulate((m[3] for m in marked), lambda on, new: new or on, initial="NC")
                next(chords)
                yield {
                    "id": f"{melid} {title}",
                    "performer": performer,
                    "title": title,
                    "avgtempo": tempo,
                    "signature": signature,
                    "beats": [(*m[:3], None, c) for m, c in zip(marked, chords, strict=True)],
                    "notes": tables.execute(_NOTES, (melid,)).fetchall(),
                }
    except sqlite3.Error as error:
        raise ValueError(f"{path}: it is not the Weimar Jazz Database ({error})") from None


def _chords(beats: Sequence[Sequence[Any]]) -> list[Chord | None]:
    """The chord of each beat, None for none."""
    try:
        chords = [_chord(beat[4]) for beat in beats]
    except ChordError as error:
        raise LeftOutError(str(error)) from None
    if chords.count(None) > MOST_BEATS_WITHOUT_CHORD * len(chords):
        raise LeftOutError("it has too few chords")
    return chords


def _chord(said: str | None) -> Chord | None:
    return read_chord(said) if said else None


def _periods(beats: Sequence[Sequence[Any]]) -> list[float]:
    """Seconds each beat lasts; the last as long as the one before."""
    periods = [float(b[0] - a[0]) for a, b in pairwise(beats)]
    return periods + periods[-1:]


def _notes(
    placed: Sequence[tuple[int, Sequence[Any]]], periods: Sequence[float]
) -> tuple[Note, ...]:
    """The notes in pulses; of two on one tick the first stays."""
    line: list[Note] = []
    for place, (_, seconds, pitch, _, _, division, tatum, *_) in placed:
        tick = min(round((tatum - 1) * TICKS_PER_BEAT / max(division, 1)), TICKS_PER_BEAT - 1)
        onset = place * PULSES_PER_BEAT + tick * PULSES_PER_TICK
        length = max(round(seconds / max(periods[place], 0.1) * PULSES_PER_BEAT), 1)
        if not line or onset > line[-1].onset:
            line.append(Note(onset, length, int(pitch)))
    return tuple(line)
