"""A model is timed before it plays, and what is too slow is refused."""

import time

import pytest

from improvd import performance
from improvd.config import Config
from improvd.core.network.cell import Cell
from improvd.core.network.improviser import Improviser
from improvd.messages import Refused, Tried
from improvd.model import BUILT_IN, find, load
from improvd.player import trial


class Slow(Improviser):
    """As one of too many units would be."""

    def step(self, x):
        busy_until = time.process_time() + 0.012
        while time.process_time() < busy_until:
            pass
        super().step(x)


class HeldUp(Improviser):
    """As one that other programs leave no time to."""

    def step(self, x):
        time.sleep(0.012)
        super().step(x)


@pytest.mark.parametrize("name", BUILT_IN)
def test_models_that_come_with_improvd_can_take_over(name):
    answer = trial.answer(Config(model=name))
    assert isinstance(answer, Tried)
    assert 0 < answer.beat_s < 0.01
    assert 0 < answer.load_s < 0.03


def test_a_beat_that_takes_too_long_is_refused_in_a_sentence():
    who = Slow(Cell(load(find("default")).weights))
    with pytest.raises(trial.TooSlowError, match=r"^default: thinks \d+ ms about a beat .* units$"):
        trial.check_beat(Config(), who)


def test_a_busy_machine_is_no_fault_of_the_model():
    who = HeldUp(Cell(load(find("default")).weights))
    assert trial.check_beat(Config(), who) < 0.01


def test_who_was_tried_is_where_it_was():
    who = performance.improviser(Config(), load(find("default")))
    before = who.memory()
    trial.check_beat(Config(), who)
    after = who.memory()
    assert (after.state.a == before.state.a).all()
    assert (after.x, after.beats) == (before.x, before.beats)


def test_what_cannot_be_loaded_is_refused_as_ever(tmp_path):
    path = tmp_path / "no.safetensors"
    path.write_bytes(b"no model")
    answer = trial.answer(Config(model=str(path)))
    assert isinstance(answer, Refused)
    assert answer.reason.startswith(f"{path}: not a safetensors file")


def test_all_soloists_are_tried_together():
    voices = tuple({"name": f"v{n}", "channel": n + 2} for n in range(3))
    config = Config(voice=voices)
    alone, together = Config(), performance.improviser(config, performance.kept_model(config))
    assert trial.check_beat(config, together) > 0
    assert isinstance(trial.answer(config), Tried)
    broken = Config(voice=({"name": "tenor", "channel": 2, "model": "nobody"},))
    assert trial.answer(broken).reason.startswith("[[voice]] tenor: model = nobody: no model of")
    assert isinstance(trial.answer(alone), Tried)
