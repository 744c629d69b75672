"""What systemd knows of improvd while it plays: that it is ready, how it is, and that it lives."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import Turn
from improvd.messages import Moved, Played, Ready, Report
from improvd.service.notify import (
    READY,
    STOPPING,
    WATCHDOG,
    notify,
    reloading,
    status,
    watchdog_interval,
)

Said = TypeVar("Said")


class Unit:
    """The service's side of a systemd unit; without systemd, it does nothing.

    `alive` says whether the player's heart has beaten lately. Only then is the watchdog fed, so
    that systemd ends and starts again a service that has lost its player for good.
    """

    def __init__(self, alive: Callable[[], bool]) -> None:
        self._alive = alive
        self._ready = False
        self._title = ""
        self._bpm = 0.0
        self._shown: tuple[object, ...] = ()

    async def feed(self) -> None:
        """Feed the watchdog for ever, twice as often as it asks; ends at once if there is none."""
        interval = watchdog_interval()
        while interval is not None:
            if self._alive():
                notify(WATCHDOG)
            await asyncio.sleep(interval / 2)

    def take(self, report: Report) -> None:
        """A report has come from the player: the first that it is ready makes the service so."""
        match report:
            case Ready(title=title, bpm=bpm, plays_on=port):
                self._title, self._bpm = title or "your chart", bpm
                where = "no MIDI yet" if port is None else f"on {port}"
                notify(status(f"{self._title}, {bpm:g} BPM, {where}"), *self._news())
            case Moved(bpm=bpm):
                self._bpm = bpm
            case Played(beat=beat):
                self._show(beat)

    async def reload(self, read_again: Callable[[], Awaitable[Said]]) -> Said:
        """Have the configuration read again, and systemd wait until it has been, whatever it says.

        Returns and raises what `read_again` does.
        """
        notify(reloading())
        try:
            return await read_again()
        finally:
            notify(READY)

    def stop(self) -> None:
        """It has been told to stop."""
        notify(STOPPING, status("closing what sounds"))

    def _news(self) -> tuple[str, ...]:
        """READY, the first time."""
        first, self._ready = not self._ready, True
        return (READY,) if first else ()

    def _show(self, beat: Beat) -> None:
        """Once a bar, and when the turn passes."""
        shown = (beat.bar, beat.turn, self._bpm)
        if shown != self._shown:
            self._shown = shown
            turn = "improvd's turn" if beat.turn is Turn.PLAY else "your turn"
            notify(status(f"{self._title}, {self._bpm:g} BPM, bar {beat.bar}, {turn}"))
