"""How late a note is sent after it was due: the real program, on a real JACK server, among others.

    .venv/bin/python -m bench.timing [ROUNDS]

Needs jackd2 and rt-tests (cyclictest), and isobar from PyPI; what is missing is left out and said.
Two rounds take five minutes. Each round goes through all three states of the machine, and in each
through all contestants, so that what else the machine does falls on all of them alike:

    alone           nothing else
    service busy    eight `improvd ctl watch` beside improvd
    cores loaded    an endless loop on every core

All send 48 times a second: improvd its MIDI clock and its notes at 120 BPM, the others a note each.
improvd plays alone, and with a band: four voices. Notes that are due together count as in time
where all of them left within 1 ms. improvd's moments are those of its own journal; cyclictest's are
bare wake-ups, by which nothing has been sent yet. The table goes to the terminal, the picture to
bench/timing.png.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from improvd.core.midi.messages import strikes
from improvd.messages import Sent
from improvd.service.recorder.recording import Recording
from tests.harness.jack import JackServer, Listener

_SECONDS = 10
_WATCHERS = 8
# Until those who look at the page are all there.
_VISITING_S = 2.0
_INTERVAL_US = 20_833
_HERE = Path(__file__).parent
_IMPROVD = (sys.executable, "-m", "improvd")
_PLAY = ("--api", "jack", "--tempo", "120", "--mode", "solo", "--count-in", "0")
# The first half second is loading's.
_SETTLED_NS = 500_000_000
# As a process that may not go before others.
_ORDINARY = ("prlimit", "--rtprio=0:0", "setpriv", "--bounding-set=-sys_nice")
_FIFO, _PLAIN = "improvd, SCHED_FIFO", "improvd, ordinary process"
_BAND = "improvd with a band, SCHED_FIFO"
_TOGETHER_NS = 1_000_000

Series = dict[tuple[str, str], list[int]]
"""State of the machine and contestant to latenesses in ns."""


class Run(NamedTuple):
    """Latenesses in ns, of note-ons alone as well, and the share of a core."""

    late: list[int]
    notes: list[int]
    cpu: float
    own: float = 0.0
    """Of it, what the player's own thread took; libjack's threads took the rest."""
    service: float = 0.0
    """The share of a core that the service took."""
    together: float = 0.0
    """The share of moments at which all notes that were due left in time."""


def improvd(
    jack: JackServer,
    wrapper: Sequence[str],
    *options: str,
    watched: bool = False,
    visitors: Sequence[str] = (),
) -> Run:
    """A run of the program as a person starts it; `visitors` is who looks at its page, if anybody.

    They are a command to which the page's address is added.
    """
    web = ("--web", "127.0.0.1:0") if visitors else ("--no-web",)
    with tempfile.TemporaryDirectory() as home, ExitStack() as around:
        env = jack.env | {"XDG_STATE_HOME": home, "XDG_RUNTIME_DIR": home}
        command = [*wrapper, *_IMPROVD, *_PLAY, *web, *options]
        process = around.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, env=env))
        said = process.stdout.readline() if process.stdout else b""
        if not said:
            sys.exit("improvd ended before it played")
        around.enter_context(Listener("improvd:out"))
        if watched:
            around.enter_context(_others(_WATCHERS, [*_IMPROVD, "ctl", "watch"], env))
        if visitors:
            link = said.decode().split()[-1]
            around.enter_context(_others(1, [*visitors, link], env))
            time.sleep(_VISITING_S)
        player = _player(process.pid)
        before, service = _cpu_seconds(player), _cpu_seconds(process.pid)[0]
        time.sleep(_SECONDS)
        service = (_cpu_seconds(process.pid)[0] - service) / _SECONDS
        cpu, own = ((b - a) / _SECONDS for a, b in zip(before, _cpu_seconds(player), strict=True))
        process.send_signal(signal.SIGINT)
        process.communicate()
        [jam] = Path(home).rglob("*.jam")
        sent = [event for event in Recording(jam).events() if isinstance(event, Sent)]
    visiting_ns = round(_VISITING_S * 1e9) if visitors else 0
    started = sent[0].due_ns + _SETTLED_NS + visiting_ns
    sent = [event for event in sent if started < event.due_ns]
    late = [event.sent_ns - event.due_ns for event in sent]
    notes = [one for one, event in zip(late, sent, strict=True) if strikes(event.message)]
    return Run(late, notes, cpu, own, service, _together(sent))


def _together(sent: Sequence[Sent]) -> float:
    """The share of moments whose note-ons all left within 1 ms of it."""
    last: dict[int, int] = {}
    for event in sent:
        if strikes(event.message):
            last[event.due_ns] = max(event.sent_ns, last.get(event.due_ns, 0))
    return sum(left - due <= _TOGETHER_NS for due, left in last.items()) / max(len(last), 1)


def _player(service: int) -> int:
    """The one that plays: the first process that the service started."""
    return int(Path(f"/proc/{service}/task/{service}/children").read_text().split()[0])


def _cpu_seconds(process: int) -> tuple[float, float]:
    """What a process has taken so far, and of it its first thread."""
    threads = Path(f"/proc/{process}/task").iterdir()
    taken = {thread.name: (thread / "schedstat").read_text().split()[0] for thread in threads}
    return sum(map(int, taken.values())) / 1e9, int(taken[str(process)]) / 1e9


def cyclictest() -> Run:
    """Bare wake-ups, at the highest priority that people give to audio."""
    loops = int(_SECONDS * 1e6 / _INTERVAL_US)
    command = [
        "cyclictest",
        "-q",
        "-m",
        "-t1",
        "-p80",
        f"-i{_INTERVAL_US}",
        f"-l{loops}",
        "-h60000",
    ]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    bins = re.findall(r"^(\d{6}) (\d{6})", output, re.MULTILINE)
    late = [int(micros) * 1000 for micros, count in bins for _ in range(int(count))]
    return Run(late, [], 0.0)


def peer(jack: JackServer, name: str) -> Run | None:
    """A run of another clock, in a process of its own."""
    command = [sys.executable, str(_HERE / "peers.py"), name, str(_SECONDS)]
    done = subprocess.run(command, capture_output=True, text=True, env=jack.env, check=False)
    if done.returncode != 0:
        print(f"{name} is left out: {done.stderr.splitlines()[-1]}")
        return None
    came_out = json.loads(done.stdout)
    return Run(came_out["late"], [], came_out["cpu"])


@contextmanager
def _others(count: int, command: Sequence[str], env: dict[str, str]) -> Iterator[None]:
    """So many other processes, until the end of the `with`."""
    processes = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
        for _ in range(count)
    ]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def contestants(jack: JackServer, state: str) -> Iterator[tuple[str, Run | None]]:
    """One run of each, in one state of the machine."""
    watched = state == "service busy"
    if shutil.which("cyclictest"):
        yield "cyclictest (bare wake-up)", cyclictest()
    yield _FIFO, improvd(jack, (), "--clock-out", watched=watched)
    yield _BAND, improvd(jack, (), "--clock-out", "--band", watched=watched)
    yield _PLAIN, improvd(jack, _ORDINARY, "--clock-out", watched=watched)
    if not watched:
        yield "isobar", peer(jack, "isobar")
        yield "sleep + mido", peer(jack, "naive")


def measure(rounds: int) -> tuple[Series, dict[str, float]]:
    """All latenesses, and the share of a core that each contestant took when alone."""
    series: Series = defaultdict(list)
    shares: dict[str, float] = {}
    loop = [sys.executable, "-c", "while True: pass"]
    with JackServer() as jack:
        os.environ["JACK_DEFAULT_SERVER"] = jack.name
        for _ in range(rounds):
            for state in ("alone", "service busy", "cores loaded"):
                burden = (os.cpu_count() or 1) if state == "cores loaded" else 0
                with _others(burden, loop, jack.env):
                    for name, run in contestants(jack, state):
                        if run is None:
                            continue
                        series[state, name] += run.late
                        series[state, f"{name}, note-ons only"] += run.notes
                        if state == "alone":
                            shares[name] = run.cpu
        quiet = improvd(jack, ())
        shares["improvd without clock out"] = quiet.cpu
        shares["the same with a band"] = improvd(jack, (), "--band").cpu
        shares["the same, without libjack's own threads"] = quiet.own
    return {key: late for key, late in series.items() if late}, shares


def table(series: Series, shares: dict[str, float]) -> Iterator[str]:
    """Percentiles in us, in Markdown; the ratio is to cyclictest's in the same state."""
    yield "| machine | what | sent | p50 | p99 | p99.9 | p50, p99 against cyclictest |"
    yield "|---|---|---|---|---|---|---|"
    for (state, name), late in series.items():
        shown = [percentile(late, p) / 1000 for p in (50, 99, 99.9)]
        bare = series.get((state, "cyclictest (bare wake-up)"))
        ratios = [percentile(late, p) / percentile(bare, p) for p in (50, 99)] if bare else []
        against = ", ".join(f"x {ratio:.2g}" for ratio in ratios)
        numbers = " | ".join(f"{value:,.1f}" for value in shown)
        yield f"| {state} | {name} | {len(late)} | {numbers} | {against} |"
    yield ""
    yield from (f"{name}: {100 * share:.2f} % of a core" for name, share in shares.items() if share)


