"""What Prometheus would read, read with its own parser over a real connection."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families

from improvd.config import Config, ConfigError
from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import Turn
from improvd.messages import Gap, Left, Played, Ready, Report, Sent
from improvd.service.remote import metrics as metrics_module
from improvd.service.remote.metrics import Metrics
from improvd.service.status.status import Status, opening

READY = Ready("out", "in", 100.0, 4, "Blues in F")
BEAT = Beat(17, 5, 2, "Bb7", Turn.PLAY, 13, True, 43, (60, 62), 123)


def serving(reports: list[Report], script: Callable[[Metrics], Awaitable[None]]) -> None:
    """Run a script while these reports can be read."""

    async def run() -> None:
        status: Status = opening(Config(), 0.0)
        async with Metrics("127.0.0.1:0", lambda: status) as metrics, asyncio.timeout(30):
            for report in reports:
                status = status.after(report, 0.0)
                metrics.take(report)
            await script(metrics)

    asyncio.run(run())


def fetch(metrics: Metrics, path: str = "/metrics") -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{metrics.port}{path}", timeout=10) as page:
        assert page.headers["Content-Type"].startswith("text/plain; version=")
        text: str = page.read().decode()
        return text


def read(page: str) -> dict[str, float]:
    """The value of every sample, by its name and, for a bucket, its bound."""
    return {
        sample.name + sample.labels.get("le", ""): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def test_all_figures_are_there_and_right():
    sent = [Sent(0, late, bytes((0x90, 60, 80))) for late in (20_000, 4_000_000, 40_000_000)]
    off = Sent(0, 0, bytes((0x80, 60, 64)))
    reports = [READY, Played(BEAT), *sent, off, Gap(7), READY, Left(0, midi_lost=True), READY]

    async def script(metrics: Metrics) -> None:
        figures = read(await asyncio.to_thread(fetch, metrics))
        assert figures["improvd_up"] == 0
        assert figures["improvd_tempo_bpm"] == 100
        assert figures["improvd_beats_total"] == 1
        assert figures["improvd_notes_total"] == 3
        assert (figures["improvd_reports_lost_total"], figures["improvd_gaps_total"]) == (7, 1)
        assert (figures["improvd_restarts_total"], figures["improvd_reconnects_total"]) == (1, 1)
        assert figures["improvd_lateness_seconds_count"] == 4
        assert figures["improvd_lateness_seconds_sum"] == pytest.approx(0.04402)
        assert figures["improvd_lateness_seconds_bucket0.005"] == 3
        assert figures["improvd_lateness_seconds_bucket0.1"] == 4

    serving(reports, script)


def test_there_is_nothing_else():
    async def script(metrics: Metrics) -> None:
        for path in ("/", "/metric", "/metrics/x"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                await asyncio.to_thread(fetch, metrics, path)

    serving([], script)


@pytest.mark.parametrize("request_", [b"\r\n\r\n", b"x" * 20_000, b"GET /metrics", b"\xff\r\n\r\n"])
def test_who_speaks_no_http_keeps_nobody_from_reading(request_):
    async def script(metrics: Metrics) -> None:
        crowd = [await asyncio.open_connection("127.0.0.1", metrics.port) for _ in range(8)]
        for _, writer in crowd:
            writer.write(request_)
        assert "improvd_up" in read(await asyncio.to_thread(fetch, metrics))
        for _, writer in crowd:
            writer.transport.abort()

    serving([], script)


def test_forty_slow_clients_keep_nobody_waiting():
    async def script(metrics: Metrics) -> None:
        crowd = [await asyncio.open_connection("127.0.0.1", metrics.port) for _ in range(40)]
        for _, writer in crowd:
            writer.write(b"GET /metrics HTTP/1.1\r\n")
        async with asyncio.timeout(metrics_module._PATIENCE_S / 2):
            assert "improvd_up" in read(await asyncio.to_thread(fetch, metrics))
        for _, writer in crowd:
            writer.transport.abort()

    serving([], script)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:9464", 200),
        ("localhost", 200),
        ("[::1]:9464", 200),
        ("192.168.1.7:9464", 200),
        ("evil.example", 421),
        ("evil.example:9464", 421),
        ("127.0.0.1.evil.example", 421),
    ],
)
def test_a_page_whose_name_was_made_to_lead_here_reads_nothing(host, status):
    async def script(metrics: Metrics) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", metrics.port)
        writer.write(f"GET /metrics HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        answer = await reader.read()
        assert answer.startswith(f"HTTP/1.1 {status} ".encode())
        assert (b"improvd_up" in answer) is (status == 200)
        writer.close()

    serving([], script)


@pytest.mark.parametrize("address", ["127.0.0.1:99999", "999.1.2.3:9464", "nowhere.invalid:9464"])
def test_an_address_that_cannot_be_is_refused_in_a_sentence(address):
    async def run() -> None:
        async with Metrics(address, lambda: opening(Config(), 0.0)):
            pass

    with pytest.raises(ConfigError, match=f"metrics {address}: nothing can be served there"):
        asyncio.run(run())


def test_an_address_in_use_is_refused_in_a_sentence():
    async def script(metrics: Metrics) -> None:
        address = f"127.0.0.1:{metrics.port}"
        with pytest.raises(ConfigError, match="nothing can be served there"):
            async with Metrics(address, lambda: opening(Config(), 0.0)):
                pass

    serving([], script)
