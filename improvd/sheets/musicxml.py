"""A sheet as MusicXML 3.1, which MuseScore and every other notation program opens."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from improvd.core.harmony.chord import Chord
from improvd.core.harmony.key import NamedKey
from improvd.core.harmony.leadsheets.writing import harmony, signature, tempo
from improvd.core.harmony.spellings import read
from improvd.sheets.notation import UNITS, NoteSymbol, symbols
from improvd.sheets.spelling import Spelled, spelled
from improvd.sheets.staves import StaffVoice, Staves, drum

_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 3.1 Partwise//EN" \
"http://www.musicxml.org/dtds/partwise.dtd">
<score-partwise version="3.1">
"""
_ACCIDENTALS = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}
_SHARPENED = "FCGDAEB"
"""In the order in which signatures sharpen them, and flatten them the other way round."""
_DRUMS_CHANNEL = 10


@dataclass(frozen=True, slots=True)
class SheetBar:
    """A bar: where it begins and how long it is, in units, and its metre."""

    start: int
    length: int
    metre: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is written down: all parts in the same bars.

    `beat` is how many units a beat has, `chords` where another one begins and which, None for N.C.;
    they stand above the first part. `bpm` counts beats, `dotted` ones are dotted quarters. `style`
    are words at the beginning, such as "Bossa"; `key` is the one of the signature, None for none.
    """

    title: str
    parts: Sequence[Staves]
    bars: Sequence[SheetBar]
    chords: Sequence[tuple[int, Chord | None]]
    beat: int
    bpm: float
    dotted: bool = False
    style: str = ""
    key: NamedKey | None = None


def document(sheet: Sheet) -> str:
    """The document, the same for the same sheet."""
    lines = [
        f"<work><work-title>{escape(sheet.title)}</work-title></work>",
        '<identification><creator type="composer">improvd</creator></identification>',
        "<part-list>",
        *(_listed(f"P{number}", part) for number, part in enumerate(sheet.parts, 1)),
        "</part-list>",
    ]
    for number, part in enumerate(sheet.parts, 1):
        lines += [f'<part id="P{number}">', *_part(sheet, part, f"P{number}"), "</part>"]
    return _HEAD + "\n".join([*lines, "</score-partwise>", ""])


def _listed(identity: str, part: Staves) -> str:
    name = escape(part.name)
    if not part.kit:
        instruments = f'<score-instrument id="{identity}-I1">'
        instruments += f"<instrument-name>{name}</instrument-name></score-instrument>"
        sounds = f'<midi-instrument id="{identity}-I1"><midi-program>{part.program + 1}'
        sounds += "</midi-program></midi-instrument>"
    else:
        instruments = "".join(
            f'<score-instrument id="{identity}-I{pitch}">'
            f"<instrument-name>{drum(pitch).name}</instrument-name></score-instrument>"
            for pitch in part.kit
        )
        sounds = "".join(
            f'<midi-instrument id="{identity}-I{pitch}"><midi-channel>{_DRUMS_CHANNEL}'
            f"</midi-channel><midi-program>1</midi-program><midi-unpitched>{pitch + 1}"
            "</midi-unpitched></midi-instrument>"
            for pitch in part.kit
        )
    named = f"<part-name>{name}</part-name>{instruments}{sounds}"
    return f'<score-part id="{identity}">{named}</score-part>'


def _part(sheet: Sheet, part: Staves, identity: str) -> Iterator[str]:
    """The bars of a part."""
    places = [(bar.start, bar.length) for bar in sheet.bars]
    voices = [symbols(voice.music, places, sheet.beat) for voice in part.voices]
    first, metre = identity == "P1", None
    for number, bar in enumerate(sheet.bars):
        yield f'<measure number="{number + 1}">'
        if number == 0 or bar.metre != metre:
            metre = bar.metre
            yield _attributes(bar, part if number == 0 else None, sheet.key)
        if number == 0 and first:
            yield from _words(sheet.style)
            yield tempo(sheet.bpm, dotted=sheet.dotted)
        if first:
            for at, chord in sheet.chords:
                if bar.start <= at < bar.start + bar.length:
                    yield harmony(chord, at - bar.start)
        signs: dict[tuple[int, str, int], int] = {}
        altered = _altered(sheet.key)
        for index, (voice, written) in enumerate(zip(part.voices, voices, strict=True)):
            if index:
                yield f"<backup><duration>{bar.length}</duration></backup>"
            for symbol in written[number]:
                placed = _Placed(identity, part, voice, index + 1, altered, signs)
                yield from placed.notes(symbol, _root(sheet.chords, symbol.start))
        yield "</measure>"


def _altered(key: NamedKey | None) -> dict[str, int]:
    """What a key's signature alters, by the letters of notes."""
    fifths = 0 if key is None else key.fifths
    letters = _SHARPENED[:fifths] if fifths > 0 else _SHARPENED[::-1][:-fifths]
    return dict.fromkeys(letters, 1 if fifths > 0 else -1)


