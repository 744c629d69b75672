"""MIDI files as scores, in any layout of tracks and channels."""

import re
from bisect import bisect_right
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from improvd.core.harmony.chord import Chord
from improvd.core.harmony.written.symbols import is_chord_like
from improvd.core.music import PULSES_PER_BEAT, Note
from improvd.training.read import smf, yamaha
from improvd.training.read.score import Score, Voice
from improvd.training.read.symbols import chord_of
from improvd.training.read.weimar import LeftOutError

_DRUM_CHANNEL = 9
_NOTE_ON = 0x90
_STROKE = PULSES_PER_BEAT // 10
_DEFAULT_TEMPO = 500_000  # microseconds a quarter note, where a file says nothing
# What is faster is no tempo (1000 BPM, and 0 too, which some programs write).
_SHORTEST_TEMPO = 60_000
_SMALLEST_UNIT = 6  # of a metre, as a power of two: a 64th
# Below the lowest key of a piano a note is a switch between a sampler's articulations.
_LOWEST_KEY = 21
# Drums on a channel that is not theirs are known by their name; steel drums have pitches.
_DRUMS = re.compile(r"\b(drums?|drum ?kit|drum ?set|percussion|perc)\b", re.IGNORECASE)
# Where programs write chord symbols, the likeliest first.
_TEXTS = (smf.MARKER, smf.CUE, smf.TEXT, smf.LYRICS)
# A chord symbol may stand in quotes or brackets, or behind a word that says what it is.
_AROUND_CHORD = re.compile(r"""(?:chord\s*[:=]\s*)?(["'\[(]?)(.*?)["'\])]?""", re.IGNORECASE)
# What improvd calls the track of its chords: a letter there is no section.
_CHORDS = "chords"
# Bare letters this far apart are the sections of a form, not chords.
_BEATS_IN_A_SECTION = 16

_Clock = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class _Track:
    """A track with its pulses: its number from 1, what it plays, and what it says."""

    number: int
    name: str
    played: list[tuple[int, int, int, int]]
    metas: list[tuple[int, int, bytes]]
    end: int

    def of(self, kind: int) -> Iterator[tuple[int, bytes]]:
        """Its metas of one kind."""
        return ((pulse, data) for pulse, each, data in self.metas if each == kind)


def read(content: bytes, name: str) -> list[Score]:
    """The scores of a MIDI file's bytes: one, or in format 2 one for each track that has notes.

    Raises LeftOutError where there is none in them.
    """
    file = smf.parse(content)
    songs = [[track] for track in file.tracks] if file.format == 2 else [file.tracks]
    scores = [score for song in songs if (score := _score(file, song, name))]
    if scores:
        return scores
    if len(file.tracks) < file.said_tracks:
        raise LeftOutError("it is cut short: export or fetch it again")
    drums = any(track.played for track in file.tracks)
    raise LeftOutError("it has drums alone" if drums else "it has no notes")


def kit(content: bytes) -> tuple[Note, ...]:
    """The strokes of a MIDI file's drums, on their channel or in tracks that are called so."""
    file = smf.parse(content)
    clock = _clock(file, file.tracks)
    strokes: list[Note] = []
    for number, track in enumerate(file.tracks, start=1):
        known = _track(number, track, clock)
        for pulse, status, pitch, velocity in known.played:
            struck = status & 0xF0 == _NOTE_ON and velocity
            if struck and (status & 0x0F == _DRUM_CHANNEL or _is_drums(known.name)):
                strokes.append(Note(pulse, _STROKE, pitch, velocity))
    return tuple(sorted(strokes, key=lambda note: note.onset))


def _score(file: smf.File, song: Sequence[smf.Track], name: str) -> Score | None:
    """The score of tracks that sound together; None where they have no pitched notes."""
    clock = _clock(file, song)
    tracks = [_track(number, track, clock) for number, track in enumerate(song, start=1)]
    voices = _voices(tracks)
    if not voices:
        return None
    end = max(track.end for track in tracks)
    return Score(name, "", voices, _metres(tracks), _chords(tracks, end), _bpm(tracks, end))


