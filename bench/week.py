"""A week of playing in simulation: what memory it takes, and whether that grows.

    .venv/bin/python -m bench.week [DAYS]

Time is passed in: 120 BPM, a phrase of a player every half minute, a snapshot taken after every
beat as the real player does. Prints a line a day: resident memory of the process, and what Python
has allocated since the first hour (tracemalloc, in a second pass over a shorter time, since it
makes everything slower).
"""

import gc
import random
import resource
import sys
import time
import tracemalloc

import click
from tqdm import tqdm

from improvd import performance, snapshot
from improvd.config import Config
from improvd.core.jam import Jam
from improvd.model import find, load

_HOUR_NS = 3_600_000_000_000
_PHRASE_EVERY_NS = 30_000_000_000
_STEP_NS = 250_000_000


def play(jam: Jam, begin: int, end: int, draw: random.Random) -> tuple[int, int]:
    """Play from one nanosecond to another; how many beats, and messages sent."""
    beats = sent = 0
    phrase = begin + _PHRASE_EVERY_NS
    while (wake := jam.wake()) is not None and wake < end:
        if wake > phrase:
            _phrase(jam, phrase, draw)
            phrase += _PHRASE_EVERY_NS
        sent += len(jam.turn(wake))
        if jam.beats:
            beats += len(jam.beats)
            jam.beats.clear()
            snapshot.take(jam, wake)
    return beats, sent


def _phrase(jam: Jam, start: int, draw: random.Random) -> None:
    pitch = 65
    for note in range(8):
        pitch = min(max(pitch + draw.randint(-4, 4), 50), 84)
        stamp = start + note * _STEP_NS
        jam.turn(stamp)
        jam.hear(stamp, bytes((0x90, pitch, 80)))
        jam.hear(stamp + _STEP_NS // 2, bytes((0x80, pitch, 64)))


def begin() -> Jam:
    config = Config(sync="internal", count_in=0)
    model = load(find(config.model))
    who = performance.improviser(config, model)
    return performance.jam(config, who, model, performance.chart_of(None), 0)


def resident_mb() -> float:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - no file of ours
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


@click.command()
@click.argument("days", default=7.0)
def main(days: float) -> None:
    """Play so many DAYS in simulation and print what memory that took."""
    draw, jam, now = random.Random(1), begin(), 0  # noqa: S311 - a player, no secret
    hours, started = round(days * 24), time.perf_counter()
    total = 0
    for hour in tqdm(range(hours), unit="h", file=sys.stderr, disable=not sys.stderr.isatty()):
        beats, _ = play(jam, now, now + _HOUR_NS, draw)
        now += _HOUR_NS
        total += beats
        if hour % 24 == 0 or hour == hours - 1:
            print(f"hour {hour + 1:4}: {total:9,} beats, {resident_mb():6.1f} MB resident")
    print(f"{total:,} beats in {time.perf_counter() - started:.0f} s")
    tracemalloc.start()
    jam, now = begin(), 0
    for hour in range(6):
        play(jam, now, now + _HOUR_NS, draw)
        now += _HOUR_NS
        gc.collect()
        size, _ = tracemalloc.get_traced_memory()
        print(f"traced, hour {hour + 1}: {size / 1e6:.3f} MB")


if __name__ == "__main__":
    main()
