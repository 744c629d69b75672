"""The page as it is served: over real connections, with a daemon whose player is a jam in here."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import Turn
from improvd.messages import Notice, Played, Ready, Sent, Share, Tempo
from improvd.model import find, load
from improvd.service.status import settings
from improvd.service.status.settings import Source
from improvd.service.steering import Steering
from tests.harness.control import Band

READY = Ready("improvd:out", "improvd-01:in", 96.0, 4, "Blues in F")
BEAT = Beat(17, 5, 2, "Bb7", Turn.PLAY, 13, True, 43, (60, 62), 123, yours=(65, 69))


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("RUNTIME_DIRECTORY", "STATE_DIRECTORY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@dataclass
class Open:
    """A page that is served: the daemon behind it, and where."""

    band: Band
    steering: Steering
    port: int
    token: str = field(default="", repr=False)

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": f"improvd-{self.port}={self.token}"} if self.token else {}

    def talk(self, **extra: Any) -> connect:
        """A page's WebSocket."""
        headers = self.headers | extra.pop("headers", {})
        return connect(f"ws://127.0.0.1:{self.port}/talk", additional_headers=headers, **extra)

    async def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of a plain request."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        asked = {"Host": f"127.0.0.1:{self.port}", "Connection": "close"} | self.headers | headers
        lines = "".join(f"{name}: {value}\r\n" for name, value in asked.items())
        writer.write(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
        head, _, body = (await asyncio.wait_for(reader.read(), 10)).partition(b"\r\n\r\n")
        writer.close()
        status, *rest = head.decode().split("\r\n")
        named = (line.partition(": ") for line in rest)
        return int(status.split()[1]), {name.lower(): value for name, _, value in named}, body


@asynccontextmanager
async def opened(folder: Path, address: str = "127.0.0.1:0") -> AsyncIterator[Open]:
    file = folder / "improvd.toml"
    file.write_text(f'web = "{address}"\n')
    source = Source(file, {})
    written = source.read()
    band = Band(folder, settings.perform(written))
    async with Steering(source, written, band) as steering:
        band.take = steering.take
        address, _, token = band.link.partition("/?token=")
        served = Open(band, steering, int(address.strip("/").rpartition(":")[2]), token)
        steering.take(READY)
        await eventually_served(served)
        yield served


async def eventually_served(served: Open) -> None:
    """It is loaded after the first beat; who asks before that waits."""
    status, _, _ = await served.get("/")
    assert status == 200


async def until(page: ClientConnection, kind: str, **wanted: Any) -> dict[str, Any]:
    """The next frame of a kind, with these fields."""
    async with asyncio.timeout(10):
        while True:
            frame: dict[str, Any] = json.loads(await page.recv())
            if frame["t"] == kind and all(frame[key] == value for key, value in wanted.items()):
                return frame


async def ask(page: ClientConnection, order: str) -> dict[str, Any]:
    await page.send(json.dumps({"t": "order", "id": 7, "text": order}))
    return await until(page, "answer", id=7)


async def flood(served: Open, frames: list[str]) -> None:
    """Send these, and then read for ever."""
    async with served.talk() as page:
        for frame in frames:
            await page.send(frame)
        while True:
            await asyncio.wait_for(page.recv(), 10)


def run(
    folder: Path, test: Callable[[Open], Awaitable[None]], address: str = "127.0.0.1:0"
) -> None:
    async def within() -> None:
        async with opened(folder, address) as served:
            await test(served)

    asyncio.run(within())


def test_a_page_is_greeted_with_all_it_needs_to_draw(tmp_path):
    async def test(served: Open) -> None:
        async with served.talk() as page:
            hello = await until(page, "hello")
            assert {"tempo", "chart", "panic"} <= {word for word, *_ in hello["orders"]}
            assert "bossa" in hello["charts"]
            status = await until(page, "status")
            assert (status["mode"], status["title"], status["pages"]) == ("follow", "Blues in F", 1)
            assert status["peers"] == [["out", "synth:in"]]
            served.steering.take(Played(BEAT))
            sheet = await until(page, "sheet")
            assert (len(sheet["bars"]), sheet["beats"]) == (12, 48)
            assert sheet["bars"][3] == [[0, "Cm7"], [2, "F7"]]

    run(tmp_path, test)


def test_orders_of_a_page_are_those_of_ctl_and_answered_to_it(tmp_path):
    async def test(served: Open) -> None:
        async with served.talk() as page, served.talk() as other:
            assert (await ask(page, "tempo 92"))["text"] == "92 beats per minute."
            assert (await ask(other, "tempo +5"))["text"] == "97 beats per minute."
            assert (await ask(page, "mode trade 2"))["ok"]
            refused = await ask(page, "tempo 900")
            assert not refused["ok"]
            assert refused["text"] == "tempo 900: it is a number from 20 to 400"
            status = await until(other, "status", mode="trade 2")
            assert status["bpm"] == 97
            assert served.band.told[:3] == [Tempo(92.0), Tempo(97.0), Share("trade 2")]

    run(tmp_path, test)


@pytest.mark.parametrize(
    "order", ["chart /etc/passwd", "model /etc/passwd", "map tempo", "watch", "chart ../x", "dance"]
)
def test_a_page_opens_no_files_and_waits_for_no_knob(tmp_path, order):
    async def test(served: Open) -> None:
        async with served.talk() as page:
            answer = await ask(page, order)
            assert not answer["ok"]
            assert "root" not in answer["text"]
            assert served.band.told == []

    run(tmp_path, test)


def test_a_chart_is_checked_while_it_is_typed(tmp_path):
    async def test(served: Open) -> None:
        async with served.talk() as page:
            for number, text in enumerate(["| Dm7 | G7 |", "| Dm7 | Hx9 |", "nothing", "bossa"]):
                await page.send(json.dumps({"t": "check", "id": number, "text": text}))
            found = {}
            while len(found) < 4:
                checked = await until(page, "checked")
                found[checked["id"]] = checked
            assert (found[0]["ok"], found[0]["bars"]) == (True, 2)
            assert (found[1]["ok"], found[1]["bar"]) == (False, 2)
            assert "Hx9" in found[1]["error"]
            assert (found[2]["ok"], found[3]["ok"]) == (False, True)

    run(tmp_path, test)


def test_what_a_page_strikes_is_heard_with_its_stamp_and_let_go_when_it_leaves(tmp_path):
    async def test(served: Open) -> None:
        async with served.talk() as page, served.talk() as other:
            await until(page, "status")
            struck = time.monotonic_ns() / 1e6 - 40
            await page.send(json.dumps({"t": "play", "at": struck, "m": [0x90, 60, 90]}))
            await page.send(json.dumps({"t": "play", "at": 9e15, "m": [0x90, 64, 90]}))
            heard = await until(other, "heard")
            [at, message, by], *_ = heard["m"]
            assert at == pytest.approx(struck, abs=0.01)
            assert (message, by) == ([0x90, 60, 90], 1)
        await asyncio.sleep(0.1)
        stamps = [stamp for stamp, _ in served.band.heard]
        assert max(stamps) <= time.monotonic_ns(), "nothing is struck in the future"
        offs = [message for _, message in served.band.heard if message[0] == 0x80]
        assert sorted(message[1] for message in offs) == [60, 64]

    run(tmp_path, test)


def test_the_clocks_are_compared(tmp_path):
    async def test(served: Open) -> None:
        async with served.talk() as page:
            before = time.monotonic_ns() / 1e6
            await page.send('{"t":"clock","at":12.5}')
            answer = await until(page, "clock")
            assert answer["at"] == 12.5
            assert before <= answer["now"] <= time.monotonic_ns() / 1e6

    run(tmp_path, test)


def test_what_is_played_said_and_thought_is_told(tmp_path):
    async def test(served: Open) -> None:
        async with served.talk() as page:
            await until(page, "status")
            served.steering.take(Sent(10**9, 10**9 + 2 * 10**6, b"\x90\x40\x50"))
            served.steering.take(Played(BEAT))
            served.steering.take(Notice("A cable was pulled."))
            assert (await until(page, "sent"))["m"] == [[1000, 1002, [0x90, 0x40, 0x50]]]
            assert (await until(page, "beat"))["chord"] == "Bb7"
            assert (await until(page, "say"))["text"] == "A cable was pulled."
            served.band.beats_saved += 1
            due = await until(page, "due")
            assert due["beat_ms"] == pytest.approx(500)
            mind = await until(page, "mind")
            units = load(find(served.band.perform.config.model)).weights.n_a
            assert (len(mind["a"]), len(mind["likeliest"])) == (units, 10)

    run(tmp_path, test)


def test_another_chart_is_drawn_from_its_bar_line_on(tmp_path):
    async def test(served: Open) -> None:
        async with served.talk() as page:
            served.steering.take(Played(BEAT))
            await until(page, "sheet", title="Blues in F")
            assert (await ask(page, "chart | Dm7 | G7 |"))["ok"]
            served.steering.take(Played(BEAT))
            served.steering.take(Notice("not yet"))
            while (frame := json.loads(await page.recv()))["t"] != "say":
                assert frame["t"] != "sheet"
            served.steering.take(Played(Beat(20, 6, 1, "Dm7", Turn.PLAY, 1, False, 2, (), 5)))
            assert len((await until(page, "sheet"))["bars"]) == 2

    run(tmp_path, test)


def test_every_answer_has_a_strict_policy_and_no_file_is_outside_of_the_page(tmp_path):
    async def test(served: Open) -> None:
        for path in ("/", "/jams", "/nowhere"):
            _, headers, _ = await served.get(path)
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert headers["x-content-type-options"] == "nosniff"
        for path in (
            "/../live_page.py",
            "/%2e%2e/app.py",
            "/..%2fapp.py",
            "/jams/../../x",
            "//etc/passwd",
        ):
            status, _, body = await served.get(path)
            assert (status, b"import" in body) == (404, False)
        status, headers, _ = await served.get("/")
        assert (await served.get("/", **{"If-None-Match": headers["etag"]}))[0] == 304

    run(tmp_path, test)


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"}],
)
def test_no_other_page_steers_it(tmp_path, headers):
    async def test(served: Open) -> None:
        with pytest.raises(InvalidStatus) as refused:
            async with served.talk(headers=headers):
                pass
        assert refused.value.response.status_code == 403
        ours = {"Origin": f"http://127.0.0.1:{served.port}"}
        async with served.talk(headers=ours) as page:
            assert (await ask(page, "mute on"))["ok"]

    run(tmp_path, test)


