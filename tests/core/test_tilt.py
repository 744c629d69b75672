import numpy as np
import pytest

from improvd.core.tilt import (
    FORGET_AFTER_BEATS,
    HOME_BPM,
    MOST_NATS,
    PRIOR_BEATS,
    TEMPO_CLASSES,
    Tilts,
    tempo_class,
    tempo_tilt,
)

# rest, hold, two values of one note, one of two, one of five
ONSETS = np.array([0, 0, 1, 1, 2, 5])
SHARES = np.array([0.3, 0.2, 0.2, 0.1, 0.1, 0.1], dtype=np.float32)
BY_TEMPO = np.tile(SHARES, (len(TEMPO_CLASSES) + 1, 1))


def test_with_nobody_playing_at_home_nothing_leans():
    tilts = Tilts(ONSETS, SHARES, BY_TEMPO, respond=3.0)
    for _ in range(8):
        tilts.hear(None)
    assert tilts.at(HOME_BPM) == ()


def test_beats_as_busy_as_those_heard_are_leaned_towards_and_others_away_from():
    tilts = Tilts(ONSETS, SHARES, None, respond=1.0)
    for value in [4, 5, 4, 5, 4, 5, 4, 5]:
        tilts.hear(value)
    (lean,) = tilts.at(HOME_BPM)
    assert min(lean[4], lean[5]) > 0 > max(lean[:4])


def test_the_player_s_own_value_is_worth_no_more_than_another_as_busy():
    tilts = Tilts(ONSETS, SHARES, None, respond=1.0)
    for _ in range(8):
        tilts.hear(3)
    (lean,) = tilts.at(HOME_BPM)
    assert lean[2] == lean[3] > 0


def test_the_lean_is_the_log_of_the_phrase_s_share_to_the_corpus_s():
    tilts = Tilts(ONSETS, SHARES, None, respond=1.0)
    for value in [2, 3, 2, 4]:
        tilts.hear(value)
    usual = np.array([0.3, 0.2, 0.3, 0.1, 0, 0.1])  # by kind; nothing has three notes
    heard = (np.array([0, 0, 3, 1, 0, 0]) + PRIOR_BEATS * usual) / (4 + PRIOR_BEATS)
    due = np.log(heard[[0, 1, 2, 2, 3, 5]] / usual[[0, 1, 2, 2, 3, 5]])
    np.testing.assert_allclose(tilts.at(HOME_BPM)[0], due, rtol=1e-5)


def test_respond_scales_the_lean_and_zero_switches_it_off():
    leans = []
    for respond in (1.0, 3.0):
        tilts = Tilts(ONSETS, SHARES, None, respond)
        tilts.hear(3)
        leans.append(tilts.at(HOME_BPM)[0])
    assert leans[1] == pytest.approx(3 * leans[0])
    silent = Tilts(ONSETS, SHARES, None, respond=0.0)
    silent.hear(3)
    assert silent.at(HOME_BPM) == ()


def test_waiting_is_not_counted_as_rests_but_a_rest_inside_a_phrase_is():
    waited, paused = (Tilts(ONSETS, SHARES, None, respond=1.0) for _ in range(2))
    for value in [3, 3, None, None]:
        waited.hear(value)
    for value in [3, None, None, 3]:
        paused.hear(value)
    assert paused.at(HOME_BPM)[0][0] > waited.at(HOME_BPM)[0][0]


def test_a_long_silence_is_forgotten():
    tilts = Tilts(ONSETS, SHARES, None, respond=3.0)
    tilts.hear(3)
    for _ in range(FORGET_AFTER_BEATS + 1):
        tilts.hear(None)
    assert tilts.at(HOME_BPM) == ()


def test_one_rare_kind_cannot_win_everything():
    shares = np.array([0.99, 0.003, 0.003, 0.003, 0.0005, 0.0005], dtype=np.float32)
    tilts = Tilts(ONSETS, shares, None, respond=1.0)
    for _ in range(32):
        tilts.hear(5)
    assert np.abs(tilts.at(HOME_BPM)[0]).max() <= MOST_NATS


def test_tempo_classes_begin_at_their_bounds():
    assert [tempo_class(bpm) for bpm in (20, 89.9, 90, 120, 149, 150, 400)] == [0, 0, 1, 2, 2, 3, 6]


def test_a_tempo_leans_towards_what_is_played_at_it():
    by_tempo = BY_TEMPO.copy()
    by_tempo[0] = [0.1, 0.1, 0.1, 0.1, 0.3, 0.3]
    lean = tempo_tilt(by_tempo, 60)
    assert lean is not None
    assert lean[4] > 0 > lean[0]
    assert tempo_tilt(by_tempo, HOME_BPM) is None
    assert tempo_tilt(by_tempo[:2], 60) is None, "a model with other classes knows no tempo"
