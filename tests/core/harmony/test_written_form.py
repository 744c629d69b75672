"""Bars in the order in which musicians play them."""

import pytest

from improvd.core.harmony.written import form
from improvd.core.harmony.written.form import Bar, WrittenNote, play, played_order


def bars(*what: dict) -> list[Bar]:
    return [
        Bar(**{k: frozenset(v) if k == "endings" else v for k, v in each.items()}) for each in what
    ]


OPEN, CLOSE = {"opens": True}, {"closes": 2}


@pytest.mark.parametrize(
    ("written", "due"),
    [
        ([{}, {}, {}], "012"),
        ([{}, CLOSE, {}], "01012"),
        ([{}, {**OPEN}, {"closes": 3}, {}], "01212123"),
        ([CLOSE, {**OPEN, **CLOSE}], "0011"),
        ([OPEN, {"endings": [1], **CLOSE}, {"endings": [2]}, {}], "01023"),
        ([OPEN, {"endings": [1], **CLOSE}, {"endings": [2], **CLOSE}, {"endings": [3]}], "010203"),
        ([OPEN, {"endings": [1, 2], **CLOSE}, {"endings": [3]}, {}], "0101023"),
        ([OPEN, {"endings": [1], **CLOSE}, {}], "0102"),
        ([OPEN, {"endings": [1], **CLOSE}, {"endings": [2], **CLOSE}, {}], "01023"),
        (
            [
                OPEN,
                {"endings": [1]},
                {"endings": [1], **CLOSE},
                {"endings": [2]},
                {"endings": [2]},
                {},
            ],
            "0120345",
        ),
        ([{}, {"fine": True}, {"da_capo": True}], "01201"),
        ([{}, {}, {"da_capo": True}], "012012"),
        ([{}, {"segno": True}, {"fine": True}, {"dal_segno": True}], "012312"),
        ([{}, {"segno": True, "to_coda": True}, {"dal_segno": True}, {"coda": True}], "01213"),
        # After a Da Capo nothing is repeated, and the last ending is taken.
        ([OPEN, {"endings": [1], **CLOSE}, {"endings": [2]}, {"da_capo": True}], "01023023"),
        ([{"closes": 2, "da_capo": True}, {}], "0001"),
    ],
)
def test_the_order_of_bars(written, due):
    assert "".join(map(str, played_order(bars(*written)))) == due


def test_a_bar_that_says_it_a_million_times_is_played_some_times():
    assert len(played_order(bars({"closes": 1_000_000}))) < 100


def test_a_tie_over_a_bar_line_is_one_note_however_the_bars_come():
    def held(tied: bool) -> Bar:
        return Bar(length=4, notes={(0, 0): [WrittenNote(0, 4, 60, tied)]})

    first, last = held(True), held(False)
    [line] = play([first, last]).notes.values()
    assert [(note.onset, note.length) for note in line] == [(0, 8 * 480)]
    first.opens, last.closes = True, 2
    [line] = play([first, last]).notes.values()
    assert [(note.onset, note.length) for note in line] == [(0, 3840), (3840, 3840)]


def test_a_pick_up_and_a_bar_that_is_not_whole_move_the_metre():
    one, four = {"length": 1}, {"length": 4}
    assert play(bars(one, four, four)).metres == ((480, 1920),)
    assert play(bars(four, one, four)).metres == ((0, 1920), (2400, 1920))
    assert play(bars(four, {"length": 3, "metre": 3})).metres == ((0, 1920), (1920, 1440))


@pytest.mark.parametrize(
    ("said", "rounds"),
    [("1", {1}), ("1, 2", {1, 2}), ("1,2.", {1, 2}), ("1-3", {1, 2, 3}), ("", set()), ("0", set())],
)
def test_the_rounds_of_an_ending(said, rounds):
    assert form.rounds_of(said) == rounds
