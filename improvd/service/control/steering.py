"""All ways to steer an improvd and to look at it, opened and closed together."""

from contextlib import AsyncExitStack
from typing import Self

from improvd import folders
from improvd.config import ConfigError
from improvd.folders import FolderError
from improvd.messages import Report
from improvd.service.control.address import Address
from improvd.service.control.desk import Daemon, Desk
from improvd.service.control.server import Control
from improvd.service.control.settings import Source, Written


class Steering:
    """The desk behind its socket, its pedals and its figures. `async with` opens and closes it.

    Args:
        source: what is read again by `reload`.
        written: what it said first.
        daemon: the rest of the service; it is asked for nothing before the first order.

    Entering raises ConfigError, one sentence, where another improvd has the name, no socket can be
    made, or the figures cannot be shown at their address.
    """

    def __init__(self, source: Source, written: Written, daemon: Daemon) -> None:
        self._config = written.config
        learned = folders.state() / self._config.name / "controls.toml"
        self._desk = Desk(source, written, daemon, learned)
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            folder = folders.runtime()
        except FolderError as error:
            raise ConfigError(str(error)) from None
        async with AsyncExitStack() as opening:
            opening.callback(self._desk.close)
            address = Address(folder, self._config.name)
            opening.callback(address.close)
            control = Control(address, self._desk)
            self._takers = [self._desk.take, control.take]
            if self._config.metrics is not None:
                # Only who wants figures waits for the library that writes them.
                from improvd.service.control.metrics import Metrics  # noqa: PLC0415

                metrics = Metrics(self._config.metrics, lambda: self._desk.status)
                self._takers.append(metrics.take)
                await opening.enter_async_context(metrics)
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
    def written(self) -> Written:
        """What file and command line said last."""
        return self._desk.written

    async def reload(self) -> str:
        """Go over to what the file says now, and say what changes.

        Raises ConfigError, one sentence, and nothing has changed then.
        """
        return await self._desk.reload()
