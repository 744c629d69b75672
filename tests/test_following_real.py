"""The whole program among others on a real JACK server: a master, a recorder, synths that vanish.

The master is JACK's own `jack_midi_clock`; nothing of ours is compared with itself but the notes,
which are known beforehand, since nobody plays along.
"""

import re
import statistics
import subprocess
import sys
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Self

import pytest

from improvd import performance
from improvd.config import Config
from improvd.core.timeline import NS_PER_MINUTE
from improvd.messages import Heard, Played
from improvd.model import find, load, save
from improvd.service.recorder.recording import Recording
from improvd.training.generate import rehearse
from tests.harness.daemon import DaemonProcess
from tests.harness.jack import API, JackServer, Listener, Master, Synth, eventually
from tests.harness.notes import still_sounding

BPM = 132
CLOCK, START, STOP = b"\xf8", b"\xfa", b"\xfc"
CLOCKS_PER_BEAT = 24


@pytest.fixture
def follower(jack: JackServer, tmp_path: Path) -> Iterator[DaemonProcess]:
    """improvd, whose music does not depend on the tempo: nor does its breath, in course."""
    save(tmp_path / "plain.safetensors", replace(load(find("course")), tempo_shares=None))
    options = ["--mode", "solo", "--sync", "midi", "--model", "plain.safetensors"]
    with DaemonProcess(
        *options, "--notes-per-second", "100", "--seed", "7", env=jack.env, cwd=tmp_path
    ) as jam:
        yield jam


class Tape:
    """What the master and improvd sent, heard by one other program: all in one time."""

    def __init__(self, jack: JackServer, improvd: str) -> None:
        self._listener = Listener(improvd)
        jack.connect(Master.port, "listener:in")

    def notes(self) -> list[bytes]:
        """improvd's messages so far."""
        return [message for message in self._listener.poll() if message[0] < 0xF0]

    def struck(self) -> int:
        """How many notes began."""
        return sum(message[0] & 0xF0 == 0x90 for message in self._listener.poll())

    def count(self, message: bytes) -> int:
        """How often one message was heard."""
        return self._listener.poll().count(message)

    def places(self) -> list[tuple[float, bytes]]:
        """Each note-on since the last Start, after its place in beats by the master's clock."""
        self._listener.poll()
        heard = self._listener.heard
        begin = max(n for n, (_, message) in enumerate(heard) if message == START)
        clocks = [moment for moment, message in heard[begin:] if message == CLOCK]
        period = (clocks[-1] - clocks[0]) / (len(clocks) - 1)
        places = []
        for moment, message in heard[begin:]:
            if message[0] & 0xF0 == 0x90:
                # From the nearest clock, so that no slow drift of the master counts.
                nearest = max(0, bisect_right(clocks, moment + period / 2) - 1)
                clocks_since = nearest + (moment - clocks[nearest]) / period
                places.append((clocks_since / CLOCKS_PER_BEAT, message))
        return places

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.__exit__()


def written(path: Path, count: int) -> list[tuple[float, bytes]]:
    """The first note-ons of the same music played alone, offline, after their place in beats."""
    config = Config(mode="solo", tempo=BPM, notes_per_second=100, count_in=0, seed=7)
    model = load(path)
    chart = performance.chart_of(None, config)
    who = performance.improviser(config, model)
    take, _ = rehearse(performance.offline(config, who, model, chart), count)
    notes = [(due, message) for due, message in take.messages if message[0] & 0xF0 == 0x90]
    return [(due * BPM / NS_PER_MINUTE, message) for due, message in notes[:count]]


