"""The supervisor: starts the player, passes on what it says, and ends it in order."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable

from improvd.messages import Left, Perform, Refused, Report, Stop
from improvd.wire import Link, WireError, socket_pair

# A player told to stop has this long to close its notes; it needs a few milliseconds.
_PATIENCE_S = 2.0
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class PlayerRefusedError(ValueError):
    """The player cannot play this; one sentence."""


class PlayerLostError(RuntimeError):
    """The player ended without being asked."""


def start_player() -> tuple[subprocess.Popen[bytes], Link[Report]]:
    """A player process, waiting for its first order, and our end of the link to it.

    It has a session of its own, so that a Ctrl-C at the terminal reaches us and not it.
    """
    ours, theirs = socket_pair()
    command = [sys.executable, "-m", "improvd.player.process", str(theirs.fileno())]
    process = subprocess.Popen(
        command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True
    )
    theirs.close()
    return process, Link(ours, Report)


async def supervise(
    player: subprocess.Popen[bytes],
    link: Link[Report],
    order: Perform,
    tell: Callable[[Report], None],
) -> None:
    """Let the player perform an order until a signal comes or it leaves; `tell` gets its reports.

    Raises PlayerRefusedError for an order it cannot perform, PlayerLostError if it dies.
    """
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[Exception | None] = loop.create_future()

    def read() -> None:
        outcome = _read(link, tell)
        if outcome is not None and not ended.done():
            ended.set_result(None if isinstance(outcome, Left) else outcome)

    loop.add_reader(link, read)
    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, link.tell, Stop())
    link.tell(order)
    try:
        failure = await ended
    finally:
        loop.remove_reader(link)
        link.close()
        await _reap(player)
    if failure is not None:
        raise failure


def _read(link: Link[Report], tell: Callable[[Report], None]) -> Left | Exception | None:
    """Pass on what came in; the player's last word, or how it ended without one."""
    try:
        for report in link.heard():
            if isinstance(report, Refused):
                return PlayerRefusedError(report.reason)
            tell(report)
            if isinstance(report, Left):
                return report
    except (EOFError, WireError):
        return PlayerLostError("The player stopped without being asked; start improvd again.")
    return None


async def _reap(player: subprocess.Popen[bytes]) -> None:
    try:
        await asyncio.to_thread(player.wait, _PATIENCE_S)
    except subprocess.TimeoutExpired:
        player.kill()
        player.wait()
