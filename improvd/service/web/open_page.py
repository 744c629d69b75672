"""The page while it is open: who looks at it, what they are told, and the server that serves it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from improvd import __version__
from improvd.core.band.feels import FEELS
from improvd.messages import Change, Obeyed, Played, Report
from improvd.models import BUILT_IN
from improvd.options import CHARTS
from improvd.orders.table import ROWS
from improvd.service.dispatching.dispatcher import Dispatcher
from improvd.service.dispatching.steered_daemon import SteeredDaemon
from improvd.service.web.app import application
from improvd.service.web.conversation import Conversation
from improvd.service.web.crowd import Crowd, Visitor
from improvd.service.web.door.location import Location
from improvd.service.web.files import page_files
from improvd.service.web.frames import LARGEST_FRAME, say
from improvd.service.web.view.archive import Archive
from improvd.service.web.view.lineup import lineup
from improvd.service.web.view.news import Newsroom, status_shown
from improvd.service.web.watch import Watch

_MOST_CONNECTIONS = 256
_IDLE_S, _ENDING_S = 5, 1


class OpenPage:
    """What happens while the page is served.

    Args:
        location: where it is.
        dispatcher: carries out what pages order.
        daemon: the rest of the service.
        jams: the folder of those that were played.
    """

    def __init__(
        self, location: Location, dispatcher: Dispatcher, daemon: SteeredDaemon, jams: Path
    ) -> None:
        self.crowd = Crowd()
        self._dispatcher = dispatcher
        self._daemon = daemon
        self._watch = Watch(daemon, self.crowd)
        self._newsroom = Newsroom()
        self._files = page_files()
        self._telling = False
        served = application(self, location, self._files, Archive(jams))
        self._server = _Server(
            uvicorn.Config(
                served,
                log_config=None,
                log_level="critical",  # what goes wrong with one page is not the music's business
                access_log=False,
                lifespan="off",
                http="h11",
                ws="websockets-sansio",
                ws_max_size=LARGEST_FRAME,
                ws_per_message_deflate=False,
                limit_concurrency=_MOST_CONNECTIONS,
                timeout_keep_alive=_IDLE_S,
                timeout_graceful_shutdown=_ENDING_S,
                server_header=False,
                proxy_headers=False,
            )
        )
        self._location = location

    async def run(self) -> None:
        """Serve until it is cancelled; then those who look are told that it is over."""
        self._watch.chart_changes()
        watching = asyncio.create_task(self._watch.run())
        serving = asyncio.create_task(self._server.serve([self._location.socket]))
        try:
            await asyncio.wait((watching, serving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.crowd.tell(say("bye"))
            watching.cancel()
            self._server.should_exit = True
            await asyncio.wait((watching, serving), timeout=2 * _ENDING_S)
            serving.cancel()

    def take(self, report: Report) -> None:
        """A report has come from the player."""
        match report:
            case Played(beat=beat):
                self._watch.beat(beat)
            case Obeyed(order=Change()):
                self._watch.chart_changes()
        if len(self.crowd) == 0:
            return
        self._newsroom.take(report)
        if not self._telling:
            self._telling = True
            # Reports come many at a time: all of them first.
            asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        self._telling = False
        for news in self._newsroom.frames(self._status()):
            self.crowd.tell(news)

    def _status(self) -> dict[str, Any]:
        peers = [[port, peer] for port, peer in self._daemon.peers]
        status = self._dispatcher.status
        shown = status_shown(status) | lineup(status, self._daemon.perform.config)
        return shown | {"pages": len(self.crowd), "peers": peers}

    # -- for each page ---------------------------------------------------------------------

    def greeting(self, visitor: Visitor) -> list[str]:
        """How things stand, for one who has just come."""
        config = self._daemon.perform.config
        orders = [[row.word, row.takes, row.limits, row.help] for row in ROWS.values()]
        hello = say(
            "hello",
            version=self._files.version,
            improvd=__version__,
            you=visitor.number,
            orders=orders,
            charts=list(CHARTS),
            models=list(BUILT_IN),
            feels=list(FEELS),
            respond=config.respond,
            temperature=config.temperature,
            low=config.low,
            high=config.high,
            channel=config.channel - 1,
        )
        return [hello, say("status", **self._status()), *self._watch.greeting()]

    def conversation(self, visitor: Visitor) -> Conversation:
        """Somebody to talk to this page."""

        def hear(stamp: int, message: bytes) -> None:
            self._newsroom.struck((stamp, message), visitor.number)
            self._daemon.hear(stamp, message)

        return Conversation(visitor, self._dispatcher, lambda: self._daemon.perform, hear)


class _Server(uvicorn.Server):
    """Signals are the daemon's business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
