"""The table of orders: one row an order, read by all that takes, explains or carries out orders.

`improvd ctl` and its help, the socket, knobs and pedals, the list in docs/CONTROL.md and the
player's carrying-out all go by these rows.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from improvd.config import allowed, describe
from improvd.core.playing.entrance import Entry
from improvd.core.playing.modes import Turn, mode_of
from improvd.messages import (
    Again,
    Balance,
    Change,
    Cue,
    End,
    Forget,
    Locate,
    Mute,
    Panic,
    Reseed,
    Reset,
    Share,
    Tempo,
)
from improvd.orders import asks, voices
from improvd.orders.asks import Ask, Errand, Map, OrderError, Swap, Tune, plain, quoted
from improvd.orders.row import CarryOut, Row
from improvd.orders.standings import but, once, silent, where

if TYPE_CHECKING:  # the service reads this table too, and has no use for what plays
    from improvd.core.jam import Jam
    from improvd.core.playing.setup import Takeover

_TURNS = {Turn.PLAY: "plays", Turn.LISTEN: "listens"}

# -- what the player does for an order, and says once it has: a sentence on what came of it. What
# -- cannot be done as things stand raises OrderError, and nothing has changed then.


def _change(jam: "Jam", _: int, takeover: "Takeover") -> str:
    """Another setup from the next bar line on, or another tune from its first bar on."""
    waits = jam.entrance is not None
    jam.change(takeover.setup, takeover.entrance)
    if takeover.entrance is None:
        return "It changes with the tune that comes." if waits else f"It changes {_next_bar(jam)}."
    title = takeover.setup.chart.title or "Your chart"
    comes = jam.entrance or takeover.entrance
    return f"{title} begins {_next_bar(jam) if comes.at is Entry.BAR else 'after this chorus'}."


def _next_bar(jam: "Jam") -> str:
    return f"on the next bar line{once(jam)}"


def _retime(jam: "Jam", now: int, order: Tempo) -> str:
    """Another tempo, where no clock gives it."""
    if not jam.retime(now, order.bpm):
        raise OrderError(f"the tempo is the MIDI clock's{but(jam)}: change it there")
    said = f"{order.bpm:g} beats per minute"
    return f"{said}." if jam.state.rolling else f"{said} until a clock gives another{but(jam)}."


def _locate(jam: "Jam", now: int, order: Locate) -> str:
    """Another bar."""
    jam.locate(now, order.bar)
    return where(jam, order.bar)


def _share(jam: "Jam", now: int, order: Share) -> str:
    """Another mode; music begins, where no clock is to be waited for."""
    soloist = _soloist(jam, order.voice)
    jam.begin(now)
    jam.share(mode_of(order.mode), soloist)
    whose = f" of the {soloist}" if soloist else ""
    return f"The mode{whose} is {order.mode}.{silent(jam)}"


def _give(jam: "Jam", now: int, order: Cue) -> str:
    """Whose turn it is; music begins if that is to play, where no clock is to be waited for."""
    soloist = _soloist(jam, order.voice)
    if order.turn is Turn.PLAY:
        jam.begin(now)
    jam.give(order.turn, soloist)
    if order.turn is None:
        return f"The mode decides whose turn it is again.{silent(jam)}"
    first = jam.state.rolling and jam.counting_in
    beat = "the first beat on, after the count-in" if first else "the next beat on"
    muted = " It is muted." if order.turn is Turn.PLAY and jam.muted else ""
    who = f"The {soloist}" if soloist else "It"
    return f"{who} {_TURNS[order.turn]} from {beat}{once(jam)}.{muted}"


def _soloist(jam: "Jam", name: str) -> str | None:
    """Whom an order is for; None: every soloist."""
    if name and name not in jam.soloists:
        raise OrderError(f"there is no soloist {quoted(name)}: there is {', '.join(jam.soloists)}")
    return name or None


def _mute(jam: "Jam", _: int, order: Mute) -> str:
    """Silent or aloud."""
    jam.mute(order.on)
    return f"{'It plays without a sound' if order.on else 'It plays aloud'}{once(jam)}."


def _balance(jam: "Jam", _: int, order: Balance) -> str:
    """Some voices without a sound."""
    absent = [name for name in order.voices if name not in jam.voices]
    if absent:
        raise OrderError(f"there is no {absent[0]} in the band: there is {', '.join(jam.voices)}")
    silent = order.after(jam.silent, jam.voices)
    jam.balance(silent)
    quiet = [name for name in jam.voices if name in silent]
    said = f"Without a sound: {', '.join(quiet)}" if quiet else "All voices are aloud"
    return f"{said}{once(jam)}.{' It is muted.' if jam.muted else ''}"


def _panic(jam: "Jam", _: int, __: Panic) -> str:
    """Everything is closed."""
    jam.panic()
    return "Every note, pedal and sound on its channel is closed."


def _reset(jam: "Jam", _: int, __: Reset) -> str:
    """All is forgotten."""
    jam.reset()
    return "It has forgotten what was played."


def _reseed(jam: "Jam", _: int, __: Reseed) -> str:
    """All but the musician's last phrase is forgotten."""
    if jam.reseed():
        return f"It goes on from your last phrase alone{once(jam)}."
    return "It has forgotten what was played; there is no phrase of yours to go on from yet."


