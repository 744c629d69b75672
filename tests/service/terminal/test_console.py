"""The line of a beat, as a musician reads it, at the widths that terminals have."""

from dataclasses import replace

import pytest

from improvd.config import Config
from improvd.core.music import HOLD, REST
from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import Turn
from improvd.messages import Began, Obeyed, Played, Share
from improvd.service.terminal import console
from improvd.service.terminal.invitation import Invitation

OURS = Beat(17, 5, 2, "Bb7", Turn.PLAY, 13, True, 43, (60, 62), 123, yours=(65, 69))
THEIRS = replace(OURS, turn=Turn.LISTEN, value=None, pitches=())
COUNT_IN = replace(THEIRS, bar=0, number=-3, x=None, heard=False, yours=())
RESTING = replace(OURS, value=REST, pitches=())
HOLDING = replace(OURS, value=HOLD, pitches=(), yours=(), x=HOLD)
FULL = replace(OURS, chord="C#m7b5/G#", pitches=(70,) * 8, yours=tuple(range(49, 88, 4)))


@pytest.mark.parametrize(
    ("beat", "line"),
    [
        (OURS, "    5.2   Bb7       improvd    C4 D4                 F4 A4"),
        (THEIRS, "    5.2   Bb7       your turn                        F4 A4"),
        (COUNT_IN, "    0.2   Bb7       count-in"),
        (RESTING, "    5.2   Bb7       improvd    rest                  F4 A4"),
        (HOLDING, "    5.2   Bb7       improvd    hold                  hold"),
        (replace(OURS, yours=(), heard=False), "    5.2   Bb7       improvd    C4 D4"),
    ],
)
def test_a_line_of_80_columns_names_the_notes_of_both(beat, line):
    assert console.beat_line(beat, 80) == line


@pytest.mark.parametrize(
    ("beat", "line"),
    [
        (OURS, "  5.2 Bb7     C4 D4        F4 A4"),
        (THEIRS, "  5.2 Bb7     your turn    F4 A4"),
        (COUNT_IN, "  0.2 Bb7     count-in"),
    ],
)
def test_a_line_of_40_columns_says_the_same(beat, line):
    assert console.beat_line(beat, 40) == line
    assert console.heading(40) == "bar   chord   improvd      you"


@pytest.mark.parametrize("columns", [40, 52, 60, 80, 200])
@pytest.mark.parametrize("verbose", [False, True])
def test_no_line_is_wider_than_the_terminal_and_none_ends_in_blanks(columns, verbose):
    most = max(columns, 40 + 16 * verbose)
    for beat in (OURS, THEIRS, COUNT_IN, FULL):
        line = console.beat_line(beat, columns, verbose=verbose)
        assert len(line) <= most
        assert line == line.rstrip()
    assert len(console.heading(columns, verbose=verbose)) <= most


def test_notes_that_find_no_room_are_counted():
    assert console.beat_line(FULL, 40).endswith("Bb4 Bb4 +6   Db3 F3 +8")


def test_verbose_adds_the_value_and_x():
    assert console.heading(80, verbose=True).split()[-2:] == ["value", "x"]
    assert console.beat_line(OURS, 80, verbose=True).split()[-2:] == ["43", "13"]
    assert console.beat_line(COUNT_IN, 80, verbose=True).split()[-2:] == ["-", "-"]
    assert console.beat_line(replace(OURS, x=REST), 80, verbose=True).split()[-1] == "rest"


def told(mode: str, *beats: Beat, order: Share | None = None) -> list[str | None]:
    invitation = Invitation()
    invitation.take(Began(Config(mode=mode), None, "0" * 64, 0))
    if order is not None:
        invitation.take(Obeyed(0, order))
    return [invitation.take(Played(beat)) for beat in beats]


UNHEARD = replace(THEIRS, heard=False, yours=())
ITS_TURN = replace(OURS, heard=False, yours=())


def test_who_has_not_played_is_told_when_to_as_their_turn_begins():
    answer = "Your turn. Play something: it answers when you pause."
    assert told("answer", COUNT_IN, UNHEARD, UNHEARD) == [None, answer, None]
    assert told("answer", THEIRS, UNHEARD) == [None, None], "who has played knows"
    trade = told("trade 4", UNHEARD, ITS_TURN, UNHEARD)
    assert trade[1] is None
    assert trade[0] == trade[2] == "Your turn. Play something: it answers when your bars are over."


def test_where_it_plays_all_the_time_that_is_said_once_and_in_solo_never():
    follow = "Play along: it follows you, and makes room while you play."
    assert told("follow", COUNT_IN, ITS_TURN, UNHEARD, ITS_TURN) == [None, follow, None, None]
    assert told("solo", COUNT_IN, ITS_TURN, UNHEARD) == [None, None, None]


def test_what_is_told_goes_with_the_mode_that_was_ordered():
    assert "pause" in str(told("solo", UNHEARD, order=Share("answer"))[0])


def test_where_another_soloist_has_the_floor_it_is_named_with_what_it_plays():
    theirs = replace(OURS, value=None, pitches=(), others=(("tenor", (60, 64)), ("alto", ())))
    line = console.beat_line(theirs, 80)
    assert "tenor" in line
    assert "C4 E4" in line
    assert "improvd" not in line
    assert "C4 E4" in console.beat_line(theirs, 40)
    assert "improvd" in console.beat_line(replace(OURS, others=(("tenor", (60, 64)),)), 80)
    assert "trombone-  " in console.beat_line(
        replace(theirs, others=(("trombone-player", ()),)), 80
    )
