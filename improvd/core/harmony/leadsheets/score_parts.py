"""A score's parts, bar by bar: what sounds, when, the chords as they are written, and the form.

The file itself is read, as no library leaves it whole: music21 hears cue notes and slashes as
melody, leaves chord symbols untransposed, and makes up the degrees that it does not know.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from xml.etree import ElementTree as ET

from improvd.core.harmony.leadsheets.score_chords import LETTERS, NATURAL, Shift, chord_in
from improvd.core.harmony.leadsheets.score_file import Part, fraction_of, text_of, whole_of
from improvd.core.harmony.written import form
from improvd.core.harmony.written.form import Bar, WrittenNote

# Quarter notes in what a metronome mark counts.
_UNITS = {"whole": 4, "half": 2, "quarter": 1, "eighth": 0.5, "16th": 0.25}


class PartReader:
    """One part's bars, with notes by staff; what was said last holds until something else is."""

    def __init__(self, part: Part) -> None:
        self.identity = part.identity
        self.staves: set[int] = set()
        self.bars: list[Bar] = []
        self.words: list[str] = []
        """What stands above its bars."""
        self.key: tuple[tuple[int, str], int] | None = None
        """The first signature, its mode if one is said, and how much higher it sounds."""
        self._divisions = Fraction(1)
        self._metre, self._signature = Fraction(4), (4, 4)
        self._shifts: dict[str | None, Shift] = {}
        self._slashes = False
        self._repeated = 0  # bars before that a bar with a repeat sign in it is like
        self._endings: frozenset[int] = frozenset()
        self._at = self._last = Fraction(0)
        for number, measure in enumerate(part.measures, start=1):
            self._where = f"in bar {measure.get('number') or number}"
            self._read_measure(measure)

    def _read_measure(self, measure: ET.Element) -> None:
        self._at = self._last = Fraction(0)
        self._bar = bar = Bar(endings=self._endings)
        self._ending_stops = False
        self.bars.append(bar)
        readers = {
            "note": self._read_note,
            "backup": self._go_back,
            "forward": self._go_on,
            "attributes": self._read_attributes,
            "harmony": self._read_harmony,
            "barline": self._read_barline,
            "direction": self._read_direction,
            "sound": self._read_sound,
        }
        for element in measure:
            if read := readers.get(element.tag):
                read(element)
                bar.length = max(bar.length, self._at)
        bar.metre, bar.signature = self._metre, self._signature
        if self._repeated and not bar.notes:
            like = self.bars[-1 - self._repeated]
            bar.notes, bar.length = like.notes, like.length
            bar.chords = bar.chords or like.chords
        if self._ending_stops:
            self._endings = frozenset()

    def _go_back(self, backup: ET.Element) -> None:
        self._at = max(self._at - self._duration(backup), Fraction(0))

    def _go_on(self, forward: ET.Element) -> None:
        self._at += self._duration(forward)

    def _duration(self, element: ET.Element) -> Fraction:
        return fraction_of(text_of(element, "duration")) / self._divisions

    def _read_attributes(self, attributes: ET.Element) -> None:
        if divisions := fraction_of(text_of(attributes, "divisions")):
            self._divisions = divisions
        if (time := attributes.find("time")) is not None:
            self._metre = _metre(time) or self._metre
            self._signature = _signature(time) or self._signature
        for transpose in attributes.findall("transpose"):
            octaves = whole_of(text_of(transpose, "octave-change"))
            self._shifts[transpose.get("number")] = Shift(
                whole_of(text_of(transpose, "diatonic")) + 7 * octaves,
                whole_of(text_of(transpose, "chromatic")) + 12 * octaves,
            )
        if self.key is None and (key := attributes.find("key/fifths")) is not None:
            mode = text_of(attributes, "key/mode")
            self.key = (whole_of(key.text), mode), self._shift(attributes).semitones
        for repeat in attributes.iterfind("measure-style/measure-repeat"):
            said = whole_of(repeat.text) if repeat.get("type") == "start" else 0
            self._repeated = min(max(said, 0), len(self.bars) - 1)
        for slash in attributes.iterfind("measure-style/slash"):
            self._slashes = slash.get("type") == "start"

    def _shift(self, element: ET.Element) -> Shift:
        staff = text_of(element, "staff") or None
        return self._shifts.get(staff) or self._shifts.get(None) or Shift()

    def _read_note(self, note: ET.Element) -> None:
        if note.find("grace") is not None:
            return
        length = self._duration(note)
        onset = self._last if note.find("chord") is not None else self._at
        self._last = onset
        self._at = max(self._at, onset + length)
        pitch = note.find("pitch")
        if pitch is None or not length:
            return
        staff = whole_of(text_of(note, "staff")) or 1
        self.staves.add(staff)
        if self._is_silent(note):
            return
        sounding = _sounding(pitch) + self._shift(note).semitones
        if 0 <= sounding <= 127:
            ties = [*note.findall("tie"), *note.findall("notations/tied")]
            tied = any(tie.get("type") == "start" for tie in ties)
            written = WrittenNote(onset, length, sounding, tied)
            self._bar.notes.setdefault((0, staff), []).append(written)

    def _is_silent(self, note: ET.Element) -> bool:
        """Slashes stand for whatever the player makes up, cue notes are somebody else's."""
        kind = note.find("type")
        small = kind is not None and kind.get("size") in ("cue", "grace-cue")
        slash = text_of(note, "notehead") == "slash"
        return self._slashes or slash or small or note.find("cue") is not None

    def _read_harmony(self, harmony: ET.Element) -> None:
        offset = self._at + fraction_of(text_of(harmony, "offset")) / self._divisions
        chord = chord_in(harmony, self._shift(harmony), self._where)
        self._bar.chords.append((max(offset, Fraction(0)), chord))

    def _read_barline(self, barline: ET.Element) -> None:
        bar = self._bar
        for ending in barline.findall("ending"):
            if ending.get("type") == "start":
                self._endings = bar.endings = form.rounds_of(
                    ending.get("number") or ending.text or ""
                )
            else:
                self._ending_stops = True
        for repeat in barline.findall("repeat"):
            if repeat.get("direction") == "forward":
                bar.opens = True
            else:
                bar.closes = max(whole_of(repeat.get("times")), 2)
        self._read_signs(barline)

    def _read_direction(self, direction: ET.Element) -> None:
        words = " ".join(each.text or "" for each in direction.iterfind("direction-type/words"))
        form.read_words(self._bar, words)
        self.words += [" ".join(words.split())] if words.strip() else []
        self._bar.name = self._bar.name or text_of(direction, "direction-type/rehearsal")
        for sound in direction.findall("sound"):
            self._read_sound(sound)
        for kind in direction.findall("direction-type"):
            self._read_signs(kind)

    def _read_signs(self, element: ET.Element) -> None:
        """Segno and coda signs. A coda sign behind notes is the way to the coda, not the coda."""
        self._bar.segno |= element.find("segno") is not None
        if element.find("coda") is not None:
            self._bar.to_coda |= self._at > 0
            self._bar.coda |= self._at == 0

    def _read_sound(self, sound: ET.Element) -> None:
        bar = self._bar
        bar.da_capo |= sound.get("dacapo") == "yes"
        bar.dal_segno |= bool(sound.get("dalsegno"))
        bar.fine |= bool(sound.get("fine"))
        bar.to_coda |= bool(sound.get("tocoda"))
        bar.segno |= bool(sound.get("segno"))
        bar.coda |= bool(sound.get("coda"))


