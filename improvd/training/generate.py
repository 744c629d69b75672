"""Offline solos: what the daemon plays with nobody listening, in no time and to the note."""

from collections import deque
from collections.abc import Iterable, Sequence
from importlib import import_module

from improvd import performance
from improvd.config import Config
from improvd.core.course.tokens import TokenVocabulary
from improvd.core.harmony.chart import Chart
from improvd.core.jam import Jam
from improvd.core.music import HOLD, PULSES_PER_BEAT, REST
from improvd.core.network.recital import Recital
from improvd.core.network.vocabulary import BeatNote, Vocabulary
from improvd.core.playing.beat import Beat
from improvd.core.voice.phrasing import MOST_HOLDS
from improvd.model import Model
from improvd.take import Take
from improvd.training.read import corpus


def solo(config: Config, model: Model, chart: Chart, beats: int) -> tuple[Take, list[Beat]]:
    """So many beats of a model's own solo, stepped in NumPy as the daemon steps it."""
    who = performance.improviser(config, model)
    performing = performance.offline(config, who, model, chart)
    return rehearse(performing, beats)


def recite(
    config: Config, model: Model, chart: Chart, values: Sequence[int], beats: int | None = None
) -> tuple[Take, list[Beat]]:
    """Values that are given, such as Keras's, played as the daemon plays its own.

    All of them, or so many beats: how the last one ends is decided by the value after it. Tokens
    that last their own time fill the beats.
    """
    vocabulary = model.vocabulary
    if isinstance(vocabulary, TokenVocabulary):
        who = Recital(list(vocabulary.beats(values)), breathes=False)
    else:
        who = Recital(values)
    performing = performance.offline(config, who, model, chart)
    return rehearse(performing, len(values) if beats is None else beats)


def keras_values(model: Model, beats: int, heard: Sequence[int] = ()) -> list[int]:
    """The argmax values of the course's own `predict_and_sample`.

    From zero x, a and c, or from those that these values leave which were heard before. Imports
    TensorFlow, and takes its time.
    """
    djmodel = import_module("improvd.training.learn.djmodel")
    lstm_cell, densor = djmodel.layers_of(model.weights)
    inference = djmodel.music_inference_model(
        lstm_cell, densor, model.weights.n_values, model.weights.n_a, Ty=beats
    )
    initializers = djmodel.initializers(lstm_cell, model.weights.n_values, heard)
    _, indices = djmodel.predict_and_sample(inference, *initializers)
    return [int(index) for index in indices.ravel()]


def steps_for(model: Model, beats: int) -> int:
    """So many values at most fill these beats."""
    if not isinstance(model.vocabulary, TokenVocabulary):
        return beats
    shortest = min(token.length for token in model.vocabulary.tokens)
    return -(-beats * PULSES_PER_BEAT // shortest)


def rehearse(
    jam: Jam, beats: int, heard: Iterable[tuple[int, bytes]] = ()
) -> tuple[Take, list[Beat]]:
    """Let a jam play so many beats in no time; the take, and the beats.

    `heard` are the messages that come in, ascending by nanosecond; nobody plays unless told.
    """
    coming = deque(heard)
    timeline = jam.performer.timeline
    setup = jam.setup
    take = Take(
        timeline.bpm,
        setup.chart.beats_per_bar,
        dotted=setup.dotted,
        meter=setup.chart.meter,
        voices=setup.channels,
    )
    played: list[Beat] = []
    end: int | None = None
    while (now := jam.wake()) is not None and (end is None or now < end):
        while coming and coming[0][0] <= now:
            jam.hear(*coming.popleft())
        for due, message in jam.turn(now):
            take.add_message(due, message)
        while jam.beats and len(played) < beats:
            played.append(jam.beats.popleft())
            take.add_beat(played[-1])
        if len(played) == beats:
            end = timeline.when((played[-1].number + 1) * PULSES_PER_BEAT)
    for off in jam.silence():
        take.add_message(end or 0, off)
    return take, played


def line_of(vocabulary: Vocabulary, played: Iterable[Beat]) -> list[corpus.MelodyBeat]:
    """The beats of a solo as music: notes by tick and pitch, held or rest."""
    line: list[corpus.MelodyBeat] = []
    for beat in played:
        figure = vocabulary.figure(beat.value or REST)
        notes = tuple(BeatNote(n[0], pitch) for n, pitch in zip(figure, beat.pitches, strict=False))
        before = line[-MOST_HOLDS:]
        sounding = any(b.notes for b in before) and all(b.notes or b.held for b in before)
        held = beat.value == HOLD and sounding
        line.append(corpus.MelodyBeat(notes, held=held))
    return line
