"""The spare: a player that plays nothing yet, to take over, and to try models in."""

import asyncio
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress

from improvd.config import Config
from improvd.messages import Order, Refused, StandBy, Try
from improvd.service.players.processes import PlayerProcess, start_player
from improvd.wire import WireError

# A model is loaded a few times, by a process that may only just have been started.
_TRYING_S = 8.0
_BETWEEN_LOOKS_S = 0.01


class PlayerRefusedError(ValueError):
    """The player cannot play this; one sentence."""


class Spare:
    """The one that stands by, or nobody.

    `memory` is the descriptor of what is shared with players; `say` lets a person know.
    """

    def __init__(self, memory: int, say: Callable[[str], None]) -> None:
        self._memory = memory
        self._say = say
        self._process: PlayerProcess | None = None
        self._given_up: PlayerProcess | None = None  # killed, and not gone yet
        self._trying = asyncio.Lock()

    def stand_by(self, api: str) -> None:
        """Have one, for this MIDI system; without, the music goes on until a player is lost."""
        if self._process is not None and self._process.process.poll() is not None:
            self._process.dismiss()
            self._process = None
        if self._process is not None:
            return
        try:
            self._process = start_player(self._memory)
            self._process.tell(StandBy(api))
        except OSError as error:
            self._say(f"No second player stands by ({error.strerror}).")

    @property
    def lost(self) -> bool:
        """Whether there was one, and it has died."""
        return self._process is not None and self._process.process.poll() is not None

    def take(self) -> PlayerProcess:
        """A player that is to play now; nobody stands by then. Raises OSError."""
        process, self._process = self._process, None
        return process or start_player(self._memory)

    def finish(self, *orders: Order, patience_s: float) -> None:
        """Have it carry these out to its end, if there is one."""
        if self._process is None:
            return
        self._process.tell(*orders)
        with suppress(subprocess.TimeoutExpired):
            self._process.process.wait(patience_s)

    def dismiss(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.dismiss()

    async def try_out(self, config: Config) -> None:
        """Have it load this configuration's model and think with it; what plays, plays on.

        Raises PlayerRefusedError where it could not take over, or nobody can try it now.
        """
        async with self._trying:
            deadline = time.monotonic() + _TRYING_S
            process = await self._someone(config.model, deadline)
            process.tell(Try(config))
            await self._tried(process, config.model, deadline)

    async def _someone(self, model: str, deadline: float) -> PlayerProcess:
        """The spare, as soon as there is one. Raises PlayerRefusedError."""
        while time.monotonic() < deadline:
            if self._process not in (None, self._given_up) and not self.lost:
                return self._process
            await asyncio.sleep(_BETWEEN_LOOKS_S)
        raise PlayerRefusedError(
            f"{model}: there is no player at the moment to try this model; "
            "order it again when one plays"
        )

    async def _tried(self, process: PlayerProcess, model: str, deadline: float) -> None:
        """Until this one has tried the model. Raises PlayerRefusedError."""
        with suppress(EOFError, WireError):
            while process is self._process and time.monotonic() < deadline:
                for answer in process.link.heard():
                    if isinstance(answer, Refused):
                        raise PlayerRefusedError(answer.reason)
                    return
                await asyncio.sleep(_BETWEEN_LOOKS_S)
        if process is self._process:
            self._given_up = process
            process.process.kill()  # it died of this model, or is held up by it
            raise PlayerRefusedError(
                f"{model}: a player that does not play died or hung in trying this model; "
                "name another one"
            )
        raise PlayerRefusedError(
            f"{model}: the player that tried this model had to take over; order it again"
        )
