"""Changes that a player cannot bear: refused before it has them, or taken back after."""

import os
import signal

import numpy as np
import pytest

from improvd import model
from improvd.core.network.cell import Weights
from tests.harness.daemon import INJECTED, DaemonProcess, ctl, status
from tests.harness.jack import eventually

QUICK = ("--api", "none", "--tempo", "240", "--count-in", "0", "--mode", "solo")


@pytest.fixture(scope="module")
def heavy(tmp_path_factory):
    """A model of 1,024 units: quick enough for every beat, and long in loading."""
    n_a, small = 1024, model.load(model.find("default"))
    n_values, draw = len(small.vocabulary), np.random.default_rng(0)

    def drawn(*shape: int) -> np.ndarray:
        return draw.normal(0, 0.02, shape).astype(np.float32)

    weights = Weights(
        drawn(n_values, 4 * n_a),
        drawn(n_a, 4 * n_a),
        drawn(4 * n_a),
        drawn(n_a, n_values),
        drawn(n_values),
    )
    path = tmp_path_factory.mktemp("heavy") / "heavy.safetensors"
    model.save(path, model.Model(weights, small.vocabulary, {}, small.shares))
    return path


def test_a_model_that_would_stop_the_music_is_refused_and_the_music_goes_on(tmp_path, heavy):
    with DaemonProcess(*QUICK, cwd=tmp_path) as jam:
        jam.wait_for_beats(4)
        eventually(lambda: ctl(tmp_path, "model", "general").returncode == 0, "a spare that tries")
        refused = ctl(tmp_path, "model", str(heavy))
        assert (refused.returncode, refused.stdout) == (2, "")
        assert len(refused.stderr.splitlines()) == 1
        assert refused.stderr.endswith("start improvd with it\n")
        jam.wait_for_beats(len(jam.beats) + 8)
        now = status(tmp_path)
        assert (now["model"], now["restarts"]) == ("general", 0)
        assert jam.leave() == 0


def test_started_with_it_every_change_of_something_else_is_made_in_time(tmp_path, heavy):
    with DaemonProcess(*QUICK, "--model", str(heavy), cwd=tmp_path) as jam:
        jam.wait_for_beats(4)
        assert ctl(tmp_path, "temperature", "0.5").returncode == 0
        assert ctl(tmp_path, "chart", "| Dm7 | G7 |").returncode == 0
        jam.wait_for_beats(len(jam.beats) + 12)
        now = status(tmp_path)
        assert (now["model"], now["restarts"]) == (str(heavy), 0)
        assert jam.leave() == 0


def test_a_change_that_its_player_dies_of_is_taken_back(tmp_path):
    env = os.environ | {
        "FAULT": "wide",
        "PYTHONPATH": os.pathsep.join([str(INJECTED), os.environ.get("PYTHONPATH", "")]),
    }
    with DaemonProcess(*QUICK, env=env, cwd=tmp_path) as jam:
        jam.wait_for_beats(12)
        eventually(lambda: ctl(tmp_path, "model", "wide").returncode == 0, "a spare that tries")
        back = "It was lost soon after a change of model, which is taken back."
        eventually(lambda: back in jam.lines, "the change being taken back")
        place = jam.beats[-1]
        jam.wait_for_beats(len(jam.beats) + 12)
        now = status(tmp_path)
        assert (now["model"], now["restarts"]) == ("default", 1)
        after = jam.beats[jam.beats.index(place) + 1] if place in jam.beats else jam.beats[-1]
        assert int(after[1]) >= int(place[1])  # in the same chorus, not from its beginning
        assert not any(line.startswith("Begins anew") for line in jam.lines)
        assert jam.leave() == 0


def test_players_that_die_again_and_again_soon_after_their_start_are_the_end(tmp_path):
    """However far apart: one every 2 s, with all of it over 10 s."""
    with DaemonProcess(*QUICK, cwd=tmp_path) as jam:
        jam.wait_for_beats(2)
        for restarts in range(1, 7):
            count = len(jam.beats)
            os.kill(jam.player, signal.SIGKILL)
            if restarts < 6:
                jam.wait_for_beats(count + 8)
        assert jam.process.wait(10) == 1
        [sentence] = jam.errors.read_text().splitlines()
        assert sentence.startswith("The player died 6 times in a row")
