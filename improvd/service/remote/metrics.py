"""Figures for Prometheus at /metrics, served by the loop that is there already."""

import asyncio
import re
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Self

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from improvd.config import ConfigError
from improvd.messages import Report, Sent
from improvd.service.status.status import Status

# Seconds; people begin to hear that two players are not together at 5 ms.
_BUCKETS = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 2e-3, 5e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0)
_LONGEST_REQUEST = 8192
_MOST_CLIENTS = 16
_PATIENCE_S = 5.0
_PORT = re.compile(r":[0-9]*$")

# The name of a figure, the field of the status that it is, and what it says.
_GAUGES = (
    ("improvd_up", "up", "whether a player plays"),
    ("improvd_tempo_bpm", "bpm", "beats per minute"),
)
_COUNTERS = (
    ("improvd_beats", "beats", "beats played or listened to"),
    ("improvd_notes", "notes", "notes struck"),
    ("improvd_reports_lost", "lost", "reports of the player that found no room"),
    ("improvd_gaps", "gaps", "times at which reports were lost"),
    ("improvd_restarts", "restarts", "players that took the place of one that died"),
    ("improvd_reconnects", "reconnects", "returns after the MIDI system had gone"),
)


class Metrics:
    """The figures and the server that shows them. `async with` opens and closes it.

    Args:
        address: host:port, as in the configuration.
        status: how things stand now.

    Entering raises ConfigError where nothing can be served there.
    """

    def __init__(self, address: str, status: Callable[[], Status]) -> None:
        self._address = address
        self._registry = CollectorRegistry()
        self._registry.register(_Figures(status))
        self._lateness = Histogram(
            "improvd_lateness_seconds",
            "how long after its due time a message left",
            registry=self._registry,
            buckets=_BUCKETS,
        )
        self._clients: dict[asyncio.StreamWriter, None] = {}  # the longest there first

    async def __aenter__(self) -> Self:
        host, _, port = self._address.rpartition(":")
        try:
            self._server = await asyncio.start_server(
                self._serve, host, int(port), limit=_LONGEST_REQUEST
            )
        except (OSError, OverflowError) as error:
            raise ConfigError(
                f"metrics {self._address}: nothing can be served there ({error})"
            ) from None
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    @property
    def port(self) -> int:
        """Where it is served, also if the configuration left that to the system with 0."""
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def take(self, report: Report) -> None:
        """A report has come from the player."""
        if isinstance(report, Sent):
            self._lateness.observe(max(report.sent_ns - report.due_ns, 0) / 1e9)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients[writer] = None
        if len(self._clients) > _MOST_CLIENTS:
            # Who has been at it for longest is slow, and nobody waits for them.
            slowest = next(iter(self._clients))
            del self._clients[slowest]
            slowest.transport.abort()
        try:
            async with asyncio.timeout(_PATIENCE_S):
                request = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._response(request))
                writer.close()
                await writer.wait_closed()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # no request, or nobody who waits for the answer
        finally:
            self._clients.pop(writer, None)
            writer.transport.abort()

    def _response(self, request: bytes) -> bytes:
        method, _, rest = request.partition(b" ")
        found = method == b"GET" and rest.partition(b" ")[0].partition(b"?")[0] == b"/metrics"
        status, kind = "200 OK", CONTENT_TYPE_LATEST
        if not self._meant(request):
            status, kind, body = "421 Misdirected Request", "text/plain", b"Not by this name.\n"
        elif not found:
            status, kind, body = "404 Not Found", "text/plain", b"The figures are at /metrics.\n"
        else:
            body = generate_latest(self._registry)
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\n\r\n"
        )
        return head.encode() + body

    def _meant(self, request: bytes) -> bool:
        """Whether a request names us, and not a page's own host that was made to lead here."""
        headers = request.split(b"\r\n")[1:]
        named = [line[5:].strip() for line in headers if line[:5].lower() == b"host:"]
        ours = self._address.rpartition(":")[0].lower()
        return all(_host(name) in ("localhost", ours) or _is_address(_host(name)) for name in named)


def _host(name: bytes) -> str:
    """The host of a Host header, its port left out."""
    return _PORT.sub("", name.decode("latin-1").lower()).strip("[]")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class _Figures(Collector):
    """What the status says, as figures."""

    def __init__(self, status: Callable[[], Status]) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        now = self._status()
        for name, field, text in _GAUGES:
            yield GaugeMetricFamily(name, text, value=getattr(now, field))
        for name, field, text in _COUNTERS:
            yield CounterMetricFamily(name, text, value=getattr(now, field))
