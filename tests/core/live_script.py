"""Runs the byte scripts of LIVE.md against the performer."""

import re
from dataclasses import dataclass, field

import numpy as np

from improvd.core.beat import Beat
from improvd.core.chart import parse_chart
from improvd.core.line import Style
from improvd.core.modes import MODES
from improvd.core.performer import Performer
from improvd.core.recital import Recital
from improvd.core.tilt import Tilts
from improvd.core.timeline import Timeline, ns_per_beat
from improvd.core.vocabulary import Vocabulary

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
        if word in {"mode", "chart"}:
            setattr(script, word, rest)
        elif word in {"tempo", "until"}:
            setattr(script, word, float(rest))
        elif word == "count_in":
            script.count_in = int(rest)
        elif word == "picks":
            script.picks = [int(value) for value in rest.split()]
        elif word in {"in", "standstill", "stop"}:
            time, _, data = rest.partition(" ")
            payload = bytes.fromhex(data) if word == "in" else data.encode()
            script.events.append((float(time), word, payload))
        else:
            script.expected.append(re.sub(r"\s+", " ", line.strip()))
    return script


def run(script: Script) -> list[str]:
    """What the performer makes of a script, as lines `beat ...` and `out ...` in order."""
    name, _, bars = script.mode.partition(" ")
    beat_ns = ns_per_beat(script.tempo)
    performer = Performer(
        improviser=Recital(script.picks),
        vocabulary=VOCABULARY,
        tilts=Tilts(np.ones(len(VOCABULARY), dtype=np.float32), None, respond=0.0),
        chart=parse_chart(script.chart),
        mode=MODES[name](int(bars or 4)),
        style=Style(),
        timeline=Timeline(START_NS, 0, beat_ns),
        count_in=script.count_in,
    )
    lines: list[str] = []

    def ns(beats: float) -> int:
        return START_NS + round(beats * beat_ns)

    def advance(until: int) -> None:
        while performer.wake() <= until:
            tell(performer.wake(), [message for _, message in performer.turn(performer.wake())])

    def tell(now: int, messages: list[bytes]) -> None:
        lines.extend(map(_beat_line, performer.beats))
        performer.beats.clear()
        beats = (now - START_NS) / beat_ns
        lines.extend(f"out {beats:.3f} {message.hex(' ').upper()}" for message in messages)

    for time, kind, payload in script.events:
        advance(ns(time))
        if kind == "in":
            performer.hear(ns(time), payload)
        elif kind == "standstill":
            resumed = ns(float(payload))
            tell(resumed, [message for _, message in performer.turn(resumed)])
        else:
            tell(ns(time), performer.silence())
            return lines
    advance(ns(script.until))
    return lines


def _beat_line(beat: Beat) -> str:
    x = "none" if beat.x is None else str(beat.x)
    source = " (heard)" if beat.heard else ""
    value = "-" if beat.value is None else str(beat.value)
    return f"beat {beat.number} {beat.turn} x {x}{source} value {value}"
