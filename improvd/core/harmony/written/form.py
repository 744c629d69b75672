"""Written bars as they are played: repeats, endings, Da Capo and Dal Segno, in any notation."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from improvd.core.harmony.chord import Chord
from improvd.core.music import PULSES_PER_BEAT, Note

# More than any tune says; what a damaged file says is not played out for hours.
_MOST_TIMES = 99
_DA_CAPO = re.compile(r"\bd\. ?c\.|\bda ?capo\b")
_DAL_SEGNO = re.compile(r"\bd\. ?s\.|\bdal ?segno\b")


# A voice among those of a score: the part it is in, and its staff there.
Place = tuple[int, int]


@dataclass(slots=True)
class WrittenNote:
    """A note in a bar, in quarter notes from its beginning; tied, the next of its pitch goes on."""

    onset: Fraction
    length: Fraction
    pitch: int
    tied: bool = False


@dataclass(slots=True)
class Bar:
    """A bar as written: what is in it, and what it says about the order of bars.

    `length` is how long it is and `metre` how long its metre makes a bar, in quarter notes.
    `closes` is how often the section that ends here is played, 0 where none does; `endings` are
    the rounds of it in which the bar is played, none for all. `part` is the letter of the part
    that begins here, where one does, `name` what stands above it, `signature` the metre as written.
    """

    length: Fraction = Fraction(0)
    metre: Fraction = Fraction(4)
    notes: dict[Place, list[WrittenNote]] = field(default_factory=dict)
    chords: list[tuple[Fraction, Chord | None]] = field(default_factory=list)
    opens: bool = False
    closes: int = 0
    endings: frozenset[int] = frozenset()
    part: str = ""
    name: str = ""
    signature: tuple[int, int] = (4, 4)
    segno: bool = False
    coda: bool = False
    to_coda: bool = False
    fine: bool = False
    da_capo: bool = False
    dal_segno: bool = False


@dataclass(frozen=True, slots=True)
class PlayedOut:
    """Bars played out, in pulses: notes by voice, and metres and chords as a Score has them."""

    notes: dict[Place, tuple[Note, ...]]
    metres: tuple[tuple[int, int], ...]
    chords: tuple[tuple[int, Chord | None], ...]


def play(bars: Sequence[Bar], order: Sequence[int] | None = None) -> PlayedOut:
    """Play bars in the order that they ask for, or in another one."""
    notes: dict[Place, list[Note]] = {}
    open_ties: dict[tuple[Place, int], tuple[int, Fraction]] = {}
    metres: list[tuple[int, int]] = []
    chords: list[tuple[int, Chord | None]] = []
    start = Fraction(0)
    for bar in (bars[i] for i in (played_order(bars) if order is None else order)):
        _note_metre(metres, start, bar)
        chords += [(_pulse(start + offset), chord) for offset, chord in bar.chords]
        for voice, written in bar.notes.items():
            line = notes.setdefault(voice, [])
            for note in written:
                _sound(note, start + note.onset, line, open_ties, voice)
        start += bar.length
    lines = {voice: tuple(sorted(line, key=_onset)) for voice, line in notes.items()}
    return PlayedOut(lines, tuple(metres), tuple(chords))


def _onset(note: Note) -> int:
    return note.onset


def read_words(bar: Bar, text: str) -> None:
    """Take what words, or the names of signs, say about the order of bars."""
    said = " ".join(text.casefold().split())
    bar.da_capo |= bool(_DA_CAPO.search(said))
    bar.dal_segno |= bool(_DAL_SEGNO.search(said))
    bar.fine |= said == "fine"
    bar.segno |= said == "segno"
    bar.to_coda |= said.startswith(("to coda", "tocoda", "dacoda", "da coda"))
    bar.coda |= said == "coda"


def rounds_of(text: str) -> frozenset[int]:
    """The rounds that an ending is for: "1", "1, 2" or "1-3"."""
    rounds: set[int] = set()
    for first, last in re.findall(r"(\d+)(?:\s*-\s*(\d+))?", text):
        rounds |= set(range(int(first), min(int(last or first), _MOST_TIMES) + 1))
    return frozenset(rounds - {0})


def spread(bar: Bar) -> list[tuple[Fraction, Chord | None]]:
    """The chords of a bar; several that begin a bar without notes share it evenly."""
    chords = bar.chords
    if bar.length or len(chords) < 2 or any(offset for offset, _ in chords):
        return chords
    return [(bar.metre * i / len(chords), chord) for i, (_, chord) in enumerate(chords)]


def merged(
    parts: Iterable[Iterable[tuple[Fraction, Chord | None]]],
) -> list[tuple[Fraction, Chord | None]]:
    """The chords of all parts; of two at a time the first part's stays, of one part's the last."""
    chords: dict[Fraction, Chord | None] = {}
    for part in parts:
        chords = dict(part) | chords
    return sorted(chords.items(), key=lambda each: each[0])


def _sound(
    note: WrittenNote,
    onset: Fraction,
    line: list[Note],
    open_ties: dict[tuple[Place, int], tuple[int, Fraction]],
    voice: Place,
) -> None:
    """Add a note to a line, or to the note that is tied to it."""
    end = onset + note.length
    index, due = open_ties.pop((voice, note.pitch), (len(line), onset))
    if index < len(line) and due == onset:
        begun = line[index]
        line[index] = Note(begun.onset, _pulse(end) - begun.onset, note.pitch)
    elif length := _pulse(end) - _pulse(onset):
        index = len(line)
        line.append(Note(_pulse(onset), length, note.pitch))
    if note.tied and index < len(line):
        open_ties[voice, note.pitch] = index, end


def _note_metre(metres: list[tuple[int, int]], start: Fraction, bar: Bar) -> None:
    """Say where a metre begins, wherever bars are not where the last one has them.

    A first bar that is too short is a pick-up, and the first whole bar is the one after it.
    """
    begins, length = _pulse(start), max(_pulse(bar.metre), 1)
    if not metres:
        short = _pulse(bar.length) if bar.length < bar.metre else 0
        metres.append((short, length))
    elif metres[-1][1] != length or (begins - metres[-1][0]) % length:
        metres.append((begins, length))


def _pulse(quarters: Fraction) -> int:
    return round(quarters * PULSES_PER_BEAT)


def played_order(bars: Sequence[Bar]) -> list[int]:
    """The indices of bars in the order that they are played.

    A section is played twice, or as often as it says, or as it has endings. After a Da Capo or a
    Dal Segno nothing is repeated, and the last ending is taken; the music ends at the Fine, goes
    on from To Coda at the Coda, or else plays to the end.
    """
    sections = list(_sections(bars))
    order = []
    for section in sections:
        for round_ in range(1, section.rounds + 1):
            for i in section.bars(bars, round_):
                order.append(i)
                if round_ == section.rounds and (bars[i].da_capo or bars[i].dal_segno):
                    return order + list(_once_more(bars, sections, i))
    return order


@dataclass(frozen=True, slots=True)
class _Section:
    """Bars from `start` to before `stop`, and how often they are played."""

    start: int
    stop: int
    rounds: int

    def bars(self, bars: Sequence[Bar], round_: int) -> Iterator[int]:
        for i in range(self.start, self.stop):
            if not bars[i].endings or round_ in bars[i].endings:
                yield i


def _sections(bars: Sequence[Bar]) -> Iterator[_Section]:
    start = 0
    for i, bar in enumerate(bars):
        then = bars[i + 1] if i + 1 < len(bars) else Bar(opens=True)
        ending_goes_on = bool(bar.endings and then.endings) and not then.opens
        ended = (bar.closes or bar.endings) and not ending_goes_on
        if bar.endings and not then.endings and not bar.closes:
            # A last ending; one alone that does not lead back is a bracket and no more.
            ended = any(each.closes for each in bars[start : i + 1])
        if ended or then.opens:
            yield _Section(start, i + 1, _rounds(bars[start : i + 1]))
            start = i + 1


def _rounds(section: Sequence[Bar]) -> int:
    said = max(bar.closes for bar in section)
    endings = {bar.endings for bar in section if bar.endings}
    if not endings or not said:
        return min(max(said, 1), _MOST_TIMES)
    highest = max(max(ending) for ending in endings)
    # One ending alone is left out of the last round, which goes on behind it.
    return min(highest if len(endings) > 1 else max(highest + 1, said), _MOST_TIMES)


def _once_more(bars: Sequence[Bar], sections: Sequence[_Section], at: int) -> Iterator[int]:
    """What is played after the Da Capo or Dal Segno of this bar.

    Where nothing says To Coda, the first of two coda signs does.
    """
    signs = [i for i in range(at + 1) if bars[i].segno]
    target = signs[-1] if bars[at].dal_segno and signs else 0
    codas = [i for i, bar in enumerate(bars) if bar.coda]
    ways_out = () if any(bar.to_coda for bar in bars) else codas[:-1]
    to_coda = False
    for section in sections:
        for i in section.bars(bars, section.rounds):
            to_coda = to_coda or (i in ways_out and i >= target)
            if i < target or (to_coda and i < codas[-1]):
                continue
            yield i
            if bars[i].fine:
                return
            to_coda = to_coda or (bars[i].to_coda and bool(codas) and i < codas[-1])
