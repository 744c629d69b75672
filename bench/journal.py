"""What the journal costs the service, by how many events it drains at a time.

    .venv/bin/python bench/journal.py

The events are notes heard and sent, as in a jam; 500 of them at a time are a flood of 10,000 a
second, drained every 50 ms. The folder is one for temporary files: on another disk it may differ.
"""

import statistics
import tempfile
import time
from pathlib import Path

from improvd.config import Config
from improvd.messages import Began, Heard, Sent, Turned
from improvd.service.recorder import library
from improvd.service.recorder.journal import Journal

_EVENTS = 20_000


def main() -> None:
    events = [
        event
        for ns in range(0, _EVENTS * 10**8, 3 * 10**8)
        for event in (
            Turned(ns),
            Sent(ns, ns + 100_000, bytes([0x90, 60, 90])),
            Heard(ns, bytes([0x92, 64, 80])),
        )
    ]
    print(f"{'batch':>6}{'p50 us a call':>15}{'p99 us a call':>15}{'us an event':>13}")
    for batch in (1, 10, 500):
        with tempfile.TemporaryDirectory() as folder:
            journal = Journal(Path(folder), library.Limits(1000, 365), print)
            journal.write([Began(Config(), None, "", 0)])
            times = []
            for start in range(0, len(events), batch):
                some = events[start : start + batch]
                before = time.perf_counter()
                journal.write(some)
                times.append((time.perf_counter() - before) * 1e6)
            journal.close()
            [path] = library.jams(Path(folder))
            size = path.stat().st_size / len(events)
        p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
        print(f"{batch:>6}{p50:>15.1f}{p99:>15.1f}{sum(times) / len(events):>13.2f}")
    print(f"{size:.0f} bytes an event")


if __name__ == "__main__":
    main()
