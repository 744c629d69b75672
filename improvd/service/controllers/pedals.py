"""Orders by MIDI: what knobs and pedals ask for, and which of them is to ask for what."""

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable, Mapping

from improvd.orders.asks import LEARNING_S, OrderError, quoted
from improvd.service.controllers.controls import Controls, check_order
from improvd.service.controllers.learner import WINDOW_S, Learner, Talk
from improvd.service.controllers.switches import BOUNCE_NS
from improvd.system import now

# A knob that is turned sends more than anybody needs: of a heap of orders the latest count.
_MOST_WAITING = 16
_TEMPO = re.compile("tempo [0-9]+")


class Pedals:
    """Hears what the player's input heard, and asks for what the controls among it order.

    Args:
        orders: control to order, as in the configuration. Raises OrderError where one is none.
        ask: carries out an order.
    """

    def __init__(self, orders: Mapping[str, str], ask: Callable[[str], Awaitable[None]]) -> None:
        self._controls = Controls(orders)
        self._ask = ask
        self._waiting: deque[str] = deque(maxlen=_MOST_WAITING)
        self._asking: asyncio.Task[None] | None = None
        self._talk = Talk()
        self._learning: tuple[Learner, asyncio.Future[tuple[str, str]]] | None = None
        self._choosing: asyncio.TimerHandle | None = None
        self._settling: asyncio.TimerHandle | None = None

    @property
    def orders(self) -> Mapping[str, str]:
        """What each control orders now."""
        return self._controls.orders

    def assign(self, orders: Mapping[str, str]) -> None:
        """Other controls from now on. Raises OrderError and keeps the old where one is none."""
        self._controls = Controls(orders)

    def hear(self, stamp: int, message: bytes) -> None:
        """A message came in at this nanosecond."""
        self._talk.hear(stamp, message)
        if self._learning is None:
            self._order(self._controls.hear(stamp, message))
        elif self._learning[0].hear(stamp, message):
            self._watch()

    def _watch(self) -> None:
        if self._choosing is None:
            self._choosing = asyncio.get_running_loop().call_later(WINDOW_S, self._choose)

    def _order(self, orders: list[str]) -> None:
        for order in orders:
            self._put(order)
        if self._controls.unsettled and self._settling is None:
            loop = asyncio.get_running_loop()
            self._settling = loop.call_later(BOUNCE_NS / 1e9, self._settle)

    def _settle(self) -> None:
        """A pedal came up a moment ago: it was no bounce."""
        self._settling = None
        self._order(self._controls.settle(now()))

    def _choose(self) -> None:
        """What moved has been watched for long enough."""
        self._choosing = None
        if self._learning is not None:
            learner, learned = self._learning
            chosen = learner.choose()
            if learner.undecided:
                self._watch()
            elif chosen is not None and not learned.done():
                learned.set_result(chosen)

    async def learn(self, order: str) -> tuple[str, str]:
        """Wait for the control that is to give this order, and let it.

        Until it has moved, no control orders anything. Returns the control and its order, which
        tells an endless knob's encoding. Raises OrderError when the order is not one for a pedal,
        nothing moves, or another is to be learned first.
        """
        check_order(order)
        if self._learning is not None and not self._learning[1].done():
            self._learning[1].set_exception(OrderError("another order is being mapped instead"))
        learned: asyncio.Future[tuple[str, str]] = asyncio.get_running_loop().create_future()
        learner = Learner(order, self._talk.values, self._talk.talking(now()))
        self._learning = learner, learned
        try:
            async with asyncio.timeout(LEARNING_S):
                control, order = await learned
        except TimeoutError:
            raise OrderError(
                f"no knob or pedal moved within {LEARNING_S:g} s, so {quoted(order)} is not mapped"
            ) from None
        finally:
            if self._learning is not None and self._learning[1] is learned:
                self._learning = None
        self.assign({**self.orders, control: order})
        return control, order

    def close(self) -> None:
        """Ask for nothing more."""
        for timer in (self._choosing, self._settling):
            if timer is not None:
                timer.cancel()
        if self._asking is not None:
            self._asking.cancel()

    def _put(self, order: str) -> None:
        last = self._waiting[-1] if self._waiting else ""
        if _TEMPO.fullmatch(order) and _TEMPO.fullmatch(last):
            self._waiting.pop()
        self._waiting.append(order)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().create_task(self._ask_all())

    async def _ask_all(self) -> None:
        while self._waiting:
            await self._ask(self._waiting.popleft())
