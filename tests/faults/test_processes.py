"""Processes that die, stand still or go wrong in mid-note, and what a listener hears then."""

import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.harness.daemon import DaemonProcess, folders
from tests.harness.jack import Flood, Keyboard, eventually

# A listener's deadline of 250 ms, and what a machine that does other things may add to it.
SOON = 3.0


def improvd(listened, *command: str) -> str:
    """What an improvd command says about this one."""
    run = subprocess.run(
        [sys.executable, "-m", "improvd", *command],
        env=listened.env | folders(listened.place),
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


def numbers(jam: DaemonProcess) -> list[int]:
    return [4 * int(beat[1]) + int(beat[2]) for beat in jam.beats]


def kill_both(jam: DaemonProcess) -> None:
    """Kill player and service, so that neither has the time to miss the other."""
    player = jam.player
    jam.process.send_signal(signal.SIGSTOP)
    os.kill(player, signal.SIGKILL)
    jam.process.kill()
    jam.process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_told_to_leave_in_mid_note_it_closes_the_note(listened, number):
    one = listened()
    one.until_it_sounds()
    assert one.jam.leave(number) == 0
    assert one.sounding == set()


def test_a_killed_player_leaves_no_note_and_the_music_goes_on(listened):
    one = listened()
    one.jam.wait_for_beats(8)
    one.until_it_sounds()
    os.kill(one.jam.player, signal.SIGKILL)
    one.until_silence(SOON)
    one.jam.wait_for_beats(len(one.jam.beats) + 8)
    assert one.jam.leave() == 0
    assert one.sounding == set()
    assert min(after - before for before, after in pairwise(numbers(one.jam))) == 1


def test_a_killed_player_gives_up_the_notes_of_every_voice(listened):
    one = listened("--band", "--feel", "ballad")
    one.jam.wait_for_beats(8)
    eventually(lambda: len({channel for channel, _ in one.sounding}) >= 3, "three voices")
    os.kill(one.jam.player, signal.SIGKILL)
    one.until_silence(SOON)
    eventually(lambda: len({channel for channel, _ in one.sounding}) >= 3, "three voices again")
    assert one.jam.leave() == 0
    assert one.sounding == set()


def test_a_killed_service_takes_its_player_along_in_silence(listened):
    one = listened()
    one.until_it_sounds()
    one.jam.process.kill()
    one.until_silence(SOON)


def test_both_killed_the_next_start_closes_the_note_and_goes_on(listened):
    one = listened()
    one.jam.wait_for_beats(12)
    one.until_it_sounds()
    kill_both(one.jam)
    assert one.sounding
    last = numbers(one.jam)[-1]
    one.jam = one.start()
    one.until_silence(SOON + 5)
    one.jam.wait_for_beats(8)
    assert numbers(one.jam)[0] > last
    assert one.jam.leave() == 0
    assert one.sounding == set()


def test_both_killed_and_not_started_again_silence_closes_the_note(listened):
    one = listened()
    one.jam.wait_for_beats(8)  # connections are looked at twice a second
    one.until_it_sounds()
    kill_both(one.jam)
    assert one.sounding
    assert improvd(one, "silence").startswith("Closed ")
    assert one.sounding == set()
    assert improvd(one, "silence") == "Nothing was left sounding.\n"


def test_a_player_that_stands_still_is_replaced(listened):
    one = listened()
    one.jam.wait_for_beats(8)
    one.until_it_sounds()
    os.kill(one.jam.player, signal.SIGSTOP)
    one.until_silence(SOON + 1)
    one.jam.wait_for_beats(len(one.jam.beats) + 8)
    assert one.jam.leave() == 0


def test_all_stopped_for_three_seconds_it_goes_on_in_time(listened):
    one = listened()
    one.jam.wait_for_beats(8)
    player = one.jam.player
    for number in (signal.SIGSTOP, signal.SIGCONT):
        for process in (player, one.jam.process.pid):
            os.kill(process, number)
        if number is signal.SIGSTOP:
            before = numbers(one.jam)[-1]
            subprocess.run(["sleep", "3"], check=True)
    one.jam.wait_for_beats(len(one.jam.beats) + 24)
    assert numbers(one.jam)[-1] >= before + 12
    assert "The player was lost; another one goes on." not in one.jam.lines
    assert one.jam.leave() == 0
    assert one.sounding == set()


@pytest.mark.parametrize("fault", ["player", "driver", "service", "watcher", "journal"])
def test_an_exception_in_any_thread_leaves_no_note(listened, fault):
    """In player and service the process ends, and the next one goes on; elsewhere it plays on."""
    one = listened("--mode", "follow", fault=fault)
    once = one.place / "fault"
    if fault == "driver":
        with Keyboard(one.jam.ports[1]) as keyboard:
            keyboard.send(*[bytes((0x90, 60, 80)), bytes((0x80, 60, 64))] * 4)
            eventually(lambda: not once.exists(), "the fault")
    elif fault == "service":
        one.jam.wait_for_beats(8)
        one.until_it_sounds()
        os.kill(one.jam.player, signal.SIGKILL)  # the service fails in finding another
        assert one.jam.process.wait(20) == 1
        one.jam = one.start()
        one.until_silence(SOON + 5)
    eventually(lambda: not once.exists(), "the fault")
    one.jam.wait_for_beats(len(one.jam.beats) + 12)
    assert one.jam.leave() == 0
    assert one.sounding == set()


def test_ten_thousand_messages_a_second_do_not_stop_the_beat(listened):
    one = listened("--sync", "internal")
    with Flood(one.jam.ports[1]):
        first = numbers(one.jam)[-1] if one.jam.beats else 4
        one.jam.wait_for_beats(len(one.jam.beats) + 40, seconds=60)
    assert numbers(one.jam)[-1] >= first + 39
    assert one.jam.leave() == 0
    assert one.sounding == set()


def test_a_clock_of_the_system_that_is_set_does_not_matter(listened, tmp_path):
    """Back and forth by an hour, by a library that changes what processes are told."""
    library, shift = tmp_path / "shifted_clock.so", tmp_path / "shift"
    source = Path(__file__).with_name("shifted_clock.c")
    command = ["cc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True)
    shift.write_text("0")
    one = listened()
    one.jam.leave()
    one.env |= {"LD_PRELOAD": str(library), "CLOCK_SHIFT": str(shift)}
    one.jam = one.start()
    for seconds in (-3600, 3600, 0):
        one.jam.wait_for_beats(len(one.jam.beats) + 8)
        shift.write_text(str(seconds))
        said = [sys.executable, "-c", "import time; print(time.time())"]
        told = subprocess.run(said, env=one.env, capture_output=True, check=True).stdout
        assert abs(float(told) - time.time() - seconds) < 60
    one.jam.wait_for_beats(len(one.jam.beats) + 8)
    assert one.jam.leave() == 0
    played = numbers(one.jam)
    assert played == list(range(played[0], played[0] + len(played)))
