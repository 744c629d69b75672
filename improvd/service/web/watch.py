"""Watches what the player saves, and tells pages what is due and what the network thinks."""

import asyncio
from contextlib import suppress

from improvd.core.playing.beat import Beat
from improvd.model import Model, find, kept
from improvd.service.apart import apart
from improvd.service.dispatching.steered_daemon import SteeredDaemon
from improvd.service.web.crowd import Crowd
from improvd.service.web.frames import say
from improvd.service.web.view import insight, sheet
from improvd.service.web.view.insight import Thought

# A note is planned 30 ms before its beat, and the page is to know it before it is due.
_LOOK_EVERY_S = 0.008
_NOBODY_S = 0.1


class Watch:
    """What all pages see alike. `run` goes on until it is cancelled."""

    def __init__(self, daemon: SteeredDaemon, crowd: Crowd) -> None:
        self._daemon = daemon
        self._crowd = crowd
        self._seen = -1
        self._due = ""
        self._mind = ""
        self._thought: Thought | None = None
        self._model: tuple[str, Model] | None = None
        self._sheet = ""
        self._next_sheet = ""

    def greeting(self) -> list[str]:
        """How things stand, for one who has just come."""
        self._sheet = self._sheet or self._next_sheet  # where no beat has been played yet
        return [news for news in (self._sheet, self._figures(), self._due, self._mind) if news]

    def chart_changes(self) -> None:
        """Another chart may be performed, from the next bar line on."""
        self._next_sheet = self._drawn()

    def beat(self, beat: Beat) -> None:
        """A beat is played: with a bar another chart may begin."""
        config = self._daemon.perform.config
        begun = beat.tune == (config.tune if config.set else None)  # another may be waited for
        if not self._sheet or (beat.beat_in_bar == 1 and self._next_sheet and begun):
            self._show_sheet(self._next_sheet or self._drawn())

    async def run(self) -> None:
        """Look at what is saved, as often as somebody looks at the page."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S if len(self._crowd) else _NOBODY_S)
            if len(self._crowd) and self._daemon.saves != self._seen:
                self._seen = self._daemon.saves
                try:
                    with suppress(
                        ValueError
                    ):  # what is saved and what is performed may not fit yet
                        await self._look()
                except Exception as error:  # noqa: BLE001 - who watches must not end the page
                    context = {"message": "the page was not told of a beat", "exception": error}
                    asyncio.get_running_loop().call_exception_handler(context)

    async def _look(self) -> None:
        data = self._daemon.saved
        seen = None if data is None else insight.read(data)
        if seen is None:
            return
        config = self._daemon.perform.config
        self._due = self._told(say("due", **insight.due(seen.memory, config)))
        if self._model is None or self._model[0] != config.model:
            read = await apart(kept, find(config.model))
            self._model, self._thought = (config.model, read.model), None
            self._told(self._figures())
        found = insight.mind(seen, self._model[1], self._thought)
        if found is not None and (self._thought is None or found[1].beat != self._thought.beat):
            shown, self._thought = found
            self._mind = self._told(say("mind", **shown))

    def _told(self, news: str) -> str:
        self._crowd.tell(news)
        return news

    def _figures(self) -> str:
        """What the values of the model mean."""
        if self._model is None:
            return ""
        name, model = self._model
        return say("figures", model=name, figures=insight.figures(model.vocabulary))

    def _drawn(self) -> str:
        perform = self._daemon.perform
        try:
            return say("sheet", **sheet.sheet(perform.chart, perform.config))
        except ValueError:  # a chart that this process cannot read is not drawn
            return ""

    def _show_sheet(self, drawn: str) -> None:
        self._next_sheet = ""
        if drawn and drawn != self._sheet:
            self._sheet = self._told(drawn)
