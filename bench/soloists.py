"""How many soloists one core plays in real time: whole jams, in simulated time, on one thread.

    .venv/bin/python -m bench.soloists [BARS [MODEL]]

All play by the same model at 120 BPM, every beat, and nobody is heard. What counts is the time of
the turn in which a beat is picked, which has the early window (30 ms) before its notes are due, and
the share of a core that all turns and wakes of a beat take. Voices above 16 share channels, as one
process has no more: that does not change what is computed.
"""

import sys
import time
from collections.abc import Iterator

from improvd import performance
from improvd.config import Config
from improvd.core.jam import Jam
from improvd.core.sync.transport import Transport
from improvd.core.sync.transport_state import Following, Sync
from improvd.core.timeline import Timeline, ns_per_beat

_BPM = 120.0
_EARLY_MS = 30.0
_BEATS_PER_BAR = 4
_COUNTS = (1, 4, 16, 50, 100, 200)


def jam_of(count: int, **settings: object) -> Jam:
    """A jam of so many soloists in their own time, which begins at 0."""
    config = Config(tempo=_BPM, count_in=0, mode="solo", seed=1, **settings)
    model = performance.kept_model(config)
    chart = performance.chart_of(None, config)
    entries = ({"name": f"v{n}", "channel": n % 15 + 2} for n in range(1, count))
    config = Config(tempo=_BPM, count_in=0, mode="solo", seed=1, voice=tuple(entries), **settings)
    setup = performance.setup(config, performance.improviser(config, model), model, chart)
    return Jam(setup, Transport(Timeline(0, 0, ns_per_beat(_BPM)), Following(Sync.INTERNAL)))


def turns(jam: Jam, beats: int) -> Iterator[tuple[bool, float, int]]:
    """Each turn of so many beats: whether it picked one, its seconds, and the messages it sent."""
    while beats > 0:
        start = time.thread_time()
        wake = jam.wake()
        messages = jam.turn(wake or 0)
        seconds = time.thread_time() - start
        picked = len(jam.beats) > 0
        beats -= len(jam.beats)
        jam.beats.clear()
        yield picked, seconds, len(messages)


def measure(count: int, bars: int, model: str) -> str:
    """A row of the table."""
    jam = jam_of(count, model=model)
    list(turns(jam, 8 * _BEATS_PER_BAR))
    beats = bars * _BEATS_PER_BAR
    cpu = time.thread_time()
    done = list(turns(jam, beats))
    cpu = time.thread_time() - cpu
    picks = sorted(seconds * 1e3 for picked, seconds, _ in done if picked)
    share = 100 * cpu * _BPM / 60 / beats
    messages = sum(sent for _, _, sent in done) / beats
    p50, p99 = picks[len(picks) // 2], picks[int(len(picks) * 0.99)]
    fits = "yes" if p99 < _EARLY_MS and share < 100 else "no"
    return f"| {count} | {p50:.2f} | {p99:.2f} | {messages:.0f} | {share:.1f} % | {fits} |"


def main(bars: int, model: str) -> None:
    print("| soloists | a beat's pick, ms: p50 | p99 | messages a beat | of a core | in time |")
    print("|---|---|---|---|---|---|")
    for count in _COUNTS:
        print(measure(count, bars, model), flush=True)


if __name__ == "__main__":
    asked = sys.argv[1:]
    main(int(asked[0]) if asked else 64, asked[1] if len(asked) > 1 else "default")
