"""A model is told from real solos, beside what is no music and what is."""

from dataclasses import replace

import pytest

from improvd.core.music import Note
from improvd.model import find, load
from improvd.training.measure.evaluate import TooShortError
from improvd.training.measure.tell import players
from improvd.training.measure.tell.telling import REAL, lines, telling
from improvd.training.read import etudes

DEFAULT = load(find("default"))
BOOK = etudes.book()


def test_all_play_on_the_same_beats_of_the_same_chords():
    pieces = players.long_enough(BOOK[:2])
    for play in players.PLAYERS.values():
        lengths = [len(line) for line in play(DEFAULT, pieces)]
        assert lengths == [len(piece.harmonies) - players.BEGIN for piece in pieces]


def test_rhythms_that_it_has_values_for_come_back_through_them():
    lines_of = players.through_its_values(DEFAULT, BOOK[:3]), players.real(BOOK[:3])
    sung, real = ([[n.tick for b in line for n in b.notes] for line in its] for its in lines_of)
    assert sung == real


def test_dice_are_told_and_the_table_says_by_what(monkeypatch):
    monkeypatch.setattr(players, "PLAYERS", {"dice": players.dice})
    measured = telling(DEFAULT, BOOK)
    assert measured.tunes == len(BOOK)
    dice = measured.told["dice"]
    assert dice.auc > 0.8
    assert dice.auc > measured.told[REAL].auc
    shown = "\n".join(lines(measured))
    assert f"{dice.auc:5.2f}   {dice.low:.2f}..{dice.high:.2f}" in shown
    group, name = dice.telltales[0].feature
    assert f"{group}: {name}" in shown


def test_too_little_to_tell_by_is_one_sentence():
    short = [replace(piece, harmonies=piece.harmonies[:70]) for piece in BOOK[:4]]
    with pytest.raises(TooShortError, match="here are 4 of 4"):
        telling(DEFAULT, short)
    silent = replace(BOOK[0], notes=(Note(0, 100, 60),))
    with pytest.raises(TooShortError, match="here are 0 of 1"):
        telling(DEFAULT, [silent])
