"""What comes over the link is parted into orders and what somebody played on the page."""

from collections.abc import Iterator
from typing import Any

import pytest

from improvd.messages import Hear, Mute, Order, Panic
from improvd.player.post import Post
from improvd.system.handover import socket_pair
from improvd.wire import Link

ON, OFF = b"\x90\x3c\x50", b"\x80\x3c\x40"


@pytest.fixture
def ends() -> Iterator[tuple[Link[Any], Link[Order]]]:
    ours, theirs = (Link[Any](end, Order) for end in socket_pair())
    yield ours, theirs
    ours.close()
    theirs.close()


def test_orders_stay_in_their_order_and_keys_are_heard_apart(ends):
    ours, theirs = ends
    post = Post(theirs)
    for each in (Mute(True), Hear(200, OFF), Hear(100, ON), Panic()):
        ours.tell(each)
    assert post.struck(now=1000) == [(100, ON), (200, OFF)]
    assert list(post.heard()) == [Mute(True), Panic()]
    assert post.struck(now=1000) == []


def test_nothing_was_struck_in_the_future(ends):
    ours, theirs = ends
    ours.tell(Hear(5000, ON))
    assert Post(theirs).struck(now=1000) == [(1000, ON)]


def test_a_flood_is_bounded_and_orders_come_through(ends):
    ours, theirs = ends
    post = Post(theirs)
    for number in range(5000):
        ours.tell(Hear(number, ON))
        list(post.heard())
    ours.tell(Mute(True))
    assert list(post.heard()) == [Mute(True)]
    assert 1000 < len(post.struck(now=10_000)) < 2000


def test_the_end_of_the_link_is_told_to_who_asks_for_orders(ends):
    ours, theirs = ends
    post = Post(theirs)
    ours.tell(Hear(1, ON))
    ours.close()
    assert post.struck(now=10) == [(1, ON)]
    with pytest.raises(EOFError):
        list(post.heard())
