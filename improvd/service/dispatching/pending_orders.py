"""The orders that were passed on to the player, and what came of each."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from improvd.messages import LiveOrder
from improvd.orders.asks import OrderError

# A player that plays carries out an order within milliseconds, and is heard of within 50.
_PATIENCE_S = 1.0
_MOST_PENDING = 64
_LATE = "It was passed on, and is not carried out yet."
_NOBODY = "No player plays at the moment; the next one carries it out."
_UNKNOWN = "It was passed on; what came of it is not known, as reports of the player are missing."


@dataclass(frozen=True, slots=True)
class PendingOrder:
    """An order that was passed on, and what comes of it: a sentence, or OrderError."""

    order: LiveOrder
    outcome: asyncio.Future[str]


class PendingOrders:
    """Those whose outcome is not known yet, the oldest first. Used in the running loop.

    `say` is how a person is told of a refusal that nobody waits for.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._pending: deque[PendingOrder] = deque(maxlen=_MOST_PENDING)
        self._say = say

    @property
    def orders(self) -> Iterable[LiveOrder]:
        """The orders themselves."""
        return (pending.order for pending in self._pending)

    def passed_on(self, order: LiveOrder) -> PendingOrder:
        """This is ordered now."""
        pending = PendingOrder(order, asyncio.get_running_loop().create_future())
        self._pending.append(pending)
        return pending

    async def outcome(self, pending: PendingOrder, alive: Callable[[], bool]) -> str:
        """What came of an order, or that it is not known yet. Raises OrderError if it cannot be.

        `alive` tells whether there is a player to carry it out.
        """
        await asyncio.wait([pending.outcome], timeout=_PATIENCE_S)
        if pending.outcome.done():
            return pending.outcome.result()
        self.leave(pending)
        return _LATE if alive() else _NOBODY

    def leave(self, pending: PendingOrder) -> None:
        """Nobody waits for this any more, so that a refusal is told where notices are."""
        pending.outcome.add_done_callback(self._say_refusal)

    def settle(self, order: LiveOrder, outcome: str | OrderError) -> None:
        """This came of an order. They are carried out in turn, so those before it are over too."""
        if all(pending.order != order for pending in self._pending):
            if isinstance(outcome, OrderError):  # nobody waits for it
                self._say(sentence(outcome))
            return
        while (pending := self._pending.popleft()).order != order:
            _conclude(pending, _UNKNOWN)
        _conclude(pending, outcome)

    def lose_sight(self) -> None:
        """What came of any of them will not be known."""
        for pending in self._pending:
            _conclude(pending, _UNKNOWN)
        self._pending.clear()

    def _say_refusal(self, outcome: asyncio.Future[str]) -> None:
        if not outcome.cancelled() and (error := outcome.exception()) is not None:
            self._say(sentence(error))


def sentence(said: object) -> str:
    """A text or an error that stands within a sentence, as one of its own."""
    text = str(said)
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _conclude(pending: PendingOrder, outcome: str | OrderError) -> None:
    if pending.outcome.done():  # who waited for it has gone
        return
    if isinstance(outcome, OrderError):
        pending.outcome.set_exception(outcome)
        pending.outcome.exception()  # whether anybody waits for it or not
    else:
        pending.outcome.set_result(outcome)