def percentile(values: Sequence[int], percent: float) -> int:
    """The value that `percent` of all values stay at or under."""
    return sorted(values)[min(len(values) - 1, int(len(values) * percent / 100))]


def draw(series: Series, path: Path) -> None:
    """One picture for each state: how often each lateness occurred, on a log axis."""
    from matplotlib import pyplot as plt  # noqa: PLC0415 - only where there is something to draw

    states = list(dict.fromkeys(state for state, _ in series))
    figure, rows = plt.subplots(len(states), sharex=True, figsize=(7, 6), layout="constrained")
    bins = [10 ** (power / 8) for power in range(-8, 45)]
    for axes, state in zip(rows, states, strict=True):
        for (of, name), late in series.items():
            if of == state and not name.endswith("only"):
                micros = [max(0.11, one / 1000) for one in late]
                share = [100 / len(late)] * len(late)
                axes.hist(micros, bins, weights=share, histtype="step", label=name)
        axes.set(xscale="log", title=state, ylabel="% of all")
    rows[0].legend(fontsize="small")
    rows[-1].set_xlabel("us after it was due")
    figure.savefig(path, dpi=80)


def main(rounds: int) -> None:
    series, shares = measure(rounds)
    for line in table(series, shares):
        print(line)
    draw(series, _HERE / "timing.png")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
