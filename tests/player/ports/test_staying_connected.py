"""Ports that vanish and come back, on a real JACK server."""

import ctypes
import itertools
import shlex
import subprocess
import sys
import threading
import time
from typing import Self

import pytest
import rtmidi

from improvd.player.ports.cables import OwnedCable, Side, lay
from improvd.player.ports.hotplug import Partners
from improvd.player.ports.jack import Jack
from improvd.player.ports.names import PortError
from improvd.player.ports.ports import available, open_ports
from improvd.player.ports.systems import first
from tests.harness.jack import JackServer, Synth, eventually

NOTE_ON = bytes([0x90, 60, 90])
GONE, HERE, BACK = (
    "piano is gone; still keeping time.",
    "piano is here.",
    "piano is back.",
)
ABSENT = 'No port is called "piano" yet; looking out for one.'


def listed(client):
    return client.get_ports()


def wait_for(ports, *sentences):
    """Tend until these have been said, and nothing else."""
    said = []

    def all_said():
        said.extend(ports.tend())
        return len(said) >= len(sentences)

    eventually(all_said, f"saying {sentences}")
    assert said == list(sentences)
    assert ports.tend() == []


def test_a_device_that_vanishes_is_taken_again_when_it_is_back(jack: JackServer):
    with open_ports("piano", "improvd", "jack") as ports:
        wait_for(ports, ABSENT)
        with Synth("Grand Piano", "a"):
            wait_for(ports, HERE)
        wait_for(ports, GONE)
        ports.send(NOTE_ON)
        with Synth("Grand Piano", "a") as synth:
            wait_for(ports, BACK)
            ports.send(NOTE_ON)
            eventually(lambda: synth.heard() == [NOTE_ON], "the synth's hearing a note")


def test_a_device_that_comes_back_under_another_number_is_known_by_its_words(jack: JackServer):
    with Synth("Piano 20", "a") as first, open_ports("piano", "improvd", "jack") as ports:
        assert ports.tend() == []
        first.close()
        wait_for(ports, GONE)
        with Synth("Piano 24", "a"):
            wait_for(ports, BACK)
            assert jack.connections("improvd:out") == ["Piano 24:a"]
            assert ports.peers == (("out", "Piano 24:a"),)


def test_a_device_that_was_away_between_two_looks_is_taken_again_too(jack: JackServer):
    with open_ports("piano", "piano", "jack") as ports:
        with Synth("Piano", "a"):
            wait_for(ports, HERE)
        ports._patchbay.news()
        with Synth("Piano", "a"):
            eventually(lambda: len(ports._patchbay._born) == 2, "the news of two ports")
            wait_for(ports, BACK)
            assert jack.connections("improvd:piano") == ["Piano:a"]
            assert keys_let_go(ports)


def keys_let_go(ports):
    messages = [message for _, message in ports.receive()]
    return messages[-32:] == [bytes([0xB0 | ch, n, 0]) for n in (121, 123) for ch in range(16)]


def test_when_a_keyboard_vanishes_its_keys_are_let_go_once(jack: JackServer):
    with Synth("Piano", "a") as synth, open_ports("improvd", "piano", "jack") as ports:
        assert ports.tend() == []
        assert ports.receive() == []
        synth.close()
        wait_for(ports, GONE)
        assert keys_let_go(ports)
        ports.tend()
        assert ports.receive() == []


def heard(ports, *messages):
    """Until these came in, and nothing else."""
    came = []
    eventually(lambda: came.extend(ports.receive()) or len(came) >= len(messages), "hearing")
    assert [message for _, message in came] == list(messages)


def strike(ports, synth, *messages):
    for message in messages:
        synth.send(message)
    heard(ports, *messages)


