"""What a spare does for the notes of who died, on a real JACK server and without one."""

import pytest

from improvd.core.midi.messages import note_off
from improvd.messages import Resume
from improvd.player.silencer import Silencer
from tests.harness.jack import JackServer, Synth, eventually

LEFT = Resume(None, (60, 72), 3, (("out", "synth:keys"), ("in", "piano:out"), ("out", "away:in")))
OFFS = {note_off(3, 60), note_off(3, 72)}


@pytest.fixture
def silencer():
    made = Silencer()
    yield made
    made.close()


def test_notes_are_closed_at_the_ports_that_are_there(jack: JackServer, silencer: Silencer):
    with Synth("synth", "keys") as synth:
        before = jack.ports()
        silencer.begin("auto")
        assert jack.ports() == before, "who waits has no port that anybody sees"
        silencer.silence(LEFT)
        assert set(synth.heard()) == OFFS
        silencer.close()
        eventually(lambda: jack.ports() == before, "the port's going")


def test_what_is_not_to_be_closed_makes_no_port(jack: JackServer, silencer: Silencer):
    with Synth("synth", "keys") as synth:
        silencer.begin("jack")
        silencer.silence(Resume(None, (), 3, LEFT.peers))
        silencer.silence(Resume(None, (60,), 3))
        assert not [port for port in jack.ports() if "improvd" in port]
        assert synth.heard() == []


def test_a_server_that_comes_back_is_found(jack: JackServer, silencer: Silencer):
    silencer.begin("jack")
    jack.kill()
    eventually(lambda: silencer._client.gone, "hearing that the server is gone")
    silencer.silence(LEFT)  # nobody is there
    silencer.tend()
    assert silencer._client is None
    jack.start()
    silencer.tend()
    with Synth("synth", "keys") as synth:
        silencer.silence(LEFT)
        assert set(synth.heard()) == OFFS
        silencer.close()


@pytest.mark.parametrize("api", ["none", "auto"])
def test_where_there_is_no_server_it_looks_out_for_one_and_does_no_harm(monkeypatch, api):
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody")
    made = Silencer()
    assert made.patience is None
    made.begin(api)
    made.silence(LEFT)
    made.tend()
    made.close()
