"""Laws of choosing a vocabulary: it serves its corpus, and sung through it music stays music."""

from collections import Counter

import numpy as np

from improvd.core.harmony.chord import parse_chord
from improvd.core.harmony.scales import harmonize
from improvd.core.network.contour import ANY
from improvd.core.network.vocabulary import Register
from improvd.training.learn.figures import (
    choose,
    count_contours,
    count_figures,
    figure_of,
    figures_of,
)
from improvd.training.measure import measures
from improvd.training.read import etudes
from improvd.training.read.corpus import beats_of, encode, sing

STEP_UP = ((0, 1, 0), (6, 1, 0))
ETUDES = etudes.book()


def test_a_figure_is_read_back_as_what_was_sung():
    [harmony] = harmonize([parse_chord("Dm7")])
    counts = count_figures(ETUDES)
    vocabulary = choose(counts, 40)
    for value in range(2, len(vocabulary)):
        notes = vocabulary.decode(value, harmony.ladder, 67)
        again = figure_of(notes, harmony.ladder, 67)
        assert vocabulary.decode(value, harmony.ladder, 67) == notes
        assert len(again) == len(vocabulary.figure(value))


def test_a_vocabulary_that_may_hold_every_figure_does():
    counts = Counter({STEP_UP: 3, ((0, -1, 0),): 2, ((0, 2, 1), (3, 1, 0)): 1})
    assert set(choose(counts, 78).figures) == set(counts)


def test_of_too_many_figures_so_many_are_taken_and_none_twice():
    counts = count_figures(ETUDES)
    vocabulary = choose(counts, 20)
    assert len(vocabulary) == 20
    assert set(vocabulary.figures) < set(counts)


def test_the_same_counts_give_the_same_vocabulary_in_any_order():
    counts = count_figures(ETUDES)
    backwards = Counter(dict(reversed(list(counts.items()))))
    assert choose(counts, 20).id == choose(backwards, 20).id


def test_music_sung_through_few_values_moves_and_leaves_the_scale_as_much_as_it_did():
    vocabulary = choose(count_figures(ETUDES), 40)

    def sung(etude):
        values = encode(beats_of(etude), etude.harmonies, vocabulary, etude.start)
        return sing(values, etude.harmonies, vocabulary, etude.start, Register(48, 86))

    for measure, most in (
        (lambda line, _: measures.mean_interval(line), 0.15),
        (lambda line, _: measures.notes_per_beat(line), 0.1),
        (measures.scale_tones, 0.1),
    ):
        played = np.mean([measure(beats_of(etude), etude.harmonies) for etude in ETUDES])
        again = np.mean([measure(sung(etude), etude.harmonies) for etude in ETUDES])
        assert abs(again / played - 1) < most


def test_beats_without_notes_have_no_figure():
    etude = ETUDES[0]
    beats = beats_of(etude)
    figures = figures_of(beats, etude.harmonies, etude.start)
    assert len(figures) == sum(bool(beat.notes) for beat in beats)


def test_contours_are_counted_by_the_way_each_note_goes_from_the_one_before():
    counts = count_contours(ETUDES)
    beats = [beat for piece in ETUDES for beat in beats_of(piece) if beat.notes]
    assert sum(counts.values()) == len(beats)
    assert {contour for figure in counts for _, contour in figure} == {-ANY, 0, ANY}


def test_music_heard_through_few_contours_keeps_its_rhythm():
    vocabulary = choose(count_contours(ETUDES), 60)
    assert len(vocabulary) == 60
    assert vocabulary.has_contours
    piece = ETUDES[0]
    values = encode(beats_of(piece), piece.harmonies, vocabulary, piece.start)
    sung = sing(values, piece.harmonies, vocabulary, piece.start)
    onsets = [[n.tick for n in beat.notes] for beat in sung]
    played = [[n.tick for n in beat.notes] for beat in beats_of(piece)]
    assert np.mean([a == b for a, b in zip(onsets, played, strict=True)]) > 0.85