def test_of_two_keyboards_the_one_that_is_pulled_lets_go_of_its_own(jack: JackServer):
    up = bytes([0x80, 67, 0]), bytes([0xB1, 64, 0])
    with open_ports(api="jack") as ports, Synth("Piano", "a") as piano:
        jack.connect("Piano-01:a", ports.hears_on)
        ports.tend()
        strike(ports, piano, bytes([0x90, 60, 80]), bytes([0xB0, 64, 127]))
        ports.tend()
        with Synth("Organ", "a") as organ:
            jack.connect("Organ-01:a", ports.hears_on)
            ports.tend()
            strike(ports, organ, bytes([0x90, 67, 80]), bytes([0xB1, 64, 127]))
        wait_for(ports, "Organ-01:a is gone; still keeping time.")
        heard(ports, *up)


def test_a_keyboard_that_a_person_disconnects_lets_go(jack: JackServer):
    with open_ports(api="jack") as ports, Synth("Piano", "a") as piano:
        ports.tend()
        jack.connect("Piano-01:a", ports.hears_on)
        ports.tend()
        strike(ports, piano, bytes([0x90, 60, 80]))
        subprocess.run(["jack_disconnect", "Piano-01:a", ports.hears_on], check=True, env=jack.env)
        eventually(lambda: ports.tend() == [] and keys_let_go(ports), "letting go")


def test_when_a_synth_vanishes_no_keys_are_let_go(jack: JackServer):
    with Synth("Piano", "a") as synth, open_ports("piano", "improvd", "jack") as ports:
        assert ports.tend() == []
        synth.close()
        wait_for(ports, GONE)
        assert ports.receive() == []


def test_what_a_person_connected_is_joined_again_when_it_comes_back(jack: JackServer):
    with open_ports(api="jack") as ports:
        with Synth("synth", "midi"):
            jack.connect(ports.plays_on, "synth:midi")
            jack.connect("synth-01:midi", ports.hears_on)
            assert ports.tend() == []
            assert ports.peers == (("out", "synth:midi"), ("in", "synth-01:midi"))
        wait_for(
            ports,
            "synth:midi is gone; still keeping time.",
            "synth-01:midi is gone; still keeping time.",
        )
        with Synth("synth", "midi"):
            wait_for(ports, "synth:midi is back.", "synth-01:midi is back.")
            assert jack.connections(ports.plays_on) == ["synth:midi"]
            assert jack.connections(ports.hears_on) == ["synth-01:midi"]


def test_what_a_person_disconnected_stays_disconnected(jack: JackServer):
    with open_ports("piano", "improvd", "jack") as ports:
        wait_for(ports, ABSENT)
        with Synth("Piano", "a"), Synth("other", "b"):
            wait_for(ports, HERE)
            jack.connect("improvd:piano", "other:b")
            assert ports.tend() == []
            for port in ("Piano:a", "other:b"):
                subprocess.run(["jack_disconnect", "improvd:piano", port], check=True, env=jack.env)
            for _ in range(3):
                assert ports.tend() == []
            assert ports.peers == ()
            assert jack.connections("improvd:piano") == []


def test_another_process_takes_over_the_connections(jack: JackServer):
    with Synth("synth", "midi"):
        with open_ports(api="jack") as ports:
            jack.connect(ports.plays_on, "synth:midi")
            ports.tend()
            peers = (*ports.peers, ("in", "keys-01:out"))
        with open_ports(api="jack") as ports:
            ports.join(peers)
            assert jack.connections(ports.plays_on) == ["synth:midi"]
            assert ports.tend() == []
            assert set(ports.peers) == set(peers)
            with Synth("keys", "out"):
                wait_for(ports, "keys-01:out is here.")
                assert jack.connections(ports.hears_on) == ["keys-01:out"]


@pytest.mark.usefixtures("jack")
def test_a_name_that_comes_to_fit_several_ports_is_said_once():
    with open_ports("piano", "improvd", "jack") as ports:
        wait_for(ports, ABSENT)
        with Synth("Piano", "a"), Synth("Piano", "b"):
            wait_for(
                ports,
                'the name "piano" fits several ports, say more of one: "Piano:a", "Piano-02:b"',
            )


@pytest.mark.usefixtures("jack")
def test_two_improvds_on_one_device_are_told():
    with Synth("Piano", "a"), open_ports("piano", "improvd", "jack") as ports:
        assert ports.tend() == []
        with open_ports("piano", "improvd", "jack") as second:
            assert second.tend() == ["Another improvd, improvd:out, is on piano too."]
            assert ports.tend() == ["Another improvd, improvd-02:out, is on piano too."]
            assert second.tend() == []


