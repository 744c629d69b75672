"""What musicians have, as pieces: files and folders of many kinds, and the music21 corpus by name.

Nothing is left out without a reason. Gathered is spread over cores, or over whatever machines a
joblib back end set from outside reaches, and what was read once is kept by the file's hash.
"""

import hashlib
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from itertools import groupby
from pathlib import Path

import msgspec
from joblib import Parallel, delayed
from tqdm import tqdm

from improvd.core.harmony.chord import parse_chord
from improvd.core.harmony.scales import harmonize
from improvd.core.music import Note
from improvd.training.read import etudes, midifile, notation, weimar
from improvd.training.read.corpus import Piece
from improvd.training.read.jams import pieces as jams
from improvd.training.read.score import Score, pieces_of
from improvd.training.read.weimar import LeftOutError

CORPUS = "corpus:"
MIDI = (".mid", ".midi", ".kar", ".smf", ".rmi")
WEIMAR = (".jsonl", ".jsonl.gz", *weimar.DATABASE)
# In place of a track: of a recorded jam, what musician and improvd played by turns.
TOGETHER = "together"
# No score or database of solos comes near it; what does would fill the memory.
_LARGEST = 1 << 29
# Counts the changes in what is made of a file: what an older improvd kept is not used.
_READING = 3


@dataclass(frozen=True, slots=True)
class Gathered:
    """The pieces that were read, in the order of their sources, and why each other was not."""

    pieces: list[Piece] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """A piece as it is kept and sent between processes: chords by symbol, for so many beats."""

    name: str
    performer: str
    bpm: float
    start: int
    notes: list[tuple[int, int, int, int]]
    chords: list[tuple[str, int]]


class _Answer(msgspec.Struct, frozen=True, array_like=True):
    """What became of one source; what is left out is "" for the source itself, or a part of it."""

    pieces: list[_Kept]
    left_out: dict[str, str]


def read_all(
    sources: Iterable[str | Path],
    jobs: int | None = None,
    *,
    melody: str | None = None,
    show: bool = False,
) -> Gathered:
    """Read files, folders with all that is in them, and "corpus:NAME" from music21's corpus.

    `jobs` is joblib's: None takes the back end that is set outside, or one process; -1 all cores.
    `melody` names a track, by number or words of its name; TOGETHER is both sides of a jam. `show`
    draws a progress bar.
    """
    reading = Gathered()
    places = []
    for source in map(str, sources):
        try:
            places += list(_places(source))
        except LeftOutError as error:
            reading.left_out[source] = str(error)
    # A process takes a second to start: a few files are read sooner in this one.
    busy = jobs if jobs is None or len(places) > 8 else 1
    answers = Parallel(n_jobs=busy, return_as="generator")(
        delayed(_answer)(str(path), melody) for _, path in places
    )
    bar = tqdm(
        answers, "Reading", len(places), unit="file", disable=None if show else True, leave=False
    )
    for (label, _), answer in zip(places, bar, strict=True):
        reading.pieces.extend(map(_thaw, answer.pieces))
        for part, reason in answer.left_out.items():
            reading.left_out[f"{label}: {part}" if part else label] = reason
    return reading


def read(source: str | Path, melody: str | None = None) -> list[Piece]:
    """The pieces of one file. Raises LeftOutError, naming it, where there are none."""
    reading = read_all([source], melody=melody)
    if not reading.pieces:
        label, reason = next(iter(reading.left_out.items()), (str(source), "it has no pieces"))
        raise LeftOutError(f"{label}: {reason}")
    return reading.pieces


def _places(source: str) -> Iterator[tuple[str, Path]]:
    """(what to call it, file) for each file that a source stands for."""
    if source.startswith(CORPUS):
        for path in _corpus(source.removeprefix(CORPUS)):
            yield f"{CORPUS}{path.parent.name}/{path.name}", path
        return
    path = Path(source).expanduser()
    if path.is_dir():
        inside = (p for p in path.rglob("*") if p.is_file() and not _hidden(p.relative_to(path)))
        yield from ((str(file), file) for file in sorted(inside))
    elif path.exists():
        yield source, path
    else:
        raise LeftOutError("it is not there")


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in path.parts)


def _corpus(name: str) -> list[Path]:
    """The files of a work or a composer in music21's corpus."""
    corpus = import_module("music21.corpus")
    with suppress(Exception):  # it raises all kinds for names that it does not know
        works = corpus.getComposer(name) if "/" not in name else [corpus.getWork(name)]
        if works:
            return [Path(work) for work in works]
    raise LeftOutError("it is no composer or work in music21's corpus, such as corpus:bach/bwv66.6")


