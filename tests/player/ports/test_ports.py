"""The player's ports on a real JACK server.

What might hang or bring down its process runs in a process of its own.
"""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from improvd.player.ports.ports import NoMidi, PortError, available, open_ports
from tests.harness.jack import Flood, JackServer, Keyboard, Listener, Synth, eventually

NOTE_ON, NOTE_OFF = bytes([0x90, 60, 90]), bytes([0x80, 60, 64])
GONE, BACK = "piano is gone; still keeping time.", "piano is back."


def run(script: str, *, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=env,
        check=False,
        timeout=60,
    )


def received(ports, *, count):
    heard = []

    def all_there():
        heard.extend(ports.receive())
        return len(heard) >= count

    eventually(all_there, f"receiving {count} messages")
    return heard


# Names


def test_without_a_match_virtual_ports_are_opened_under_our_name(jack: JackServer):
    with open_ports(api="jack") as ports:
        assert (ports.plays_on, ports.hears_on) == ("improvd:out", "improvd-01:in")
        assert {ports.plays_on, ports.hears_on} <= set(jack.ports())
    assert not any("improvd" in port for port in jack.ports())


def test_a_name_that_matches_nothing_names_the_virtual_ports(jack: JackServer):
    with open_ports("IAC Bus", "My Keys", api="jack") as ports:
        assert (ports.plays_on, ports.hears_on) == ("improvd:IAC Bus", "improvd-01:My Keys")
        assert {ports.plays_on, ports.hears_on} <= set(jack.ports())


@pytest.mark.usefixtures("jack")
def test_another_improvd_gets_ports_of_its_own_and_does_not_find_ours():
    with open_ports("Bus", "Bus", api="jack") as first, open_ports("Bus", "Bus", "jack") as second:
        names = {first.plays_on, first.hears_on, second.plays_on, second.hears_on}
    assert names == {"improvd:Bus", "improvd-01:Bus", "improvd-02:Bus", "improvd-03:Bus"}


def test_existing_ports_are_opened_by_name_for_playing_and_for_hearing(jack: JackServer):
    with Synth("Grand Piano", "port 1") as synth, open_ports("piano", "piano", "jack") as ports:
        assert ports.plays_on == "Grand Piano:port 1"
        assert ports.hears_on == "Grand Piano-01:port 1"
        assert jack.connections("improvd:out") == [ports.plays_on]
        assert jack.connections("improvd-01:in") == [ports.hears_on]
        ports.send(NOTE_ON)
        eventually(lambda: synth.heard() == [NOTE_ON], "the synth's hearing a note")
        synth.send(NOTE_OFF)
        assert [message for _, message in received(ports, count=1)] == [NOTE_OFF]


def test_a_name_that_fits_several_ports_is_an_error_that_lists_them(jack: JackServer):
    with Synth("Piano", "a"), Synth("Piano", "b"):
        with pytest.raises(PortError, match='"Piano:a", "Piano-02:b"'):
            open_ports("piano", "improvd", "jack")
        assert not any("improvd" in port for port in jack.ports())


@pytest.mark.usefixtures("jack")
def test_a_port_that_cannot_be_opened_is_one_sentence():
    with pytest.raises(PortError, match=r"could not be opened.*too long"):
        open_ports("x" * 400, "improvd", "jack")


@pytest.mark.usefixtures("jack")
def test_available_lists_the_ports_of_others_in_both_directions():
    with Synth("Piano", "a"), open_ports(api="jack"):
        assert available("jack") == [("out", "Piano:a"), ("in", "Piano-01:a")]


# Messages


@pytest.mark.usefixtures("jack")
def test_what_is_sent_arrives_byte_for_byte_and_in_order():
    melody = [bytes([0x90 + k % 16, k, 127 - k]) for k in range(128)] + [bytes([0xC0, 5]), b"\xf8"]
    with open_ports(api="jack") as ports, Listener(ports.plays_on) as listener:
        for message in melody:
            ports.send(message)
        listener.wait_for(melody[-1])
        assert listener.poll() == melody


def test_a_rehearsal_sends_nothing(jack: JackServer):
    with open_ports(api="jack") as ports, Synth("synth", "midi") as synth:
        jack.connect(ports.plays_on, "synth:midi")
        ports.rehearse()
        ports.send(NOTE_ON)
        eventually(lambda: synth.heard() == [NOTE_ON], "hearing the note and nothing else")
    ports.rehearse()


