"""How long a note sounds on after its player was killed, as another program hears it.

    .venv/bin/python bench/kills.py [KILLS] [SIGNAL] [SERVER]

SIGNAL is KILL, or STOP for a player that stands still. SERVER is "sync", for one that waits in each
period for every client, or "async", as jackd is by itself. Needs jackd. improvd plays through a
JACK server to a synthesiser that counts which notes sound; in the middle of a note its player gets
the signal, and the time until the note-off is taken.
"""

import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.harness.daemon import DaemonProcess
from tests.harness.jack import JackServer, Synth
from tests.harness.notes import still_sounding

_LOOK_EVERY_S = 0.0002
# A new player and its own spare are there after this, on a busy machine too.
_SETTLED_S = 2.0
# A sixth player in a row that died sooner after its start than this would be the last.
_MOST_IN_A_ROW, _LIVED_S = 5, 6.0


def main(kills: int, number: signal.Signals, server: str) -> None:
    with JackServer(synchronous=server == "sync") as jack, tempfile.TemporaryDirectory() as folder:
        os.environ["JACK_DEFAULT_SERVER"] = jack.name
        options = ("--tempo", "120", "--count-in", "0", "--mode", "solo")
        with (
            Synth("synth", "keys") as synth,
            DaemonProcess(*options, env=jack.env, cwd=Path(folder)) as daemon,
        ):
            jack.connect(daemon.ports[0], "synth:keys")
            seconds = sorted(one_kill(daemon, synth, number, kill) for kill in range(kills))
    p50, p99 = statistics.median(seconds), seconds[min(len(seconds) * 99 // 100, len(seconds) - 1)]
    print(f"{kills} times {number.name}, {server}; from there to the note-off: ", end="")
    print(f"p50 {p50 * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms, worst {seconds[-1] * 1e3:.0f} ms")


def one_kill(daemon: DaemonProcess, synth: Synth, number: signal.Signals, before: int) -> float:
    """Seconds from the signal to silence, so many others having been lost before."""
    time.sleep(_LIVED_S if before % _MOST_IN_A_ROW == 0 else _SETTLED_S)
    synth.heard()  # a note that was struck before is none of ours
    messages: list[bytes] = []
    while not _sounding(messages, synth):
        time.sleep(_LOOK_EVERY_S)
    os.kill(daemon.player, number)
    killed = time.monotonic()
    while _sounding(messages, synth):
        time.sleep(_LOOK_EVERY_S)
    return time.monotonic() - killed


def _sounding(messages: list[bytes], synth: Synth) -> set[int]:
    messages += synth.heard()
    return still_sounding(messages, killed=True)


if __name__ == "__main__":
    kills, signal_name, server = [*sys.argv[1:], *("100", "KILL", "sync")[len(sys.argv) - 1 :]]
    main(int(kills), signal.Signals[f"SIG{signal_name}"], server)