def together(parts: Sequence[Sequence[Bar]]) -> list[Bar]:
    """The bars of all parts as one list; of two chords at a time the first part's stays."""
    bars = []
    for i in range(max(map(len, parts))):
        there = [(index, part[i]) for index, part in enumerate(parts) if i < len(part)]
        first = there[0][1]
        lengths = {bar.length for _, bar in there}
        # Of parts that do not agree the one is right that fills its bar as the metre has it.
        length = first.metre if first.metre in lengths else max(lengths)
        bars.append(
            Bar(
                length=length or first.metre,
                metre=first.metre,
                notes={(p, at[1]): n for p, bar in there for at, n in bar.notes.items()},
                chords=form.merged([form.spread(bar) for _, bar in there]),
                opens=any(bar.opens for _, bar in there),
                closes=max(bar.closes for _, bar in there),
                endings=frozenset().union(*(bar.endings for _, bar in there)),
                segno=any(bar.segno for _, bar in there),
                coda=any(bar.coda and not bar.to_coda for _, bar in there),
                to_coda=any(bar.to_coda for _, bar in there),
                fine=any(bar.fine for _, bar in there),
                da_capo=any(bar.da_capo for _, bar in there),
                dal_segno=any(bar.dal_segno for _, bar in there),
                name=next((bar.name for _, bar in there if bar.name), ""),
                signature=first.signature,
            )
        )
    return bars


def _sounding(pitch: ET.Element) -> int:
    natural = NATURAL[LETTERS.index(text_of(pitch, "step"))]
    octave = whole_of(text_of(pitch, "octave"))
    return 12 * (octave + 1) + natural + whole_of(text_of(pitch, "alter"))


def _metre(time: ET.Element) -> Fraction | None:
    """Quarter notes in a bar, of 3+2 over 8 or 2/4 with 3/8 too; None where it is free."""
    total = Fraction(0)
    for beats, unit in zip(time.findall("beats"), time.findall("beat-type"), strict=False):
        counted = sum(map(int, re.findall(r"\d+", beats.text or "")))
        total += Fraction(4 * counted, whole_of(unit.text) or 4)
    return total if total > 0 else None


def _signature(time: ET.Element) -> tuple[int, int] | None:
    """The metre as it is written, 3+2 over 8 being 5/8, and 2/4 with 3/8 being 7/8."""
    pairs = [
        (sum(map(int, re.findall(r"\d+", beats.text or ""))), whole_of(unit.text) or 4)
        for beats, unit in zip(time.findall("beats"), time.findall("beat-type"), strict=False)
    ]
    smallest = max((unit for _, unit in pairs), default=0)
    counted = sum(Fraction(count * smallest, unit) for count, unit in pairs) if smallest > 0 else 0
    return (int(counted), smallest) if counted and counted == int(counted) else None


def tempos(root: ET.Element) -> Iterator[float]:
    """Quarter notes a minute, of every tempo that is said."""
    for element in root.iter():
        said = 0.0
        if element.tag == "sound":
            with suppress(ValueError):
                said = float(element.get("tempo") or 0)
        elif element.tag == "metronome":
            unit = Fraction(_UNITS.get(text_of(element, "beat-unit"), 0))
            dots = len(element.findall("beat-unit-dot"))
            minute = re.search(r"\d+(?:\.\d+)?", text_of(element, "per-minute"))
            said = float(unit * (2 - Fraction(1, 2**dots))) * float(minute[0] if minute else 0)
        if 1 <= said <= 1000:  # files say 0, and millions too
            yield round(said, 2)
