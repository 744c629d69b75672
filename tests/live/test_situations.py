"""What masters send in one go at a start, a stop or a loop, and clocks that waver: whole jams.

Each is a situation of README.md, or one that stands nowhere else as a whole; moments are in ms.
"""

from collections.abc import Iterator

import pytest

from improvd.core.harmony.chart import parse_chart
from improvd.core.sync.transport_state import Following, Sync
from tests.harness.session import MS, START_NS, Session, jam

START, CONTINUE, STOP, CLOCK = b"\xfa", b"\xfb", b"\xfc", b"\xf8"
CHART = "| C | F | G | Am |"
Happening = tuple[float, bytes]
# An even clock at 120 has a tick every so many ms.
TICK = 500 / 24


def position(sixteenths: int) -> bytes:
    return bytes((0xF2, sixteenths & 0x7F, sixteenths >> 7))


def clocks(begin: float, count: int) -> list[Happening]:
    return [(begin + number * TICK, CLOCK) for number in range(count)]


def played(*happenings: Happening, chart: str = CHART) -> Session:
    """A jam to which all this happened, in the order of time."""
    following = Following(Sync.MIDI)
    session = Session(jam("solo", chart=parse_chart(chart), following=following))
    for at, message in sorted(happenings, key=lambda happening: happening[0]):
        now = START_NS + round(at * MS)
        session.until(now)
        session.jam.hear(now, message)
        session.wake_at(now)
    return session


def beats(session: Session, since: float) -> list[tuple[int, int, int]]:
    """The beats from a moment on: when, to the ms, and the bar and beat that they are."""
    told = [(round((each.start_ns - START_NS) / MS), each) for each in session.beats]
    return [(at, each.bar, each.beat_in_bar) for at, each in told if at >= since]


@pytest.mark.parametrize("late", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("every", [6, 12, 24])
def test_a_clock_of_which_one_tick_in_some_is_late_is_on_its_beats(late, every):
    """By turns nearly a tick late and on time again: others show 99 and 103."""
    tick = 60_000 / 103 / 24
    wavering = [
        (number * tick + (late * tick if number % every == every - 1 else 0), CLOCK)
        for number in range(24 * 24)
    ]
    session = played((-1, START), *wavering)
    assert session.jam.performer.timeline.bpm == pytest.approx(103, abs=0.1)
    late_by = [at - bar * 4 * tick * 24 - beat * tick * 24 for at, bar, beat in placed(session)]
    assert max(map(abs, late_by[4:])) <= 2


def placed(session: Session) -> Iterator[tuple[int, int, int]]:
    """The beats, bars and beats counted from 0."""
    return ((at, bar - 1, beat - 1) for at, bar, beat in beats(session, 0))


def test_continue_after_start_and_at_every_loop_changes_nothing():
    plain = [(-6.0, START), *clocks(0, 24 * 20)]
    again = [(-0.1, CONTINUE), *((loop * 2000 - 0.2, CONTINUE) for loop in range(1, 5))]
    assert played(*plain, *again).sent == played(*plain).sent


def test_a_daw_that_is_paused_placed_and_started_resets_all_channels_first():
    """Stop and two positions while it stands; all sound off and all notes off, then Continue."""
    reset = [
        (5_000 + channel * 0.1, bytes((0xB0 | channel, number, 0)))
        for channel in range(16)
        for number in (120, 123)
    ]
    session = played(
        *((-1, START), *clocks(0, 101), (2_090, STOP), (2_100, position(0)), (3_000, position(16))),
        *(*reset, (5_005, CONTINUE), *clocks(5_010, 120)),
    )
    assert beats(session, 5_000)[:5] == [
        *((5_010, 2, 1), (5_510, 2, 2), (6_010, 2, 3), (6_510, 2, 4)),
        (7_010, 3, 1),
    ]


@pytest.mark.parametrize(
    ("at_the_bar_line", "bar"),
    [
        ([(-0.9, STOP), (-0.6, position(32)), (-0.3, CONTINUE)], 3),
        ([(-0.9, STOP), (-0.3, START)], 1),
        ([(-TICK + 0.1, STOP), (-0.3, START)], 1),
        ([(-0.3, position(32))], 3),
    ],
    ids=["stop, position, continue", "stop, start", "stop a clock before, start", "position"],
)
def test_a_loop_of_two_bars_is_in_its_place_however_it_is_told(at_the_bar_line, bar):
    happenings = [(-2.0, position(32)), (-1.0, CONTINUE)]
    for loop in range(4):
        begin = loop * 4_000.0
        happenings += clocks(begin, 192)
        if loop:
            happenings += [(begin + at, message) for at, message in at_the_bar_line]
    session = played(*happenings)
    for loop in range(1, 4):
        begin = loop * 4_000
        rows = [row for row in beats(session, begin - 20) if row[0] < begin + 3_900]
        # A beat picked already, where the loop was to go on, is given up at its begin.
        assert [row[1:] for row in rows[-8:]] == [(bar + k // 4, k % 4 + 1) for k in range(8)]
        assert all(abs(row[0] - begin - k * 500) <= 1 for k, row in enumerate(rows[-8:]))
        assert len(rows) <= 9


def test_a_loop_whose_tempo_ramps_begins_anew_in_time():
    """From 100 to 140 over four bars, and at the loop's begin 100 again, told by position 0."""
    at, happenings, due = 0.0, [(-1.0, START)], []
    for loop in range(4):
        for number in range(384):
            if loop and number == 0:
                happenings.append((at - 0.4, position(0)))
            if number % 24 == 0:
                due.append((at, number // 96 + 1, number // 24 % 4 + 1))
            happenings.append((at, CLOCK))
            at += 60_000 / (100 + 40 * number / 384) / 24
    told = beats(played(*happenings), 0)
    for moment, bar, beat in due[1:-1]:
        near = [each for each in told if abs(each[0] - moment) < 100 and each[1:] == (bar, beat)]
        assert near, (moment, bar, beat)
        assert abs(near[-1][0] - moment) <= 4