def test_the_last_messages_before_closing_arrive(jack: JackServer):
    offs = [bytes([0x80, pitch, 64]) for pitch in range(128)]
    with open_ports(api="jack") as ports, Synth("synth", "midi") as synth:
        jack.connect(ports.plays_on, "synth:midi")
        for off in offs:
            ports.send(off)
        ports.close()
        assert synth.heard() == offs


@pytest.mark.usefixtures("jack")
def test_what_comes_in_has_a_moment_between_the_playing_and_the_receiving():
    last = 0
    with open_ports(api="jack") as ports, Keyboard(ports.hears_on) as keyboard:
        for pitch in range(40):
            note = bytes([0x90, pitch, 90])
            played = ports.now()
            keyboard.send(b"\xf7", note)  # what is passed over counts in time
            [(moment, message)] = received(ports, count=1)
            assert message == note
            # The driver cuts its intervals to microseconds: at most one is lost each time.
            assert played - 1000 * (pitch + 1) <= moment <= ports.now()
            assert last <= moment
            last = moment


@pytest.mark.usefixtures("jack")
def test_sysex_is_not_heard_but_the_clock_and_active_sensing_are():
    heard = [b"\xfe", b"\xf8", b"\xfa", NOTE_ON]
    with open_ports(api="jack") as ports, Keyboard(ports.hears_on) as keyboard:
        keyboard.send(b"\xfe", b"\xf0\x7e\x7f\x06\x01\xf7", b"\xf8", b"\xfe", b"\xfa", NOTE_ON)
        assert [message for _, message in received(ports, count=4)] == heard


@pytest.mark.usefixtures("jack")
def test_ten_thousand_messages_a_second_do_not_keep_later_notes_from_arriving():
    last_note = bytes([0x90, 99, 99])
    with open_ports(api="jack") as ports, Keyboard(ports.hears_on) as keyboard:
        with Flood(ports.hears_on) as flood:
            heard = received(ports, count=2 * 1000 * flood.heard_of_ten)
        moments = [moment for moment, _ in heard]
        assert moments == sorted(moments)
        assert {message[0] for _, message in heard} == {0x90, 0x80, 0xB0, 0xF8, 0xFE}
        keyboard.send(last_note)
        eventually(
            lambda: last_note in [message for _, message in ports.receive()], "hearing the note"
        )


@pytest.mark.usefixtures("jack")
def test_messages_that_were_dropped_are_told_once_and_again_when_they_are_twice_as_many():
    with Flood(), open_ports("improvd", "flood", "jack") as ports:
        eventually(lambda: ports.dropped > 2000, "the filling of the inbox")
        told = [ports.tend(), ports.tend()]
        assert len(told[0]) == 1
        dropped = re.fullmatch(
            r"More comes in than can be heard: (\d+) messages have been dropped so far\.",
            told[0][0],
        )
        assert int(dropped[1]) > 2000
        assert told[1] == []
        eventually(lambda: ports.dropped >= 2 * int(dropped[1]), "as many again")
        assert len(ports.tend()) == 1


@pytest.mark.usefixtures("jack")
def test_messages_that_nobody_takes_are_dropped_and_the_ports_still_close():
    with open_ports(api="jack") as ports, Flood(ports.hears_on):
        eventually(lambda: ports.dropped > 1000, "the filling of the inbox")
        assert len(ports.receive()) >= 4096


CLOSE_AGAIN_AND_AGAIN = """
import time
from improvd.player.ports.ports import open_ports
for _ in range(20):
    with open_ports("improvd", "flood", "jack") as ports:
        while not ports.receive():
            time.sleep(0.001)
print("closed")
"""


@pytest.mark.usefixtures("jack")
def test_ports_close_while_messages_keep_coming():
    with Flood():
        done = run(CLOSE_AGAIN_AND_AGAIN)
    assert (done.returncode, done.stdout, done.stderr) == (0, "closed\n", "")


# Ports that vanish


def test_a_port_that_vanishes_is_noticed(jack: JackServer):
    with Synth("Piano", "a") as synth, open_ports("piano", "improvd", "jack") as ports:
        assert ports.tend() == []
        synth.close()
        eventually(lambda: ports.tend() == [GONE], "noticing that the piano is gone")
        ports.send(NOTE_ON)


