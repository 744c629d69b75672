"""Laws of the wire between the service and the player, on real socket pairs."""

import os
import select
import socket
from collections.abc import Iterator
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.playing.beat import Beat
from improvd.messages import (
    Again,
    Balance,
    Began,
    Change,
    Cue,
    Declined,
    End,
    Ended,
    Event,
    Forget,
    Gap,
    Hear,
    Heard,
    Left,
    Locate,
    Moved,
    Mute,
    Notice,
    Obeyed,
    Order,
    Panic,
    Perform,
    Played,
    Ready,
    Refused,
    Reseed,
    Reset,
    Sent,
    Share,
    SocketReport,
    StandBy,
    Stop,
    Tempo,
    Tried,
    Try,
    Turned,
)
from improvd.shared import Shared
from improvd.system.handover import make, socket_pair
from improvd.wire import Link, WireError
from tests.harness.drawn import CONFIGS

Service, Player = Link[SocketReport], Link[Order]

NS = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(max_size=100)
VALUES = st.none() | st.integers(0, 1000)
PITCHES = st.lists(st.integers(0, 127)).map(tuple)
BEATS = st.builds(
    Beat, number=NS, bar=NS, beat_in_bar=NS, x=VALUES, value=VALUES, pitches=PITCHES, start_ns=NS
)
BPM = st.floats(20, 400)
PERFORMS = st.builds(Perform, config=CONFIGS, chart=st.none() | TEXT)
ORDERS_BY_KIND = {
    Perform: PERFORMS,
    Try: st.builds(Try, config=CONFIGS),
    Change: st.builds(Change, config=CONFIGS, chart=st.none() | TEXT),
    Tempo: st.builds(Tempo, BPM),
    Locate: st.builds(Locate, NS),
    Balance: st.builds(Balance, TEXT, st.lists(TEXT, max_size=3).map(tuple)),
    **{
        kind: st.builds(kind)
        for kind in (Stop, Share, Cue, Mute, Panic, Reset, Reseed, Again, End, Forget)
    },
    StandBy: st.builds(StandBy),
    Hear: st.builds(Hear, NS, st.binary(max_size=3)),
}
NOT_LIVE = (Perform, Stop, Try, StandBy, Hear)
LIVE = st.one_of(*(made for kind, made in ORDERS_BY_KIND.items() if kind not in NOT_LIVE))
ANSWERS_BY_KIND = {
    Ready: st.builds(Ready, bpm=BPM, beats_per_bar=st.floats(0.25, 99)),
    Refused: st.builds(Refused),
    Tried: st.builds(Tried, st.floats(0, 99), st.floats(0, 99)),
    Left: st.builds(Left, NS),
}
EVENTS_BY_KIND = {
    Began: st.builds(Began, config=CONFIGS, chart=st.none() | TEXT, start_ns=NS),
    Heard: st.builds(Heard, NS, st.binary()),
    Turned: st.builds(Turned, NS),
    Obeyed: st.builds(Obeyed, NS, LIVE, TEXT),
    Declined: st.builds(Declined, NS, LIVE, TEXT),
    Played: st.builds(Played, BEATS),
    Sent: st.builds(Sent, NS, NS, st.binary()),
    Moved: st.builds(Moved, NS, TEXT, BPM),
    Notice: st.builds(Notice),
    Gap: st.builds(Gap, NS),
    Ended: st.builds(Ended, NS),
}
ORDERS = st.one_of(*ORDERS_BY_KIND.values())
ANSWERS = st.one_of(*ANSWERS_BY_KIND.values())
EVENTS = st.one_of(*EVENTS_BY_KIND.values())


class Pair:
    """Both ends of a link, and the player's bare socket to write anything on."""

    def __init__(self) -> None:
        ours, self.bare = socket_pair()
        self.service: Service = Link(ours, SocketReport)
        self.player: Player = Link(self.bare, Order)

    def close(self) -> None:
        self.service.close()
        self.player.close()


@pytest.fixture
def pair() -> Iterator[Pair]:
    both = Pair()
    yield both
    both.close()


def read_to_end(link: Service | Player) -> list[Order | SocketReport]:
    """What came before the other end was gone."""
    messages: list[Order | SocketReport] = []
    with pytest.raises(EOFError):
        messages.extend(link.heard())  # keeps what it got before the error
    return messages


@given(st.lists(ORDERS, max_size=8), st.lists(ANSWERS, max_size=8))
def test_every_message_arrives_as_it_was_sent_and_in_order(
    orders: list[Order], reports: list[SocketReport]
):
    pair = Pair()
    for order in orders:
        pair.service.tell(order)
    for report in reports:
        pair.player.tell(report)
    assert list(pair.player.heard()) == orders
    assert list(pair.service.heard()) == reports
    assert pair.service.dropped == pair.player.dropped == 0
    pair.close()


