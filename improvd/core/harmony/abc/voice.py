"""The music of one voice of an ABC tune, token by token, as bars."""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from improvd.core.harmony.abc.key import Key
from improvd.core.harmony.chord import ChordError, read_chord
from improvd.core.harmony.meter import ChartError
from improvd.core.harmony.written import form
from improvd.core.harmony.written.form import Bar, WrittenNote
from improvd.core.harmony.written.symbols import is_chord_like

_LETTERS = "CDEFGAB"
_NATURAL = (0, 2, 4, 5, 7, 9, 11)
_LENGTH = r"\d*/*\d*"
_NOTE = rf"(?:(?:\^\^?|__?|=)/?)?[A-Ga-g][,']*{_LENGTH}"
_PITCH = re.compile(r"(\^\^?|__?|=)?(/?)([A-Ga-g])([,']*)")
_BARLINE = r"(?: (?::+(?=\|))? (?:\[\||\|+\]?) :* | :: )"
TOKEN = re.compile(
    rf"""
      (?P<quoted>"[^"]*")
    | (?P<sign>![^!\n|]*!) | \+[a-z]{{3,}}[^+|\n]*\+ | \{{[^}}]*\}}
    | (?P<field>\[[A-Za-z]:[^\]]*\])
    | (?P<bar>{_BARLINE} (?:\s*\[?\d[\d,\-]*(?![\d/]))?)
    | (?P<ending>\[(?:"\d[^"]*"|\d[\d,\-]*))
    | (?P<tuplet>\(\d(?::\d*){{0,2}})
    | (?P<broken>>+|<+)
    | (?P<notes>{_NOTE})
    | (?P<rest>[zx]{_LENGTH}) | (?P<bars>[ZX]\d*) | y{_LENGTH}
    | (?P<chord>\[[^\]|:]*\]{_LENGTH})
    | (?P<tie>-) | (?P<overlay>&)
    """,
    re.VERBOSE,
)
# Notes that take the time of q others, by how many they are; of others it depends on the metre.
_TUPLETS = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}
_MOST_BARS_OF_REST = 999
# More than the longest symphony has.
_MOST_BARS = 20_000


@dataclass(slots=True)
class _Struck:
    """A note just read, with its letter and octave, and how these are altered."""

    name: str
    alter: int
    note: WrittenNote