def test_a_name_that_was_made_to_lead_here_is_refused(tmp_path):
    async def test(served: Open) -> None:
        for path in ("/", "/jams", "/talk"):
            status, _, body = await served.get(path, Host="rebound.example:8765")
            assert (status, body) == (421, b"Not by this name.\n")

    run(tmp_path, test)


def test_beyond_this_machine_the_token_is_needed_for_everything(tmp_path):
    async def test(served: Open) -> None:
        token, served.token = served.token, ""
        assert len(token) > 16
        for path in ("/", "/jams", "/app.js", "/?token=", f"/?token={token}x", "/?x=1"):
            status, _, body = await served.get(path)
            assert status == 403
            assert b"the link with the token" in body
        with pytest.raises(InvalidStatus):
            async with served.talk():
                pass
        status, headers, _ = await served.get(f"/?token={token}")
        assert (status, headers["location"]) == (303, "/")
        cookie = headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
        served.token = token
        assert (await served.get("/"))[0] == 200
        async with served.talk() as page:
            assert (await ask(page, "mute on"))["ok"]

    run(tmp_path, test, "0.0.0.0:0")


def test_ten_thousand_frames_of_garbage_end_nothing(tmp_path):
    async def test(served: Open) -> None:
        async with served.talk() as friend:
            sent = 0
            for _ in range(20):
                try:
                    async with served.talk() as page:
                        for number in range(500):
                            junk = [
                                b"\xff" * 40,
                                "{" * 99,
                                "[1,2]",
                                '{"t":"play"}',
                                '{"t":"x"}',
                                "",
                            ]
                            await page.send(junk[number % len(junk)])
                            sent += 1
                except ConnectionClosed:
                    pass
            assert sent >= 10_000
            assert (await ask(friend, "tempo 101"))["text"] == "101 beats per minute."

    run(tmp_path, test)