def _clock(file: smf.File, song: Sequence[smf.Track]) -> _Clock:
    """What turns a tick into a pulse. Film frames take their beats from the tempos written."""
    if file.ticks_per_quarter:
        pulses = PULSES_PER_BEAT / file.ticks_per_quarter
        return lambda tick: round(tick * pulses)
    written = sorted(
        (tick, tempo)
        for track in song
        for tick, kind, data in track.metas
        if kind == smf.TEMPO and (tempo := _tempo(data))
    )
    if not written:
        raise LeftOutError("it counts its time in film frames, and has no tempo that says beats")
    if written[0][0]:
        written.insert(0, (0, _DEFAULT_TEMPO))
    starts, at = [tick for tick, _ in written], [0.0]
    rates = [PULSES_PER_BEAT * 1e6 / tempo / file.ticks_per_second for _, tempo in written]
    for i, tick in enumerate(starts[1:]):
        at.append(at[i] + (tick - starts[i]) * rates[i])

    def pulse(tick: int) -> int:
        i = bisect_right(starts, tick) - 1
        return round(at[i] + (tick - starts[i]) * rates[i])

    return pulse


def _track(number: int, track: smf.Track, clock: _Clock) -> _Track:
    metas = [(clock(tick), kind, data) for tick, kind, data in track.metas]
    names = (_text(data) for _, kind, data in metas if kind == smf.TRACK_NAME)
    played = [(clock(tick), *what) for tick, *what in track.played]
    return _Track(number, next(names, ""), played, metas, clock(track.end))  # type: ignore[arg-type]  # mypy cannot count what a star takes


def _voices(tracks: Sequence[_Track]) -> tuple[Voice, ...]:
    """The tracks with notes; where one track holds everything, its channels."""
    pitched = [track for track in tracks if not _is_drums(track.name)] or tracks
    sounding = [(track, notes) for track in pitched if (notes := _notes(track))]
    if len(sounding) == 1 and len(sounding[0][1]) > 1:
        [(track, notes)] = sounding
        return tuple(
            Voice(channel + 1, track.name, tuple(line)) for channel, line in sorted(notes.items())
        )
    return tuple(
        Voice(track.number, track.name, tuple(chain.from_iterable(notes.values())))
        for track, notes in sounding
    )


def _is_drums(name: str) -> bool:
    return bool(_DRUMS.search(name)) and "steel" not in name.casefold()