def _attributes(bar: SheetBar, part: Staves | None, key: NamedKey | None) -> str:
    """Of the first bar, which has the clefs of its part, or of one in another metre."""
    time = f"<time><beats>{bar.metre[0]}</beats><beat-type>{bar.metre[1]}</beat-type></time>"
    if part is None:
        return f"<attributes>{time}</attributes>"
    several = len(part.clefs) > 1
    count = f"<staves>{len(part.clefs)}</staves>" if several else ""
    clefs = "".join(
        f"<clef{_number(number) if several else ''}>{clef}</clef>"
        for number, clef in enumerate(part.clefs, 1)
    )
    divisions = f"<divisions>{UNITS}</divisions>{signature(None if part.kit else key)}"
    return f"<attributes>{divisions}{time}{count}{clefs}</attributes>"


def _number(staff: int) -> str:
    return f' number="{staff}"'


def _words(style: str) -> Iterator[str]:
    if style:
        words = f"<direction-type><words>{escape(style)}</words></direction-type>"
        yield f'<direction placement="above">{words}</direction>'


def _root(chords: Sequence[tuple[int, Chord | None]], at: int) -> tuple[str, bool]:
    """The root of the chord that stands there, and whether its fifth is diminished."""
    chord = next((chord for start, chord in reversed(chords) if start <= at and chord), None)
    known = read(chord.symbol) if chord else None
    if chord is None or known is None:
        return "C", False
    fifths = [(chord.root + above) % 12 in chord.tones for above in (6, 7)]
    return known.root, fifths == [True, False]


@dataclass(frozen=True, slots=True)
class _Placed:
    """Where symbols stand: in which voice of which part, and what is altered by now.

    `altered` is by the signature, `signs` what accidentals of the bar have said since.
    """

    identity: str
    part: Staves
    voice: StaffVoice
    number: int
    altered: Mapping[str, int]
    signs: dict[tuple[int, str, int], int]

    def notes(self, symbol: NoteSymbol, root: tuple[str, bool]) -> Iterator[str]:
        """The elements of a note, of every one of a chord, or of a rest."""
        if not symbol.pitches:
            whole = ' measure="yes"' if not symbol.value else ""
            yield self._note(symbol, f"<rest{whole}/>")
        for index, pitch in enumerate(symbol.pitches):
            chord = "<chord/>" if index else ""
            if self.part.kit:
                of = drum(pitch)
                where = f"<display-step>{of.step}</display-step>"
                where += f"<display-octave>{of.octave}</display-octave>"
                head = "" if of.head == "normal" else f"<notehead>{of.head}</notehead>"
                instrument = f'<instrument id="{self.identity}-I{pitch}"/>'
                what = f"{chord}<unpitched>{where}</unpitched>"
                yield self._note(symbol, what, instrument=instrument, head=head, first=not index)
            else:
                name = spelled(pitch, root[0], flat_five=root[1])
                alter = f"<alter>{name.alter}</alter>" if name.alter else ""
                what = f"{chord}<pitch><step>{name.step}</step>{alter}"
                what += f"<octave>{name.octave}</octave></pitch>"
                yield self._note(symbol, what, sign=self._sign(symbol, name), first=not index)

    def _sign(self, symbol: NoteSymbol, name: Spelled) -> str:
        """The accidental, where the bar has not said it yet; a tied note needs none."""
        place = self.voice.staff, name.step, name.octave
        said = self.signs.get(place, self.altered.get(name.step, 0))
        if symbol.tied[0] or said == name.alter:
            return ""
        self.signs[place] = name.alter
        return f"<accidental>{_ACCIDENTALS[name.alter]}</accidental>"

    def _note(  # noqa: PLR0913 - the parts of one element, by name
        self,
        symbol: NoteSymbol,
        what: str,
        *,
        instrument: str = "",
        sign: str = "",
        head: str = "",
        first: bool = True,
    ) -> str:
        ties = [how for how, is_so in zip(("stop", "start"), symbol.tied, strict=True) if is_so]
        notations = [f'<tied type="{how}"/>' for how in ties]
        if first:
            notations += [f'<tuplet type="{how}" bracket="yes"/>' for how in symbol.bracket]
        threes = "<actual-notes>3</actual-notes><normal-notes>2</normal-notes>"
        threes += "<normal-type>eighth</normal-type>"
        return "".join(
            (
                f"<note>{what}<duration>{symbol.length}</duration>",
                *(f'<tie type="{how}"/>' for how in ties),
                instrument,
                f"<voice>{self.number}</voice>",
                f"<type>{symbol.value}</type>" if symbol.value else "",
                "<dot/>" * symbol.dots,
                sign,
                f"<time-modification>{threes}</time-modification>" if symbol.three else "",
                f"<stem>{self.voice.stem}</stem>" if self.voice.stem and symbol.pitches else "",
                head,
                f"<staff>{self.voice.staff}</staff>" if len(self.part.clefs) > 1 else "",
                f"<notations>{''.join(notations)}</notations>" if notations else "",
                "</note>",
            )
        )
