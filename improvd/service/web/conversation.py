"""What a page asks for, and what it is answered. Whatever it sends, the music goes on."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from improvd.core.midi.messages import NOTE_OFF, NOTE_ON, channel, kind, note_off, strikes
from improvd.messages import Perform
from improvd.models import BUILT_IN
from improvd.options import CHARTS
from improvd.orders.asks import Ask, Errand, Map, OrderError, Swap, Tune
from improvd.orders.table import parse
from improvd.service.apart import apart
from improvd.service.dispatching.dispatcher import Dispatcher
from improvd.service.web.crowd import Visitor
from improvd.service.web.frames import AskChart, AskClock, Frame, Ordered, Strike, ms, ns, say
from improvd.service.web.view import sheet

# A page tells when a key was struck, and the way to us takes time; more is no key, but a clock that
# went wrong.
_EARLIEST_NS = 1_000_000_000
_MOST_HELD = 64
_MOST_AT_ONCE = 8


class Conversation:
    """Answers one page.

    Args:
        visitor: the page.
        dispatcher: carries out its orders.
        perform: what is performed now.
        hear: has the player hear a message that was struck at a nanosecond.
    """

    def __init__(
        self,
        visitor: Visitor,
        dispatcher: Dispatcher,
        perform: Callable[[], Perform],
        hear: Callable[[int, bytes], None],
    ) -> None:
        self._visitor = visitor
        self._dispatcher = dispatcher
        self._perform = perform
        self._hear = hear
        self._doing: set[asyncio.Task[None]] = set()

    def take(self, frame: Frame) -> None:
        """Do what is asked for; what takes its time is done meanwhile, and holds up no key."""
        match frame:
            case AskClock(at=at):
                self._visitor.tell(say("clock", at=at, now=ms(time.monotonic_ns())))
            case Strike():
                self._strike(frame)
            case Ordered(id=number, text=text):
                self._meanwhile(self._order(number, text))
            case AskChart(id=number, text=text):
                self._meanwhile(self._check(number, text))

    def let_go(self) -> None:
        """The page is gone: nothing that it held is held any more."""
        now = time.monotonic_ns()
        for on, pitch in self._visitor.held:
            self._hear(now, note_off(on, pitch))
        self._visitor.held.clear()

    def _strike(self, strike: Strike) -> None:
        message = bytes(strike.m)
        now = time.monotonic_ns()
        stamp = min(max(ns(strike.at), now - _EARLIEST_NS), now)
        key = channel(message), message[1]
        if strikes(message):
            if len(self._visitor.held) < _MOST_HELD:
                self._visitor.held.add(key)
        elif kind(message) in (NOTE_OFF, NOTE_ON):
            self._visitor.held.discard(key)
        self._hear(stamp, message)

    def _meanwhile(self, work: Coroutine[Any, Any, None]) -> None:
        if len(self._doing) >= _MOST_AT_ONCE:
            work.close()
            return
        task = asyncio.create_task(work)
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)

    async def _check(self, number: int, text: str) -> None:
        found = await apart(sheet.check, text, self._perform().config)
        self._visitor.tell(say("checked", id=number, **found))

    async def _order(self, number: int, text: str) -> None:
        ok, answer = await self._carried_out(text)
        self._visitor.tell(say("answer", id=number, ok=ok, text=answer))

    async def _carried_out(self, text: str) -> tuple[bool, str]:
        try:
            ask = parse(text)
            if (barred := self._barred(ask)) is not None:
                return False, barred
            return True, (await self._dispatcher.carry_out(ask)).text
        except OrderError as error:
            return False, str(error)

    def _barred(self, ask: Ask) -> str | None:
        """Why a page cannot order this, if so: it opens no files, and has no knob to turn."""
        match ask:
            case Map() | Errand.WATCH:
                return "that is for a terminal: improvd ctl"
            case Tune(chart=chart) if "|" not in chart and chart not in CHARTS:
                return f"write chords between bar lines, or one of {', '.join(CHARTS)}"
            case Swap(model=model) if model not in (*BUILT_IN, self._started_with):
                return f"the models that a page can choose are {', '.join(BUILT_IN)}"
        return None

    @property
    def _started_with(self) -> str:
        return self._dispatcher.written.config.model
