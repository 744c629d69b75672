"""What a listener gets: improvd through JACK into a real synthesiser, rendered to a WAV."""

from pathlib import Path

import numpy as np

from tests.harness.daemon import DaemonProcess
from tests.harness.jack import JackServer
from tests.harness.synth import PORT, FluidSynth

BEATS = 24 * 4


def test_24_bars_are_heard_and_end_in_silence(jack: JackServer, tmp_path: Path):
    with FluidSynth(jack, tmp_path / "jam.wav") as synth:
        with DaemonProcess("--tempo", "240", env=jack.env, cwd=tmp_path) as jam:
            jack.connect(jam.ports[0], PORT)
            jam.wait_for_beats(BEATS + 4, seconds=120)
            assert jam.leave() == 0
        synth.render(3)  # for the last note to die away
        loudness = synth.loudness()
    heard = np.flatnonzero(loudness > 0.01)
    assert (heard[-1] - heard[0]) / 10 > BEATS * 0.25 * 0.9, "it plays from beginning to end"
    assert loudness[-5:].max() < 0.001, "it ends in silence"
    # With README's gain of 1, which the synth here has too.
    assert 0.1 < loudness.max() < 0.99, "it is loud enough, and nothing clips"
