"""The jam under a master's clock, and what it is made to do in mid-music."""

import random
from itertools import chain
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improvd.core.harmony.chart import parse_chart
from improvd.core.jam import Jam, JamMemory, Offsets
from improvd.core.playing.modes import MODES, Turn
from improvd.core.sync.transport_state import Following, Standing, Sync
from improvd.core.timeline import ns_per_beat
from tests.harness.notes import check_one_voice
from tests.harness.session import MS, START_NS, Arrival, Session, jam, melody

AUTO, MIDI = Following(Sync.AUTO), Following(Sync.MIDI)
START, CONTINUE, STOP, CLOCK = b"\xfa", b"\xfb", b"\xfc", b"\xf8"
CHART = parse_chart("| C | F | G7 | C |")

_MASTER = st.sampled_from([START, CONTINUE, STOP, CLOCK, b"\xf2\x10\x00", b"\xf2\x7f\x7f", b"\xf2"])
_NOTES = st.builds(
    lambda status, pitch, velocity: bytes((status, pitch, velocity)),
    st.sampled_from([0x80, 0x90]),
    st.integers(40, 90),
    st.integers(0, 127),
)


def _clocks(bpm: float, count: int) -> list[Arrival]:
    return [(ns_per_beat(bpm) // 24, CLOCK)] * count


_EVENTS = st.one_of(
    st.tuples(st.integers(0, 900 * MS), _MASTER).map(lambda event: [event]),
    st.tuples(st.integers(0, 900 * MS), _NOTES).map(lambda event: [event]),
    st.builds(_clocks, st.sampled_from([10.0, 60.0, 120.0, 180.0, 1000.0]), st.integers(1, 120)),
)
SESSIONS = st.lists(_EVENTS, max_size=12).map(lambda events: list(chain(*events)))


def _orders(playing: Jam, now: int) -> list:
    """Everything a person can order, in no particular order."""
    return [
        lambda: playing.retime(now, 97.0),
        lambda: playing.locate(now, 3),
        lambda: playing.mute(True),
        lambda: playing.mute(False),
        playing.panic,
        playing.end,
        playing.again,
        playing.reset,
        playing.reseed,
        lambda: playing.give(Turn.PLAY),
        lambda: playing.give(Turn.LISTEN),
        lambda: playing.give(None),
        lambda: playing.share(MODES["answer"](1)),
    ]


def _is_note(message: bytes) -> bool:
    return message[0] & 0xE0 == 0x80


# -- whatever comes in -----------------------------------------------------------------------


@given(
    heard=SESSIONS,
    following=st.sampled_from([AUTO, MIDI, Following(Sync.AUTO, start_on_clock=True)]),
    mode=st.sampled_from(sorted(MODES)),
    seed=st.integers(0, 10**6),
)
@settings(max_examples=120, deadline=None)
def test_whatever_a_master_and_a_person_do_every_note_is_closed(heard, following, mode, seed):
    draw = random.Random(seed)
    session = Session(jam(mode, chart=CHART, following=following))
    now = START_NS - 1_000 * MS
    for after, message in heard:
        now += after
        session.until(now)
        session.jam.hear(now, message)
        if draw.random() < 0.1:
            draw.choice(_orders(session.jam, now))()
        session.wake_at(now)
    session.until(now + 5_000 * MS)
    messages = [message for message in session.stop() if _is_note(message)]
    check_one_voice(messages)
    bpm = session.jam.state.timeline.bpm
    assert 19.9 < bpm < 400.1


# -- in time ---------------------------------------------------------------------------------


@pytest.mark.parametrize("jitter_ms", [0.0, 2.0, 3.0])
def test_its_notes_fall_on_the_masters_beats(jitter_ms: float):
    """A minute at 120 with 1 % of the ticks lost: the beats planned are the master's own."""
    session = Session(jam("solo", following=MIDI))
    draw = random.Random(3)
    tick = ns_per_beat(120) / 24
    first = START_NS + 50 * MS
    session.jam.hear(START_NS, START)
    for number in range(60 * 48):
        if number > 24 and draw.random() < 0.01:
            continue
        stamp = round(first + number * tick + draw.uniform(-jitter_ms, jitter_ms) * MS)
        session.until(stamp)
        session.jam.hear(stamp, CLOCK)
        session.wake_at(stamp)
    beats = session.beats[8:]
    errors = [beat.start_ns - (first + beat.number * 24 * tick) for beat in beats]
    assert [beat.number for beat in session.beats] == list(range(len(session.beats)))
    assert fmean(error**2 for error in errors) ** 0.5 < 0.3 * MS
    assert len(beats) > 100


def test_bar_17_of_the_daw_is_bar_17_of_the_chart_looped():
    session = Session(jam("solo", chart=CHART, following=MIDI))
    session.jam.hear(START_NS, bytes((0xF2, 16 * 16 & 0x7F, 16 * 16 >> 7)))
    session.jam.hear(START_NS, CONTINUE)
    for number in range(97):
        now = START_NS + (number + 1) * ns_per_beat(120) // 24
        session.until(now)
        session.jam.hear(now, CLOCK)
        session.wake_at(now)
    assert [(beat.bar, beat.beat_in_bar, beat.chord) for beat in session.beats[:5]] == [
        *((17, beat, "C") for beat in (1, 2, 3, 4)),
        (18, 1, "F"),
    ]


# -- a memory is all there is ----------------------------------------------------------------


@given(
    cut=st.integers(0, 20_000),
    mode=st.sampled_from(sorted(MODES)),
    seed=st.integers(0, 100),
    again=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_another_jam_goes_on_from_a_memory_to_the_byte(cut, mode, seed, again):
    def play(session: Session, until: int) -> None:
        now = START_NS - 2_000 * MS
        for after, message in melody(seed, 60):
            now += after
            if session.now < now <= until:
                session.until(now)
                session.jam.hear(now, message)
        session.until(until)
        session.now = until

    def begin() -> Session:
        session = Session(jam(mode, seed=seed, temperature=1.0, chart=CHART))
        session.now = 0
        return session

    moment = START_NS + cut * MS
    one = begin()
    play(one, moment)
    if again:
        one.jam.performer.again()
    memory = one.jam.memory()
    other = begin()
    other.jam.restore(memory)
    other.now = moment
    one.sent.clear()
    one.beats.clear()
    for session in (one, other):
        play(session, moment + 20_000 * MS)
    assert one.sent == other.sent
    assert one.beats == other.beats
    assert one.stop() == other.stop()


def test_a_successor_owes_nothing_and_goes_on_in_time():
    """What sounded was closed by others; what was to come, comes."""
    lost = Session(jam(seed=1, temperature=1.0)).play(20)
    while not lost.sounding:
        lost.wake_at(lost.jam.wake())
    moment = lost.sent[-1][1]
    memory: JamMemory = lost.jam.memory()
    successor = Session(jam(seed=1, temperature=1.0))
    successor.jam.restore(memory)
    successor.jam.resume(moment)
    assert successor.sounding == ()
    successor.until(moment + 4_000 * MS)
    check_one_voice(successor.stop())
    assert successor.beats[0].number == memory.performer.beat


def test_a_successor_is_still_in_phase_with_the_master():
    session = Session(jam("solo", following=MIDI))
    session.jam.hear(START_NS, START)
    stamps = [START_NS + round(number * ns_per_beat(132) / 24) for number in range(400)]
    for stamp in stamps[:200]:
        session.until(stamp)
        session.jam.hear(stamp, CLOCK)
        session.wake_at(stamp)
    successor = Session(jam("solo", following=MIDI))
    successor.jam.restore(session.jam.memory())
    successor.jam.resume(stamps[205])
    for stamp in stamps[210:]:
        successor.until(stamp)
        successor.jam.hear(stamp, CLOCK)
        successor.wake_at(stamp)
    assert successor.jam.state.standing is Standing.ROLLING
    for beat in successor.beats:
        assert abs(beat.start_ns - stamps[0] - beat.number * ns_per_beat(132)) < 0.3 * MS
    assert successor.beats[0].number == session.beats[-1].number + 1


# -- orders ----------------------------------------------------------------------------------


def test_again_repeats_a_chorus_to_the_byte_whatever_the_player_does():
    session = Session(jam(seed=4, temperature=1.0, chart=CHART))
    session.play(10)
    session.jam.performer.again()
    session.play(16)
    session.hear_now = START_NS + 16 * 500 * MS
    for number, (after, message) in enumerate(melody(2, 12)):
        if number:
            session.hear_now += after
            session.until(session.hear_now)
            session.jam.hear(session.hear_now, message)
    session.play(32)
    beat = ns_per_beat(120)

    def chorus(start: int) -> list[tuple[int, bytes]]:
        begin, end = START_NS + start * beat, START_NS + (start + 16) * beat
        return [
            (due - begin, data) for due, _, data in session.sent if begin <= due < end - 60 * MS
        ]

    assert chorus(0) == chorus(16)
    assert len(chorus(0)) > 10
    assert any(beat.heard for beat in session.beats[17:32])


def test_an_end_falls_within_two_bars_on_root_third_or_fifth():
    for beats in range(8, 16):
        session = Session(jam(seed=beats, temperature=1.0, chart=CHART)).play(beats)
        session.jam.end()
        session.play(beats + 16)
        cadence = next(b for b in session.beats if b.number >= beats and b.value is None)
        assert cadence.number % 4 == 0
        assert cadence.number - beats <= 6
        triad = CHART.at(cadence.number).chord.tones[:3]
        assert cadence.pitches[0] % 12 in triad
        assert not any(beat.pitches for beat in session.beats if beat.number > cadence.number)
        check_one_voice(session.stop())


def test_muted_it_steps_on_and_makes_no_sound():
    loud, mute = (Session(jam(seed=2, temperature=1.0)).play(8) for _ in range(2))
    mute.jam.mute(True)
    mute.wake_at(mute.jam.performer.timeline.when(8 * 480))
    before = len(mute.sent)
    for session in (loud, mute):
        session.play(24)
    assert mute.sent[before:] == []
    assert [beat.value for beat in loud.beats] == [beat.value for beat in mute.beats]


# -- offsets and beats -----------------------------------------------------------------------


@pytest.mark.parametrize("send_ms", [-120, -7, 0, 40])
def test_its_notes_leave_later_or_earlier_as_told(send_ms: int):
    plain, moved = (
        Session(jam("solo", seed=1, temperature=1.0, offsets=offsets)).play(20)
        for offsets in (Offsets(), Offsets(send_ns=send_ms * MS))
    )
    assert [(due + send_ms * MS, data) for due, _, data in plain.sent][:20] == [
        (due, data) for due, _, data in moved.sent
    ][:20]


@pytest.mark.parametrize("hear_ms", [0, 60, -60])
@pytest.mark.parametrize("send_ms", [0, 30, -30])
def test_what_arrives_late_is_put_where_it_was_played(hear_ms: int, send_ms: int):
    """A note of beat 2 that takes `hear_ms` to arrive is of beat 2, whatever we send when."""
    offsets = Offsets(send_ns=send_ms * MS, hear_ns=hear_ms * MS)
    session = Session(jam("answer", offsets=offsets))
    arrives = START_NS + 2 * ns_per_beat(120) + 100 * MS + hear_ms * MS
    session.until(arrives)
    session.jam.hear(arrives, b"\x90\x43\x50")
    session.jam.hear(arrives + 50 * MS, b"\x80\x43\x40")
    session.play(5)
    assert [beat.number for beat in session.beats if beat.heard] == [3]


def test_under_a_clock_a_dotted_beat_is_36_ticks():
    chart = parse_chart("meter: 6/8\n| C F |", dotted=True)
    session = Session(jam("solo", chart=chart, following=MIDI, dotted=True))
    session.jam.hear(START_NS, START)
    tick = ns_per_beat(120) / 24
    for number in range(36 * 12):
        now = START_NS + round(number * tick)
        session.until(now)
        session.jam.hear(now, CLOCK)
        session.wake_at(now)
    assert [beat.chord for beat in session.beats[:4]] == ["C", "F", "C", "F"]
    assert [(beat.bar, beat.beat_in_bar) for beat in session.beats[:4]] == [
        *((1, 1), (1, 2), (2, 1), (2, 2)),
    ]
    for beat in session.beats[1:]:
        assert abs(beat.start_ns - START_NS - beat.number * 36 * tick) < 0.1 * MS
    session.jam.locate(now, 1)
    session.jam.hear(now + round(tick), CLOCK)
    session.wake_at(now + round(tick))
    assert (session.beats[-1].bar, session.beats[-1].beat_in_bar) == (1, 1)


def test_alone_a_dotted_beat_goes_by_its_own_tempo():
    chart = parse_chart("meter: 6/8\n| C F |", dotted=True)
    session = Session(jam("solo", bpm=80.0, chart=chart, dotted=True)).play(8)
    starts = [beat.start_ns - START_NS for beat in session.beats]
    for number, start in enumerate(starts):
        assert abs(start - number * ns_per_beat(80)) <= 2 * number
    session.jam.retime(START_NS + 8 * ns_per_beat(80), 120.0)
    assert session.jam.performer.timeline.bpm == pytest.approx(120)


# -- orders among orders ---------------------------------------------------------------------


def repeating(seed: int = 4, order_at: float = 10.0) -> Session:
    """In a second chorus of four bars that repeats the first."""
    session = Session(jam(seed=seed, temperature=1.0, chart=CHART)).play(10)
    session.jam.performer.again()
    session.play(17)
    session.until(START_NS + round(order_at * ns_per_beat(120)))
    return session


def test_a_note_that_a_panic_cut_is_not_repeated_without_its_end():
    session = Session(jam(seed=4, temperature=1.0, chart=CHART)).play(6)
    while not session.sounding:
        session.wake_at(session.jam.wake())
    session.jam.panic()
    session.jam.performer.again()
    session.play(40)
    check_one_voice([message for message in session.stop() if _is_note(message)])


def test_muted_in_a_repeated_chorus_the_rest_of_it_is_heard_after():
    session = repeating(order_at=18.2)
    session.jam.mute(True)
    session.until(START_NS + 20 * ns_per_beat(120))
    session.jam.mute(False)
    before = len(session.sent)
    session.play(31)
    assert any(message[0] == 0x90 for _, _, message in session.sent[before:])
    check_one_voice([message for message in session.stop() if _is_note(message)])


def test_a_repeated_chorus_ends_when_it_is_told_to():
    session = repeating(order_at=18.2)
    session.jam.end()
    session.play(40)
    closing = [beat for beat in session.beats if beat.number > 18 and beat.value is None]
    assert closing[0].number % 4 == 0
    assert closing[0].pitches
    assert not any(beat.pitches for beat in closing[1:])
    check_one_voice(session.stop())


def test_located_while_it_rests_it_goes_on_there_when_the_clock_is_back():
    session = Session(jam("solo", chart=CHART, following=Following(Sync.MIDI, freewheel_beats=1.0)))
    session.jam.hear(START_NS, START)
    tick = ns_per_beat(120) // 24

    def clocks(first: int, count: int) -> None:
        for number in range(first, first + count):
            session.until(START_NS + number * tick)
            session.jam.hear(START_NS + number * tick, CLOCK)
            session.wake_at(START_NS + number * tick)

    clocks(0, 200)
    session.until(START_NS + 300 * tick)
    assert session.jam.state.standing is Standing.RESTING
    session.jam.locate(START_NS + 300 * tick, 3)
    before = len(session.beats)
    clocks(310, 60)
    assert (session.beats[before].bar, session.beats[before].beat_in_bar) in {(3, 1), (3, 2)}
