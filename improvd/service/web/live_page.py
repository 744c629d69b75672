"""The live page at its address: opened and closed with all else that steers.

It listens from the start, and is loaded and served from the first beat on: nobody waits for that to
begin.
"""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from improvd.messages import Ready, Report
from improvd.service.apart import apart
from improvd.service.dispatching.dispatcher import Dispatcher
from improvd.service.dispatching.steered_daemon import SteeredDaemon
from improvd.service.web.door.location import listen
from improvd.system.portable import scarcity

if TYPE_CHECKING:  # loaded when it plays
    from improvd.service.web.open_page import OpenPage

# The first beat is planned 60 ms after the player is ready.
_AFTER_THE_FIRST_BEAT_S = 0.3


class LivePage:
    """The page at an address. `async with` opens and closes it.

    Args:
        address: host:port, as in the configuration.
        dispatcher: carries out what pages order.
        daemon: the rest of the service.
        place: the instance's folder.

    Entering raises ConfigError, one sentence, where nothing can be served at the address.
    """

    def __init__(
        self, address: str, dispatcher: Dispatcher, daemon: SteeredDaemon, place: Path
    ) -> None:
        self._address = address
        self._dispatcher = dispatcher
        self._daemon = daemon
        self._place = place
        self._serving: asyncio.Task[None] | None = None
        self._page: OpenPage | None = None

    async def __aenter__(self) -> Self:
        self.location = listen(self._address, self._place)
        self._daemon.show(self.location.link)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._serving is not None:
            self._serving.cancel()
            with suppress(asyncio.CancelledError):
                await self._serving
        self.location.socket.close()

    def take(self, report: Report) -> None:
        """A report has come from the player."""
        if isinstance(report, Ready) and self._serving is None:
            self._serving = asyncio.create_task(self._serve())
        if self._page is not None:
            self._page.take(report)

    async def _serve(self) -> None:
        await asyncio.sleep(_AFTER_THE_FIRST_BEAT_S)
        try:
            await apart(_load)
        except (OSError, ImportError, MemoryError) as error:
            lacking = scarcity(error) or f"{error}; install improvd again"
            self._daemon.say(f"The live page cannot be served: {lacking}.")
            return
        from improvd.service.web.open_page import OpenPage  # noqa: PLC0415 - loaded when it plays

        jams = self._place / "jams"
        self._page = OpenPage(self.location, self._dispatcher, self._daemon, jams)
        await self._page.run()


def _load() -> None:
    """Load what serves it, which takes a fifth of a second."""
    from improvd.service.web import open_page  # noqa: F401, PLC0415 - loaded when it plays
