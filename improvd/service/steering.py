"""All ways to steer an improvd and to look at it, opened and closed together."""

from contextlib import AsyncExitStack
from typing import Self

from improvd import folders
from improvd.config import ConfigError
from improvd.folders import FolderError
from improvd.messages import Report
from improvd.service.dispatching.dispatcher import Dispatcher
from improvd.service.dispatching.steered_daemon import SteeredDaemon
from improvd.service.remote.address import Address
from improvd.service.remote.server import Control
from improvd.service.status.settings import Source, WrittenSettings


class Steering:
    """The dispatcher with its socket, pedals, figures and page. `async with` opens and closes it.

    Args:
        source: what is read again by `reload`.
        written: what it said first.
        daemon: the rest of the service; it is asked for nothing before the first order.

    Entering raises ConfigError, one sentence, where another improvd has the name, no socket can be
    made, or figures or page cannot be had at their addresses.
    """

    def __init__(self, source: Source, written: WrittenSettings, daemon: SteeredDaemon) -> None:
        self._config = written.config
        learned = folders.state() / self._config.name / "controls.toml"
        self._daemon = daemon
        self._dispatcher = Dispatcher(source, written, daemon, learned)
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            folder = folders.runtime()
        except FolderError as error:
            raise ConfigError(str(error)) from None
        async with AsyncExitStack() as opening:
            opening.callback(self._dispatcher.close)
            address = Address(folder, self._config.name, folders.state())
            opening.callback(address.close)
            control = Control(address, self._dispatcher)
            self._takers = [self._dispatcher.take, control.take]
            if self._config.metrics is not None:
                # Only who wants figures waits for the library that writes them.
                from improvd.service.remote.metrics import Metrics  # noqa: PLC0415 - seldom asked for

                metrics = Metrics(self._config.metrics, lambda: self._dispatcher.status)
                self._takers.append(metrics.take)
                await opening.enter_async_context(metrics)
            if self._config.web != "off":
                from improvd.service.web.live_page import LivePage  # noqa: PLC0415 - seldom asked for

                place = folders.state() / self._config.name
                page = LivePage(self._config.web, self._dispatcher, self._daemon, place)
                self._takers.append(page.take)
                await opening.enter_async_context(page)
            # Last: orders can come from now on.
            await opening.enter_async_context(control)
            self._open = opening.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    def take(self, report: Report) -> None:
        """A report has come from the player."""
        for take in self._takers:
            take(report)

    @property
    def written(self) -> WrittenSettings:
        """What file and command line said last."""
        return self._dispatcher.written

    async def reload(self) -> str:
        """Go over to what the file says now, and say what changes.

        Raises ConfigError, one sentence, and nothing has changed then.
        """
        return await self._dispatcher.reload()
