"""How the player process takes its first order."""

import threading

import pytest

from improvd.config import Config
from improvd.messages import Order, Perform, SocketReport, StandBy, Stop
from improvd.player.process import _first_order
from improvd.player.silencer import Silencer
from improvd.system.handover import socket_pair
from improvd.wire import Link

PERFORM = Perform(Config(), "| C7 | F7 |")


@pytest.fixture
def ends():
    """The service's bare end, the player's link, and an order as it goes over the socket."""
    ours, theirs = socket_pair()
    service: Link[SocketReport] = Link(ours, SocketReport)
    service.tell(PERFORM)
    stream = theirs.recv(1 << 16)
    player: Link[Order] = Link(theirs, Order)
    yield ours, player, stream
    service.close()
    player.close()


def test_an_order_is_waited_for_until_all_of_it_is_there(ends):
    ours, player, stream = ends
    ours.send(stream[:100])
    rest = threading.Timer(0.05, lambda: ours.send(stream[100:]))
    rest.start()
    assert _first_order(player, Silencer()) == PERFORM
    rest.join()


def test_a_service_that_is_gone_in_the_middle_of_an_order_gave_none(ends):
    ours, player, stream = ends
    ours.send(stream[:100])
    ours.close()
    assert _first_order(player, Silencer()) is None


def test_what_is_ordered_behind_it_is_still_to_come(ends):
    ours, player, stream = ends
    ours.send(stream)
    Link(ours, SocketReport).tell(Stop())
    assert _first_order(player, Silencer()) == PERFORM
    assert list(player.heard()) == [Stop()]


def test_what_it_is_to_be_ready_for_is_no_first_order(ends):
    ours, player, stream = ends
    Link(ours, SocketReport).tell(StandBy("none"))
    ours.send(stream)
    silencer = Silencer()
    assert _first_order(player, silencer) == PERFORM
    assert silencer.patience is not None
