"""A real improvd, steered while it plays: by `improvd ctl`, by a script, by a knob."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from improvd.orders.table import ROWS
from improvd.service.remote.client import Client
from tests.harness.daemon import DaemonProcess, folders
from tests.harness.jack import JackServer, Keyboard, Listener, eventually
from tests.harness.notes import still_sounding

MANUAL = Path(__file__).parents[1] / "docs" / "CONTROL.md"


@pytest.fixture
def jam(tmp_path: Path) -> Iterator[DaemonProcess]:
    """One that plays to nobody."""
    (tmp_path / "my.toml").write_text('tempo = 240\ncount_in = 0\nmode = "solo"\n')
    with DaemonProcess("--api", "none", "--config", "my.toml", cwd=tmp_path) as jam:
        jam.wait_for_beats(2)
        yield jam


def ctl(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "improvd", "ctl", *words],
        env=os.environ | folders(place), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def ask(place: Path, order: str) -> dict[str, Any]:
    """What `ctl` does, without a process of its own."""
    with Client(place / "run" / "improvd" / "improvd.sock", "improvd") as client:
        return client.ask(order)


def told(place: Path, order: str) -> str:
    text: str = ask(place, order)["text"]
    return text


def status(place: Path) -> dict[str, Any]:
    now: dict[str, Any] = ask(place, "status")["status"]
    return now


def chords(jam: DaemonProcess) -> list[str]:
    return [beat[3] for beat in jam.beats]


def test_another_chart_takes_over_on_a_bar_line(jam, tmp_path):
    told(tmp_path, "chart | Ebm7 | Ab7 |")
    eventually(lambda: "Ab7" in chords(jam), "the new chords")
    first = next(beat for beat in jam.beats if beat[3] in {"Ebm7", "Ab7"})
    assert first[2] == "1"
    refused = ctl(tmp_path, "chart", "| Hx7 |")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("improvd: bar 1: ")


def test_a_chart_that_comes_along_is_ordered_by_its_name(jam, tmp_path):
    told(tmp_path, "chart modal")
    eventually(lambda: "Dm7" in chords(jam), "the chords of the chart of that name")
    refused = ctl(tmp_path, "chart", "modals")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "charts that come with improvd are: ballad, " in refused.stderr


def test_a_mode_ordered_before_the_bar_line_of_another_chart_holds_after_it(jam, tmp_path):
    told(tmp_path, "chart | Ebm7 | Ab7 |")
    told(tmp_path, "mode trade 2")
    eventually(lambda: chords(jam).count("Ab7") >= 8, "two rounds of the new chords")
    turns = {beat[4] for beat in jam.beats if beat[3] in {"Ebm7", "Ab7"}}
    assert turns == {"your turn", "improvd"}


def test_another_tempo_is_played_from_then_on(jam, tmp_path):
    told(tmp_path, "tempo 400")
    count = len(jam.beats)
    eventually(lambda: status(tmp_path)["bpm"] == pytest.approx(400), "the tempo")
    jam.wait_for_beats(count + 20)
    assert told(tmp_path, "tempo -150") == "250 beats per minute."


def test_whose_turn_it_is_can_be_said(jam, tmp_path):
    told(tmp_path, "turn listen")
    eventually(lambda: jam.beats[-1][4] == "your turn", "listening")
    told(tmp_path, "turn play")
    eventually(lambda: jam.beats[-1][4] == "improvd", "playing")


def test_the_file_read_again_changes_what_it_says_and_nothing_else(jam, tmp_path):
    told(tmp_path, "tempo 300")
    (tmp_path / "my.toml").write_text('tempo = 240\nmode = "trade 1"\nport = "x"\ncount_in = 0\n')
    assert told(tmp_path, "reload") == "Read again; changed: mode. Only after a restart: port."
    eventually(lambda: jam.beats[-1][4] == "your turn", "trading")
    now = status(tmp_path)
    assert (now["mode"], now["bpm"]) == ("trade 1", pytest.approx(300))
    (tmp_path / "my.toml").write_text("tempo = ")
    refused = ctl(tmp_path, "reload")
    assert refused.returncode == 2
    assert "my.toml: is not TOML" in refused.stderr
    assert status(tmp_path)["mode"] == "trade 1"


def test_what_was_ordered_outlives_the_player(jam, tmp_path):
    told(tmp_path, "tempo 320")
    told(tmp_path, "chart | Ebm7 | Ab7 |")
    eventually(lambda: "Ab7" in chords(jam), "the new chords")
    os.kill(jam.player, signal.SIGKILL)
    eventually(lambda: status(tmp_path)["restarts"] == 1 and status(tmp_path)["up"], "another one")
    count = len(jam.beats)
    jam.wait_for_beats(count + 8)
    assert set(chords(jam)[count:]) == {"Ebm7", "Ab7"}
    assert status(tmp_path)["bpm"] == pytest.approx(320)


def test_what_was_ordered_of_a_player_that_stands_still_is_carried_out_by_the_next(jam, tmp_path):
    os.kill(jam.player, signal.SIGSTOP)
    assert told(tmp_path, "mode trade 3") in {
        "It was passed on, and is not carried out yet.",
        "No player plays at the moment; the next one carries it out.",
        "The mode is trade 3.",  # the next one was there within a second
    }
    eventually(lambda: status(tmp_path)["mode"] == "trade 3", "the next player's doing it", 30)
    assert status(tmp_path)["restarts"] == 1


def test_answers_under_a_transport_that_stands_still_are_true(tmp_path):
    with DaemonProcess("--api", "none", "--sync", "midi", cwd=tmp_path):
        eventually((tmp_path / "run" / "improvd" / "improvd.sock").is_socket, "the socket")
        eventually(lambda: status(tmp_path)["up"], "the player")
        play = ctl(tmp_path, "turn", "play")
        assert (play.returncode, play.stdout) == (
            0,
            "It plays from the next beat on, once the clock starts (the transport is stopped).\n",
        )
        again = ctl(tmp_path, "again")
        assert (again.returncode, again.stdout) == (2, "")
        assert again.stderr == (
            "improvd: no chorus is being played that could be repeated (the transport is stopped)\n"
        )
        assert status(tmp_path)["notes"] == 0


def test_keep_again_snapshot_and_stop(jam, tmp_path):
    jam.wait_for_beats(10)
    kept = re.fullmatch(r"Kept in (.*)\.", told(tmp_path, "keep"))
    assert kept
    assert Path(kept[1]).read_bytes().startswith(b"MThd")
    written = re.fullmatch(r"Written down in (.*)\.", told(tmp_path, "snapshot"))
    assert written
    assert Path(written[1]).is_file()
    assert told(tmp_path, "again") == "This chorus comes again when it is over."
    assert ctl(tmp_path, "stop").stdout == "Bye.\n"
    with DaemonProcess("--api", "none", cwd=tmp_path) as at_once:
        at_once.wait_for_beats(1)
    assert jam.process.wait(10) == 0
    gone = ctl(tmp_path, "status")
    assert gone.returncode == 2
    assert gone.stderr == "improvd: no improvd named improvd plays here; `improvd` starts one\n"


def test_a_second_one_of_the_name_is_refused_and_the_first_plays_on(jam, tmp_path):
    second = subprocess.run(
        [sys.executable, "-m", "improvd", "--api", "none"], cwd=tmp_path,
        env=os.environ | folders(tmp_path), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr.startswith("improvd: an improvd named improvd plays already: end it with")
    assert second.stderr.count("\n") == 1
    jam.wait_for_beats(len(jam.beats) + 4)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--metrics", "127.0.0.1:99999"], "metrics 127.0.0.1:99999: nothing can be served there"),
        (["--metrics", "x"], "--metrics x: it is an address and a port, such as 127.0.0.1:9464"),
        (["--config", "bad.toml"], 'controls: "cc 1" = "dance": there is no order \'dance\''),
    ],
)
def test_what_cannot_be_served_or_mapped_is_refused_at_the_start(tmp_path, options, sentence):
    (tmp_path / "bad.toml").write_text('[controls]\n"cc 1" = "dance"\n')
    with DaemonProcess("--api", "none", *options, cwd=tmp_path) as refused:
        assert refused.process.wait(20) == 2
        assert refused.lines == []
        assert refused.errors.read_text().startswith(f"improvd: {sentence}")
        assert refused.errors.read_text().count("\n") == 1


def test_the_figures_are_those_of_what_plays(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with DaemonProcess(
        "--api", "none", "--tempo", "240", "--metrics", address, cwd=tmp_path
    ) as jam:
        jam.wait_for_beats(8)
        page = urllib.request.urlopen(f"http://{address}/metrics", timeout=10).read().decode()
    figures = dict(line.rsplit(" ", 1) for line in page.splitlines() if line[0] != "#")
    assert (figures["improvd_up"], float(figures["improvd_tempo_bpm"])) == ("1.0", 240)
    assert float(figures["improvd_beats_total"]) >= 8
    assert float(figures["improvd_lateness_seconds_count"]) >= float(figures["improvd_notes_total"])


def test_after_a_kill_of_the_service_the_name_is_free_again(jam, tmp_path):
    jam.process.kill()
    jam.process.wait(10)
    assert (tmp_path / "run" / "improvd" / "improvd.sock").is_socket()
    with DaemonProcess("--api", "none", cwd=tmp_path) as again:
        again.wait_for_beats(1)
        assert status(tmp_path)["up"]


def test_the_script_of_the_manual_works(jam, tmp_path):
    """docs/CONTROL.md shows a few lines of Python: these."""
    script = MANUAL.read_text().partition("```python\n")[2].partition("```")[0]
    assert len([line for line in script.splitlines() if line]) == 5
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | folders(tmp_path),
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert json.loads(done.stdout)["ok"] is True


def test_every_order_of_the_manual_is_answered_as_it_says(jam, tmp_path):
    jam.wait_for_beats(6)
    lines = MANUAL.read_text().partition("```jsonl\n")[2].partition("```")[0].splitlines()
    pairs = list(zip(lines[::2], lines[1::2], strict=True))
    assert {json.loads(asked)["order"].split()[0] for asked, _ in pairs} == {
        *ROWS, "dance"
    } - {"status", "watch", "map", "stop"}  # fmt: skip
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(tmp_path / "run" / "improvd" / "improvd.sock"))
        answers = client.makefile("r")
        for asked, answer in pairs:
            client.sendall(asked.encode() + b"\n")
            assert _steady(answers.readline()) == _steady(answer)


def _steady(line: str) -> str:
    """An answer without what is another one each time: paths, and a seed that was drawn."""
    return re.sub(r"Seed \d{2,}", "Seed DRAWN", re.sub(r"/\S+", "PATH", line.strip()))


def test_two_hundred_clients_slow_and_full_of_garbage_do_not_stop_the_beat(jam, tmp_path):
    with ExitStack() as stack:
        crowd = []
        for number in range(200):
            client = stack.enter_context(socket.socket(socket.AF_UNIX))
            client.connect(str(tmp_path / "run" / "improvd" / "improvd.sock"))
            # Those who watch do not read, the others do not say anything whole.
            lines = [b'{"order": "watch"}\n', b"\xff\x00{" * 9000, b'{"order": \n' * 900]
            with suppress(BrokenPipeError):
                client.sendall(lines[number % 3])
            crowd.append(client)
        count = len(jam.beats)
        while len(jam.beats) < count + 16:
            assert told(tmp_path, "mute off") == "It plays aloud."
    numbers = [(int(beat[1]) - 1) * 4 + int(beat[2]) for beat in jam.beats]
    assert all(b - a == 1 for a, b in pairwise(numbers))
    assert (status(tmp_path)["restarts"], status(tmp_path)["lost"]) == (0, 0)


def test_a_knob_is_mapped_by_turning_it_and_a_pedal_from_the_file(jack: JackServer, tmp_path: Path):
    file = tmp_path / "my.toml"
    file.write_text('# mine\n[controls]\n"cc 64" = "turn listen"\n"cc 64 up" = "turn auto"\n')
    options = ("--tempo", "300", "--count-in", "0", "--mode", "solo", "--config", str(file))
    with DaemonProcess(*options, env=jack.env, cwd=tmp_path) as jam:
        with Listener(jam.ports[0]) as listener, Keyboard(jam.ports[1]) as keyboard:
            jam.wait_for_beats(2)
            keyboard.send(bytes((0xB0, 64, 127)))
            eventually(lambda: jam.beats[-1][4] == "your turn", "the pedal")
            keyboard.send(bytes((0xB0, 64, 0)))
            eventually(lambda: jam.beats[-1][4] == "improvd", "the pedal let go")
            mapping = subprocess.Popen(
                [sys.executable, "-m", "improvd", "ctl", "map", "tempo"],
                env=os.environ | folders(tmp_path), stdout=subprocess.PIPE, text=True,
            )  # fmt: skip

            def mapped() -> bool:
                keyboard.send(bytes((0xB0, 20, 100)))
                return mapping.poll() is not None

            eventually(mapped, "the knob's being mapped", 60)
            keyboard.send(bytes((0xB0, 20, 127)))
            eventually(lambda: status(tmp_path)["bpm"] == pytest.approx(240), "the knob up", 60)
            keyboard.send(bytes((0xB0, 20, 50)))
            eventually(lambda: status(tmp_path)["bpm"] == pytest.approx(119), "the knob down", 60)
            assert jam.leave() == 0
            assert still_sounding(listener.poll()) == set()
        assert mapping.stdout is not None
        said = mapping.stdout.read()
        mapping.stdout.close()
    assert said == f'"cc 20" orders "tempo" from now on; kept in {file}.\n'
    assert file.read_text() == (
        '# mine\n[controls]\n"cc 64" = "turn listen"\n"cc 64 up" = "turn auto"\n"cc 20" = "tempo"\n'
    )
