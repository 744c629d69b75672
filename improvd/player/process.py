"""The player process, from its first order to its last word.

It is started by the service, waits for its first order, plays, and leaves when the service is gone.
Another one waits beside it, ready to go on where this one is lost.
"""

import select
import signal
from functools import partial
from typing import Any

from improvd import performance, snapshot, system
from improvd.core.jam import Jam
from improvd.live import loop
from improvd.messages import Began, Left, Order, Perform, Ready, Refused, Resume, StandBy, Try
from improvd.model import find, kept
from improvd.models import tables
from improvd.player import realtime, trial
from improvd.player.ports.ports import open_ports
from improvd.player.ports.systems import prepare
from improvd.player.ports.world import PlayerWorld
from improvd.player.post import Post
from improvd.player.reporter import Reporter, other_models
from improvd.player.silencer import Silencer
from improvd.player.wait import Bell, Waiter, now
from improvd.shared import Shared
from improvd.wire import Link

# Between being ready and the first beat, so that it is picked in time, which is 20 ms before.
_LEAD_NS = 25_000_000


def main(link: Link[Order], memory: int) -> None:
    """Take the first order, play it, and say goodbye. Bad input is refused in one sentence."""
    stop = _StopSignals()
    shared = Shared(system.taken_over(memory))
    prepare()
    silencer = Silencer()
    order = _first_order(link, silencer)
    if order is None:
        return
    if order.resume is not None:
        silencer.silence(order.resume)  # before anything else
    silencer.close()
    try:
        _perform(order, link, shared, stop)
    except ValueError as error:
        link.tell(Refused(str(error)))


def _perform(order: Perform, link: Link[Order], shared: Shared, stop: "_StopSignals") -> None:
    """Play until told to stop. Raises ValueError, one sentence, for what cannot be played."""
    config = order.config
    model, digest = kept(find(config.model))
    chart = performance.chart_of(order.chart, config)
    who = performance.improviser(config, model)
    trial.check_beat(config, who)
    names = config.port, config.input or config.port
    api = order.resume.api if config.api == "auto" and order.resume is not None else ""
    opening = partial(open_ports, *names, api or config.api, join=config.join, voices=config.ports)
    realtime.ask()  # first, so that the driver's threads have them too
    post = Post(link)
    world = PlayerWorld(opening, shared, order.resume, Waiter(Bell(), link.fileno()), post.struck)
    start_ns = now() + _LEAD_NS
    jam = performance.jam(config, who, model, chart, start_ns)
    state, lost = None, None
    if order.resume is not None:
        lost = _go_on(jam, order.resume)
        start_ns = now()
        state = snapshot.take(jam, start_ns)
    of = tables.digests(), other_models(config)
    began = Began(config, order.chart, digest, start_ns, state, *of)
    reporter = Reporter(shared, began)
    if lost is not None:
        reporter.notice(lost)
    plays_on, hears_on = world.names or (None, None)
    bpm = round(jam.performer.timeline.bpm, 3)  # a beat is whole nanoseconds
    reporter.save(jam, start_ns)
    reporter.connected(world.peers)
    reporter.alive(now())  # from here on the service listens for the heart
    link.tell(
        Ready(
            *(plays_on, hears_on, bpm, chart.beats_per_bar, chart.title, world.no_midi),
            *(chart.meter, config.seed, *world.system),
        )
    )
    loop.play(jam, world, post, reporter, stop.came)
    # Not after an exception: a link that ends without a last word calls for a successor.
    link.tell(Left(link.dropped, midi_lost=world.gone))
    link.close()


def _go_on(jam: Jam, resume: Resume) -> str | None:
    """Go on where the one before was lost; why not, if that cannot be."""
    if resume.snapshot is None:
        return None
    try:
        snapshot.go_on(jam, now(), snapshot.read(resume.snapshot))
    except ValueError as error:
        return f"Begins anew: {error}."
    return None


class _StopSignals:
    """SIGTERM and SIGHUP end the loop in order; SIGINT is the service's business."""

    def __init__(self) -> None:
        self._came = False
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for number in (signal.SIGTERM, system.HANG_UP):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: Any) -> None:
        del number, frame
        self._came = True

    def came(self) -> bool:
        return self._came


def _first_order(link: Link[Order], silencer: Silencer) -> Perform | None:
    """The order to play; what is to be tried until then is tried."""
    order: Order | None = None
    while order is None:
        readable, _, _ = select.select([link], [], [], silencer.patience)
        if not readable:
            silencer.tend()
            continue
        try:
            order = next(link.heard(), None)
        except EOFError:
            return None
        if isinstance(order, Try):
            link.tell(trial.answer(order.config))
            realtime.tidy()
            order = None
        elif isinstance(order, StandBy):
            silencer.begin(order.api)
            order = None
    return order if isinstance(order, Perform) else None
