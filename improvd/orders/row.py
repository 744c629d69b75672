"""What a row of the table of orders says."""

from collections.abc import Callable

import msgspec

from improvd.messages import LiveOrder
from improvd.orders.asks import Ask

CarryOut = Callable[..., str]
"""Carries out an order on a jam, at a nanosecond, and says what came of it: see `table`.

It is given the order itself, but for Change the setup that is to take over.
"""


class Row(msgspec.Struct, frozen=True):
    """An order.

    `takes` names its argument (empty: it has none), `limits` what that may be; `help` is a few
    words for a list, `more` a sentence for those who want to know exactly. `order` is what goes to
    the player, and `carry_out` what it does then; None for what the service does itself.
    """

    word: str
    example: str
    help: str
    read: Callable[[str], Ask]
    takes: str = ""
    limits: str = ""
    more: str = ""
    order: type[LiveOrder] | None = None
    carry_out: CarryOut | None = None
    optional: bool = False
    by_pedal: bool = True
