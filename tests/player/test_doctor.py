"""The doctor on this machine, as a person calls it."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from improvd.player.doctor import report
from improvd.player.machine import Finding
from tests.harness.jack import JackServer, Master

NOWHERE = os.environ | {"JACK_DEFAULT_SERVER": "improvd-test-no-such-server"}
PERCENTILES = r"p50 [\d.]+ (us|ms), p99 [\d.]+ (us|ms)"


def doctor(*options, env, wrapper=()):
    command = [*wrapper, sys.executable, "-m", "improvd", "doctor", *options]
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False, timeout=90)


def test_without_midi_it_says_so_and_measures_the_rest():
    done = doctor("--api", "jack", env=NOWHERE)
    assert done.returncode == 0, done.stderr
    assert "no MIDI: there is no running JACK server" in done.stdout
    assert re.search(rf"one step of the model +{PERCENTILES}", done.stdout)
    assert re.search(rf"waking up late, as any process +{PERCENTILES}", done.stdout)
    assert re.search(r"real-time rights +SCHED_FIFO (granted|refused)", done.stdout)


def test_it_measures_a_note_going_out_and_in_and_a_clock(jack: JackServer):
    with Master(jack, bpm=132) as master:
        master.play()
        done = doctor("--input", "midi clock", "--api", "jack", env=jack.env)
    assert done.returncode == 0, done.stderr
    assert re.search(rf"a note out and back in \(jack\) +{PERCENTILES}", done.stdout)
    bpm = re.search(
        r"a MIDI clock coming in +([\d.]+) BPM on jack_midi_clock:mclk_out", done.stdout
    )
    assert bpm, done.stdout
    assert float(bpm[1]) == pytest.approx(132, abs=0.5)


def test_it_sees_that_a_clock_comes_in_lumps():
    with JackServer(1024) as jack, Master(jack, bpm=100) as master:
        master.play()
        done = doctor("--input", "midi clock", "--api", "jack", env=jack.env)
    assert done.returncode == 0, done.stderr
    told = " ".join(done.stdout.split())
    assert "Your MIDI clock comes in lumps of 21 ms." in told
    assert "set the buffer to 128 frames where it is 1024 (jackd -p 128)" in told


@pytest.mark.skipif(
    shutil.which("setpriv") is None or not hasattr(os, "geteuid") or os.geteuid() != 0,
    reason="only root can give up rights",
)
def test_where_rights_are_refused_it_says_what_to_change():
    refuse = ("setpriv", "--bounding-set=-sys_nice,-ipc_lock,-sys_resource")
    done = doctor("--api", "none", env=NOWHERE, wrapper=("prlimit", "--rtprio=0", *refuse))
    assert done.returncode == 0, done.stderr
    assert "SCHED_FIFO refused" in done.stdout
    assert "/etc/security/limits.d/audio.conf" in done.stdout
    assert "in real time" not in done.stdout


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [("--model", "nobody", "nobody: no model of this name"), ("--api", "x", "it is one of")],
)
def test_bad_input_is_one_sentence_and_status_2(option, value, sentence):
    done = doctor(option, value, env=NOWHERE)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_the_report_ends_with_how_much_there_is_to_change():
    good, bad = Finding("a", "1 us"), Finding("b", "9 s", "Change it.")
    assert report([good])[-1] == "All is well."
    assert report([good, bad])[1:3] == [f"-> {'b':34} 9 s", "   Change it."]
    assert report([bad, bad])[-1].startswith("2 things")
