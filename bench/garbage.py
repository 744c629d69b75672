"""What a real improvd makes of 100,000 lines of garbage on its control socket, while it plays.

    .venv/bin/python bench/garbage.py [LINES]

Twenty clients send, each as fast as it is answered: bytes, damaged JSON, and orders with arguments
that were damaged. One more asks for the status all the while. Meanwhile the music is watched: no
beat may be missing.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median

from improvd.service.remote.address import socket_path

CLIENTS = 20
# Orders that end the music or leave files everywhere are left to the tests.
WORDS = ("status", "tempo", "bar", "turn", "mode", "mute", "chart", "model", "reset", "reseed",
         "panic", "again", "reload", "map")  # fmt: skip
ARGUMENTS = ("120", "+5", "-5", "on", "off", "play", "auto", "solo", "trade 4", "| Dm7 | G7 |",
             "default", "title: x\n| C |", "/dev/zero", "", "keep")  # fmt: skip


def garbage(seed: int) -> Iterator[bytes]:
    """Lines without end, the same ones for a seed."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    while True:
        order = f"{dice.choice(WORDS)} {dice.choice(ARGUMENTS)}"
        line = bytearray(json.dumps({"order": order}).encode())
        for _ in range(dice.choice((0, 0, 1, 2, 8, 60))):
            if dice.random() < 0.5 and line:
                line[dice.randrange(len(line))] = dice.randrange(256)
            else:
                line[dice.randrange(len(line) + 1) :] = dice.randbytes(dice.randrange(40))
        if dice.random() < 0.001:
            line *= 5000
        yield bytes(line).replace(b"\n", b" ") + b"\n"


async def send(path: Path, seed: int, lines: int) -> tuple[int, int]:
    """How many lines were answered, and how many of them carried out."""
    reader, writer = await asyncio.open_unix_connection(path)
    source, answered, done = garbage(seed), 0, 0
    for _ in range(lines):
        line = next(source)
        writer.write(line)
        # An order to map is answered when a knob has moved, so not here.
        if b'"map ' in line:
            writer.close()
            reader, writer = await asyncio.open_unix_connection(path)
            continue
        answer = json.loads(await reader.readline())
        answered += 1
        done += answer["ok"]
    writer.close()
    return answered, done


async def ask(path: Path, ended: asyncio.Event) -> list[float]:
    """Seconds until each of an honest client's questions was answered."""
    reader, writer = await asyncio.open_unix_connection(path)
    waits = []
    while not ended.is_set():
        start = time.perf_counter()
        writer.write(b'{"order": "status"}\n')
        json.loads(await reader.readline())
        waits.append(time.perf_counter() - start)
        await asyncio.sleep(0.05)
    writer.close()
    return waits


async def watch(path: Path, ended: asyncio.Event) -> list[int]:
    """The numbers of the beats that were played."""
    reader, writer = await asyncio.open_unix_connection(path, limit=1 << 20)
    writer.write(b'{"order": "watch"}\n')
    beats = []
    while not ended.is_set():
        news = json.loads(await reader.readline())
        if "beat" in news:
            beats.append(news["beat"]["start_ns"])
    writer.close()
    return beats


async def measure(path: Path, lines: int) -> None:
    ended = asyncio.Event()
    start = time.perf_counter()
    async with asyncio.TaskGroup() as watchers:
        honest = watchers.create_task(ask(path, ended))
        watching = watchers.create_task(watch(path, ended))
        async with asyncio.TaskGroup() as crowd:
            sent = [crowd.create_task(send(path, n, lines // CLIENTS)) for n in range(CLIENTS)]
        seconds = time.perf_counter() - start
        ended.set()
    answered, done = (sum(column) for column in zip(*(one.result() for one in sent), strict=True))
    waits, beats = honest.result(), watching.result()
    longest = max((b - a for a, b in pairwise(beats)), default=0) / 1e9
    print(f"{answered} lines answered in {seconds:.1f} s, {done} of them carried out")
    print(f"an honest question: p50 {median(waits) * 1e3:.1f} ms, worst {max(waits) * 1e3:.1f} ms")
    print(f"{len(beats)} beats, at most {longest:.2f} s from one to the next")


def main(lines: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {"XDG_RUNTIME_DIR": folder, "XDG_STATE_HOME": folder}
        command = [sys.executable, "-m", "improvd", "--api", "none"]
        with subprocess.Popen(command, env=env, cwd=folder, stdout=subprocess.PIPE) as daemon:
            if not daemon.stdout.readline():
                sys.exit("improvd ended before it played")
            threading.Thread(target=daemon.stdout.read, daemon=True).start()
            try:
                asyncio.run(measure(socket_path(Path(folder) / "improvd", "improvd"), lines))
            finally:
                daemon.terminate()
        print(f"improvd ended with status {daemon.returncode}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
