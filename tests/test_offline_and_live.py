"""The offline solo and the daemon without a listener are the same music, to the note.

The offline side is Keras's own `predict_and_sample`, the live side the bytes that another program
on a real MIDI system captures: nothing of ours is compared with itself.
"""

from dataclasses import replace
from pathlib import Path

from improvd import performance
from improvd.config import Config
from improvd.core.music import HOLD, REST
from improvd.model import find, load, save
from improvd.training.generate import keras_values, recite
from tests.harness.daemon import DaemonProcess
from tests.harness.jack import JackServer, Listener
from tests.harness.notes import still_sounding

BEATS = 1000


def test_a_thousand_beats_agree_value_for_value_and_note_for_note(jack: JackServer, tmp_path: Path):
    # Played fast, to be done in minutes; so what depends on the tempo is left out on both sides.
    model = replace(load(find("default")), tempo_shares=None)
    save(tmp_path / "plain.safetensors", model)
    config = Config(tempo=400, notes_per_second=100, count_in=0)
    # The count-in gives the listener time to come.
    options = ["--tempo", "400", "--notes-per-second", "100", "--count-in", "4"]
    options += ["--model", "plain.safetensors"]

    with (
        DaemonProcess(*options, env=jack.env, cwd=tmp_path) as jam,
        Listener(jam.ports[0]) as listener,
    ):
        values = keras_values(model, BEATS)
        jam.wait_for_beats(BEATS + 20, seconds=300)
        assert jam.leave() == 0
        live = listener.poll()

    names = {"rest": REST, "hold": HOLD}
    played = [beat[5] for beat in jam.beats if beat[4] == "improvd"][:BEATS]
    assert [int(names.get(value, value)) for value in played] == values
    take, _ = recite(config, model, performance.chart_of(None), values)
    offline = [message for _, message in take.messages]
    # Offline the last beat is followed by a rest, live by the next beat: leave out its end.
    assert live[: len(offline) - 8] == offline[:-8]
    assert still_sounding(live) == set()
