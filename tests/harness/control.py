"""The rest of the service for tests of those who steer it: it writes down what it is told."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from improvd import performance, snapshot
from improvd.config import Config
from improvd.core.midi.messages import Stamped
from improvd.messages import Declined, Heard, LiveOrder, Obeyed, Perform, Refused, Report
from improvd.model import find, load
from improvd.player import trial
from improvd.service.dispatching.dispatcher import Dispatcher
from improvd.service.status import settings
from improvd.service.status.settings import Source
from improvd.shared import Peers

# After the count-in, in nanoseconds of the jam.
_NOW = 10 * 10**9


class Band:
    """A daemon whose player is a jam in this process; the reports of it go to `take`.

    `told` are the orders that the player got. It carries them out where `answers` says so, and is
    heard of a little later, as from another process. Orders are given in a running loop.
    """

    def __init__(self, folder: Path, perform: Perform) -> None:
        self.perform = perform
        self.alive = True
        self.answers = True
        self.take: Callable[[Report], None]
        self.told: list[LiveOrder] = []
        self.said: list[str] = []
        self.tried: list[str] = []
        self.stopped = False
        self.heard: list[Stamped] = []
        self.beats_saved = 0
        self.link = ""
        config, model = perform.config, load(find(perform.config.model))
        who = performance.improviser(config, model)
        chart = performance.chart_of(perform.chart, config)
        self.jam = performance.jam(config, who, model, chart, 0)
        self.jam.turn(_NOW)
        self._folder = folder

    def follow(self, *, stopped: bool = False) -> None:
        """A master's clock comes, of two bars, and a Stop perhaps."""
        ticks = [_NOW + tick * 20_000_000 for tick in range(192)]
        for stamp, message in [(_NOW, b"\xfa"), *((tick, b"\xf8") for tick in ticks)]:
            self.jam.hear(stamp, message)
        if stopped:
            self.jam.hear(ticks[-1], b"\xfc")

    def order(self, order: LiveOrder) -> None:
        """As player and supervisor do it."""
        self.told.append(order)
        if self.answers:
            asyncio.get_running_loop().call_soon(self._carry_out, order)

    def _carry_out(self, order: LiveOrder) -> None:
        try:
            outcome = performance.obey(self.jam, _NOW, order)
        except ValueError as error:
            self.take(Declined(_NOW, order, str(error)))
        else:
            self.perform = self.perform.after(order)
            self.take(Obeyed(_NOW, order, outcome))

    async def try_out(self, config: Config) -> None:
        self.tried.append(config.model)
        match trial.answer(config):
            case Refused(reason=reason):
                raise ValueError(reason)

    @property
    def saves(self) -> int:
        return self.beats_saved

    @property
    def saved(self) -> bytes | None:
        return snapshot.take(self.jam, _NOW)

    @property
    def peers(self) -> Peers:
        return (("out", "synth:in"),)

    def hear(self, stamp_ns: int, message: bytes) -> None:
        self.heard.append((stamp_ns, message))
        self.take(Heard(stamp_ns, message))

    def show(self, link: str) -> None:
        self.link = link

    def say(self, sentence: str) -> None:
        self.said.append(sentence)

    def keep(self) -> Path:
        path = self._folder / "kept" / "improvd.mid"
        path.write_bytes(b"MThd")
        return path

    def snapshot(self) -> Path:
        raise ValueError("there is nothing to write down before the first beat")

    def stop(self) -> None:
        self.stopped = True


class Stage:
    """A dispatcher with its daemon, in a folder of its own. Made in a running loop."""

    def __init__(self, folder: Path, config: str = "", **overrides: Any) -> None:
        self.file = folder / "improvd.toml"
        self.file.write_text(config)
        source = Source(self.file, overrides)
        written = source.read()
        self.band = Band(folder, settings.perform(written))
        self.learned = folder / "controls.toml"
        self.dispatcher = Dispatcher(source, written, self.band, self.learned)
        self.band.take = self.dispatcher.take
