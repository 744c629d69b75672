"""The daemon: a supervised player, its journal, and those who steer and watch it, put together."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from improvd import folders, system
from improvd.config import Config, ConfigError
from improvd.messages import (
    Left,
    LiveOrder,
    Notice,
    Perform,
    Ready,
    Refused,
    Report,
    Stop,
    Tempo,
    Tried,
)
from improvd.service.notify import watched
from improvd.service.players.head_start import HeadStart
from improvd.service.players.processes import settled, start_player
from improvd.service.players.supervisor import Supervisor
from improvd.service.recorder.journal import Journal
from improvd.service.recorder.library import Limits
from improvd.service.resume_point import ResumeFiles, ResumePoint
from improvd.service.status import settings
from improvd.service.status.settings import Source, WrittenSettings
from improvd.service.steering import Steering
from improvd.service.terminal.foreground import Foreground
from improvd.service.unit import Unit
from improvd.shared import Peers, SoundingKey
from improvd.system.handover import make

_ANSWERS = (Ready, Refused, Tried, Left)
# How often it is written down for the day after a power cut where the music is.
_KEEP_EVERY_S = 60.0
_SILENCED_WITHIN_S = 5.0


class Daemon:
    """One performance from its start to its end.

    Args:
        written: what is to be played.
        foreground: shows what happens to a person.
        resume: whether to go on where the music was last.

    Raises:
        FolderError: there is no place for what it keeps.
    """

    def __init__(self, written: WrittenSettings, foreground: Foreground, *, resume: bool) -> None:
        config = written.config
        self.last = ResumeFiles(config.name)
        self._place = folders.state() / config.name
        limits = Limits(config.jams_mb, config.jams_days)
        self._journal = Journal(self._place / "jams", limits, self.say)
        self._foreground = foreground
        self._unit = Unit(lambda: self.alive)
        self._takers: list[Callable[[Report], None]] = [foreground.tell, self._unit.take]
        order, self._retimed = _first_order(written, self.last.read(), resume=resume)
        self._perform = replace(order, config=settings.seeded(order.config))
        self._kept = time.monotonic()
        self._for_good = False

    async def run(self, steering: Steering, first: HeadStart) -> None:
        """Play until it is told to stop. Raises what the supervisor does."""
        self._takers.append(steering.take)
        self._steering = steering
        self._supervisor = Supervisor(self._perform, self._tell, *settled(first))

        def begin(report: Report) -> None:
            if isinstance(report, Ready):
                first.plays(self.last.memory)

        self._takers.append(begin)
        if self._retimed is not None:
            self._takers.append(self._retime)
        feeding = asyncio.create_task(self._unit.feed())
        try:
            await self._supervisor.run()
        finally:
            feeding.cancel()
            self._journal.close()
            if self._for_good:
                self.last.forget()

    # -- for those who steer it ------------------------------------------------------------

    @property
    def perform(self) -> Perform:
        """What is performed now, all orders that were carried out worked into it."""
        return self._supervisor.perform

    @property
    def alive(self) -> bool:
        """Whether a player plays."""
        return self._supervisor.alive

    def order(self, order: LiveOrder) -> None:
        """Have the player do this."""
        self._supervisor.order(order)

    async def try_out(self, config: Config) -> None:
        """Have another player try this configuration's model. Raises ValueError, a sentence."""
        await self._supervisor.try_out(config)

    @property
    def saves(self) -> int:
        """How many snapshots players have saved."""
        return self._supervisor.saves

    @property
    def saved(self) -> bytes | None:
        """The latest of them."""
        return self._supervisor.saved

    @property
    def peers(self) -> Peers:
        """Who is connected to the player's ports."""
        return self._supervisor.peers

    def hear(self, stamp_ns: int, message: bytes) -> None:
        """Have the player hear a message that was struck at this nanosecond."""
        self._supervisor.hear(stamp_ns, message)

    def show(self, link: str) -> None:
        """Show the person where the live page is."""
        self._foreground.show(link)

    def say(self, sentence: str) -> None:
        """Let the person know."""
        self._tell([Notice(sentence)])

    def keep(self) -> Path:
        """Write the last bars into a .mid file. Raises OSError, or ValueError with a sentence."""
        # It brings NumPy and what writes .mid files: for when they are asked for.
        from improvd.service.recorder import keep  # noqa: PLC0415 - only when it is needed

        return keep.keep(self._journal, self._place / "kept")

    def snapshot(self) -> Path:
        """Write down where the music is. Raises OSError, or ValueError with a sentence."""
        order = self._supervisor.going_on()
        if order is None:
            raise ValueError("nothing has been played yet")
        self.last.keep(ResumePoint(order, self._steering.written))
        return self.last.lasting

    def stop(self) -> None:
        """A person ends the music: the next start begins anew."""
        self._for_good = True
        self.pause()

    def pause(self) -> None:
        """The music ends here, and goes on from here at the next start."""
        self._unit.stop()
        self._supervisor.stop()

    async def reload(self, steering: Steering) -> None:
        """Go over to what the file says now; what cannot be read leaves all as it is."""
        try:
            self.say(await self._unit.reload(steering.reload))
        except ConfigError as error:
            self.say(f"{error}; going on as before.")

    def _retime(self, report: Report) -> None:
        """What was last goes on in its own tempo; another one was written since."""
        if isinstance(report, Ready) and self._retimed is not None:
            self.order(Tempo(self._retimed))
            self._retimed = None

    # -- what happens ----------------------------------------------------------------------

    def _tell(self, reports: Sequence[Report]) -> None:
        self._journal.write([report for report in reports if not isinstance(report, _ANSWERS)])
        for report in reports:
            for take in self._takers:
                take(report)
        order = self._supervisor.going_on()
        if order is not None:
            self.last.note(ResumePoint(order, self._steering.written))
            self._keep_now_and_then(reports)

    def _keep_now_and_then(self, reports: Sequence[Report]) -> None:
        over = any(isinstance(report, Left) for report in reports)
        if over or time.monotonic() - self._kept > _KEEP_EVERY_S:
            self._kept = time.monotonic()
            try:
                self.snapshot()
            except OSError as error:
                self._foreground.tell(
                    Notice(f"{self.last.lasting}: cannot be written ({error.strerror}).")
                )