@pytest.mark.usefixtures("jack")
def test_ports_are_told_from_those_that_another_improvd_opened_at_the_same_moment():
    with open_ports(api="jack") as other:
        system, out = first("jack")
        into = system.hearer()
        jack = Jack(system.extension)
        lists = itertools.chain([[]], iter(into.get_ports, None))  # the other one's came just now
        cable = lay(
            Side("out", "improvd", out, listed, lambda: next(lists)), "jack", jack, lambda _: out
        )
        assert other.plays_on == "improvd:out"
        assert cable.own == "improvd-02:out"
        assert "improvd-02:out" in into.get_ports()
        jack.close()
        into.delete()
        out.delete()


def test_a_synthesiser_that_has_nothing_to_say_is_no_cause_for_a_word(jack: JackServer):
    into = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="synth")
    into.open_virtual_port("keys")
    with open_ports("synth", "synth", "jack") as ports:
        assert ports.plays_on == "synth:keys"
        assert [ports.tend(), ports.tend()] == [[], []]
    into.delete()


def test_the_only_synthesiser_on_jack_is_joined_if_asked_and_who_hears_is_known(jack: JackServer):
    with open_ports(api="jack", join=True) as ports:
        [alone] = ports.unheard()
        assert "no synthesiser is there" in alone
        assert ports.unheard() == [], "once"
        with Synth("synth", "keys") as synth:
            wait_for(ports, "Joined synth:keys, the only synthesiser there is.")
            ports.send(NOTE_ON)
            eventually(lambda: synth.heard() == [NOTE_ON], "the synth's hearing a note")


def test_the_command_that_is_told_to_whom_nobody_hears_connects(jack: JackServer):
    with Synth("my synth", "keys") as synth, open_ports(api="jack") as ports:
        [sentence] = ports.unheard()
        command = shlex.split(sentence.partition("or type ")[2])
        eventually(lambda: subprocess.run(command, check=False).returncode == 0, "connecting")
        ports.send(NOTE_ON)
        eventually(lambda: synth.heard() == [NOTE_ON], "the synth's hearing a note")


# Where only rtmidi can open ports: the same on JACK, made to do without libjack's client.


@pytest.mark.usefixtures("jack")
def test_a_port_that_only_rtmidi_can_open_is_opened_anew():
    system, out = first("jack")
    into = system.hearer()
    clients = [out]

    def renew(old):
        old.delete()
        clients.append(system.player())
        return clients[-1]

    cable = lay(Side("out", "piano", out, listed, into.get_ports), "jack", None, renew)
    assert isinstance(cable, OwnedCable)
    partners = Partners(cable, "piano", "jack")
    partners.seek()
    assert cable.own == "piano"
    assert partners.tend(set(), {}).notices == [ABSENT]
    for greeting in (HERE, BACK):
        with Synth("Piano", "a") as synth:
            wait_for_news(partners, [greeting])
            cable.client.send_message(NOTE_ON)
            eventually(lambda synth=synth: synth.heard() == [NOTE_ON], "hearing a note")
        wait_for_news(partners, [GONE])
    for client in (into, clients[-1]):
        client.delete()


def wait_for_news(partners, notices):
    eventually(lambda: partners.tend(set(), {}).notices == notices, f"saying {notices}")


@pytest.mark.usefixtures("jack")
def test_opening_with_a_name_that_fits_several_is_refused_there_too():
    system, out = first("jack")
    into = system.hearer()
    with Synth("Piano", "a"), Synth("Piano", "b"), pytest.raises(PortError, match="several"):
        lay(Side("out", "piano", out, listed, into.get_ports), "jack", None, lambda _: out)
    into.delete()
    out.delete()


# A system that is not there yet

