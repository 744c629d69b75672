"""A ports without ports, and how it comes to have them."""

from improvd.player.ports.ports import NoMidi, PortError
from improvd.player.ports.world import PlayerWorld
from improvd.player.wait import Bell, Waiter
from improvd.shared import Shared
from improvd.system.handover import make


def test_what_keeps_it_from_opening_later_is_said_once_and_is_no_end():
    outcomes = iter(
        [
            NoMidi("no MIDI: there is no running JACK server"),
            PortError('the name "synth" fits several ports, say more of one: "a", "b"'),
            PortError('the name "synth" fits several ports, say more of one: "a", "b"'),
            NoMidi("no MIDI: there is no running JACK server"),
        ]
    )

    def open_ports(bell):
        raise next(outcomes)

    ports = PlayerWorld(open_ports, Shared(make()), None, Waiter(Bell(), 0), lambda _: [])
    assert ports.no_midi == "no MIDI: there is no running JACK server"
    sentence = 'the name "synth" fits several ports, say more of one: "a", "b".'
    assert ports.tend() == [sentence]
    assert ports.tend() == []
    assert ports.tend() == []
    ports.send(0, b"\x90\x3c\x40")
    assert ports.receive() == []
    assert not ports.gone
