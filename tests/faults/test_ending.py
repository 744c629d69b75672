"""Ctrl-C ends it, whatever hangs."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.harness.daemon import INJECTED, DaemonProcess, folders
from tests.harness.jack import eventually

# What a busy machine may add to a moment.
SOON = 5.0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_read_that_hangs_does_not_keep_it_from_ending(tmp_path, number):
    config, there = tmp_path / "mine.toml", tmp_path / "there"
    config.write_text('api = "none"\ntempo = 240\ncount_in = 0\nmode = "solo"\n')
    there.touch()
    env = os.environ | {
        "FAULT": "hung read",
        "FAULT_ONCE": str(there),
        "PYTHONPATH": os.pathsep.join([str(INJECTED), os.environ.get("PYTHONPATH", "")]),
    }
    with DaemonProcess("--config", str(config), env=env, cwd=tmp_path) as jam:
        jam.wait_for_beats(4)
        there.unlink()
        reloading = subprocess.Popen(
            [sys.executable, "-m", "improvd", "ctl", "reload"],
            env=os.environ | folders(tmp_path),
            stderr=subprocess.DEVNULL,
        )
        # What plays, plays on, and does not answer this one.
        jam.wait_for_beats(len(jam.beats) + 12)
        assert reloading.poll() is None
        asked = time.monotonic()
        assert jam.leave(number) == 0
        assert time.monotonic() - asked < SOON
        assert reloading.wait(SOON) == 2


def test_a_second_ctrl_c_ends_it_at_once_with_its_notes_closed(listened):
    one = listened(fault="deaf")  # and a service that would wait for an hour
    one.jam.wait_for_beats(8)
    one.until_it_sounds()
    one.jam.process.send_signal(signal.SIGINT)
    time.sleep(0.3)  # sooner it would be the same Ctrl-C, passed on twice
    assert one.jam.leave(signal.SIGINT) == 0
    eventually(lambda: not one.sounding, "silence")
