"""What the system grants and refuses, each in a process of its own: rights are not given back."""

import gc
import json
import os
import shutil
import subprocess
import sys

import pytest

from improvd import performance
from improvd.config import Config
from improvd.model import find, load
from improvd.player import realtime

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux is asked")

ASK = """
import ctypes, gc, json, os, resource, sys
from pathlib import Path
from improvd import performance
from improvd.config import Config
from improvd.model import find, load
from improvd.player import realtime
rights = realtime.ask()
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
open_files = [os.path.realpath(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd")]
before = len(gc.get_objects())
ballast = bytearray(50_000_000)  # a later allocation must not fail
realtime.tidy()
print(json.dumps({
    "first": rights.first,
    "locked": rights.locked,
    "policy": os.sched_getscheduler(0),
    "slack": ctypes.CDLL(None).prctl(30, 0, 0, 0, 0),
    "locked_kB": int(status["VmLck"].split()[0]),
    "runaway": resource.getrlimit(resource.RLIMIT_RTTIME),
    "awake": "/dev/cpu_dma_latency" in open_files,
    "collector": gc.isenabled(),
    "frozen": gc.get_freeze_count() > before,
    "sentence": rights.sentence,
}))
"""


def ask(*wrapper):
    done = subprocess.run(
        [*wrapper, sys.executable, "-c", ASK], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_the_collector_is_off_and_the_timer_exact_whatever_is_granted():
    got = ask()
    assert not got["collector"]
    assert got["frozen"]
    assert got["slack"] == 1000 or got["policy"] == os.SCHED_FIFO  # which has no slack


def test_what_is_granted_is_taken():
    got = ask()
    if not got["first"]:
        pytest.skip("this machine grants no SCHED_FIFO")
    assert got["policy"] == os.SCHED_FIFO
    assert got["runaway"] == [1_000_000, 2_000_000]
    assert got["awake"] == os.access("/dev/cpu_dma_latency", os.W_OK)


def test_memory_is_locked_where_it_may_be():
    got = ask()
    if not got["locked"]:
        pytest.skip("this machine grants no locked memory")
    assert got["locked_kB"] > 1000


# Even the administrator is refused without the capabilities.
REFUSE = ("setpriv", "--bounding-set=-sys_nice,-ipc_lock,-sys_resource")


@pytest.mark.skipif(
    shutil.which("setpriv") is None or os.geteuid() != 0, reason="only root can give up rights"
)
def test_what_is_refused_is_one_sentence_and_no_reason_to_stop():
    got = ask("prlimit", "--rtprio=0", "--memlock=8388608", *REFUSE)
    assert (got["first"], got["locked"]) == (False, False)
    assert got["policy"] == os.SCHED_OTHER
    assert got["locked_kB"] == 0
    assert got["sentence"].startswith("Playing without SCHED_FIFO and locked memory")


def test_nothing_is_said_where_nothing_is_missing():
    assert realtime.Rights(first=True, locked=True).sentence is None
    assert "SCHED_FIFO" not in (realtime.Rights(first=True, locked=False).sentence or "")


def test_the_beat_path_leaves_no_garbage_and_does_not_grow():
    config = Config(mode="solo", clock_out=True)
    model = load(find(config.model))
    chart = performance.chart_of(None, config)
    jam = performance.jam(config, performance.improviser(config, model), model, chart, 0)

    def play(beats):
        played = 0
        while played < beats:
            moment = jam.wake()
            jam.hear(moment, bytes([0x90, 60 + played % 12, 80]))
            jam.turn(moment)
            played += len(jam.beats)
            jam.beats.clear()
            jam.notices.clear()
        return len(gc.get_objects())

    play(64)
    gc.collect()
    gc.disable()
    try:
        before = play(64)
        after = play(1000)
        assert gc.collect() == 0
    finally:
        gc.enable()
    assert after < before + 500
