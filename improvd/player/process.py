"""The player process: `python -m improvd.player.process FD`, FD being its end of the socket pair.

It is started by the service, takes its orders from there, and leaves when the service is gone.
"""

import select
import signal
import socket
import sys
import time
from typing import Any

from improvd import performance
from improvd.config import Config
from improvd.core.chart import Chart
from improvd.messages import Left, Order, Perform, Ready, Refused
from improvd.model import find, load
from improvd.player import loop
from improvd.player.ports import NoMidi, open_ports
from improvd.wire import Link

# Between being ready and the first beat, so that it is picked in time.
_LEAD_NS = 60_000_000


def main(descriptor: int) -> None:
    """Take the first order, play it, and say goodbye. Bad input is refused in one sentence."""
    stop = _StopSignals()
    link: Link[Order] = Link(socket.socket(fileno=descriptor), Order)
    order = _first_order(link)
    if order is None:
        return
    try:
        model, chart = load(find(order.config.model)), performance.chart_of(order.chart)
        world, ready = _open(order.config, chart)
    except ValueError as error:
        link.tell(Refused(str(error)))
        return
    link.tell(ready)
    try:
        who = performance.improviser(order.config, model)
        start_ns = world.now() + _LEAD_NS
        performer = performance.performer(order.config, who, model, chart, start_ns)
        loop.play(performer, world, link, stop.came)
    finally:
        link.tell(Left(link.dropped))
        link.close()


class _StopSignals:
    """SIGTERM and SIGHUP end the loop in order; SIGINT is the service's business."""

    def __init__(self) -> None:
        self._came = False
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: Any) -> None:
        del number, frame
        self._came = True

    def came(self) -> bool:
        return self._came


def _first_order(link: Link[Order]) -> Perform | None:
    select.select([link], [], [])
    try:
        order = next(link.heard(), None)
    except EOFError:
        return None
    return order if isinstance(order, Perform) else None


def _open(config: Config, chart: Chart) -> tuple[loop.World, Ready]:
    """The ports, or nobody to play to; and how to announce it."""
    bpm = performance.tempo(config, chart)
    try:
        ports = open_ports(config.port, config.input or config.port, config.api)
    except NoMidi as error:
        return _Nobody(), Ready(None, None, bpm, chart.beats_per_bar, chart.title, str(error))
    return ports, Ready(ports.plays_on, ports.hears_on, bpm, chart.beats_per_bar, chart.title)


class _Nobody:
    """Plays to nobody: the service writes what it is told into a .mid file."""

    def now(self) -> int:
        return time.monotonic_ns()

    def send(self, message: bytes) -> None:
        """Nowhere."""

    def receive(self) -> list[tuple[int, bytes]]:
        return []

    def close(self) -> None:
        """Nothing is open."""


if __name__ == "__main__":
    main(int(sys.argv[1]))