def _answer(path_text: str, melody: str | None) -> _Answer:
    """What one file gives; from what is kept, where it was read before."""
    path = Path(path_text)
    reader = _reader(path)
    if reader is None:
        return _Answer([], {"": f"it is of a kind that improvd does not read ({path.suffix})"})
    try:
        size = path.stat().st_size
        if size > _LARGEST:
            return _Answer([], {"": f"it is too large to be music ({size >> 20} MB)"})
        content = path.read_bytes()
    except OSError as error:
        return _Answer([], {"": f"it cannot be read ({error.strerror})"})
    key = repr((_READING, reader.__name__, path.name, melody)).encode() + content
    kept = _cache() / f"{hashlib.sha256(key).hexdigest()}.json"
    with suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode(kept.read_bytes(), type=_Answer)
    try:
        pieces, left_out = reader(path, melody)
    except LeftOutError as reason:
        pieces, left_out = [], {"": str(reason)}
    except Exception as error:  # noqa: BLE001 - damage can raise anything, and ends no run
        said = str(error).partition("\n")[0][:100]
        said = ": ".join(filter(None, (type(error).__name__, said)))
        pieces, left_out = [], {"": f"it cannot be read as {path.suffix[1:]} ({said})"}
    answer = _Answer([_freeze(piece) for piece in pieces], left_out)
    _keep(kept, msgspec.json.encode(answer))
    return answer


_Reader = Callable[[Path, str | None], tuple[list[Piece], dict[str, str]]]


def _reader(path: Path) -> _Reader | None:
    name = path.name.lower()
    if path.resolve().parent == etudes.FOLDER and name.endswith(".mid"):
        return _read_etude
    for suffixes, reader in (
        (MIDI, _read_midi),
        (notation.SUFFIXES, _read_notation),
        (WEIMAR, _read_weimar),
        (jams.SUFFIX, _read_jam),
    ):
        if name.endswith(suffixes):
            return reader
    return None


def _read_etude(path: Path, _: str | None) -> tuple[list[Piece], dict[str, str]]:
    try:
        return [etudes.read(path)], {}
    except etudes.EtudeError as error:
        raise LeftOutError(str(error).removeprefix(f"{path}: ")) from None


def _read_midi(path: Path, melody: str | None) -> tuple[list[Piece], dict[str, str]]:
    return _pieces(midifile.read(path.read_bytes(), path.stem), melody)


def _read_notation(path: Path, melody: str | None) -> tuple[list[Piece], dict[str, str]]:
    return _pieces(notation.read(path), melody)


def _pieces(scores: Sequence[Score], melody: str | None) -> tuple[list[Piece], dict[str, str]]:
    """The pieces of a file's scores, and why others were left out."""
    pieces, left_out = [], {}
    for number, score in enumerate(scores, start=1):
        try:
            pieces += pieces_of(score, melody)
        except LeftOutError as reason:
            left_out[f"{number} {score.name}"] = str(reason)
    if not pieces and len(left_out) == 1:
        [left_out] = [{"": reason} for reason in left_out.values()]
    return pieces, left_out


def _read_weimar(path: Path, _: str | None) -> tuple[list[Piece], dict[str, str]]:
    try:
        return weimar.read(path)
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise LeftOutError(f"it is not whole JSON lines in UTF-8 ({error})") from None
    except ValueError as error:
        raise LeftOutError(str(error).removeprefix(f"{path}: ")) from None


def _read_jam(path: Path, melody: str | None) -> tuple[list[Piece], dict[str, str]]:
    pieces = jams.read(path, together=melody == TOGETHER)
    return pieces, {} if pieces else {"": "nobody played a melody in it"}


def _freeze(piece: Piece) -> _Kept:
    symbols = (harmony.chord.symbol for harmony in piece.harmonies)
    return _Kept(
        name=piece.name,
        performer=piece.performer,
        bpm=piece.bpm,
        start=piece.start,
        notes=[(n.onset, n.length, n.pitch, n.velocity) for n in piece.notes],
        chords=[(symbol, len(list(run))) for symbol, run in groupby(symbols)],
    )


def _thaw(kept: _Kept) -> Piece:
    chords = [parse_chord(symbol) for symbol, beats in kept.chords for _ in range(beats)]
    return Piece(
        name=kept.name,
        performer=kept.performer,
        notes=tuple(Note(*note) for note in kept.notes),
        harmonies=harmonize(chords, cyclic=False),
        bpm=kept.bpm,
        start=kept.start,
    )


def _cache() -> Path:
    """Where readings are kept: improvd's folder in the user's cache."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "improvd" / "readings"


def _keep(path: Path, content: bytes) -> None:
    """Write whole or not at all; a cache that cannot be written is none."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        unfinished.replace(path)
