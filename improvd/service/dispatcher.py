"""The dispatcher: carries out what is ordered, whichever way it comes, and knows how things stand.

All is checked here, before anything reaches the player: what cannot be is told in one sentence,
and what plays goes on.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Protocol, assert_never

import msgspec
from msgspec.structs import replace

from improvd.config import Config, ConfigError
from improvd.messages import (
    Change,
    Declined,
    Gap,
    Heard,
    LiveOrder,
    Mute,
    Obeyed,
    Perform,
    Ready,
    Report,
    Tempo,
)
from improvd.options import chart_text
from improvd.orders.asks import (
    OWN,
    Adjust,
    Ask,
    Errand,
    ForPlayer,
    Map,
    Nudge,
    OrderError,
    Swap,
    Toggle,
    Transpose,
    Tune,
    checked,
    written,
)
from improvd.orders.table import parse
from improvd.service.apart import apart
from improvd.service.controllers import controller_map
from improvd.service.controllers.pedals import Pedals
from improvd.service.status import settings, status
from improvd.service.status.settings import Source, WrittenSettings
from improvd.service.status.status import Status
from improvd.shared import Peers

# A player that plays carries out an order within milliseconds, and is heard of within 50.
_PATIENCE_S = 1.0
_MOST_PENDING = 64
_LATE = "It was passed on, and is not carried out yet."
_NOBODY = "No player plays at the moment; the next one carries it out."
_UNKNOWN = "It was passed on; what came of it is not known, as reports of the player are missing."


class SteeredDaemon(Protocol):
    """The rest of the service, as those who steer it need it. No method blocks."""

    @property
    def perform(self) -> Perform:
        """What is performed now, all orders that were carried out worked into it."""

    @property
    def alive(self) -> bool:
        """Whether a player plays."""

    def order(self, order: LiveOrder) -> None:
        """Have the player do this."""

    async def try_out(self, config: Config) -> None:
        """Have a player that does not play try this configuration's model.

        Raises ValueError, one sentence, where it cannot take over while another one plays.
        """

    @property
    def saves(self) -> int:
        """How many snapshots players have saved."""

    @property
    def saved(self) -> bytes | None:
        """The latest of them."""

    @property
    def peers(self) -> Peers:
        """Who is connected to the player's ports."""

    def hear(self, stamp_ns: int, message: bytes) -> None:
        """Have the player hear a message that was struck at this nanosecond."""

    def show(self, link: str) -> None:
        """Show the person where the live page is."""

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


