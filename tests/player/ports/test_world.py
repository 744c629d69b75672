"""A ports without ports, and how it comes to have them."""

from improvd.messages import Resume
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


class Blind:
    """Ports whose listeners come back by themselves; `sent` is what has been sent so far."""

    blind, gone, peers = True, False, ()
    plays_on, hears_on = "improvd out", "improvd in"

    def __init__(self):
        self.sent = []
        self.closed = False

    def send(self, message):
        assert not self.closed
        self.sent.append(message)

    def tend(self):
        return []

    def close(self):
        self.closed = True


class Hours:
    """A waiter whose time passes when it is told to."""

    def __init__(self):
        self.bell, self.time = Bell(), 0

    def now(self):
        return self.time

    def spin(self, due):
        pass


def left_sounding(*pitches):
    """A world that goes on where these were left sounding, and what it is made of."""
    ports, waiter, shared = Blind(), Hours(), Shared(make())
    resume = Resume(b"", pitches, 2, ())
    world = PlayerWorld(lambda bell: ports, shared, resume, waiter, lambda now: [])
    return world, ports, waiter, shared


def test_where_listeners_have_to_come_back_the_offs_are_repeated_until_they_have():
    world, ports, waiter, shared = left_sounding(60, 64)
    offs = [b"\x82\x3c\x40", b"\x82\x40\x40"]
    assert ports.sent == offs
    assert shared.sounding == ((2, 60), (2, 64)), "who goes on after us owes them too"
    for _ in range(2):
        waiter.time += 500_000_000
        ports.sent.clear()
        world.tend()
        assert ports.sent == offs
    waiter.time += 2_100_000_000
    world.tend()
    assert shared.sounding == ()
    ports.sent.clear()
    world.tend()
    assert ports.sent == []


def test_a_pitch_that_was_left_sounding_is_closed_before_it_is_struck_and_not_in_mid_note():
    world, ports, waiter, shared = left_sounding(60)
    on, off = b"\x92\x3c\x50", b"\x82\x3c\x40"
    ports.sent.clear()
    world.send(0, on)
    assert ports.sent == [off, on]
    world.tend()
    assert ports.sent == [off, on]
    waiter.time += 3_100_000_000
    world.tend()
    assert shared.sounding == ((2, 60),), "it sounds"
    world.send(0, off)
    assert ports.sent == [off, on, off]


def test_who_leaves_at_once_waits_for_those_who_listen():
    world, ports, waiter, _ = left_sounding(60)
    waiter.time += 490_000_000
    ports.sent.clear()
    world.close()
    assert ports.sent == [b"\x82\x3c\x40"]
    assert ports.closed
