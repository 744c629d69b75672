"""The offline solo and the daemon without a listener are the same music, to the note.

The values are those of Keras's own `predict_and_sample` from the opening of a seed, played by the
model without its shares by tempo, which Keras knows nothing of. The notes are those of our own
offline solo; live they are the bytes that another program on a real MIDI system captures. What
depends on the tempo is compared on the model as it ships, there with our own offline solo alone.
"""

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec.structs import replace as with_fields

from improvd import performance, snapshot
from improvd.config import Config, load
from improvd.core.music import HOLD, PULSES_PER_BEAT, REST
from improvd.messages import Resume
from improvd.model import Model, find, save
from improvd.model import load as load_model
from improvd.service.resume_point import ResumeFiles, ResumePoint
from improvd.service.status import settings
from improvd.service.status.settings import Source
from improvd.training.generate import keras_values, recite, rehearse, solo
from tests.harness.daemon import DaemonProcess, folders
from tests.harness.jack import JackServer, Synth
from tests.harness.notes import still_sounding

BEATS = 1000
# A thousand beats at the fastest tempo take two and a half minutes. So players share them, each of
# whom goes on in mid-phrase from where an offline jam was, as after a power cut, and plays the
# first beats of the next one's too.
PLAYERS = 5
SHARE = BEATS // PLAYERS
OVERLAP = 8
# Messages that are left out. Offline the last beat is followed by nothing, live by the next beat;
# and who goes on strikes its first notes as those of a new phrase.
EDGE = 8
NAMES = {"rest": REST, "hold": HOLD}
CHART = performance.chart_of(None)


class Live:
    """A daemon that plays by itself into a synth of its own."""

    def __init__(self, around: ExitStack, jack: JackServer, place: Path, written: Mapping) -> None:
        self._synth = around.enter_context(Synth(place.name, "keys"))
        options = [("--" + key.replace("_", "-"), str(value)) for key, value in written.items()]
        options += [("--port", place.name), ("--verbose",)]
        self.jam = around.enter_context(DaemonProcess(*sum(options, ()), env=jack.env, cwd=place))
        self.heard: list[bytes] = []

    def has_played(self) -> int:
        self.heard += self._synth.heard()
        return len(self.jam.beats)

    @property
    def first(self) -> int:
        """The number of its first beat."""
        beat = self.jam.beats[0]
        return (int(beat[1]) - 1) * 4 + int(beat[2]) - 1

    def check(self, beats: int, values: Sequence[int], notes: Sequence[bytes]) -> tuple[int, int]:
        """End it; from which to which of these notes it has played, if it did."""
        assert self.jam.leave() == 0
        self.heard += self._synth.heard()
        played = [_value(beat) for beat in self.jam.beats[:beats]]
        assert played == list(values[self.first : self.first + beats])
        assert still_sounding(self.heard) == set()
        live = self.heard[EDGE if self.first else 0 : -EDGE]
        [place] = [n for n in range(len(notes)) if notes[n : n + len(live)] == live]
        return place, place + len(live)


def _value(beat: re.Match[str]) -> int:
    """The value of a verbose line, which ends with that and x."""
    value = beat[5].split()[-2]
    return int(NAMES.get(value, value))


def until(players: Sequence[Live], beats: int, seconds: float) -> None:
    """Listen to all of them until each has played so many beats."""
    deadline = time.monotonic() + seconds
    while min(player.has_played() for player in players) < beats:
        assert time.monotonic() < deadline, f"not {beats} beats in {seconds} s"
        time.sleep(0.1)


def leave_as_played(place: Path, written: Mapping, model: Model, beats: int) -> None:
    """Leave what a daemon does that a machine ended after so many beats."""
    source = Source(None, written).read()
    config = source.config
    jam = performance.offline(config, performance.improviser(config, model), model, CHART)
    rehearse(jam, beats)
    taken = snapshot.take(jam, jam.performer.timeline.when(beats * PULSES_PER_BEAT))
    perform = with_fields(settings.perform(source), resume=Resume(taken))
    with pytest.MonkeyPatch.context() as environment:
        for variable, folder in folders(place).items():
            environment.setenv(variable, folder)
        ResumeFiles(config.name).keep(ResumePoint(perform, source))


def test_a_thousand_beats_agree_value_for_value_and_note_for_note(jack: JackServer, tmp_path: Path):
    # Of course, whose phrases never last until nobody has more breath: all are Keras's values.
    model = replace(load_model(find("course")), tempo_shares=None)
    save(tmp_path / "plain.safetensors", model)
    written = {"tempo": 400, "notes_per_second": 100, "count_in": 0, "seed": 7}
    written["model"] = str(tmp_path / "plain.safetensors")
    config = load(None, written)
    heard = performance.heard_before(config, model, CHART)
    values = keras_values(model, BEATS + 4 * OVERLAP, heard)
    take, _ = recite(config, model, CHART, values)
    notes = [message for _, message in take.messages]

    with ExitStack() as around:
        players = []
        for number in range(PLAYERS):
            place = tmp_path / f"synth{number}"
            place.mkdir()
            if number > 0:
                leave_as_played(place, written, model, number * SHARE)
            players.append(Live(around, jack, place, written))
        until(players, SHARE + 2 * OVERLAP, seconds=240)
        spans = [player.check(SHARE + 2 * OVERLAP, values, notes) for player in players]

    for number, player in enumerate(players):
        assert 0 <= player.first - number * SHARE <= OVERLAP
    assert spans[0][0] == 0
    assert all(later <= end for (_, end), (later, _) in pairwise(spans))
    assert take.messages[spans[-1][1] - 1][0] > take.beats[BEATS - 1].start_ns


def test_as_it_ships_it_plays_its_offline_solo(jack: JackServer, tmp_path: Path):
    written = {"tempo": 240, "count_in": 0, "seed": 11}
    config = Config(**written)
    take, beats = solo(config, load_model(find("default")), CHART, 100)
    with ExitStack() as around:
        place = tmp_path / "synth"
        place.mkdir()
        player = Live(around, jack, place, written)
        until([player], 60, seconds=60)
        played, _ = player.check(60, [b.value for b in beats], [m for _, m in take.messages])
    assert player.first == 0
    assert played == 0
