"""Laws of the loop, which runs here as it does in the player, but for its clock and its driver."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improvd.core.jam import Jam
from improvd.core.network.recital import Recital
from improvd.core.playing.modes import MODES, Turn
from improvd.core.sync.transport_state import Following, Sync
from improvd.core.timeline import ns_per_beat
from improvd.messages import (
    Again,
    Cue,
    Ended,
    Heard,
    Locate,
    Mute,
    Obeyed,
    Panic,
    Reset,
    Sent,
    Stop,
    Tempo,
    Turned,
)
from tests.harness.notes import check_one_voice, still_sounding
from tests.harness.session import MS, START_NS, check, jam, melody
from tests.harness.virtual import Playing

BEAT = ns_per_beat(120)
C4, C4_UP = bytes((0x90, 60, 80)), bytes((0x80, 60, 64))
# A quarter note on every beat, an octave from the last.
ALL_BEATS = [2] * 100


@pytest.fixture
def playing():
    """A jam in the loop that starts at START_NS, to be told what is to happen to it."""
    made: list[Playing] = []

    def playing(which: Jam | None = None, **how) -> Playing:
        which = which or jam("solo", who=Recital(ALL_BEATS))
        made.append(Playing(which, START_NS - BEAT, **how))
        return made[-1]

    yield playing
    for one in made:
        one.close()


def at(beats: float) -> int:
    return START_NS + round(beats * BEAT)


def kinds(one: Playing, *wanted: type) -> list[str]:
    return [type(event).__name__ for event in one.events if isinstance(event, wanted)]


# -- one turn --------------------------------------------------------------------------------


def test_what_was_heard_comes_before_the_turn_and_what_was_ordered_after_what_was_sent(playing):
    one = playing(jam("solo", who=Recital(ALL_BEATS)))
    one.hear(at(2), C4)
    one.order(at(2), Mute(on=True))
    one.play(at(2.1))
    moment = next(i for i, event in enumerate(one.events) if isinstance(event, Heard))
    happened = [type(event) for event in one.events[moment : moment + 4]]
    assert happened == [Heard, Turned, Sent, Obeyed]


def test_a_note_is_due_when_it_leaves_and_leaves_when_it_is_due(playing):
    """However much is made ready before, and whatever came due together with it."""
    one = playing(margin=150_000).play(at(16))
    assert len(one.sent) > 20
    assert all(due == left for due, left, _ in one.sent)
    assert [left for _, left, _ in one.sent] == [moment for moment, _ in one.ports.sent]


def test_nothing_leaves_early_and_a_late_waking_makes_it_late_by_as_much(playing):
    draw = random.Random(1)
    one = playing(late=lambda: draw.choice([0, 20_000, 3 * MS])).play(at(32))
    assert all(0 <= left - due <= 3 * MS for due, left, _ in one.sent)
    assert any(left > due for due, left, _ in one.sent)


def test_the_loop_wakes_at_least_every_200_ms_and_its_heart_beats_each_time(playing):
    one = playing(jam("solo", following=Following(Sync.MIDI)))  # waits for a clock that never comes
    one.play(at(40))
    assert max(after - before for before, after in pairwise(one.time.sleeps)) == 200 * MS
    assert max(b - a for a, b in pairwise(one.beats_of_the_heart)) <= 200 * MS
    assert one.sent == []


# -- how it ends -----------------------------------------------------------------------------


def sounds_at_the_end(one: Playing) -> set[tuple[int, int]]:
    return still_sounding([message for _, message in one.ports.sent])


def test_a_stop_order_closes_what_sounds_and_is_obeyed_at_once(playing):
    one = playing()
    one.order(at(3.2), Tempo(90.0), Stop(), Tempo(200.0))
    one.play(at(100))
    assert one.events[-1] == Ended(at(3.2))
    assert one.ports.sent[-1] == (at(3.2), bytes((0x80, one.ports.sent[-2][1][1], 64)))
    assert kinds(one, Obeyed) == ["Obeyed"]
    assert one.ports.closed
    assert one.shared.sounding == ()


def test_when_nobody_is_left_to_give_orders_it_ends(playing):
    one = playing()
    one.time.at(at(3.2), one.service.close)
    one.play(at(100))
    assert isinstance(one.events[-1], Ended)
    # A link that ended is noticed when the loop comes round.
    assert one.events[-1].now_ns <= at(3.2) + 200 * MS
    assert sounds_at_the_end(one) == set()


def test_a_signal_ends_it_when_the_loop_comes_round(playing):
    one = playing()
    one.play(at(100), stopped=lambda: one.time.now() >= at(5.3))
    assert at(5.3) <= one.events[-1].now_ns <= at(5.3) + 200 * MS
    assert sounds_at_the_end(one) == set()


def test_when_the_midi_system_is_lost_it_ends_and_a_successor_owes_what_sounds(playing):
    one = playing()
    one.lose_midi(at(3.2))
    one.play(at(100))
    assert at(3.2) <= one.events[-1].now_ns <= at(3.2) + 200 * MS
    assert one.world.gone
    assert not one.ports.closed  # ports that are gone take a second to close, and a successor waits
    [key] = sounds_at_the_end(one)
    assert one.shared.sounding == (key,)


@pytest.mark.parametrize("end", [Stop(), Panic()])
def test_an_end_in_order_is_no_loss_of_the_midi_system(playing, end):
    one = playing()
    one.order(at(3.2), end)
    one.play(at(5))
    assert not one.world.gone


class Fault(Exception):  # noqa: N818 - it is thrown in on purpose
    """Something that nobody thought of."""


@pytest.mark.parametrize("place", ["hear", "turn"])
def test_whatever_the_jam_raises_what_sounds_is_closed(playing, monkeypatch, place):
    one = playing()

    def fail(*_: object) -> None:
        raise Fault

    one.time.at(at(3.2), lambda: monkeypatch.setattr(one.jam, place, fail))
    one.hear(at(3.2), C4)
    with pytest.raises(Fault):
        one.play(at(100))
    assert one.ports.closed
    assert sounds_at_the_end(one) == set()
    assert one.shared.sounding == ()


@pytest.mark.parametrize("place", ["turned", "obeyed", "notice", "ended"])
def test_whatever_a_witness_raises_what_sounds_is_closed(playing, monkeypatch, place):
    one = playing()

    def fail(*_: object) -> None:
        raise Fault

    one.ports.news = ["Piano is here."] if place == "notice" else []
    one.time.at(at(3.2), lambda: monkeypatch.setattr(one.witness, place, fail))
    one.time.at(at(3.2), lambda: one.ports.news.append("Piano is gone."))
    one.order(at(3.2), Reset())
    with pytest.raises(Fault):
        one.play(at(100))
    assert one.ports.closed
    assert sounds_at_the_end(one) == set()


@pytest.mark.parametrize("number", range(1, 12))
def test_a_driver_that_fails_once_swallows_no_note_off(playing, number):
    """Whichever message it is, an off among them: every key that is down is let go."""
    one = playing()
    left = [number]

    def fail(_: bytes) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Fault

    one.ports.on_send = fail
    with pytest.raises(Fault):
        one.play(at(100))
    assert one.ports.closed
    assert still_sounding([m for _, m in one.ports.sent], killed=True) == set()
    assert one.shared.sounding == ()


# -- what sounds, for a successor ------------------------------------------------------------


def test_a_note_is_marked_before_it_leaves_and_settled_after_its_off_has_left(playing):
    one = playing()
    marked, settled = [], []

    def look(message: bytes) -> None:
        marked.append((0, message[1]) in one.shared.sounding)
        if message[0] == 0x80:
            at_once = one.time.now()
            one.time.at(at_once + 20 * MS, lambda: settled.append(one.shared.sounding != ()))
            one.time.at(at_once + 40 * MS, lambda: None)
            one.time.at(at_once + 50 * MS, lambda: settled.append(one.shared.sounding != ()))

    one.ports.on_send = look
    one.play(at(3.9))
    assert len(marked) > 4
    assert all(marked)
    assert settled[:4] == [True, False, True, False]


# -- ports -----------------------------------------------------------------------------------


def test_without_a_midi_system_it_keeps_time_and_plays_when_there_is_one(playing):
    one = playing(midi=False)
    one.find_midi(at(8.2))
    one.play(at(16))
    assert "MIDI is there: playing on improvd:out, listening on improvd:in." in one.notices
    assert [beat.number for beat in one.beats] == list(range(17))
    first = one.ports.sent[0][0]
    assert at(8.2) <= first <= at(9.7)
    assert still_sounding([m for _, m in one.ports.sent if first], killed=True) == set()


def test_what_the_ports_have_to_say_is_told_and_who_is_connected_kept(playing):
    one = playing()
    one.time.at(at(2), lambda: one.ports.news.append("piano is gone; still keeping time."))
    one.time.at(at(4), lambda: one.ports.news.append("piano is back."))
    one.time.at(at(4), lambda: one.ports.join((("out", "piano"),)))
    one.play(at(8))
    assert one.notices == ["piano is gone; still keeping time.", "piano is back."]
    assert one.shared.peers == (("out", "piano"),)


def test_ports_are_looked_after_twice_a_second_and_away_from_what_is_due(playing):
    one = playing().play(at(40))
    tended = one.ports.tended
    assert 38 <= len(tended) <= 42
    dues = [due for due, _, _ in one.sent]
    assert all(
        min(due - moment for due in dues if due > moment) > 10 * MS for moment in tended[:-2]
    )


def test_where_something_is_due_all_the_time_they_are_looked_after_all_the_same(playing):
    one = playing(jam("solo", bpm=400, who=Recital([6] * 400)))
    for number in range(10_000):
        one.hear(START_NS + number * MS, b"\xb0\x01\x00")
    spans = [after - before for before, after in pairwise(one.play(at(20)).ports.tended)]
    assert max(spans) <= 2_000 * MS


# -- floods and standstills ------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["solo", "follow"])
def test_ten_thousand_messages_a_second_do_not_starve_the_beat(playing, mode):
    one = playing(jam(mode))
    for number in range(50_000):
        one.hear(START_NS + number * MS // 10, (b"\xb0\x01\x05", C4, C4_UP)[number % 3])
    one.play(at(10))
    assert [beat.number for beat in one.beats] == list(range(11))
    assert all(left == due for due, left, _ in one.sent)


def test_more_at_once_than_anybody_plays_is_heard_in_one_turn(playing):
    one = playing(jam("follow"))
    one.hear(at(1.5), *[C4, C4_UP] * 20_000)
    one.play(at(4))
    assert len([event for event in one.events if isinstance(event, Heard)]) == 40_000
    assert [beat.number for beat in one.beats] == list(range(5))


def test_after_a_standstill_offs_are_sent_stale_notes_are_not_and_the_beat_is_right(playing):
    one = playing(jam(who=Recital([3, 1, 3, 3, 3, 3])))
    one.stand_still(at(0.25), at(3.2))
    one.play(at(4.5))
    caught_up = [(due, m) for due, left, m in one.sent if left == at(3.2)]
    assert [m[0] for _, m in caught_up] == [0x80, 0x90]
    assert all(at(3.2) - due <= 100 * MS for due, m in caught_up if m[0] == 0x90)
    assert [beat.number for beat in one.beats] == [0, 1, 2, 3, 4]
    check(one)


def test_after_a_night_it_goes_on_from_now(playing):
    one = playing(jam("follow"))
    night = 8 * 3600 * 2  # beats
    one.stand_still(at(4.3), at(night + 4.3))
    one.play(at(night + 12))
    assert one.beats[-1].number == night + 12
    assert len(one.beats) < 40
    check(one)


# -- an hour ---------------------------------------------------------------------------------


def test_an_hour_alone_with_a_musician_and_orders(playing):
    one = playing(jam("follow", temperature=1.0))
    one.hear_all(START_NS - BEAT, melody(1, 7200))
    for number, order in enumerate([Mute(on=True), Mute(on=False), Again()] * 40):
        one.order(at(60 * number + 30.3), order)
    one.play(at(7200))
    assert len(one.beats) == 7201
    assert sum(beat.heard for beat in one.beats) > 2000
    assert len([event for event in one.events if isinstance(event, Obeyed)]) == 120
    assert all(due == left for due, left, _ in one.sent)
    check_one_voice([message for _, message in one.ports.sent])


@pytest.mark.long
def test_an_hour_under_a_clock_that_is_followed(playing):
    """Through a tempo that drifts between 118 and 122, orders and a stop a minute."""
    one = playing(jam("solo", temperature=1.0, following=Following(Sync.MIDI)))
    draw, moment, bpm = random.Random(3), START_NS, 120.0
    one.hear(moment, b"\xfa")
    clocks = 0
    while moment < START_NS + 3600 * 1000 * MS:
        bpm = min(max(bpm + draw.uniform(-0.01, 0.01), 118.0), 122.0)
        moment += round(ns_per_beat(bpm) / 24)
        one.hear(moment, b"\xf8")
        clocks += 1
        if clocks % (24 * 120) == 0:
            one.hear(moment, b"\xfc")
            one.hear(moment, b"\xfb")
        if clocks % 10_000 == 0:
            one.order(moment, draw.choice([Reset(), Cue(Turn.PLAY), Cue(None), Locate(5)]))
    one.play(moment)
    assert len(one.beats) > 7000
    assert clocks > 170_000
    messages = [message for _, message in one.ports.sent]
    check_one_voice(messages)
    late = [left - due for due, left, _ in one.sent]
    assert sorted(late)[len(late) * 99 // 100] < MS


# -- whatever happens ------------------------------------------------------------------------

_MESSAGES = st.one_of(
    st.builds(
        lambda status, pitch, velocity: bytes((status, pitch, velocity)),
        st.sampled_from([0x80, 0x90, 0x90, 0xB0]),
        st.integers(0, 127),
        st.integers(0, 127),
    ),
    st.sampled_from([b"\xf8", b"\xfe", b"\xff", b"\xb0\x7b\x00", b"\x3c\x40", b""]),
)
_HAPPENINGS = st.one_of(
    st.tuples(st.just("hear"), st.lists(_MESSAGES, min_size=1, max_size=4)),
    st.tuples(st.just("flood"), _MESSAGES),
    st.tuples(st.just("standstill"), st.integers(1, 20_000)),
    st.tuples(st.just("news"), st.just("piano is gone; still keeping time.")),
)


@given(
    happens=st.lists(st.tuples(st.integers(0, 3000), _HAPPENINGS), max_size=25),
    mode=st.sampled_from(sorted(MODES)),
    bpm=st.floats(40, 300),
    margin=st.sampled_from([0, 100_000, MS]),
    late=st.sampled_from([0, 50_000, 4 * MS]),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_whatever_happens_the_laws_of_every_session_hold(  # noqa: PLR0917 - hypothesis fills them in
    happens, mode, bpm, margin, late, seed
):
    draw = random.Random(seed)
    one = Playing(
        jam(mode, bpm, seed=seed, temperature=1.0),
        START_NS - BEAT,
        margin=margin,
        late=lambda: draw.randint(0, late),
    )
    moment = START_NS - BEAT
    for after, (kind, what) in happens:
        moment += after * MS
        if kind == "hear":
            one.hear(moment, *what)
        elif kind == "flood":
            one.hear(moment, *[what] * 500)
        elif kind == "standstill":
            one.stand_still(moment, moment + what * MS)
        else:
            one.time.at(moment, lambda what=what: one.ports.news.append(what))
    one.play(moment + 4 * BEAT)
    check(one)
    assert sounds_at_the_end(one) == set()
    assert one.shared.sounding == ()
    assert isinstance(one.events[-1], Ended)
    one.close()


def test_who_hears_it_is_asked_from_two_bars_on_the_count_in_being_none(playing):
    one = playing(jam("follow", count_in=4)).play(at(20))
    assert at(6.9) < one.ports.asked[0] < at(9)
