"""The supervisor: keeps a player playing, whatever happens to it.

A player that dies, stands still or leaves because its MIDI system did is replaced by the spare,
which closes what the other left sounding and goes on from its last snapshot. One that dies soon
after a change is not followed by another that dies of the same: what was before is played again.
"""

import asyncio
import os
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from msgspec.structs import replace

from improvd import system
from improvd.config import Config
from improvd.messages import (
    Change,
    Declined,
    Event,
    Gap,
    Hear,
    Left,
    LiveOrder,
    Notice,
    Obeyed,
    Perform,
    Ready,
    Refused,
    Report,
    Stop,
    Tried,
)
from improvd.service.players.changes import BeforeChange, Changes
from improvd.service.players.heart import STALE_NS, Heart
from improvd.service.players.processes import PlayerProcess
from improvd.service.players.spare import PlayerRefusedError, Spare
from improvd.shared import Peers, Shared
from improvd.wire import WireError

# How often the shared memory is read: what a kill of everything costs the journal. More often for
# a while after a player is told to play: somebody waits for its first beat.
_LOOK_EVERY_S, _LOOK_AT_FIRST_S, _AT_FIRST_NS = 0.05, 0.002, 2_000_000_000
# A player told to stop has this long to close its notes; it needs a few milliseconds.
_PATIENCE_S = 2.0
# A person's second Ctrl-C; programs that pass on signals give the first one twice, at once.
_TWICE_NS = 150_000_000
# Players that die this soon after their start have one trouble, and so many of them are its end.
_SOON_NS = 5_000_000_000
_MOST_DEATHS = 5
# Orders come from people; a flood of them is not worth remembering.
_MOST_UNANSWERED = 64
# A player that was killed has gone when its link has, or a moment after; by SIGKILL.
_GONE_S, _KILLED = 0.05, -9
# From so many on, the state it goes on from may be what kills it.
_DEATHS_BY_STATE = 3


class PlayerLostError(RuntimeError):
    """Players die as soon as they are started; one sentence."""


