"""What a listener gets: improvd through JACK into a real synthesiser, rendered to a WAV."""

from pathlib import Path

import mido
import numpy as np
import pytest
from click.testing import CliRunner

from improvd.core.band.lineup import SOLOIST, VOICES
from improvd.training.commands.generate import generate
from tests.harness.daemon import DaemonProcess
from tests.harness.jack import JackServer
from tests.harness.synth import PORT, FluidSynth, rendered_db

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


@pytest.mark.parametrize("chart", ["blues-in-f", "bossa", "ballad"])
def test_24_bars_of_a_band_are_heard_do_not_clip_and_end_in_silence(
    jack: JackServer, tmp_path: Path, chart: str
):
    with FluidSynth(jack, tmp_path / "jam.wav") as synth:
        options = ("--band", "--chart", chart, "--tempo", "240")
        with DaemonProcess(*options, env=jack.env, cwd=tmp_path) as jam:
            jack.connect(jam.ports[0], PORT)
            jam.wait_for_beats(BEATS + 4, seconds=120)
            assert jam.leave() == 0
        synth.render(4)
        loudness = synth.loudness()
    heard = np.flatnonzero(loudness > 0.01)
    assert (heard[-1] - heard[0]) / 10 > BEATS * 0.25 * 0.9
    assert loudness[-5:].max() < 0.001
    assert 0.1 < loudness.max() < 0.99


@pytest.mark.parametrize("chart", ["blues-in-f", "bossa", "ballad", "waltz"])
def test_no_voice_is_more_than_12_db_under_another(tmp_path: Path, chart: str):
    """Each rendered by itself, the bass on a bass: how loud it is over all of 24 bars."""
    levels = {}
    for voice in (SOLOIST, *VOICES):
        others = [f"--minus={name}" for name in (SOLOIST, *VOICES) if name != voice]
        path = tmp_path / f"{voice}.mid"
        options = ["--band", "--chart", chart, "--bars", "24", *others, "-o", str(path)]
        CliRunner().invoke(generate, options, catch_exceptions=False)
        levels[voice] = rendered_db(path, tmp_path / f"{voice}.wav")
    assert max(levels.values()) - min(levels.values()) < 12, levels
    path = _on_saxophone(tmp_path / f"{SOLOIST}.mid")
    levels[SOLOIST] = rendered_db(path, tmp_path / "saxophone.wav")
    assert max(levels.values()) - min(levels.values()) < 12, levels


def _on_saxophone(path: Path) -> Path:
    """The same file with its notes on General MIDI's tenor saxophone."""
    midi = mido.MidiFile(path)
    for track in midi.tracks:
        track.insert(0, mido.Message("program_change", program=66))
    changed = path.with_name("saxophone.mid")
    midi.save(changed)
    return changed
