"""The rest of the service for tests of those who steer it: it writes down what it is told."""

from pathlib import Path
from typing import Any

from msgspec.structs import replace

from improvd.messages import Change, LiveOrder, Perform, Share, Tempo
from improvd.service.dispatcher import Dispatcher
from improvd.service.orders import settings
from improvd.service.orders.settings import Source


class Band:
    """A daemon without a player. `told` are the orders that a player would have got."""

    def __init__(self, folder: Path, perform: Perform) -> None:
        self.perform = perform
        self.alive = True
        self.told: list[LiveOrder] = []
        self.said: list[str] = []
        self.stopped = False
        self._folder = folder

    def order(self, order: LiveOrder) -> None:
        """As the supervisor does it: the next player is to know too."""
        self.told.append(order)
        config = self.perform.config
        match order:
            case Change(config=changed, chart=chart):
                self.perform = Perform(changed, chart)
            case Share(mode=mode):
                self.perform = Perform(replace(config, mode=mode), self.perform.chart)
            case Tempo(bpm=bpm):
                self.perform = Perform(replace(config, tempo=bpm), self.perform.chart)

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