def _notes(track: _Track) -> dict[int, list[Note]]:
    """The notes of each channel but the drums'; what is never let go sounds to the end.

    What ends all notes of a channel lets every key of it go.
    """
    keys = _Keys({}, {})
    for pulse, status, pitch, velocity in track.played:
        channel = status & 0x0F
        if status >= 0xB0:
            keys.release_all(pulse, (channel,))
        elif status < 0x90 or not velocity:
            keys.release(channel, pitch, pulse)
        elif channel != _DRUM_CHANNEL and pitch >= _LOWEST_KEY:
            keys.press(channel, pitch, pulse, velocity)
    keys.release_all(track.end, range(16))
    return keys.notes


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys that are down, as (pulse, velocity) by channel and pitch, and the notes they made.

    A key that is pressed twice at once is one note, which needs to be let go but once.
    """

    down: dict[tuple[int, int], list[tuple[int, int]]]
    notes: dict[int, list[Note]]

    def press(self, channel: int, pitch: int, pulse: int, velocity: int) -> None:
        held = self.down.setdefault((channel, pitch), [])
        if not held or held[-1][0] != pulse:
            held.append((pulse, velocity))
        self.notes.setdefault(channel, [])

    def release(self, channel: int, pitch: int, pulse: int) -> None:
        if held := self.down.get((channel, pitch)):
            onset, velocity = held.pop(0)
            self.notes[channel].append(Note(onset, max(pulse - onset, 1), pitch, velocity))

    def release_all(self, pulse: int, channels: Container[int]) -> None:
        for (channel, pitch), held in self.down.items():
            for _ in range(len(held) if channel in channels else 0):
                self.release(channel, pitch, pulse)


def _metres(tracks: Sequence[_Track]) -> tuple[tuple[int, int], ...]:
    metres = {0: 4 * PULSES_PER_BEAT}
    for track in tracks:
        for pulse, data in track.of(smf.METRE):
            if len(data) >= 2 and data[0] and data[1] <= _SMALLEST_UNIT:
                metres[pulse] = data[0] * 4 * PULSES_PER_BEAT >> data[1]
    return tuple(sorted(metres.items()))


def _chords(tracks: Sequence[_Track], end: int) -> tuple[tuple[int, Chord | None], ...]:
    """The chord symbols in the first kind of text of which half are such; else none.

    What looks like a chord among them and cannot be read leaves the file out: passed over, it
    would let the chord before it go on under notes that are not its own.
    """
    written = [each for track in tracks for each in track.of(smf.SEQUENCER)]
    if chords := yamaha.chords(written):
        return chords
    named = any(track.name == _CHORDS and track.metas for track in tracks)
    for kind in _TEXTS:
        said = sorted((pulse, _text(data)) for track in tracks for pulse, data in track.of(kind))
        texts = [(pulse, _bare(text)) for pulse, text in said if text]
        likely = [(pulse, text) for pulse, text in texts if is_chord_like(text)]
        if 2 * len(likely) < len(texts) or (not named and _are_sections(texts, end)):
            continue
        sections = set() if named else _sections(likely)
        read = tuple(
            (pulse, chord_of(text, f"at beat {pulse // PULSES_PER_BEAT + 1}"))
            for pulse, text in likely
            if text not in sections
        )
        if any(chord for _, chord in read):
            return read
    return ()


def _bare(text: str) -> str:
    """A chord symbol without what stands around it; any other text as it is."""
    if is_chord_like(text):
        return text  # its brackets are its own, as in C(b9)
    found = _AROUND_CHORD.fullmatch(text)
    symbol = found[2].strip() if found else text
    return symbol if is_chord_like(symbol) else text


def _are_sections(texts: Sequence[tuple[int, str]], end: int) -> bool:
    """Whether all of these are the letters of a form."""
    letters = all(len(text) == 1 for _, text in texts)
    return letters and len(texts) * _BEATS_IN_A_SECTION * PULSES_PER_BEAT <= end


def _sections(texts: Sequence[tuple[int, str]]) -> set[str]:
    """The letters among chords that name sections: A, B and so on as they come, few and far apart.

    Chords that are letters too stand beside them where a piece has plain triads; then the letters
    do not come in the order of the alphabet, or come closer to one another.
    """
    letters = [(pulse, text) for pulse, text in texts if re.fullmatch("[A-G]", text)]
    order = "".join(dict.fromkeys(text for _, text in letters))
    apart = min((b[0] - a[0] for a, b in pairwise(letters)), default=0)
    in_order = len(order) >= 2 and "ABCDEFG".startswith(order)
    few = 2 * len(letters) <= len(texts)
    return set(order) if in_order and few and apart >= 8 * PULSES_PER_BEAT else set()


def _bpm(tracks: Sequence[_Track], end: int) -> float:
    """The tempo on average, by beats."""
    tempos = sorted(
        (pulse, tempo)
        for track in tracks
        for pulse, data in track.of(smf.TEMPO)
        if (tempo := _tempo(data))
    )
    changes = [(0, _DEFAULT_TEMPO), *tempos]
    ends = [pulse for pulse, _ in changes[1:]] + [max(end, changes[-1][0] + 1)]
    lasting = [(until - pulse, tempo) for (pulse, tempo), until in zip(changes, ends, strict=True)]
    minutes: float = sum(pulses * tempo for pulses, tempo in lasting) / PULSES_PER_BEAT / 60e6
    beats = sum(pulses for pulses, _ in lasting) / PULSES_PER_BEAT
    return round(beats / minutes, 2)


def _tempo(data: bytes) -> int:
    """Microseconds a quarter note; 0 for what is no tempo."""
    tempo = int.from_bytes(data[:3], "big") if len(data) >= 3 else 0
    return tempo if tempo >= _SHORTEST_TEMPO else 0


def _text(data: bytes) -> str:
    """Text as it was meant: most programs write UTF-8, where the format says Latin-1.

    Some write UTF-16, some old ones on a Mac what it had. What programs in C write may end with a
    NUL, and something after it that is no text.
    """
    if encoding := _wide(data):
        return data.decode(encoding, "ignore").partition("\0")[0].strip()
    said = data.partition(b"\0")[0]
    try:
        return said.decode("utf-8-sig").strip()
    except UnicodeError:
        latin, mac = (said.decode(each).strip() for each in ("latin-1", "mac-roman"))
        return mac if is_chord_like(mac) and not is_chord_like(latin) else latin


def _wide(data: bytes) -> str:
    """The kind of UTF-16 that a text is in, with a mark or by its NULs; none for any other."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if len(data) >= 2 and not data[0] and data[1]:
        return "utf-16-be"
    highs = data[1::2]  # a NUL that ends a text stands behind its letters, and not between them
    between = 0 in data.rstrip(b"\0")
    return "utf-16-le" if between and 2 * highs.count(0) > len(highs) else ""
