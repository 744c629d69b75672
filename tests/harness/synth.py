"""A real synthesiser for tests, fluidsynth on JACK, and how loud it was."""

import os
import shutil
import subprocess
import wave
from pathlib import Path
from typing import Self

import numpy as np
import pytest

from tests.harness.jack import JackServer, eventually

SOUNDFONT = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")
RATE = 44100
PORT = "synth:midi_00"


def require_fluidsynth() -> None:
    """Skip the test where there is no synthesiser, or fail it where one has to be."""
    if not (shutil.which("fluidsynth") and SOUNDFONT.exists()):
        missing = pytest.fail if os.environ.get("REQUIRE_MIDI") == "1" else pytest.skip
        missing("needs Debian's packages fluidsynth and timgm6mb-soundfont")


class FluidSynth:
    """Renders what it hears on `PORT` into a WAV file, in real time."""

    def __init__(self, jack: JackServer, wav: Path) -> None:
        require_fluidsynth()
        self._wav = wav
        output = ["-a", "file", "-o", f"audio.file.name={wav}", "-o", "audio.file.type=wav"]
        midi = ["-m", "jack", "-o", "midi.jack.id=synth"]
        self._process = subprocess.Popen(
            ["fluidsynth", "-r", str(RATE), "-g", "1", *output, *midi, str(SOUNDFONT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=jack.env,
        )
        eventually(lambda: PORT in jack.ports(), "the start of fluidsynth")

    def render(self, seconds: float) -> None:
        """Return when so many more seconds have been rendered."""
        length = self._wav.stat().st_size + round(seconds * RATE) * 2 * 2
        eventually(lambda: self._wav.stat().st_size >= length, "the rendering", 20 + seconds)

    @property
    def tenths(self) -> int:
        """How many tenths of a second have been rendered so far."""
        return self._wav.stat().st_size // (RATE // 10 * 2 * 2)

    def loudness(self) -> np.ndarray:
        """The peak of each tenth of a second of all that was rendered, 0 to 1; ends the program."""
        self._process.communicate(b"quit\n", timeout=20)
        with wave.open(str(self._wav)) as file:
            channels = file.getnchannels()
            samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
        size = RATE // 10 * channels
        tenths = np.abs(samples[: len(samples) // size * size].reshape(-1, size).astype(int))
        return tenths.max(axis=1) / 32768

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def rendered_db(midi: Path, wav: Path) -> float:
    """How loud a file is all in all, in dB below full scale; it is rendered, in no time."""
    require_fluidsynth()
    command = ["fluidsynth", "-ni", "-r", str(RATE), "-F", str(wav), "-T", "wav"]
    subprocess.run([*command, str(SOUNDFONT), str(midi)], check=True, capture_output=True)
    with wave.open(str(wav)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16) / 32768
    return float(20 * np.log10(np.sqrt(np.mean(samples**2))))