def run(
    source: Source,
    written: WrittenSettings,
    first: HeadStart,
    foreground: Foreground,
    *,
    fresh: bool,
) -> None:
    """Play until Ctrl-C or a signal, and show it in the foreground.

    `first` is the player that has been started already.

    Raises ConfigError for what cannot be had, and what the supervisor does.
    """
    try:
        # On Windows, asyncio's own choice waits neither for a link nor for a signal.
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(_run(source, written, first, foreground, fresh=fresh))
    finally:
        foreground.keep()


def silence(name: str) -> tuple[SoundingKey, ...]:
    """Close what an improvd that is gone left sounding; each note's channel and pitch.

    Takes a player as long as it takes to open the ports. Raises FolderError.
    """
    last = ResumeFiles(name)
    place = last.read()
    resume = place.perform.resume if place else None
    if place is None or resume is None or not resume.owed:
        return ()
    memory = make()
    player = start_player(memory)
    player.tell(place.perform, Stop())
    with suppress(subprocess.TimeoutExpired):
        player.process.wait(_SILENCED_WITHIN_S)
    player.dismiss()
    last.silenced(place)
    return resume.owed


def _first_order(
    written: WrittenSettings, last: ResumePoint | None, *, resume: bool
) -> tuple[Perform, float | None]:
    """What to begin with, and the tempo to go over to then, if that was written otherwise since."""
    anew = settings.perform(written)
    if last is None or last.perform.resume is None:
        return anew, None
    if not resume:
        # Begun anew or not, what was left sounding is closed.
        return replace(anew, resume=replace(last.perform.resume, snapshot=None)), None
    order = settings.going_on(last.written, written, last.perform)
    if "tempo" not in settings.changed(last.written, written):
        return order, None
    # NumPy comes with charts; a service that only starts a player does without.
    from improvd import performance  # noqa: PLC0415 - only when it is needed

    return order, performance.tempo(order.config, performance.chart_of(order.chart, order.config))


async def _run(
    source: Source,
    written: WrittenSettings,
    first: HeadStart,
    foreground: Foreground,
    *,
    fresh: bool,
) -> None:
    daemon = Daemon(written, foreground, resume=not fresh)
    loop = asyncio.get_running_loop()
    tasks: set[asyncio.Task[None]] = set()
    async with Steering(source, written, daemon) as steering:

        def hang_up() -> None:
            """SIGHUP: systemd's word for "read your configuration again", a terminal's for bye."""
            if watched():
                reloading = loop.create_task(daemon.reload(steering))
                tasks.add(reloading)
                reloading.add_done_callback(tasks.discard)
            else:
                daemon.pause()

        system.on_signal(loop, signal.SIGINT, daemon.stop)
        system.on_signal(loop, signal.SIGTERM, daemon.pause)
        system.on_signal(loop, system.HANG_UP, hang_up)
        await daemon.run(steering, first)
