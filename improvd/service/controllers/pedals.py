"""Orders by MIDI: what knobs and pedals ask for, and which of them is to ask for what."""

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable, Mapping

from improvd.service.controllers.controls import Controls, check_order, control_of
from improvd.service.orders.orders import LEARNING_S, OrderError, quoted

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
        self._learner: tuple[str, asyncio.Future[str]] | None = None

    @property
    def orders(self) -> Mapping[str, str]:
        """What each control orders now."""
        return self._controls.orders

    def assign(self, orders: Mapping[str, str]) -> None:
        """Other controls from now on. Raises OrderError and keeps the old where one is none."""
        self._controls = Controls(orders)

    def hear(self, message: bytes) -> None:
        """A message came in."""
        if self._learner is not None:
            order, learned = self._learner
            control = control_of(message, order)
            if control is not None and not learned.done():
                learned.set_result(control)
                return
        asked = self._controls.hear(message)
        if asked is not None:
            self._put(asked)

    async def learn(self, order: str) -> str:
        """Wait for the control that is to give this order, and let it.

        Raises OrderError when the order is not one for a pedal, nothing moves, or another is to be
        learned first.
        """
        check_order(order)
        if self._learner is not None and not self._learner[1].done():
            self._learner[1].set_exception(OrderError("another order is being mapped instead"))
        learned: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._learner = (order, learned)
        try:
            async with asyncio.timeout(LEARNING_S):
                control = await learned
        except TimeoutError:
            raise OrderError(
                f"no knob or pedal moved within {LEARNING_S:g} s, so {quoted(order)} is not mapped"
            ) from None
        finally:
            if self._learner is not None and self._learner[1] is learned:
                self._learner = None
        self.assign({**self.orders, control: order})
        return control

    def close(self) -> None:
        """Ask for nothing more."""
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
