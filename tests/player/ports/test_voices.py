"""Ports that voices have for themselves, on a real JACK server."""

import pytest

from improvd.core.midi.messages import note_off, note_on
from improvd.player.ports.ports import open_ports
from tests.harness.jack import JackServer, Listener, Synth, eventually

BASS, PIANO, LINE = 1, 2, 0
VOICES = {LINE: "improvd", BASS: "improvd bass", PIANO: "Grand Piano"}


def test_a_voice_plays_on_a_port_of_its_own_that_goes_and_comes_back(jack: JackServer):
    with open_ports(api="jack", voices=VOICES) as ports, Listener(ports.plays_on) as line:
        [own] = [name for name in jack.ports() if name.endswith(":improvd bass")]
        assert "Grand Piano" in " ".join(ports.tend())
        with Listener(own) as bass, Synth("Grand Piano", "in") as piano:
            eventually(lambda: "Grand Piano is here." in ports.tend(), "the piano's being seen")
            for channel in (LINE, BASS, PIANO):
                ports.send(note_on(channel, 40 + channel, 80))
            ports.send(b"\xf8")
            eventually(lambda: piano.heard() == [note_on(PIANO, 42, 80)], "the piano's note")
            line.wait_for(b"\xf8")
            assert line.poll() == [note_on(LINE, 40, 80), b"\xf8"]
            assert bass.poll() == [note_on(BASS, 41, 80)]
            # Another channel from now on; what sounds is closed where it was struck.
            ports.route({4: "improvd bass", BASS: "improvd"})
            ports.send(note_off(BASS, 41))
            ports.send(note_on(4, 43, 80))
            bass.wait_for(note_on(4, 43, 80))
            assert bass.poll()[1:] == [note_off(BASS, 41), note_on(4, 43, 80)]
            assert ("out Grand Piano", "Grand Piano:in") in ports.peers
        eventually(
            lambda: "Grand Piano is gone; still keeping time." in ports.tend(), "its leaving"
        )
        with Synth("Grand Piano", "in") as piano:
            eventually(lambda: "Grand Piano is back." in ports.tend(), "its return")
            ports.send(note_on(PIANO, 50, 80))
            eventually(lambda: note_on(PIANO, 50, 80) in piano.heard(), "a note after that")


@pytest.mark.usefixtures("jack")
def test_a_port_that_was_not_opened_for_a_voice_is_everybody_s():
    with open_ports(api="jack", voices=VOICES) as ports, Listener(ports.plays_on) as line:
        ports.route({5: "somewhere else"})
        ports.send(note_on(5, 60, 80))
        line.wait_for(note_on(5, 60, 80))
