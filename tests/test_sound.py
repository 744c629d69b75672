"""What a listener gets: improvd through JACK into a real synthesiser, rendered to a WAV."""

import os
import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from tests.jack import JackServer, eventually
from tests.test_jam import Jam

SOUNDFONT = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")
BEATS = 24 * 4
RATE = 44100


@pytest.mark.skipif(
    not (shutil.which("fluidsynth") and SOUNDFONT.exists())
    and os.environ.get("REQUIRE_MIDI") != "1",
    reason="needs Debian's packages fluidsynth and timgm6mb-soundfont",
)
def test_24_bars_are_heard_and_end_in_silence(jack: JackServer, tmp_path: Path):
    wav = tmp_path / "jam.wav"
    output = ["-a", "file", "-o", f"audio.file.name={wav}", "-o", "audio.file.type=wav"]
    midi = ["-m", "jack", "-o", "midi.jack.id=synth"]
    synth = subprocess.Popen(
        ["fluidsynth", "-r", str(RATE), "-g", "1", *output, *midi, str(SOUNDFONT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=jack.env,
    )
    eventually(lambda: "synth:midi_00" in jack.ports(), "the start of fluidsynth")
    with Jam("--tempo", "240", env=jack.env, cwd=tmp_path) as jam:
        jack.connect(jam.ports[0], "synth:midi_00")
        jam.wait_for_beats(BEATS + 4, seconds=120)
        assert jam.leave() == 0
    length = wav.stat().st_size
    a_second_more = length + 3 * 2 * 2 * RATE  # three seconds for the last note to die away
    eventually(lambda: wav.stat().st_size >= a_second_more, "the rendering of the end")
    synth.communicate(b"quit\n", timeout=20)

    loudness = _loudness(wav)
    heard = np.flatnonzero(loudness > 0.01)
    assert (heard[-1] - heard[0]) / 10 > BEATS * 0.25 * 0.9, "it plays from beginning to end"
    assert loudness[-5:].max() < 0.001, "it ends in silence"


def _loudness(path: Path) -> np.ndarray:
    """The peak of each tenth of a second, 0 to 1."""
    with wave.open(str(path)) as file:
        channels = file.getnchannels()
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
    size = RATE // 10 * channels
    tenths = np.abs(samples[: len(samples) // size * size].reshape(-1, size).astype(int))
    return tenths.max(axis=1) / 32768
