from itertools import pairwise

import numpy as np
import pytest

from improvd.core.music import REST
from improvd.core.network.tilt import (
    FORGET_AFTER_BEATS,
    HOME_BPM,
    MOST_NATS,
    MOST_PUSH,
    PRIOR_BEATS,
    PUSH_A_BEAT,
    TEMPO_CLASSES,
    Tilts,
    tempo_class,
)
from improvd.core.network.vocabulary import Register, Vocabulary

# Values: rest, hold, a step up, five steps down, two notes, five.
VOCABULARY = Vocabulary(
    [[(0, 1, 0)], [(0, -5, 0)], [(0, 1, 0), (6, 1, 0)], [(tick, 0, 0) for tick in range(5)]]
)
SHARES = np.array([0.3, 0.2, 0.2, 0.1, 0.1, 0.1], dtype=np.float32)
# 1 note a beat at every tempo but the slowest, which has 2.
BY_TEMPO = np.tile(SHARES, (len(TEMPO_CLASSES) + 1, 1))
BY_TEMPO[0] = [0.2, 0.1, 0.2, 0.1, 0.1, 0.3]
MIDDLE = 67


def tilts(respond: float = 1.0, shares=SHARES, by_tempo=None, unasked=None) -> Tilts:
    return Tilts(VOCABULARY, shares, by_tempo, respond, Register(55, 79), unasked=unasked)


def after(values, respond: float = 1.0, pitch: int = MIDDLE) -> Tilts:
    heard = tilts(respond)
    for value in values:
        heard.hear(value, pitch)
    return heard


def towards_player(heard: Tilts):
    rhythm, _ = heard.at(HOME_BPM, MIDDLE)
    return rhythm


# -- with nobody there ---------------------------------------------------------------------


def test_with_nobody_playing_at_a_tempo_nobody_asked_for_nothing_leans():
    alone = tilts(3.0, by_tempo=BY_TEMPO, unasked=HOME_BPM)
    for value in [2, REST, 5, 5]:
        alone.hear(None, MIDDLE)
        alone.played(value, HOME_BPM)
        assert alone.at(HOME_BPM, MIDDLE) == ()
    assert alone.at(HOME_BPM - 0.02, MIDDLE) == (), "a clock that says 120"


def test_where_too_few_notes_were_played_it_pushes_towards_more_and_the_other_way():
    for value, sign in ((REST, 1), (5, -1)):
        alone = tilts(by_tempo=BY_TEMPO)
        alone.played(value, 60)
        (push,) = alone.at(60, MIDDLE)
        assert np.sign(push[5]) == sign
        np.testing.assert_allclose(push, push[2] * VOCABULARY.onsets, rtol=1e-6)


def test_it_pushes_at_that_tempo_too_if_somebody_asked_for_it():
    alone = tilts(by_tempo=BY_TEMPO)
    alone.played(REST, HOME_BPM)
    assert alone.at(HOME_BPM, MIDDLE)[0][5] > 0


def test_as_many_notes_as_are_due_leave_the_push_where_it_is():
    alone = tilts(by_tempo=BY_TEMPO)
    for value in [5, REST, REST, 5, REST]:
        alone.played(value, 66)
    (push,) = alone.at(66, MIDDLE)
    np.testing.assert_allclose(push, 0, atol=1e-6)


def test_it_pushes_only_so_hard():
    alone = tilts(by_tempo=BY_TEMPO)
    for _ in range(1000):
        alone.played(REST, 60)
    assert alone.at(60, MIDDLE)[0][2] == MOST_PUSH


def test_where_it_is_known_how_far_a_model_yields_it_is_pushed_so_far_at_once_and_stays_so():
    known = np.array([[1.0, 3.0], [0.0, 0.5]], dtype=np.float32)
    alone = Tilts(VOCABULARY, SHARES, BY_TEMPO, 1.0, Register(55, 79), pushes=known)
    due = float(BY_TEMPO[0] @ VOCABULARY.onsets)
    for value in [REST, 5, REST, REST]:
        (push,) = alone.at(66, MIDDLE)
        np.testing.assert_allclose(push, VOCABULARY.onsets * (due - 1) / 4, rtol=1e-5)
        alone.played(value, 66)
    unasked = Tilts(
        VOCABULARY, SHARES, BY_TEMPO, 1.0, Register(55, 79), unasked=HOME_BPM, pushes=known
    )
    assert unasked.at(HOME_BPM, MIDDLE) == ()


def test_back_at_the_tempo_nobody_asked_for_the_push_is_forgotten():
    alone = tilts(by_tempo=BY_TEMPO, unasked=HOME_BPM)
    alone.played(REST, 60)
    alone.played(REST, HOME_BPM)
    assert alone.at(60, MIDDLE)[0].max() == 0


def test_a_model_with_other_classes_knows_no_tempo():
    for by_tempo in (None, BY_TEMPO[:2]):
        alone = tilts(by_tempo=by_tempo)
        alone.played(REST, 60)
        assert alone.at(60, MIDDLE) == ()


