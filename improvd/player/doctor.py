"""What `improvd doctor` measures on the machine it runs on, and what it advises.

Each measure is held against what a listener could notice: some 5 ms between two players is where
people begin to hear that they are not together.
"""

import random
import textwrap
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from improvd import performance
from improvd.config import Config
from improvd.core.sync.clock.lump_period import lump_of
from improvd.model import find, load
from improvd.player import realtime
from improvd.player.machine import Finding, installed, looked_at
from improvd.player.ports.ports import NoMidi, open_ports
from improvd.player.ports.systems import first
from improvd.player.quiet_stderr import quiet_stderr
from improvd.player.wait import now
from improvd.system import MIDI_SYSTEMS, sleep_until

_MS = 1_000_000
_US = 1_000

# As often as a sixteenth falls due at 180 BPM, off any round number that the system might tick at.
_PACE_NS = 20_833_333
_WAKINGS, _STEPS, _TRIPS = 150, 100, 150
# Slow enough for a clock of 10 BPM to show itself.
_LISTENING_MS = 2_500
_PATIENCE_NS = 300 * _MS

# From what on, in ns, something is to be changed.
_LATE = 2 * _MS
_LATE_IN_REAL_TIME = _MS // 2
_SLOW_STEP = 5 * _MS
_SLOW_TRIP = 12 * _MS
_UNSTEADY = 4 * _MS
# In how many ticks lumps are looked for.
_LUMPY = 120

_SMALLER = (
    "The audio server works in large portions; make them 128 frames: jackd with -p 128, "
    "PipeWire with PIPEWIRE_LATENCY=128/48000 in improvd's environment"
)
_LESS_BUSY = "Something keeps the machine from handing notes on; close what you do not play with"

TOTAL = 2 * _WAKINGS + _STEPS + _TRIPS + _LISTENING_MS // 10
"""How many times `progress` is called."""

_SUMMARY = (
    "All is well.",
    "One thing could be better; improvd plays all the same.",
    "{} things could be better; improvd plays all the same.",
)
Progress = Callable[[int], None]


def examine(config: Config, progress: Progress) -> list[Finding]:
    """Measure everything, in some twenty seconds; afterwards this process is in real time.

    Args:
        config: its ports, MIDI system and model are used.
        progress: called with how many of `TOTAL` setup are done since the last call.

    Raises:
        ModelError: the model cannot be loaded.
        PortError: a port's name fits several.
    """
    step = _step(config, progress)
    ordinary = _waking("as any process", _LATE, progress)
    music = [_trip(config.api, progress), _clock(config, progress)]
    rights = realtime.ask()
    if rights.first:
        real_time = _waking("in real time", _LATE_IN_REAL_TIME, progress)
        waking = [ordinary._replace(advice=None), real_time]
    else:
        progress(_WAKINGS)
        waking = [ordinary]
    granted = Finding("real-time rights", _granted(rights), rights.sentence)
    return [step, *waking, *music, granted, *looked_at()]


def report(findings: Sequence[Finding]) -> list[str]:
    """The findings for a person: one line each, and below it what to change."""
    lines = []
    for finding in findings:
        mark = "ok" if finding.advice is None else "->"
        lines.append(f"{mark} {finding.what:34} {finding.came_out}")
        if finding.advice is not None:
            lines += textwrap.wrap(
                finding.advice,
                96,
                initial_indent="   ",
                subsequent_indent="   ",
                break_long_words=False,
                break_on_hyphens=False,
            )
    to_change = sum(finding.advice is not None for finding in findings)
    return [*lines, "", _SUMMARY[min(to_change, 2)].format(to_change)]


def _granted(rights: realtime.Rights) -> str:
    given = {"SCHED_FIFO": rights.first, "locked memory": rights.locked}
    return ", ".join(f"{what} {'granted' if yes else 'refused'}" for what, yes in given.items())


def _step(config: Config, progress: Progress) -> Finding:
    model = load(find(config.model))
    who = performance.improviser(config, model)
    took = []
    for count in range(_STEPS):
        sleep_until(now() + _PACE_NS)
        start = now()
        who.step(count % model.weights.n_values)
        took.append(now() - start)
        progress(1)
    slow = "This model is too large for this machine to think between two notes; take a smaller one"
    return _measured("one step of the model", took, _SLOW_STEP, slow)


def _waking(how: str, limit: int, progress: Progress) -> Finding:
    late = []
    due = now()
    for _ in range(_WAKINGS):
        due += _PACE_NS
        sleep_until(due)
        late.append(now() - due)
        progress(1)
    advice = (
        "Something keeps the processors busy or lets them sleep too deeply: close what you do not "
        "need, and see the advice on rights and on the clock rate"
    )
    return _measured(f"waking up late, {how}", late, limit, advice)


