"""What comes in over the WebSocket is a frame or nothing."""

import json

from hypothesis import given
from hypothesis import strategies as st

from improvd.service.web.frames import AskChart, AskClock, Ordered, Strike, ms, ns, read, say


def test_frames_are_read():
    assert read('{"t":"clock","at":12.5}') == AskClock(12.5)
    assert read('{"t":"play","at":1,"m":[144,60,90]}') == Strike(1.0, (144, 60, 90))
    assert read('{"t":"order","id":3,"text":"tempo 90"}') == Ordered(3, "tempo 90")
    assert read(b'{"t":"check","id":3,"text":"| C |"}') == AskChart(3, "| C |")


def test_what_no_key_sends_is_no_frame():
    for message in ([144, 60], [144, 60, 200], [60, 60, 60], [248, 0, 0], [240, 1, 2], "abc", None):
        assert read(json.dumps({"t": "play", "at": 0, "m": message})) is None
    assert read(json.dumps({"t": "order", "id": 1, "text": "x" * 20_000})) is None
    assert read(json.dumps({"t": "order", "id": -1, "text": "x"})) is None


@given(
    st.binary(max_size=200)
    | st.text(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["t", "at", "m", "id", "text"]), inner)
        ),
        max_leaves=12,
    ).map(json.dumps)
)
def test_whatever_comes_raises_nothing(garbage):
    read(garbage)


def test_nesting_without_end_raises_nothing():
    assert read("[" * 30_000) is None


def test_moments_keep_their_microseconds_and_nonsense_is_now():
    assert ns(ms(14_348_776_345_678_901)) == 14_348_776_345_679_000
    for nonsense in (float("nan"), float("inf"), -float("inf")):
        assert ns(nonsense) > 0


def test_what_is_said_is_compact_json():
    assert say("clock", at=1.5, now=2) == '{"t":"clock","at":1.5,"now":2}'