@pytest.mark.quiet  # to the millisecond
def test_it_plays_in_phase_with_a_master_and_obeys_start_and_stop(
    jack: JackServer, follower: DaemonProcess, tmp_path: Path
):
    with Master(jack, BPM) as master, Tape(jack, follower.ports[0]) as tape:
        jack.connect(master.port, follower.ports[1])
        assert tape.notes() == []
        master.play()
        eventually(lambda: tape.struck() >= 60, "sixty notes", seconds=60)
        master.stop()
        eventually(lambda: tape.count(STOP) == 1, "the master's stop")
        eventually(lambda: not still_sounding(tape.notes()), "the last note's end")
        places = tape.places()
        expected = written(tmp_path / "plain.safetensors", len(places))
        assert [message for _, message in places] == [message for _, message in expected]
        off_ms = [
            abs(heard - due) * 60_000 / BPM
            for (heard, _), (due, _) in zip(places, expected, strict=True)
        ]
        # Both ways go through periods of 2.7 ms, at whose ends both are heard.
        assert statistics.median(off_ms) < 4
        assert sorted(off_ms)[len(off_ms) * 9 // 10] < 10


@pytest.mark.parametrize(
    ("frames", "bpm"), [(128, 90), (128, 120), (128, 140), (1024, 90), (1024, 120), (1024, 140)]
)
def test_the_tempo_is_the_masters_however_long_the_servers_period(
    frames: int, bpm: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with JackServer(frames) as jack:
        monkeypatch.setenv("JACK_DEFAULT_SERVER", jack.name)
        options = ["--api", API, "--mode", "solo", "--sync", "midi"]
        with (
            DaemonProcess(*options, env=jack.env, cwd=tmp_path) as jam,
            Master(jack, bpm) as master,
        ):
            jack.connect(master.port, jam.ports[1])
            master.play()
            jam.wait_for_beats(20)
            assert jam.leave() == 0
    events = [event for path in tmp_path.rglob("*.jam") for event in Recording(path).events()]
    clocks = [e.stamp_ns for e in events if isinstance(e, Heard) and e.message == CLOCK]
    beats = [e.beat.start_ns for e in events if isinstance(e, Played)]
    # By the master's clocks as they came: a server's idea of a second is not ours.
    counted = sum(beats[6] <= moment < beats[16] for moment in clocks)
    assert counted == pytest.approx(10 * CLOCKS_PER_BEAT, abs=3)
    ours = (beats[16] - beats[6]) / 10
    off = [abs(late - early - ours) for early, late in pairwise(beats[6:17])]
    assert statistics.median(off) < 5e6


def test_it_goes_on_where_the_song_position_says(jack: JackServer, follower: DaemonProcess):
    with Master(jack, BPM) as master, Tape(jack, follower.ports[0]) as tape:
        jack.connect(master.port, follower.ports[1])
        master.play()
        eventually(lambda: len(follower.beats) >= 6, "six beats")
        master.stop()
        eventually(lambda: tape.count(STOP) == 1, "the master's stop")
        master.locate(4 * 16)
        master.play()

        def in_bar_17() -> list[re.Match[str]]:
            return [beat for beat in follower.beats if int(beat[1]) >= 17]

        eventually(lambda: len(in_bar_17()) >= 8, "going on in bar 17")
    beats = in_bar_17()
    # The master tells a place a little ahead of bar 17, to be there when it goes on.
    assert (beats[0][1], beats[0][3]) == ("17", "Bb7"), "the fifth bar of the twelve"
    numbers = [4 * int(beat[1]) + int(beat[2]) for beat in beats]
    assert {later - earlier for earlier, later in pairwise(numbers)} == {1}


class Recorder:
    """Another program, in a process of its own, so that it may go down with its server."""

    port = "recorder:in"

    def __init__(self, jack: JackServer) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _RECORDER], stdout=subprocess.PIPE, text=True, env=jack.env
        )
        eventually(lambda: self.port in jack.ports(), "the recorder's port")

    def hear_a_note(self) -> None:
        """Return when a note begins."""
        assert self._process.stdout is not None
        while not self._process.stdout.readline().startswith("9"):
            assert self._process.poll() is None

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


_RECORDER = """
import time, rtmidi
client = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="recorder")
client.open_virtual_port("in")
while True:
    while event := client.get_message():
        print(bytes(event[0]).hex(), flush=True)
    time.sleep(0.005)
"""


def test_a_server_that_is_killed_and_restarted_is_joined_again_and_time_goes_on(
    jack: JackServer, tmp_path: Path
):
    options = ["--api", API, "--mode", "solo", "--tempo", "240", "--count-in", "0"]
    with DaemonProcess(*options, env=jack.env, cwd=tmp_path) as jam:
        with Recorder(jack) as recorder:
            jack.connect(jam.ports[0], recorder.port)
            recorder.hear_a_note()
            # The connection is seen at the next look.
            jam.wait_for_beats(len(jam.beats) + 8)
            jack.kill()
        jack.start()
        eventually(lambda: "improvd:out" in jack.ports(), "the coming back of the port")
        with Recorder(jack) as recorder:
            eventually(lambda: jack.connections("improvd:out") == [recorder.port], "joining")
            recorder.hear_a_note()
            jam.wait_for_beats(len(jam.beats) + 4)
        assert jam.leave() == 0
    beats = [
        event.beat
        for path in tmp_path.rglob("*.jam")
        for event in Recording(path).events()
        if isinstance(event, Played)
    ]
    # All beats lie on one grid, to the microsecond: those before the server's death and after it.
    period_ns = NS_PER_MINUTE / 240
    began = beats[0].start_ns - beats[0].number * period_ns
    assert max(abs(beat.start_ns - began - beat.number * period_ns) for beat in beats) < 1000
    assert len({beat.number for beat in beats}) == len(beats)


def test_a_synth_that_is_unplugged_and_plugged_in_again_plays_on(jack: JackServer, tmp_path: Path):
    options = ["--api", API, "--mode", "solo", "--tempo", "240", "--port", "grand"]
    with DaemonProcess(*options, env=jack.env, cwd=tmp_path) as jam:
        said = iter(["grand is here.", "grand is gone; still keeping time.", "grand is back."])

        def hear(synth: Synth) -> None:
            heard: list[bytes] = []

            def a_note() -> bool:
                heard.extend(synth.heard())
                return any(message[0] & 0xF0 == 0x90 for message in heard)

            eventually(a_note, "hearing a note")

        def say(sentence: str) -> None:
            eventually(lambda: sentence in jam.lines, sentence)

        jam.wait_for_beats(2)
        with Synth("Grand Piano", "midi") as synth:
            say(next(said))
            hear(synth)
        say(next(said))
        before = len(jam.beats)
        jam.wait_for_beats(before + 4)
        with Synth("Grand Piano", "midi") as synth:
            say(next(said))
            hear(synth)
        assert jam.leave() == 0
    places = [4 * int(beat[1]) + int(beat[2]) for beat in jam.beats]
    assert {later - earlier for earlier, later in pairwise(places)} == {1}