def _forget(jam: "Jam", _: int, __: Forget) -> str:
    """What was heard this evening is forgotten."""
    jam.forget()
    return "It has forgotten what you played this evening."


def _again(jam: "Jam", _: int, __: Again) -> str:
    """This chorus once more. A start of the transport would forget that it was asked for."""
    if not jam.state.rolling:
        raise OrderError(f"no chorus is being played that could be repeated{but(jam)}")
    jam.again()
    return "This chorus comes again when it is over."


def _end(jam: "Jam", _: int, __: End) -> str:
    """A cadence, or silence at once. A start of the transport would forget that it was asked."""
    if not jam.state.rolling:
        raise OrderError(f"nothing is being played that could end{but(jam)}")
    return "Silence at once." if jam.end() else "A cadence within two bars, then silence."


# -- the rows -----------------------------------------------------------------------------------


def _setting(key: str, example: str, *, more: str = "") -> Row:
    """The row of one key of the configuration that can change while it plays."""
    own = asks.OWN.get(key)
    values = f"{allowed(key)}, or {own} for the {own}'s own" if own else allowed(key)
    return Row(
        key, f"{key} {example}", describe(key), asks.setting(key), "number", values, more,
        Change, _change,
    )  # fmt: skip


_HEARD = f"{allowed('band')}; or mute, solo or aloud, and some of these, soloist or others"
_ROWS = (
    Row("status", "status", "what it plays, where it is, who has the turn",
        plain(Errand.STATUS), by_pedal=False),
    Row("watch", "watch", "every beat, notice and change of tempo from now on, a line each",
        plain(Errand.WATCH), by_pedal=False),
    Row("tempo", "tempo 120", "this tempo at once; +5 and -5 are steps",
        asks.tempo, "BPM", f"{allowed('tempo')}, or a step such as +5",
        "Steps go out from the tempo ordered last. Refused while a MIDI clock gives the tempo.",
        Tempo, _retime),
    Row("bar", "bar 1", "this bar of the song begins now",
        asks.bar, "number", "a whole number from 1 to 99999",
        "For a DAW that goes round a loop without telling.",
        Locate, _locate),
    Row("turn", "turn play", "whose turn it is from the next beat on; auto: as the mode has it",
        asks.turn, "turn", "play, listen or auto",
        'Play is "over to you", listen is "lay out"; either holds until turn auto.',
        Cue, _give),
    Row("mode", "mode trade 4", "how turns are taken",
        asks.mode, "mode", "follow, answer, solo or trade N (1 to 99)", "",
        Share, _share),
    Row("chart", "chart | Dm7 | G7 | Cmaj7 | % |", "other chords from the next bar line on",
        Tune, "chords", "chords between bar lines, or the name of a file", "The tempo stays.",
        Change, _change),
    Row("tune", "tune next", "another tune of the set, from its first bar on, after this chorus",
        asks.segue, "tune", "next, previous, a number or words of a name; now: at the next bar",
        "Key, tempo and feel are those of the set's line, else the chart's.", Change, _change),
    Row("set", "set", "the tunes of the set, and which one is played", plain(Errand.SET)),
    Row("transpose", "transpose -3", "the chart in another key from the next bar line on",
        asks.transpose, "semitones", "a whole number from -11 to 11",
        "Of what is played now; twice is twice as far.",
        Change, _change),
    Row("model", "model default", "plays what another model learned, from the next bar line on",
        Swap, "model", "the name of a built-in model, or a file",
        "Its state is carried over where the shapes allow.",
        Change, _change),
    _setting("temperature", "0.8"),
    Row("seed", "seed 7", "another solo from the next bar line on; alone: one that is drawn",
        asks.seed, "number", f"{allowed('seed')}, or nothing",
        "The same seed, chart and playing give the same music, and the answer says which it is.",
        Change, _change, optional=True),
    _setting("respond", "3"),
    _setting("swing", "62"),
    Row("register", "register 48 72", "the lowest and the highest pitch it plays; 60 is middle C",
        asks.register, "pitches", "two whole numbers from 0 to 127, an octave or more apart", "",
        Change, _change),
    _setting("velocity", "80"),
    _setting("channel", "2", more="Notes that sound are closed on the channel they began on."),
    _setting("notes_per_second", "6"),
    Row("mute", "mute on", "plays without a sound, or aloud; alone: the other of the two",
        asks.mute, "switch", "on or off, or nothing", "Music and time go on.",
        Mute, _mute, optional=True),
    Row("band", "band bass, piano, drums", "who plays beside the soloist, or who of them is heard",
        voices.band, "voices", _HEARD,
        "On the next bar line; at once: band solo piano, the piano alone, band aloud, everybody.",
        Balance, _balance),
    Row("feel", "feel bossa", describe("feel"),
        asks.feel, "feel", allowed("feel"), "", Change, _change),
    Row("voice", "voice bass level 80", "how one voice is set, from the next bar line on",
        voices.voice, "setting", "its name, and level (1 to 127), channel (1 to 16) or register "
        "(two pitches); a soloist's also mode, turn, model, seed, temperature and all else that it "
        "can have of its own", "Drums have no register. A mode or a turn is from the next beat on.",
        Change, _change),
    Row("again", "again", "repeats this chorus, note for note, when it is over",
        plain(Again()), order=Again, carry_out=_again),
    Row("end", "end", "a cadence within two bars, then silence; twice: at once",
        plain(End()), more="A turn or a mode begins anew.", order=End, carry_out=_end),
    Row("keep", "keep", "the last 8 bars as a .mid file",
        plain(Errand.KEEP), more="The answer names the file."),
    Row("reset", "reset", "forgets what was played, as before the first beat",
        plain(Reset()), order=Reset, carry_out=_reset),
    Row("reseed", "reseed", "forgets all but your last phrase, and goes on from that",
        plain(Reseed()), order=Reseed, carry_out=_reseed),
    Row("forget", "forget", "what you played this evening leans its picks no more",
        plain(Forget()), more="See `tonight` in the configuration.",
        order=Forget, carry_out=_forget),
    Row("panic", "panic", "closes every note, pedal and sound on its channel",
        plain(Panic()), order=Panic, carry_out=_panic),
    Row("snapshot", "snapshot", "writes down now where the music is, to go on from",
        plain(Errand.SNAPSHOT)),
    Row("map", "map tempo", "the next knob or pedal that moves gives this order",
        Map, "order", "any order that a pedal can give", by_pedal=False),
    Row("reload", "reload", "reads the configuration file again", plain(Errand.RELOAD)),
    Row("stop", "stop", "closes what sounds and ends improvd", plain(Errand.STOP)),
)  # fmt: skip

ROWS: Mapping[str, Row] = MappingProxyType({row.word: row for row in _ROWS})
"""All orders by their word."""

CARRIED_OUT: Mapping[type[msgspec.Struct], CarryOut] = MappingProxyType(
    {row.order: row.carry_out for row in _ROWS if row.order and row.carry_out}
)
"""What the player does for each order."""


def row_of(text: str) -> tuple[Row, str]:
    """The row of an order, and what comes after its word. Raises OrderError, one sentence."""
    word, rest = (*text.split(None, 1), "", "")[:2]
    row, rest = ROWS.get(word), rest.strip()
    if row is None:
        raise OrderError(f"there is no order {quoted(word)}; there are {', '.join(ROWS)}")
    if rest and not row.takes:
        raise OrderError(f"{word} stands alone, without {quoted(rest)}")
    if not rest and row.takes and not row.optional:
        raise OrderError(f"{word} needs {row.limits}, such as: {row.example}")
    return row, rest


def parse(text: str) -> Ask:
    """What is ordered. Raises OrderError, one sentence, for what is no order."""
    row, rest = row_of(text)
    return row.read(rest)