class Supervisor:
    """Lets players perform until it is told to stop.

    `tell` gets all reports, in order; `memory` is the descriptor of what is shared with players,
    and is closed in the end; `player` is the first of them; `restarts` counts the players that were
    replaced. Must be made and used within a running asyncio loop.
    """

    def __init__(
        self,
        perform: Perform,
        tell: Callable[[Sequence[Report]], None],
        memory: int,
        player: PlayerProcess,
    ) -> None:
        self.restarts = 0
        self.perform = perform
        """What is performed now: the orders that were carried out are worked into it."""
        self._unanswered: deque[LiveOrder] = deque(maxlen=_MOST_UNANSWERED)
        self._changes = Changes()
        self._gone_back: BeforeChange | None = None
        self._api = ""  # the MIDI system that it plays on: a successor waits for that one
        self._tell = tell
        self._memory = memory
        self._shared = Shared(self._memory)
        self._playing = player
        self._spare = Spare(memory, lambda sentence: tell([Notice(sentence)]))
        self._ready = False
        self._played = False
        self._heart = Heart(system.now())
        self._stopping, self._asked_ns = False, 0
        self._deaths = 0
        self._hung = False
        self._outcome: asyncio.Future[Left | Refused | None] | None = None

    # -- for the rest of the service -------------------------------------------------------

    def order(self, order: LiveOrder) -> None:
        """Have the player do this; if it is lost before it has, the next one does."""
        self._playing.tell(order)
        self._unanswered.append(order)
        if isinstance(order, Change):
            now, snapshot = system.now(), self._shared.snapshot
            self._changes.ordered(BeforeChange(order, now, self.perform, snapshot))

    def hear(self, stamp_ns: int, message: bytes) -> None:
        """Have the player hear this as if it had come in on its port; what is lost is lost."""
        if self._ready:
            self._playing.tell(Hear(stamp_ns, message))

    async def try_out(self, config: Config) -> None:
        """Have the spare load this configuration's model and think with it; what plays, plays on.

        Raises PlayerRefusedError where it could not take over, or nobody can try it now.
        """
        await self._spare.try_out(config)

    def stop(self) -> None:
        """Have the player close what sounds and leave; `run` then returns.

        Asked for again, the spare closes it, and no player is waited for.
        """
        now = system.now()
        if self._stopping:
            if now - self._asked_ns > _TWICE_NS:
                self._playing.process.kill()
            return
        self._stopping, self._asked_ns = True, now
        self._playing.tell(Stop())
        asyncio.get_running_loop().call_later(_PATIENCE_S, self._playing.process.kill)

    @property
    def alive(self) -> bool:
        """Whether the player's heart has beaten lately."""
        return self._ready and system.now() - self._shared.heartbeat < STALE_NS

    @property
    def saves(self) -> int:
        """How many snapshots players have saved; 0 while there is none."""
        return self._shared.saves if self._ready else 0

    @property
    def saved(self) -> bytes | None:
        """The latest snapshot."""
        return self._shared.snapshot if self._ready else None

    @property
    def peers(self) -> Peers:
        """Who is connected to the player's ports."""
        return self._shared.peers if self._ready else ()

    def going_on(self) -> Perform | None:
        """The order by which another player would go on from here; None before the first beat."""
        resume = self._shared.resume
        return None if resume is None else replace(self.perform, resume=resume)

    async def run(self) -> None:
        """Perform until told to stop.

        Raises PlayerRefusedError for what cannot be performed, PlayerLostError if no player lives.
        """
        looking = asyncio.create_task(self._look())
        try:
            self._playing.tell(self.perform)
            while not await self._performed():
                self._replace_player()
        finally:
            looking.cancel()
            self._drain()
            self._close()

    # -- one player ------------------------------------------------------------------------

    async def _performed(self) -> bool:
        """Until the player leaves; whether that is the end."""
        outcome = await self._until_it_leaves()
        self._drain()
        if isinstance(outcome, Refused) and not self._played:
            raise PlayerRefusedError(outcome.reason)
        if isinstance(outcome, Refused):
            # What could be played once can be again, such as when a file is back.
            self._tell([Notice(outcome.reason)])
            self._count_death()
            self._go_back()
            return self._stopping
        if isinstance(outcome, Left):
            self._tell([outcome])
            if not outcome.midi_lost or self._stopping:
                return True
            self._tell([Notice("The MIDI system left; keeping time, and looking out for it.")])
            return False
        if self._stopping:
            self._silence()
            return True
        self._count_death()
        self._tell([Notice("The player was lost; another one goes on.")])
        self._go_back()
        return False

    async def _until_it_leaves(self) -> Left | Refused | None:
        """Its last word; None if it died without one."""
        loop = asyncio.get_running_loop()
        self._outcome = loop.create_future()
        link = self._playing.link
        loop.add_reader(link, self._read)
        try:
            return await self._outcome
        finally:
            loop.remove_reader(link)

    def _read(self) -> None:
        """Pass on what the player says."""
        if self._outcome is None or self._outcome.done():
            return
        try:
            for answer in self._playing.link.heard():
                if isinstance(answer, Ready):
                    self._welcome(answer)
                elif not isinstance(answer, Tried):  # who asked for that has been told otherwise
                    self._outcome.set_result(answer)
                    return
        except (EOFError, WireError):
            self._outcome.set_result(None)

    def _welcome(self, ready: Ready) -> None:
        """It plays: now there is time to have another one ready."""
        self._ready = self._played = True
        self._api = ready.api or self._api
        self._tell([ready])
        self._stand_by()

    async def _look(self) -> None:
        """Read the shared memory for as long as there is a player, and watch its heart."""
        while True:
            at_first = self._heart.age(system.now()) < _AT_FIRST_NS
            await asyncio.sleep(_LOOK_AT_FIRST_S if at_first else _LOOK_EVERY_S)
            self._playing.link.flush()
            if not self._ready:
                self._read()  # that it plays is told before what it plays
            try:
                self._drain()
            except Exception as error:  # noqa: BLE001 - who watches must not end the music
                context = {"message": "what the player told was not passed on", "exception": error}
                asyncio.get_running_loop().call_exception_handler(context)
            beat = self._shared.heartbeat if self._ready else None
            if self._heart.stopped(system.now(), beat, lambda: self._playing.asleep):
                self._hung = True
                self._playing.process.kill()
            if self._spare.lost:
                self._stand_by()

    def _stand_by(self) -> None:
        """Have somebody ready to take over."""
        self._spare.stand_by(self._api or self.perform.config.api)

    def _drain(self) -> None:
        events = self._shared.drain()
        for event in events:
            self._fold(event)
        if events:
            self._tell(events)

    def _fold(self, event: Event) -> None:
        """Work into what is performed what has become of the orders."""
        match event:
            case Obeyed(order=order):
                self.perform = self.perform.after(order)
                self._answered(order)
            case Declined(order=order):
                self._answered(order)
                self._changes.declined(order)
            case Gap():  # what became of them may be among what is missing
                for order in self._unanswered:
                    self.perform = self.perform.after(order)
                self._unanswered.clear()

    def _answered(self, order: LiveOrder) -> None:
        """This order needs no other player; nor do those before it, which came to nothing."""
        if order in self._unanswered:
            while self._unanswered.popleft() != order:
                pass

    # -- when it is lost -------------------------------------------------------------------

    def _count_death(self) -> None:
        """Raises PlayerLostError where other players have been of no use."""
        lived = self._heart.age(system.now())
        self._deaths = self._deaths + 1 if lived < _SOON_NS or not self._ready else 1
        if self._deaths > _MOST_DEATHS:
            raise PlayerLostError(
                f"The player died {self._deaths} times in a row; see what it said above, "
                "and start improvd again, with --fresh to leave its state behind."
            )

    def _go_back(self) -> None:
        """Perform what was performed before a change that the player seems to have died of."""
        change = self._changes.blamed(system.now(), self._shared.heartbeat, self._unanswered)
        if change is None:
            return
        if self._deaths == 1 and self._killed_by_others():
            self._changes.ordered(change)
            return
        self._gone_back, self.perform = change, change.perform
        with suppress(ValueError):
            self._unanswered.remove(change.order)
        what = " and ".join(change.keys)
        self._tell([Notice(f"It was lost soon after a change of {what}, which is taken back.")])

    def _killed_by_others(self) -> bool:
        """Whether it neither failed by itself nor had to be killed by us."""
        with suppress(subprocess.TimeoutExpired):
            return self._playing.process.wait(_GONE_S) == _KILLED and not self._hung
        return False

    def _replace_player(self) -> None:
        """The spare goes on."""
        self._playing.dismiss()
        self.restarts += 1
        order = self.going_on() or self.perform
        if order.resume is not None:
            resume = replace(order.resume, snapshot=self._state(), api=self._api)
            order = replace(order, resume=resume)
        self._playing = self._spare.take()
        self._ready = self._hung = False
        # Once: an order that ends players must not end one after another.
        self._playing.tell(order, *self._unanswered)
        self._unanswered.clear()
        self._heart.ordered(system.now())

    def _state(self) -> bytes | None:
        """The snapshot that the next player is to go on from."""
        change, self._gone_back = self._gone_back, None
        if self._deaths >= _DEATHS_BY_STATE:
            return None
        if change is not None and "model" in change.keys:
            return change.snapshot  # the latest is of a cell of another shape
        return self._shared.snapshot

    def _silence(self) -> None:
        """The player had to be killed while it was to stop: the spare closes what it left."""
        order = self.going_on()
        if order is not None and order.resume and self._shared.sounding:
            resume = replace(order.resume, api=self._api)
            self._spare.finish(replace(order, resume=resume), Stop(), patience_s=_PATIENCE_S)

    def _close(self) -> None:
        self._ready = False
        self._playing.dismiss()
        self._spare.dismiss()
        self._shared.close()
        os.close(self._memory)
