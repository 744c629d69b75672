"""What a listener hears of an organ, which sounds for as long as nobody lets go of its keys."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.daemon import DaemonProcess, folders
from tests.harness.jack import JackServer, Keyboard, Listener, eventually
from tests.harness.notes import still_sounding
from tests.harness.synth import PORT, FluidSynth

_ORGAN = bytes((0xC0, 16))


@pytest.mark.parametrize("who", ["player", "both"])
def test_an_organ_falls_silent_whoever_is_killed(jack: JackServer, tmp_path: Path, who: str):
    options = ("--tempo", "60", "--count-in", "0", "--mode", "solo")
    with (
        FluidSynth(jack, tmp_path / "organ.wav") as synth,
        DaemonProcess(*options, env=jack.env, cwd=tmp_path) as jam,
        Listener(jam.ports[0]) as listener,
    ):
        jack.connect(jam.ports[0], PORT)
        with Keyboard(PORT) as keyboard:
            keyboard.send(_ORGAN)
            jam.wait_for_beats(4)  # connections are looked at twice a second
        eventually(lambda: still_sounding(listener.poll()), "a note")
        doomed = [jam.player] if who == "player" else [jam.process.pid, jam.player]
        for process in doomed:
            os.kill(process, signal.SIGKILL)
        if who == "player":
            eventually(lambda: "The player was lost; another one goes on." in jam.lines, "the loss")
            jam.wait_for_beats(len(jam.beats) + 2)
            assert jam.leave() == 0
        else:
            jam.process.wait()
            synth.render(1)
            killed_for = synth.tenths
            command = [sys.executable, "-m", "improvd", "silence"]
            subprocess.run(command, env=jack.env | folders(tmp_path), check=True)
        synth.render(2)
        loudness = synth.loudness()
    assert loudness[:-20].max() > 0.01
    assert loudness[-5:].max() < 0.001
    if who == "both":
        # Until somebody closed it, it sounded: else this test would show nothing.
        assert loudness[killed_for - 5 : killed_for].min() > 0.01
