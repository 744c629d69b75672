"""Runs the byte scripts of LIVE.md against the jam."""

import re
from dataclasses import dataclass, field

import numpy as np

from improvd.core.harmony.chart import parse_chart
from improvd.core.jam import Jam
from improvd.core.network.recital import Recital
from improvd.core.network.tilt import Tilts
from improvd.core.network.vocabulary import Vocabulary
from improvd.core.playing.beat import Beat
from improvd.core.playing.line import DEFAULT_REGISTER, Style
from improvd.core.playing.modes import MODES, Turn
from improvd.core.playing.setup import Setup
from improvd.core.sync.transport import Transport
from improvd.core.sync.transport_state import Following, Sync
from improvd.core.timeline import Timeline, ns_per_beat

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
    leads: bool = False
    picks: list[int] = field(default_factory=list)
    events: list[tuple[float, str, bytes]] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    until: float = 4.0


def parse(block: str) -> Script:
    """A script from its text."""
    title, *lines = block.strip().splitlines()
    script = Script(title.removeprefix("# "))
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        if word in {"mode", "chart", "sync"}:
            setattr(script, word, rest)
        elif word == "leads":
            script.leads = True
        elif word == "clock":
            script.events += clocks(*map(float, rest.split()))
        elif word in {"tempo", "until", "freewheel"}:
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


def clocks(first: float, last: float, bpm: float = 120.0) -> list[tuple[float, str, bytes]]:
    """A master's clocks from one time to another, in beats at 120, at its own tempo."""
    count = round((last - first) * 24 * bpm / 120)
    return [(first + n * 120 / bpm / 24, "in", b"\xf8") for n in range(count)]


def run(script: Script) -> list[str]:
    """What the performer makes of a script, as lines `beat ...` and `out ...` in order."""
    name, _, bars = script.mode.partition(" ")
    beat_ns = ns_per_beat(script.tempo)
    setup = Setup(
        improviser=Recital(script.picks),
        vocabulary=VOCABULARY,
        tilts=Tilts(
            VOCABULARY,
            np.ones(len(VOCABULARY), dtype=np.float32),
            None,
            respond=0.0,
            register=DEFAULT_REGISTER,
        ),
        chart=parse_chart(script.chart),
        mode=MODES[name](int(bars or 4)),
        style=Style(),
    )
    following = Following(Sync(script.sync), freewheel_beats=script.freewheel)
    transport = Transport(Timeline(START_NS, 0, beat_ns), following)
    leads = START_NS if script.leads else None
    jam = Jam(setup, transport, count_in=script.count_in, leads=leads)
    lines: list[str] = []

    def ns(beats: float) -> int:
        return START_NS + round(beats * beat_ns)

    def advance(until: int) -> None:
        """Wake the jam whenever it asks to be; what is to be sent at once goes when it is asked."""
        while (wake := jam.wake()) is not None and wake <= until:
            now = wake or until
            tell(now, jam.turn(now))

    def tell(now: int, sent: list[tuple[int, bytes]]) -> None:
        lines.extend(map(_beat_line, jam.beats))
        jam.beats.clear()
        beats = (now - START_NS) / beat_ns
        # Clocks are not shown: there are 24 to the beat.
        shown = [message.hex(" ").upper() for _, message in sent if message != b"\xf8"]
        lines.extend(f"out {beats:.3f} {message}" for message in shown)
        lines.extend(f"says {notice}" for notice in jam.notices)
        jam.notices.clear()

    for time, kind, payload in sorted(script.events, key=lambda event: event[0]):
        advance(ns(time))
        if kind == "in":
            jam.hear(ns(time), payload)
            advance(ns(time))
        elif kind == "standstill":
            resumed = ns(float(payload))
            tell(resumed, jam.turn(resumed))
        elif kind == "order":
            obey(jam, ns(time), payload.decode())
            advance(ns(time))
        else:
            tell(ns(time), [(0, off) for off in jam.silence()])
            return lines
    advance(ns(script.until))
    return lines


def obey(jam: Jam, now: int, order: str) -> None:
    """What a person orders, in a word or two."""
    word, _, rest = order.partition(" ")
    soloist = jam.performer.soloist
    {
        "tempo": lambda: jam.retime(now, float(rest)),
        "bar": lambda: jam.locate(now, int(rest)),
        "mute": lambda: jam.mute(rest == "on"),
        "turn": lambda: soloist.give(Turn(rest) if rest != "auto" else None),
        "again": jam.performer.again,
        "end": jam.end,
        "panic": jam.panic,
        "reset": soloist.reset,
    }[word]()


def _beat_line(beat: Beat) -> str:
    x = "none" if beat.x is None else str(beat.x)
    source = " (heard)" if beat.heard else ""
    value = "-" if beat.value is None else str(beat.value)
    return f"beat {beat.number} {beat.turn} x {x}{source} value {value}"
