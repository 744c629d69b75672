"""Laws of composing: parts of a corpus, rules of etudes, and that nothing known is quoted."""

from dataclasses import replace

import pytest

from improvd.model import find, load
from improvd.training.measure import measures
from improvd.training.read import etudes
from improvd.training.read.corpus import beats_of, encode
from improvd.training.recipes import book, teacher
from improvd.training.recipes.etude_plans import ETUDE_PLANS

GENERAL = load(find("general"))
ETUDES = etudes.book()
SUBJECT = ETUDE_PLANS[3:4]


def style(known=frozenset()):
    kept = book.read_book(etudes.FOLDER)
    return teacher.EtudeStyle(measures.real_bands(), kept.shares, kept.tempo_shares, known)


def composed(seed=0, known=frozenset()):
    [etude] = teacher.compose(GENERAL.weights, GENERAL.vocabulary, SUBJECT, style(known), seed)
    return etude, encode(beats_of(etude), etude.harmonies, GENERAL.vocabulary, etude.start)


def test_all_takes_of_a_piece_are_in_one_part_whatever_their_order():
    pieces = [replace(ETUDES[0], name=f"tune {n % 40}") for n in range(120)]
    parts = teacher.split(pieces)
    of = {"teacher": parts.teacher, "selection": parts.selection, "scoring": parts.scoring}
    names = {part: {piece.name for piece in its} for part, its in of.items()}
    assert sum(map(len, names.values())) == 40
    assert all(names.values())
    again = teacher.split(pieces[::-1])
    assert {piece.name for piece in again.scoring} == names["scoring"]


def test_an_etude_keeps_the_rules_and_its_subjects_chords():
    etude, values = composed()
    assert etude.name == SUBJECT[0].name
    assert etude.bpm == SUBJECT[0].bpm
    assert etude.harmonies == SUBJECT[0].harmonies(teacher.ETUDE_BEATS)
    assert min(values[: teacher.OPENING]) > 1
    assert measures.longest_silence(values) <= teacher.MOST_EMPTY
    assert measures.longest_phrase(values) <= teacher.LONGEST_PHRASE
    assert all(note.pitch in teacher.ETUDE_REGISTER for note in etude.notes)


def test_the_same_seed_composes_the_same_etude_and_another_another():
    assert composed(1)[0] == composed(1)[0]
    assert composed(1)[0] != composed(2)[0]


def test_what_is_known_is_not_quoted():
    first, values = composed()
    other, others = composed(known=measures.all_runs([values]))
    assert other != first
    assert not set(measures.runs_of(others)) & set(measures.runs_of(values))


def test_where_everything_is_known_it_says_so():
    class Everything:
        def __contains__(self, run):
            return True

    with pytest.raises(ValueError, match=r"^04-blues-in-f: every candidate quotes a real solo$"):
        composed(known=Everything())
