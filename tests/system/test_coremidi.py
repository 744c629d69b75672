"""Endpoints and identities on CoreMIDI, with Apple's library played by a double."""

import ctypes

import pytest

from improvd.player.ports.cables import Side, lay
from improvd.player.ports.hotplug import Partners
from improvd.system import coremidi

NOT_UNIQUE = -10843  # kMIDIIDNotUnique


class Function:
    """A function of a library, which takes notice of its types."""

    def __init__(self, does):
        self._does = does

    def __call__(self, *arguments):
        assert len(arguments) == len(self.argtypes)
        return self._does(*arguments)

    argtypes = ()


class Server:
    """The MIDI server: endpoints by name, in order, and the ids of them."""

    def __init__(self):
        self.ends = {"Source": [], "Destination": []}
        self.ids = {}
        self._next = 1000

    def make(self, kind, name):
        self._next += 1
        self.ends[kind].append((self._next, name))
        return self._next

    def end(self, endpoint):
        self.ids.pop(endpoint, None)
        for kind, ends in self.ends.items():
            self.ends[kind] = [end for end in ends if end[0] != endpoint]

    def names(self, kind):
        return [name for _, name in self.ends[kind]]

    def library(self):
        class Library:
            pass

        library = Library()
        for kind, ends in self.ends.items():
            count = Function(lambda kind=kind: len(self.ends[kind]))
            setattr(library, f"MIDIGetNumberOf{kind}s", count)
            setattr(library, f"MIDIGet{kind}", Function(lambda n, kind=kind: self.ends[kind][n][0]))
            assert ends == []
        library.MIDIObjectSetIntegerProperty = Function(self._set)
        return library

    def _set(self, endpoint, name, value):
        assert name == "unique id"
        if value in self.ids.values() and self.ids.get(endpoint) != value:
            return NOT_UNIQUE
        self.ids[endpoint] = value
        return 0


class Client:
    """rtmidi's, of a role."""

    def __init__(self, server, role):
        self._server, self._made = server, "Source" if role == "out" else "Destination"
        self._others = "Destination" if role == "out" else "Source"
        self.opened = []

    def get_ports(self):
        return self._server.names(self._others)

    def open_virtual_port(self, name):
        self.endpoint = self._server.make(self._made, name)

    def open_port(self, number, name):
        self.opened.append(self._server.ends[self._others][number][0])


@pytest.fixture
def server(monkeypatch):
    server = Server()
    library = server.library()
    monkeypatch.setattr(ctypes, "CDLL", lambda path: library)

    class Pointer(ctypes.c_void_p):
        @classmethod
        def in_dll(cls, where, name):
            assert (where, name) == (library, "kMIDIPropertyUniqueID")
            return "unique id"

    monkeypatch.setattr(coremidi.ctypes, "c_void_p", Pointer)
    return server


def open_port(server, role, wanted="improvd"):
    client = Client(server, role)
    ends = coremidi.endpoints().of(role)
    side = Side(role, wanted, client, Client.get_ports, list, ends)
    return lay(side, "coremidi", None, lambda old: Client(server, role))


def test_without_the_framework_there_are_no_endpoints():
    assert coremidi.endpoints() is None


@pytest.mark.parametrize("role", ["out", "in"])
def test_a_port_has_the_same_id_at_every_start_and_each_role_its_own(server, role):
    server.make("Source", "IAC Driver Bus 1")
    server.make("Destination", "IAC Driver Bus 1")
    first = open_port(server, role)
    had = server.ids[first.client.endpoint]
    assert had > 0
    server.end(first.client.endpoint)
    again = open_port(server, role)
    assert server.ids[again.client.endpoint] == had
    other = open_port(server, "in" if role == "out" else "out")
    assert server.ids[other.client.endpoint] != had


def test_an_id_that_a_dead_player_has_yet_is_taken_when_it_is_free(server):
    dead = open_port(server, "out")
    had = server.ids[dead.client.endpoint]
    new = open_port(server, "out")
    assert new.client.endpoint not in server.ids
    new.joined()
    assert new.client.endpoint not in server.ids
    server.end(dead.client.endpoint)
    new.joined()
    assert server.ids[new.client.endpoint] == had


def test_an_id_that_another_improvd_keeps_is_not_asked_for_for_ever(server):
    open_port(server, "out")
    other = open_port(server, "out")
    asked = []
    library_set = server._set
    server._set = lambda *arguments: asked.append(arguments) or library_set(*arguments)
    ctypes.CDLL(None).MIDIObjectSetIntegerProperty._does = server._set
    for _ in range(100):
        other.joined()
    assert 0 < len(asked) < 30


def test_a_bus_that_was_another_between_two_looks_is_opened_again(server):
    bus = server.make("Destination", "IAC Driver Bus 1")
    cable = open_port(server, "out", "IAC Bus")
    partners = Partners(cable, "IAC Bus", "coremidi")
    partners.seek()
    assert cable.client.opened == [bus]
    assert partners.tend(set(), {}).notices == []
    server.end(bus)
    new = server.make("Destination", "IAC Driver Bus 1")
    said = partners.tend(set(), {}).notices + partners.tend(set(), {}).notices
    assert cable.client.opened == [new]
    assert said == ["IAC Bus is back."]
    assert partners.tend(set(), {}).notices == []
