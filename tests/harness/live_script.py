"""Runs the byte scripts of LIVE.md: the player's loop, under virtual time."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import ceil

import numpy as np

from improvd.core.band.lineup import SOLOIST, Lineup
from improvd.core.harmony.chart import parse_chart
from improvd.core.jam import Jam
from improvd.core.midi.messages import CLOCK, Stamped
from improvd.core.network.recital import Recital
from improvd.core.network.tilt import Tilts
from improvd.core.network.vocabulary import Vocabulary
from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import MODES
from improvd.core.playing.setup import Setup, SoloistSetup
from improvd.core.sync.transport import Transport
from improvd.core.sync.transport_state import Following, Sync
from improvd.core.timeline import Timeline, ns_per_beat
from improvd.core.voice.line import DEFAULT_REGISTER, Style
from improvd.live.world import SentAt
from improvd.messages import RULES, LiveOrder
from improvd.models import bass
from improvd.orders.asks import Direct
from improvd.orders.table import parse as parse_order
from improvd.shared import Peers
from tests.harness.band import VOICES
from tests.harness.virtual import Playing

# The vocabulary that LIVE.md's scripts are written in; values 0 and 1 are rest and hold.
VOCABULARY = Vocabulary(
    [
        [[0, 0, 0]],  # 2: the same pitch again, on the beat
        [[0, 1, 0]],  # 3: a step up, on the beat
        [[0, 1, 0], [6, 1, 0]],  # 4: two steps up, a pair of eighths
        [[6, -1, 0]],  # 5: a step down, off the beat
        [[0, 2, 0], [4, -1, 0], [8, -1, 0]],  # 6: a triplet
        [[0, 12, 0]],  # 7: a leap of twelve steps
    ]
)
START_NS = 10**9


@dataclass
class Script:
    """One script: its set-up, what happens, and what is to follow."""

    title: str
    mode: str = "follow"
    tempo: float = 120.0
    chart: str = "| C |"
    count_in: int = 0
    sync: str = "internal"
    freewheel: float = 4.0
    resting: float = 10.0
    leads: bool = False
    band: str = ""
    picks: list[int] = field(default_factory=list)
    others: dict[str, list[int]] = field(default_factory=dict)
    events: list[tuple[float, str, bytes]] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    until: float = 4.0


def parse(block: str) -> Script:
    """A script from its text."""
    title, *lines = block.strip().splitlines()
    script = Script(title.removeprefix("# "))
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        if word in {"mode", "chart", "sync", "band"}:
            setattr(script, word, rest)
        elif word == "voice":
            name, _, picks = rest.partition(" picks")
            script.others[name] = [int(value) for value in picks.split()]
        elif word == "leads":
            script.leads = True
        elif word == "clock":
            script.events += clocks(*map(float, rest.split()))
        elif word in {"tempo", "until", "freewheel", "resting"}:
            setattr(script, word, float(rest))
        elif word == "count_in":
            script.count_in = int(rest)
        elif word == "picks":
            script.picks = [int(value) for value in rest.split()]
        elif word in {"in", "standstill", "order", "stop"}:
            time, _, data = rest.partition(" ")
            payload = bytes.fromhex(data) if word == "in" else data.encode()
            script.events.append((float(time), word, payload))
        else:
            script.expected.append(re.sub(r"\s+", " ", line.strip()))
    return script


def clocks(
    first: float, last: float, bpm: float = 120.0, lump_ms: float = 0.0
) -> list[tuple[float, str, bytes]]:
    """A master's clocks from one time to another, in beats at 120, at its own tempo.

    They come when a period of so many milliseconds is over.
    """
    count = round((last - first) * 24 * bpm / 120)
    times = [first + n * 120 / bpm / 24 for n in range(count)]
    lump = lump_ms / 500
    return [(ceil(time / lump - 1e-9) * lump if lump else time, "in", b"\xf8") for time in times]


def _lineup(band: str) -> Lineup:
    voices = {name: VOICES[name] for name in band.split(", ")}
    return Lineup(voices, table=bass.load(), rules=RULES)


def run(script: Script) -> list[str]:
    """What the performer makes of a script, as lines `beat ...` and `out ...` in order."""
    name, _, bars = script.mode.partition(" ")
    beat_ns = ns_per_beat(script.tempo)
    picks = {SOLOIST: script.picks, **script.others}
    soloists = {
        each: SoloistSetup(
            improviser=Recital(its),
            vocabulary=VOCABULARY,
            tilts=Tilts(
                VOCABULARY,
                np.ones(len(VOCABULARY), dtype=np.float32),
                None,
                respond=0.0,
                register=DEFAULT_REGISTER,
            ),
            mode=MODES[name](int(bars or 4)),
            style=Style(channel=channel),
        )
        for channel, (each, its) in zip((0, *range(4, 9)), picks.items(), strict=False)
    }
    setup = Setup(
        soloists,
        parse_chart(script.chart),
        rules=RULES,
        lineup=_lineup(script.band) if script.band else None,
    )
    following = Following(
        Sync(script.sync), freewheel_beats=script.freewheel, resting_ns=round(script.resting * 1e9)
    )
    transport = Transport(Timeline(START_NS, 0, beat_ns), following)
    leads = START_NS if script.leads else None
    jam = Jam(setup, transport, count_in=script.count_in, leads=leads)
    told = _Told(beat_ns)
    playing = Playing(jam, START_NS - 4 * beat_ns, witness=told)

    def ns(beats: float) -> int:
        return START_NS + round(beats * beat_ns)

    until = ns(max([script.until, *(time for time, _, _ in script.events)]))
    for time, kind, payload in script.events:
        if kind == "in":
            playing.hear(ns(time), payload)
        elif kind == "standstill":
            playing.stand_still(ns(time), ns(float(payload)))
        elif kind == "order":
            order = parse_order(payload.decode())
            assert isinstance(order, Direct), f"{script.title}: only the service can do {order}"
            playing.order(ns(time), order)
        else:
            until = ns(time)
            told.to_the_end = True
    playing.play(until)
    playing.close()
    return told.lines


class _Told:
    """Who writes down what it is told, as lines `beat ...`, `out ...` and `says ...` in order."""

    def __init__(self, beat_ns: int) -> None:
        self.lines: list[str] = []
        self.to_the_end = False
        self._beat_ns = beat_ns

    def turned(self, jam: Jam, now: int, heard: Iterable[Stamped], sent: Iterable[SentAt]) -> None:
        self.lines.extend(map(_beat_line, jam.beats))
        jam.beats.clear()
        self._out(sent)
        self.lines.extend(f"says {notice}" for notice in jam.notices)
        jam.notices.clear()

    def ended(self, now: int, sent: Iterable[SentAt]) -> None:
        if self.to_the_end:
            self._out(sent)

    def notice(self, text: str) -> None:
        self.lines.append(f"says {text}")

    def alive(self, now: int) -> None:
        """Nobody listens for its heart."""

    def obeyed(self, jam: Jam, now: int, order: LiveOrder, outcome: str) -> None:
        """What comes of it is what counts."""

    def declined(self, now: int, order: LiveOrder, error: ValueError) -> None:
        self.lines.append(f"says {error}")

    def connected(self, peers: Peers) -> None:
        """There is nobody."""

    def _out(self, sent: Iterable[SentAt]) -> None:
        # Clocks are not shown: there are 24 to the beat.
        for _, left, message in sent:
            if message[0] != CLOCK:
                beats = (left - START_NS) / self._beat_ns
                self.lines.append(f"out {beats:.3f} {message.hex(' ').upper()}")


def _beat_line(beat: Beat) -> str:
    x = "none" if beat.x is None else str(beat.x)
    source = " (heard)" if beat.heard else ""
    value = "-" if beat.value is None else str(beat.value)
    return f"beat {beat.number} {beat.turn} x {x}{source} value {value}"
