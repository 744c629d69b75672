"""The dispatcher: carries out what is ordered, whichever way it comes, and knows how things stand.

All is checked here, before anything reaches the player: what cannot be is told in one sentence,
and what plays goes on.
"""

import time
from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from typing import assert_never

import msgspec
from msgspec.structs import replace

from improvd.config import ConfigError, voices
from improvd.core.playing.beat import Beat
from improvd.messages import (
    Change,
    Cue,
    Declined,
    End,
    Gap,
    Heard,
    LiveOrder,
    Mute,
    Obeyed,
    Perform,
    Played,
    Ready,
    Report,
    Share,
    Tempo,
)
from improvd.orders.asks import (
    OWN,
    Adjust,
    AdjustSoloist,
    Ask,
    Errand,
    ForPlayer,
    Map,
    Nudge,
    OrderError,
    Segue,
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
from improvd.service.dispatching import charts
from improvd.service.dispatching.pending_orders import PendingOrder, PendingOrders, sentence
from improvd.service.dispatching.set_progress import SetProgress, listing, next_tune
from improvd.service.dispatching.steered_daemon import SteeredDaemon
from improvd.service.status import settings, status
from improvd.service.status.company import Company
from improvd.service.status.settings import Source, WrittenSettings
from improvd.service.status.status import Status

_Set = Adjust | AdjustSoloist


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
        self._company = Company(written.config, written.chart)
        self._source = source
        self._written = written
        self._daemon = daemon
        self._learned = learned_file
        self._pending = PendingOrders(daemon.say)
        self._set = SetProgress()
        try:
            self._pedals = Pedals(self._controls(written), self._by_pedal)
        except OrderError as error:
            raise ConfigError(f"controls: {error}") from None

    @property
    def status(self) -> Status:
        """How things stand."""
        company = self._company
        return replace(
            self._status,
            up=self._daemon.alive,
            muted=company.muted,
            voices=company.voices,
            feel=company.feel,
        )

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
        self._company = self._company.after(report)
        match report:
            case Ready(title=title):
                self._perform_otherwise(title)
            case Obeyed(order=Change(begins=begins) as order, outcome=outcome) if begins:
                self._set.coming = order
                coming = charts.title(order, "") or order.config.chart or ""
                self._status = replace(self._status, coming=coming)
                self._pending.settle(order, outcome)
            case Obeyed(order=order, outcome=outcome):
                self._perform_otherwise(charts.title(order, self._status.title))
                self._pending.settle(order, outcome)
            case Played(beat=beat):
                self._go_by(beat)
            case Declined(order=order, reason=reason):
                self._pending.settle(order, OrderError(reason))
            case Gap():
                self._pending.lose_sight()

    def _go_by(self, beat: Beat) -> None:
        """A beat has been played: the tune that was waited for may have begun, or be over."""
        tunes = self._written.tunes
        if begun := self._set.begun(beat):
            said = f"Tune {beat.tune} of {len(tunes)}: {self._status.coming}."
            self._perform_otherwise(charts.title(begun, ""))
            self._daemon.say(said)
        match self._set.after(beat, tunes, self._daemon.perform):
            case Segue() as ask:
                order = next_tune(self._written, self._meant.config, ask)
                self._pending.leave(self._pass_on(order))
            case End() as order:
                self._pending.leave(self._pass_on(order))

    def _perform_otherwise(self, title: str) -> None:
        """Something else may be performed than before, on the chart of this title."""
        config = self._daemon.perform.config
        chosen = {key: getattr(config, key) for key in ("mode", "model", "seed")}
        self._status = replace(
            self._status, title=title, tunes=len(self._written.tunes), coming="", **chosen
        )

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
                sentences.append(sentence(error))
        return " ".join(sentences)

    async def _try_model(self, now: WrittenSettings) -> None:
        """Raises ConfigError where a model that is written now cannot take over."""
        if now.named_models <= self._written.named_models:
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
        return Reply(f"{_values(ask)} {outcome}" if isinstance(ask, _Set) else outcome)

    async def _made(self, ask: ForPlayer) -> LiveOrder:
        """The order to the player, from what is asked and what was ordered before."""
        match ask:
            case Nudge(bpm=step):
                return Tempo(checked("tempo", self._meant_bpm + step))
            case Toggle():
                return Mute(not self._meant_muted)
            case Tune() | Transpose() | Segue():
                return await self._charted(ask)
            case Swap(model=name):
                swapped, chart_now = replace(self._meant.config, model=name), self._meant.chart
                await apart(settings.check, swapped, chart_now)
                await self._daemon.try_out(swapped)
                return Change(replace(self._meant.config, model=name), self._meant.chart)
            case Adjust() | AdjustSoloist():
                return await self._adjusted(ask)
            case Share(voice=name) | Cue(voice=name) if name:
                voices.check_name(self._meant.config, name)
        return ask

    async def _adjusted(self, ask: _Set) -> Change:
        """The order to play on with other settings, everybody's or one soloist's."""
        values = dict(ask.values)
        if isinstance(ask, Adjust):
            changed = replace(self._meant.config, **values)
            voices.check(changed)
            return Change(changed, self._meant.chart)
        if "model" in values:
            changed = voices.adjusted(self._meant.config, ask.voice, values)
            await apart(settings.check, changed, self._meant.chart)
            await self._daemon.try_out(changed)
        return Change(voices.adjusted(self._meant.config, ask.voice, values), self._meant.chart)

    async def _charted(self, ask: Tune | Transpose | Segue) -> Change:
        """The order to play another chart, or this one in another key."""
        if isinstance(ask, Segue):
            return next_tune(self._written, self._meant.config, ask)
        meant = self._meant
        if isinstance(ask, Tune):
            text = await apart(charts.readable, meant.config, ask.chart)
            return Change(replace(self._meant.config, chart=ask.chart), text)
        moved = await apart(charts.transposed, meant.config, meant.chart, ask.semitones)
        return Change(self._meant.config, moved)

    def _pass_on(self, order: LiveOrder) -> PendingOrder:
        """Have the player do this."""
        pending = self._pending.passed_on(order)
        self._daemon.order(order)
        return pending

    async def _outcome(self, pending: PendingOrder) -> str:
        return await self._pending.outcome(pending, lambda: self._daemon.alive)

    # -- what was ordered, carried out or not yet: what is asked for next goes out from there --

    @property
    def _meant(self) -> Perform:
        return reduce(Perform.after, self._pending.orders, self._daemon.perform)

    @property
    def _meant_bpm(self) -> float:
        tempi = [order.bpm for order in self._pending.orders if isinstance(order, Tempo)]
        return tempi[-1] if tempi else self._status.bpm

    @property
    def _meant_muted(self) -> bool:
        mutes = [order.on for order in self._pending.orders if isinstance(order, Mute)]
        return mutes[-1] if mutes else self._company.muted

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
            case Errand.SET:
                return Reply(listing(self._written, self._status.tune, self._set.coming))
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
                self._pending.leave(self._pass_on(await self._made(_drawn(ask))))
            else:
                await self.carry_out(ask)
        except ValueError as error:
            self._daemon.say(f"{order}: {error}")


def _drawn(ask: ForPlayer) -> ForPlayer:
    """The same, with a seed where one is asked for and none is named."""
    if ask == Adjust((("seed", None),)):
        return Adjust((("seed", settings.new_seed()),))
    return ask


def _values(ask: _Set) -> str:
    """What was asked for, as a sentence: "Temperature 0.8."."""
    said = []
    whose = f"{ask.voice}: " if isinstance(ask, AdjustSoloist) else ""
    for key, value in ask.values:
        shown = f"the {OWN[key]}'s own" if value is None else written(value)
        said.append(f"{key.replace('_', ' ')} {shown}")
    return sentence(whose + ", ".join(said))
