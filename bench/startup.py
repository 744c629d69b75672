"""How soon improvd plays after it is started, and how much memory its player takes.

    .venv/bin/python bench/startup.py [STARTS]

Starts the program as a person would, with no MIDI system asked for, and waits for the line of its
first beat, which is printed as that beat is picked, just ahead of its due time. Its folders are the
benchmark's own, so that another improvd may play meanwhile.
"""

import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_BEAT_LINE = re.compile(r"^ +-?\d+\.\d+ ")
_BEATS_BEFORE_LOOKING = 8
# Compiled once, as on a person's machine, also where whoever tests wants no bytecode written.
_ENV = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def one_start(folder: str) -> tuple[float, float]:
    """Seconds to the first beat, and the player's resident memory in MB some beats later."""
    command = [sys.executable, "-m", "improvd", "--api", "none", "--tempo", "240"]
    env = _ENV | {"XDG_RUNTIME_DIR": folder, "XDG_STATE_HOME": folder}
    start = time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, text=True
    ) as process:
        beats = (line for line in process.stdout or () if _BEAT_LINE.match(line))
        if next(beats, None) is None:
            sys.exit("improvd ended before its first beat")
        first_beat = time.perf_counter() - start
        for _ in range(_BEATS_BEFORE_LOOKING):
            if next(beats, None) is None:
                sys.exit("improvd ended while it was looked at")
        memory = _player_memory(process.pid)
        process.send_signal(signal.SIGINT)
    return first_beat, memory


def _player_memory(pid: int) -> float:
    player = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]
    status = Path(f"/proc/{player}/status").read_text()
    (resident,) = re.findall(r"VmRSS:\s+(\d+) kB", status)
    return int(resident) / 1024


def numpy_alone() -> float:
    """Seconds of a process that only imports what the cell needs: no start can be quicker."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import numpy"], env=_ENV, check=True)
    return time.perf_counter() - start


def main(starts: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        one_start(folder)  # what is compiled and read for the first time is nobody's measure
        # In turns, so that what else the machine does slows both alike.
        pairs = [(numpy_alone(), one_start(folder)) for _ in range(starts)]
    alone = statistics.median(seconds for seconds, _ in pairs)
    beats = [first for _, (first, _) in pairs]
    median = statistics.median(beats)
    print(f"first beat after: median {median:.2f} s, worst {max(beats):.2f} s")
    print(f"`python -c 'import numpy'`: median {alone:.2f} s; ratio {median / alone:.2f}")
    print(f"memory of the player: {max(memory for _, (_, memory) in pairs):.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
