"""ABC tunes bar by bar, by the standard's version 2.1 (https://abcnotation.com/wiki/abc:standard).

The text itself is read: music21 drops the chord names that it does not know, takes a minor's dash
for a flat, and passes over fields that stand within a line.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from improvd.core.harmony.abc import parts
from improvd.core.harmony.abc.key import Key
from improvd.core.harmony.abc.voice import TOKEN, AbcVoice
from improvd.core.harmony.meter import ChartError
from improvd.core.harmony.written import form
from improvd.core.harmony.written.form import Bar

_FIELD = re.compile(r"([A-Za-z]):(?![|:])\s*(.*)")
# What abc2midi reads: semitones from written to sounding pitch.
_TRANSPOSE = re.compile(r"(?:%%|I:)\s*MIDI\s+transpose\s+(-?\d+)")


class AbcText(NamedTuple):
    """The text of a tune, and what stands above all tunes of its file."""

    head: str
    body: str

    @property
    def title(self) -> str:
        """What it is called, nothing where it does not say."""
        found = re.search(r"^T:[ \t]*(.*)", self.body, re.MULTILINE)
        return found[1].strip() if found else ""

    def read(self) -> "AbcTune":
        """The tune. Raises ChartError for a chord that nobody can read."""
        return AbcTune([*_lines(self.head), *_lines(self.body)])


def texts(content: bytes) -> list[AbcText]:
    """The tunes of a file, not read yet. Raises ChartError where it has none."""
    text = _decoded(content)
    head, *bodies = re.split(r"^(?=X:)", text, flags=re.MULTILINE)
    if not bodies:  # a single tune without its number
        head, bodies = "", [head] if re.search(r"^K:", head, re.MULTILINE) else []
    if not bodies:
        raise ChartError("it cannot be read as abc (it has no tune, which begins with X:)")
    return [AbcText(head, body) for body in bodies]


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _lines(text: str) -> list[str]:
    """The lines that say something; what stands between tunes and is no music is none of it."""
    kept = []
    in_text = after_gap = False
    for line in text.splitlines():
        if line.startswith(("%%begintext", "%%endtext")):
            in_text = line.startswith("%%begintext")
        moved = _TRANSPOSE.match(line)
        plain = f"I:transpose {moved[1]}" if moved else line.partition("%")[0].strip()
        after_gap = after_gap or not line.strip()
        music = not after_gap or "|" in plain or _FIELD.match(plain)
        if plain and music and not in_text:
            kept.append(plain)
    return kept


class AbcTune:
    """A tune as far as its lines are read, each voice on a line of its own."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._said: dict[str, str] = {}  # what fields said first
        self._key = Key()
        self._metre, self._signature = Fraction(4), (4, 4)
        self._in_threes = False
        self._unit: Fraction | None = None
        self._voices: dict[str, AbcVoice] = {}
        self._line: AbcVoice | None = None
        self._order, self._part = "", ""  # of the parts, and the one that is being read
        self._in_body = False
        for line in lines:
            if found := _FIELD.fullmatch(line):
                self._read_field(found[1], found[2])
            elif self._in_body:
                self._read_music(line)
        for voice in self._voices.values():
            voice.close()

    @property
    def title(self) -> str:
        """What it is called, nothing where it does not say."""
        return self._said.get("T", "")

    @property
    def composer(self) -> str:
        """Whose it is."""
        return self._said.get("C", "")

    @property
    def rhythm(self) -> str:
        """The kind of tune that it is, such as a reel or a waltz."""
        return self._said.get("R", "")

    @property
    def key(self) -> str:
        """Its key as it is written, and how many semitones higher it sounds."""
        return self._said.get("K", "")

    @property
    def lines(self) -> list[AbcVoice]:
        """Its voices."""
        return list(self._voices.values())

    def played(self) -> tuple[list[Bar], list[int] | None]:
        """The bars of all voices together, and their order where P: gives one. To be asked once."""
        bars = _together([line.bars for line in self.lines])
        return bars, parts.order(self._order, bars) if self._order else None

    def _read_field(self, name: str, value: str) -> None:
        self._said.setdefault(name, value.strip())
        match name:
            case "P":
                self._read_part(value.strip())
            case "I" if moved := re.match(r"transpose (-?\d+)", value):
                self._read_shift(int(moved[1]))
            case "L":
                self._unit = 4 * _fraction(value) or self._unit
                self._tell_units()
            case "M":
                self._read_metre(value)
            case "K":
                self._read_key(value)
            case "V":
                self._read_voice(value)

    def _read_metre(self, value: str) -> None:
        metre, self._in_threes = _metre(value)
        if metre and self._in_body and self._line:
            self._line.metre, self._line.in_threes = metre, self._in_threes
            self._line.signature = _signature(value) or self._line.signature
        elif metre:
            self._metre, self._signature = metre, _signature(value) or self._signature
            self._tell_units()

    @property
    def _units(self) -> Fraction:
        """The length that notes are written in, in quarter notes."""
        usual = Fraction(1, 4) if self._metre < 3 else Fraction(1, 2)
        return self._unit or usual

    def _tell_units(self) -> None:
        for line in self._voices.values():
            line.unit = self._units

    def _read_key(self, value: str) -> None:
        if self._in_body and self._line:
            self._line.key = self._line.key.changed(value)
        else:
            self._key = self._key.changed(value)
            for line in self._voices.values():
                line.key = self._key.with_shift_of(line.key)
        self._in_body = True

    def _read_part(self, name: str) -> None:
        """The order of parts stands above the music, their names stand in it."""
        if self._in_body:
            self._part = name[:1]
            for voice in self._voices.values():
                voice.begin_part(self._part)
        else:
            self._order = name

    def _read_shift(self, semitones: int) -> None:
        if self._in_body and self._line:
            self._line.key = self._line.key.shifted(semitones)
        else:
            self._key = self._key.shifted(semitones)

    def _read_voice(self, value: str) -> None:
        identity = value.split(maxsplit=1)[0] if value.split() else ""
        self._line = line = self._voices.setdefault(identity, self._new_line())
        if named := re.search(r'\b(?:name|nm)="([^"]*)"', value):
            line.name = named[1]
        line.key = line.key.moved(value)

    def _new_line(self) -> AbcVoice:
        line = AbcVoice(self._key, self._metre, self._units, in_threes=self._in_threes)
        line.signature = self._signature
        line.begin_part(self._part)
        return line

    def _read_music(self, text: str) -> None:
        for token in TOKEN.finditer(text):
            kind = token.lastgroup
            if kind == "field":
                self._read_field(token[0][1], token[0][3:-1].strip())
            elif kind:
                self._voice().take(kind, token[0])

    def _voice(self) -> AbcVoice:
        """The voice that the music goes on in."""
        if self._line is None:
            self._line = self._voices.setdefault("", self._new_line())
        return self._line

    @property
    def bpm(self) -> float:
        """Quarter notes a minute of the first tempo as the standard writes it; 0 without one."""
        plain = re.sub(r'"[^"]*"', "", self._said.get("Q", "")).strip()
        beats, _, minute = plain.rpartition("=")
        number = re.match(r"\s*(\d+(?:\.\d+)?)", minute)
        units = 4 * sum((_fraction(each) for each in beats.split()), Fraction(0))
        bpm = float(number[1]) * float(units or self._units) if number else 0.0
        return round(bpm, 2) if 1 <= bpm <= 1000 else 0.0


