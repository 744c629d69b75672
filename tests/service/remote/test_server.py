"""The control socket, for real: a line in, a line out, and nobody who can hold it up."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from improvd.config import ConfigError
from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import Turn
from improvd.messages import Heard, Moved, Mute, Notice, Played, Tempo, Turned
from improvd.service.remote.address import Address, NameTakenError, known_address, socket_path
from improvd.service.remote.client import Client
from improvd.service.remote.server import LONGEST_LINE, MOST_CLIENTS, Control
from tests.harness.control import Stage

FUZZ = int(os.environ.get("FUZZ", "200"))
BEAT = Beat(17, 5, 2, "Bb7", Turn.PLAY, 13, True, 43, (60, 62), 123)
Script = Callable[["Session"], Awaitable[None]]


class Session:
    """A desk behind a socket, and clients of it."""

    def __init__(self, folder: Path, stage: Stage, control: Control) -> None:
        self.path = socket_path(folder, "improvd")
        self.stage = stage
        self.control = control
        self._callers: list[Caller] = []

    async def client(self) -> "Caller":
        self._callers.append(Caller(*await asyncio.open_unix_connection(self.path)))
        return self._callers[-1]

    async def hang_up(self) -> None:
        for caller in self._callers:
            caller.writer.close()
            with suppress(OSError):  # the other side was first
                await caller.writer.wait_closed()


class Caller:
    """Somebody who is connected."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def line(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(await self.reader.readline())
        return answer

    async def ask(self, order: str) -> dict[str, Any]:
        self.writer.write(json.dumps({"order": order}).encode() + b"\n")
        return await self.line()

    async def say(self, line: bytes) -> dict[str, Any]:
        self.writer.write(line)
        return await self.line()


@pytest.fixture
def during(tmp_path: Path) -> Callable[[Script], Stage]:
    """Run a script while the socket is open."""

    def run(script: Script) -> Stage:
        return asyncio.run(session(tmp_path, script))

    return run


async def session(folder: Path, script: Script) -> Stage:
    stage = Stage(folder)
    async with asyncio.timeout(60):
        with closing(Address(folder, "improvd", folder / "state")) as address:
            async with Control(address, stage.dispatcher) as control:
                called = Session(folder, stage, control)
                try:
                    await script(called)
                finally:
                    await called.hang_up()
    assert not socket_path(folder, "improvd").exists()
    return stage


def test_a_line_in_is_a_line_out(during):
    async def script(session: Session) -> None:
        client = await session.client()
        assert await client.ask("tempo 92") == {"ok": True, "text": "92 beats per minute."}
        assert await client.ask("tempo +3") == {"ok": True, "text": "95 beats per minute."}
        status = await client.ask("status")
        assert (status["ok"], status["status"]["bpm"]) == (True, 95.0)
        assert await client.ask("tempo 5") == {
            "ok": False, "error": "tempo 5: it is a number from 20 to 400"
        }  # fmt: skip

    assert during(script).band.told == [Tempo(92.0), Tempo(95.0)]


def test_the_socket_is_for_its_owner_alone(during):
    async def script(session: Session) -> None:
        assert session.path.stat().st_mode & 0o777 == 0o600

    during(script)


def test_the_last_line_needs_no_end(during):
    async def script(session: Session) -> None:
        client = await session.client()
        client.writer.write(b'{"order": "mute on"}')
        client.writer.write_eof()
        assert (await client.line())["ok"]
        assert await client.reader.read() == b""

    assert during(script).band.told == [Mute(True)]


@pytest.mark.parametrize(
    "line", [b"\n", b"tempo 120\n", b'{"order": 3}\n', b'{"do": "end"}\n', b"\xff\xfe\n", b"[]\n",
             b'{"order": "tempo 120"\n', b"[" * 5000 + b"\n", b'{"order": "\\ud800"}\n',
             b'{"\xf4": 1}\n', b'{"order": "\x86"}\n',
             b'{"x": ' + b"[" * 5000 + b"\n"]
)  # fmt: skip
def test_what_is_no_line_is_told_how_one_looks_and_may_go_on(during, line):
    async def script(session: Session) -> None:
        client = await session.client()
        answer = await client.say(line)
        assert answer["ok"] is False
        assert '{"order": "tempo 120"}' in answer["error"] or "no order" in answer["error"]
        assert (await client.ask("tempo 120"))["ok"]

    during(script)