def due(bpm: float, by_class: bool = False) -> float:
    """How many notes a beat are due, by the push that a rest begins."""
    alone = Tilts(VOCABULARY, SHARES, BY_TEMPO, 1.0, Register(55, 79), by_class=by_class)
    alone.played(REST, bpm)
    return float(alone.at(bpm, MIDDLE)[0][2]) / PUSH_A_BEAT


def test_what_is_due_slides_with_the_tempo():
    dues = [due(bpm) for bpm in range(50, 301, 2)]
    assert all(-1e-5 < slower - faster < 0.12 for slower, faster in pairwise(dues))
    assert due(66) == pytest.approx(2, abs=1e-6)
    assert due(108) == due(300) == pytest.approx(1, abs=1e-6)


def test_slower_than_the_slowest_solos_usually_are_as_many_notes_a_second_are_due():
    assert due(55) * 55 == pytest.approx(due(66) * 66, rel=1e-5)
    assert due(30) == due(50), "nobody knows"


def test_before_rules_4_a_whole_class_had_the_same_due():
    assert [round(due(bpm, by_class=True), 4) for bpm in (40, 66, 89, 90)] == [2, 2, 2, 1]


def test_tempo_classes_begin_at_their_bounds():
    assert [tempo_class(bpm) for bpm in (20, 89.9, 90, 120, 149, 150, 400)] == [0, 0, 1, 2, 2, 3, 6]


# -- with a player -------------------------------------------------------------------------


def test_beats_as_busy_as_those_heard_are_leaned_towards_and_others_away_from():
    lean = towards_player(after([4, 5, 4, 5, 4, 5, 4, 5]))
    assert min(lean[4], lean[5]) > 0 > max(lean[:4])


def test_the_player_s_own_value_is_worth_no_more_than_another_as_busy():
    lean = towards_player(after([3] * 8))
    assert lean[2] == lean[3] > 0


def test_the_lean_is_the_log_of_the_phrase_s_share_to_the_corpus_s():
    lean = towards_player(after([2, 3, 2, 4]))
    usual = np.array([0.3, 0.2, 0.3, 0.1, 0, 0.1])  # by kind; nothing has three notes
    heard = (np.array([0, 0, 3, 1, 0, 0]) + PRIOR_BEATS * usual) / (4 + PRIOR_BEATS)
    due = np.log(heard[[0, 1, 2, 2, 3, 5]] / usual[[0, 1, 2, 2, 3, 5]])
    np.testing.assert_allclose(lean, due, rtol=1e-5)


def test_it_is_drawn_back_to_where_the_player_is():
    heard = after([2, 3, 2, 3], pitch=62)
    _, above = heard.at(HOME_BPM, 74)
    _, below = heard.at(HOME_BPM, 57)
    _, there = heard.at(HOME_BPM, 62)
    assert above[3] > 0 > above[4] == 2 * above[2]
    assert below[3] < 0 < below[4]
    assert not there.any()


def test_a_player_out_of_its_register_draws_it_no_further_than_it_can_go():
    _, pull = after([2], pitch=30).at(HOME_BPM, 58)
    assert not pull.any()


def test_respond_scales_the_lean_and_zero_switches_it_off():
    one, three = (after([3], respond).at(HOME_BPM, 60) for respond in (1.0, 3.0))
    for single, threefold in zip(one, three, strict=True):
        assert threefold == pytest.approx(3 * single)
    assert after([3], respond=0.0).at(HOME_BPM, 60) == ()


def test_a_player_says_more_than_the_tempo():
    heard = tilts(by_tempo=BY_TEMPO)
    heard.played(REST, 60)
    heard.hear(2, MIDDLE)
    assert len(heard.at(60, MIDDLE)) == 2


def test_waiting_is_not_counted_as_rests_but_a_rest_inside_a_phrase_is():
    waited, paused = after([3, 3, None, None]), after([3, None, None, 3])
    assert towards_player(paused)[0] > towards_player(waited)[0]


def test_another_goes_on_from_its_memory():
    first = after([4, 5, None, 3], pitch=61)
    second = tilts()
    second.hear(2, MIDDLE)
    second.restore(first.memory())
    for ours, theirs in zip(first.at(90, 70), second.at(90, 70), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    alone, other = tilts(by_tempo=BY_TEMPO), tilts(by_tempo=BY_TEMPO)
    alone.played(REST, 60)
    other.restore(alone.memory())
    np.testing.assert_array_equal(alone.at(60, MIDDLE), other.at(60, MIDDLE))


def test_a_phrase_in_values_that_a_model_has_not_is_forgotten():
    smaller = Tilts(Vocabulary([[(0, 1, 0)]]), SHARES[:3], None, 1.0, Register(55, 79))
    smaller.restore(after([5, 4]).memory())
    assert smaller.at(HOME_BPM, MIDDLE) == ()


def test_a_long_silence_is_forgotten():
    heard = after([3] + [None] * (FORGET_AFTER_BEATS + 1))
    assert heard.at(HOME_BPM, MIDDLE) == ()


def test_one_rare_kind_cannot_win_everything():
    heard = tilts(shares=np.array([0.99, 0.003, 0.003, 0.003, 0.0005, 0.0005], dtype=np.float32))
    for _ in range(32):
        heard.hear(5, MIDDLE)
    assert np.abs(towards_player(heard)).max() <= MOST_NATS
