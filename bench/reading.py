"""How the cost of reading grows with the corpus, in one process, on all cores, and on a cluster.

Run from the repository: `python -m bench.reading`. Every way reads files of its own, so that
nothing was read before; "again" reads them once more, from what was kept. The cluster is two Dask
workers on this machine (`python -m pip install distributed`), reached through joblib's own back
end: where there are more machines, the same lines use them.
"""

import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from joblib import parallel_config

from improvd.training.read.sources import read_all
from tests.harness.midi_files import bass, comping, drums, events, line, track, write

SIZES = (100, 400, 1600)
BEATS = 128


def write_corpus(folder: Path, files: int, draw: random.Random) -> None:
    """Songs of 32 bars: melody, chords, bass and drums."""
    for number in range(files):
        shift = draw.randrange(-5, 6)
        melody = [
            (start, length, pitch + shift + draw.randrange(3))
            for start, length, pitch in line(BEATS)
        ]
        write(
            folder / f"{number}.mid",
            track(events(drums(BEATS), 9)),
            track(events(bass(BEATS), 1)),
            track(events(comping(BEATS), 2)),
            track(events(melody, 3)),
        )


@contextmanager
def two_workers() -> Iterator[None]:
    """A Dask cluster of two processes on this machine, as joblib's back end."""
    from distributed import Client, LocalCluster  # noqa: PLC0415 - not everybody has it

    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, Client(cluster), parallel_config(backend="dask", wait_for_workers_timeout=60):
        yield


def seconds_to_read(folder: Path, files: int, jobs: int | None) -> float:
    started = time.perf_counter()
    reading = read_all([folder], jobs)
    seconds = time.perf_counter() - started
    if len(reading.pieces) != files:
        raise RuntimeError(f"some were left out: {reading.left_out}")
    return seconds


def main() -> None:
    try:
        import distributed  # noqa: F401, PLC0415 - is it here?
    except ModuleNotFoundError:
        sys.exit("distributed is missing: python -m pip install distributed")
    with TemporaryDirectory() as place:
        # Set before any worker starts: one keeps what it finds.
        os.environ["XDG_CACHE_HOME"] = place
        compare(Path(place), random.Random(1))  # noqa: S311 - music, not secrets


def compare(place: Path, draw: random.Random) -> None:
    """Read corpora of every size in every way, and print how long each took."""
    ways: list[tuple[str, int | None, Any]] = [
        ("one process", 1, nullcontext),
        (f"{os.cpu_count()} processes", -1, nullcontext),
        ("2 Dask workers", None, two_workers),
    ]
    print(f"{'files':>6} {'way':16} {'s':>7} {'ms a file':>10} {'again, s':>9}")
    for files in SIZES:
        for name, jobs, surroundings in ways:
            folder = place / f"{files} {name}"
            write_corpus(folder, files, draw)
            with surroundings():
                first, again = (seconds_to_read(folder, files, jobs) for _ in range(2))
            print(f"{files:6} {name:16} {first:7.2f} {first / files * 1000:10.2f} {again:9.2f}")


if __name__ == "__main__":
    main()
