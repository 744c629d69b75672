"""`improvd ctl watch` as one screen that stays in place: where the music is, and what was played.

Pure: news and a size go in, lines of coloured spans come out.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from math import ceil
from typing import NamedTuple

from improvd.core.music import pitch_name
from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import Turn
from improvd.service.terminal import console

OURS, THEIRS, FAINT, PLAIN = "yellow", "cyan", "bright_black", None
"""Colours: improvd's, the musician's, what is beside the point, and the terminal's own."""

_BEATS_KEPT = 64
_CELLS = 4  # of a beat in the roll
_LEAST_ROLL, _MOST_ROLL = 6, 18
_NAME = 5  # columns of a pitch's name
_BEAT_LINES = 4
_NOTICES = 2
_FIXED = 8  # rows of all but the roll, the beats and the notices
_ROOMY = 60  # columns


class Span(NamedTuple):
    """Text in one colour."""

    text: str
    colour: str | None = PLAIN
    bold: bool = False


Line = list[Span]


class Screen:
    """What was told, as it is drawn.

    `title` is what is played, and how; `verbose` adds the values of the model.
    """

    def __init__(self, title: str, standing: str, bpm: float, *, verbose: bool = False) -> None:
        self._title = title
        self._company = ""
        self._standing, self._bpm = standing, bpm
        self._verbose = verbose
        self._beats: deque[Beat] = deque(maxlen=_BEATS_KEPT)
        self._notices: deque[str] = deque(maxlen=_NOTICES)

    def beat(self, beat: Beat) -> None:
        """A beat is played."""
        self._beats.append(beat)

    def entitle(self, title: str) -> None:
        """This is played from now on."""
        self._title = title

    def accompany(self, company: str) -> None:
        """This band plays along, in a line; "" for none."""
        self._company = company

    def moved(self, standing: str, bpm: float) -> None:
        """The transport stands otherwise, or at another tempo."""
        self._standing, self._bpm = standing, bpm

    def notice(self, text: str) -> None:
        """Something a person should know."""
        self._notices.append(text)

    def lines(self, columns: int, rows: int) -> list[Line]:
        """The screen, no wider and no higher than this."""
        band = [[Span(self._company, FAINT)]] if self._company else []
        room = rows - _FIXED - len(band) - _BEAT_LINES - len(self._notices)
        roll = min(max(room, 0), _MOST_ROLL)
        drawn = [
            *self._heading(columns),
            *band,
            [],
            self._now(),
            *self._names(columns),
            [],
            *(self._roll(columns, roll) if roll >= _LEAST_ROLL else ()),
            [Span(console.heading(columns, verbose=self._verbose), FAINT)],
            *self._latest(columns),
            *([Span(text, bold=True)] for text in self._notices),
        ]
        return [list(_cut(line, columns)) for line in drawn[:rows]]

    def _heading(self, columns: int) -> Iterator[Line]:
        facts = f"{round(self._bpm, 1):g} BPM, {self._standing}"
        if columns >= _ROOMY:
            gap = " " * max(columns - len(self._title) - len(facts), 2)
            yield [Span(self._title, bold=True), Span(gap + facts, FAINT)]
        else:
            yield [Span(self._title, bold=True)]
            yield [Span(facts, FAINT)]

    def _now(self) -> Line:
        """The beat as dots, the place, the chord and whose turn it is."""
        if not self._beats:
            return [Span("waiting for a beat", FAINT)]
        beat = self._beats[-1]
        count = ceil(beat.beats_per_bar or 4)
        dots = " ".join("●" if n == beat.beat_in_bar else "○" for n in range(1, count + 1))
        turn, colour = _turn(beat)
        return [
            Span(f"{dots}  ", colour, bold=True),
            Span(f"{beat.bar}.{beat.beat_in_bar}  "),
            Span(f"{beat.chord:<9}", bold=True),
            Span(turn, colour, bold=True),
        ]

    def _names(self, columns: int) -> Iterator[Line]:
        beat = self._beats[-1] if self._beats else None
        for who, pitches, colour in (
            ("improvd", beat.pitches if beat else (), OURS),
            ("you", beat.yours if beat else (), THEIRS),
        ):
            names = " ".join(map(pitch_name, pitches))
            yield [Span(f"{who:<9}", FAINT), Span(names[: columns - 9], colour)]

    def _roll(self, columns: int, rows: int) -> Iterator[Line]:
        """The latest beats in pitch and time, a row being as many semitones as have to be."""
        beats = list(self._beats)[-((columns - _NAME) // _CELLS) :]
        pitches = [p for beat in beats for p in (*beat.pitches, *beat.yours)] or [60, 72]
        semitones = ceil((max(pitches) - min(pitches) + 1) / rows)
        highest = max(pitches)
        for row in range(rows):
            top = highest - row * semitones
            name = pitch_name(top) if semitones > 1 or top % 12 == 0 or row == 0 else ""
            cells = [_cells(beat, after, top, semitones) for beat, after in _pairs(beats)]
            yield [Span(f"{name:<{_NAME}}", FAINT), *(span for cell in cells for span in cell)]

    def _latest(self, columns: int) -> Iterator[Line]:
        beats = list(self._beats)[-_BEAT_LINES:]
        for beat in beats:
            _, colour = _turn(beat)
            line = console.beat_line(beat, columns, verbose=self._verbose)
            yield [Span(line, colour if beat is beats[-1] else PLAIN)]


def _turn(beat: Beat) -> tuple[str, str | None]:
    if beat.turn is Turn.PLAY:
        return "improvd plays", OURS
    return ("your turn", THEIRS) if beat.bar > 0 else ("count-in", FAINT)


def _pairs(beats: Sequence[Beat]) -> Iterator[tuple[Beat, Beat | None]]:
    """Each beat, and the one after it: what was played in a beat is told with the next."""
    return zip(beats, [*beats[1:], None], strict=False)


def _cells(beat: Beat, after: Beat | None, top: int, semitones: int) -> Line:
    """A beat in one row of the roll."""
    ground = "┊" if beat.beat_in_bar == 1 else " "
    cells = [Span(ground, FAINT), *[Span(" ")] * (_CELLS - 1)]
    for pitches, colour in ((after.yours if after else (), THEIRS), (beat.pitches, OURS)):
        for index, pitch in enumerate(pitches):
            if top - semitones < pitch <= top:
                cells[index * _CELLS // len(pitches)] = Span("█", colour)
    return cells


def _cut(line: Line, columns: int) -> Iterator[Span]:
    """As much of a line as is not too wide."""
    for span in line:
        if columns <= 0:
            return
        yield span._replace(text=span.text[:columns])
        columns -= len(span.text)
