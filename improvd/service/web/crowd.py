"""Those who look at the page: what is told to all of them, and how those who are slow are dropped.

Nobody is waited for: each page has a queue of its own, and whoever lets it fill up is shown out. It
comes back by itself, and is told how things stand.
"""

import asyncio
from collections.abc import Iterator

# Some ten seconds of busy music.
_MOST_UNSENT = 256
MOST_PAGES = 64
# Frames that a page may send in a second, and at once: two hands on a keyboard with a pedal send
# some fifty, a controller that is turned some two hundred.
_FRAMES_A_SECOND = 400.0
_FRAMES_AT_ONCE = 800.0


class Visitor:
    """One page that is open. `gone` is set once it is to leave, or has left.

    `held` are the keys that it holds down, (channel, pitch): it may leave without letting go.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.gone = asyncio.Event()
        self.held: set[tuple[int, int]] = set()
        self._unsent: asyncio.Queue[str] = asyncio.Queue(_MOST_UNSENT)
        self._allowance, self._counted = _FRAMES_AT_ONCE, 0.0

    def tell(self, news: str) -> None:
        """Have it told; one that has fallen behind too far is shown out."""
        try:
            self._unsent.put_nowait(news)
        except asyncio.QueueFull:
            self.gone.set()

    async def next(self) -> str:
        """What it is to be told next."""
        return await self._unsent.get()

    def may_speak(self, now: float) -> bool:
        """Whether one more frame, at this moment (s), is not too many."""
        passed, self._counted = now - self._counted, now
        self._allowance = min(self._allowance + passed * _FRAMES_A_SECOND, _FRAMES_AT_ONCE)
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True


class Crowd:
    """All pages that are open."""

    def __init__(self) -> None:
        self._visitors: dict[int, Visitor] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._visitors)

    def __iter__(self) -> Iterator[Visitor]:
        return iter(tuple(self._visitors.values()))

    def enter(self) -> Visitor | None:
        """One more page; None where there are too many."""
        if len(self._visitors) >= MOST_PAGES:
            return None
        self._count += 1
        visitor = self._visitors[self._count] = Visitor(self._count)
        return visitor

    def leave(self, visitor: Visitor) -> None:
        """This page is closed."""
        self._visitors.pop(visitor.number, None)
        visitor.gone.set()

    def tell(self, news: str) -> None:
        """Have all of them told."""
        for visitor in self:
            visitor.tell(news)
