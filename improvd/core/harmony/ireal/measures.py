"""The music of a tune as its measures, as they are written: cells, and the signs around them."""

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

from improvd.core.harmony.chord import ChordError, parse_chord, spelled
from improvd.core.harmony.form import ChartError

HELD, NO_CHORD = "/", "N.C."
_TOKEN = re.compile(
    r"(?P<text><[^>]*>)|(?P<alternate>\([^)]*\))|(?P<section>\*[A-Za-z])"
    r"|(?P<meter>T\d\d)|(?P<ending>N\d)|(?P<bar>[\[\]{}|Z])"
    r"|(?P<chord>[A-GW][b#]?(?:\*[^*]*\*|(?:sus|add|alt|[-+^oh]|[b#]?\d+)*)(?:/[A-G][b#]?)?)"
    r"|(?P<repeat>[xr])|(?P<none>n)|(?P<slash>p)|(?P<cell> )|(?P<sign>[SQ])"
    r"|(?P<passed>[,slfUY]|.)",
    re.DOTALL,
)
_SECTIONS = {"i": "Intro", "V": "Verse"}
_METERS = {"12": "12/8"}
_MOST_MEASURES = 1000
_TIMES = re.compile(
    r"\(?(?:play\s+)?(?:x\s*(?P<times>[1-9]\d?)|(?P<fold>[1-9]\d?)\s*(?:x|times))\)?", re.IGNORECASE
)
_JUMP = re.compile(
    r"D\.?\s*(?P<to>[CS])\.?\s*(?:al\s*(?P<until>coda|fine|(?P<ending>\d)\w*\s*end))?",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Measure:
    """A measure: a word for each cell, None for an empty one, and what stands around it.

    `jump` is where to after it ("C" the beginning, "S" the sign) and `until` what ends that: coda,
    fine or the number of an ending. `same` is how many measures before it are repeated.
    """

    cells: list[str | None] = field(default_factory=list)
    opens: bool = False
    closes: bool = False
    times: int | None = None
    ending: int | None = None
    section: str | None = None
    segno: bool = False
    coda: bool = False
    fine: bool = False
    jump: str | None = None
    until: str | None = None
    same: int = 0
    meter: str = "4/4"

    @property
    def empty(self) -> bool:
        """Whether nothing is written in it."""
        return not self.same and not any(self.cells)


def read(music: str) -> list[Measure]:
    """The measures of a tune's music. Raises ChartError."""
    reading = _Reading()
    for token in _TOKEN.finditer(music):
        reading.take(token.lastgroup or "", token[0])
    reading.end()
    if not any(not measure.empty for measure in reading.measures):
        raise ChartError("it has no chords")
    if len(reading.measures) > _MOST_MEASURES:
        raise ChartError(f"it has {len(reading.measures)} bars, more than any chart")
    for before, measure in pairwise(reading.measures):
        before.closes |= measure.ending is not None and measure.ending > 1
    return _filled(reading.measures)


class _Reading:
    """Takes the tokens one by one."""

    def __init__(self) -> None:
        self._meter = "4/4"
        self._said = False  # a meter
        self.measures: list[Measure] = []
        self._now = Measure()
        self._opened = ""  # the bar line before what is read now

    def take(self, kind: str, sign: str) -> None:  # noqa: C901 - a branch for each kind
        now = self._now
        match kind:
            case "bar":
                self._barline(sign)
            case "chord":
                now.cells.append(self._chord(sign))
            case "none":
                now.cells.append(NO_CHORD)
            case "slash":
                now.cells.append(HELD)
            case "cell":
                now.cells.append(None)
            case "repeat":
                now.same = 1 if sign == "x" else 2
            case "section":
                now.section = _SECTIONS.get(sign[1], sign[1])
            case "ending":
                now.ending = int(sign[1]) or None
            case "meter":
                self._change(sign[1:])
            case "sign":
                now.segno, now.coda = now.segno or sign == "S", now.coda or sign == "Q"
            case "text":
                self._text(sign[1:-1])

    def end(self) -> None:
        """All is read: signs after the last bar line belong to the measure before it."""
        now = self._now
        self._close()
        if now.empty and self.measures:
            before = self.measures[-1]
            before.jump, before.until = before.jump or now.jump, before.until or now.until
            before.fine = before.fine or now.fine

    def _close(self) -> None:
        """The measure is whole, or nothing but signs, which are the next one's."""
        now = self._now
        follows_two = bool(self.measures) and self.measures[-1].same == 2 and bool(now.cells)
        if not now.empty or follows_two:
            now.meter = self._meter
            self.measures.append(now)
            self._now = Measure()
        else:
            now.cells = []

    def _barline(self, sign: str) -> None:
        now = self._now
        if self.measures and self._opened == sign == "|" and now.empty and now.cells:
            now.cells = [*self._blank(now.cells)]
        self._opened = sign
        self._close()
        if sign == "{":
            self._now.opens = True
        elif sign == "}" and self.measures:
            self.measures[-1].closes = True

    def _blank(self, cells: list[str | None]) -> list[str | None]:
        """A bar in which nothing but room is: what was before it goes on."""
        if self.measures[-1].same == 2:  # the second of two bars that are repeated
            return cells
        return [HELD] * int(self._meter.partition("/")[0])

    def _chord(self, sign: str) -> str:
        if sign.startswith("W"):  # the chord before, over another bass
            return sign[1:] or HELD
        try:
            return spelled(parse_chord(sign.replace("*", "")))
        except ChordError as error:
            raise ChartError(f"bar {len(self.measures) + 1}: {error}") from None

    def _change(self, digits: str) -> None:
        """Another meter, from this measure on; the first one said is that of all before it, too."""
        self._meter = _METERS.get(digits, f"{digits[0]}/{digits[1]}")
        if not self._said:
            for measure in self.measures:
                measure.meter = self._meter
        self._said = True

    def _text(self, text: str) -> None:
        text = re.sub(r"^\*\d\d", "", text).strip()
        if times := _TIMES.fullmatch(text):
            self._now.times = int(times["times"] or times["fold"])
        elif jump := _JUMP.search(text):
            self._now.jump = jump["to"].upper()
            until = jump["ending"] or jump["until"]
            self._now.until = until.lower() if until else None
        elif text.lower().startswith("fine"):
            self._now.fine = True


def _filled(measures: list[Measure]) -> list[Measure]:
    """The same with signs of repetition written out, each measure of its own."""
    filled: list[Measure] = []
    skip = False
    for at, measure in enumerate(measures):
        if skip:
            skip = False
            continue
        if not measure.same:
            filled.append(measure)
            continue
        if len(filled) < measure.same:
            raise ChartError(f"bar {at + 1}: it repeats bars, and there are none before it")
        cells = [each.cells for each in filled[-measure.same :]]
        filled.append(replace(measure, cells=cells[0], same=0))
        if measure.same == 2:
            following = measures[at + 1] if at + 1 < len(measures) else None
            skip = following is not None and following.empty
            second = (
                following
                if skip and following is not None
                else Measure(closes=measure.closes, meter=measure.meter)
            )
            filled[-1].closes = measure.closes and skip
            filled.append(replace(second, cells=cells[1], same=0))
    return filled
