"""What the live page costs the player: how late notes are sent with nobody, and with a busy page.

    .venv/bin/python -m bench.page [ROUNDS]

Needs jackd2. Each round goes through all rows, so that what else the machine does falls on all of
them alike; a row is ten seconds of notes and MIDI clock. The pages are four WebSockets that read
all that they are told; where they play, two of them play ten notes a second each.
"""

import asyncio
import json
import os
import sys
import time
from collections import defaultdict

from websockets.asyncio.client import ClientConnection, connect

from bench.timing import improvd, percentile
from tests.harness.jack import JackServer

_PAGES, _PLAYING = 4, 2
_NOTE_S = 0.1


def main(rounds: int) -> None:
    late: dict[str, list[int]] = defaultdict(list)
    cpu: dict[str, list[float]] = defaultdict(list)
    visitor = (sys.executable, "-m", "bench.page")
    rows = {
        "no page": (),
        "pages that look": (*visitor, "look"),
        "pages that play": (*visitor, "play"),
    }
    with JackServer() as jack:
        os.environ["JACK_DEFAULT_SERVER"] = jack.name
        for _ in range(rounds):
            for name, visitors in rows.items():
                run = improvd(jack, (), "--clock-out", visitors=visitors)
                late[name] += run.late
                cpu[name].append(run.service)
    print("| improvd | sent | p50, us | p99, us | the service, % of a core |")
    print("|---|---|---|---|---|")
    for name, all_late in late.items():
        p50, p99 = (percentile(all_late, p) / 1000 for p in (50, 99))
        share = 100 * sum(cpu[name]) / len(cpu[name])
        print(f"| {name} | {len(all_late)} | {p50:.1f} | {p99:.1f} | {share:.1f} |")


async def visit(link: str, *, plays: bool) -> None:
    """Be the pages."""
    pages = [await connect(link.replace("http", "ws") + "talk") for _ in range(_PAGES)]
    await asyncio.gather(
        *(_read(page) for page in pages), *(_play(page) for page in pages[: _PLAYING * plays])
    )


async def _read(page: ClientConnection) -> None:
    async for _ in page:
        pass


async def _play(page: ClientConnection) -> None:
    pitch = 60
    while True:
        for message in ((0x90, pitch, 80), (0x80, pitch, 64)):
            at = time.monotonic_ns() / 1e6
            await page.send(json.dumps({"t": "play", "at": at, "m": message}))
            await asyncio.sleep(_NOTE_S / 2)
        pitch = 60 + (pitch - 57) % 12


if __name__ == "__main__":
    if sys.argv[1:2] in (["look"], ["play"]):
        asyncio.run(visit(sys.argv[2], plays=sys.argv[1] == "play"))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 3)
