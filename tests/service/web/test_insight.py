"""What pages are shown of notes to come and of the network: what is then played and thought."""

import numpy as np
import pytest

from improvd import performance, snapshot
from improvd.config import Config
from improvd.core.jam import Jam
from improvd.core.midi.messages import note_off, note_on
from improvd.model import find, load
from improvd.service.web.view import insight

MODEL = load(find("course"))


def jam(**config) -> tuple[Config, Jam]:
    settings = Config(count_in=0, **config)
    who = performance.improviser(settings, MODEL)
    return settings, performance.jam(settings, who, MODEL, performance.chart_of(None), 10**9)


def played(settings: Config, playing: Jam, beats: int):
    """Each beat's snapshot, and the messages that left at their due times since the one before."""
    sent = []
    for _ in range(100_000):
        wake = playing.wake()
        sent += playing.turn(wake)
        if playing.beats:
            beat = playing.beats.popleft()
            yield beat, insight.read(snapshot.take(playing, wake)), sent
            sent = []
            beats -= 1
            if beats == 0:
                return


@pytest.mark.parametrize("config", [{}, {"send_ms": -12.0}, {"beat": "dotted quarter"}])
def test_what_is_told_to_be_due_is_what_leaves(config):
    settings, playing = jam(tempo=150.0, **config)
    told: dict[str, tuple] = {}
    left = []
    for _, seen, sent in played(settings, playing, 64):
        shown = insight.due(seen.memory, settings)
        told |= {note[0]: note for note in shown["notes"]}
        left += [(round(at / 1e6, 3), message[1]) for at, message in sent if message[0] == 0x90]
    starts = [(note[1], note[4]) for note in told.values()]
    assert len(left) > 40
    assert set(left) <= set(starts)


def test_a_note_has_its_end_and_what_sounds_too():
    timeline = insight.Timeline(0, 0, 480_000_000)
    on, off = note_on(2, 60, 90), note_off(2, 60)
    planned = ((0, 0, 64, note_off(0, 64)), (10, 1, 60, on), (50, 0, 60, off), (60, 1, 60, on))
    notes, ends = insight._notes(planned, timeline)
    assert notes == [("10.2.60", 10.0, 50.0, 2, 60, 90)]
    assert ends == [(0, 64, 0.0)]


def test_the_softmax_is_the_one_that_the_beat_is_picked_by():
    """Without anything that leans, the likeliest value is the one played."""
    settings, playing = jam()
    before = None
    same = []
    for beat, seen, _ in played(settings, playing, 32):
        shown, thought = insight.mind(seen, MODEL, before)
        assert thought.shares.sum() == pytest.approx(1, abs=1e-4)
        assert thought.beat == beat.number
        assert len(shown["a"]) == len(shown["c"]) == MODEL.weights.n_a
        assert max(map(abs, shown["a"] + shown["c"])) <= 127
        assert [share for _, share in shown["likeliest"]] == sorted(
            (share for _, share in shown["likeliest"]), reverse=True
        )
        same.append(shown["likeliest"][0][0] == beat.value)
        if before is not None:
            expected = -np.log2(before.shares[beat.x])
            assert shown["bits"] == pytest.approx(min(expected, 29.9), abs=0.01)
        before = thought
    assert sum(same) > 24  # the loop guard may bar one


def test_after_a_gap_nothing_is_called_a_surprise():
    shares = np.full(4, 0.25, dtype=np.float32)
    earlier, now = insight.Thought(3, shares), insight.Thought(5, shares)
    assert insight.surprise(1, now, earlier) is None
    assert insight.surprise(1, insight.Thought(4, shares), earlier) == 2.0
    assert insight.surprise(None, insight.Thought(4, shares), earlier) is None


def test_a_snapshot_of_another_vocabulary_or_version_shows_nothing():
    settings, playing = jam()
    _, seen, _ = next(played(settings, playing, 1))
    assert insight.mind(seen, MODEL, None) is not None
    assert insight.mind(seen, load(find("wide")), None) is None
    assert insight.read(b"\x00garbage") is None


def test_the_figures_are_those_of_the_vocabulary():
    figures = insight.figures(MODEL.vocabulary)
    assert len(figures) == len(MODEL.vocabulary)
    assert figures[:2] == [[], []]
    assert figures[2] == [[tick, step] for tick, step, _ in MODEL.vocabulary.figure(2)]
