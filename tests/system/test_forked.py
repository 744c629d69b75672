"""A process that is a copy of another, from one that has nothing else in it."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is copied")

_BEGIN = """
import os, subprocess, sys, time
from improvd import system
"""


def run(script):
    return subprocess.run(
        [sys.executable, "-c", _BEGIN + script], capture_output=True, text=True, check=True
    )


def test_it_does_its_work_in_a_session_of_its_own_and_nothing_of_ours():
    done = run("""
def work():
    assert os.getsid(0) == os.getpid()
    assert os.read(0, 1) == b""
    os.write(1, b"done\\n")
copy = system.forked(work)
assert copy.wait(20) == 0 and copy.poll() == 0
copy.kill()
os.write(1, b"ours\\n")
""")
    assert done.stdout == "done\nours\n"
    assert done.stderr == ""


def test_what_goes_wrong_in_it_is_told_and_is_no_concern_of_ours():
    done = run("""
def work():
    raise RuntimeError("its own")
assert system.forked(work).wait(20) == 1
os.write(1, b"ours\\n")
""")
    assert done.stdout == "ours\n"
    assert done.stderr.endswith("RuntimeError: its own\n")


def test_it_can_be_waited_for_and_killed():
    run("""
copy = system.forked(lambda: time.sleep(60))
try:
    copy.wait(0.01)
except subprocess.TimeoutExpired:
    assert copy.poll() is None
    copy.kill()
assert copy.wait() == -9
""")
