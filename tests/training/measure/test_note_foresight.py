"""What values expect, asked note by note: by hand, and as probabilities that add up."""

from dataclasses import replace

import numpy as np
import pytest

from improvd.core.harmony.chart import BLUES_IN_F, parse_chart
from improvd.core.music import Note
from improvd.core.network.cell import Weights
from improvd.core.network.vocabulary import Vocabulary
from improvd.core.realising.melody import Melody
from improvd.model import Model, even_shares, find, load
from improvd.training.measure.evaluate import values_of
from improvd.training.measure.notes.channel import ToldBeat, channel_of, told_beats
from improvd.training.measure.notes.foresight import note_foresight
from improvd.training.read import etudes
from improvd.training.read.corpus import MelodyBeat, Piece, beats_of

CHART = parse_chart(BLUES_IN_F)
# Rest, hold, a step up, a step down, two up as eighths, a step up off the beat.
VOCABULARY = Vocabulary([[(0, 1, 0)], [(0, -1, 0)], [(0, 1, 0), (6, 1, 0)], [(6, 1, 0)]])


def indifferent(vocabulary: Vocabulary = VOCABULARY, units: int = 2) -> Model:
    """A model to which every value is as likely as any other."""
    count = len(vocabulary)
    weights = Weights(
        *(np.zeros(s, np.float32) for s in ((count, 4 * units), (units, 4 * units), (4 * units,))),
        *(np.zeros(s, np.float32) for s in ((units, count), (count,))),
    )
    return Model(weights, vocabulary, {}, even_shares(count))


def piece(*notes: tuple[float, int], beats: int = 8) -> Piece:
    """A piece of notes at beats, on the blues."""
    struck = tuple(Note(round(beat * 480), 200, pitch) for beat, pitch in notes)
    return Piece("a", "b", struck, tuple(CHART.at(b) for b in range(beats)), 120.0, notes[0][1])


def test_onsets_are_asked_for_one_by_one():
    # A quarter, an empty beat, a pair, an off-beat; four empty beats at the end.
    tune = piece((0, 67), (2, 69), (2.5, 70), (3.5, 72))
    foreseen = note_foresight(indifferent(), [tune])
    on_the_beat, empty, pair, off = 2 / 6, 2 / 6, 1 / 6, 1 / 6
    nats = -np.log([on_the_beat, *[empty] * 5, pair, off]).sum()
    assert foreseen.onsets == 4
    assert foreseen.onset == pytest.approx(np.exp(nats / 4))


def test_pitches_that_are_as_common_as_what_the_channel_has_learned():
    model = indifferent()
    channel = channel_of(model)
    tune = piece(*((beat, 60 + beat) for beat in range(8)))
    [book] = values_of([tune], VOCABULARY)
    told = list(told_beats(tune, book, channel.ticks))
    assert len(told) == 8
    shares = np.full(len(VOCABULARY), 1 / len(VOCABULARY))
    before = channel.nats(shares, told[3])
    for _ in range(50):
        channel.learn(told[3:4])
    assert channel.nats(shares, told[3]) < before


@pytest.mark.parametrize("name", ["general", "contours"])
def test_the_pitches_that_can_come_add_up_to_one(name):
    model = load(find(name))
    channel = channel_of(model)
    [etude] = etudes.book()[:1]
    [book] = values_of([etude], model.vocabulary)
    told = list(told_beats(etude, book, channel.ticks))
    channel.learn(told)
    beat = next(each for each in told if len(each.notes) == 1)
    shares = np.exp(np.random.default_rng(0).normal(size=len(model.vocabulary)))
    shares /= shares.sum()
    total = 0.0
    for pitch in range(beat.melody.last - 23, beat.melody.last + 24):
        other = replace(beat, notes=[beat.notes[0].__class__(beat.notes[0].tick, pitch)])
        total += np.exp(-channel.nats(shares, other))
    assert total == pytest.approx(1, abs=0.03)


def test_beats_told_are_those_whose_rhythm_a_value_has():
    triplet = piece((0, 67), (1, 69), (1 + 1 / 3, 70), (1 + 2 / 3, 72), (2, 74))
    [book] = values_of([triplet], VOCABULARY)
    told = list(told_beats(triplet, book, channel_of(indifferent()).ticks))
    assert [each.beat for each in told] == [0, 2]
    assert told[1].melody.last == 72
    assert isinstance(told[1].melody, Melody)
    assert isinstance(told[0], ToldBeat)
    assert isinstance(beats_of(triplet)[1], MelodyBeat)


def test_it_is_shown_beside_what_was_published():
    pitch, onset, tones = note_foresight(load(find("general")), etudes.book()[:2]).lines()[1:]
    assert "for pitch (100% of 3" in pitch
    assert "MINGUS 11.01" in pitch
    assert "when the next begins" in onset
    assert "49.2%, 72.2%" in tones