def test_who_floods_is_shown_out_and_who_sends_too_much_at_once(tmp_path):
    async def test(served: Open) -> None:
        clock = '{"t":"clock","at":1}'
        for frames in ([clock] * 20_000, ["x" * 100_000]):
            with pytest.raises(ConnectionClosed):
                await flood(served, frames)
        assert (await served.get("/"))[0] == 200

    run(tmp_path, test)


def test_who_does_not_read_is_dropped_and_nobody_waits_for_them(tmp_path):
    async def test(served: Open) -> None:
        async with served.talk() as friend:
            slow = await connect(f"ws://127.0.0.1:{served.port}/talk", max_queue=1)
            slow.transport.pause_reading()
            news = Notice("x" * 2000)
            for _ in range(3000):
                served.steering.take(news)
                await until(friend, "say")
            status = await until(friend, "status")
            while status["pages"] > 1:
                served.steering.take(Played(BEAT))
                status = await until(friend, "status")
            slow.transport.abort()

    run(tmp_path, test)


def test_twenty_pages_are_told_the_same(tmp_path):
    async def test(served: Open) -> None:
        pages = [await served.talk() for _ in range(20)]
        for page in pages:
            await until(page, "status")
        served.steering.take(Played(BEAT))
        beats = [await until(page, "beat") for page in pages]
        assert all(beat == beats[0] for beat in beats)
        assert (await until(pages[0], "status"))["pages"] == 20
        for page in pages:
            await page.close()

    run(tmp_path, test)


def test_at_the_end_pages_are_told(tmp_path):
    async def within() -> None:
        async with opened(tmp_path) as served:
            page = await served.talk()
            await until(page, "status")
        await until(page, "bye")
        await asyncio.wait_for(page.wait_closed(), 5)

    asyncio.run(within())
