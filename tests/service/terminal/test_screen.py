"""`improvd ctl watch` on a screen: what stands where, at any size."""

from hypothesis import given
from hypothesis import strategies as st

from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import Turn
from improvd.service.terminal.screen import OURS, THEIRS, Screen


def screen_of(**options) -> Screen:
    return Screen("Blues in F, trade 4, default", "alone", 92.0, **options)


def beat(number: int, **changes) -> Beat:
    bar, place = divmod(number, 4)
    told = {
        "number": number, "bar": bar + 1, "beat_in_bar": place + 1, "chord": "Bb7",
        "turn": Turn.PLAY, "x": 3, "heard": False, "value": 7, "pitches": (65, 70),
        "start_ns": number * 10**9, "beats_per_bar": 4.0, "yours": (),
    }  # fmt: skip
    return Beat(**(told | changes))


def text(screen: Screen, columns: int = 80, rows: int = 30) -> list[str]:
    return ["".join(span.text for span in line) for line in screen.lines(columns, rows)]


def test_before_a_beat_it_says_what_is_to_come():
    lines = text(screen_of())
    assert lines[0].startswith("Blues in F, trade 4, default")
    assert lines[0].endswith("92 BPM, alone")
    assert "waiting for a beat" in lines


def test_the_beat_the_chord_and_the_turn_stand_in_one_line():
    screen = screen_of()
    screen.beat(beat(6))
    assert "○ ○ ● ○  2.3  Bb7      improvd plays" in text(screen)
    screen.beat(beat(7, turn=Turn.LISTEN, pitches=(), yours=(60,)))
    assert "○ ○ ○ ●  2.4  Bb7      your turn" in text(screen)
    assert "you      C4" in text(screen)


def test_the_band_stands_under_the_title_and_leaves_no_line_behind():
    screen = screen_of()
    rows = len(text(screen))
    screen.accompany("band: soloist 90, bass 76, drums 70 (silent); swing")
    assert text(screen)[1] == "band: soloist 90, bass 76, drums 70 (silent); swing"
    assert len(text(screen)) == rows, "the roll makes room"
    screen.accompany("")
    assert len(text(screen)) == rows


def test_notes_stand_in_the_roll_in_their_colours_and_where_they_were_played():
    screen = screen_of()
    screen.beat(beat(0, pitches=(72, 60)))
    screen.beat(beat(1, pitches=(), yours=(66,)))
    blocks = [
        (number, sum(len(one.text) for one in line[:place]), span.colour)
        for number, line in enumerate(screen.lines(80, 40))
        for place, span in enumerate(line)
        if span.text == "█"
    ]
    (high, first, ours), (middle, heard, theirs), (low, second, _) = blocks
    assert high < middle < low
    assert (ours, theirs) == (OURS, THEIRS)
    assert (first, second) == (5, 7), "within their beat, in order"
    assert heard == 5, "what was played in a beat is told with the next"


def test_what_moves_and_what_is_said_is_shown():
    screen = screen_of()
    screen.moved("rolling", 121.97)
    screen.notice("There is a clock; waiting for its Start.")
    lines = text(screen)
    assert lines[0].endswith("122 BPM, rolling")
    assert lines[-1] == "There is a clock; waiting for its Start."


@given(
    st.integers(1, 200),
    st.integers(1, 80),
    st.lists(st.lists(st.integers(0, 127), max_size=9), max_size=90),
    st.booleans(),
)
def test_it_is_never_larger_than_the_terminal(columns, rows, beats, verbose):
    screen = screen_of(verbose=verbose)
    for number, pitches in enumerate(beats):
        screen.beat(beat(number - 4, pitches=tuple(pitches), yours=tuple(pitches[::-1])))
        screen.notice("x" * number)
    lines = text(screen, columns, rows)
    assert len(lines) <= rows
    assert max(map(len, lines)) <= columns


def test_at_forty_columns_all_of_it_is_there():
    screen = screen_of()
    screen.beat(beat(6))
    lines = text(screen, 40, 24)
    assert {"Blues in F, trade 4, default", "92 BPM, alone"} <= set(lines)
    assert "○ ○ ● ○  2.3  Bb7      improvd plays" in lines