@dataclass(frozen=True, slots=True)
class _Pending:
    """An order that was passed on, and what comes of it: a sentence, or OrderError."""

    order: LiveOrder
    outcome: asyncio.Future[str]


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
        self._pending: deque[_Pending] = deque(maxlen=_MOST_PENDING)
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
            return
        self._status = self._status.after(report, time.time())
        match report:
            case Ready(title=title):
                self._perform_otherwise(title)
            case Obeyed(order=order, outcome=outcome):
                self._perform_otherwise(_title(order, self._status.title))
                self._settle(order, outcome)
            case Declined(order=order, reason=reason):
                self._settle(order, OrderError(reason))
            case Gap():
                for pending in self._pending:
                    _conclude(pending, _UNKNOWN)
                self._pending.clear()

    def _perform_otherwise(self, title: str) -> None:
        """Something else may be performed than before, on the chart of this title."""
        config = self._daemon.perform.config
        chosen = {key: getattr(config, key) for key in ("mode", "model", "seed")}
        self._status = replace(self._status, title=title, **chosen)

    def _settle(self, order: LiveOrder, outcome: str | OrderError) -> None:
        """This came of an order. They are carried out in turn, so those before it are over too."""
        if all(pending.order != order for pending in self._pending):
            if isinstance(outcome, OrderError):  # nobody waits for it
                self._daemon.say(_sentence(outcome))
            return
        while (pending := self._pending.popleft()).order != order:
            _conclude(pending, _UNKNOWN)
        _conclude(pending, outcome)

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
        now = await apart(self._source.read)
        await apart(settings.check, now.config, now.chart)
        await self._try_model(now)
        try:
            self._pedals.assign(self._controls(now))
        except OrderError as error:
            raise ConfigError(f"controls: {error}") from None
        before, self._written = self._written, now
        ordered = [self._pass_on(order) for order in settings.orders(before, now, self._meant)]
        sentences = [settings.sentence(settings.changed(before, now))]
        for pending in ordered:
            try:
                await self._outcome(pending)
            except OrderError as error:
                sentences.append(_sentence(error))
        return " ".join(sentences)

    async def _try_model(self, now: WrittenSettings) -> None:
        """Raises ConfigError where the model that is written now cannot take over."""
        if "model" not in settings.changed(self._written, now):
            return
        try:
            await self._daemon.try_out(now.config)
        except ValueError as error:
            raise ConfigError(str(error)) from None

    async def _answer(self, ask: Ask) -> Reply:
        if isinstance(ask, Errand):
            return await self._run(ask)
        if isinstance(ask, Map):
            return Reply(await self._map(ask.order))
        ask = _drawn(ask)
        outcome = await self._outcome(self._pass_on(await self._made(ask)))
        return Reply(f"{_values(ask)} {outcome}" if isinstance(ask, Adjust) else outcome)

    async def _made(self, ask: ForPlayer) -> LiveOrder:
        """The order to the player, from what is asked and what was ordered before."""
        match ask:
            case Nudge(bpm=step):
                return Tempo(checked("tempo", self._meant_bpm + step))
            case Toggle():
                return Mute(not self._meant_muted)
            case Tune() | Transpose():
                return await self._charted(ask)
            case Swap(model=name):
                swapped, chart_now = replace(self._meant.config, model=name), self._meant.chart
                await apart(settings.check, swapped, chart_now)
                await self._daemon.try_out(swapped)
                return Change(replace(self._meant.config, model=name), self._meant.chart)
            case Adjust(values=values):
                return Change(replace(self._meant.config, **dict(values)), self._meant.chart)
        return ask

    async def _charted(self, ask: Tune | Transpose) -> Change:
        """The order to play another chart, or this one in another key."""
        meant = self._meant
        if isinstance(ask, Tune):
            text = await apart(_readable, meant.config, ask.chart)
            return Change(replace(self._meant.config, chart=ask.chart), text)
        moved = await apart(_transposed, meant.config, meant.chart, ask.semitones)
        return Change(self._meant.config, moved)

    def _pass_on(self, order: LiveOrder) -> _Pending:
        """Have the player do this."""
        pending = _Pending(order, asyncio.get_running_loop().create_future())
        self._pending.append(pending)
        self._daemon.order(order)
        return pending

    async def _outcome(self, pending: _Pending) -> str:
        """What came of an order, or that it is not known yet. Raises OrderError if it cannot be."""
        await asyncio.wait([pending.outcome], timeout=_PATIENCE_S)
        if pending.outcome.done():
            return pending.outcome.result()
        pending.outcome.add_done_callback(self._say_refusal)
        return _LATE if self._daemon.alive else _NOBODY

    def _say_refusal(self, outcome: asyncio.Future[str]) -> None:
        """Nobody waits for this any more, so that a refusal is told where notices are."""
        if not outcome.cancelled() and (error := outcome.exception()) is not None:
            self._daemon.say(_sentence(error))

    # -- what was ordered, carried out or not yet: what is asked for next goes out from there --

    @property
    def _ordered(self) -> Iterable[LiveOrder]:
        return (pending.order for pending in self._pending)

    @property
    def _meant(self) -> Perform:
        return reduce(Perform.after, self._ordered, self._daemon.perform)

    @property
    def _meant_bpm(self) -> float:
        tempi = [order.bpm for order in self._ordered if isinstance(order, Tempo)]
        return tempi[-1] if tempi else self._status.bpm

    @property
    def _meant_muted(self) -> bool:
        mutes = [order.on for order in self._ordered if isinstance(order, Mute)]
        return mutes[-1] if mutes else self._status.muted

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
        file = await apart(controller_map.keep, control, order, self._source.file, self._learned)
        return f'"{control}" orders "{order}" from now on; kept in {file}.'

    async def _by_pedal(self, order: str) -> None:
        """Nobody reads the answer, and the next press is not to wait for it."""
        try:
            ask = parse(order)
            if isinstance(ask, ForPlayer):
                pending = self._pass_on(await self._made(_drawn(ask)))
                pending.outcome.add_done_callback(self._say_refusal)
            else:
                await self.carry_out(ask)
        except ValueError as error:
            self._daemon.say(f"{order}: {error}")


def _drawn(ask: ForPlayer) -> ForPlayer:
    """The same, with a seed where one is asked for and none is named."""
    if ask == Adjust((("seed", None),)):
        return Adjust((("seed", settings.new_seed()),))
    return ask


def _conclude(pending: _Pending, outcome: str | OrderError) -> None:
    if pending.outcome.done():  # who waited for it has gone
        return
    if isinstance(outcome, OrderError):
        pending.outcome.set_exception(outcome)
        pending.outcome.exception()  # whether anybody waits for it or not
    else:
        pending.outcome.set_result(outcome)


def _sentence(said: object) -> str:
    """A text or an error that stands within a sentence, as one of its own."""
    text = str(said)
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _values(ask: Adjust) -> str:
    """What was asked for, as a sentence: "Temperature 0.8."."""
    said = []
    for key, value in ask.values:
        shown = f"the {OWN[key]}'s own" if value is None else written(value)
        said.append(f"{key.replace('_', ' ')} {shown}")
    return _sentence(", ".join(said))


def _readable(config: Config, chart: str) -> str | None:
    """The text of a chart that can be played. Raises ConfigError."""
    text = chart_text(chart)
    settings.check(config, text)
    return text


def _transposed(config: Config, chart: str | None, semitones: int) -> str | None:
    """The text of the chart that is played, in another key. Raises ConfigError if too long."""
    # NumPy comes with charts; a service that only starts a player does without.
    from improvd import performance  # noqa: PLC0415 - only when it is needed
    from improvd.core.harmony.chart_text import transposed  # noqa: PLC0415 - only when it is needed

    whole = replace(config, loop_bars=None)
    return chart_text(transposed(performance.chart_of(chart, whole), semitones))


def _title(order: LiveOrder, before: str) -> str:
    """The title of the chart once this has been carried out."""
    if not isinstance(order, Change):
        return before
    # NumPy comes with charts; a service that only starts a player does without.
    from improvd import performance  # noqa: PLC0415 - only when it is needed

    return performance.chart_of(order.chart, order.config).title