SERVER_LOST = """
import sys
from improvd.player.ports.ports import open_ports
ports = open_ports(api="jack")
print(not ports.gone, flush=True)
sys.stdin.readline()
while not ports.gone:
    pass
for _ in range(10_000):
    ports.send(b"\\x90\\x3c\\x5a")
ports.close()
print("closed", flush=True)
sys.stdin.readline()
with open_ports(api="jack") as ports:
    print(ports.plays_on, flush=True)
    sys.stdin.readline()
    ports.send(b"\\x90\\x3c\\x5a")
"""


def test_a_server_that_dies_is_noticed_blocks_nothing_and_can_be_joined_again(jack: JackServer):
    with subprocess.Popen(
        [sys.executable, "-c", SERVER_LOST],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as player:
        assert player.stdin is not None
        assert player.stdout is not None
        too_long = threading.Timer(60, player.kill)
        too_long.start()

        def go_on():
            player.stdin.write("\n")
            player.stdin.flush()

        assert player.stdout.readline() == "True\n"
        jack.kill()
        go_on()
        assert player.stdout.readline() == "closed\n"
        jack.start()
        go_on()
        assert player.stdout.readline() == "improvd:out\n"
        with Listener("improvd:out") as listener:
            go_on()
            listener.wait_for(NOTE_ON)
        assert player.wait() == 0
        too_long.cancel()


@pytest.mark.usefixtures("jack")
def test_closed_ports_stay_closed_and_swallow_what_is_sent():
    ports = open_ports(api="jack")
    ports.close()
    ports.close()
    ports.send(NOTE_ON)
    assert ports.receive() == []
    assert not ports.gone  # that is the MIDI system, which is still there
    assert ports.tend() == []


# No MIDI system

SAY_WHY = """
import sys
from improvd.player.ports.ports import NoMidi, available, open_ports
for look in (open_ports, available):
    try:
        look(api=sys.argv[1] if len(sys.argv) > 1 else {api!r})
    except NoMidi as error:
        print(error)
"""


@pytest.fixture
def no_server() -> dict[str, str]:
    return os.environ | {"JACK_DEFAULT_SERVER": "improvd-test-no-such-server"}


def test_without_a_server_one_sentence_says_so_and_nothing_else_is_printed(no_server):
    done = run(SAY_WHY.format(api="jack"), env=no_server)
    assert done.stdout == "no MIDI: there is no running JACK server\n" * 2
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(
    sys.platform != "linux" or Path("/dev/snd/seq").exists(), reason="there is an ALSA sequencer"
)
def test_without_any_system_the_sentence_names_all_that_were_looked_for(no_server):
    done = run(SAY_WHY.format(api="auto"), env=no_server)
    sentence = (
        'no MIDI: there is no ALSA sequencer (/dev/snd/seq, which "modprobe snd-seq" makes) '
        "and no running JACK server\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, sentence * 2, "")


@pytest.mark.skipif(sys.platform != "linux", reason="it is in the other system's rtmidi")
def test_a_system_that_rtmidi_was_built_without_is_not_looked_for():
    with pytest.raises(NoMidi, match=r"^no MIDI: there is no CoreMIDI, which is macOS's$"):
        open_ports(api="coremidi")


def test_no_midi_can_be_asked_for():
    with pytest.raises(NoMidi):
        open_ports(api="none")


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("libasound.so.2: cannot open shared object file", "is in the package libasound2 "),
        ("No module named 'rtmidi'", "cannot be loaded (No module named 'rtmidi')"),
    ],
)
def test_a_library_that_cannot_be_loaded_is_one_sentence(tmp_path: Path, reason, sentence):
    (tmp_path / "rtmidi.py").write_text(f"raise ImportError({reason!r})\n")
    done = run(SAY_WHY.format(api="auto"), env=os.environ | {"PYTHONPATH": str(tmp_path)})
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 2
    assert sentence in done.stdout


# What the player may carry


@pytest.mark.usefixtures("jack")
def test_open_ports_load_nothing_slow_and_rtmidi_only_when_it_is_needed():
    done = run(
        "import sys\n"
        "from improvd.player.ports.ports import open_ports\n"
        "assert 'rtmidi' not in sys.modules\n"
        "open_ports(api='jack').close()\n"
        "print({'asyncio', 'logging', 'mido', 'numpy'} & set(sys.modules))\n"
    )
    assert (done.stdout, done.stderr) == ("set()\n", "")