def _together(voices: Sequence[Sequence[Bar]]) -> list[Bar]:
    """The bars of all voices as one list; the first voice says in which order they are played."""
    bars = []
    for i in range(max(map(len, voices), default=0)):
        there = [(v, voice[i]) for v, voice in enumerate(voices) if i < len(voice)]
        first = there[0][1]
        first.part = next((bar.part for _, bar in there if bar.part), "")
        first.chords = form.merged([form.spread(bar) for _, bar in there])
        first.notes = {(v, 0): notes for v, bar in there for notes in bar.notes.values()}
        first.length = max(bar.length for _, bar in there) or first.metre
        bars.append(first)
    return bars


def _fraction(text: str) -> Fraction:
    found = re.match(r"\s*(\d+)\s*(?:/\s*(\d+))?", text)
    if found is None or found[2] == "0":
        return Fraction(0)
    return Fraction(int(found[1]), int(found[2] or 1))


def _signature(text: str) -> tuple[int, int] | None:
    """The metre as it is written."""
    said = text.strip()
    if said.startswith("C"):
        return (2, 2) if said.startswith("C|") else (4, 4)
    found = re.match(r"\(?([\d+\s]+)\)?\s*/\s*(\d+)", said)
    return (sum(map(int, re.findall(r"\d+", found[1]))), int(found[2])) if found else None


def _metre(text: str) -> tuple[Fraction | None, bool]:
    """Quarter notes in a bar, none where it is free; and whether it is counted in threes."""
    said = text.strip()
    if said.startswith("C"):
        return Fraction(4), False
    found = re.match(r"\(?([\d+\s]+)\)?\s*/\s*(\d+)", said)
    if found is None or not int(found[2]):
        return None, False
    beats = sum(map(int, re.findall(r"\d+", found[1])))
    return Fraction(4 * beats, int(found[2])) or None, beats % 3 == 0 and found[2] == "8"