def test_a_line_too_long_is_refused_and_the_next_one_is_heard(during):
    async def script(session: Session) -> None:
        client = await session.client()
        answer = await client.say(b"x" * (LONGEST_LINE * 2) + b"\n")
        assert str(LONGEST_LINE) in answer["error"]
        other = await session.client()
        assert (await other.ask("status"))["ok"]

    during(script)


def test_those_who_watch_see_beats_and_notices(during):
    async def script(session: Session) -> None:
        client = await session.client()
        assert (await client.ask("watch"))["ok"]
        for report in (
            Turned(0), Heard(0, b"\xf8"), Played(BEAT), Notice("x"), Moved(0, "rolling", 90.0)
        ):  # fmt: skip
            session.control.take(report)
        beat = (await client.line())["beat"]
        assert (beat["bar"], beat["chord"], beat["turn"]) == (5, "Bb7", "play")
        assert await client.line() == {"notice": "x"}
        assert await client.line() == {"moved": {"standing": "rolling", "bpm": 90.0}}
        assert (await client.ask("mute on"))["ok"], "it may give orders too"

    during(script)


def test_who_watches_and_does_not_read_is_dropped_and_the_others_are_not(during):
    async def script(session: Session) -> None:
        slow, quick = await session.client(), await session.client()
        for client in (slow, quick):
            await client.ask("watch")
        slow.writer.transport.pause_reading()
        for number in range(20_000):
            session.control.take(Notice(str(number)))
            if number % 100 == 0:
                await asyncio.sleep(0)
                while (await quick.line())["notice"] != str(number):
                    pass
        slow.writer.transport.resume_reading()
        seen = (await slow.reader.read()).count(b"\n")
        assert 0 < seen < 20_000

    during(script)


def test_who_orders_and_does_not_read_is_dropped(during):
    async def script(session: Session) -> None:
        raw = socket.socket(socket.AF_UNIX)
        raw.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(raw, str(session.path))
        with suppress(BrokenPipeError, ConnectionResetError):
            while True:
                await loop.sock_sendall(raw, b'{"order": "status"}\n' * 100)
        raw.close()
        assert (await (await session.client()).ask("status"))["ok"]

    during(script)


def test_two_hundred_clients_idle_slow_or_full_of_garbage_keep_nobody_from_an_answer(during):
    async def script(session: Session) -> None:
        crowd = [await session.client() for _ in range(200)]
        for number, client in enumerate(crowd):
            client.writer.write([b"", b"{", b"\x00\xff" * 2000 + b"\n", b"\n" * 500][number % 4])
        for number in range(20):
            client = await session.client()
            assert (await client.ask(f"tempo {100 + number}"))["ok"]
        for client in crowd:
            client.writer.transport.abort()

    assert during(script).band.told == [Tempo(100.0 + number) for number in range(20)]


def test_who_has_been_idle_for_longest_goes_when_there_are_too_many(during):
    async def script(session: Session) -> None:
        first, watching = await session.client(), await session.client()
        await first.ask("status")
        await watching.ask("watch")
        others = [await session.client() for _ in range(MOST_CLIENTS - 2)]
        session.control.take(Played(BEAT))
        others.append(await session.client())
        assert await first.reader.read() == b""
        assert (await watching.line())["beat"]["bar"] == 5

    during(script)


def test_a_knob_is_waited_for_while_other_orders_are_given(during):
    async def script(session: Session) -> None:
        client = await session.client()
        client.writer.write(b'{"order": "map keep"}\n')
        assert (await client.ask("mute on"))["text"] == "It plays without a sound."
        session.stage.dispatcher.take(Heard(0, bytes((0xB0, 64, 127))))
        assert '"cc 64" orders "keep"' in (await client.line())["text"]

    during(script)


def test_who_hangs_up_before_a_knob_has_moved_maps_nothing(during):
    async def script(session: Session) -> None:
        client, other = await session.client(), await session.client()
        client.writer.write(b'{"order": "map keep"}\n')
        await client.ask("status")
        client.writer.close()
        await client.writer.wait_closed()
        while len(session.control._clients) > 1:
            await other.ask("status")
        session.stage.dispatcher.take(Heard(0, bytes((0xB0, 64, 127))))
        await other.ask("status")

    assert during(script).file.read_text() == ""


