"""The dispatcher: carries out what is ordered, whichever way it comes, and knows how things stand.

All is checked here, before anything reaches the player: what cannot be is told in one sentence,
and what plays goes on.
"""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, assert_never

import msgspec
from msgspec.structs import replace

from improvd import performance
from improvd.config import Config, ConfigError
from improvd.core.sync.transport_state import Standing
from improvd.messages import Change, Heard, LiveOrder, Mute, Perform, Ready, Report, Tempo
from improvd.options import chart_text
from improvd.service.controllers import controller_map
from improvd.service.controllers.pedals import Pedals
from improvd.service.orders import settings, status
from improvd.service.orders.orders import (
    Ask,
    Direct,
    Errand,
    Map,
    Nudge,
    OrderError,
    Swap,
    Toggle,
    Tune,
    checked,
    parse,
)
from improvd.service.orders.said import said
from improvd.service.orders.settings import Source, WrittenSettings
from improvd.service.orders.status import Status


class SteeredDaemon(Protocol):
    """The rest of the service, as those who steer it need it. No method blocks."""

    @property
    def perform(self) -> Perform:
        """What is performed now, all orders worked into it."""

    @property
    def alive(self) -> bool:
        """Whether a player plays."""

    def order(self, order: LiveOrder) -> None:
        """Have the player do this."""

    def say(self, sentence: str) -> None:
        """Let the person know, as with what the player notices."""

    def keep(self) -> Path:
        """Write the last bars into a .mid file. Raises OSError, or ValueError with a sentence."""

    def snapshot(self) -> Path:
        """Write down where the music is. Raises OSError, or ValueError with a sentence."""

    def stop(self) -> None:
        """End the music and the service."""


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an order came to: a sentence, and the status where that was asked for."""

    text: str
    status: Status | None = None


class Dispatcher:
    """Carries out orders. Made in the running loop.

    Args:
        source: what is read again by `reload`.
        written: what it said first.
        daemon: the rest of the service.
        learned_file: where mapped knobs are kept if the configuration cannot be written.

    Raises:
        ConfigError: a control that orders what there is not.
    """

    def __init__(
        self, source: Source, written: WrittenSettings, daemon: SteeredDaemon, learned_file: Path
    ) -> None:
        self._status = status.opening(written.config, time.time())
        self._source = source
        self._written = written
        self._daemon = daemon
        self._learned = learned_file
        try:
            self._pedals = Pedals(self._controls(written), self._by_pedal)
        except OrderError as error:
            raise ConfigError(f"controls: {error}") from None

    @property
    def status(self) -> Status:
        """How things stand."""
        return replace(self._status, up=self._daemon.alive)

    @property
    def written(self) -> WrittenSettings:
        """What file and command line said last."""
        return self._written

    def take(self, report: Report) -> None:
        """A report has come from the player."""
        # What was heard comes in floods, and changes nothing of how things stand.
        if isinstance(report, Heard):
            self._pedals.hear(report.stamp_ns, report.message)
        else:
            self._status = self._status.after(report, time.time())
        if isinstance(report, Ready):
            config = self._daemon.perform.config
            self._status = replace(self._status, mode=config.mode, model=config.model)

    def close(self) -> None:
        """Carry out nothing more that comes by MIDI."""
        self._pedals.close()

    # -- orders ----------------------------------------------------------------------------

    async def carry_out(self, ask: Ask) -> Reply:
        """Carry out an order. Raises OrderError, one sentence, and nothing has changed then."""
        try:
            return await self._answer(ask)
        except OSError as error:
            raise OrderError(f"{error.filename}: cannot be written ({error.strerror})") from None
        except ValueError as error:
            raise OrderError(" ".join(str(error).splitlines())) from None

    async def reload(self) -> str:
        """Go over to what the file says now; a sentence of what changes.

        Raises ConfigError, one sentence, and nothing has changed then.
        """
        now = await asyncio.to_thread(self._source.read)
        try:
            self._pedals.assign(self._controls(now))
        except OrderError as error:
            raise ConfigError(f"controls: {error}") from None
        before, self._written = self._written, now
        for order in settings.orders(before, now, self._daemon.perform):
            self._order(order)
        return settings.sentence(settings.changed(before, now))

    async def _answer(self, ask: Ask) -> Reply:
        if isinstance(ask, Errand):
            return await self._run(ask)
        if isinstance(ask, Map):
            return Reply(await self._map(ask.order))
        order = await self._made(ask)
        if isinstance(order, Tempo) and self._status.standing == Standing.ROLLING:
            raise OrderError("the tempo is the MIDI clock's: change it there")
        return Reply(self._order(order))

    async def _made(self, ask: Direct | Nudge | Toggle | Tune | Swap) -> LiveOrder:
        """The order to the player, from what plays now and what is asked of it."""
        config = self._daemon.perform.config
        match ask:
            case Nudge(bpm=step):
                return Tempo(checked("tempo", self._status.bpm + step))
            case Toggle():
                return Mute(not self._status.muted)
            case Tune(chart=chart):
                text = await asyncio.to_thread(_readable, config, chart)
                return Change(self._with(chart=chart), text)
            case Swap(model=name):
                swapped = replace(config, model=name)
                await asyncio.to_thread(settings.check, swapped, self._daemon.perform.chart)
                return Change(self._with(model=name), self._daemon.perform.chart)
        return ask

    def _with(self, **values: str) -> Config:
        """What is performed now, which may be another than before the files were read."""
        return replace(self._daemon.perform.config, **values)

    def _order(self, order: LiveOrder) -> str:
        self._status = self._status.ordered(order)
        if isinstance(order, Change):
            title = performance.chart_of(order.chart, order.config).title
            self._status = replace(self._status, title=title)
        self._daemon.order(order)
        return said(order)

    async def _run(self, errand: Errand) -> Reply:
        match errand:
            case Errand.STATUS:
                up = "It plays." if self._daemon.alive else "No player at the moment."
                return Reply(up, self.status)
            case Errand.KEEP:
                return Reply(f"Kept in {self._daemon.keep()}.")
            case Errand.SNAPSHOT:
                return Reply(f"Written down in {self._daemon.snapshot()}.")
            case Errand.RELOAD:
                return Reply(await self.reload())
            case Errand.STOP:
                self._daemon.stop()
                return Reply("Bye.")
            case Errand.WATCH:
                raise OrderError("watch is for those who are connected")
        assert_never(errand)

    # -- knobs and pedals ------------------------------------------------------------------

    def _controls(self, written: WrittenSettings) -> Mapping[str, str]:
        return {**written.config.controls, **controller_map.recall(self._learned)}

    async def _map(self, order: str) -> str:
        control, order = await self._pedals.learn(order)
        file = await asyncio.to_thread(
            controller_map.keep, control, order, self._source.file, self._learned
        )
        return f'"{control}" orders "{order}" from now on; kept in {file}.'

    async def _by_pedal(self, order: str) -> None:
        try:
            await self.carry_out(parse(order))
        except OrderError as error:
            self._daemon.say(f"{order}: {error}")


def _readable(config: Config, chart: str) -> str | None:
    """The text of a chart that can be played. Raises ConfigError."""
    text = chart_text(chart)
    settings.check(config, text)
    return text