def test_every_kind_of_message_is_tried():
    """A kind added to the wire has to be added above."""
    assert set(Order.__args__) == set(ORDERS_BY_KIND)
    assert set(SocketReport.__args__) == set(ANSWERS_BY_KIND)
    assert set(Event.__args__) == set(EVENTS_BY_KIND)


@given(st.lists(EVENTS, max_size=20))
def test_every_event_comes_out_of_the_shared_memory_as_it_was_put_in(events: list[Event]):
    descriptor = make()
    player, service = Shared(descriptor), Shared(descriptor)
    os.close(descriptor)
    for event in events:
        player.put(event)
    assert service.drain() == events
    player.close()
    service.close()


def test_nothing_to_hear_is_no_reason_to_wait(pair: Pair):
    assert list(pair.service.heard()) == []


def test_an_order_is_no_report(pair: Pair):
    pair.player.tell(Stop())
    with pytest.raises(WireError, match="a frame cannot be read"):
        list(pair.service.heard())


def framed(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


@pytest.mark.parametrize("version", [0, 2, 255])
def test_another_version_is_refused_by_number_and_the_next_frame_is_read(pair: Pair, version: int):
    pair.bare.send(framed(bytes((version,)) + msgspec.msgpack.encode(Left(0))))
    with pytest.raises(WireError, match=f"version {version} came where 1 is spoken"):
        list(pair.service.heard())
    pair.player.tell(Left(3))
    assert list(pair.service.heard()) == [Left(3)]


def test_a_frame_of_nothing_is_no_message(pair: Pair):
    pair.bare.send(framed(b""))
    with pytest.raises(WireError, match="no version"):
        list(pair.service.heard())
    assert list(pair.service.heard()) == []


def sent(*messages: SocketReport) -> bytes:
    """These messages as they go over the socket."""
    pair = Pair()
    for message in messages:
        pair.player.tell(message)
    data = pair.service._socket.recv(1 << 16)
    pair.close()
    return data


@given(st.lists(ANSWERS, min_size=1, max_size=3), st.data())
def test_messages_arrive_whole_wherever_the_stream_is_split(
    answers: list[SocketReport], data: st.DataObject
):
    stream = sent(*answers)
    at = data.draw(st.integers(0, len(stream)))
    pair = Pair()
    arrived = []
    for part in (stream[:at], stream[at:]):
        pair.bare.send(part)
        arrived += list(pair.service.heard())
    assert arrived == answers
    pair.close()


def test_messages_arrive_byte_after_byte_and_no_sooner_than_they_are_whole(pair: Pair):
    stream = sent(Refused("no"), Left(0))
    ends = (len(sent(Refused("no"))), len(stream))
    for count, byte in enumerate(stream, 1):
        pair.bare.send(bytes((byte,)))
        expected = {ends[0]: [Refused("no")], ends[1]: [Left(0)]}.get(count, [])
        assert list(pair.service.heard()) == expected


@given(ANSWERS, st.data())
def test_an_end_in_the_middle_of_a_message_is_an_end(answer: SocketReport, data: st.DataObject):
    stream = sent(answer)
    cut = data.draw(st.integers(0, len(stream) - 1))
    pair = Pair()
    pair.player.tell(Left(7))
    pair.bare.send(stream[:cut])
    pair.player.close()
    assert read_to_end(pair.service) == [Left(7)]
    pair.close()


@given(ANSWERS)
def test_a_message_cut_short_anywhere_is_refused(report: SocketReport):
    pair = Pair()
    whole = sent(report)[4:]
    for length in range(1, len(whole)):
        pair.bare.send(framed(whole[:length]))
        with pytest.raises(WireError, match="cannot be read"):
            list(pair.service.heard())
    pair.close()


@given(st.binary(min_size=1, max_size=60))
def test_any_frame_is_a_message_or_a_wire_error_and_the_next_one_is_read(content: bytes):
    pair = Pair()
    for junk in (content, b"\x01" + content):
        pair.bare.send(framed(junk))
        with suppress(WireError):
            list(pair.service.heard())
    pair.player.tell(Left(3))
    assert list(pair.service.heard()) == [Left(3)]
    pair.close()


def how_it_ends(link: Service) -> type[Exception] | None:
    try:
        list(link.heard())
    except (WireError, EOFError) as error:
        return type(error)
    return None


@given(st.binary(max_size=300))
def test_whatever_comes_is_the_end_or_refused_for_good_at_last(junk: bytes):
    pair = Pair()
    pair.bare.send(junk)
    pair.player.close()
    for _ in junk:
        how_it_ends(pair.service)
    at_last = how_it_ends(pair.service)
    assert at_last in (WireError, EOFError)
    assert how_it_ends(pair.service) is at_last
    pair.close()


def test_what_is_no_frame_at_all_is_refused_for_good(pair: Pair):
    pair.bare.send(b"GET / HTTP/1.1\r\n\r\n")
    for _ in range(3):
        with pytest.raises(WireError, match="is the most"):
            list(pair.service.heard())
        pair.player.tell(Left(0))


def test_a_message_larger_than_any_of_ours_is_not_sent_and_not_read(pair: Pair):
    pair.player.tell(Refused("x" * (1 << 20)))
    assert pair.player.dropped == 1
    assert list(pair.service.heard()) == []
    pair.bare.send(((1 << 20) + 1).to_bytes(4, "big"))
    with pytest.raises(WireError, match="is the most"):
        list(pair.service.heard())


@pytest.fixture
def narrow() -> Iterator[Pair]:
    """A pair on a system that has little room and grants no more."""
    both = Pair()
    for end in (both.bare, both.service._socket):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
    yield both
    both.close()


LONG = Refused("so long " * 20_000)


def test_a_message_that_was_begun_is_finished_before_any_other(narrow: Pair):
    narrow.player.tell(LONG)
    narrow.player.tell(Left(1))
    assert narrow.player.dropped == 1
    arrived: list[SocketReport] = []
    turns = 0
    while not arrived:
        arrived += list(narrow.service.heard())
        narrow.player.flush()
        turns += 1
    assert turns > 2
    narrow.player.tell(Left(2))
    assert [*arrived, *narrow.service.heard()] == [LONG, Left(2)]


@pytest.mark.parametrize("by", ["tell", "heard"])
def test_who_tells_or_hears_goes_on_with_what_was_begun(narrow: Pair, by: str):
    narrow.player.tell(LONG)
    arrived: list[SocketReport] = []
    while LONG not in arrived:
        arrived += list(narrow.service.heard())
        if by == "tell":
            narrow.player.tell(Left(0))
        else:
            list(narrow.player.heard())
    assert arrived[0] == LONG


def test_an_order_of_the_usual_size_leaves_in_one_go(pair: Pair):
    """The state of a jam, with a long chart."""
    usual = Refused("x" * (1 << 17))
    pair.player.tell(usual)
    assert list(pair.service.heard()) == [usual]


def test_a_full_pipe_drops_and_counts_and_never_waits(pair: Pair):
    told = 0
    while pair.player.dropped < 100:
        pair.player.tell(Left(told))
        told += 1
    arrived = list(pair.service.heard())
    assert [answer.dropped for answer in arrived] == list(range(len(arrived)))
    assert len(arrived) + pair.player.dropped == told
    pair.player.tell(Left(pair.player.dropped))
    assert list(pair.service.heard()) == [Left(100)]


def test_when_the_other_end_is_gone_its_last_words_are_read_and_then_the_end(pair: Pair):
    pair.player.tell(Refused("no"))
    pair.player.tell(Left(0))
    pair.player.close()
    assert read_to_end(pair.service) == [Refused("no"), Left(0)]
    assert read_to_end(pair.service) == []


@pytest.mark.parametrize("unread", [1, 2, 20])
def test_last_words_are_read_even_where_the_other_end_left_orders_unread(pair: Pair, unread: int):
    """A second Ctrl-C is an order that a player on its way out no longer reads."""
    for _ in range(unread):
        pair.service.tell(Stop())
    pair.player.tell(Left(0))
    pair.player.close()
    assert read_to_end(pair.service) == [Left(0)]


def test_an_end_that_left_without_a_word_and_with_orders_unread_is_gone(pair: Pair):
    pair.service.tell(Stop())
    pair.player.close()
    assert read_to_end(pair.service) == []


def test_telling_somebody_who_is_gone_is_counted(pair: Pair):
    pair.service.close()
    for count in range(1, 4):
        pair.player.tell(Left(0))
        assert pair.player.dropped == count


def test_a_link_can_be_waited_for(pair: Pair):
    assert pair.service.fileno() == pair.service._socket.fileno()
    assert not pair.service._socket.getblocking()


def test_who_waits_is_woken_for_a_message_that_is_behind_the_one_just_read(pair: Pair):
    pair.player.tell(Refused("no"))
    pair.player.tell(Left(0))
    assert next(pair.service.heard()) == Refused("no")
    assert select.select([pair.service], [], [], 0)[0] == [pair.service]
    assert list(pair.service.heard()) == [Left(0)]
    assert select.select([pair.service], [], [], 0)[0] == []


def test_an_end_wakes_who_waits_as_a_stream_s_does(pair: Pair):
    assert pair.bare.type == socket.SOCK_STREAM
    pair.player.close()
    assert select.select([pair.service], [], [], 0)[0] == [pair.service]