def _trip(api: str, progress: Progress) -> Finding:
    """A note out through the MIDI system and in again, from a virtual port of our own."""
    what = "a note out and back in"
    try:
        with quiet_stderr():
            system, out = first(api)
    except NoMidi as error:
        progress(_TRIPS)
        return Finding(what, str(error), installed())
    if system.api == "winmm":
        progress(_TRIPS)
        return Finding(what, "not measured: Windows has no virtual ports")
    into = system.hearer()
    try:
        before = set(into.get_ports())
        out.open_virtual_port("doctor")
        there = into.get_ports()
        into.open_port(next(n for n, name in enumerate(there) if name not in before), name="in")
        took = [_one_trip(out, into, progress) for _ in range(_TRIPS)]
    finally:
        into.delete()
        time.sleep(0.05)  # see ports.py
        out.delete()
    lost = took.count(None)
    if lost:
        return Finding(
            f"{what} ({system.api})", f"{lost} of {_TRIPS} lost", "Restart what carries MIDI here."
        )
    advice = _SMALLER if system.api in ("alsa", "jack") else _LESS_BUSY
    measured = [nanoseconds for nanoseconds in took if nanoseconds is not None]
    return _measured(f"{what} ({system.api})", measured, _SLOW_TRIP, advice)


def _one_trip(out: Any, into: Any, progress: Progress) -> int | None:
    # At no fixed distance from the server's periods.
    time.sleep(random.uniform(0.003, 0.010))  # noqa: S311 - not a secret
    progress(1)
    start = now()
    out.send_message(b"\xb0\x01\x00")
    while into.get_message() is None:
        if now() - start > _PATIENCE_NS:
            return None
        time.sleep(0.00005)
    return now() - start


def _clock(config: Config, progress: Progress) -> Finding:
    what = "a MIDI clock coming in"
    ticks: list[int] = []
    try:
        with open_ports(config.port, config.input or config.port, config.api) as ports:
            for _ in range(_LISTENING_MS // 10):
                sleep_until(now() + 10 * _MS)
                ticks += [moment for moment, message in ports.receive() if message == b"\xf8"]
                progress(1)
            where = ports.hears_on
    except NoMidi:
        progress(_LISTENING_MS // 10)
        return Finding(what, "not looked for, without MIDI")
    if len(ticks) < 3:
        return Finding(what, f"none on {where} in {_LISTENING_MS / 1000} s")
    intervals = [later - earlier for earlier, later in pairwise(ticks)]
    period = sum(intervals) / len(intervals)
    uneven = [round(abs(interval - period)) for interval in intervals]
    came_out = f"{60e9 / period / 24:.1f} BPM on {where}, its ticks off by {_percentiles(uneven)}"
    if lump := lump_of(ticks[-_LUMPY:]):
        return Finding(what, came_out, _lumpy(round(lump)))
    if _percentile(uneven, 50) < _UNSTEADY:
        return Finding(what, came_out)
    return Finding(
        what,
        came_out,
        "improvd smooths this, but slowly; let the clock come by a cable of its own, without notes "
        "on it, or use --sync internal.",
    )


def _lumpy(lump: int) -> str:
    advice = (
        f"Your MIDI clock comes in lumps of {lump / _MS:.0f} ms. improvd follows it, but knows a "
        "change of tempo late"
    )
    frames = round(lump * 48_000 / 1e9)
    if frames & (frames - 1) == 0:
        how = " (jackd -p 128)" if "jack" in MIDI_SYSTEMS else " (in the DAW's audio settings)"
        advice += f": set the buffer to 128 frames where it is {frames}{how}"
    else:
        advice += ": set the buffer of the audio server to 128 frames, or use a cable"
    return f"{advice}."


def _measured(what: str, nanoseconds: Sequence[int], limit: int, advice: str) -> Finding:
    bad = _percentile(nanoseconds, 99) > limit
    return Finding(what, _percentiles(nanoseconds), f"{advice}." if bad else None)


def _percentiles(nanoseconds: Sequence[int]) -> str:
    return ", ".join(f"p{p} {_in_words(_percentile(nanoseconds, p))}" for p in (50, 99))


def _percentile(values: Sequence[int], percent: int) -> int:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def _in_words(nanoseconds: int) -> str:
    if nanoseconds < _MS:
        return f"{nanoseconds / _US:.0f} us"
    return f"{nanoseconds / _MS:.1f} ms"