def test_ctl_waits_where_many_others_wait_to_be_let_in(tmp_path):
    with closing(Address(tmp_path, "improvd", tmp_path / "state")) as address:
        address.socket.listen(0)
        waiting = socket.socket(socket.AF_UNIX)
        waiting.connect(str(socket_path(tmp_path, "improvd")))
        letting_in = threading.Timer(
            0.2, lambda: [address.socket.accept()[0].close() for _ in range(2)]
        )
        letting_in.start()
        with Client(socket_path(tmp_path, "improvd"), "improvd"):
            waiting.close()
        letting_in.join()


# -- two of a name, and what a dead one leaves ---------------------------------------------------


def test_a_second_one_of_the_same_name_is_told_so_and_the_first_one_goes_on(during, tmp_path):
    async def script(session: Session) -> None:
        with pytest.raises(NameTakenError, match="an improvd named improvd plays already"):
            Address(tmp_path, "improvd", tmp_path / "state")
        Address(tmp_path, "two", tmp_path / "state").close()
        assert (await (await session.client()).ask("status"))["ok"]

    during(script)


def test_what_a_killed_one_left_is_replaced(during, tmp_path):
    script = (
        "import sys, time; from pathlib import Path;"
        "from improvd.service.remote.address import Address;"
        "place = Path(sys.argv[1]); address = Address(place, 'improvd', place / 'state');"
        "print('up', flush=True); time.sleep(60)"
    )
    killed = subprocess.Popen([sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE)
    assert killed.stdout is not None
    with killed.stdout:
        assert killed.stdout.readline() == b"up\n"
        with pytest.raises(NameTakenError):
            during(lambda _: asyncio.sleep(0))
        killed.kill()
        killed.wait()
    assert socket_path(tmp_path, "improvd").is_socket()

    async def ask(session: Session) -> None:
        assert (await (await session.client()).ask("status"))["ok"]

    during(ask)


def test_a_folder_that_can_hold_no_socket_is_refused_in_a_sentence(tmp_path):
    folder = tmp_path / ("x" * 100)
    folder.mkdir()

    for place, why in ((folder, "too long"), (tmp_path / "nowhere", "No such file")):
        with pytest.raises(ConfigError, match=rf"improvd\.sock: cannot be a socket \(.*{why}"):
            Address(place, "improvd", tmp_path / "state")


def test_a_second_one_with_the_same_state_is_told_so_wherever_its_socket_would_be(tmp_path):
    boot, desktop, state = (tmp_path / name for name in ("boot", "desktop", "state"))
    boot.mkdir()
    desktop.mkdir()
    with closing(Address(boot, "improvd", state)):
        with pytest.raises(NameTakenError, match="plays already"):
            Address(desktop, "improvd", state)
        assert known_address(state, "improvd") == socket_path(boot, "improvd")
        Address(desktop, "improvd", tmp_path / "another").close()
    with closing(Address(desktop, "improvd", state)):
        assert known_address(state, "improvd") == socket_path(desktop, "improvd")


def test_where_no_state_can_be_kept_the_socket_alone_says_who_plays(tmp_path):
    (tmp_path / "state").write_text("no folder")
    with closing(Address(tmp_path, "improvd", tmp_path / "state")):
        assert known_address(tmp_path / "state", "improvd") is None
        with pytest.raises(NameTakenError):
            Address(tmp_path, "improvd", tmp_path / "state")


# -- whatever comes in ---------------------------------------------------------------------------

ORDERISH = st.builds(
    lambda word, rest: json.dumps({"order": f"{word} {rest}"}).encode(),
    st.sampled_from(["tempo", "bar", "turn", "mode", "mute", "chart", "model", "status", "x"]),
    st.text(max_size=40),
)
DAMAGED = st.builds(
    lambda line, at, byte: line[:at] + byte + line[at + 1 :],
    ORDERISH, st.integers(0, 60), st.binary(max_size=1),
)  # fmt: skip
LINES = st.lists(st.binary(max_size=60) | ORDERISH | DAMAGED, max_size=200)


@settings(
    max_examples=FUZZ, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(LINES)
def test_whatever_comes_in_every_line_is_answered_in_one(during, lines):
    sent = b"".join(line.replace(b"\n", b"") + b"\n" for line in lines)

    async def script(session: Session) -> None:
        client = await session.client()
        client.writer.write(sent)
        client.writer.write_eof()
        answers = [json.loads(line) async for line in client.reader]
        assert len(answers) == len(lines)
        for answer in answers:
            assert isinstance(answer["text" if answer["ok"] else "error"], str)
        assert (await (await session.client()).ask("status"))["ok"]

    during(script)
