"""The form of a chart: its lines of bars, read and played out.

A line's end is a bar's end. `Form` takes the lines one by one; an error names the line and the bar,
counted as written, before repeats are played out.
"""

import re
from dataclasses import dataclass, field

from improvd.core.harmony.chord import Chord, ChordError, parse_chord, read_chord, spelled
from improvd.core.harmony.meter import ChartError, Meter, meter_of
from improvd.core.harmony.written.bar_lines import SIGN, BarLines

__all__ = ["Bar", "ChartError", "Form"]

Bar = tuple[Chord | None, ...]

_TIMES = r"\(?(?:[x\u00d7](?P<times>[1-9][0-9]?)|(?P<fold>[1-9][0-9]?)[x\u00d7])\)?"
_BARLINE = re.compile(
    rf"(?P<end>:)?\|+(?P<begin>:)?(?(end)(?:\s*{_TIMES}(?![^\s|]))?)"
    r"(?:\s*\[?(?P<endings>[1-9](?:[-,][1-9])*)(?:\.|(?=\s|$)))?"
)
_TIMES_AT_END = re.compile(rf"(?P<bars>[^:]*\|)\s*{_TIMES}\s*")
_TIMES_WORD = re.compile(_TIMES)
_BARLINES = str.maketrans(dict.fromkeys("\uff5c¦│┃❘", "|") | {"𝄆": "|:", "𝄇": ":|", "\ufeff": ""})
_LABEL = re.compile(
    r"\s*(?:\[(?P<square>[^\]|]{1,40})\]|\((?P<round>[^)|]{1,40})\)"
    r"|(?P<named>[A-Za-z][\w' .-]{0,39}):(?!\||maj|min|dim|aug|sus|hdim|[0-9(])"
    r"|(?P<letter>[A-Z][1-9']?)(?=\s*$))(?P<rest>.*)"
)
_METER = re.compile(r"\(?(?P<meter>[1-9][0-9]?/[1-9][0-9]?)\)?")
# As many as a text can write out.
_MOST_BARS = 5000
_REPEATED = ("%", "𝄎", "./.")
_SIGN = re.compile(r"(?:d\.?[cs]\.?|dal|da|capo|to|al)", re.IGNORECASE)
_REMEDIES = (
    (re.compile(r"%%|//|r|x|𝄏"), "write % in every bar that repeats the one before"),
    (re.compile(r"[-_~]+"), "write / for one more beat of the chord before"),
    (_METER, "a bar that changes the meter begins with it, as | 3/4 C |"),
    (_SIGN, "signs are D.C. or D.S., alone or al Fine or al Coda, To Coda, Coda, Segno and Fine"),
    (re.compile(r"[{}].*|.*[{}]|\[\S*|\S*\]"), "bars stand between |, repeats between |: and :|"),
)