WAIT_FOR_A_SERVER = """
import time
from improvd.player.ports.ports import NoMidi, open_ports
print("waiting", flush=True)
tries = 0
while True:
    try:
        ports = open_ports(api="jack")
        break
    except NoMidi:
        tries += 1
        time.sleep(0.02)
ports.join((("out", "synth:midi"),))
print(tries > 0, ports.plays_on, flush=True)
while ports.tend() != ["synth:midi is here."]:
    time.sleep(0.02)
ports.close()
print("joined", flush=True)
"""


def test_a_process_can_wait_for_a_server_and_for_those_whom_it_is_to_join():
    jack = JackServer()
    with subprocess.Popen(
        [sys.executable, "-c", WAIT_FOR_A_SERVER], stdout=subprocess.PIPE, text=True, env=jack.env
    ) as player:
        too_long = threading.Timer(60, player.kill)
        too_long.start()
        assert player.stdout is not None
        assert player.stdout.readline() == "waiting\n"
        with jack:
            assert player.stdout.readline() == "True improvd:out\n"
            with subprocess.Popen(
                [sys.executable, "-c", SYNTH], stdin=subprocess.PIPE, env=jack.env
            ) as synth:
                assert player.stdout.readline() == "joined\n"
                synth.communicate()
        assert player.wait() == 0
        too_long.cancel()


SYNTH = """
import sys
from tests.harness.jack import Synth
with Synth("synth", "midi"):
    sys.stdin.read()
"""


# -- names -------------------------------------------------------------------------------------


class Program:
    """Another program, made by hand in C's way: it names its port in any bytes, and renames it."""

    def __init__(self, client: bytes, port: bytes) -> None:
        self._library = library = ctypes.CDLL(rtmidi._rtmidi.__file__)
        pointer, text = ctypes.c_void_p, ctypes.c_char_p
        for name, result, arguments in (
            ("jack_client_open", pointer, (text, ctypes.c_int, pointer)),
            ("jack_client_close", ctypes.c_int, (pointer,)),
            ("jack_activate", ctypes.c_int, (pointer,)),
            ("jack_port_register", pointer, (pointer, text, text, ctypes.c_ulong, ctypes.c_ulong)),
            ("jack_port_rename", ctypes.c_int, (pointer, pointer, text)),
            ("jack_connect", ctypes.c_int, (pointer, text, text)),
        ):
            getattr(library, name).restype, getattr(library, name).argtypes = result, arguments
        self._client = library.jack_client_open(client, 1, None)
        self._port = library.jack_port_register(self._client, port, b"8 bit raw midi", 2, 0)
        library.jack_activate(self._client)
        self._name = client + b":" + port

    def connect(self, destination: str) -> None:
        assert self._library.jack_connect(self._client, self._name, destination.encode()) == 0

    def rename(self, port: bytes) -> None:
        assert self._library.jack_port_rename(self._client, self._port, port) == 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        time.sleep(0.05)
        self._library.jack_client_close(self._client)


def test_a_port_that_is_renamed_while_it_is_connected_keeps_its_keys(jack: JackServer):
    with (
        open_ports("improvd", "improvd", "jack") as ports,
        Program(b"Bitwig", b"unnamed") as bitwig,
    ):
        bitwig.connect(ports.hears_on)
        eventually(lambda: ports.tend() == [] and ports.peers, "the connection's being seen")
        bitwig.rename(b"Keys")
        wait_for(ports, "Bitwig:unnamed is called Bitwig:Keys now.")
        assert ports.receive() == []
        assert ports.peers == (("in", "Bitwig:Keys"),)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("Clavier é".encode("latin-1"), "Clavier é"),
        ("Clavier é".encode(), "Clavier é"),
        (b"Clavier\x1b[2J\n", "Clavier␛[2J␊"),
    ],
)
def test_a_name_of_any_characters_can_be_listed_joined_and_found(jack: JackServer, stored, shown):
    with Program(b"wine", stored):
        assert ("in", f"wine:{shown}") in available("jack")
        with open_ports("improvd", "clavier", "jack") as ports:
            eventually(lambda: ports.tend() == [] and ports.peers, "the connection's being seen")
            assert ports.peers == (("in", f"wine:{shown}"),)
