"""Answers relate: how that is measured, and that the daemon's own performer does it."""

from dataclasses import replace
from itertools import chain

import numpy as np
import pytest

from improvd import performance
from improvd.config import Config
from improvd.core.harmony.chart import parse_chart
from improvd.core.music import Note
from improvd.model import find, load
from improvd.training.generate import rehearse
from improvd.training.measure.evaluate import TooShortError, play_on, values_of
from improvd.training.measure.relate import (
    BEATS,
    by_respond,
    conversations,
    converse,
    relate,
)
from improvd.training.read import etudes
from improvd.training.read.corpus import NOTHING, Piece
from improvd.training.show import pictures

COURSE = load(find("course"))
BOOK = etudes.book()
CHART = parse_chart("| Dm7 | G7 | Cmaj7 | % |")


def tune(notes_a_beat: int, low: int = 60, beats: int = 2 * BEATS, bpm: float = 100) -> Piece:
    """A player who always plays as busily."""
    apart = 480 // notes_a_beat
    notes = [Note(i * apart, apart // 2, low + i * i % 10) for i in range(beats * notes_a_beat)]
    harmonies = tuple(CHART.at(beat) for beat in range(beats))
    return Piece("tune", "", tuple(notes), harmonies, bpm, low)


def notes_a_beat(block) -> float:
    return sum(map(len, block)) / len(block)


# -- a conversation ------------------------------------------------------------------------


def test_the_player_is_heard_and_the_answer_is_what_was_sent():
    [exchange] = converse(COURSE, tune(2))
    # Its first step is counted from where the line begins, and not from the tune's first note.
    assert exchange.heard[1:] == values_of([tune(2)], COURSE.vocabulary)[0][1:BEATS]
    assert len(exchange.answer) == len(exchange.values) == len(exchange.own) == BEATS
    assert [len(beat) for beat in exchange.answer] == [len(b.notes) for b in exchange.line]
    sung = [[note.pitch for note in beat.notes] for beat in exchange.line]
    assert [list(beat) for beat in exchange.answer] == sung


def test_every_phrase_is_once_the_player_s():
    talks = list(conversations(COURSE, [tune(2, beats=4 * BEATS)]))
    assert [len(exchanges) for exchanges in talks] == [2, 1]
    assert list(conversations(COURSE, [tune(2, beats=2 * BEATS - 1)])) == []


def test_a_busy_player_is_answered_busily():
    answers = [notes_a_beat(converse(COURSE, tune(busy), respond=2.0)[0].answer) for busy in (1, 3)]
    assert answers[0] + 0.3 < answers[1]


def test_it_comes_nearer_to_players_who_differ_if_it_responds():
    players = [tune(busy, low) for busy in (1, 2, 3, 4) for low in (56, 68)]
    plain, leaning = (relate(COURSE, players, respond=respond) for respond in (0.0, 3.0))
    assert plain.soloists == leaning.soloists
    assert leaning.answers.density > plain.answers.density + 0.2
    assert leaning.answers.rhythm > plain.answers.rhythm + 0.1
    assert leaning.copied < 0.05


def test_a_high_player_is_answered_higher():
    low, high = (
        np.mean(list(chain.from_iterable(converse(COURSE, tune(2, low))[0].answer)))
        for low in (54, 70)
    )
    assert low + 5 < high


def test_an_echo_is_seen_to_be_one():
    [exchange] = converse(COURSE, tune(2))
    assert exchange.copied < 0.05
    assert replace(exchange, values=exchange.heard).copied == 1.0


def test_with_nobody_playing_it_is_plain_argmax_to_the_value():
    config = Config(count_in=0, respond=10.0, opening=0)
    chart = performance.chart_of(None)
    who = performance.improviser(config, COURSE)
    performing = performance.offline(config, who, COURSE, chart)
    _, played = rehearse(performing, 300)
    assert [b.value for b in played] == play_on(COURSE.weights, [[NOTHING]], 300)[0].tolist()


def test_in_answer_mode_only_its_own_turn_counts():
    exchanges = list(
        chain.from_iterable(conversations(COURSE, [tune(2)], mode="answer", respond=2.0))
    )
    [exchange] = exchanges
    assert len(exchange.answer) < BEATS
    assert notes_a_beat(exchange.answer) > 0.5


# -- the picture ---------------------------------------------------------------------------


def test_it_is_drawn(tmp_path):
    path = tmp_path / "answers.png"
    pictures.save(pictures.answers(by_respond(COURSE, BOOK[:4]), Config().respond), path)
    assert path.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(TooShortError, match="no two phrases"):
        by_respond(COURSE, [tune(2)])