@dataclass
class Form:
    """The bars read so far, and the bar lines and signs that say in which order they are played."""

    meter: Meter
    dotted: bool = False
    lines: int = 1  # of the whole text; only where there are more does an error name one
    line: int = 1
    number: int = 1  # of the next bar written
    labels: list[tuple[int, str]] = field(default_factory=list)
    """The names of sections, by the bar they begin with; of those played once it has `ended`."""
    last: Bar = ()
    first_meter: Meter | None = None  # of the first bar written
    words: list[tuple[str, str]] = field(default_factory=list)  # every chord, and where it stands
    _bars: list[Bar] = field(default_factory=list)
    _lines: BarLines = field(default_factory=BarLines)

    def read(self, number: int, text: str) -> None:
        """Take in the next line of the text. Raises ChartError."""
        self.line = number
        text = self._without_label(_plain(text))
        if not text.strip():
            return
        if not SIGN.sub("", text).strip():
            self._cell(text, at_edge=True)
            return
        if "|" not in text:
            raise self._error(
                f"{text.strip()[:40]!r} has no bar lines: write bars as | Dm7 | G7 |, "
                "a title as title: ..., a comment after #"
            )
        repeated = _TIMES_AT_END.fullmatch(text)
        if repeated:
            bars = repeated["bars"].strip("| \t")
            text = f"|: {bars} :|x{repeated['times'] or repeated['fold']}"
        at, at_edge = 0, True
        for barline in _BARLINE.finditer(text):
            at_edge = at_edge or barline["begin"] is not None
            self._cell(text[at : barline.start()], at_edge=at_edge)
            self._barline(barline)
            at, at_edge = barline.end(), barline["end"] is not None
        self._cell(text[at:], at_edge=True)

    def ended(self) -> list[Bar]:
        """All bars in the order in which they are played. Raises ChartError."""
        order = self._lines.ended()
        if len(order) > _MOST_BARS:
            raise ChartError(f"it has {len(order)} bars as it is played, more than {_MOST_BARS}")
        _check_letters(self.words)
        self.labels = [(order.index(at), name) for at, name in self.labels if at in order]
        return [self._bars[at] for at in order]

    def _error(self, sentence: str, *, bar: bool = False) -> ChartError:
        where = [f"line {self.line}"] if self.lines > 1 else []
        where += [f"bar {self.number}"] if bar else []
        return ChartError(f"{', '.join(where)}: {sentence}" if where else sentence)

    def _without_label(self, text: str) -> str:
        """The line without the name of the section that it begins, if it begins one."""
        label = _LABEL.fullmatch(text)
        if label is None or (label["rest"].strip() and "|" not in label["rest"]):
            return text
        name = label["square"] or label["round"] or label["named"] or label["letter"]
        self.labels.append((len(self._bars), name.strip()))
        if name.strip().lower() == "coda":
            self._lines.next_is_coda()
        return label["rest"]

    def _cell(self, cell: str, *, at_edge: bool) -> None:
        """Read what stands between two bar lines, which is nothing at the ends of a line."""
        signs = list(SIGN.finditer(cell))
        chords = SIGN.sub(lambda sign: " " * len(sign[0]), cell)
        first = len(chords) - len(chords.lstrip())
        later = [sign for sign in signs if not self._lines.sign(sign, ahead=sign.start() < first)]
        words = [word.rstrip(",") for word in chords.split() if word.strip(",")]
        if words and (changed := _METER.fullmatch(words[0])):
            self._change(changed["meter"])
            words.pop(0)
            if not words:
                return
        times = _TIMES_WORD.fullmatch(words[-1]) if len(words) > 1 else None
        if times:
            words.pop()
        if words:
            self.last = self._bar(words)
            for _ in range(int(times["times"] or times["fold"]) if times else 1):
                if len(self._bars) > _MOST_BARS:
                    raise self._error(f"it has more than {_MOST_BARS} bars")
                self._bars.append(self.last)
                self._lines.bar()
            self.number += 1
        elif cell and not at_edge and not signs:
            raise self._error("it is empty: write % to repeat a bar, or N.C.", bar=True)
        for sign in later:
            try:
                self._lines.mark(sign)
            except ChartError as error:
                raise self._error(str(error)) from None

    def _change(self, text: str) -> None:
        """Another meter from this bar on."""
        try:
            meter = meter_of(text, dotted=self.dotted)
        except ChartError as error:
            raise self._error(str(error), bar=True) from None
        changes = meter.units != self.meter.units and self.number > 1
        if changes and not (meter.in_beats and self.meter.in_beats):
            raise self._error(
                f"the meter changes from {self.meter} to {meter}, and can only between meters of "
                "whole beats, such as 4/4 and 3/4",
                bar=True,
            )
        self.meter = meter

    def _bar(self, words: list[str]) -> Bar:
        if self.first_meter is None:
            self.first_meter = self.meter
        units, count = self.meter.units, self.meter.count
        if len(words) == 1 and words[0] in _REPEATED:
            if not self.last:
                raise self._error(f"{words[0]} has no bar before it to repeat", bar=True)
            if len(self.last) != units and len({*self.last}) > 1:
                raise self._error(
                    f"{words[0]} repeats a bar of another meter: write its chords", bar=True
                )
            return self.last if len(self.last) == units else self.last[:1] * units
        if len(words) == count and count % units == 0:
            return self._shared(words, count)[:: count // units]
        if len(words) > units:
            raise self._error(
                f"it has {len(words)} chords, but the meter has {units} beats: "
                "put a bar line between them",
                bar=True,
            )
        goes_on = [word in ("/", ".") for word in words]
        by_beats = units % len(words) == 0 and len(words) == int(self.meter.beats)
        if any(goes_on) and len(words) < units and not by_beats:
            raise self._error(
                f"it has {len(words)} beats written with /, but the meter has {units}", bar=True
            )
        return self._shared(words, units)

    def _shared(self, words: list[str], count: int) -> Bar:
        """So many beats, shared out among words."""
        goes_on = [word in ("/", ".") for word in words]
        each, left = divmod(count, len(words))
        beats: list[Chord | None] = list(self.last[-1:])
        before = len(beats)
        for i, word in enumerate(words):
            if (goes_on[i] or word in _REPEATED) and not beats:
                raise self._error(f"{word} has no chord before it to go on with", bar=True)
            held = goes_on[i] or word in _REPEATED
            chord = beats[-1] if held else self._chord(word, beats)
            beats += [chord] * (each + (i < left))
        return tuple(beats[before:])

    def _chord(self, word: str, before: list[Chord | None]) -> Chord | None:
        remedy = next((says for what, says in _REMEDIES if what.fullmatch(word)), None)
        if remedy:
            raise self._error(f"{word} is no chord; {remedy}", bar=True)
        if word[0] == "/" and before and before[-1]:  # the chord before over another bass
            word = before[-1].symbol.partition("/")[0] + word
        try:
            chord = read_chord(word)
        except ChordError as error:
            raise self._error(str(error), bar=True) from error
        if chord:
            where = str(self._error("", bar=True))
            self.words.append((where, word))
        return chord

    def _barline(self, barline: re.Match[str]) -> None:
        endings = _numbers(barline["endings"])
        if barline["end"]:
            self._repeat(int(barline["times"] or barline["fold"] or 2), endings)
        if barline["begin"]:
            self._lines.begins(self.number)
        if endings and not barline["end"]:
            if 1 not in endings:
                raise self._error("a second ending comes right after :|, as in :|2", bar=True)
            self._lines.ending(endings)

    def _repeat(self, times: int, endings: list[int]) -> None:
        if self._lines.empty:
            raise ChartError(f"the :| before bar {self.number} has no bars to repeat")
        if endings and not self._lines.has_endings:
            raise self._error(
                f"there is no first ending before :|{endings[0]}: write |1 before its bars, or "
                f":|x{endings[0]} to play them {endings[0]} times",
                bar=True,
            )
        self._lines.ends(times, endings)
        self.last = self._bars[self._lines.goes_on_from]


def _plain(text: str) -> str:
    """A line without its comment, every kind of bar line written as | or |: or :|."""
    text = text.translate(_BARLINES)
    if re.match(r"\s*(?:#|;|//)", text):
        return ""
    text = re.sub(r"\s#\s.*", "", text)
    text = re.sub(r"^\s*[0-9]{1,4}\s+(?=\|)", "", text)  # a bar's number, as pages have it
    text = text.replace("[|", "|").replace("|]", "|").replace("[:", "|:").replace(":]", ":|")
    return re.sub(r"(?<![:|])::(?![:|])", ":|:", text)


def _numbers(endings: str | None) -> list[int]:
    """The passes that an ending is for: "1", "1,2" or "1-3"."""
    passes: list[int] = []
    for part in (endings or "").split(",") if endings else []:
        first, _, last = part.partition("-")
        passes += range(int(first), int(last or first) + 1)
    return passes


def _check_letters(words: list[tuple[str, str]]) -> None:
    """Raise ChartError where letters mean one thing in one chart and another in the next.

    A B beside an H is B flat, as Germans write. Where no root is a capital letter, small ones are
    haste rather than minor chords.
    """
    if any(word[0] in "Hh" for _, word in words):
        for where, word in words:
            if re.match(r"[Bb](?!b|es)", word):
                raise ChartError(f"{where}{word} beside an H: write Bb for B flat, H for B natural")
    if words and all(word[0].islower() for _, word in words):
        for where, word in words:
            major, minor = word[0].upper() + word[1:], spelled(parse_chord(word))
            if parse_chord(major) != parse_chord(minor):
                raise ChartError(
                    f"{where}{word} may be {major} or {minor}, as no chord here begins with a "
                    "capital letter: write which"
                )