@dataclass(slots=True)
class AbcVoice:
    """A voice as far as it is read: its bars, and what holds for the next token.

    `metre` is a bar's length and `unit` a note's, in quarter notes.
    """

    key: Key
    metre: Fraction
    unit: Fraction
    in_threes: bool = False
    name: str = ""
    signature: tuple[int, int] = (4, 4)
    bars: list[Bar] = field(default_factory=list)
    _bar: Bar = field(default_factory=Bar)
    _at: Fraction = Fraction(0)
    # Accidentals hold for their letter until the bar's end, and over it where a note is tied.
    _accidentals: dict[str, int] = field(default_factory=dict)
    _tied: dict[str, int] = field(default_factory=dict)
    _endings: frozenset[int] = frozenset()
    # The last notes, which a broken rhythm or a tie may still change.
    _last: list[_Struck] = field(default_factory=list)
    _last_length: Fraction = Fraction(0)
    _factor: Fraction = Fraction(1)  # of the next length
    _tuplet: tuple[int, Fraction] = (0, Fraction(1))  # so many notes of this factor are left

    def take(self, kind: str, text: str) -> None:
        """Take a token of this kind."""
        getattr(self, f"_take_{kind}")(text)

    def begin_part(self, name: str) -> None:
        """A part of this letter begins with the next bar, or with this one where it is empty."""
        self.close()
        self._bar.part = name

    def close(self) -> None:
        """End the bar, where it holds anything."""
        self._accidentals.clear()
        bar = self._bar
        if bar.length or bar.chords:
            bar.metre, bar.signature = self.metre, self.signature
            if len(self.bars) >= _MOST_BARS:
                raise ChartError(f"it has more than {_MOST_BARS} bars")
            self.bars.append(bar)
            self._bar = Bar(endings=self._endings)
            self._at = Fraction(0)
            self._last = []

    def _take_quoted(self, text: str) -> None:
        """A chord symbol, unless it is words; those that begin with a place always are."""
        said = text.strip('" ')
        form.read_words(self._bar, said.lstrip("^_<>@"))
        if not said or said[0] in "^_<>@":
            return
        # Other chords to choose from may stand in brackets or behind a semicolon.
        symbol = said if is_chord_like(said) else re.split(r"[;(]", said)[0].strip()
        if symbol and is_chord_like(symbol):
            try:
                chord = read_chord(symbol)
            except ChordError:
                where = f"in bar {len(self.bars) + 1}"
                raise ChartError(
                    f"it has a chord {where} that improvd cannot read, {symbol[:24]!r}"
                ) from None
            self._bar.chords.append((self._at, self.key.moved_chord(chord)))

    def _take_sign(self, text: str) -> None:
        form.read_words(self._bar, text.strip("!"))

    def _take_bar(self, text: str) -> None:
        barline = re.match(r"[:|\[\]]+", text)
        signs = barline[0] if barline else ""
        ending = text[len(signs) :]
        signs = signs.rstrip("[") if ending else signs
        self.close()
        closes = len(signs) - len(signs.lstrip(":"))
        if closes and self.bars:
            self.bars[-1].closes = 2 if signs == "::" else closes + 1
        if signs not in ("|", "[|"):
            self._endings = frozenset()
        self._bar.opens |= signs.endswith(":")
        self._bar.endings = self._endings
        self._take_ending(ending)

    def _take_ending(self, text: str) -> None:
        if rounds := form.rounds_of(text):
            self._endings = self._bar.endings = rounds

    def _take_tuplet(self, text: str) -> None:
        said = [int(number or 0) for number in text[1:].split(":")]
        notes, time, count = (*said, 0, 0)[:3]
        time = time or _TUPLETS.get(notes, 3 if self.in_threes else 2)
        self._tuplet = count or notes, Fraction(time, notes or 1)

    def _take_broken(self, text: str) -> None:
        """`>` dots the note before and halves the next, `<` the other way."""
        short = Fraction(1, 2 ** len(text))
        before, self._factor = (2 - short, short) if text[0] == ">" else (short, 2 - short)
        change = self._last_length * (before - 1)
        for struck in self._last:
            struck.note.length *= before
        if self._bar.length == self._at:
            self._bar.length += change
        self._at += change

    def _take_notes(self, text: str) -> None:
        self._strike([(text, "")], Fraction(1))

    def _take_chord(self, text: str) -> None:
        inside, _, times = text[1:].rpartition("]")
        for quoted in re.findall(r'"[^"]*"', inside):
            self._take_quoted(quoted)
        notes = re.findall(rf"({_NOTE})(-?)", re.sub(r'"[^"]*"|![^!]*!', "", inside))
        if notes:
            self._strike(notes, _multiple(times))

    def _take_rest(self, text: str) -> None:
        self._advance(_multiple(text[1:]) * self.unit)

    def _take_bars(self, text: str) -> None:
        for _ in range(min(int(text[1:] or 1), _MOST_BARS_OF_REST)):
            self.close()
            self._bar.length = self.metre
        self.close()

    def _take_tie(self, _: str) -> None:
        for struck in self._last:
            self._tie(struck)

    def _take_overlay(self, _: str) -> None:
        self._at = Fraction(0)

    def _tie(self, struck: _Struck) -> None:
        struck.note.tied = True
        self._tied[struck.name] = struck.alter

    def _advance(self, length: Fraction) -> Fraction:
        """Go on by a note or rest of this written length; how long it really is."""
        length *= self._factor
        self._factor = Fraction(1)
        left, stretch = self._tuplet
        if left:
            length *= stretch
            self._tuplet = left - 1, stretch
        self._last, self._last_length = [], length
        self._at += length
        self._bar.length = max(self._bar.length, self._at)
        return length

    def _strike(self, notes: list[tuple[str, str]], times: Fraction) -> None:
        """Notes that begin together, each with its tie; the first says when the next ones come."""
        onset, tied = self._at, self._tied
        self._tied = {}
        lengths = [_multiple(_PITCH.sub("", text)) for text, _ in notes]
        first = self._advance(lengths[0] * times * self.unit)
        for (text, tie), length in zip(notes, lengths, strict=True):
            name, alter, pitch = self._pitch(text, tied)
            if 0 <= pitch <= 127 and lengths[0]:
                note = WrittenNote(onset, first * length / lengths[0], pitch)
                self._bar.notes.setdefault((0, 0), []).append(note)
                self._last.append(_Struck(name, alter, note))
                if tie:
                    self._tie(self._last[-1])

    def _pitch(self, text: str, tied: dict[str, int]) -> tuple[str, int, int]:
        """A note's letter and octave, how it is altered, and its sounding pitch."""
        found = _PITCH.match(text)
        if found is None:
            return "", 0, -1
        said, quarter_tone, letter, marks = found.groups()
        octave = 5 + letter.islower() + marks.count("'") - marks.count(",")
        letter = letter.upper()
        name = f"{letter}{octave}"
        if said is None:
            usual = self._accidentals.get(letter, self.key.alters.get(letter, 0))
            alter = tied.get(name, usual)
        else:
            # A quarter tone is heard as the natural note.
            alter = 0 if quarter_tone else said.count("^") - said.count("_")
            self._accidentals[letter] = alter
        pitch = 12 * octave + _NATURAL[_LETTERS.index(letter)] + alter + self.key.shift
        return name, alter, pitch


def _multiple(text: str) -> Fraction:
    """A length as written behind a note: 2, /, //, 3/2 or /4; without it, 1."""
    found = re.fullmatch(r"(\d*)(/*)(\d*)", text)
    if found is None:
        return Fraction(1)
    number, slashes, divisor = found.groups()
    by = int(divisor) if divisor else 2 ** len(slashes)
    return Fraction(int(number or 1), by or 1)
